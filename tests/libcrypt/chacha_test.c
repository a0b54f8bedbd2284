/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#include "libcrypt/rng.h"
#include "libwire/buf.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <nettle/chacha.h>
#include <stdlib.h>

#define GUARD     64 /* bytes before and behind, which must stay as they are */
#define SHORT_MAX 2000
#define LONG      100003

/* Everything that is compiled here and can run here. */
static void impls_each(void (*f)(const struct chacha_impl *impl))
{
	for (size_t i = 0; chacha_impls[i] != NULL; i++) {
		if (chacha_impls[i]->usable())
			f(chacha_impls[i]);
	}
}

static void random_bytes(void *out, size_t n, const char *seed)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str(seed));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	cr_assert_eq(crypt_rng_fill(&rng, out, n), SSH_OK);
}

/* The oracle: Nettle, a block at a time, so that the counter is ours. */
static void oracle(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n, uint8_t *bytes)
{
	for (; n > 0; counter++) {
		size_t step = n < CHACHA_BLOCK ? n : CHACHA_BLOCK;
		uint8_t big[8], little[8];
		struct chacha_ctx ctx;
		for (size_t i = 0; i < 8; i++) {
			big[i] = (uint8_t)(nonce >> (56 - 8 * i));
			little[i] = (uint8_t)(counter >> (8 * i));
		}
		chacha_set_key(&ctx, key);
		chacha_set_nonce(&ctx, big);
		chacha_set_counter(&ctx, little);
		chacha_crypt(&ctx, step, bytes, bytes);
		bytes += step;
		n -= step;
	}
}

/* Columns: source, key, nonce, block counter, plaintext, ciphertext. */
static const char *const *row;

static void check_row_with(const struct chacha_impl *impl)
{
	struct wire_buf key = {0}, nonce = {0}, plain = {0}, cipher = {0};
	uint64_t counter = strtoul(row[3], NULL, 10);
	unhex(&key, row[1]);
	unhex(&nonce, row[2]);
	unhex(&plain, row[4]);
	unhex(&cipher, row[5]);
	/* The first word of a nonce of 96 bits is the upper half of a counter of 64. */
	const uint8_t *n = wire_buf_view(&nonce).ptr;
	for (size_t i = 0; i < 4; i++)
		counter |= (uint64_t)n[i] << (32 + 8 * i);
	uint64_t rest = (uint64_t)wire_load_u32(n + 4) << 32 | wire_load_u32(n + 8);
	impl->crypt(wire_buf_view(&key).ptr, rest, counter, wire_buf_len(&plain),
	            plain.mem + plain.start);
	cr_assert(wire_bytes_equal(wire_buf_view(&plain), wire_buf_view(&cipher)), "%s: %s",
	          impl->name, row[0]);
	wire_buf_wipe(&key);
	wire_buf_wipe(&nonce);
	wire_buf_wipe(&plain);
	wire_buf_wipe(&cipher);
}

static void check_row(const char *const *column)
{
	row = column;
	impls_each(check_row_with);
}

Test(chacha, vectors)
{
	rows_each("chacha20.txt", 6, check_row);
}

/* `n` bytes at offset `at` of a larger piece: right, and nothing else is touched. */
static void check_piece(const struct chacha_impl *impl, size_t at, size_t n, uint64_t counter)
{
	static uint8_t got[LONG + 3 * GUARD], want[LONG + 3 * GUARD];
	uint8_t key[CHACHA_KEY];
	uint64_t nonce;
	size_t all = n + 3 * GUARD;
	random_bytes(key, sizeof key, "key");
	random_bytes(&nonce, sizeof nonce, "nonce");
	for (size_t i = 0; i < all; i++)
		got[i] = want[i] = (uint8_t)(i * 31 + n);
	oracle(key, nonce, counter, n, want + GUARD + at);
	impl->crypt(key, nonce, counter, n, got + GUARD + at);
	cr_assert_eq(memcmp(got, want, all), 0, "%s: %zu bytes at %zu, counter %llu", impl->name, n,
	             at, (unsigned long long)counter);
}

static void check_lengths(const struct chacha_impl *impl)
{
	for (size_t n = 0; n <= SHORT_MAX; n++)
		check_piece(impl, n * 7 % GUARD, n, n);
	for (size_t at = 0; at < GUARD; at++)
		check_piece(impl, at, 1333, 1);
	check_piece(impl, 3, LONG, 1);
}

Test(chacha, every_length_and_alignment)
{
	impls_each(check_lengths);
}

static void check_counters(const struct chacha_impl *impl)
{
	for (uint64_t before = 0; before <= 20; before++) {
		check_piece(impl, 0, 1200, ((uint64_t)1 << 32) - before);
		check_piece(impl, 0, 1200, ((uint64_t)7 << 32) - before);
		check_piece(impl, 0, 1200, 0 - before);
	}
}

Test(chacha, counters_wrap_at_32_and_at_64_bits)
{
	impls_each(check_counters);
}

static void check_splits(const struct chacha_impl *impl)
{
	uint8_t key[CHACHA_KEY], whole[1500], parts[sizeof whole];
	random_bytes(key, sizeof key, impl->name);
	random_bytes(whole, sizeof whole, "text");
	memcpy(parts, whole, sizeof parts);
	impl->crypt(key, 9, 5, sizeof whole, whole);
	for (size_t first = 0; first <= sizeof whole; first += CHACHA_BLOCK) {
		uint8_t copy[sizeof parts];
		memcpy(copy, parts, sizeof copy);
		impl->crypt(key, 9, 5 + first / CHACHA_BLOCK, sizeof copy - first, copy + first);
		impl->crypt(key, 9, 5, first, copy);
		cr_assert_eq(memcmp(copy, whole, sizeof copy), 0, "%s at %zu", impl->name, first);
	}
}

Test(chacha, split_between_blocks)
{
	impls_each(check_splits);
}

static void check_begin(const struct chacha_impl *impl)
{
	static const uint64_t nonces[] = {0, 1, 0xffffffff, 0x0123456789abcdef, 0 - (uint64_t)1};
	uint8_t pair[CHACHA_PAIR];
	random_bytes(pair, sizeof pair, "pair");
	cr_assert_leq(impl->ahead, CHACHA_AHEAD_MAX);
	for (size_t i = 0; i < sizeof nonces / sizeof *nonces; i++) {
		struct chacha_head got, want = {0};
		memset(&got, 0xee, sizeof got);
		impl->begin(&got, pair, nonces[i]);
		oracle(pair + CHACHA_KEY, nonces[i], 0, sizeof want.length, want.length);
		oracle(pair, nonces[i], 0, sizeof want.poly, want.poly);
		oracle(pair, nonces[i], 1, impl->ahead * CHACHA_BLOCK, want.body);
		cr_assert_eq(memcmp(got.length, want.length, sizeof got.length), 0, "%s %zu",
		             impl->name, i);
		cr_assert_eq(memcmp(got.poly, want.poly, sizeof got.poly), 0, "%s %zu", impl->name,
		             i);
		cr_assert_eq(memcmp(got.body, want.body, impl->ahead * CHACHA_BLOCK), 0, "%s %zu",
		             impl->name, i);
	}
}

Test(chacha, head_of_a_packet)
{
	impls_each(check_begin);
}

Test(chacha, the_last_resort_is_always_usable)
{
	size_t n = 0;
	while (chacha_impls[n] != NULL)
		n++;
	cr_assert_geq(n, 1);
	cr_assert_eq(chacha_impls[n - 1], &chacha_nettle);
	cr_assert(chacha_nettle.usable());
}
