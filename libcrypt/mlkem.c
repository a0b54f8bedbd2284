/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"
#include "libcrypt/kem_impl.h"
#include "libcrypt/nettle_impl.h"
#include "libcrypt/shake_impl.h"

/*
 * FIPS 203. Polynomials of 256 coefficients modulo q = 3329, kept in int16_t as any number that is
 * congruent and fits; the bounds are written where they matter. Products are reduced by
 * Montgomery's method with R = 2^16, everything else by Barrett's: there is no division.
 */

#define N          256
#define Q          3329
#define K_MAX      4

#define SEED_SIZE  32 /* of d, z, m, rho, sigma, r, and of K */
#define POLY_SIZE  384
#define NOISE_SIZE 128 /* 64 * eta; eta is 2 in both sets */

struct set {
	size_t k;
	unsigned du, dv; /* bits of a coefficient of u and v in the ciphertext */
};

struct poly {
	int16_t c[N];
};

/* The smallest numbers congruent to 17^bitrev(i) * R. FIPS 203 appendix A without the R. */
static const int16_t zetas[N / 2] = {
    -1044, -758,  -359,  -1517, 1493,  1422,  287,   202,   -171,  622,   1577,  182,   962,
    -1202, -1474, 1468,  573,   -1325, 264,   383,   -829,  1458,  -1602, -130,  -681,  1017,
    732,   608,   -1542, 411,   -205,  -1571, 1223,  652,   -552,  1015,  -1293, 1491,  -282,
    -1544, 516,   -8,    -320,  -666,  -1618, -1162, 126,   1469,  -853,  -90,   -271,  830,
    107,   -1421, -247,  -951,  -398,  961,   -1508, -725,  448,   -1065, 677,   -1275, -1103,
    430,   555,   843,   -1251, 871,   1550,  105,   422,   587,   177,   -235,  -291,  -460,
    1574,  1653,  -246,  778,   1159,  -147,  -777,  1483,  -602,  1119,  -1590, 644,   -872,
    349,   418,   329,   -156,  -75,   817,   1097,  603,   610,   1322,  -1285, -1465, 384,
    -1215, -136,  1218,  -1335, -874,  220,   -1187, -1659, -1185, -1530, -1278, 794,   -1510,
    -854,  -870,  478,   -108,  -308,  996,   991,   958,   -1460, 1522,  1628,
};

/* ---- arithmetic modulo q ---- */

/* a / R, in (-q, q) if |a| < q * 2^15. The product of 16 bits by -3327, 1 / q modulo R, wraps. */
static int16_t montgomery(int32_t a)
{
	int16_t m = (int16_t)((int16_t)a * -3327);
	return (int16_t)((a - m * Q) >> 16);
}

/* In [-q/2, q/2], for any int16_t. 20159 is 2^26 / q, rounded. */
static int16_t barrett(int16_t a)
{
	int16_t t = (int16_t)((20159 * a + (1 << 25)) >> 26);
	return (int16_t)(a - t * Q);
}

/* In [0, q), for any int16_t. */
static uint32_t canonical(int16_t a)
{
	int16_t b = barrett(a);
	return (uint32_t)(b + ((b >> 15) & Q));
}

/*
 * x * 2^d / q, rounded, modulo 2^d. The quotient by q is a product with 2^36 / q, rounded up, which
 * is exact below 2^23: a division would take a time that depends on the secret.
 */
static uint32_t compress(uint32_t x, unsigned d)
{
	uint64_t n = ((uint64_t)x << d) + Q / 2;
	return (uint32_t)((n * 20642679) >> 36) & ((1u << d) - 1);
}

static int16_t decompress(uint32_t y, unsigned d)
{
	return (int16_t)((2 * crypt_hide(y) * Q + (1u << d)) >> (d + 1));
}

/* ---- polynomials ---- */

/* FIPS 203 algorithm 9. From |c| <= q to |c| <= q / 2: each of the seven layers adds less than q. */
static void ntt(struct poly *p)
{
	size_t k = 1;
	for (size_t len = N / 2; len >= 2; len /= 2) {
		for (size_t start = 0; start < N; start += 2 * len) {
			int16_t zeta = zetas[k++];
			int16_t *lo = p->c + start, *hi = lo + len;
			for (size_t j = 0; j < len; j++) {
				int16_t t = montgomery(zeta * hi[j]);
				hi[j] = (int16_t)(lo[j] - t);
				lo[j] = (int16_t)(lo[j] + t);
			}
		}
	}
	for (size_t i = 0; i < N; i++)
		p->c[i] = barrett(p->c[i]);
}

