/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/kem_kit.h"

#include "libcrypt/hash.h"

#include <criterion/criterion.h>

const struct crypt_kem *kem_named(const char *name)
{
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		if (strcmp(crypt_kems[i]->name, name) == 0)
			return crypt_kems[i];
	}
	cr_assert_fail("no KEM %s", name);
	return NULL;
}

void keys_of_coins(struct keys *k, ssh_bytes coins)
{
	struct crypt_kem_coins c = {coins};
	struct crypt_rng rng = crypt_kem_coins_rng(&c);
	cr_assert_eq(k->kem->keygen(k->kem, &rng, k->public_key, k->secret_key), SSH_OK);
	cr_assert_eq(c.left.len, 0, "%zu bytes were not drawn", c.left.len);
}

bool bytes_are(const uint8_t *bytes, size_t n, const char *hex)
{
	struct wire_buf want = {0};
	unhex(&want, hex);
	bool same = wire_bytes_equal(wire_bytes(bytes, n), wire_buf_view(&want));
	wire_buf_wipe(&want);
	return same;
}

bool digest_is(const uint8_t *bytes, size_t n, const char *hex)
{
	uint8_t digest[CRYPT_HASH_MAX];
	crypt_hash_once(&crypt_sha256, wire_bytes(bytes, n), digest);
	return bytes_are(digest, crypt_sha256.size, hex);
}
