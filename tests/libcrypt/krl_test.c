/* SPDX-License-Identifier: MIT */
#include "libcrypt/krl.h"
#include "tests/libcrypt/cert_kit.h"
#include "tests/libcrypt/key_kit.h"
#include "tests/support/alloc.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wire_buf blob_of(const struct crypt_keyalg *alg)
{
	struct crypt_key k = kit_generate(alg);
	struct wire_buf blob = kit_public(&k);
	crypt_key_wipe(&k);
	return blob;
}

static const struct crypt_krl head = {.version = 7, .generated = 1234, .comment = {NULL, 0}};

static struct wire_buf put(const struct crypt_krl *h, const struct crypt_krl_set *s,
                           ssh_bytes authority)
{
	struct wire_buf out = {0};
	cr_assert_eq(crypt_krl_put(&out, h, s, authority), SSH_OK);
	return out;
}

static enum ssh_err check(const struct wire_buf *list, ssh_bytes blob)
{
	struct crypt_krl k;
	cr_assert_eq(crypt_krl_parse(&k, wire_buf_view(list)), SSH_OK);
	cr_assert_eq(k.version, 7);
	cr_assert_eq(k.generated, 1234);
	return crypt_krl_check(&k, blob);
}

/* A key is revoked in three ways, and another one is not. */
Test(krl, keys)
{
	struct wire_buf bad = blob_of(&crypt_key_ed25519), good = blob_of(&crypt_key_ed448);
	for (int how = 0; how < 4; how++) {
		struct crypt_krl_set s = {0};
		uint8_t digest[32];
		crypt_hash_once(&crypt_sha256, wire_buf_view(&bad), digest);
		if (how == 0)
			crypt_krl_add_key(&s, wire_buf_view(&bad));
		else if (how == 1)
			crypt_krl_add_sha1(&s, wire_buf_view(&bad));
		else if (how == 2)
			crypt_krl_add_sha256(&s, wire_buf_view(&bad));
		else
			crypt_krl_add_digest(&s, digest);
		struct wire_buf list = put(&head, &s, wire_bytes(NULL, 0));
		cr_expect_eq(check(&list, wire_buf_view(&bad)), SSH_ERR_REVOKED, "%d", how);
		cr_expect_eq(check(&list, wire_buf_view(&good)), SSH_OK, "%d", how);
		wire_buf_wipe(&list);
		crypt_krl_set_wipe(&s);
	}
	wire_buf_wipe(&bad);
	wire_buf_wipe(&good);
}

