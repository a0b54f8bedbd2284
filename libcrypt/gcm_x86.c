/* SPDX-License-Identifier: MIT */
#include "libcrypt/gcm_x86_impl.h"

#include "libwire/buf.h"

#ifdef AES_X86

#define ON    __attribute__((target(GCM_X86_ON)))
#define BLOCK AES_BLOCK_SIZE

/* --- Keys --- */

/* RFC 8452's mulX_POLYVAL. */
ON static __m128i times_x(__m128i v)
{
	__m128i modulus = _mm_set_epi64x((long long)0xc200000000000000, 1);
	__m128i carry = _mm_srli_epi64(v, 63);
	__m128i out = _mm_shuffle_epi32(_mm_sub_epi64(_mm_setzero_si128(), carry), 0xee);
	v = _mm_or_si128(_mm_add_epi64(v, v), _mm_slli_si128(carry, 8));
	return _mm_xor_si128(v, _mm_and_si128(modulus, out));
}

ON static __m128i encrypt_zero(const struct aes_x86 *x)
{
	__m128i v = x86_load(x->round_key[0]);
	for (size_t r = 1; r < x->rounds; r++)
		v = _mm_aesenc_si128(v, x86_load(x->round_key[r]));
	return _mm_aesenclast_si128(v, x86_load(x->round_key[x->rounds]));
}

ON void gcm_x86_set_key(struct gcm_state *g, const uint8_t *key, size_t key_size)
{
	struct gcm_x86 *x = &g->x86;
	aes_x86_set_key(&x->aes, key, key_size);
	__m128i h = times_x(x86_turned(encrypt_zero(&x->aes)));
	__m128i power = h;
	for (size_t i = GCM_AT_ONCE; i-- > 0;) {
		x86_store(x->power[i], power);
		power = gcm_times(power, h);
	}
}

/* --- Packets --- */

/* The hash of eight blocks does not wait for the next eight, nor these for it: both go on at once. */
#define AT_ONCE AES_X86_AT_ONCE
#define BATCH   AES_X86_BATCH

GCM_INLINE void crypt_batch(struct gcm_x86_run *run, uint8_t *p)
{
	__m128i v[AT_ONCE];
#pragma GCC unroll 8
	for (int i = 0; i < AT_ONCE; i++) {
		run->counter = _mm_add_epi32(run->counter, _mm_set_epi32(0, 0, 0, 1));
		v[i] = x86_turned(run->counter);
	}
	aes_x86_xor_batch(&run->x->aes, v, p);
}

/* Each of `n` blocks times its power, and one reduction of the sum. */
GCM_INLINE void hash_blocks(struct gcm_x86_run *run, const uint8_t *p, size_t n)
{
	const uint8_t(*power)[BLOCK] = run->x->power + GCM_AT_ONCE - n;
	__m128i zero = _mm_setzero_si128(), sum = run->sum;
	struct gcm_product all = {zero, zero, zero};
#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++) {
		__m128i block = x86_turned(x86_load(p + i * BLOCK));
		gcm_add_product(&all, _mm_xor_si128(block, sum), x86_load(power[i]));
		sum = zero;
	}
	run->sum = gcm_reduced(&all);
}

/*
 * Less than a batch, at the beginning or the end of a packet: in a batch of its own, behind `skip`
 * bytes of zeros, which become keystream. What is hashed is left in `hashed`, after the same bytes.
 */
ON static void crypt_edge(struct gcm_x86_run *run, size_t n, size_t skip, uint8_t *hashed)
{
	uint8_t batch[BATCH] = {0};
	uint8_t *p = run->w->body + run->at;
	memcpy(batch + skip, p, n);
	if (!run->w->seal)
		memcpy(hashed + skip, p, n);
	crypt_batch(run, batch);
	memcpy(p, batch + skip, n);
	if (run->w->seal)
		memcpy(hashed + skip, p, n);
	if (skip != 0)
		run->mask = x86_load(batch);
	run->at += n;
	wire_wipe(batch, sizeof batch);
}

/* A short packet is one batch, from the block that hides the tag to the end. */
ON void gcm_x86_begin(struct gcm_x86_run *run, const struct gcm_state *g, const struct gcm_work *w)
{
	uint8_t hashed[BATCH] = {0};
	uint8_t block[BLOCK] = {0};
	size_t n = w->len < BATCH - BLOCK ? w->len : BATCH - BLOCK;
	memcpy(block, g->iv, sizeof g->iv);
	*run = (struct gcm_x86_run){.x = &g->x86, .w = w};
	run->counter = x86_turned(x86_load(block));
	run->sum = _mm_setzero_si128();
	crypt_edge(run, n, BLOCK, hashed);
	memcpy(hashed, w->head.ptr, w->head.len);
	hash_blocks(run, hashed, 1 + (n + BLOCK - 1) / BLOCK);
}

ON void gcm_x86_end(struct gcm_x86_run *run)
{
	const struct gcm_work *w = run->w;
	uint8_t hashed[BATCH + BLOCK] = {0};
	for (; w->len - run->at >= BATCH; run->at += BATCH) {
		uint8_t *p = w->body + run->at;
		if (!w->seal)
			hash_blocks(run, p, AT_ONCE);
		crypt_batch(run, p);
		if (w->seal)
			hash_blocks(run, p, AT_ONCE);
	}
	size_t n = w->len - run->at, blocks = (n + BLOCK - 1) / BLOCK;
	if (n > 0)
		crypt_edge(run, n, 0, hashed);
	/* SP 800-38D section 7.1: both lengths, in bits, close the hash. */
	uint64_t head_bits = 8 * (uint64_t)w->head.len, bits = 8 * (uint64_t)w->len;
	x86_store(hashed + blocks * BLOCK,
	          x86_turned(_mm_set_epi64x((long long)head_bits, (long long)bits)));
	hash_blocks(run, hashed, blocks + 1);
	x86_store(w->tag, _mm_xor_si128(x86_turned(run->sum), run->mask));
}

/* --- As it is --- */

static bool usable(void)
{
	return aes_x86_usable() && __builtin_cpu_supports("pclmul");
}

ON static void crypt_packet(struct gcm_state *g, const struct gcm_work *w)
{
	struct gcm_x86_run run;
	gcm_x86_begin(&run, g, w);
	gcm_x86_end(&run);
}

const struct gcm_impl gcm_aesni = {
    .name = "aesni",
    .usable = usable,
    .set_key = gcm_x86_set_key,
    .crypt = crypt_packet,
};

#endif
