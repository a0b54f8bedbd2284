/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_GCM_X86_IMPL_H
#define NACRE_LIBCRYPT_GCM_X86_IMPL_H

#include "libcrypt/gcm_impl.h"

#ifdef AES_X86

/*
 * What gcm_aesni and gcm_vaes have in common.
 *
 * GHASH numbers the bits of a block from the left. Turned around, bytes last to first, blocks are
 * polynomials as the processor sees them, and GHASH is POLYVAL of them under a hash key that was
 * multiplied by x once (RFC 8452 appendix A): modulo x^128 + x^127 + x^126 + x^121 + 1, with
 * x^-128 in every product, which the reduction gives for nothing.
 */
#define GCM_X86_ON AES_X86_ON ",pclmul"
#define GCM_INLINE __attribute__((target(GCM_X86_ON), always_inline)) static inline

/* A sum of products, 256 bits: the middle overlaps half of either other. */
struct gcm_product {
	__m128i low, middle, high;
};

GCM_INLINE void gcm_add_product(struct gcm_product *p, __m128i a, __m128i b)
{
	p->low = _mm_xor_si128(p->low, _mm_clmulepi64_si128(a, b, 0x00));
	p->high = _mm_xor_si128(p->high, _mm_clmulepi64_si128(a, b, 0x11));
	p->middle = _mm_xor_si128(p->middle, _mm_clmulepi64_si128(a, b, 0x01));
	p->middle = _mm_xor_si128(p->middle, _mm_clmulepi64_si128(a, b, 0x10));
}

/* Divided by x^64: what stands in the lower half is cancelled by a multiple of the modulus. */
GCM_INLINE __m128i gcm_folded(__m128i v)
{
	__m128i modulus = _mm_set_epi64x((long long)0xc200000000000000, 1);
	return _mm_xor_si128(_mm_shuffle_epi32(v, 0x4e), _mm_clmulepi64_si128(v, modulus, 0x10));
}

GCM_INLINE __m128i gcm_reduced(const struct gcm_product *p)
{
	__m128i low = _mm_xor_si128(p->low, _mm_slli_si128(p->middle, 8));
	__m128i high = _mm_xor_si128(p->high, _mm_srli_si128(p->middle, 8));
	return _mm_xor_si128(high, gcm_folded(gcm_folded(low)));
}

GCM_INLINE __m128i gcm_times(__m128i a, __m128i b)
{
	struct gcm_product p = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
	gcm_add_product(&p, a, b);
	return gcm_reduced(&p);
}

void gcm_x86_set_key(struct gcm_state *g, const uint8_t *key, size_t key_size);

/* How far a packet's work is. */
struct gcm_x86_run {
	const struct gcm_x86 *x;
	const struct gcm_work *w;
	__m128i counter; /* turned, so that adding is adding; of the block worked on last */
	__m128i sum;     /* turned */
	__m128i mask;    /* what hides the sum in the tag */
	size_t at;       /* bytes of the body that are done */
};

/* The head and the beginning of the body. */
void gcm_x86_begin(struct gcm_x86_run *run, const struct gcm_state *g, const struct gcm_work *w);
/* The rest of the body, and the tag. */
void gcm_x86_end(struct gcm_x86_run *run);

#endif
#endif
