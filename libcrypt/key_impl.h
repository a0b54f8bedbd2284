/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KEY_IMPL_H
#define NACRE_LIBCRYPT_KEY_IMPL_H

#include <gmp.h>

#include "libcrypt/key.h"

/*
 * What the key types share: a way to lend a crypt_rng to Nettle, and GMP integers that hold
 * secrets.
 *
 * A key type sets its state up before it reads the first field, so that the state of a key whose
 * `alg` is set may always be wiped, however far parsing came.
 */

/*
 * A crypt_rng for Nettle, whose callback cannot fail. The first failure sticks in `err`, and the
 * caller throws the result away. Until then Nettle is fed from a fixed stream: constant bytes
 * would keep its rejection loops turning for ever.
 */
struct crypt_nettle_rng {
	const struct crypt_rng *rng;
	enum ssh_err err;
	struct crypt_drbg filler;
};

/** Lend `rng` to Nettle; look at r->err afterwards. */
void crypt_nettle_rng_init(struct crypt_nettle_rng *r, const struct crypt_rng *rng);
/** The callback for Nettle; `ctx` is a struct crypt_nettle_rng. */
void crypt_nettle_random(void *ctx, size_t n, uint8_t *out);

/** The part of a signature blob that k->alg->verify takes, if `alg` is the key's and named there. */
enum ssh_err crypt_signature_open(const struct crypt_key *k, const struct crypt_sigalg *alg,
                                  ssh_bytes blob, ssh_bytes *sig);

/** Zeroise all memory of `z` and clear it. */
void crypt_mpz_wipe(mpz_t z);
/** Append `z`, not negative, as an mpint, leaving no copy elsewhere. Errors stick. */
void crypt_mpz_put(struct wire_buf *out, const mpz_t z);

#endif
