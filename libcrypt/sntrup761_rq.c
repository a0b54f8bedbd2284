/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem_impl.h"
#include "libcrypt/sntrup761_impl.h"
#include "libwire/bytes.h"

/*
 * Arithmetic modulo q = 4591 and x^p - x - 1. Divisions by constants are products with their
 * reciprocals. Loops go over whole rooms: their constant length lets compilers use vectors.
 */

#define P    SNTRUP_P
#define Q    SNTRUP_Q
#define ROOM SNTRUP_ROOM

/* In [-(q-1)/2, (q-1)/2], if |x| < 2^24. 239492840 is 2^40 / q, rounded. */
static int16_t freeze(int32_t x)
{
	int32_t t = (int32_t)(((int64_t)x * 239492840 + ((int64_t)1 << 39)) >> 40);
	return (int16_t)(x - t * Q);
}

/* In [-1, 1], if |x| < 2^14. 10923 is 2^15 / 3, rounded. */
static int8_t mod3(int16_t x)
{
	return (int8_t)(x - 3 * ((x * 10923 + (1 << 14)) >> 15));
}

/* Unreduced products: at most p of them, each at most q / 2. */
struct wide {
	int32_t c[2 * ROOM];
};

static void add_scaled(int32_t *restrict to, const int16_t *restrict f, int16_t by)
{
	for (size_t i = 0; i < ROOM; i++)
		to[i] += f[i] * by;
}

void crypt_sntrup_rq_multiply(struct sntrup_rq *h, const struct sntrup_rq *f,
                              const struct sntrup_small *g)
{
	struct wide w = {0};
	for (size_t i = 0; i < P; i++)
		add_scaled(w.c + i, f->c, g->c[i]);
	/* x^p is x + 1. */
	for (size_t i = 2 * P - 2; i >= P; i--) {
		w.c[i - P] += w.c[i];
		w.c[i - P + 1] += w.c[i];
	}
	memset(h, 0, sizeof *h);
	for (size_t i = 0; i < P; i++)
		h->c[i] = freeze(w.c[i]);
	wire_wipe(&w, sizeof w);
}

void crypt_sntrup_rq_triple(struct sntrup_rq *f)
{
	for (size_t i = 0; i < P; i++)
		f->c[i] = freeze(3 * f->c[i]);
}

void crypt_sntrup_rq_round(struct sntrup_rq *f)
{
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)(f->c[i] - mod3(f->c[i]));
}

void crypt_sntrup_rq_mod3(struct sntrup_small *out, const struct sntrup_rq *in)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < P; i++)
		out->c[i] = mod3(in->c[i]);
}

/* a^(q - 2): one over a, and zero of zero. */
static int16_t invert(int16_t a)
{
	int16_t power = 1;
	for (unsigned bit = 1u << 12; bit != 0; bit >>= 1) {
		power = freeze(power * power);
		if (((Q - 2) & bit) != 0)
			power = freeze(power * a);
	}
	return power;
}

/*
 * a * b / 2^16 modulo q, Montgomery's way, in 16-bit steps that a vector unit has. Of size at most
 * |a * b| / 2^16 + q / 2. `b_over_q` is b / q modulo 2^16.
 */
static int16_t montgomery(int16_t a, int16_t b, int16_t b_over_q)
{
	int16_t high = (int16_t)((a * b) >> 16);
	int16_t low = (int16_t)(a * b_over_q);
	return (int16_t)(high - (int16_t)((low * Q) >> 16));
}

/* 15631 is 1 / q modulo 2^16. */
static int16_t over_q(int16_t b)
{
	return (int16_t)(b * 15631);
}

/*
 * The state of a greatest common divisor by division steps (D. J. Bernstein, B.-Y. Yang, "Fast
 * constant-time gcd computation and modular inversion", 2019), on reversed polynomials. (f, v) and
 * (g, r) stay congruent to one another times the input; a common factor in both does no harm.
 *
 * Coefficients of g and r stay below 4940: that bound is kept by montgomery of it with a frozen
 * number, twice.
 */
struct steps {
	int32_t delta;
	int16_t f[ROOM], g[ROOM], v[ROOM], r[ROOM];
};

static void swap(int16_t *restrict a, int16_t *restrict b, uint32_t mask)
{
	int16_t m = (int16_t)mask;
	for (size_t i = 0; i < ROOM; i++) {
		int16_t t = (int16_t)((a[i] ^ b[i]) & m);
		a[i] = (int16_t)(a[i] ^ t);
		b[i] = (int16_t)(b[i] ^ t);
	}
}

/* b = f0 * b - g0 * a, up to a common factor. */
static void eliminate(int16_t *restrict b, const int16_t *restrict a, int16_t f0, int16_t g0)
{
	int16_t f0_over_q = over_q(f0), g0_over_q = over_q(g0);
	for (size_t i = 0; i < ROOM; i++)
		b[i] = (int16_t)(montgomery(b[i], f0, f0_over_q) - montgomery(a[i], g0, g0_over_q));
}

static void step(struct steps *s)
{
	memmove(s->v + 1, s->v, (ROOM - 1) * sizeof *s->v);
	s->v[0] = 0;
	uint32_t has_g = crypt_mask_nonzero((uint32_t)freeze(s->g[0]));
	uint32_t mask = has_g & crypt_hide((uint32_t)(-s->delta >> 31));
	s->delta = (int32_t)(((uint32_t)s->delta ^ mask) - mask) + 1;
	swap(s->f, s->g, mask);
	swap(s->v, s->r, mask);
	int16_t f0 = freeze(s->f[0]);
	int16_t g0 = freeze(s->g[0]);
	eliminate(s->g, s->f, f0, g0);
	eliminate(s->r, s->v, f0, g0);
	memmove(s->g, s->g + 1, (ROOM - 1) * sizeof *s->g);
	s->g[ROOM - 1] = 0;
}

void crypt_sntrup_rq_invert3(struct sntrup_rq *out, const struct sntrup_small *in)
{
	struct steps s = {.delta = 1};
	s.f[0] = 1;
	s.f[P - 1] = -1;
	s.f[P] = -1;
	for (size_t i = 0; i < P; i++)
		s.g[P - 1 - i] = freeze(in->c[i]);
	s.r[0] = invert(3);
	for (size_t i = 0; i < 2 * P - 1; i++)
		step(&s);
	int16_t scale = invert(freeze(s.f[0]));
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < P; i++)
		out->c[i] = freeze(scale * freeze(s.v[P - 1 - i]));
	wire_wipe(&s, sizeof s);
}
