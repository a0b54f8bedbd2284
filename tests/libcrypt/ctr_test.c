/* SPDX-License-Identifier: MIT */
#include "libcrypt/ctr_impl.h"

#include "libcrypt/rng.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

#define BLOCK     ((size_t)AES_BLOCK_SIZE)
#define GUARD     64 /* bytes before and behind, which must stay as they are */
#define SHORT_MAX 70 /* blocks */
#define LONG      ((size_t)6251 * BLOCK)
#define ROOM      (LONG + 3 * GUARD)

/* Everything that is compiled here and can run here. */
static void impls_each(void (*f)(const struct ctr_impl *impl))
{
	for (size_t i = 0; ctr_impls[i] != NULL; i++) {
		if (ctr_impls[i]->usable())
			f(ctr_impls[i]);
	}
}

static struct crypt_drbg drbg;

static size_t random_below(size_t n)
{
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	uint8_t b[4];
	cr_assert_eq(crypt_rng_fill(&rng, b, sizeof b), SSH_OK);
	return wire_load_u32(b) % n;
}

static void key_with(struct ctr_state *c, const struct ctr_impl *impl, size_t key_size,
                     const uint8_t *counter)
{
	uint8_t key[32];
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i * 11 + key_size);
	memset(c, 0xa5, sizeof *c);
	c->impl = impl;
	impl->set_key(c, key, key_size, counter);
}

/* Columns: source, name, key, first counter block, plaintext, ciphertext. */
static const char *const *row;

static void check_row_with(const struct ctr_impl *impl)
{
	struct wire_buf b[4] = {{0}};
	struct ctr_state c;
	for (size_t i = 0; i < 4; i++)
		unhex(&b[i], row[2 + i]);
	impl->set_key(&c, wire_buf_view(&b[0]).ptr, wire_buf_len(&b[0]), wire_buf_view(&b[1]).ptr);
	impl->crypt(&c, wire_buf_len(&b[2]), b[2].mem + b[2].start);
	cr_assert(wire_bytes_equal(wire_buf_view(&b[2]), wire_buf_view(&b[3])), "%s: %s",
	          impl->name, row[0]);
	for (size_t i = 0; i < 4; i++)
		wire_buf_wipe(&b[i]);
}

static void check_row(const char *const *column)
{
	row = column;
	impls_each(check_row_with);
}

Test(ctr, vectors)
{
	rows_each("aes-ctr.txt", 6, check_row);
}

/* `n` bytes at offset `at`, in random pieces: as Nettle does it at one go, and nothing else is touched. */
static void check_pieces(const struct ctr_impl *impl, size_t at, size_t n, const uint8_t *counter)
{
	static uint8_t bytes[2][ROOM];
	static const size_t key_sizes[] = {16, 24, 32};
	size_t all = n + 3 * GUARD, key_size = key_sizes[n / BLOCK % 3];
	struct ctr_state c[2];
	for (size_t i = 0; i < all; i++)
		bytes[0][i] = bytes[1][i] = (uint8_t)(i * 31 + n);
	key_with(&c[0], impl, key_size, counter);
	key_with(&c[1], &ctr_nettle, key_size, counter);
	ctr_nettle.crypt(&c[1], n, bytes[1] + GUARD + at);
	size_t most = 1 + random_below(40);
	for (size_t done = 0; done < n;) {
		size_t piece = random_below(most + 1) * BLOCK;
		piece = piece < n - done ? piece : n - done;
		impl->crypt(&c[0], piece, bytes[0] + GUARD + at + done);
		done += piece;
	}
	cr_assert_eq(memcmp(bytes[0], bytes[1], all), 0, "%s: %zu bytes at %zu, pieces to %zu",
	             impl->name, n, at, most);
}

static void check_lengths(const struct ctr_impl *impl)
{
	uint8_t counter[AES_BLOCK_SIZE] = {7};
	for (size_t n = 0; n <= SHORT_MAX; n++)
		check_pieces(impl, n * 7 % GUARD, n * BLOCK, counter);
	for (size_t at = 0; at < GUARD; at++)
		check_pieces(impl, at, 83 * BLOCK, counter);
	for (size_t again = 0; again < 10; again++)
		check_pieces(impl, again, LONG, counter);
}

Test(ctr, every_length_alignment_and_split)
{
	crypt_drbg_init(&drbg, wire_bytes_str("splits"));
	impls_each(check_lengths);
}

/* The counter has 128 bits: what overflows a part of it is carried on, at every place in a batch. */
static void check_carries(const struct ctr_impl *impl)
{
	for (size_t ones = 4; ones <= AES_BLOCK_SIZE; ones += 4) {
		for (uint8_t before = 0; before < 40; before++) {
			uint8_t counter[AES_BLOCK_SIZE] = {0x5a, 1, 2, 0xfe};
			memset(counter + AES_BLOCK_SIZE - ones, 0xff, ones);
			counter[AES_BLOCK_SIZE - 1] =
			    (uint8_t)(counter[AES_BLOCK_SIZE - 1] - before);
			check_pieces(impl, before, 100 * BLOCK, counter);
		}
	}
}

Test(ctr, counters_that_overflow)
{
	crypt_drbg_init(&drbg, wire_bytes_str("carries"));
	impls_each(check_carries);
}
