/* SPDX-License-Identifier: MIT */
#include "tests/bench/bare.h"

#include "libcrypt/kem.h"
#include "libkex/gex.h"
#include "tests/bench/rows.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/eddsa.h>

/* Bits of our exponents: libkex/agree_dh.c says why. */
#define EXPONENT_SHORT 256 /* in groups to 2048 bits */
#define EXPONENT_LONG  512

static const uint8_t secret[2][KEX_XDH_SIZE_MAX] = {"any secret will do, of any length to this one",
                                                    "and any other, of which there are two sides"};

static void xdh(const struct kex_xdh *x)
{
	uint8_t pub[2][KEX_XDH_SIZE_MAX], k[KEX_XDH_SIZE_MAX];
	for (int side = 0; side < 2; side++)
		x->mul_g(pub[side], secret[side]);
	for (int side = 0; side < 2; side++)
		x->mul(k, secret[side], pub[!side]);
}

static void ecdh(const struct ecc_curve *curve)
{
	struct ecc_scalar s[2];
	struct ecc_point q[2], k;
	mpz_t z;
	ecc_point_init(&k, curve);
	for (int side = 0; side < 2; side++) {
		ecc_scalar_init(&s[side], curve);
		ecc_point_init(&q[side], curve);
		nettle_mpz_init_set_str_256_u(z, ecc_bit_size(curve) / 8 - 1, secret[side]);
		bench_must(ecc_scalar_set(&s[side], z) == 1, "no scalar");
		mpz_clear(z);
		ecc_point_mul_g(&q[side], &s[side]);
	}
	for (int side = 0; side < 2; side++)
		ecc_point_mul(&k, &s[side], &q[!side]);
	for (int side = 0; side < 2; side++) {
		ecc_scalar_clear(&s[side]);
		ecc_point_clear(&q[side]);
	}
	ecc_point_clear(&k);
}

static void dh(const struct kex_group *group)
{
	mpz_t p, g, k, x[2], pub[2];
	size_t bits = group->p.len <= 2048 / 8 ? EXPONENT_SHORT : EXPONENT_LONG;
	nettle_mpz_init_set_str_256_u(p, group->p.len, group->p.ptr);
	nettle_mpz_init_set_str_256_u(g, group->g.len, group->g.ptr);
	mpz_init(k);
	for (int side = 0; side < 2; side++) {
		mpz_inits(x[side], pub[side], NULL);
		mpz_ui_pow_ui(x[side], 3, (unsigned)(bits * 5 / 8)); /* below 2^bits */
		mpz_setbit(x[side], bits - 1 - (unsigned)side);
		mpz_powm_sec(pub[side], g, x[side], p);
	}
	for (int side = 0; side < 2; side++)
		mpz_powm_sec(k, pub[!side], x[side], p);
	mpz_clears(p, g, k, x[0], x[1], pub[0], pub[1], NULL);
}

static void kem(const struct crypt_kem *alg)
{
	static uint8_t pk[CRYPT_KEM_PUBLIC_MAX], sk[CRYPT_KEM_SECRET_MAX];
	static uint8_t ct[CRYPT_KEM_CIPHERTEXT_MAX], k[CRYPT_KEM_SHARED_MAX];
	struct crypt_rng rng = crypt_rng_system();
	bench_must(alg->keygen(alg, &rng, pk, sk) == 0 && alg->encaps(alg, &rng, pk, ct, k) == 0 &&
	               alg->decaps(alg, sk, ct, k) == 0,
	           alg->name);
}

static void agree(const struct kex_agree *alg)
{
	if (alg->xdh != NULL)
		xdh(alg->xdh);
	else if (alg->curve != NULL)
		ecdh(alg->curve());
	else
		dh(alg->group != NULL ? alg->group : &kex_group15);
}

static void sign_and_verify(void)
{
	static uint8_t pub[ED25519_KEY_SIZE], sig[ED25519_SIGNATURE_SIZE], hash[32];
	static bool known;
	if (!known)
		ed25519_sha512_public_key(pub, secret[0]);
	known = true;
	ed25519_sha512_sign(pub, secret[0], sizeof hash, hash, sig);
	bench_must(ed25519_sha512_verify(pub, sizeof hash, hash, sig) == 1, "no signature");
}

void bench_bare_handshake(const struct kex_agree *alg)
{
	if (alg->hybrid != NULL) {
		kem(alg->hybrid->kem);
		agree(alg->hybrid->classical);
	} else {
		agree(alg);
	}
	sign_and_verify();
}
