/* SPDX-License-Identifier: MIT */
#include "libcrypt/hash.h"

#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct crypt_hash *const hashes[] = {&crypt_sha1, &crypt_sha256, &crypt_sha384,
                                                  &crypt_sha512};

static const struct crypt_hash *hash_named(const char *name)
{
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		if (strcmp(hashes[i]->name, name) == 0)
			return hashes[i];
	}
	cr_assert_fail("no hash %s", name);
	return NULL;
}

/* The data `times` times over, `step` bytes at a time. */
static void hash_in_steps(const struct crypt_hash *alg, const struct wire_buf *all, size_t step,
                          uint8_t *digest)
{
	struct crypt_hash_ctx h;
	crypt_hash_init(&h, alg);
	for (ssh_bytes left = wire_buf_view(all); left.len > 0;
	     left = wire_bytes_skip(left, step)) {
		size_t n = step < left.len ? step : left.len;
		crypt_hash_update(&h, wire_bytes(left.ptr, n));
	}
	crypt_hash_final(&h, digest);
}

/* Columns: source, name, repetitions, data, digest. */
static void check_row(const char *const *column)
{
	static const size_t steps[] = {1, 63, 64, 65, 127, 128, 129, 1000003};
	const struct crypt_hash *alg = hash_named(column[1]);
	struct wire_buf all = {0}, want = {0};
	uint8_t digest[CRYPT_HASH_MAX];
	for (int i = atoi(column[2]); i > 0; i--)
		unhex(&all, column[3]);
	unhex(&want, column[4]);
	cr_assert_eq(wire_buf_len(&want), alg->size, "%s %s", column[0], column[1]);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		hash_in_steps(alg, &all, steps[i], digest);
		cr_assert(wire_bytes_equal(wire_bytes(digest, alg->size), wire_buf_view(&want)),
		          "%s %s in steps of %zu", column[0], column[1], steps[i]);
	}
	crypt_hash_once(alg, wire_buf_view(&all), digest);
	cr_assert(wire_bytes_equal(wire_bytes(digest, alg->size), wire_buf_view(&want)),
	          "%s %s at once", column[0], column[1]);
	wire_buf_wipe(&all);
	wire_buf_wipe(&want);
}

Test(hash, published_vectors)
{
	rows_each("hash.txt", 5, check_row);
}

Test(hash, final_wipes_the_state)
{
	static const struct crypt_hash_ctx zero;
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		struct crypt_hash_ctx h;
		uint8_t digest[CRYPT_HASH_MAX];
		memset(&h, 0, sizeof h);
		crypt_hash_init(&h, hashes[i]);
		crypt_hash_update(&h, wire_bytes_str("secret"));
		cr_assert_neq(memcmp(&h, &zero, sizeof h), 0, "%s", hashes[i]->name);
		crypt_hash_final(&h, digest);
		cr_assert_eq(memcmp(&h, &zero, sizeof h), 0, "%s", hashes[i]->name);
		crypt_hash_wipe(&h);
	}
}

/* The same rows as the packet MACs', through the HMAC that is not about packets. */
static void check_hmac(const char *const *column)
{
	static const struct crypt_hash *const algs[] = {&crypt_sha1, &crypt_sha256, &crypt_sha512};
	static const char *const names[] = {"hmac-sha1", "hmac-sha2-256", "hmac-sha2-512"};
	struct wire_buf key = {0}, data = {0}, want = {0};
	uint8_t out[CRYPT_HASH_MAX];
	size_t i = 0;
	unhex(&key, column[2]);
	unhex(&data, column[3]);
	unhex(&want, column[4]);
	while (strcmp(names[i], column[1]) != 0)
		i++;
	crypt_hmac_once(algs[i], wire_buf_view(&key), wire_buf_view(&data), out);
	cr_assert(wire_bytes_equal(wire_bytes(out, algs[i]->size), wire_buf_view(&want)), "%s %s",
	          column[0], column[1]);
	wire_buf_wipe(&key);
	wire_buf_wipe(&data);
	wire_buf_wipe(&want);
}

Test(hash, hmac_published_vectors)
{
	rows_each("hmac.txt", 5, check_hmac);
}

/* RFC 4231 section 4.7: a key longer than a block is hashed first. */
Test(hash, hmac_of_a_long_key)
{
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t key[131], out[32];
	struct wire_buf want = {0};
	memset(key, 0xaa, sizeof key);
	unhex(&want, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	crypt_hmac_once(&crypt_sha256, wire_bytes(key, sizeof key), wire_bytes_str(text), out);
	cr_assert(wire_bytes_equal(wire_bytes(out, sizeof out), wire_buf_view(&want)));
	wire_buf_wipe(&want);
}