/* FIPS 203 algorithm 10. From |c| < q to |c| < q; 512 is R / 128. */
static void ntt_inverse(struct poly *p)
{
	size_t k = N / 2 - 1;
	for (size_t len = 2; len <= N / 2; len *= 2) {
		for (size_t start = 0; start < N; start += 2 * len) {
			int16_t zeta = zetas[k--];
			int16_t *lo = p->c + start, *hi = lo + len;
			for (size_t j = 0; j < len; j++) {
				int16_t t = lo[j];
				lo[j] = barrett((int16_t)(t + hi[j]));
				hi[j] = montgomery(zeta * (hi[j] - t));
			}
		}
	}
	for (size_t i = 0; i < N; i++)
		p->c[i] = montgomery(512 * p->c[i]);
}

static void add(struct poly *p, const struct poly *q)
{
	for (size_t i = 0; i < N; i++)
		p->c[i] = (int16_t)(p->c[i] + q->c[i]);
}

/*
 * A polynomial in the NTT domain, prepared to be multiplied by: times R, and with its odd
 * coefficients times the gamma of their pair (FIPS 203 algorithm 12) as well. All in (-q, q).
 */
struct factor {
	int16_t c[N];
	int16_t odd[N / 2];
};

static void prepare(struct factor *f, const struct poly *p)
{
	/* 1353 is R^2. */
	for (size_t i = 0; i < N; i++)
		f->c[i] = montgomery(1353 * p->c[i]);
	for (size_t i = 0; i < N / 4; i++) {
		f->odd[2 * i] = montgomery(zetas[N / 4 + i] * f->c[4 * i + 1]);
		f->odd[2 * i + 1] = montgomery(-zetas[N / 4 + i] * f->c[4 * i + 3]);
	}
}

/*
 * A sum of products in the NTT domain. At most K_MAX of them before it is reduced: eight products
 * of less than 2^12 and q stay below q * 2^15.
 */
struct sum {
	int32_t c[N];
};

static void sum_product(struct sum *s, const struct poly *a, const struct factor *b)
{
	for (size_t i = 0; i < N / 2; i++) {
		int32_t even = a->c[2 * i], odd = a->c[2 * i + 1];
		s->c[2 * i] += even * b->c[2 * i] + odd * b->odd[i];
		s->c[2 * i + 1] += even * b->c[2 * i + 1] + odd * b->c[2 * i];
	}
}

static void reduce(struct poly *p, const struct sum *s)
{
	for (size_t i = 0; i < N; i++)
		p->c[i] = montgomery(s->c[i]);
}

/* ---- bytes ---- */

/* Compress to d bits (12: as they are) and pack, 32 * d bytes. FIPS 203 algorithm 5. */
static void put_poly(uint8_t *out, const struct poly *p, unsigned d)
{
	uint32_t word = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < N; i++) {
		uint32_t x = canonical(p->c[i]);
		word |= (d == 12 ? x : compress(x, d)) << bits;
		for (bits += d; bits >= 8; bits -= 8) {
			*out++ = (uint8_t)word;
			word >>= 8;
		}
	}
}

/* Unpack and decompress (12: as they are, below 2^12). FIPS 203 algorithm 6. */
static void get_poly(struct poly *p, const uint8_t *in, unsigned d)
{
	uint32_t word = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < N; i++) {
		for (; bits < d; bits += 8)
			word |= (uint32_t)*in++ << bits;
		uint32_t x = word & ((1u << d) - 1);
		p->c[i] = d == 12 ? (int16_t)x : decompress(x, d);
		word >>= d;
		bits -= d;
	}
}

/* FIPS 203 algorithm 7. The bytes come from the public rho, so rejecting some tells nothing. */
static void sample_uniform(struct poly *p, const uint8_t *rho, size_t first, size_t second)
{
	const uint8_t index[2] = {(uint8_t)first, (uint8_t)second};
	uint8_t block[CRYPT_SHAKE128_RATE];
	struct crypt_shake xof;
	crypt_shake_init(&xof, CRYPT_SHAKE128_RATE);
	crypt_shake_absorb(&xof, wire_bytes(rho, SEED_SIZE));
	crypt_shake_absorb(&xof, wire_bytes(index, sizeof index));
	size_t n = 0;
	size_t at = sizeof block;
	while (n < N) {
		if (at == sizeof block) {
			crypt_shake_squeeze(&xof, block, sizeof block);
			at = 0;
		}
		const uint8_t *b = block + at;
		int16_t one = (int16_t)(b[0] | (b[1] & 15) << 8);
		int16_t two = (int16_t)(b[1] >> 4 | b[2] << 4);
		at += 3;
		if (one < Q)
			p->c[n++] = one;
		if (two < Q && n < N)
			p->c[n++] = two;
	}
}

