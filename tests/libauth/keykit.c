/* SPDX-License-Identifier: MIT */
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"

#include <criterion/criterion.h>
#include <stdlib.h>

bool keykit_quick(void)
{
	return getenv("NACRE_QUICK") != NULL;
}

struct crypt_rng keykit_rng(struct crypt_drbg *d)
{
	crypt_drbg_init(d, wire_bytes_str("keykit"));
	return crypt_drbg_rng(d);
}

bool keykit_can_make(const struct crypt_keyalg *alg)
{
	return strncmp(alg->name, "sk-", 3) != 0;
}

void keykit_make(struct crypt_key *k, const struct crypt_keyalg *alg)
{
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);

	cr_assert_eq(crypt_key_generate(k, alg, 1024, &rng), SSH_OK);
}

struct wire_buf keykit_public(const struct crypt_key *k)
{
	struct wire_buf b = {0};

	crypt_key_put_public(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

struct wire_buf keykit_save(const struct crypt_key *k, const struct auth_keyfile_options *o)
{
	struct wire_buf b = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	enum ssh_err e = auth_keyfile_save(&b, k, o, &rng);

	cr_assert_eq(e, SSH_OK, "%s: %s", k->alg->name, ssh_err_name(e));
	return b;
}

void keykit_check(const struct crypt_key *k, const char *type, const char *fingerprint,
                  const char *what)
{
	struct wire_buf blob = keykit_public(k), sig = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	char print[CRYPT_FINGERPRINT_SIZE];
	ssh_bytes data = wire_bytes_str("data");

	crypt_key_fingerprint(wire_buf_view(&blob), print);
	cr_expect_str_eq(k->alg->name, type, "%s", what);
	cr_expect_str_eq(print, fingerprint, "%s", what);
	if (keykit_can_make(k->alg)) {
		cr_assert_eq(crypt_key_sign(k, k->alg->sigs[0], data, &rng, &sig), SSH_OK, "%s",
		             what);
		cr_expect_eq(crypt_key_verify(k, k->alg->sigs[0], data, wire_buf_view(&sig)),
		             SSH_OK, "%s", what);
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
}

static enum ssh_err try_open(ssh_bytes text, const char *passphrase)
{
	struct crypt_key k = {0};
	enum ssh_err e =
	    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, text, wire_bytes_str(passphrase));

	cr_expect_eq(k.alg == NULL, e != 0);
	crypt_key_wipe(&k);
	return e;
}

void keykit_holds(ssh_bytes text, const char *passphrase, const struct crypt_key *k,
                  const char *comment, const char *what)
{
	struct crypt_key got = {0};
	struct wire_buf said = {0}, a, b;
	enum ssh_err e =
	    auth_keyfile_open(&got, &said, crypt_keyalgs_legacy, text, wire_bytes_str(passphrase));

	cr_assert_eq(e, SSH_OK, "%s: %s", what, ssh_err_name(e));
	a = keykit_public(&got);
	b = keykit_public(k);
	cr_expect(wire_bytes_equal(wire_buf_view(&a), wire_buf_view(&b)), "%s", what);
	if (comment != NULL)
		cr_expect(wire_bytes_is(wire_buf_view(&said), comment), "%s: %.*s", what,
		          (int)wire_buf_len(&said), (const char *)wire_buf_view(&said).ptr);
	if (passphrase != NULL) {
		cr_expect_eq(try_open(text, NULL), SSH_ERR_PASSPHRASE, "%s", what);
		cr_expect_eq(try_open(text, "wrong"), SSH_ERR_PASSPHRASE, "%s", what);
	}
	crypt_key_wipe(&got);
	wire_buf_wipe(&said);
	wire_buf_wipe(&a);
	wire_buf_wipe(&b);
}

/* --- Damage --- */

static bool is_documented(enum ssh_err e)
{
	return e == 0 || e == SSH_ERR_FILE_FORMAT || e == SSH_ERR_FILE_DAMAGED ||
	       e == SSH_ERR_PASSPHRASE || e == SSH_ERR_UNSUPPORTED || e == SSH_ERR_KEY;
}

/* Open a spoiled file: it fails, or holds the key of `blob`. */
static void open_spoiled(ssh_bytes text, const char *passphrase, ssh_bytes blob, bool weak,
                         const char *what)
{
	struct crypt_key k = {0};
	struct wire_buf own;
	enum ssh_err e =
	    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, text, wire_bytes_str(passphrase));

	cr_expect(is_documented(e), "%s: %s", what, ssh_err_name(e));
	cr_expect_eq(k.alg == NULL, e != 0, "%s", what);
	if (e != 0)
		return;
	own = keykit_public(&k);
	cr_expect(weak || wire_bytes_equal(wire_buf_view(&own), blob), "%s: another key", what);
	wire_buf_wipe(&own);
	crypt_key_wipe(&k);
}

void keykit_damage(ssh_bytes text, const char *passphrase, size_t step, bool weak, const char *what)
{
	static const uint8_t changes[] = {0x01, 0x20, 0x80};
	struct crypt_key k = {0};
	struct wire_buf copy = {0}, blob;

	cr_assert_eq(
	    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, text, wire_bytes_str(passphrase)),
	    SSH_OK, "%s", what);
	blob = keykit_public(&k);
	crypt_key_wipe(&k);
	wire_put_raw(&copy, text);
	step *= keykit_quick() ? 10 : 1;
	for (size_t i = 0; i < text.len; i += step) {
		uint8_t change = changes[i / step % sizeof changes];

		copy.mem[i] ^= change;
		open_spoiled(wire_buf_view(&copy), passphrase, wire_buf_view(&blob), weak, what);
		copy.mem[i] ^= change;
		open_spoiled(wire_bytes(copy.mem, i), passphrase, wire_buf_view(&blob), weak, what);
	}
	wire_buf_wipe(&copy);
	wire_buf_wipe(&blob);
}

