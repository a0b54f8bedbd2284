/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

/*
 * Default arrays, in a file of their own so that a program with its own arrays links nothing that
 * these name.
 */

const struct crypt_keyalg *const crypt_keyalgs[] = {
    &crypt_key_ed25519,
    &crypt_key_ecdsa_nistp256,
    &crypt_key_ecdsa_nistp384,
    &crypt_key_ecdsa_nistp521,
    &crypt_key_rsa,
    NULL,
};

/* Ed25519 first: fastest, and its signing needs no randomness. RSA last, being slowest. */
const struct crypt_sigalg *const crypt_sigalgs[] = {
    &crypt_sig_ed25519,
    &crypt_sig_ecdsa_nistp256,
    &crypt_sig_ecdsa_nistp384,
    &crypt_sig_ecdsa_nistp521,
    &crypt_sig_rsa_sha2_512,
    &crypt_sig_rsa_sha2_256,
    NULL,
};

const struct crypt_sigalg *const crypt_sigalgs_legacy[] = {
    &crypt_sig_ed25519,           &crypt_sig_ecdsa_nistp256,
    &crypt_sig_ecdsa_nistp384,    &crypt_sig_ecdsa_nistp521,
    &crypt_sig_rsa_sha2_512,      &crypt_sig_rsa_sha2_256,
    &crypt_insecure_sig_rsa_sha1, NULL,
};
