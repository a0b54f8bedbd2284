/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#ifdef CHACHA_AVX2

#include <immintrin.h>

/*
 * Eight blocks of ChaCha20 side by side: x[i] holds word i of each of them (RFC 8439 section 2.3
 * numbers the words). The instructions are the same whatever the data, so there is no timing to
 * watch.
 *
 * Indices into x are constants all over, else the compiler would keep it in memory.
 */
#define LANES 8
#define BATCH ((size_t)LANES * CHACHA_BLOCK)

_Static_assert(sizeof(struct chacha_head) == BATCH, "a head is made at one go");

/* Shifted as a vector of C, a register becomes one rotation where the processor has it. */
typedef uint32_t words __attribute__((vector_size(32)));

#define INLINE  __attribute__((target("avx2"), always_inline)) static inline
#define ON(set) __attribute__((target(set))) static

INLINE __m256i rotate_16(__m256i v)
{
	return _mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(_mm_set_epi8(
	                                  13, 12, 15, 14, 9, 8, 11, 10, 5, 4, 7, 6, 1, 0, 3, 2)));
}

INLINE __m256i rotate_12(__m256i v)
{
	return (__m256i)((words)v << 12 | (words)v >> 20);
}

INLINE __m256i rotate_8(__m256i v)
{
	return _mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(_mm_set_epi8(
	                                  14, 13, 12, 15, 10, 9, 8, 11, 6, 5, 4, 7, 2, 1, 0, 3)));
}

INLINE __m256i rotate_7(__m256i v)
{
	return (__m256i)((words)v << 7 | (words)v >> 25);
}

INLINE void quarter(__m256i *a, __m256i *b, __m256i *c, __m256i *d)
{
	*a = _mm256_add_epi32(*a, *b);
	*d = rotate_16(_mm256_xor_si256(*d, *a));
	*c = _mm256_add_epi32(*c, *d);
	*b = rotate_12(_mm256_xor_si256(*b, *c));
	*a = _mm256_add_epi32(*a, *b);
	*d = rotate_8(_mm256_xor_si256(*d, *a));
	*c = _mm256_add_epi32(*c, *d);
	*b = rotate_7(_mm256_xor_si256(*b, *c));
}

/* RFC 8439 section 2.3.1's inner_block, ten times. */
INLINE void rounds(__m256i *x)
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

INLINE void copy_row(__m256i *to, const __m256i *from)
{
	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
	to[3] = from[3];
}

INLINE void add_row(__m256i *to, const __m256i *from)
{
	to[0] = _mm256_add_epi32(to[0], from[0]);
	to[1] = _mm256_add_epi32(to[1], from[1]);
	to[2] = _mm256_add_epi32(to[2], from[2]);
	to[3] = _mm256_add_epi32(to[3], from[3]);
}

/* Four words of eight blocks: row[j] becomes those of block j and, in its upper half, j + 4. */
INLINE void turn(__m256i *row)
{
	__m256i a = _mm256_unpacklo_epi32(row[0], row[1]);
	__m256i b = _mm256_unpackhi_epi32(row[0], row[1]);
	__m256i c = _mm256_unpacklo_epi32(row[2], row[3]);
	__m256i d = _mm256_unpackhi_epi32(row[2], row[3]);
	row[0] = _mm256_unpacklo_epi64(a, c);
	row[1] = _mm256_unpackhi_epi64(a, c);
	row[2] = _mm256_unpacklo_epi64(b, d);
	row[3] = _mm256_unpackhi_epi64(b, d);
}

INLINE void xor_32(uint8_t *bytes, __m256i stream)
{
	__m256i *p = (void *)bytes;
	_mm256_storeu_si256(p, _mm256_xor_si256(_mm256_loadu_si256(p), stream));
}

/* Blocks j and j + 4, from column j of what turn made of the four rows. */
INLINE void xor_blocks(uint8_t *bytes, const __m256i *column)
{
	const __m256i a = column[0], b = column[4], c = column[8], d = column[12];
	xor_32(bytes, _mm256_permute2x128_si256(a, b, 0x20));
	xor_32(bytes + 32, _mm256_permute2x128_si256(c, d, 0x20));
	xor_32(bytes + 4 * CHACHA_BLOCK, _mm256_permute2x128_si256(a, b, 0x31));
	xor_32(bytes + 4 * CHACHA_BLOCK + 32, _mm256_permute2x128_si256(c, d, 0x31));
}

