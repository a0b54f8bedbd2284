/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const struct crypt_cipher *cipher_named(const char *name)
{
	for (size_t i = 0; crypt_ciphers_legacy[i] != NULL; i++) {
		if (strcmp(crypt_ciphers_legacy[i]->name, name) == 0)
			return crypt_ciphers_legacy[i];
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

/* --- Block ciphers, in CBC and in counter mode --- */

/* A row of block-ciphers.txt, and the cipher it is tried with. */
struct row {
	const char *name; /* of the block cipher */
	const char *source;
	struct wire_buf key, iv, plain, cipher;
};

/*
 * Blowfish repeats its key until the tables are full: the key twice over is the same key. The other
 * ciphers' keys are as long as they should be.
 */
static void start(const struct crypt_cipher *c, const struct row *row, void *state, ssh_bytes iv,
                  bool encrypt)
{
	uint8_t key[CRYPT_CIPHER_KEY_MAX];
	ssh_bytes k = wire_buf_view(&row->key);
	cr_assert(k.len <= c->key_size && c->key_size % k.len == 0, "%s: key", row->source);
	cr_assert(k.len == c->key_size || strcmp(row->name, "blowfish") == 0, "%s", row->source);
	cr_assert_eq(iv.len, c->iv_size, "%s: IV", row->source);
	for (size_t i = 0; i < c->key_size; i++)
		key[i] = k.ptr[i % k.len];
	c->init(state, key, iv.ptr, encrypt);
}

static void check_cbc(const struct row *row, const struct crypt_cipher *c, bool encrypt)
{
	uint64_t state[CRYPT_CIPHER_STATE_SIZE / 8];
	uint8_t work[256];
	ssh_bytes from = wire_buf_view(encrypt ? &row->plain : &row->cipher);
	ssh_bytes to = wire_buf_view(encrypt ? &row->cipher : &row->plain);
	cr_assert_leq(from.len, sizeof work);
	for (size_t piece = c->block_size; piece <= from.len; piece += c->block_size) {
		start(c, row, state, wire_buf_view(&row->iv), encrypt);
		memcpy(work, from.ptr, from.len);
		for (size_t at = 0; at < from.len; at += piece)
			c->crypt(state, piece < from.len - at ? piece : from.len - at, work + at);
		cr_assert_eq(memcmp(work, to.ptr, to.len), 0, "%s: %s by %zu", row->source, c->name,
		             piece);
	}
}

/*
 * A block of CBC is the encryption of plaintext xor the block before: with that as the counter,
 * zeros become the ciphertext.
 */
static void check_ctr(const struct row *row, const struct crypt_cipher *c)
{
	uint64_t state[CRYPT_CIPHER_STATE_SIZE / 8];
	uint8_t counter[CRYPT_CIPHER_IV_MAX], block[CRYPT_CIPHER_IV_MAX];
	const uint8_t *before = wire_buf_view(&row->iv).ptr;
	ssh_bytes plain = wire_buf_view(&row->plain), cipher = wire_buf_view(&row->cipher);
	size_t size = c->block_size;
	for (size_t at = 0; at < plain.len; at += size) {
		for (size_t i = 0; i < size; i++)
			counter[i] = plain.ptr[at + i] ^ before[i];
		memset(block, 0, sizeof block);
		start(c, row, state, wire_bytes(counter, size), at % 2 == 0);
		c->crypt(state, size, block);
		before = cipher.ptr + at;
		cr_assert_eq(memcmp(block, before, size), 0, "%s: %s at %zu", row->source, c->name,
		             at);
	}
}

/* Columns: source, block cipher, key, IV, plaintext, ciphertext. */
static void check_block_cipher(const char *const *column)
{
	struct row row = {.source = column[0], .name = column[1]};
	char name[64];
	unhex(&row.key, column[2]);
	unhex(&row.iv, column[3]);
	unhex(&row.plain, column[4]);
	unhex(&row.cipher, column[5]);
	snprintf(name, sizeof name, "%s-ctr", row.name);
	check_ctr(&row, cipher_named(name));
	snprintf(name, sizeof name, "%s-cbc", row.name);
	if (wire_buf_len(&row.key) == cipher_named(name)->key_size) {
		check_cbc(&row, cipher_named(name), true);
		check_cbc(&row, cipher_named(name), false);
	}
	wire_buf_wipe(&row.key);
	wire_buf_wipe(&row.iv);
	wire_buf_wipe(&row.plain);
	wire_buf_wipe(&row.cipher);
}

Test(cipher, block_cipher_vectors)
{
	rows_each("block-ciphers.txt", 6, check_block_cipher);
}

/* The counter is one number as long as a block, and runs over. RFC 4344 section 4. */
Test(cipher, counters_run_over)
{
	for (size_t n = 0; crypt_ciphers_legacy[n] != NULL; n++) {
		const struct crypt_cipher *c = crypt_ciphers_legacy[n];
		uint64_t state[CRYPT_CIPHER_STATE_SIZE / 8];
		uint8_t key[CRYPT_CIPHER_KEY_MAX] = "any key", ones[CRYPT_CIPHER_IV_MAX];
		uint8_t two[2 * CRYPT_CIPHER_IV_MAX] = {0}, one[CRYPT_CIPHER_IV_MAX] = {0};
		static const uint8_t zero[CRYPT_CIPHER_IV_MAX];
		if (strstr(c->name, "-ctr") == NULL)
			continue;
		memset(ones, 0xff, sizeof ones);
		c->init(state, key, ones, true);
		c->crypt(state, 2 * c->block_size, two);
		c->init(state, key, zero, true);
		c->crypt(state, c->block_size, one);
		cr_assert_eq(memcmp(two + c->block_size, one, c->block_size), 0, "%s", c->name);
	}
}

/* --- Arcfour --- */

/* Columns: source, name, key, offset, keystream. */
static void check_arcfour(const char *const *column)
{
	const struct crypt_cipher *c = cipher_named(column[1]);
	uint64_t state[CRYPT_CIPHER_STATE_SIZE / 8];
	uint8_t stream[8192] = {0};
	struct wire_buf key = {0}, want = {0};
	size_t offset = strtoul(column[3], NULL, 10);
	unhex(&key, column[2]);
	unhex(&want, column[4]);
	cr_assert_eq(wire_buf_len(&key), c->key_size, "%s", column[0]);
	cr_assert_leq(offset + wire_buf_len(&want), sizeof stream);
	c->init(state, wire_buf_view(&key).ptr, stream, true);
	for (size_t at = 0; at < sizeof stream; at += 1024)
		c->crypt(state, 1024, stream + at);
	cr_assert_eq(memcmp(stream + offset, wire_buf_view(&want).ptr, wire_buf_len(&want)), 0,
	             "%s: %s", column[0], c->name);
	wire_buf_wipe(&key);
	wire_buf_wipe(&want);
}

Test(cipher, arcfour_vectors)
{
	rows_each("arcfour.txt", 5, check_arcfour);
}

/* --- Facts --- */

Test(cipher, other_names_mean_the_same)
{
	static const struct crypt_cipher *const same[][2] = {
	    {&crypt_insecure_rijndael_cbc, &crypt_insecure_aes256_cbc},
	    {&crypt_insecure_twofish_cbc, &crypt_insecure_twofish256_cbc},
	    {&crypt_aes128_gcm_ietf, &crypt_aes128_gcm},
	    {&crypt_aes256_gcm_ietf, &crypt_aes256_gcm},
	    {&crypt_chacha20_poly1305_ietf, &crypt_chacha20_poly1305},
	    {&crypt_aead_aes_128_gcm, &crypt_aes128_gcm},
	    {&crypt_aead_aes_256_gcm, &crypt_aes256_gcm},
	};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		const struct crypt_cipher *a = same[i][0], *b = same[i][1];
		cr_assert_str_neq(a->name, b->name);
		cr_assert(a->key_size == b->key_size && a->iv_size == b->iv_size, "%s", a->name);
		cr_assert(a->block_size == b->block_size && a->cbc == b->cbc, "%s", a->name);
		cr_assert(a->data_limit == b->data_limit && a->aead == b->aead, "%s", a->name);
		cr_assert(a->init == b->init && a->crypt == b->crypt, "%s", a->name);
		cr_assert(a->init_aead == b->init_aead, "%s", a->name);
		if (a->aead_mac != NULL)
			cr_assert_str_eq(a->aead_mac->name, a->name);
	}
}

/* What cipher.h calls insecure. */
static bool is_weak(const struct crypt_cipher *c)
{
	return c->cbc || (c->aead == NULL && c->block_size < 16);
}

static void check_facts(const struct crypt_cipher *c)
{
	cr_assert(c->key_size <= CRYPT_CIPHER_KEY_MAX, "%s", c->name);
	cr_assert_eq(c->key_size == 0, c == &crypt_insecure_none, "%s", c->name);
	cr_assert_leq(c->iv_size, CRYPT_CIPHER_IV_MAX, "%s", c->name);
	cr_assert_geq(c->block_size, 8, "%s", c->name);
	cr_assert_eq(c->aead != NULL, c->init_aead != NULL, "%s", c->name);
	cr_assert_eq(c->aead == NULL, c->init != NULL && c->crypt != NULL, "%s", c->name);
	cr_assert_eq(c->cbc, strstr(c->name, "-cbc") != NULL, "%s", c->name);
	/* RFC 4344 section 3.2; the two that have none encrypt no blocks. */
	uint64_t limit = c->block_size == 16 ? (uint64_t)1 << 36 : (uint64_t)1 << 30;
	bool blocks = c->aead != &crypt_mode_chachapoly && c != &crypt_insecure_none;
	cr_assert_eq(c->data_limit, blocks ? limit : 0, "%s", c->name);
}

Test(cipher, facts_are_within_bounds)
{
	size_t n = 0;
	for (; crypt_ciphers_legacy[n] != NULL; n++) {
		check_facts(crypt_ciphers_legacy[n]);
		for (size_t i = 0; i < n; i++)
			cr_assert_str_neq(crypt_ciphers_legacy[i]->name,
			                  crypt_ciphers_legacy[n]->name);
	}
	cr_assert_eq(n, 44);
}

Test(cipher, weak_ones_are_last_and_in_no_default_offer)
{
	size_t n = 0, i;
	for (; crypt_ciphers[n] != NULL; n++)
		cr_assert(crypt_ciphers[n] == crypt_ciphers_legacy[n] && !is_weak(crypt_ciphers[n]),
		          "%s", crypt_ciphers[n]->name);
	cr_assert_eq(n, 6);
	for (i = n; crypt_ciphers_legacy[i] != NULL && !is_weak(crypt_ciphers_legacy[i]); i++)
		;
	for (; crypt_ciphers_legacy[i] != NULL; i++)
		cr_assert(is_weak(crypt_ciphers_legacy[i]), "%s", crypt_ciphers_legacy[i]->name);
	cr_assert_eq(crypt_ciphers_legacy[i - 1], &crypt_insecure_none);
}
