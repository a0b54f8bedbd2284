/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

/*
 * Default arrays, in a file of their own so that a program with its own arrays links nothing that
 * these name.
 */

#define KEYALGS                                                                                    \
	&crypt_key_ed25519, &crypt_key_ed448, &crypt_key_ecdsa_nistp256,                           \
	    &crypt_key_ecdsa_nistp384, &crypt_key_ecdsa_nistp521, &crypt_key_sk_ed25519,           \
	    &crypt_key_sk_ecdsa_nistp256, &crypt_key_rsa

const struct crypt_keyalg *const crypt_keyalgs[] = {KEYALGS, NULL};

const struct crypt_keyalg *const crypt_keyalgs_legacy[] = {
    KEYALGS,
    &crypt_insecure_key_dsa,
    NULL,
};

/*
 * Ed25519 first: fastest, and everybody's choice. Ed448 behind the NIST curves, being slow and
 * rare. Then security keys, whose every signature costs somebody a touch. RSA last, being slowest.
 */
#define SIGALGS                                                                                    \
	&crypt_sig_ed25519, &crypt_sig_ecdsa_nistp256, &crypt_sig_ecdsa_nistp384,                  \
	    &crypt_sig_ecdsa_nistp521, &crypt_sig_ed448, &crypt_sig_sk_ed25519,                    \
	    &crypt_sig_sk_ecdsa_nistp256, &crypt_sig_rsa_sha2_512, &crypt_sig_rsa_sha2_256

const struct crypt_sigalg *const crypt_sigalgs[] = {SIGALGS, NULL};

/* webauthn is not weak, but made by web browsers, and whoever wants them has to say so. */
const struct crypt_sigalg *const crypt_sigalgs_legacy[] = {
    SIGALGS,
    &crypt_sig_webauthn_ecdsa_nistp256,
    &crypt_insecure_sig_rsa_sha1,
    &crypt_insecure_sig_dsa,
    NULL,
};