/* XOR the stream of the eight blocks that begin as `start` says to BATCH bytes. */
INLINE void xor_batch(uint8_t *bytes, const __m256i *start)
{
	__m256i x[16];
	copy_row(x, start);
	copy_row(x + 4, start + 4);
	copy_row(x + 8, start + 8);
	copy_row(x + 12, start + 12);
	rounds(x);
	add_row(x, start);
	add_row(x + 4, start + 4);
	add_row(x + 8, start + 8);
	add_row(x + 12, start + 12);
	turn(x);
	turn(x + 4);
	turn(x + 8);
	turn(x + 12);
	xor_blocks(bytes, x);
	xor_blocks(bytes + CHACHA_BLOCK, x + 1);
	xor_blocks(bytes + 2 * CHACHA_BLOCK, x + 2);
	xor_blocks(bytes + 3 * CHACHA_BLOCK, x + 3);
}

INLINE __m256i every_lane(const uint8_t *word)
{
	int v;
	memcpy(&v, word, sizeof v);
	return _mm256_set1_epi32(v);
}

/* The words of one block but for its counter, in every lane; the counter is 0. */
INLINE void fill_start(__m256i *start, const uint8_t *key, uint64_t nonce)
{
	static const uint8_t constants[] = "expand 32-byte k";
	for (size_t i = 0; i < 4; i++)
		start[i] = every_lane(constants + 4 * i);
	for (size_t i = 0; i < 8; i++)
		start[4 + i] = every_lane(key + 4 * i);
	start[12] = start[13] = _mm256_setzero_si256();
	start[14] = _mm256_set1_epi32((int)__builtin_bswap32((uint32_t)(nonce >> 32)));
	start[15] = _mm256_set1_epi32((int)__builtin_bswap32((uint32_t)nonce));
}

/* Counters of eight blocks in a row; the lower half may wrap between two of them. */
INLINE void set_counter(__m256i *start, uint64_t counter)
{
	uint32_t low[LANES], high[LANES];
	for (size_t i = 0; i < LANES; i++) {
		low[i] = (uint32_t)(counter + i);
		high[i] = (uint32_t)((counter + i) >> 32);
	}
	start[12] = _mm256_loadu_si256((const void *)low);
	start[13] = _mm256_loadu_si256((const void *)high);
}

INLINE void crypt_lanes(__m256i *start, uint64_t counter, size_t n, uint8_t *bytes)
{
	for (; n >= BATCH; n -= BATCH, bytes += BATCH, counter += LANES) {
		set_counter(start, counter);
		xor_batch(bytes, start);
	}
	if (n > 0) {
		uint8_t last[BATCH] = {0};
		memcpy(last, bytes, n);
		set_counter(start, counter);
		xor_batch(last, start);
		memcpy(bytes, last, n);
		wire_wipe(last, sizeof last);
	}
}

/* The first lane has K_1 for the length, the others K_2; both begin with block 0. */
INLINE void begin_lanes(struct chacha_head *head, const uint8_t *pair, uint64_t nonce)
{
	const uint8_t *length_key = pair + CHACHA_KEY;
	__m256i start[16];
	fill_start(start, pair, nonce);
	for (size_t i = 0; i < 8; i++)
		start[4 + i] = _mm256_blend_epi32(start[4 + i], every_lane(length_key + 4 * i), 1);
	start[12] = _mm256_set_epi32(6, 5, 4, 3, 2, 1, 0, 0);
	memset(head, 0, sizeof *head);
	xor_batch(head->length, start);
	wire_wipe(start, sizeof start);
}

ON("avx2") void avx2_begin(struct chacha_head *head, const uint8_t *pair, uint64_t nonce)
{
	begin_lanes(head, pair, nonce);
}

ON("avx2")
void avx2_crypt(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n, uint8_t *bytes)
{
	__m256i start[16];
	fill_start(start, key, nonce);
	crypt_lanes(start, counter, n, bytes);
	wire_wipe(start, sizeof start);
}

static bool avx2_usable(void)
{
	return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2,avx512vl"))) void chacha_vl_begin(struct chacha_head *head,
                                                              const uint8_t *pair, uint64_t nonce)
{
	begin_lanes(head, pair, nonce);
}

__attribute__((target("avx2,avx512vl"))) void
chacha_vl_crypt(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n, uint8_t *bytes)
{
	__m256i start[16];
	fill_start(start, key, nonce);
	crypt_lanes(start, counter, n, bytes);
	wire_wipe(start, sizeof start);
}

static bool vl_usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512vl");
}

const struct chacha_impl chacha_avx512vl = {
    .name = "avx512vl",
    .usable = vl_usable,
    .ahead = CHACHA_AHEAD_MAX,
    .begin = chacha_vl_begin,
    .crypt = chacha_vl_crypt,
    .tag = poly1305_avx2,
};

const struct chacha_impl chacha_avx2 = {
    .name = "avx2",
    .usable = avx2_usable,
    .ahead = CHACHA_AHEAD_MAX,
    .begin = avx2_begin,
    .crypt = avx2_crypt,
    .tag = poly1305_avx2,
};

#endif
