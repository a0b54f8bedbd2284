/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"
#include "libcrypt/mac.h"

/*
 * The default offers, in a file of their own so that a program with its own arrays links nothing
 * that these name.
 */

/*
 * AEADs first, and of these AES-GCM: where the processor has instructions for it, as nearly all do,
 * Nettle's AES-GCM runs at about five times the speed of its ChaCha20-Poly1305 (`make bench` shows
 * both). Where it has not, a program puts crypt_chacha20_poly1305 first in an array of its own:
 * it is then the faster, and unlike table-driven AES it has no cache timing to watch.
 */
const struct crypt_cipher *const crypt_ciphers[] = {
    &crypt_aes128_gcm,
    &crypt_aes256_gcm,
    &crypt_chacha20_poly1305,
    &crypt_aes128_ctr,
    &crypt_aes192_ctr,
    &crypt_aes256_ctr,
    NULL,
};

/*
 * Encrypt-then-MAC first: a forged packet is refused before anything is decrypted. hmac-sha1
 * closes the list, as in OpenSSH's: SHA-1's collisions do not touch HMAC, and old peers have
 * nothing else.
 */
const struct crypt_mac *const crypt_macs[] = {
    &crypt_hmac_sha2_256_etm,
    &crypt_hmac_sha2_512_etm,
    &crypt_hmac_sha2_256,
    &crypt_hmac_sha2_512,
    &crypt_hmac_sha1_etm,
    &crypt_hmac_sha1,
    NULL,
};
