/* SPDX-License-Identifier: MIT */
#include "libkex/transport.h"

void kex_config_init(struct kex_config *c, bool server)
{
	*c = (struct kex_config){
	    .server = server,
	    .software = KEX_SOFTWARE,
	    .agrees = kex_agrees,
	    .host_sigs = crypt_sigalgs,
	    .ciphers = {crypt_ciphers, crypt_ciphers},
	    .macs = {crypt_macs, crypt_macs},
	    .compress = {crypt_compresses, crypt_compresses},
	    .user_sigs = crypt_sigalgs,
	    .ext = {[KEX_EXT_PING] = "0", [KEX_EXT_PING_OPENSSH] = "0", [KEX_EXT_IN_AUTH] = "0"},
	    .rng = crypt_rng_system(),
	    .rsa_min_bits = CRYPT_RSA_BITS_DEFAULT,
	    .rekey_bytes = KEX_REKEY_BYTES,
	    .rekey_packets = KEX_REKEY_PACKETS,
	    .rekey_ms = KEX_REKEY_MS,
	    .exchange_ms = KEX_EXCHANGE_MS,
	};
}