/* FIPS 203 algorithm 8 with eta = 2 on PRF(seed, nonce): sums of two bits less sums of two bits. */
static void sample_noise(struct poly *p, const uint8_t *seed, size_t nonce)
{
	const uint8_t last = (uint8_t)nonce;
	uint8_t bytes[NOISE_SIZE];
	struct crypt_shake prf;
	crypt_shake_init(&prf, CRYPT_SHAKE256_RATE);
	crypt_shake_absorb(&prf, wire_bytes(seed, SEED_SIZE));
	crypt_shake_absorb(&prf, wire_bytes(&last, 1));
	crypt_shake_squeeze(&prf, bytes, sizeof bytes);
	for (size_t i = 0; i < NOISE_SIZE; i++) {
		unsigned sums = (bytes[i] & 0x55u) + (bytes[i] >> 1 & 0x55u);
		p->c[2 * i] = (int16_t)((sums & 3) - (sums >> 2 & 3));
		p->c[2 * i + 1] = (int16_t)((sums >> 4 & 3) - (sums >> 6 & 3));
	}
	wire_wipe(bytes, sizeof bytes);
	wire_wipe(&prf, sizeof prf);
}

/* G: SHA3-512 of two strings. */
static void hash_g(uint8_t out[2 * SEED_SIZE], ssh_bytes a, ssh_bytes b)
{
	struct sha3_512_ctx g;
	sha3_512_init(&g);
	sha3_512_update(&g, a.len, a.ptr);
	sha3_512_update(&g, b.len, b.ptr);
	sha3_512_digest(&g, NETTLE_LENGTH(2 * SEED_SIZE) out);
	wire_wipe(&g, sizeof g);
}

/* H: SHA3-256, here of nothing but public keys. */
static void hash_h(uint8_t out[SEED_SIZE], const uint8_t *in, size_t len)
{
	struct sha3_256_ctx h;
	sha3_256_init(&h);
	sha3_256_update(&h, len, in);
	sha3_256_digest(&h, NETTLE_LENGTH(SEED_SIZE) out);
}

/* J: SHAKE256 of the rejection value and the ciphertext. */
static void hash_j(uint8_t out[SEED_SIZE], const uint8_t *z, ssh_bytes ciphertext)
{
	struct crypt_shake j;
	crypt_shake_init(&j, CRYPT_SHAKE256_RATE);
	crypt_shake_absorb(&j, wire_bytes(z, SEED_SIZE));
	crypt_shake_absorb(&j, ciphertext);
	crypt_shake_squeeze(&j, out, SEED_SIZE);
	wire_wipe(&j, sizeof j);
}

/* ---- K-PKE ---- */

static size_t public_size(const struct set *s)
{
	return s->k * POLY_SIZE + SEED_SIZE;
}

/* The matrix A that a public key stands for, or its transpose; never in memory as a whole. */
struct matrix {
	const uint8_t *rho;
	size_t k;
	bool transposed;
};

/* Row `i` of the matrix times the vector `v`. */
static void multiply_row(struct poly *out, const struct matrix *m, size_t i, const struct factor *v)
{
	struct sum sum = {0};
	struct poly a;
	for (size_t j = 0; j < m->k; j++) {
		/* FIPS 203 algorithm 13: the entry of row i and column j comes from rho, j, i. */
		sample_uniform(&a, m->rho, m->transposed ? i : j, m->transposed ? j : i);
		sum_product(&sum, &a, &v[j]);
	}
	reduce(out, &sum);
	wire_wipe(&sum, sizeof sum);
}

