/* SPDX-License-Identifier: MIT */
#include "libcrypt/gcm_impl.h"

#include "libcrypt/rng.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

#define GUARD     64 /* bytes before and behind, which must stay as they are */
#define SHORT_MAX 1100
#define LONG      100003
#define ROOM      (LONG + 3 * GUARD)

/* Everything that is compiled here and can run here. */
static void impls_each(void (*f)(const struct gcm_impl *impl))
{
	for (size_t i = 0; gcm_impls[i] != NULL; i++) {
		if (gcm_impls[i]->usable())
			f(gcm_impls[i]);
	}
}

static void random_bytes(void *out, size_t n, const char *seed)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str(seed));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	cr_assert_eq(crypt_rng_fill(&rng, out, n), SSH_OK);
}

static void key_with(struct gcm_state *g, const struct gcm_impl *impl, size_t key_size)
{
	uint8_t key[32];
	random_bytes(key, sizeof key, "key");
	random_bytes(g->iv, sizeof g->iv, "iv");
	g->impl = impl;
	impl->set_key(g, key, key_size);
}

/* Columns: source, key, IV, associated data, plaintext, ciphertext, tag. */
static const char *const *row;

static void check_row_with(const struct gcm_impl *impl)
{
	struct wire_buf b[6] = {{0}};
	struct gcm_state g;
	uint8_t tag[GCM_DIGEST_SIZE];
	for (size_t i = 0; i < 6; i++) {
		cr_assert_not_null(wire_buf_room(&b[i], 1)); /* somewhere to point to */
		unhex(&b[i], row[1 + i]);
	}
	struct gcm_work w = {
	    .head = wire_bytes(b[2].mem + b[2].start, wire_buf_len(&b[2])),
	    .body = b[3].mem + b[3].start,
	    .len = wire_buf_len(&b[3]),
	    .seal = true,
	    .tag = tag,
	};
	memcpy(g.iv, wire_buf_view(&b[1]).ptr, sizeof g.iv);
	impl->set_key(&g, wire_buf_view(&b[0]).ptr, wire_buf_len(&b[0]));
	impl->crypt(&g, &w);
	cr_assert(wire_bytes_equal(wire_buf_view(&b[3]), wire_buf_view(&b[4])), "%s: %s",
	          impl->name, row[0]);
	cr_assert(wire_bytes_equal(wire_bytes(tag, sizeof tag), wire_buf_view(&b[5])), "%s: %s",
	          impl->name, row[0]);
	for (size_t i = 0; i < 6; i++)
		wire_buf_wipe(&b[i]);
}

static void check_row(const char *const *column)
{
	row = column;
	impls_each(check_row_with);
}

Test(gcm, vectors)
{
	rows_each("aes-gcm.txt", 7, check_row);
}

/* `n` bytes at offset `at`, sealed and opened: as Nettle does it, and nothing else is touched. */
static void check_piece(const struct gcm_impl *impl, size_t key_size, size_t at, size_t n)
{
	static uint8_t bytes[2][ROOM], plain[ROOM];
	static struct gcm_state g[2];
	uint8_t tag[2][GCM_DIGEST_SIZE];
	size_t head = n % 17, all = n + 3 * GUARD;
	for (size_t i = 0; i < all; i++)
		plain[i] = bytes[0][i] = bytes[1][i] = (uint8_t)(i * 31 + n);
	for (int i = 0; i < 2; i++) {
		key_with(&g[i], i == 0 ? impl : &gcm_nettle, key_size);
		struct gcm_work w = {wire_bytes(plain, head), bytes[i] + GUARD + at, n, true,
		                     tag[i]};
		g[i].impl->crypt(&g[i], &w);
	}
	cr_assert_eq(memcmp(bytes[0], bytes[1], all), 0, "%s: %zu bytes at %zu", impl->name, n, at);
	cr_assert_eq(memcmp(tag[0], tag[1], sizeof tag[0]), 0, "%s: tag of %zu at %zu", impl->name,
	             n, at);
	struct gcm_work w = {wire_bytes(plain, head), bytes[0] + GUARD + at, n, false, tag[0]};
	impl->crypt(&g[0], &w);
	cr_assert_eq(memcmp(bytes[0], plain, all), 0, "%s: %zu bytes opened", impl->name, n);
	cr_assert_eq(memcmp(tag[0], tag[1], sizeof tag[0]), 0, "%s: %zu bytes opened", impl->name,
	             n);
}

static void check_lengths(const struct gcm_impl *impl)
{
	for (size_t n = 0; n <= SHORT_MAX; n++)
		check_piece(impl, n % 2 == 0 ? 16 : 32, n * 7 % GUARD, n);
	for (size_t at = 0; at < GUARD; at++)
		check_piece(impl, 16, at, 1333);
	check_piece(impl, 16, 3, LONG);
	check_piece(impl, 32, 5, LONG);
}

Test(gcm, every_length_and_alignment)
{
	impls_each(check_lengths);
}
