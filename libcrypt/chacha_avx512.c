/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#ifdef CHACHA_AVX2

#include <immintrin.h>

/*
 * Sixteen blocks of ChaCha20 side by side, as chacha_avx2.c has eight: x[i] holds word i of each of
 * them. For what is less chacha_avx512vl is faster.
 */
#define LANES  16
#define BATCH  ((size_t)LANES * CHACHA_BLOCK)

#define SET    "avx512f"
#define INLINE __attribute__((target(SET), always_inline)) static inline

INLINE void quarter(__m512i *a, __m512i *b, __m512i *c, __m512i *d)
{
	*a = _mm512_add_epi32(*a, *b);
	*d = _mm512_rol_epi32(_mm512_xor_si512(*d, *a), 16);
	*c = _mm512_add_epi32(*c, *d);
	*b = _mm512_rol_epi32(_mm512_xor_si512(*b, *c), 12);
	*a = _mm512_add_epi32(*a, *b);
	*d = _mm512_rol_epi32(_mm512_xor_si512(*d, *a), 8);
	*c = _mm512_add_epi32(*c, *d);
	*b = _mm512_rol_epi32(_mm512_xor_si512(*b, *c), 7);
}

/* RFC 8439 section 2.3.1's inner_block, ten times. */
INLINE void rounds(__m512i *x)
{
	for (int i = 0; i < 10; i++) {
		quarter(&x[0], &x[4], &x[8], &x[12]);
		quarter(&x[1], &x[5], &x[9], &x[13]);
		quarter(&x[2], &x[6], &x[10], &x[14]);
		quarter(&x[3], &x[7], &x[11], &x[15]);
		quarter(&x[0], &x[5], &x[10], &x[15]);
		quarter(&x[1], &x[6], &x[11], &x[12]);
		quarter(&x[2], &x[7], &x[8], &x[13]);
		quarter(&x[3], &x[4], &x[9], &x[14]);
	}
}

/* Four words of sixteen blocks: row[j] becomes those of blocks j, j + 4, j + 8 and j + 12. */
INLINE void turn(__m512i *row)
{
	__m512i a = _mm512_unpacklo_epi32(row[0], row[1]);
	__m512i b = _mm512_unpackhi_epi32(row[0], row[1]);
	__m512i c = _mm512_unpacklo_epi32(row[2], row[3]);
	__m512i d = _mm512_unpackhi_epi32(row[2], row[3]);
	row[0] = _mm512_unpacklo_epi64(a, c);
	row[1] = _mm512_unpackhi_epi64(a, c);
	row[2] = _mm512_unpacklo_epi64(b, d);
	row[3] = _mm512_unpackhi_epi64(b, d);
}

INLINE void xor_block(uint8_t *bytes, __m512i stream)
{
	_mm512_storeu_si512(bytes, _mm512_xor_si512(_mm512_loadu_si512(bytes), stream));
}

/* Blocks j, j + 4, j + 8 and j + 12, from column j of what turn made of the four rows. */
INLINE void xor_blocks(uint8_t *bytes, const __m512i *column)
{
	__m512i a = _mm512_shuffle_i32x4(column[0], column[4], 0x44);
	__m512i b = _mm512_shuffle_i32x4(column[8], column[12], 0x44);
	__m512i c = _mm512_shuffle_i32x4(column[0], column[4], 0xee);
	__m512i d = _mm512_shuffle_i32x4(column[8], column[12], 0xee);
	xor_block(bytes, _mm512_shuffle_i32x4(a, b, 0x88));
	xor_block(bytes + 4 * CHACHA_BLOCK, _mm512_shuffle_i32x4(a, b, 0xdd));
	xor_block(bytes + 8 * CHACHA_BLOCK, _mm512_shuffle_i32x4(c, d, 0x88));
	xor_block(bytes + 12 * CHACHA_BLOCK, _mm512_shuffle_i32x4(c, d, 0xdd));
}

/* XOR the stream of the blocks that begin as `start` says to BATCH bytes. */
INLINE void xor_batch(uint8_t *bytes, const __m512i start[16])
{
	__m512i x[16];
#pragma GCC unroll 16
	for (int i = 0; i < 16; i++)
		x[i] = start[i];
	rounds(x);
#pragma GCC unroll 16
	for (int i = 0; i < 16; i++)
		x[i] = _mm512_add_epi32(x[i], start[i]);
	turn(x);
	turn(x + 4);
	turn(x + 8);
	turn(x + 12);
	xor_blocks(bytes, x);
	xor_blocks(bytes + CHACHA_BLOCK, x + 1);
	xor_blocks(bytes + 2 * CHACHA_BLOCK, x + 2);
	xor_blocks(bytes + 3 * CHACHA_BLOCK, x + 3);
}

/* The words of one block but for its counter, in every lane. */
INLINE void fill_start(__m512i start[16], const uint8_t *key, uint64_t nonce)
{
	static const uint8_t constants[] = "expand 32-byte k";
	int word[12];
	memcpy(word, constants, 16);
	memcpy(word + 4, key, CHACHA_KEY);
	for (size_t i = 0; i < 12; i++)
		start[i] = _mm512_set1_epi32(word[i]);
	start[14] = _mm512_set1_epi32((int)__builtin_bswap32((uint32_t)(nonce >> 32)));
	start[15] = _mm512_set1_epi32((int)__builtin_bswap32((uint32_t)nonce));
	wire_wipe(word, sizeof word);
}

/* Counters of sixteen blocks in a row; the lower half may wrap between two of them. */
INLINE void set_counter(__m512i start[16], uint64_t counter)
{
	uint32_t low[LANES], high[LANES];
	for (size_t i = 0; i < LANES; i++) {
		low[i] = (uint32_t)(counter + i);
		high[i] = (uint32_t)((counter + i) >> 32);
	}
	start[12] = _mm512_loadu_si512(low);
	start[13] = _mm512_loadu_si512(high);
}

__attribute__((target(SET))) static void crypt_batches(const uint8_t *key, uint64_t nonce,
                                                       uint64_t counter, size_t n, uint8_t *bytes)
{
	__m512i start[16];
	fill_start(start, key, nonce);
	for (; n > 0; n -= BATCH, bytes += BATCH, counter += LANES) {
		set_counter(start, counter);
		xor_batch(bytes, start);
	}
	wire_wipe(start, sizeof start);
}

static void crypt_blocks(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n,
                         uint8_t *bytes)
{
	size_t whole = n - n % BATCH;
	if (whole > 0)
		crypt_batches(key, nonce, counter, whole, bytes);
	if (n > whole)
		chacha_vl_crypt(key, nonce, counter + whole / CHACHA_BLOCK, n - whole,
		                bytes + whole);
}

static bool usable(void)
{
	return chacha_avx512vl.usable() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512ifma");
}

const struct chacha_impl chacha_avx512 = {
    .name = "avx512",
    .usable = usable,
    .ahead = CHACHA_AHEAD_MAX,
    .begin = chacha_vl_begin,
    .crypt = crypt_blocks,
    .tag = poly1305_ifma,
};

#endif