/* A certificate is revoked with its key, its authority, its serial number or its id. */
Test(krl, certificates)
{
	struct cert_kit kit;
	cert_kit_init(&kit);
	struct crypt_key k = kit_generate(&crypt_key_ed25519);
	struct wire_buf plain = kit_public(&k), authority = kit_public(&kit.authority),
	                other = blob_of(&crypt_key_ed448);
	kit.fields.id = wire_bytes_str("an id");
	static const struct {
		const char *what;
		uint64_t serial;
		bool others; /* the list is of another authority */
		bool revoked;
	} rows[] = {
	    {"key", 5, false, true},      {"authority", 5, false, true},
	    {"serial", 5, false, true},   {"serial", 4, false, false},
	    {"serial", 7, false, true},   {"serial", 8, false, false},
	    {"serial", 5, true, false},   {"any serial", 5, true, true},
	    {"id", 5, false, true},       {"id", 5, true, false},
	    {"any id", 5, true, true},    {"other id", 5, false, false},
	    {"nothing", 5, false, false}, {"cert", 5, true, true},
	    {"cert", 0, true, true},      {"any serial", 0, true, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct crypt_krl_set s = {0};
		const char *what = rows[i].what;
		kit.fields.serial = rows[i].serial;
		struct wire_buf cert = cert_kit_issue(&kit, &k);
		ssh_bytes of = wire_buf_view(rows[i].others ? &other : &authority);
		if (strcmp(what, "key") == 0)
			crypt_krl_add_key(&s, wire_buf_view(&plain));
		else if (strcmp(what, "authority") == 0)
			crypt_krl_add_sha256(&s, wire_buf_view(&authority));
		else if (strcmp(what, "cert") == 0)
			cr_assert_eq(crypt_krl_add_cert(&s, wire_buf_view(&cert)), SSH_OK);
		else if (strstr(what, "serial") != NULL)
			cr_assert(crypt_krl_add_serials(&s, 5, 7));
		else if (strcmp(what, "nothing") != 0)
			crypt_krl_add_id(&s, wire_bytes_str(what[0] == 'o' ? "an i" : "an id"));
		if (strncmp(what, "any", 3) == 0)
			of = wire_bytes(NULL, 0);
		struct wire_buf list = put(&head, &s, of);
		cr_expect_eq(check(&list, wire_buf_view(&cert)),
		             rows[i].revoked ? SSH_ERR_REVOKED : SSH_OK, "%s %d %d", what,
		             (int)rows[i].serial, rows[i].others);
		wire_buf_wipe(&cert);
		wire_buf_wipe(&list);
		crypt_krl_set_wipe(&s);
	}
	wire_buf_wipe(&plain);
	wire_buf_wipe(&authority);
	wire_buf_wipe(&other);
	crypt_key_wipe(&k);
	cert_kit_wipe(&kit);
}

/* --- Serial numbers --- */

#define SPAN 20000

static uint32_t draw(const struct crypt_rng *rng, uint32_t below)
{
	uint32_t n;
	cr_assert_eq(crypt_rng_fill(rng, &n, sizeof n), SSH_OK);
	return n % below;
}

/* Whatever goes in, dense or sparse, in any order: that and nothing else comes out. */
Test(krl, serials)
{
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "serials");
	static bool want[SPAN], got[SPAN];
	for (uint32_t round = 0; round < 60; round++) {
		uint64_t base = round % 3 == 0 ? 1 : round % 3 == 1 ? UINT64_MAX - SPAN : 1 << 20;
		struct crypt_krl_set s = {0};
		struct crypt_krl k;
		struct crypt_krl_walk w;
		struct crypt_krl_item item;
		memset(want, 0, sizeof want);
		memset(got, 0, sizeof got);
		for (uint32_t n = draw(&rng, 1u << round % 10); n > 0; n--) {
			uint32_t first = draw(&rng, round % 2 == 0 ? SPAN : SPAN / 50);
			uint32_t last = first + (draw(&rng, 4) == 0 ? draw(&rng, 300) : 0);
			last = last < SPAN ? last : SPAN - 1;
			cr_assert(crypt_krl_add_serials(&s, base + first, base + last));
			memset(want + first, true, last - first + 1);
		}
		struct wire_buf list = put(&head, &s, wire_bytes(NULL, 0));
		cr_assert_eq(crypt_krl_parse(&k, wire_buf_view(&list)), SSH_OK);
		crypt_krl_walk_init(&w, &k);
		while (crypt_krl_next(&w, &item))
			for (uint64_t n = item.first - base; n <= item.last - base; n++) {
				cr_assert_lt(n, SPAN);
				got[n] = true;
			}
		cr_expect_eq(w.err, SSH_OK);
		cr_expect_eq(memcmp(want, got, sizeof got), 0, "round %u", round);
		wire_buf_wipe(&list);
		crypt_krl_set_wipe(&s);
	}
}

/* Each form where it is the shortest. */
Test(krl, serials_are_short)
{
	static const struct {
		const char *what;
		uint32_t count, step;
		size_t at_most; /* bytes beside the header */
	} rows[] = {
	    {"one range", 100000, 1, 64},
	    {"one bitmap", 1000, 2, 300},
	    {"single ones", 100, 100000, 64 + 800},
	    {"bitmaps", 10000, 3, 4000},
	};
	struct crypt_krl_set none = {0};
	struct wire_buf empty = put(&head, &none, wire_bytes(NULL, 0));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct crypt_krl_set s = {0};
		for (uint32_t n = rows[i].count; n > 0; n--)
			crypt_krl_add_serials(&s, (uint64_t)n * rows[i].step,
			                      (uint64_t)n * rows[i].step);
		struct wire_buf list = put(&head, &s, wire_bytes(NULL, 0));
		size_t len = wire_buf_len(&list) - wire_buf_len(&empty);
		cr_expect_leq(len, rows[i].at_most, "%s: %zu", rows[i].what, len);
		wire_buf_wipe(&list);
		crypt_krl_set_wipe(&s);
	}
	wire_buf_wipe(&empty);
}

Test(krl, serials_refused)
{
	struct crypt_krl_set s = {0};
	cr_expect_not(crypt_krl_add_serials(&s, 0, 1));
	cr_expect_not(crypt_krl_add_serials(&s, 2, 1));
	cr_expect_eq(wire_buf_len(&s.serials), 0);
}

/* --- Lists of others, and none --- */

