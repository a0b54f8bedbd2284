/* SPDX-License-Identifier: MIT */
#include "libcrypt/poly1305_impl.h"

#ifdef CHACHA_AVX2

#include <immintrin.h>

/*
 * Poly1305 with eight blocks side by side, by instructions that multiply 52 bits by 52 and add either
 * half of the product: the limbs are poly1305_64's. Each lane adds every eighth block, and
 * multiplies with r^8 before the next. At the end each lane is multiplied with its own power, and
 * the eight are added up.
 *
 * Two loads and an unpacking bring blocks 0, 4, 1, 5, 2, 6, 3, 7 into the lanes, in this order.
 */
#define LANES      8
#define GROUP      ((size_t)LANES * POLY1305_BLOCK)
#define LIMBS      3
#define MASK_44    (((long long)1 << 44) - 1)
#define MASK_42    (((long long)1 << 42) - 1)
#define BIT_128    ((long long)1 << 40)

/* For less than this, bytes, setting out costs more than it saves, and four at a time are faster. */
#define WORTHWHILE 2048

#define SET        "avx512f,avx512ifma"
#define INLINE     __attribute__((target(SET), always_inline)) static inline

struct lanes {
	__m512i limb[LIMBS];
};

struct factors {
	struct lanes n;
	__m512i twenty_1, twenty_2;
};

INLINE __m512i add(__m512i a, __m512i b)
{
	return _mm512_add_epi64(a, b);
}

INLINE __m512i low(__m512i v, long long mask)
{
	return _mm512_and_si512(v, _mm512_set1_epi64(mask));
}

/* Eight blocks, each with the 1 behind it. */
INLINE struct lanes load(const uint8_t *bytes)
{
	__m512i a = _mm512_loadu_si512(bytes), b = _mm512_loadu_si512(bytes + GROUP / 2);
	__m512i first = _mm512_unpacklo_epi64(a, b), second = _mm512_unpackhi_epi64(a, b);
	__m512i middle =
	    _mm512_or_si512(_mm512_srli_epi64(first, 44), _mm512_slli_epi64(second, 20));
	return (struct lanes){
	    {low(first, MASK_44), low(middle, MASK_44),
	     _mm512_or_si512(_mm512_srli_epi64(second, 24), _mm512_set1_epi64(BIT_128))}};
}

INLINE struct lanes plus(struct lanes a, struct lanes b)
{
	return (struct lanes){
	    {add(a.limb[0], b.limb[0]), add(a.limb[1], b.limb[1]), add(a.limb[2], b.limb[2])}};
}

/* The lower 52 bits of three products, and what is above them, 2^8 times a limb higher. */
INLINE __m512i low_row(const struct lanes *h, __m512i f0, __m512i f1, __m512i f2)
{
	__m512i sum = _mm512_madd52lo_epu64(_mm512_setzero_si512(), h->limb[0], f0);
	return _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(sum, h->limb[1], f1), h->limb[2], f2);
}

INLINE __m512i high_row(const struct lanes *h, __m512i f0, __m512i f1, __m512i f2)
{
	__m512i sum = _mm512_madd52hi_epu64(_mm512_setzero_si512(), h->limb[0], f0);
	return _mm512_madd52hi_epu64(_mm512_madd52hi_epu64(sum, h->limb[1], f1), h->limb[2], f2);
}

/*
 * Limbs of h are below 2^46, those of f and their twenties below 2^50: the upper halves below 2^44, and
 * no sum here reaches 2^60. Limb 1 may stay a little above its 44 bits.
 */
