/* SPDX-License-Identifier: MIT */
#include "libcrypt/poly1305_impl.h"

#ifdef CHACHA_AVX2

#include <immintrin.h>

/*
 * Poly1305 with four blocks side by side: five limbs of 26 bits, whose products fit 64. Each lane
 * adds every fourth block, and multiplies with r^4 before the next. At the end each lane is
 * multiplied with its own power, and the four are added up.
 *
 * Two loads and an unpacking bring blocks 0, 2, 1, 3 into the lanes, in this order.
 */
#define GROUP      ((size_t)POLY1305_AT_ONCE * POLY1305_BLOCK)
#define LIMBS      5
#define MASK_26    0x3ffffff
#define MASK_44    (((uint64_t)1 << 44) - 1)

/* For less than this, bytes, setting out costs more than it saves. */
#define WORTHWHILE 256

#define INLINE     __attribute__((target("avx2"), always_inline)) static inline

struct lanes {
	__m256i limb[LIMBS];
};

/* What overflows 2^130, which is limbs 5 and above, comes back times 5. */
struct factors {
	__m256i n0, n1, n2, n3, n4;
	__m256i five_1, five_2, five_3, five_4;
};

INLINE __m256i add(__m256i a, __m256i b)
{
	return _mm256_add_epi64(a, b);
}

INLINE __m256i times_5(__m256i v)
{
	return add(v, _mm256_slli_epi64(v, 2));
}

INLINE __m256i low_26(__m256i v)
{
	return _mm256_and_si256(v, _mm256_set1_epi64x(MASK_26));
}

/* Four blocks, each with the 1 behind it. */
INLINE struct lanes load(const uint8_t *bytes)
{
	__m256i a = _mm256_loadu_si256((const void *)bytes);
	__m256i b = _mm256_loadu_si256((const void *)(bytes + GROUP / 2));
	__m256i low = _mm256_unpacklo_epi64(a, b), high = _mm256_unpackhi_epi64(a, b);
	__m256i middle = _mm256_or_si256(_mm256_srli_epi64(low, 52), _mm256_slli_epi64(high, 12));
	return (struct lanes){
	    {low_26(low), low_26(_mm256_srli_epi64(low, 26)), low_26(middle),
	     low_26(_mm256_srli_epi64(high, 14)),
	     _mm256_or_si256(_mm256_srli_epi64(high, 40), _mm256_set1_epi64x(1 << 24))}};
}

INLINE struct lanes plus(struct lanes a, struct lanes b)
{
	return (struct lanes){{add(a.limb[0], b.limb[0]), add(a.limb[1], b.limb[1]),
	                       add(a.limb[2], b.limb[2]), add(a.limb[3], b.limb[3]),
	                       add(a.limb[4], b.limb[4])}};
}

/* The excess of limb i to the next one. */
INLINE void carry(struct lanes *h, size_t i)
{
	__m256i over = _mm256_srli_epi64(h->limb[i], 26);
	h->limb[i] = low_26(h->limb[i]);
	h->limb[(i + 1) % LIMBS] = add(h->limb[(i + 1) % LIMBS], i == 4 ? times_5(over) : over);
}

/* Two chains at a time; limbs 1 and 4 may stay a little above 26 bits. */
INLINE void carry_around(struct lanes *h)
{
	carry(h, 0);
	carry(h, 3);
	carry(h, 1);
	carry(h, 4);
	carry(h, 2);
	carry(h, 0);
	carry(h, 3);
}

/* The sum of five products. */
INLINE __m256i row(const struct lanes *h, const __m256i f[LIMBS])
{
	const __m256i *x = h->limb;
	__m256i even = add(_mm256_mul_epu32(x[0], f[0]), _mm256_mul_epu32(x[2], f[2]));
	__m256i odd = add(_mm256_mul_epu32(x[1], f[1]), _mm256_mul_epu32(x[3], f[3]));
	return add(add(even, odd), _mm256_mul_epu32(x[4], f[4]));
}

