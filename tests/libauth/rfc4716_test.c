/* SPDX-License-Identifier: MIT */
#include "libauth/rfc4716.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const comments[] = {
    "2048-bit RSA",
    "2048-bit RSA",
    "this is a special multi-line comment how cool is that not?",
    "this is a special multi-line comment how cool is that not?",
    "",
    "Foo bar baz",
};

/* Six forms of one key, rfc4716_rsa.pub to rfc4716_rsa6.pub. */
Test(rfc4716, published)
{
	for (size_t i = 0; i < 6; i++) {
		struct wire_buf text, blob = {0}, comment = {0};
		char name[64], print[CRYPT_FINGERPRINT_SIZE];

		snprintf(name, sizeof name, "mscdex-ssh2/rfc4716_rsa%.*s.pub", i > 0, &"123456"[i]);
		text = vector_file(name);
		cr_assert_eq(auth_rfc4716_parse(&blob, &comment, wire_buf_view(&text)), SSH_OK,
		             "%s", name);
		crypt_key_fingerprint(wire_buf_view(&blob), print);
		cr_expect_str_eq(print, "SHA256:cRmXENJdGItVGQjIZ4PQ6O0p5Rk7YA9E3lcWMF4Z3vs", "%s",
		                 name);
		cr_expect(wire_bytes_is(wire_buf_view(&comment), comments[i]), "%s: %.*s", name,
		          (int)wire_buf_len(&comment), (const char *)wire_buf_view(&comment).ptr);
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&comment);
	}
}

#define LONG                                                                                       \
	"a comment that goes on and on, over the end of a line of seventy bytes and then over "    \
	"the end of another one, where there is a blank, and ends with a backslash \\"

static const struct {
	const struct crypt_keyalg *alg;
	const char *comment;
} written[] = {
    {&crypt_key_ed25519, ""},
    {&crypt_key_ecdsa_nistp256, "nemo"},
    {&crypt_key_ecdsa_nistp384, "a: b"},
    {&crypt_key_ecdsa_nistp521, "\\"},
    {&crypt_key_rsa, LONG},
};

/* What we write, we read; ssh-keygen reads it, and what it writes we read. */
Test(rfc4716, there_and_back)
{
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		struct crypt_key k = {0};
		struct wire_buf text = {0}, blob, got = {0}, comment = {0}, out, line = {0};
		struct keygen g;

		keykit_make(&k, written[i].alg);
		blob = keykit_public(&k);
		cr_assert_eq(auth_rfc4716_put(&text, wire_buf_view(&blob),
		                              wire_bytes_str(written[i].comment)),
		             SSH_OK);
		cr_assert_eq(auth_rfc4716_parse(&got, &comment, wire_buf_view(&text)), SSH_OK);
		cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&blob)), "%zu", i);
		cr_expect(wire_bytes_is(wire_buf_view(&comment), written[i].comment), "%zu: %.*s",
		          i, (int)wire_buf_len(&comment),
		          (const char *)wire_buf_view(&comment).ptr);
		keygen_init(&g);
		keygen_write(&g, "k", wire_buf_view(&text));
		out = keygen_run(&g, "-i -f @/k");
		auth_publine_put(&line, wire_buf_view(&blob), wire_bytes(NULL, 0));
		cr_expect(wire_bytes_equal(wire_buf_view(&out), wire_buf_view(&line)), "%zu", i);
		keygen_write(&g, "line", wire_buf_view(&line));
		wire_buf_wipe(&out);
		wire_buf_reset(&got);
		out = keygen_run(&g, "-e -f @/line");
		cr_assert_eq(auth_rfc4716_parse(&got, NULL, wire_buf_view(&out)), SSH_OK);
		cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&blob)), "%zu", i);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&got);
		wire_buf_wipe(&comment);
		wire_buf_wipe(&out);
		wire_buf_wipe(&line);
	}
}

#define BEGIN "---- BEGIN SSH2 PUBLIC KEY ----\n"
#define END   "---- END SSH2 PUBLIC KEY ----\n"
#define T64   "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"