INLINE struct lanes times(struct lanes h, const struct factors *f)
{
	const __m512i *n = f->n.limb;
	__m512i high_0 = high_row(&h, n[0], f->twenty_2, f->twenty_1);
	__m512i high_1 = high_row(&h, n[1], n[0], f->twenty_2);
	__m512i high_2 = high_row(&h, n[2], n[1], n[0]);
	__m512i a = low_row(&h, n[0], f->twenty_2, f->twenty_1);
	__m512i b = add(low_row(&h, n[1], n[0], f->twenty_2), _mm512_slli_epi64(high_0, 8));
	__m512i c = add(low_row(&h, n[2], n[1], n[0]), _mm512_slli_epi64(high_1, 8));
	b = add(b, _mm512_srli_epi64(a, 44));
	c = add(c, _mm512_srli_epi64(b, 44));
	/* The top limb has 42 bits, two less: what is above 2^130 comes back times 5. */
	__m512i over = add(_mm512_slli_epi64(high_2, 10), _mm512_srli_epi64(c, 42));
	a = add(low(a, MASK_44), add(over, _mm512_slli_epi64(over, 2)));
	b = add(low(b, MASK_44), _mm512_srli_epi64(a, 44));
	return (struct lanes){{low(a, MASK_44), b, low(c, MASK_42)}};
}

/* Limb i of the powers of the lanes' blocks. */
INLINE __m512i spread(const uint64_t lane[LANES])
{
	return _mm512_loadu_si512(lane);
}

INLINE struct factors factors(const struct poly1305_factor *power, const size_t which[LANES])
{
	uint64_t v[LIMBS + 2][LANES];
	for (size_t i = 0; i < LANES; i++) {
		const struct poly1305_factor *p = &power[which[i]];
		for (size_t k = 0; k < LIMBS; k++)
			v[k][i] = p->n.limb[k];
		v[LIMBS][i] = p->twenty_1;
		v[LIMBS + 1][i] = p->twenty_2;
	}
	struct factors f = {
	    {{spread(v[0]), spread(v[1]), spread(v[2])}}, spread(v[3]), spread(v[4])};
	wire_wipe(v, sizeof v);
	return f;
}

/* The eight lanes as one number. */
INLINE struct poly1305_number add_up(struct lanes h)
{
	struct poly1305_number n = {{0, 0, 0}};
	uint64_t lane[LANES];
	for (size_t k = 0; k < LIMBS; k++) {
		_mm512_storeu_si512(lane, h.limb[k]);
		for (size_t i = 0; i < LANES; i++)
			n.limb[k] += lane[i];
	}
	return n;
}

/* Whole groups, at least one, at the beginning of a message. */
INLINE void add_groups(struct poly1305_sum *sum, ssh_bytes data)
{
	/* power[k] is r^(k+1) */
	static const size_t all_8[] = {7, 7, 7, 7, 7, 7, 7, 7}, own[] = {7, 3, 6, 2, 5, 1, 4, 0};
	struct poly1305_factor power[LANES] = {sum->power[0]};
	poly1305_powers(power, LANES);
	struct factors next = factors(power, all_8), last = factors(power, own);
	struct lanes h = load(data.ptr);
	for (size_t at = GROUP; at < data.len; at += GROUP)
		h = plus(times(h, &next), load(data.ptr + at));
	sum->n = poly1305_reduced(add_up(times(h, &last)));
	wire_wipe(power, sizeof power);
	wire_wipe(&next, sizeof next);
	wire_wipe(&last, sizeof last);
}

__attribute__((target(SET))) static void tag_of_long(const uint8_t key[POLY1305_KEY],
                                                     ssh_bytes data, uint8_t tag[POLY1305_TAG])
{
	struct poly1305_sum sum;
	size_t groups = data.len - data.len % GROUP;
	poly1305_begin(&sum, key);
	add_groups(&sum, wire_bytes(data.ptr, groups));
	poly1305_add(&sum, wire_bytes_skip(data, groups));
	poly1305_finish(&sum, key, tag);
}

void poly1305_ifma(const uint8_t key[POLY1305_KEY], ssh_bytes data, uint8_t tag[POLY1305_TAG])
{
	if (data.len < WORTHWHILE)
		poly1305_avx2(key, data, tag);
	else
		tag_of_long(key, data, tag);
}

#endif
