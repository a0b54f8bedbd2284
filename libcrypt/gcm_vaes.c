/* SPDX-License-Identifier: MIT */
#include "libcrypt/gcm_x86_impl.h"

#ifdef AES_X86

/* gcm_aesni with four blocks in a register, and sixteen side by side. */
#define REGISTERS AES_X86_WIDE_REGISTERS
#define WIDE      AES_X86_WIDE_BATCH
#define STEP      sizeof(__m512i)

#define SET       GCM_X86_ON "," AES_X86_WIDE
#define INLINE    __attribute__((target(SET), always_inline)) static inline

INLINE __m512i load(const void *p)
{
	return _mm512_loadu_si512(p);
}

/* The first of four counters is one past the last one used. */
INLINE __m512i crypt_wide(const struct gcm_x86 *x, __m512i counter, uint8_t *p)
{
	__m512i v[REGISTERS];
#pragma GCC unroll 4
	for (size_t i = 0; i < REGISTERS; i++) {
		v[i] = x86_wide_turned(counter);
		counter = _mm512_add_epi32(
		    counter, _mm512_broadcast_i32x4(_mm_set_epi32(0, 0, 0, REGISTERS)));
	}
	aes_x86_xor_wide(&x->aes, v, p);
	return counter;
}

INLINE __m128i sum_of_four(__m512i v)
{
	__m128i ab = _mm_xor_si128(_mm512_castsi512_si128(v), _mm512_extracti32x4_epi32(v, 1));
	__m128i cd =
	    _mm_xor_si128(_mm512_extracti32x4_epi32(v, 2), _mm512_extracti32x4_epi32(v, 3));
	return _mm_xor_si128(ab, cd);
}

INLINE __m128i hash_wide(const struct gcm_x86 *x, __m128i sum, const uint8_t *p)
{
	__m512i low = _mm512_setzero_si512(), middle = low, high = low;
	__m512i carried = _mm512_zextsi128_si512(sum);
#pragma GCC unroll 4
	for (size_t i = 0; i < REGISTERS; i++) {
		__m512i power = load(x->power[i * REGISTERS]);
		__m512i block = _mm512_xor_si512(x86_wide_turned(load(p + i * STEP)), carried);
		carried = _mm512_setzero_si512();
		low = _mm512_xor_si512(low, _mm512_clmulepi64_epi128(block, power, 0x00));
		high = _mm512_xor_si512(high, _mm512_clmulepi64_epi128(block, power, 0x11));
		middle = _mm512_xor_si512(middle, _mm512_clmulepi64_epi128(block, power, 0x01));
		middle = _mm512_xor_si512(middle, _mm512_clmulepi64_epi128(block, power, 0x10));
	}
	struct gcm_product all = {sum_of_four(low), sum_of_four(middle), sum_of_four(high)};
	return gcm_reduced(&all);
}

__attribute__((target(SET))) static void crypt_most(struct gcm_x86_run *run)
{
	const struct gcm_work *w = run->w;
	const __m512i first = _mm512_set_epi32(0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1);
	__m512i counter = _mm512_add_epi32(_mm512_broadcast_i32x4(run->counter), first);
	__m128i sum = run->sum;
	for (; w->len - run->at >= WIDE; run->at += WIDE) {
		uint8_t *p = w->body + run->at;
		if (!w->seal)
			sum = hash_wide(run->x, sum, p);
		counter = crypt_wide(run->x, counter, p);
		if (w->seal)
			sum = hash_wide(run->x, sum, p);
	}
	run->counter = _mm512_castsi512_si128(_mm512_sub_epi32(counter, first));
	run->sum = sum;
}

static bool usable(void)
{
	return gcm_aesni.usable() && aes_x86_wide_usable();
}

static void crypt_packet(struct gcm_state *g, const struct gcm_work *w)
{
	struct gcm_x86_run run;
	gcm_x86_begin(&run, g, w);
	if (w->len - run.at >= WIDE)
		crypt_most(&run);
	gcm_x86_end(&run);
}

const struct gcm_impl gcm_vaes = {
    .name = "vaes",
    .usable = usable,
    .set_key = gcm_x86_set_key,
    .crypt = crypt_packet,
};

#endif
