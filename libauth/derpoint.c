/* SPDX-License-Identifier: MIT */
#include "libauth/derkey_impl.h"

#include <gmp.h>
#include <nettle/bignum.h>

#define COMPRESSED   2
#define UNCOMPRESSED 4

/* y^2 = x^3 - 3x + b modulo p: FIPS 186-4 appendix D.1.2. */
static const struct equation {
	const char *key;
	const char *p, *b;
} equations[] = {
    {"ecdsa-sha2-nistp256", "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
     "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"},
    {"ecdsa-sha2-nistp384",
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffff0000000000000000ffffffff",
     "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
     "c656398d8a2ed19d2a85c8edd3ec2aef"},
    {"ecdsa-sha2-nistp521",
     "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109"
     "e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"},
};

static const struct equation *equation_of(const struct dercurve *c)
{
	size_t i = 0;

	while (strcmp(equations[i].key, c->key) != 0)
		i++;
	return &equations[i];
}

/* The root of x^3 - 3x + b that is odd or even, as wanted; false: there is none. */
static bool find_y(mpz_t y, const mpz_t x, const mpz_t b, const mpz_t p, bool odd)
{
	bool found;
	mpz_t square, t;

	mpz_inits(square, t, NULL);
	mpz_mul(square, x, x);
	mpz_sub_ui(square, square, 3);
	mpz_mul(square, square, x);
	mpz_add(square, square, b);
	mpz_mod(square, square, p);
	/* p is 3 modulo 4 in all three. */
	mpz_add_ui(t, p, 1);
	mpz_fdiv_q_2exp(t, t, 2);
	mpz_powm(y, square, t, p);
	mpz_mul(t, y, y);
	mpz_mod(t, t, p);
	found = mpz_cmp(x, p) < 0 && mpz_cmp(t, square) == 0 && mpz_sgn(y) != 0;
	if (found && (mpz_odd_p(y) != 0) != odd)
		mpz_sub(y, p, y);
	mpz_clears(square, t, NULL);
	return found;
}

bool auth_dercurve_decompress(uint8_t *out, const struct dercurve *c, ssh_bytes point)
{
	const struct equation *e = equation_of(c);
	mpz_t x, y, b, p;
	bool found;

	if (point.len != 1 + c->size || (point.ptr[0] & ~1) != COMPRESSED)
		return false;
	nettle_mpz_init_set_str_256_u(x, c->size, point.ptr + 1);
	mpz_init(y);
	mpz_init_set_str(b, e->b, 16);
	mpz_init_set_str(p, e->p, 16);
	found = find_y(y, x, b, p, point.ptr[0] & 1);
	if (found) {
		out[0] = UNCOMPRESSED;
		memcpy(out + 1, point.ptr + 1, c->size);
		nettle_mpz_get_str_256(c->size, out + 1 + c->size, y);
	}
	mpz_clears(x, y, b, p, NULL);
	return found;
}