/* FIPS 203 algorithm 13: from d to the public key and the first part of the secret key. */
static void pke_keygen(const struct set *s, const uint8_t *d, uint8_t *pk, uint8_t *sk)
{
	struct {
		uint8_t seeds[2 * SEED_SIZE]; /* rho, sigma */
		struct factor s[K_MAX];
		struct poly t, e;
	} w;
	const uint8_t k = (uint8_t)s->k;
	const uint8_t *sigma = w.seeds + SEED_SIZE;
	const struct matrix a = {pk + s->k * POLY_SIZE, s->k, false};
	hash_g(w.seeds, wire_bytes(d, SEED_SIZE), wire_bytes(&k, 1));
	memcpy(pk + s->k * POLY_SIZE, w.seeds, SEED_SIZE);
	for (size_t i = 0; i < s->k; i++) {
		sample_noise(&w.t, sigma, i);
		ntt(&w.t);
		put_poly(sk + i * POLY_SIZE, &w.t, 12);
		prepare(&w.s[i], &w.t);
	}
	for (size_t i = 0; i < s->k; i++) {
		multiply_row(&w.t, &a, i, w.s);
		sample_noise(&w.e, sigma, s->k + i);
		ntt(&w.e);
		add(&w.t, &w.e);
		put_poly(pk + i * POLY_SIZE, &w.t, 12);
	}
	wire_wipe(&w, sizeof w);
}

/* FIPS 203 algorithm 14. */
static void pke_encrypt(const struct set *s, const uint8_t *pk, const uint8_t *m, const uint8_t *r,
                        uint8_t *ct)
{
	struct {
		struct factor y[K_MAX];
		struct sum sum;
		struct poly p, e;
	} w = {0};
	const struct matrix a = {pk + s->k * POLY_SIZE, s->k, true};
	for (size_t i = 0; i < s->k; i++) {
		sample_noise(&w.p, r, i);
		ntt(&w.p);
		prepare(&w.y[i], &w.p);
	}
	for (size_t i = 0; i < s->k; i++) {
		multiply_row(&w.p, &a, i, w.y);
		ntt_inverse(&w.p);
		sample_noise(&w.e, r, s->k + i);
		add(&w.p, &w.e);
		put_poly(ct, &w.p, s->du);
		ct += 32 * s->du;
	}
	for (size_t i = 0; i < s->k; i++) {
		get_poly(&w.p, pk + i * POLY_SIZE, 12);
		sum_product(&w.sum, &w.p, &w.y[i]);
	}
	reduce(&w.p, &w.sum);
	ntt_inverse(&w.p);
	sample_noise(&w.e, r, 2 * s->k);
	add(&w.p, &w.e);
	get_poly(&w.e, m, 1);
	add(&w.p, &w.e);
	put_poly(ct, &w.p, s->dv);
	wire_wipe(&w, sizeof w);
}

/* FIPS 203 algorithm 15. */
static void pke_decrypt(const struct set *s, const uint8_t *sk, const uint8_t *ct, uint8_t *m)
{
	struct {
		struct sum sum;
		struct factor u;
		struct poly p, v;
	} w = {0};
	for (size_t i = 0; i < s->k; i++) {
		get_poly(&w.p, ct + i * 32 * s->du, s->du);
		ntt(&w.p);
		prepare(&w.u, &w.p);
		get_poly(&w.p, sk + i * POLY_SIZE, 12);
		sum_product(&w.sum, &w.p, &w.u);
	}
	reduce(&w.p, &w.sum);
	ntt_inverse(&w.p);
	get_poly(&w.v, ct + s->k * 32 * s->du, s->dv);
	for (size_t i = 0; i < N; i++)
		w.v.c[i] = (int16_t)(w.v.c[i] - w.p.c[i]);
	put_poly(m, &w.v, 1);
	wire_wipe(&w, sizeof w);
}

/* ---- ML-KEM ---- */

/* FIPS 203 algorithms 16 and 19. */
static enum ssh_err keygen(const struct crypt_kem *kem, const struct crypt_rng *rng, uint8_t *pk,
                           uint8_t *sk)
{
	const struct set *s = kem->set;
	uint8_t coins[2 * SEED_SIZE]; /* d, z */
	enum ssh_err e = crypt_rng_fill(rng, coins, sizeof coins);
	if (e == 0) {
		pke_keygen(s, coins, pk, sk);
		sk += s->k * POLY_SIZE;
		memcpy(sk, pk, public_size(s));
		sk += public_size(s);
		hash_h(sk, pk, public_size(s));
		memcpy(sk + SEED_SIZE, coins + SEED_SIZE, SEED_SIZE);
	}
	wire_wipe(coins, sizeof coins);
	return e;
}

/* FIPS 203 section 7.2, the modulus check: is every coefficient below q? */
static bool public_key_valid(const struct set *s, const uint8_t *pk)
{
	struct poly p;
	int16_t largest = 0;
	for (size_t i = 0; i < s->k; i++) {
		get_poly(&p, pk + i * POLY_SIZE, 12);
		for (size_t j = 0; j < N; j++)
			largest = p.c[j] > largest ? p.c[j] : largest;
	}
	return largest < Q;
}

