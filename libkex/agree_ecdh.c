/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include <nettle/bignum.h>
#include <nettle/ecc.h>
#include <nettle/ecc-curve.h>

/* SEC 1 section 2.3.3: the first byte of an uncompressed point; no other form is taken. */
#define UNCOMPRESSED 4
/* A draw fails half the time at worst; 64 in a row mean that the source is broken. */
#define SCALAR_DRAWS 64

static size_t field_size(const struct ecc_curve *curve)
{
	return (ecc_bit_size(curve) + 7) / 8;
}

static void wipe_scalar(struct ecc_scalar *s)
{
	wire_wipe(s->p, (size_t)ecc_size(s->ecc) * sizeof *s->p);
	ecc_scalar_clear(s);
}

static void wipe_point(struct ecc_point *p)
{
	wire_wipe(p->p, (size_t)ecc_size_a(p->ecc) * sizeof *p->p);
	ecc_point_clear(p);
}

static void wipe_mpz(mpz_t z)
{
	wire_wipe(z->_mp_d, (size_t)z->_mp_alloc * sizeof *z->_mp_d);
	mpz_clear(z);
}

/* False unless 0 < secret < the order of the curve. */
static bool set_scalar(struct ecc_scalar *s, ssh_bytes secret)
{
	mpz_t z;
	nettle_mpz_init_set_str_256_u(z, secret.len, secret.ptr);
	bool ok = ecc_scalar_set(s, z) == 1;
	wipe_mpz(z);
	return ok;
}

/* Draw until the number is in range: what is kept is uniform. */
static enum ssh_err fresh_scalar(struct ecc_scalar *s, struct kex_agree_run *run,
                                 const struct crypt_rng *rng)
{
	size_t n = field_size(s->ecc);
	unsigned spare = (unsigned)(n * 8) - ecc_bit_size(s->ecc);
	for (int i = 0; i < SCALAR_DRAWS; i++) {
		uint8_t *secret;
		enum ssh_err e = kex_agree_fresh(run, rng, n, &secret);
		if (e != 0)
			return e;
		secret[0] = (uint8_t)(secret[0] & 0xff >> spare);
		if (set_scalar(s, wire_bytes(secret, n)))
			return SSH_OK;
	}
	return SSH_ERR_RANDOM;
}

static enum ssh_err put_point(struct wire_buf *out, const struct ecc_point *p)
{
	size_t n = field_size(p->ecc);
	uint8_t *q = wire_buf_room(out, 1 + 2 * n);
	if (q == NULL)
		return wire_buf_end(out);
	mpz_t x, y;
	mpz_inits(x, y, NULL);
	ecc_point_get(p, x, y);
	q[0] = UNCOMPRESSED;
	nettle_mpz_get_str_256(n, q + 1, x);
	nettle_mpz_get_str_256(n, q + 1 + n, y);
	mpz_clears(x, y, NULL);
	wire_buf_took(out, 1 + 2 * n);
	return SSH_OK;
}

/* Infinity is a single zero byte and has no uncompressed form, so the length refuses it. */
static enum ssh_err get_point(struct ecc_point *p, ssh_bytes in)
{
	size_t n = field_size(p->ecc);
	if (in.len != 1 + 2 * n || in.ptr[0] != UNCOMPRESSED)
		return SSH_ERR_KEX_VALUE;
	mpz_t x, y;
	nettle_mpz_init_set_str_256_u(x, n, in.ptr + 1);
	nettle_mpz_init_set_str_256_u(y, n, in.ptr + 1 + n);
	/* Refuses coordinates that are not reduced, and points that are not on the curve. */
	bool ok = ecc_point_set(p, x, y) == 1;
	mpz_clears(x, y, NULL);
	return ok ? SSH_OK : SSH_ERR_KEX_VALUE;
}

/* The whole x coordinate, leading zeros and all. RFC 5656 section 4. */
static enum ssh_err put_x(struct wire_buf *out, const struct ecc_point *p)
{
	size_t n = field_size(p->ecc);
	uint8_t *k = wire_buf_room(out, n);
	if (k == NULL)
		return wire_buf_end(out);
	mpz_t x, y;
	mpz_inits(x, y, NULL);
	ecc_point_get(p, x, y);
	nettle_mpz_get_str_256(n, k, x);
	wipe_mpz(x);
	wipe_mpz(y);
	wire_buf_took(out, n);
	return SSH_OK;
}

static enum ssh_err offer(const struct kex_agree *alg, struct kex_agree_run *run,
                          const struct crypt_rng *rng, struct wire_buf *pub)
{
	struct ecc_scalar s;
	struct ecc_point q;
	ecc_scalar_init(&s, alg->curve());
	ecc_point_init(&q, alg->curve());
	enum ssh_err e = fresh_scalar(&s, run, rng);
	if (e == 0) {
		ecc_point_mul_g(&q, &s);
		e = put_point(pub, &q);
	}
	wipe_scalar(&s);
	ecc_point_clear(&q);
	return e;
}

/* `q` is the peer's point first and then the shared one. */
static enum ssh_err share(struct ecc_scalar *s, struct ecc_point *q, ssh_bytes in,
                          struct wire_buf *k)
{
	enum ssh_err e = get_point(q, in);
	if (e != 0)
		return e;
	/* The order is prime, so the product of these two is never infinity. */
	ecc_point_mul(q, s, q);
	return put_x(k, q);
}

static enum ssh_err finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                           struct wire_buf *k)
{
	struct ecc_scalar s;
	struct ecc_point q;
	ecc_scalar_init(&s, alg->curve());
	ecc_point_init(&q, alg->curve());
	enum ssh_err e = SSH_ERR_STATE;
	if (set_scalar(&s, wire_buf_view(&run->secret)))
		e = share(&s, &q, in, k);
	wipe_scalar(&s);
	wipe_point(&q);
	return e;
}

#define ECDH(name_, hash_, curve_)                                                                 \
	{                                                                                          \
		.name = name_, .hash = &hash_, .messages = WIRE_KEX_ECDH, .curve = curve_,         \
		.offer = offer, .answer = kex_agree_answer, .finish = finish                       \
	}

/* Each with the hash that RFC 5656 section 6.2.1 gives to the size of its curve. */
const struct kex_agree kex_ecdh_nistp256 =
    ECDH("ecdh-sha2-nistp256", crypt_sha256, nettle_get_secp_256r1);
const struct kex_agree kex_ecdh_nistp384 =
    ECDH("ecdh-sha2-nistp384", crypt_sha384, nettle_get_secp_384r1);
const struct kex_agree kex_ecdh_nistp521 =
    ECDH("ecdh-sha2-nistp521", crypt_sha512, nettle_get_secp_521r1);
