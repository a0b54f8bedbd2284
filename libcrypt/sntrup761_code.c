/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem_impl.h"
#include "libcrypt/sntrup761_impl.h"
#include "libwire/bytes.h"

/*
 * Encodings of the NTRU Prime specification. A list of numbers, each below a bound of its own, is
 * halved: two neighbours become one number below the product of their bounds, which sheds low bytes
 * until its bound is below 2^14; so on, until one number is left.
 *
 * The bounds do not depend on the numbers, and all of a list are equal but the last.
 */

#define P          SNTRUP_P
#define HALF_Q     ((SNTRUP_Q - 1) / 2)

/* Lists of 761, 381, 191, 96, 48, 24, 12, 6, 3, 2 and 1 numbers. */
#define LEVELS     11
#define BOUND_STOP ((uint32_t)1 << 14)

struct level {
	size_t len;
	uint32_t bound;        /* of all but the last */
	uint32_t last;         /* of the last */
	size_t pair, pair_end; /* bytes shed by a pair, and by one with the last number in it */
};

/* The bound after the shedding; counts the bytes that go. */
static uint32_t shed(uint32_t bound, uint32_t stop, size_t *bytes)
{
	for (*bytes = 0; bound >= stop; ++*bytes)
		bound = (bound + 255) >> 8;
	return bound;
}

static void plan(struct level level[LEVELS], uint32_t bound)
{
	level[0] = (struct level){.len = P, .bound = bound, .last = bound};
	for (size_t i = 0; i < LEVELS - 1; i++) {
		struct level *at = &level[i], *next = at + 1;
		next->len = (at->len + 1) / 2;
		next->bound = shed(at->bound * at->bound, BOUND_STOP, &at->pair);
		next->last = at->last;
		if (at->len % 2 == 0)
			next->last = shed(at->bound * at->last, BOUND_STOP, &at->pair_end);
	}
}

/* How many bytes the pair at 2 * i sheds. */
static size_t pair_bytes(const struct level *l, size_t i)
{
	return 2 * i + 2 == l->len ? l->pair_end : l->pair;
}

static uint8_t *put_bytes(uint8_t *out, uint32_t *x, size_t n)
{
	for (; n > 0; n--) {
		*out++ = (uint8_t)*x;
		*x >>= 8;
	}
	return out;
}

/* The numbers in `x` are used up. */
static void encode(uint8_t *out, uint32_t x[P], uint32_t bound)
{
	struct level level[LEVELS];
	size_t bytes;
	plan(level, bound);
	for (const struct level *l = level; l->len > 1; l++) {
		for (size_t i = 0; i < l->len / 2; i++) {
			uint32_t pair = x[2 * i] + x[2 * i + 1] * l->bound;
			out = put_bytes(out, &pair, pair_bytes(l, i));
			x[i] = pair;
		}
		if (l->len % 2 != 0)
			x[l->len / 2] = x[l->len - 1];
	}
	shed(level[LEVELS - 1].last, 2, &bytes);
	put_bytes(out, &x[0], bytes);
}

static const uint8_t *get_bytes(const uint8_t *end, uint32_t *x, size_t n)
{
	for (; n > 0; n--)
		*x = *x << 8 | *--end;
	return end;
}

/* From the last byte to the first. Divisions are no leak: whatever is decoded was sent openly. */
static void decode(uint32_t x[P], uint32_t bound, const uint8_t *end)
{
	struct level level[LEVELS];
	size_t bytes;
	plan(level, bound);
	shed(level[LEVELS - 1].last, 2, &bytes);
	x[0] = 0;
	end = get_bytes(end, &x[0], bytes);
	x[0] %= level[LEVELS - 1].last;
	for (size_t n = LEVELS - 1; n-- > 0;) {
		const struct level *l = &level[n];
		if (l->len % 2 != 0)
			x[l->len - 1] = x[l->len / 2];
		for (size_t i = l->len / 2; i-- > 0;) {
			uint32_t pair = x[i];
			end = get_bytes(end, &pair, pair_bytes(l, i));
			x[2 * i] = pair % l->bound;
			x[2 * i + 1] = pair / l->bound % (2 * i + 2 == l->len ? l->last : l->bound);
		}
	}
}

void crypt_sntrup_rq_encode(uint8_t *out, const struct sntrup_rq *f)
{
	uint32_t x[P];
	for (size_t i = 0; i < P; i++)
		x[i] = (uint32_t)(f->c[i] + HALF_Q);
	encode(out, x, SNTRUP_Q);
	wire_wipe(x, sizeof x);
}

void crypt_sntrup_rq_decode(struct sntrup_rq *f, const uint8_t *in)
{
	uint32_t x[P];
	decode(x, SNTRUP_Q, in + SNTRUP_RQ_SIZE);
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int32_t)x[i] - HALF_Q);
}

/* A third of each coefficient, which is a multiple of three once HALF_Q is added. */
#define ROUNDED_BOUND ((SNTRUP_Q + 2) / 3)

void crypt_sntrup_rounded_encode(uint8_t *out, const struct sntrup_rq *f)
{
	uint32_t x[P];
	for (size_t i = 0; i < P; i++)
		x[i] = (uint32_t)(f->c[i] + HALF_Q) * 10923 >> 15;
	encode(out, x, ROUNDED_BOUND);
	wire_wipe(x, sizeof x);
}

void crypt_sntrup_rounded_decode(struct sntrup_rq *f, const uint8_t *in)
{
	uint32_t x[P];
	decode(x, ROUNDED_BOUND, in + SNTRUP_ROUNDED_SIZE);
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int32_t)x[i] * 3 - HALF_Q);
}

void crypt_sntrup_small_encode(uint8_t *out, const struct sntrup_small *f)
{
	memset(out, 0, SNTRUP_SMALL_SIZE);
	for (size_t i = 0; i < P; i++)
		out[i / 4] = (uint8_t)(out[i / 4] | (f->c[i] + 1) << (i % 4 * 2));
}

void crypt_sntrup_small_decode(struct sntrup_small *f, const uint8_t *in)
{
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int8_t)((in[i / 4] >> (i % 4 * 2) & 3) - 1);
}

/* Puts the smaller one into *a, without a branch: the difference in 64 bits is negative if b < a. */
static void order(uint32_t *a, uint32_t *b)
{
	uint32_t less = crypt_hide((uint32_t)(((uint64_t)*b - *a) >> 32));
	uint32_t t = (*a ^ *b) & less;
	*a ^= t;
	*b ^= t;
}

static void compare_at(uint32_t *x, size_t p, size_t r, size_t d)
{
	for (size_t i = 0; i < P - d; i++)
		if ((i & p) == r)
			order(&x[i], &x[i + d]);
}

/* Batcher's merge exchange: Knuth, The Art of Computer Programming, 5.2.2, algorithm M. */
void crypt_sntrup_sort(uint32_t *x)
{
	const size_t top = 512; /* the largest power of two below the number of numbers */
	for (size_t p = top; p > 0; p /= 2) {
		compare_at(x, p, 0, p);
		for (size_t q = top; q > p; q /= 2)
			compare_at(x, p, p, q - p);
	}
}
