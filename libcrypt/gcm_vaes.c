/* SPDX-License-Identifier: MIT */
#include "libcrypt/gcm_x86_impl.h"

#ifdef GCM_X86

#include <cpuid.h>

/* gcm_aesni with four blocks in a register, and sixteen side by side. */
#define REGISTERS 4
#define WIDE      ((size_t)GCM_AT_ONCE * AES_BLOCK_SIZE)
#define STEP      sizeof(__m512i)

#define SET       GCM_X86_ON ",avx512f,avx512bw,vaes,vpclmulqdq"
#define INLINE    __attribute__((target(SET), always_inline)) static inline

INLINE __m512i load(const void *p)
{
	return _mm512_loadu_si512(p);
}

INLINE __m512i turned(__m512i v)
{
	const __m128i last_first = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	return _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(last_first));
}

INLINE __m512i round_key(const struct gcm_x86 *x, size_t r)
{
	return _mm512_broadcast_i32x4(gcm_load(x->round_key[r]));
}

/* The first of four counters is one past the last one used. */
INLINE __m512i crypt_wide(const struct gcm_x86 *x, __m512i counter, uint8_t *p)
{
	__m512i v[REGISTERS], key = round_key(x, 0);
#pragma GCC unroll 4
	for (size_t i = 0; i < REGISTERS; i++) {
		v[i] = _mm512_xor_si512(turned(counter), key);
		counter = _mm512_add_epi32(
		    counter, _mm512_broadcast_i32x4(_mm_set_epi32(0, 0, 0, REGISTERS)));
	}
	for (size_t r = 1; r < x->rounds; r++) {
		key = round_key(x, r);
#pragma GCC unroll 4
		for (size_t i = 0; i < REGISTERS; i++)
			v[i] = _mm512_aesenc_epi128(v[i], key);
	}
	key = round_key(x, x->rounds);
#pragma GCC unroll 4
	for (size_t i = 0; i < REGISTERS; i++) {
		v[i] = _mm512_aesenclast_epi128(v[i], key);
		_mm512_storeu_si512(p + i * STEP, _mm512_xor_si512(v[i], load(p + i * STEP)));
	}
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
		__m512i block = _mm512_xor_si512(turned(load(p + i * STEP)), carried);
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

/*
 * GCC knows the two by name, as libgcc found out once. Others are asked by an instruction that costs
 * microseconds in a virtual machine, for every key.
 */
static bool has_wide_aes(void)
{
#if defined(__clang__) || __GNUC__ < 11
	unsigned a, b, c = 0, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & bit_VAES) != 0 &&
	       (c & bit_VPCLMULQDQ) != 0;
#else
	return __builtin_cpu_supports("vaes") && __builtin_cpu_supports("vpclmulqdq");
#endif
}

static bool usable(void)
{
	return gcm_aesni.usable() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && has_wide_aes();
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
