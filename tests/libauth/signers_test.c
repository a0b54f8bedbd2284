/* SPDX-License-Identifier: MIT */
#include "libauth/signers.h"
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct {
	const char *text;
	bool ok, local;
	uint64_t seconds;
} times[] = {
    {"19700101Z", true, false, 0},
    {"20000229Z", true, false, 951782400},
    {"20240229z", true, false, 1709164800},
    {"202402291234Z", true, false, 1709210040},
    {"20240229123456Z", true, false, 1709210096},
    {"20240229123456", true, true, 1709210096},
    {"99991231235959Z", true, false, 253402300799},
    {"20230229Z", false, false, 0},
    {"21000229", false, true, 0},
    {"20240001", false, true, 0},
    {"20241301", false, true, 0},
    {"20240132", false, true, 0},
    {"202401012400", false, true, 0},
    {"202401012360", false, true, 0},
    {"20240101235960", false, true, 0},
    {"2024010123", false, true, 0},
    {"19691231", false, true, 0},
    {"2024010a", false, true, 0},
    {"20240101ZZ", false, true, 0},
    {"Z", false, true, 0},
    {"", false, true, 0},
};

Test(signers, times)
{
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct auth_signer_time t = {0, false};
		bool ok = auth_signer_time_parse(&t, wire_bytes_str(times[i].text));

		cr_expect_eq(ok, times[i].ok, "%s", times[i].text);
		if (!times[i].ok)
			continue;
		cr_expect_eq(t.seconds, times[i].seconds, "%s", times[i].text);
		cr_expect_eq(t.local, times[i].local, "%s", times[i].text);
	}
}

/* A key K, which signs, and an authority A, which issued C for alice@x and bob@y from 1000 to 2000. */
static char key[256], authority[256];
static struct wire_buf key_blob, cert_blob;

static void put_line(char out[256], const struct crypt_key *k)
{
	struct wire_buf blob = keykit_public(k), line = {0};

	auth_publine_put(&line, wire_buf_view(&blob), wire_bytes(NULL, 0));
	snprintf(out, 256, "%.*s", (int)wire_buf_len(&line) - 1, (const char *)line.mem);
	wire_buf_wipe(&line);
	wire_buf_wipe(&blob);
}

static void setup(void)
{
	struct crypt_key k = {0}, a = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	struct crypt_cert_authority by = {&a, &crypt_sig_ecdsa_nistp256, &rng};
	struct wire_buf names = {0};
	struct crypt_cert fields = {.alg = &crypt_cert_ed25519,
	                            .role = CRYPT_CERT_USER,
	                            .valid_after = 1000,
	                            .valid_before = 2000};

	keykit_make(&k, &crypt_key_ed25519);
	keykit_make(&a, &crypt_key_ecdsa_nistp256);
	crypt_cert_put_principal(&names, "alice@x");
	crypt_cert_put_principal(&names, "bob@y");
	fields.principals = wire_buf_view(&names);
	cr_assert_eq(crypt_cert_issue(&cert_blob, &fields, &k, &by), SSH_OK);
	key_blob = keykit_public(&k);
	put_line(key, &k);
	put_line(authority, &a);
	wire_buf_wipe(&names);
	crypt_key_wipe(&k);
	crypt_key_wipe(&a);
}

static void teardown(void)
{
	wire_buf_wipe(&key_blob);
	wire_buf_wipe(&cert_blob);
}

/* %K: the key; %A: the authority. */
static struct wire_buf expand(const char *pattern)
{
	struct wire_buf out = {0};

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '%')
			wire_put_u8(&out, (uint8_t)*pattern);
		else
			wire_put_raw(&out, wire_bytes_str(*++pattern == 'K' ? key : authority));
	}
	return out;
}

