/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"

#include "tests/support/rows.h"

#include <criterion/criterion.h>

static const struct crypt_cipher *cipher_named(const char *name)
{
	for (size_t i = 0; crypt_ciphers[i] != NULL; i++) {
		if (strcmp(crypt_ciphers[i]->name, name) == 0)
			return crypt_ciphers[i];
	}
	cr_assert_fail("no cipher %s", name);
	return NULL;
}

/* Crypt a copy of `in` in pieces of `blocks` blocks and compare it with `want`. */
static void check_pieces(const char *const *column, const struct wire_buf *in,
                         const struct wire_buf *want, size_t blocks)
{
	const struct crypt_cipher *cipher = cipher_named(column[1]);
	uint64_t state[CRYPT_CIPHER_STATE_SIZE / 8];
	struct wire_buf key = {0}, iv = {0}, work = {0};
	unhex(&key, column[2]);
	unhex(&iv, column[3]);
	wire_put_raw(&work, wire_buf_view(in));
	cr_assert_eq(wire_buf_len(&key), cipher->key_size, "%s", column[0]);
	cr_assert_eq(wire_buf_len(&iv), cipher->iv_size, "%s", column[0]);
	cipher->init(state, wire_buf_view(&key).ptr, wire_buf_view(&iv).ptr, true);
	for (size_t at = 0; at < wire_buf_len(&work); at += blocks * cipher->block_size) {
		size_t left = wire_buf_len(&work) - at;
		size_t n = blocks * cipher->block_size;
		cipher->crypt(state, n < left ? n : left, work.mem + work.start + at);
	}
	cr_assert(wire_bytes_equal(wire_buf_view(&work), wire_buf_view(want)),
	          "%s %s in pieces of %zu blocks", column[0], column[1], blocks);
	wire_buf_wipe(&key);
	wire_buf_wipe(&iv);
	wire_buf_wipe(&work);
}

/* Columns: source, name, key, first counter block, plaintext, ciphertext. */
static void check_row(const char *const *column)
{
	struct wire_buf plain = {0}, cipher = {0};
	unhex(&plain, column[4]);
	unhex(&cipher, column[5]);
	for (size_t blocks = 1; blocks <= 16; blocks++) {
		check_pieces(column, &plain, &cipher, blocks);
		check_pieces(column, &cipher, &plain, blocks);
	}
	wire_buf_wipe(&plain);
	wire_buf_wipe(&cipher);
}

Test(cipher, aes_ctr_vectors)
{
	rows_each("aes-ctr.txt", 6, check_row);
}

Test(cipher, facts_are_within_bounds)
{
	size_t n = 0;
	for (; crypt_ciphers[n] != NULL; n++) {
		const struct crypt_cipher *c = crypt_ciphers[n];
		cr_assert(c->key_size > 0 && c->key_size <= CRYPT_CIPHER_KEY_MAX, "%s", c->name);
		cr_assert(c->iv_size <= CRYPT_CIPHER_IV_MAX, "%s", c->name);
		cr_assert_geq(c->block_size, 8, "%s", c->name);
		cr_assert_eq(c->aead != NULL, c->init_aead != NULL, "%s", c->name);
		cr_assert_eq(c->aead == NULL, c->init != NULL && c->crypt != NULL, "%s", c->name);
		for (size_t i = 0; i < n; i++)
			cr_assert_str_neq(crypt_ciphers[i]->name, c->name);
	}
	cr_assert_eq(n, 6);
}
