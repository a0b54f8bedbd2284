/* SPDX-License-Identifier: MIT */
#include "libcrypt/ctr_impl.h"

#include "libwire/buf.h"

#ifdef AES_X86

#define ON   __attribute__((target(AES_X86_ON)))
#define WIDE __attribute__((target(AES_X86_ON "," AES_X86_WIDE)))

_Static_assert(CTR_X86_BATCH % AES_X86_BATCH == 0, "a batch is some of aes_x86_xor_batch's");
_Static_assert(CTR_X86_BATCH == AES_X86_WIDE_BATCH, "a batch is one of aes_x86_xor_wide's");

/* XOR the stream to `n` bytes, whole batches. */
typedef void batches_fn(struct ctr_x86 *x, size_t n, uint8_t *bytes);

static void set_key(struct ctr_state *c, const uint8_t *key, size_t key_size,
                    const uint8_t *counter)
{
	struct ctr_x86 *x = &c->x86;
	aes_x86_set_key(&x->aes, key, key_size);
	x->high = (uint64_t)wire_load_u32(counter) << 32 | wire_load_u32(counter + 4);
	x->low = (uint64_t)wire_load_u32(counter + 8) << 32 | wire_load_u32(counter + 12);
	x->left = 0;
}

/* No more than is left. */
ON static void use_stream(struct ctr_x86 *x, size_t n, uint8_t *bytes)
{
	const uint8_t *stream = x->stream + CTR_X86_BATCH - x->left;
	x->left -= n;
	for (size_t i = 0; i < n; i += AES_X86_BLOCK)
		x86_store(bytes + i, _mm_xor_si128(x86_load(bytes + i), x86_load(stream + i)));
}

static void crypt_blocks(struct ctr_x86 *x, size_t n, uint8_t *bytes, batches_fn *batches)
{
	size_t before = n < x->left ? n : x->left;
	use_stream(x, before, bytes);
	size_t whole = (n - before) / CTR_X86_BATCH * CTR_X86_BATCH;
	batches(x, whole, bytes + before);
	size_t done = before + whole;
	if (n == done)
		return;
	memset(x->stream, 0, sizeof x->stream);
	batches(x, sizeof x->stream, x->stream);
	x->left = sizeof x->stream;
	use_stream(x, n - done, bytes + done);
}

/* --- Eight blocks at a time --- */

ON static void aesni_batches(struct ctr_x86 *x, size_t n, uint8_t *bytes)
{
	uint64_t high = x->high, low = x->low;
	for (const uint8_t *end = bytes + n; bytes < end; bytes += AES_X86_BATCH) {
		__m128i v[AES_X86_AT_ONCE];
#pragma GCC unroll 8
		for (int i = 0; i < AES_X86_AT_ONCE; i++) {
			v[i] = x86_turned(_mm_set_epi64x((long long)high, (long long)low));
			high += ++low == 0;
		}
		aes_x86_xor_batch(&x->aes, v, bytes);
	}
	x->high = high;
	x->low = low;
}

static void aesni_crypt(struct ctr_state *c, size_t n, uint8_t *bytes)
{
	crypt_blocks(&c->x86, n, bytes, aesni_batches);
}

const struct ctr_impl ctr_aesni = {
    .name = "aesni",
    .usable = aes_x86_usable,
    .set_key = set_key,
    .crypt = aesni_crypt,
};

/* --- Sixteen, four in a register --- */

/* The four that begin `by` blocks later: what overflows the low half of one is added to the high one. */
AES_X86_WIDE_INLINE __m512i later(__m512i counter, __m512i by)
{
	__m512i sum = _mm512_add_epi64(counter, by);
	__mmask8 over = _mm512_cmplt_epu64_mask(sum, counter);
	return _mm512_mask_add_epi64(sum, (__mmask8)(over << 1), sum, _mm512_set1_epi64(1));
}

WIDE static void vaes_batches(struct ctr_x86 *x, size_t n, uint8_t *bytes)
{
	const __m512i four = _mm512_set_epi64(0, 4, 0, 4, 0, 4, 0, 4);
	__m512i counter =
	    _mm512_broadcast_i32x4(_mm_set_epi64x((long long)x->high, (long long)x->low));
	counter = later(counter, _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0));
	for (const uint8_t *end = bytes + n; bytes < end; bytes += AES_X86_WIDE_BATCH) {
		__m512i v[AES_X86_WIDE_REGISTERS];
#pragma GCC unroll 4
		for (int i = 0; i < AES_X86_WIDE_REGISTERS; i++) {
			v[i] = x86_wide_turned(counter);
			counter = later(counter, four);
		}
		aes_x86_xor_wide(&x->aes, v, bytes);
	}
	uint64_t blocks = n / AES_X86_BLOCK;
	x->low += blocks;
	x->high += x->low < blocks;
}

static void vaes_crypt(struct ctr_state *c, size_t n, uint8_t *bytes)
{
	crypt_blocks(&c->x86, n, bytes, vaes_batches);
}

const struct ctr_impl ctr_vaes = {
    .name = "vaes",
    .usable = aes_x86_wide_usable,
    .set_key = set_key,
    .crypt = vaes_crypt,
};

#endif
