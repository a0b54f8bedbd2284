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
 * Encrypt-then-MAC first: a forged packet is refused before anything is decrypted. UMAC before HMAC:
 * with aes128-ctr umac-128 passes two to three times as much as hmac-sha2-256 (`make bench`), the
 * processor's instructions for SHA-256 notwithstanding. umac-64, whose tags are half as long, is not
 * that much faster and stays out. hmac-sha1 closes the list, as in OpenSSH's: SHA-1's collisions do
 * not touch HMAC, and old peers have nothing else.
 */
const struct crypt_mac *const crypt_macs[] = {
    &crypt_umac_128_etm,  &crypt_hmac_sha2_256_etm, &crypt_hmac_sha2_512_etm,
    &crypt_umac_128,      &crypt_hmac_sha2_256,     &crypt_hmac_sha2_512,
    &crypt_hmac_sha1_etm, &crypt_hmac_sha1,         NULL,
};

/*
 * Everything: the defaults, what is good but rare, and then the weak ones, the weakest last. A choice
 * is made of these by name, and who offers them whole should know why.
 */
const struct crypt_cipher *const crypt_ciphers_legacy[] = {
    &crypt_aes128_gcm,
    &crypt_aes256_gcm,
    &crypt_chacha20_poly1305,
    &crypt_aes128_ctr,
    &crypt_aes192_ctr,
    &crypt_aes256_ctr,
    &crypt_aes128_gcm_ietf,
    &crypt_aes256_gcm_ietf,
    &crypt_chacha20_poly1305_ietf,
    &crypt_aead_aes_128_gcm,
    &crypt_aead_aes_256_gcm,
    &crypt_twofish128_ctr,
    &crypt_twofish192_ctr,
    &crypt_twofish256_ctr,
    &crypt_serpent128_ctr,
    &crypt_serpent192_ctr,
    &crypt_serpent256_ctr,
    &crypt_camellia128_ctr,
    &crypt_camellia192_ctr,
    &crypt_camellia256_ctr,
    &crypt_insecure_aes128_cbc,
    &crypt_insecure_aes192_cbc,
    &crypt_insecure_aes256_cbc,
    &crypt_insecure_rijndael_cbc,
    &crypt_insecure_twofish128_cbc,
    &crypt_insecure_twofish192_cbc,
    &crypt_insecure_twofish256_cbc,
    &crypt_insecure_twofish_cbc,
    &crypt_insecure_serpent128_cbc,
    &crypt_insecure_serpent192_cbc,
    &crypt_insecure_serpent256_cbc,
    &crypt_insecure_camellia128_cbc,
    &crypt_insecure_camellia192_cbc,
    &crypt_insecure_camellia256_cbc,
    &crypt_insecure_3des_ctr,
    &crypt_insecure_blowfish_ctr,
    &crypt_insecure_cast128_ctr,
    &crypt_insecure_3des_cbc,
    &crypt_insecure_blowfish_cbc,
    &crypt_insecure_cast128_cbc,
    &crypt_insecure_arcfour256,
    &crypt_insecure_arcfour128,
    &crypt_insecure_arcfour,
    &crypt_insecure_none,
    NULL,
};

const struct crypt_mac *const crypt_macs_legacy[] = {
    &crypt_umac_128_etm,
    &crypt_hmac_sha2_256_etm,
    &crypt_hmac_sha2_512_etm,
    &crypt_umac_128,
    &crypt_hmac_sha2_256,
    &crypt_hmac_sha2_512,
    &crypt_hmac_sha1_etm,
    &crypt_hmac_sha1,
    &crypt_umac_64,
    &crypt_umac_64_etm,
    &crypt_mac_aead_aes_128_gcm,
    &crypt_mac_aead_aes_256_gcm,
    &crypt_insecure_hmac_ripemd160,
    &crypt_insecure_hmac_ripemd160_openssh,
    &crypt_insecure_hmac_ripemd160_etm,
    &crypt_insecure_hmac_sha1_96,
    &crypt_insecure_hmac_sha1_96_etm,
    &crypt_insecure_hmac_md5,
    &crypt_insecure_hmac_md5_etm,
    &crypt_insecure_hmac_md5_96,
    &crypt_insecure_hmac_md5_96_etm,
    &crypt_insecure_mac_none,
    NULL,
};
