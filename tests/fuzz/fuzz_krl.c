/* SPDX-License-Identifier: MIT */
#include "libauth/revoked.h"
#include "libcrypt/krl.h"
#include "tests/fuzz/fuzz.h"

/*
 * A revocation list. One that parses can be walked through to its end, and every key and every serial
 * number that it names is revoked.
 */

/* Bitmaps and ranges make many items of few bytes. */
#define ITEMS 2000

static void see(const struct crypt_krl *k, const struct crypt_krl_item *item)
{
	FUZZ_MUST(item->kind <= CRYPT_KRL_ID);
	if (item->kind == CRYPT_KRL_KEY && item->text.len > 0) {
		enum ssh_err e = crypt_krl_check(k, item->text);
		FUZZ_MUST(e != SSH_OK);
	}
	if (item->kind == CRYPT_KRL_SERIALS)
		FUZZ_MUST(item->first <= item->last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crypt_krl k;
	struct crypt_krl_walk w;
	struct crypt_krl_item item;
	ssh_bytes text = wire_bytes(data, size);
	unsigned n = 0;
	(void)auth_revoked_check(text, wire_bytes_str("key"));
	if (crypt_krl_parse(&k, text) != 0)
		return 0;
	crypt_krl_walk_init(&w, &k);
	while (n < ITEMS && crypt_krl_next(&w, &item)) {
		if (n < 20)
			see(&k, &item);
		n++;
	}
	FUZZ_MUST(n == ITEMS || w.err == 0);
	return 0;
}

static struct crypt_krl_set revoked;

static void add_cert(ssh_bytes blob)
{
	(void)crypt_krl_add_cert(&revoked, blob);
}

static void add_key(ssh_bytes blob)
{
	crypt_krl_add_key(&revoked, blob);
	crypt_krl_add_sha1(&revoked, blob);
	crypt_krl_add_sha256(&revoked, blob);
}

static void seed(void)
{
	static const char authority[] = "\0\0\0\x0bssh-ed25519\0\0\0\x20"
	                                "0123456789abcdef0123456789abcdef";
	struct crypt_krl head = {.version = 1, .generated = 2, .comment = wire_bytes_str("why")};
	struct wire_buf out = {0};
	FUZZ_MUST(crypt_krl_put(&out, &head, &revoked, wire_bytes(authority, 51)) == 0);
	fuzz_seed_buf(&out);
}

void fuzz_seeds(void)
{
	seed();
	fuzz_rows("openssh-keys.txt", 1, add_key);
	seed();
	FUZZ_MUST(crypt_krl_add_serials(&revoked, 1, 7) && crypt_krl_add_serials(&revoked, 9, 9));
	for (uint64_t i = 100; i < 140; i += 3)
		(void)crypt_krl_add_serials(&revoked, i, i);
	seed();
	fuzz_rows("certs.txt", 1, add_cert);
	seed();
	crypt_krl_set_wipe(&revoked);
}
