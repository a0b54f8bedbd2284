/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/hmac.h>

_Static_assert(sizeof(struct hmac_ripemd160_ctx) <= CRYPT_MAC_STATE_SIZE, "hmac-ripemd160 state");

static void key_ripemd160(void *state, const uint8_t *key)
{
	hmac_ripemd160_set_key(state, RIPEMD160_DIGEST_SIZE, key);
}

static void tag_ripemd160(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t number[4];
	wire_store_u32(number, seq);
	hmac_ripemd160_update(state, sizeof number, number);
	hmac_ripemd160_update(state, data.len, data.ptr);
	hmac_ripemd160_digest(state, NETTLE_LENGTH(RIPEMD160_DIGEST_SIZE) tag);
}

#define RIPEMD160(wire_name, over_ciphertext)                                                      \
	{                                                                                          \
		.name = (wire_name), .key_size = RIPEMD160_DIGEST_SIZE,                            \
		.tag_size = RIPEMD160_DIGEST_SIZE, .etm = (over_ciphertext),                       \
		.init = key_ripemd160, .compute = tag_ripemd160                                    \
	}

const struct crypt_mac crypt_insecure_hmac_ripemd160 = RIPEMD160("hmac-ripemd160", false);
/* The name of its first years. */
const struct crypt_mac crypt_insecure_hmac_ripemd160_openssh =
    RIPEMD160("hmac-ripemd160@openssh.com", false);
const struct crypt_mac crypt_insecure_hmac_ripemd160_etm =
    RIPEMD160("hmac-ripemd160-etm@openssh.com", true);