#define HEAD                                                                                       \
	"5353484b524c0a00 00000001 0000000000000007 00000000000004d2 0000000000000000 00000000 00000000 "
#define CERTS(n, rest) HEAD "01 000000" n "00000000 00000000" rest

static const struct {
	const char *what;
	const char *hex;
	enum ssh_err err;
} lists[] = {
    {"empty", "", SSH_ERR_FILE_FORMAT},
    {"no sections", HEAD, SSH_OK},
    {"other magic", "5353484b524c0a01 00000001", SSH_ERR_FILE_FORMAT},
    {"other version", "5353484b524c0a00 00000002", SSH_ERR_UNSUPPORTED},
    {"header cut off", "5353484b524c0a00 00000001 0000000000000007", SSH_ERR_FILE_DAMAGED},
    {"no length", HEAD "02", SSH_ERR_FILE_DAMAGED},
    {"section cut off", HEAD "02 00000004 000000", SSH_ERR_FILE_DAMAGED},
    {"empty section", HEAD "02 00000000", SSH_OK},
    {"a key", HEAD "02 00000005 00000001 61", SSH_OK},
    {"a key cut off", HEAD "02 00000005 00000002 61", SSH_ERR_FILE_DAMAGED},
    {"a short hash", HEAD "03 00000005 00000001 61", SSH_ERR_FILE_DAMAGED},
    {"a short hash", HEAD "05 00000005 00000001 61", SSH_ERR_FILE_DAMAGED},
    {"signature", HEAD "04 00000001 61 00000001 61", SSH_ERR_UNSUPPORTED},
    {"unknown section", HEAD "06 00000000", SSH_ERR_UNSUPPORTED},
    {"extension", HEAD "ff 0000000a 00000001 78 00 00000000", SSH_OK},
    {"critical one", HEAD "ff 0000000a 00000001 78 01 00000000", SSH_ERR_UNSUPPORTED},
    {"extension cut off", HEAD "ff 00000009 00000001 78 00 000000", SSH_ERR_FILE_DAMAGED},
    {"no authority", HEAD "01 00000004 00000000", SSH_ERR_FILE_DAMAGED},
    {"no certificates", CERTS("08", ""), SSH_OK},
    {"unknown part", CERTS("0d", "24 00000000"), SSH_ERR_UNSUPPORTED},
    {"part cut off", CERTS("0d", "20 00000001"), SSH_ERR_FILE_DAMAGED},
    {"a serial", CERTS("15", "20 00000008 0000000000000005"), SSH_OK},
    {"half a serial", CERTS("11", "20 00000004 00000000"), SSH_ERR_FILE_DAMAGED},
    {"a range", CERTS("1d", "21 00000010 0000000000000005 0000000000000006"), SSH_OK},
    {"backwards", CERTS("1d", "21 00000010 0000000000000005 0000000000000004"),
     SSH_ERR_FILE_DAMAGED},
    {"half a range", CERTS("15", "21 00000008 0000000000000005"), SSH_ERR_FILE_DAMAGED},
    {"a range and more", CERTS("1e", "21 00000011 0000000000000005 0000000000000006 00"),
     SSH_ERR_FILE_DAMAGED},
    {"a bitmap", CERTS("1a", "22 0000000d 0000000000000005 00000001 05"), SSH_OK},
    {"no bits", CERTS("19", "22 0000000c 0000000000000005 00000000"), SSH_OK},
    {"negative bits", CERTS("1a", "22 0000000d 0000000000000005 00000001 85"),
     SSH_ERR_FILE_DAMAGED},
    {"bits over the end", CERTS("1a", "22 0000000d fffffffffffffffa 00000001 05"),
     SSH_ERR_FILE_DAMAGED},
    {"an id", CERTS("12", "23 00000005 00000001 78"), SSH_OK},
    {"half an id", CERTS("11", "23 00000004 00000001"), SSH_ERR_FILE_DAMAGED},
    {"extension", CERTS("17", "39 0000000a 00000001 78 00 00000000"), SSH_OK},
    {"critical one", CERTS("17", "39 0000000a 00000001 78 01 00000000"), SSH_ERR_UNSUPPORTED},
};

Test(krl, lists)
{
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct wire_buf text = kit_hex(lists[i].hex);
		struct crypt_krl k;
		enum ssh_err e = crypt_krl_parse(&k, wire_buf_view(&text));
		cr_expect_eq(e, lists[i].err, "%zu %s: %s", i, lists[i].what, ssh_err_name(e));
		wire_buf_wipe(&text);
	}
}

