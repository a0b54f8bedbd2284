/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem_impl.h"
#include "libcrypt/sntrup761_impl.h"
#include "libwire/bytes.h"

/*
 * Arithmetic modulo 3 and x^p - x - 1, on 64 coefficients at a time: a polynomial is two sets of
 * bits, the places of its ones and those of its minus ones.
 */

#define P     SNTRUP_P
#define WORDS (SNTRUP_ROOM / 64)

struct r3 {
	uint64_t plus[WORDS];
	uint64_t minus[WORDS];
};

/* The coefficient i is that of `at` in the array: in order, or reversed. */
static void pack(struct r3 *out, const struct sntrup_small *f, bool reversed)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < P; i++) {
		uint8_t c = (uint8_t)f->c[reversed ? P - 1 - i : i];
		out->plus[i / 64] |= (uint64_t)(c & ~c >> 7 & 1) << (i % 64);
		out->minus[i / 64] |= (uint64_t)(c >> 7) << (i % 64);
	}
}

static int8_t coefficient(const struct r3 *f, size_t i)
{
	return (int8_t)((f->plus[i / 64] >> (i % 64) & 1) - (f->minus[i / 64] >> (i % 64) & 1));
}

/* a + b, of which b is multiplied: by 1, -1 or 0, as at most one of the masks has it. */
static void add_word(struct r3 *a, size_t i, const struct r3 *b, uint64_t one, uint64_t minus_one)
{
	uint64_t p = (b->plus[i] & one) | (b->minus[i] & minus_one);
	uint64_t m = (b->minus[i] & one) | (b->plus[i] & minus_one);
	uint64_t t = (a->plus[i] | m) ^ (a->minus[i] | p);
	uint64_t plus = (a->minus[i] | m) ^ t;
	a->minus[i] = (a->plus[i] | p) ^ t;
	a->plus[i] = plus;
}

static void add_scaled(struct r3 *a, const struct r3 *b, uint64_t one, uint64_t minus_one)
{
	for (size_t i = 0; i < WORDS; i++)
		add_word(a, i, b, one, minus_one);
}

/* The masks of "is one" and "is minus one" for a bit. */
static uint64_t mask_of(uint64_t bits, size_t at)
{
	uint32_t bit = crypt_hide((uint32_t)(bits >> at) & 1);
	return 0 - (uint64_t)bit;
}

/* Times x, without reduction. */
static void shift_up(uint64_t *bits)
{
	for (size_t i = WORDS - 1; i > 0; i--)
		bits[i] = bits[i] << 1 | bits[i - 1] >> 63;
	bits[0] <<= 1;
}

/* Without the constant coefficient, divided by x. */
static void shift_down(uint64_t *bits)
{
	for (size_t i = 0; i < WORDS - 1; i++)
		bits[i] = bits[i] >> 1 | bits[i + 1] << 63;
	bits[WORDS - 1] >>= 1;
}

/* Times x. Coefficient p, if that makes one, comes back at 1 and x. */
static void times_x(struct r3 *f)
{
	static const struct r3 one_and_x = {.plus = {3}};
	shift_up(f->plus);
	shift_up(f->minus);
	uint64_t one = mask_of(f->plus[P / 64], P % 64);
	uint64_t minus_one = mask_of(f->minus[P / 64], P % 64);
	f->plus[P / 64] &= ~((uint64_t)1 << P % 64);
	f->minus[P / 64] &= ~((uint64_t)1 << P % 64);
	add_word(f, 0, &one_and_x, one, minus_one);
}

void crypt_sntrup_r3_multiply(struct sntrup_small *h, const struct sntrup_small *f,
                              const struct sntrup_small *g)
{
	struct {
		struct r3 f, g, h;
	} w = {0};
	pack(&w.f, f, false);
	pack(&w.g, g, false);
	for (size_t i = P; i-- > 0;) {
		times_x(&w.h);
		add_scaled(&w.h, &w.f, mask_of(w.g.plus[i / 64], i % 64),
		           mask_of(w.g.minus[i / 64], i % 64));
	}
	memset(h, 0, sizeof *h);
	for (size_t i = 0; i < P; i++)
		h->c[i] = coefficient(&w.h, i);
	wire_wipe(&w, sizeof w);
}

/* Division steps, as modulo q: see sntrup761_rq.c. */
struct steps {
	int32_t delta;
	struct r3 f, g, v, r;
};

static void swap_bits(uint64_t *a, uint64_t *b, uint64_t mask)
{
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t t = (a[i] ^ b[i]) & mask;
		a[i] ^= t;
		b[i] ^= t;
	}
}

static void swap(struct r3 *a, struct r3 *b, uint64_t mask)
{
	swap_bits(a->plus, b->plus, mask);
	swap_bits(a->minus, b->minus, mask);
}

static void step(struct steps *s)
{
	shift_up(s->v.plus);
	shift_up(s->v.minus);
	uint64_t has_g = mask_of(s->g.plus[0] | s->g.minus[0], 0);
	uint32_t mask = crypt_hide((uint32_t)(-s->delta >> 31)) & (uint32_t)has_g;
	s->delta = (int32_t)(((uint32_t)s->delta ^ mask) - mask) + 1;
	swap(&s->f, &s->g, 0 - (uint64_t)(mask & 1));
	swap(&s->v, &s->r, 0 - (uint64_t)(mask & 1));
	/* g -= (g0 / f0) * f, where f0 is 1 or -1. */
	uint64_t same = (s->f.plus[0] & s->g.plus[0]) | (s->f.minus[0] & s->g.minus[0]);
	uint64_t opposite = (s->f.plus[0] & s->g.minus[0]) | (s->f.minus[0] & s->g.plus[0]);
	uint64_t one = mask_of(opposite, 0), minus_one = mask_of(same, 0);
	add_scaled(&s->g, &s->f, one, minus_one);
	add_scaled(&s->r, &s->v, one, minus_one);
	shift_down(s->g.plus);
	shift_down(s->g.minus);
}

uint32_t crypt_sntrup_r3_invert(struct sntrup_small *out, const struct sntrup_small *in)
{
	struct steps s = {.delta = 1};
	s.f.plus[0] = 1;
	s.f.minus[(P - 1) / 64] |= (uint64_t)1 << (P - 1) % 64;
	s.f.minus[P / 64] |= (uint64_t)1 << P % 64;
	s.r.plus[0] = 1;
	pack(&s.g, in, true);
	for (size_t i = 0; i < 2 * P - 1; i++)
		step(&s);
	int8_t sign = coefficient(&s.f, 0);
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < P; i++)
		out->c[i] = (int8_t)(sign * coefficient(&s.v, P - 1 - i));
	uint32_t none = crypt_mask_nonzero((uint32_t)s.delta);
	wire_wipe(&s, sizeof s);
	return none;
}
