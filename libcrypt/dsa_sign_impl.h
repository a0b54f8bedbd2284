/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_DSA_SIGN_IMPL_H
#define NACRE_LIBCRYPT_DSA_SIGN_IMPL_H

#include "libcrypt/mpz_impl.h"
#include "libwire/err.h"

/* DSA of SSH: p of 1024 bits, q of 160. */

#define DSA_P_SIZE         128
#define DSA_Q_SIZE         20
/** r and s, each padded to the size of q. */
#define DSA_SIGNATURE_SIZE (2 * DSA_Q_SIZE)

/** What a signature is made of, big-endian. x and the nonce are secret; the caller wipes. */
struct dsa_signing {
	uint8_t p[DSA_P_SIZE], g[DSA_P_SIZE];
	uint8_t q[DSA_Q_SIZE], x[DSA_Q_SIZE];
	uint8_t nonce[DSA_Q_SIZE];  /* 1 to q - 1 */
	uint8_t digest[DSA_Q_SIZE]; /* the first bytes of it */
};

/**
 * Sign, with the nonce that is there. No branch and no index depends on a secret.
 *
 *   out   DSA_SIGNATURE_SIZE bytes: r, s
 *
 * Returns 0; SSH_ERR_CRYPTO if r or s is 0; SSH_ERR_NO_MEMORY; SSH_ERR_ARGUMENT, for a key that is
 * none.   FIPS 186-4 section 4.6.
 */
enum ssh_err crypt_dsa_sign(uint8_t *out, const struct dsa_signing *in);

#endif
