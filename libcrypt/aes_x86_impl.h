/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_AES_X86_IMPL_H
#define NACRE_LIBCRYPT_AES_X86_IMPL_H

#include "libwire/bytes.h"

/*
 * AES with the processor's own instructions, where compiler and processor have them: what counter
 * mode and GCM have in common. `make SIMD=0` (which defines NACRE_NO_SIMD) leaves it out.
 */
#if !defined(NACRE_NO_SIMD) && defined(__x86_64__) && defined(__GNUC__)
#define AES_X86 1
#endif

#define AES_X86_BLOCK      16
#define AES_X86_ROUNDS_MAX 14

/* An expanded key. */
struct aes_x86 {
	uint8_t round_key[AES_X86_ROUNDS_MAX + 1][AES_X86_BLOCK];
	size_t rounds;
};

#ifdef AES_X86

#include <immintrin.h>

#define AES_X86_ON     "avx,aes"
#define AES_X86_INLINE __attribute__((target(AES_X86_ON), always_inline)) static inline

/* Four blocks in a register. */
#define AES_X86_WIDE   "avx512f,avx512bw,vaes,vpclmulqdq"

/* By this processor: AES_X86_ON, and AES_X86_WIDE with it. */
bool aes_x86_usable(void);
bool aes_x86_wide_usable(void);

/* `key_size` is 16, 24 or 32. To be called where usable. */
void aes_x86_set_key(struct aes_x86 *x, const uint8_t *key, size_t key_size);

AES_X86_INLINE __m128i x86_load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

AES_X86_INLINE void x86_store(uint8_t *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)(void *)p, v);
}

/* The last byte first: what is big-endian as the processor sees numbers, and back. */
AES_X86_INLINE __m128i x86_turned(__m128i v)
{
	const __m128i last_first = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	return _mm_shuffle_epi8(v, last_first);
}

/*
 * Encrypt eight blocks side by side, as many as an AES unit has under way at a time, and XOR them to
 * as many bytes.
 */
#define AES_X86_AT_ONCE 8
#define AES_X86_BATCH   ((size_t)AES_X86_AT_ONCE * AES_X86_BLOCK)

AES_X86_INLINE void aes_x86_xor_batch(const struct aes_x86 *x, __m128i v[AES_X86_AT_ONCE],
                                      uint8_t *bytes)
{
	__m128i key = x86_load(x->round_key[0]);
#pragma GCC unroll 8
	for (int i = 0; i < AES_X86_AT_ONCE; i++)
		v[i] = _mm_xor_si128(v[i], key);
	for (size_t r = 1; r < x->rounds; r++) {
		key = x86_load(x->round_key[r]);
#pragma GCC unroll 8
		for (int i = 0; i < AES_X86_AT_ONCE; i++)
			v[i] = _mm_aesenc_si128(v[i], key);
	}
	key = x86_load(x->round_key[x->rounds]);
#pragma GCC unroll 8
	for (int i = 0; i < AES_X86_AT_ONCE; i++) {
		uint8_t *at = bytes + i * AES_X86_BLOCK;
		v[i] = _mm_aesenclast_si128(v[i], key);
		x86_store(at, _mm_xor_si128(v[i], x86_load(at)));
	}
}

/* The same with sixteen blocks in four registers. */
#define AES_X86_WIDE_REGISTERS 4
#define AES_X86_WIDE_BATCH     (AES_X86_WIDE_REGISTERS * sizeof(__m512i))
#define AES_X86_WIDE_INLINE                                                                        \
	__attribute__((target(AES_X86_ON "," AES_X86_WIDE), always_inline)) static inline

AES_X86_WIDE_INLINE __m512i x86_wide_turned(__m512i v)
{
	const __m128i last_first = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
	return _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(last_first));
}

AES_X86_WIDE_INLINE void aes_x86_xor_wide(const struct aes_x86 *x,
                                          __m512i v[AES_X86_WIDE_REGISTERS], uint8_t *bytes)
{
	__m512i key = _mm512_broadcast_i32x4(x86_load(x->round_key[0]));
#pragma GCC unroll 4
	for (int i = 0; i < AES_X86_WIDE_REGISTERS; i++)
		v[i] = _mm512_xor_si512(v[i], key);
	for (size_t r = 1; r < x->rounds; r++) {
		key = _mm512_broadcast_i32x4(x86_load(x->round_key[r]));
#pragma GCC unroll 4
		for (int i = 0; i < AES_X86_WIDE_REGISTERS; i++)
			v[i] = _mm512_aesenc_epi128(v[i], key);
	}
	key = _mm512_broadcast_i32x4(x86_load(x->round_key[x->rounds]));
#pragma GCC unroll 4
	for (int i = 0; i < AES_X86_WIDE_REGISTERS; i++) {
		uint8_t *at = bytes + (size_t)i * sizeof v[i];
		v[i] = _mm512_aesenclast_epi128(v[i], key);
		_mm512_storeu_si512(at, _mm512_xor_si512(v[i], _mm512_loadu_si512(at)));
	}
}

#endif
#endif
