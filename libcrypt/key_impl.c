/* SPDX-License-Identifier: MIT */
#include "libcrypt/key_impl.h"

#include <nettle/bignum.h>

void crypt_nettle_rng_init(struct crypt_nettle_rng *r, const struct crypt_rng *rng)
{
	r->rng = rng;
	r->err = SSH_OK;
	crypt_drbg_init(&r->filler, wire_bytes(NULL, 0));
}

void crypt_nettle_random(void *ctx, size_t n, uint8_t *out)
{
	struct crypt_nettle_rng *r = ctx;
	if (r->err == SSH_OK)
		r->err = crypt_rng_fill(r->rng, out, n);
	if (r->err == SSH_OK)
		return;
	struct crypt_rng filler = crypt_drbg_rng(&r->filler);
	(void)crypt_rng_fill(&filler, out, n);
}

void crypt_mpz_wipe(mpz_t z)
{
	/* All that is allocated, for the number may have been longer once. */
	wire_wipe(z->_mp_d, (size_t)z->_mp_alloc * sizeof(mp_limb_t));
	mpz_clear(z);
}

void crypt_mpz_put(struct wire_buf *out, const mpz_t z)
{
	size_t n = mpz_sgn(z) == 0 ? 0 : nettle_mpz_sizeinbase_256_s(z);
	uint8_t *p = wire_buf_room(out, 4 + n);
	if (p == NULL)
		return;
	wire_store_u32(p, (uint32_t)n);
	nettle_mpz_get_str_256(n, p + 4, z);
	wire_buf_took(out, 4 + n);
}