static struct wire_buf a_list(ssh_bytes blob)
{
	struct crypt_krl_set s = {0};
	for (uint64_t n = 1; n < 40; n++)
		crypt_krl_add_serials(&s, n * n, n * n + n % 3);
	crypt_krl_add_serials(&s, 1u << 20, 1u << 30);
	crypt_krl_add_id(&s, wire_bytes_str("id"));
	crypt_krl_add_key(&s, blob);
	crypt_krl_add_sha1(&s, blob);
	crypt_krl_add_sha256(&s, blob);
	struct wire_buf list = put(&head, &s, blob);
	crypt_krl_set_wipe(&s);
	return list;
}

/* An update keeps what was there. */
Test(krl, update)
{
	struct wire_buf bad = blob_of(&crypt_key_ed25519), old = a_list(wire_buf_view(&bad));
	struct crypt_krl_set s = {0};
	struct crypt_krl k;
	cr_assert_eq(crypt_krl_parse(&k, wire_buf_view(&old)), SSH_OK);
	crypt_krl_add_key(&s, wire_bytes("\0\0\0\1x", 5));
	struct wire_buf list = put(&k, &s, wire_bytes(NULL, 0));
	cr_expect_eq(check(&list, wire_buf_view(&bad)), SSH_ERR_REVOKED);
	cr_expect_eq(check(&list, wire_bytes("\0\0\0\1x", 5)), SSH_ERR_REVOKED);
	cr_expect_eq(check(&list, wire_bytes("\0\0\0\1y", 5)), SSH_OK);
	wire_buf_wipe(&bad);
	wire_buf_wipe(&old);
	wire_buf_wipe(&list);
	crypt_krl_set_wipe(&s);
}

/* A byte changed, and the list cut off: nothing may crash, loop or read outside. */
Test(krl, damage)
{
	struct wire_buf blob = blob_of(&crypt_key_ed25519), list = a_list(wire_buf_view(&blob));
	static const uint8_t changes[] = {0x01, 0x20, 0x80, 0xff};
	struct crypt_krl k;
	size_t header = 44;
	for (size_t i = 0; i < wire_buf_len(&list); i++) {
		for (size_t c = 0; c < sizeof changes; c++) {
			list.mem[i] ^= changes[c];
			enum ssh_err e = crypt_krl_parse(&k, wire_buf_view(&list));
			cr_expect(e == SSH_OK || e == SSH_ERR_FILE_FORMAT ||
			              e == SSH_ERR_FILE_DAMAGED || e == SSH_ERR_UNSUPPORTED,
			          "%zu: %s", i, ssh_err_name(e));
			if (e == SSH_OK)
				(void)crypt_krl_check(&k, wire_buf_view(&blob));
			list.mem[i] ^= changes[c];
		}
		enum ssh_err e = crypt_krl_parse(&k, wire_bytes(list.mem, i));
		cr_expect(e != SSH_OK || i >= header, "%zu", i);
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&list);
}

Test(krl, no_memory)
{
	struct cert_kit kit;
	cert_kit_init(&kit);
	struct crypt_key k = kit_generate(&crypt_key_ed25519);
	struct wire_buf plain = kit_public(&k), cert = cert_kit_issue(&kit, &k);
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct crypt_krl_set s = {0};
		struct wire_buf out = {0};
		struct crypt_krl parsed;
		alloc_start();
		alloc_fail_at(n);
		crypt_krl_add_serials(&s, 1, 2);
		crypt_krl_add_serials(&s, 9, 9);
		crypt_krl_add_sha256(&s, wire_buf_view(&plain));
		crypt_krl_add_id(&s, wire_bytes_str("id"));
		enum ssh_err e = crypt_krl_put(&out, &head, &s, wire_bytes(NULL, 0));
		cr_assert_eq(e == SSH_OK, wire_buf_len(&out) != 0);
		if (e == SSH_OK && (e = crypt_krl_parse(&parsed, wire_buf_view(&out))) == SSH_OK)
			e = crypt_krl_check(&parsed, wire_buf_view(&cert));
		crypt_krl_set_wipe(&s);
		wire_buf_wipe(&out);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_ERR_REVOKED, "allocation %zu: %s",
		             n, ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	wire_buf_wipe(&plain);
	wire_buf_wipe(&cert);
	crypt_key_wipe(&k);
	cert_kit_wipe(&kit);
}