static uint32_t draw(const struct crypt_rng *rng, size_t below)
{
	uint32_t n = 0;

	cr_assert_eq(crypt_rng_fill(rng, &n, sizeof n), SSH_OK);
	return below == 0 ? 0 : n % (uint32_t)below;
}

struct wire_buf keykit_mutant(const struct crypt_rng *rng, ssh_bytes in)
{
	size_t at = draw(rng, in.len), n = draw(rng, 9);
	struct wire_buf out = {0};

	wire_put_raw(&out, wire_bytes(in.ptr, at));
	switch (draw(rng, 4)) {
	case 0:
		wire_put_u8(&out, (uint8_t)draw(rng, 256));
		n = 1;
		break;
	case 1:
		break;
	case 2:
		wire_put_raw(&out, wire_bytes(in.ptr + at, n < in.len - at ? n : in.len - at));
		n = 0;
		break;
	default:
		wire_put_u32(&out, draw(rng, 0xffffffff));
		n = draw(rng, 2) * 4;
		break;
	}
	wire_put_raw(&out, wire_bytes_skip(in, at + n));
	return out;
}

void keykit_mutate(ssh_bytes text, const char *label, const char *passphrase, size_t times)
{
	struct wire_buf data = {0}, bad, armed;
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);

	times /= keykit_quick() ? 10 : 1;
	if (label != NULL)
		cr_assert_eq(auth_armor_get(&data, label, text), SSH_OK);
	for (size_t i = 0; i < times; i++) {
		bool inside = label != NULL && i % 4 != 0;

		armed = (struct wire_buf){0};
		bad = keykit_mutant(&rng, inside ? wire_buf_view(&data) : text);
		if (inside)
			auth_armor_put(&armed, label, wire_buf_view(&bad));
		open_spoiled(wire_buf_view(inside ? &armed : &bad), passphrase, wire_bytes(NULL, 0),
		             true, label);
		wire_buf_wipe(&armed);
		(void)auth_keyfile_public(&armed, wire_buf_view(&bad));
		wire_buf_wipe(&armed);
		wire_buf_wipe(&bad);
	}
	wire_buf_wipe(&data);
}

/* --- Memory --- */

void keykit_no_memory(ssh_bytes text, const char *passphrase, const struct auth_keyfile_options *o)
{
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		struct crypt_key k = {0};
		struct wire_buf comment = {0}, again = {0}, blob = {0};
		struct crypt_drbg d;
		struct crypt_rng rng = keykit_rng(&d);
		enum ssh_err e, public;

		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(n);
		public = auth_keyfile_public(&blob, text);
		e = auth_keyfile_open(&k, &comment, crypt_keyalgs_legacy, text,
		                      wire_bytes_str(passphrase));
		if (e == 0 && public != SSH_ERR_NO_MEMORY)
			e = auth_keyfile_save(&again, &k, o, &rng);
		crypt_key_wipe(&k);
		wire_buf_wipe(&comment);
		wire_buf_wipe(&again);
		wire_buf_wipe(&blob);
		alloc_stop();
		failed = alloc_failed();
		cr_assert(failed ? e == SSH_ERR_NO_MEMORY || public == SSH_ERR_NO_MEMORY : e == 0,
		          "allocation %zu: %s", n, ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		cr_assert_eq(alloc_unwiped(), 0, "allocation %zu", n);
	}
}