/* Limbs of h are below 2^28, those of f below 2^27, times 5 below 2^30: sums stay below 2^61. */
INLINE struct lanes times(struct lanes h, const struct factors *f)
{
	struct lanes p = {{
	    row(&h, (__m256i[]){f->n0, f->five_4, f->five_3, f->five_2, f->five_1}),
	    row(&h, (__m256i[]){f->n1, f->n0, f->five_4, f->five_3, f->five_2}),
	    row(&h, (__m256i[]){f->n2, f->n1, f->n0, f->five_4, f->five_3}),
	    row(&h, (__m256i[]){f->n3, f->n2, f->n1, f->n0, f->five_4}),
	    row(&h, (__m256i[]){f->n4, f->n3, f->n2, f->n1, f->n0}),
	}};
	carry_around(&p);
	return p;
}

/* Limbs of 26 bits from limbs of 44. */
static void narrow(uint64_t out[LIMBS], struct poly1305_number n)
{
	n.limb[2] += n.limb[1] >> 44;
	n.limb[1] &= MASK_44;
	out[0] = n.limb[0] & MASK_26;
	out[1] = (n.limb[0] >> 26 | n.limb[1] << 18) & MASK_26;
	out[2] = n.limb[1] >> 8 & MASK_26;
	out[3] = (n.limb[1] >> 34 | n.limb[2] << 10) & MASK_26;
	out[4] = n.limb[2] >> 16;
}

/* And back; limbs may be as large as 2^29. */
static struct poly1305_number widen(const uint64_t in[LIMBS])
{
	struct poly1305_number n;
	n.limb[0] = in[0] + (in[1] << 26);
	n.limb[1] = (n.limb[0] >> 44) + (in[2] << 8) + (in[3] << 34);
	n.limb[2] = (n.limb[1] >> 44) + (in[4] << 16);
	n.limb[0] &= MASK_44;
	n.limb[1] &= MASK_44;
	return n;
}

/* Limb i of the powers of the four lanes' blocks. */
INLINE __m256i lane(uint64_t power[POLY1305_AT_ONCE][LIMBS], const size_t which[4], size_t i)
{
	return _mm256_set_epi64x((long long)power[which[3]][i], (long long)power[which[2]][i],
	                         (long long)power[which[1]][i], (long long)power[which[0]][i]);
}

INLINE struct factors factors(uint64_t power[POLY1305_AT_ONCE][LIMBS], const size_t which[4])
{
	__m256i n1 = lane(power, which, 1), n2 = lane(power, which, 2), n3 = lane(power, which, 3),
	        n4 = lane(power, which, 4);
	return (struct factors){lane(power, which, 0), n1,          n2,          n3,         n4,
	                        times_5(n1),           times_5(n2), times_5(n3), times_5(n4)};
}

/* The four lanes as one number. */
INLINE struct poly1305_number add_up(struct lanes h)
{
	uint64_t lane[4], limb[LIMBS];
	for (size_t i = 0; i < LIMBS; i++) {
		_mm256_storeu_si256((void *)lane, h.limb[i]);
		limb[i] = lane[0] + lane[1] + lane[2] + lane[3];
	}
	return widen(limb);
}

/* Whole groups, at least one, at the beginning of a message. */
__attribute__((target("avx2"))) static void add_groups(struct poly1305_sum *sum, ssh_bytes data)
{
	static const size_t all_4[] = {3, 3, 3, 3}, own[] = {3, 1, 2, 0}; /* power[k] is r^(k+1) */
	uint64_t power[POLY1305_AT_ONCE][LIMBS];
	poly1305_powers(sum->power, POLY1305_AT_ONCE);
	for (size_t i = 0; i < POLY1305_AT_ONCE; i++)
		narrow(power[i], sum->power[i].n);
	struct factors next = factors(power, all_4), last = factors(power, own);
	struct lanes h = load(data.ptr);
	for (size_t at = GROUP; at < data.len; at += GROUP)
		h = plus(times(h, &next), load(data.ptr + at));
	sum->n = add_up(times(h, &last));
	wire_wipe(power, sizeof power);
	wire_wipe(&next, sizeof next);
	wire_wipe(&last, sizeof last);
}

void poly1305_avx2(const uint8_t key[POLY1305_KEY], ssh_bytes data, uint8_t tag[POLY1305_TAG])
{
	struct poly1305_sum sum;
	poly1305_begin(&sum, key);
	if (data.len >= WORTHWHILE) {
		size_t groups = data.len - data.len % GROUP;
		add_groups(&sum, wire_bytes(data.ptr, groups));
		data = wire_bytes(data.ptr + groups, data.len - groups);
	}
	poly1305_add(&sum, data);
	poly1305_finish(&sum, key, tag);
}

#endif
