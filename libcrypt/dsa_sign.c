/* SPDX-License-Identifier: MIT */
#include "libcrypt/dsa_sign_impl.h"

#include "libcrypt/mpz.h"

/*
 * Nettle inverts the nonce and reduces with functions of GMP whose time tells of their operands, and a
 * few bits of each nonce are the key. So this is on the mpn_sec functions.
 */

#define P_LIMBS       CRYPT_LIMBS(DSA_P_SIZE)
#define Q_LIMBS       CRYPT_LIMBS(DSA_Q_SIZE)
/** More than any of the functions below asks for at these sizes. */
#define SCRATCH_LIMBS ((mp_size_t)(4 * P_LIMBS))

struct work {
	mp_limb_t q[Q_LIMBS], x[Q_LIMBS], inverse[Q_LIMBS];
	mp_limb_t r[P_LIMBS], sum[Q_LIMBS + 1], product[2 * Q_LIMBS];
	mp_limb_t scratch[4 * P_LIMBS];
	uint8_t bytes[DSA_P_SIZE];
};

/* `n` modulo q, in place. */
static void reduce(struct work *w, mp_limb_t *n, size_t limbs)
{
	mpn_sec_div_r(n, (mp_size_t)limbs, w->q, Q_LIMBS, w->scratch);
}

/* a b modulo q, in w->product. */
static void multiply(struct work *w, const mp_limb_t *a, const mp_limb_t *b)
{
	mpn_sec_mul(w->product, a, Q_LIMBS, b, Q_LIMBS, w->scratch);
	reduce(w, w->product, 2 * Q_LIMBS);
}

static bool scratch_suffices(void)
{
	return mpn_sec_div_r_itch(P_LIMBS, Q_LIMBS) <= SCRATCH_LIMBS &&
	       mpn_sec_div_r_itch(2 * Q_LIMBS, Q_LIMBS) <= SCRATCH_LIMBS &&
	       mpn_sec_mul_itch(Q_LIMBS, Q_LIMBS) <= SCRATCH_LIMBS;
}

/* r = (g^k mod p) mod q. */
static enum ssh_err compute_r(struct work *w, const struct dsa_signing *in)
{
	enum ssh_err e =
	    crypt_powm(w->bytes, wire_bytes(in->g, DSA_P_SIZE), wire_bytes(in->nonce, DSA_Q_SIZE),
	               wire_bytes(in->p, DSA_P_SIZE));
	if (e != 0)
		return e;
	crypt_limbs_load(w->r, wire_bytes(w->bytes, DSA_P_SIZE));
	reduce(w, w->r, P_LIMBS);
	return SSH_OK;
}

/* 1 / k = k^(q-2) mod q, for q is a prime. */
static enum ssh_err invert(struct work *w, const struct dsa_signing *in)
{
	uint8_t exponent[DSA_Q_SIZE];
	unsigned borrow = 2;
	for (size_t i = DSA_Q_SIZE; i-- > 0;) {
		unsigned digit = 256 + in->q[i] - borrow;
		exponent[i] = (uint8_t)digit;
		borrow = digit < 256;
	}
	enum ssh_err e =
	    crypt_powm(w->bytes, wire_bytes(in->nonce, DSA_Q_SIZE),
	               wire_bytes(exponent, DSA_Q_SIZE), wire_bytes(in->q, DSA_Q_SIZE));
	if (e == 0)
		crypt_limbs_load(w->inverse, wire_bytes(w->bytes, DSA_Q_SIZE));
	return e;
}

/* s = (digest + x r) / k mod q, in w->product. */
static void compute_s(struct work *w, const struct dsa_signing *in)
{
	mp_limb_t digest[Q_LIMBS];
	crypt_limbs_load(w->x, wire_bytes(in->x, DSA_Q_SIZE));
	crypt_limbs_load(digest, wire_bytes(in->digest, DSA_Q_SIZE));
	multiply(w, w->x, w->r);
	w->sum[Q_LIMBS] = mpn_add_n(w->sum, w->product, digest, Q_LIMBS);
	reduce(w, w->sum, Q_LIMBS + 1);
	multiply(w, w->sum, w->inverse);
}

/* All of r and s is looked at, and they are public. */
static enum ssh_err judge(const uint8_t *out)
{
	uint8_t r = 0, s = 0;
	for (size_t i = 0; i < DSA_Q_SIZE; i++) {
		r |= out[i];
		s |= out[DSA_Q_SIZE + i];
	}
	return r == 0 || s == 0 ? SSH_ERR_CRYPTO : SSH_OK;
}

static enum ssh_err sign(uint8_t *out, const struct dsa_signing *in, struct work *w)
{
	enum ssh_err e;
	crypt_limbs_load(w->q, wire_bytes(in->q, DSA_Q_SIZE));
	if (!scratch_suffices() || w->q[Q_LIMBS - 1] == 0)
		return SSH_ERR_CRYPTO;
	if ((e = compute_r(w, in)) != 0 || (e = invert(w, in)) != 0)
		return e;
	compute_s(w, in);
	crypt_limbs_store(out, DSA_Q_SIZE, w->r);
	crypt_limbs_store(out + DSA_Q_SIZE, DSA_Q_SIZE, w->product);
	return judge(out);
}

enum ssh_err crypt_dsa_sign(uint8_t *out, const struct dsa_signing *in)
{
	struct work w;
	enum ssh_err e = sign(out, in, &w);
	wire_wipe(&w, sizeof w);
	return e;
}