/* FIPS 203 algorithms 17 and 20. */
static enum ssh_err encaps(const struct crypt_kem *kem, const struct crypt_rng *rng,
                           const uint8_t *pk, uint8_t *ct, uint8_t *shared)
{
	const struct set *s = kem->set;
	struct {
		uint8_t m[SEED_SIZE];
		uint8_t seeds[2 * SEED_SIZE]; /* K, r */
		uint8_t h[SEED_SIZE];
	} w;
	if (!public_key_valid(s, pk))
		return SSH_ERR_KEY;
	enum ssh_err e = crypt_rng_fill(rng, w.m, sizeof w.m);
	if (e == 0) {
		hash_h(w.h, pk, public_size(s));
		hash_g(w.seeds, wire_bytes(w.m, SEED_SIZE), wire_bytes(w.h, SEED_SIZE));
		pke_encrypt(s, pk, w.m, w.seeds + SEED_SIZE, ct);
		memcpy(shared, w.seeds, SEED_SIZE);
	}
	wire_wipe(&w, sizeof w);
	return e;
}

/* FIPS 203 algorithms 18 and 21. */
static enum ssh_err decaps(const struct crypt_kem *kem, const uint8_t *sk, const uint8_t *ct,
                           uint8_t *shared)
{
	const struct set *s = kem->set;
	const uint8_t *pk = sk + s->k * POLY_SIZE;
	const uint8_t *h = pk + public_size(s);
	const uint8_t *z = h + SEED_SIZE;
	struct {
		uint8_t m[SEED_SIZE];
		uint8_t seeds[2 * SEED_SIZE]; /* K, r */
		uint8_t rejection[SEED_SIZE];
		uint8_t ct[CRYPT_KEM_CIPHERTEXT_MAX];
	} w;
	/* Section 7.3, the hash check. What it looks at is public. */
	hash_h(w.m, pk, public_size(s));
	if (!wire_secret_equal(w.m, h, SEED_SIZE))
		return SSH_ERR_KEY;
	pke_decrypt(s, sk, ct, w.m);
	hash_g(w.seeds, wire_bytes(w.m, SEED_SIZE), wire_bytes(h, SEED_SIZE));
	hash_j(w.rejection, z, wire_bytes(ct, kem->ciphertext_size));
	pke_encrypt(s, pk, w.m, w.seeds + SEED_SIZE, w.ct);
	uint32_t differ = crypt_mask_differ(ct, w.ct, kem->ciphertext_size);
	crypt_mask_copy(differ, w.seeds, w.rejection, SEED_SIZE);
	memcpy(shared, w.seeds, SEED_SIZE);
	wire_wipe(&w, sizeof w);
	return SSH_OK;
}

static const struct set set768 = {.k = 3, .du = 10, .dv = 4};
static const struct set set1024 = {.k = 4, .du = 11, .dv = 5};

#define SECRET_SIZE(k)             ((k)*POLY_SIZE * 2 + 3 * SEED_SIZE)
#define CIPHERTEXT_SIZE(k, du, dv) (32 * ((k) * (du) + (dv)))

_Static_assert(SECRET_SIZE(4) <= CRYPT_KEM_SECRET_MAX, "secret key");
_Static_assert(CIPHERTEXT_SIZE(4, 11, 5) <= CRYPT_KEM_CIPHERTEXT_MAX, "ciphertext");

const struct crypt_kem crypt_mlkem768 = {
    .name = "mlkem768",
    .public_size = 3 * POLY_SIZE + SEED_SIZE,
    .secret_size = SECRET_SIZE(3),
    .ciphertext_size = CIPHERTEXT_SIZE(3, 10, 4),
    .shared_size = SEED_SIZE,
    .keygen = keygen,
    .encaps = encaps,
    .decaps = decaps,
    .set = &set768,
};

const struct crypt_kem crypt_mlkem1024 = {
    .name = "mlkem1024",
    .public_size = 4 * POLY_SIZE + SEED_SIZE,
    .secret_size = SECRET_SIZE(4),
    .ciphertext_size = CIPHERTEXT_SIZE(4, 11, 5),
    .shared_size = SEED_SIZE,
    .keygen = keygen,
    .encaps = encaps,
    .decaps = decaps,
    .set = &set1024,
};
