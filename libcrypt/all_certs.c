/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"

/* What is in use first, then the names of the IETF, then what is weak. */

const struct crypt_keyalg *const crypt_cert_keyalgs[] = {
    &crypt_cert_ed25519,
    &crypt_cert_ecdsa_nistp256,
    &crypt_cert_ecdsa_nistp384,
    &crypt_cert_ecdsa_nistp521,
    &crypt_cert_sk_ed25519,
    &crypt_cert_sk_ecdsa_nistp256,
    &crypt_cert_rsa,
    &crypt_cert_ietf_ed25519,
    &crypt_cert_ietf_ecdsa_nistp256,
    &crypt_cert_ietf_ecdsa_nistp384,
    &crypt_cert_ietf_ecdsa_nistp521,
    &crypt_cert_ietf_ed448,
    &crypt_cert_ietf_rsa,
    &crypt_insecure_cert_dsa,
    &crypt_insecure_cert_ietf_dsa,
    NULL,
};

const struct crypt_sigalg *const crypt_cert_sigalgs[] = {
    &crypt_cert_sig_ed25519,
    &crypt_cert_sig_ecdsa_nistp256,
    &crypt_cert_sig_ecdsa_nistp384,
    &crypt_cert_sig_ecdsa_nistp521,
    &crypt_cert_sig_sk_ed25519,
    &crypt_cert_sig_sk_ecdsa_nistp256,
    &crypt_cert_sig_webauthn_ecdsa_nistp256,
    &crypt_cert_sig_rsa_sha2_512,
    &crypt_cert_sig_rsa_sha2_256,
    &crypt_cert_sig_ietf_ed25519,
    &crypt_cert_sig_ietf_ecdsa_nistp256,
    &crypt_cert_sig_ietf_ecdsa_nistp384,
    &crypt_cert_sig_ietf_ecdsa_nistp521,
    &crypt_cert_sig_ietf_ed448,
    &crypt_cert_sig_ietf_rsa_sha2_512,
    &crypt_cert_sig_ietf_rsa_sha2_256,
    &crypt_insecure_cert_sig_rsa_sha1,
    &crypt_insecure_cert_sig_dsa,
    &crypt_insecure_cert_sig_ietf_rsa_sha1,
    &crypt_insecure_cert_sig_ietf_dsa,
    NULL,
};

/* webauthn must be asked for, as a plain key's must. */
#define CERTIFIED                                                                                  \
	&crypt_cert_sig_ed25519, &crypt_cert_sig_ecdsa_nistp256, &crypt_cert_sig_ecdsa_nistp384,   \
	    &crypt_cert_sig_ecdsa_nistp521, &crypt_cert_sig_sk_ed25519,                            \
	    &crypt_cert_sig_sk_ecdsa_nistp256, &crypt_cert_sig_rsa_sha2_512,                       \
	    &crypt_cert_sig_rsa_sha2_256, &crypt_cert_sig_ietf_ed25519,                            \
	    &crypt_cert_sig_ietf_ecdsa_nistp256, &crypt_cert_sig_ietf_ecdsa_nistp384,              \
	    &crypt_cert_sig_ietf_ecdsa_nistp521, &crypt_cert_sig_ietf_ed448,                       \
	    &crypt_cert_sig_ietf_rsa_sha2_512, &crypt_cert_sig_ietf_rsa_sha2_256

#define PLAIN                                                                                      \
	&crypt_sig_ed25519, &crypt_sig_ecdsa_nistp256, &crypt_sig_ecdsa_nistp384,                  \
	    &crypt_sig_ecdsa_nistp521, &crypt_sig_ed448, &crypt_sig_sk_ed25519,                    \
	    &crypt_sig_sk_ecdsa_nistp256, &crypt_sig_rsa_sha2_512, &crypt_sig_rsa_sha2_256

const struct crypt_sigalg *const crypt_sigalgs_with_certs[] = {CERTIFIED, PLAIN, NULL};

const struct crypt_sigalg *const crypt_sigalgs_with_certs_legacy[] = {
    CERTIFIED,
    PLAIN,
    &crypt_cert_sig_webauthn_ecdsa_nistp256,
    &crypt_sig_webauthn_ecdsa_nistp256,
    &crypt_insecure_cert_sig_rsa_sha1,
    &crypt_insecure_cert_sig_ietf_rsa_sha1,
    &crypt_insecure_sig_rsa_sha1,
    &crypt_insecure_cert_sig_dsa,
    &crypt_insecure_cert_sig_ietf_dsa,
    &crypt_insecure_sig_dsa,
    NULL,
};