static const struct {
	const char *line;
	const char *principal, *space; /* NULL: not asked */
	uint64_t now;
	bool cert, found;
	const char *why; /* begins so */
} rows[] = {
    {"alice@x %K", "alice@x", "file", 1500, false, true, ""},
    {"alice@x %K comment of words", NULL, NULL, 1500, false, true, ""},
    {"\"alice@x\" %K", "alice@x", "file", 1500, false, true, ""},
    {"# alice@x %K\n\n  \nalice@x\t%K", "alice@x", "file", 1500, false, true, ""},
    {"alice@x %K", "Alice@x", "file", 1500, false, false, ""},
    {"*@x,!mallory@x %K", "alice@x", "file", 1500, false, true, ""},
    {"*@x,!mallory@x %K", "mallory@x", "file", 1500, false, false, ""},
    {"alice@x %A", "alice@x", "file", 1500, false, false, ""},
    {"a namespaces=\"file\" %K", "a", "file", 1500, false, true, ""},
    {"a namespaces=\"git,f*\" %K", "a", "file", 1500, false, true, ""},
    {"a namespaces=\"git\" %K", "a", "file", 1500, false, false, "key is not for this"},
    {"a namespaces=\"!file,*\" %K", "a", "file", 1500, false, false, "key is not for this"},
    {"a namespaces=\"git\" %K", "a", NULL, 1500, false, true, ""},
    {"a NAMESPACES=\"git\" %K", "a", "git", 1500, false, true, ""},
    {"a valid-after=\"19700102Z\" %K", "a", "f", 86399, false, false, "key is not valid yet"},
    {"a valid-after=\"19700102Z\" %K", "a", "f", 86400, false, true, ""},
    {"a valid-before=\"19700102Z\" %K", "a", "f", 86400, false, true, ""},
    {"a valid-before=\"19700102Z\" %K", "a", "f", 86401, false, false, "key is not valid any"},
    /* The local clock is an hour ahead. */
    {"a valid-after=\"197001020000\" %K", "a", "f", 82799, false, false, "key is not valid yet"},
    {"a valid-after=\"197001020000\" %K", "a", "f", 82800, false, true, ""},
    {"a namespaces=\"git\" %K\na namespaces=\"file\" %K", "a", "file", 1500, false, true, "key is"},
    /* Lines that mean nothing allow nothing. */
    {"a namespaces=\"\" %K", "a", "file", 1500, false, false, ""},
    {"a namespaces=\"file\",namespaces=\"x\" %K", "a", "file", 1500, false, false, ""},
    {"a valid-after=\"never\" %K", "a", "file", 1500, false, false, ""},
    {"a valid-after=\"19700103Z\",valid-before=\"19700102Z\" %K", "a", "f", 1, false, false, ""},
    {"a unknown %K", "a", "file", 1500, false, false, ""},
    {"a cert-authority=\"x\" %K", "a", "file", 1500, false, false, ""},
    {"\"a %K", "a", "file", 1500, false, false, ""},
    {"\"\" %K", "", "file", 1500, false, false, ""},
    {"a", "a", "file", 1500, false, false, ""},
    {"a ssh-ed25519 AAAA", "a", "file", 1500, false, false, ""},
    /* Certificates. */
    {"* cert-authority %A", "alice@x", "file", 1500, true, true, ""},
    {"*@y cert-authority %A", "bob@y", "file", 1500, true, true, ""},
    {"*@y cert-authority %A", "alice@x", "file", 1500, true, false, ""},
    {"*@y cert-authority %A", NULL, NULL, 1500, true, true, ""},
    {"*@z cert-authority %A", NULL, NULL, 1500, true, false, "certificate does not name"},
    {"* cert-authority %A", "carol@x", "file", 1500, true, false, "does not name"},
    {"* cert-authority %A", "alice@x", "file", 999, true, false, "not valid yet"},
    {"* cert-authority %A", "alice@x", "file", 2000, true, false, "expired"},
    {"* cert-authority,namespaces=\"git\" %A", "alice@x", "file", 1500, true, false, "key is not"},
    {"* %A", "alice@x", "file", 1500, true, false, ""},
    {"* cert-authority %K", "alice@x", "file", 1500, true, false, ""},
    {"* cert-authority %K", "alice@x", "file", 1500, false, false, ""},
    /* A certificate's line is not the line of its key. */
    {"* %K", "alice@x", "file", 1500, true, false, ""},
};