static const struct {
	const char *text;
	enum ssh_err err;
	const char *comment;
} texts[] = {
    {BEGIN "AAAA\n" END, 0, ""},
    {"\r\n---- BEGIN SSH2 PUBLIC KEY ----\r\nAAAA\r\n---- END SSH2 PUBLIC KEY ----\r\n", 0, ""},
    {"---- BEGIN SSH2 PUBLIC KEY ----\rcomment: x\rAAAA\r---- END SSH2 PUBLIC KEY ----\r", 0, "x"},
    {BEGIN T64 ": x\nCOMMENT: \"\nAAAA\n" END, 0, "\""},
    {BEGIN T64 "t: x\nAAAA\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN ": x\nAAAA\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN "Comment: x\\\n", SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN "AAAA\nComment: x\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN "Comment: x\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN " \t\f\n\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN "Comment: x\nAAA\n" END, SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN "AAAA\n", SSH_ERR_FILE_DAMAGED, ""},
    {BEGIN, SSH_ERR_FILE_DAMAGED, ""},
    {END, SSH_ERR_FILE_FORMAT, ""},
    {"", SSH_ERR_FILE_FORMAT, ""},
};

Test(rfc4716, texts)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct wire_buf blob = {0}, comment = {0};
		enum ssh_err e = auth_rfc4716_parse(&blob, &comment, wire_bytes_str(texts[i].text));

		cr_expect_eq(e, texts[i].err, "%zu: %s", i, ssh_err_name(e));
		cr_expect_eq(wire_buf_len(&blob), e == 0 ? 3 : 0, "%zu", i);
		cr_expect(wire_bytes_is(wire_buf_view(&comment), texts[i].comment), "%zu", i);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&comment);
	}
}

/* A header's value may have 1024 bytes, and no more. */
Test(rfc4716, value_bounds)
{
	for (size_t n = AUTH_RFC4716_VALUE_MAX; n <= AUTH_RFC4716_VALUE_MAX + 1; n++) {
		struct wire_buf text = {0}, blob = {0};

		wire_put_raw(&text, wire_bytes_str(BEGIN "x: "));
		for (size_t i = 0; i < n; i++)
			wire_put_u8(&text, 'v');
		wire_put_raw(&text, wire_bytes_str("\nAAAA\n" END));
		cr_expect_eq(auth_rfc4716_parse(&blob, NULL, wire_buf_view(&text)),
		             n > AUTH_RFC4716_VALUE_MAX ? SSH_ERR_FILE_DAMAGED : SSH_OK);
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
	}
}

static const char *const refused[] = {"a\nb", "a\"b", "\x7f"};

Test(rfc4716, comments_that_do_not_fit)
{
	struct wire_buf out = {0};

	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(
		    auth_rfc4716_put(&out, wire_bytes_str("blob"), wire_bytes_str(refused[i])),
		    SSH_ERR_ARGUMENT);
	cr_expect_eq(wire_buf_len(&out), 0);
}

static struct wire_buf a_file(void)
{
	struct wire_buf text = {0};

	cr_assert_eq(auth_rfc4716_put(&text, wire_bytes_str("a blob of some length"),
	                              wire_bytes_str("a comment so long that it goes on in the "
	                                             "next line, behind a backslash")),
	             SSH_OK);
	return text;
}

/* Nothing may crash or leak, and nothing be appended on an error. */
Test(rfc4716, mutants)
{
	struct wire_buf text = a_file();
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);

	for (size_t i = 0; i < (keykit_quick() ? 500 : 5000); i++) {
		struct wire_buf bad = keykit_mutant(&rng, wire_buf_view(&text)), blob = {0},
		                comment = {0};
		enum ssh_err e;

		alloc_start();
		e = auth_rfc4716_parse(&blob, &comment, wire_buf_view(&bad));
		cr_expect(e == 0 || (wire_buf_len(&blob) == 0 && wire_buf_len(&comment) == 0));
		wire_buf_wipe(&blob);
		wire_buf_wipe(&comment);
		alloc_stop();
		cr_assert_eq(alloc_live_bytes(), 0);
		wire_buf_wipe(&bad);
	}
	wire_buf_wipe(&text);
}

Test(rfc4716, no_memory)
{
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		struct wire_buf text = a_file(), blob = {0}, comment = {0}, again = {0};
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		e = auth_rfc4716_parse(&blob, &comment, wire_buf_view(&text));
		if (e == 0)
			e = auth_rfc4716_put(&again, wire_buf_view(&blob), wire_buf_view(&comment));
		wire_buf_wipe(&blob);
		wire_buf_wipe(&comment);
		wire_buf_wipe(&again);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		wire_buf_wipe(&text);
	}
}
