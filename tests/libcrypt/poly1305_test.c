/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#include "libcrypt/rng.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

#define SHORT_MAX 2500 /* every way of adding up is in use by then */
#define LONG      100003

/* Every function that can run here; Nettle's, the oracle, is the last. */
static void tags_each(void (*f)(const struct chacha_impl *impl))
{
	for (size_t i = 0; chacha_impls[i] != NULL; i++) {
		if (chacha_impls[i]->usable())
			f(chacha_impls[i]);
	}
}

/* Columns: source, key, text, tag. */
static const char *const *row;

static void check_row_with(const struct chacha_impl *impl)
{
	struct wire_buf key = {0}, text = {0}, want = {0};
	uint8_t tag[POLY1305_TAG];
	unhex(&key, row[1]);
	unhex(&text, row[2]);
	unhex(&want, row[3]);
	impl->tag(wire_buf_view(&key).ptr, wire_buf_view(&text), tag);
	cr_assert(wire_bytes_equal(wire_bytes(tag, sizeof tag), wire_buf_view(&want)), "%s: %s",
	          impl->name, row[0]);
	wire_buf_wipe(&key);
	wire_buf_wipe(&text);
	wire_buf_wipe(&want);
}

static void check_row(const char *const *column)
{
	row = column;
	tags_each(check_row_with);
}

Test(poly1305, vectors)
{
	rows_each("poly1305.txt", 4, check_row);
}

static void check_tag(const struct chacha_impl *impl, const uint8_t *key, ssh_bytes text,
                      const char *what)
{
	uint8_t got[POLY1305_TAG + 1], want[POLY1305_TAG];
	got[POLY1305_TAG] = 0xee;
	poly1305_nettle(key, text, want);
	impl->tag(key, text, got);
	cr_assert_eq(memcmp(got, want, sizeof want), 0, "%s: %zu bytes, %s", impl->name, text.len,
	             what);
	cr_assert_eq(got[POLY1305_TAG], 0xee);
}

static void check_lengths(const struct chacha_impl *impl)
{
	static uint8_t text[LONG + 64];
	uint8_t key[POLY1305_KEY];
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("poly1305"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	crypt_rng_fill(&rng, text, sizeof text);
	for (size_t n = 0; n <= SHORT_MAX; n++) {
		crypt_rng_fill(&rng, key, sizeof key);
		check_tag(impl, key, wire_bytes(text + n % 64, n), "random");
	}
	check_tag(impl, key, wire_bytes(text + 1, LONG), "random");
}

Test(poly1305, every_length_and_alignment)
{
	tags_each(check_lengths);
}

/* All ones: the largest limbs and carries that there can be. */
static void check_ones(const struct chacha_impl *impl)
{
	static uint8_t text[LONG];
	uint8_t key[POLY1305_KEY];
	memset(text, 0xff, sizeof text);
	memset(key, 0xff, sizeof key);
	for (size_t n = 0; n <= SHORT_MAX; n++)
		check_tag(impl, key, wire_bytes(text, n), "all ones");
	check_tag(impl, key, wire_bytes(text, sizeof text), "all ones");
}

Test(poly1305, all_ones)
{
	tags_each(check_ones);
}

/*
 * With r = 1 the sum is that of the blocks. Four of all ones and then zeros: four bits 128 are
 * 2^130, which is 5, and so the sum can be brought to the modulus and to what is around it.
 */
static void check_modulus(const struct chacha_impl *impl)
{
	uint8_t key[POLY1305_KEY] = {1}, text[SHORT_MAX];
	for (size_t fours = 1; 64 * fours <= sizeof text; fours++) {
		for (size_t less = 0; less < 5 * fours + 10; less++) {
			memset(text, 0, sizeof text);
			memset(text, 0xff, 64);
			text[0] = (uint8_t)(0xff - less);
			check_tag(impl, key, wire_bytes(text, 64 * fours), "near the modulus");
		}
	}
}

Test(poly1305, sums_around_the_modulus)
{
	tags_each(check_modulus);
}