static enum ssh_err find(size_t i, ssh_bytes text, struct auth_signer *s, const char **why)
{
	struct auth_signer_query q = {
	    .key = wire_buf_view(rows[i].cert ? &cert_blob : &key_blob),
	    .principal = wire_bytes_str(rows[i].principal),
	    .space = wire_bytes_str(rows[i].space),
	    .now = rows[i].now,
	    .zone = 3600,
	};

	return auth_signers_find(&text, &q, s, why);
}

Test(signers, rows, .init = setup, .fini = teardown)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf text = expand(rows[i].line);
		struct auth_signer s;
		const char *why;
		enum ssh_err e = find(i, wire_buf_view(&text), &s, &why);

		cr_expect_eq(e, rows[i].found ? SSH_OK : SSH_ERR_NOT_FOUND, "%s: %s", rows[i].line,
		             ssh_err_name(e));
		cr_expect_eq(strncmp(why, rows[i].why, strlen(rows[i].why)), 0, "%s: %s",
		             rows[i].line, why);
		cr_expect(rows[i].why[0] != '\0' || why[0] == '\0' || e == 0, "%s: %s",
		          rows[i].line, why);
		wire_buf_wipe(&text);
	}
}

/* One line after the other; without a key, by name alone. */
Test(signers, all_lines, .init = setup, .fini = teardown)
{
	struct wire_buf text = expand("a,b %K\nc %K\n*,!b %A\nb namespaces=\"x\" %A");
	struct auth_signer_query q = {.principal = wire_bytes_str("b")};
	ssh_bytes rest = wire_buf_view(&text);
	struct auth_signer s;
	const char *why;

	cr_assert_eq(auth_signers_find(&rest, &q, &s, &why), SSH_OK);
	cr_expect(wire_bytes_is(s.principals, "a,b"));
	cr_assert_eq(auth_signers_find(&rest, &q, &s, &why), SSH_OK);
	cr_expect(wire_bytes_is(s.principals, "b"));
	cr_expect(wire_bytes_is(s.spaces, "x"));
	cr_expect_eq(auth_signers_find(&rest, &q, &s, &why), SSH_ERR_NOT_FOUND);
	wire_buf_wipe(&text);
}

Test(signers, mutants, .init = setup, .fini = teardown)
{
	struct wire_buf text =
	    expand("\"a,!b\" namespaces=\"x,y\",valid-after=\"20200101Z\" %K\n* cert-authority %A");
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);

	for (size_t i = 0; i < (keykit_quick() ? 300 : 3000); i++) {
		struct wire_buf bad = keykit_mutant(&rng, wire_buf_view(&text));
		struct auth_signer s;
		const char *why;

		alloc_start();
		cr_expect_neq(find(0, wire_buf_view(&bad), &s, &why), SSH_ERR_NO_MEMORY);
		alloc_stop();
		cr_expect_eq(alloc_live_bytes(), 0);
		wire_buf_wipe(&bad);
	}
	wire_buf_wipe(&text);
}

/* Base64 that ends too soon has left memory behind by then. */
Test(signers, damaged_key_leaves_nothing)
{
	ssh_bytes text = wire_bytes_str("a ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAA\n"
	                                "a ssh-ed25519 AAAAB3NzaC1yc2EAAAAD\n");
	struct auth_signer_query q = {.key = wire_bytes_str("key")};
	struct auth_signer s;
	const char *why;

	alloc_start();
	cr_assert_eq(auth_signers_find(&text, &q, &s, &why), SSH_ERR_NOT_FOUND);
	alloc_stop();
	cr_assert(alloc_count() > 0);
	cr_assert_eq(alloc_live_bytes(), 0);
}

Test(signers, no_memory, .init = setup, .fini = teardown)
{
	struct wire_buf text = expand("x %K\n* cert-authority %A");
	bool failed = true;
	size_t row = 0;

	while (!rows[row].cert)
		row++;
	for (size_t n = 1; failed; n++) {
		struct auth_signer s;
		const char *why;
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		e = find(row, wire_buf_view(&text), &s, &why);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	wire_buf_wipe(&text);
}
