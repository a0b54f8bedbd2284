/* SPDX-License-Identifier: MIT */
#include "libauth/auth.h"
#include "tests/libauth/keygen.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wire_buf blob_of(ssh_bytes line)
{
	struct auth_publine l;
	struct wire_buf blob = {0};

	cr_assert_eq(auth_publine_parse(&l, line), SSH_OK);
	cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
	return blob;
}

/* The key of tests/vectors/openssh/host_NAME.pub. */
static struct wire_buf host_key(const char *name)
{
	char path[64];
	struct wire_buf text, blob;

	snprintf(path, sizeof path, "openssh/host_%s.pub", name);
	text = vector_file(path);
	blob = blob_of(wire_buf_view(&text));
	wire_buf_wipe(&text);
	return blob;
}

static const struct {
	const char *host;
	const char *key;
	enum auth_known known;
	size_t line;
	bool same_type;
} published[] = {
    {"sisyphus.example.com", "ed25519_1", AUTH_KNOWN_MATCH, 3, false},
    {"sisyphus.example.com", "rsa_1", AUTH_KNOWN_MATCH, 4, false},
    {"SISYPHUS.Example.com", "ecdsa_1", AUTH_KNOWN_MATCH, 2, false},
    {"sisyphus.example.com", "ed25519_5", AUTH_KNOWN_MATCH, 18, false}, /* hashed */
    {"sisyphus.example.com", "ed25519_3", AUTH_KNOWN_MATCH, 13, false}, /* wildcard */
    {"sisyphus.example.com", "ed25519_4", AUTH_KNOWN_REVOKED, 33, false},
    {"sisyphus.example.com", "ed25519_2", AUTH_KNOWN_CHANGED, 3, true},
    {"prometheus.example.com", "ed25519_2", AUTH_KNOWN_MATCH, 8, false},
    {"prometheus.example.com", "ed25519_6", AUTH_KNOWN_MATCH, 24, false},
    {"prometheus.example.com", "ecdsa_4", AUTH_KNOWN_CHANGED, 12, true}, /* an authority's */
    {"192.0.2.1", "ed25519_6", AUTH_KNOWN_MATCH, 25, false},
    {"2001:db8::1", "ed25519_6", AUTH_KNOWN_MATCH, 26, false},
    {"192.0.2.99", "ed25519_3", AUTH_KNOWN_MATCH, 13, false},
    {"192.0.2.99", "ed25519_1", AUTH_KNOWN_CHANGED, 13, true},
    {"192.0.3.1", "ed25519_3", AUTH_KNOWN_NOTHING, 0, false},
    {"example.com", "ed25519_1", AUTH_KNOWN_NOTHING, 0, false},
    {"", "ed25519_1", AUTH_KNOWN_NOTHING, 0, false},
};

Test(known_hosts, published)
{
	struct wire_buf text = vector_file("openssh/known_hosts");

	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
		struct wire_buf blob = host_key(published[i].key), name = {0};
		struct auth_known_result r;

		auth_known_name_put(&name, wire_bytes_str(published[i].host), 22);
		cr_assert_eq(auth_known_find(wire_buf_view(&text), wire_buf_view(&name),
		                             wire_buf_view(&blob), &r),
		             SSH_OK);
		cr_expect(r.known == published[i].known && r.line == published[i].line &&
		              r.same_type == published[i].same_type,
		          "%s %s: %d in line %zu", published[i].host, published[i].key,
		          (int)r.known, r.line);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&name);
	}
	wire_buf_wipe(&text);
}

/* --- Patterns --- */

static const struct {
	const char *hosts, *name;
	bool matches;
} patterns[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"A.B", "a.b", true},
    {"a,b", "b", true},
    {"a,,b", "b", true},
    {"a,", "", false},
    {"*", "anything", true},
    {"*.example.com", "a.example.com", true},
    {"*.example.com", "example.com", false},
    {"*.example.com", "a.example.com.evil", false},
    {"?", "a", true},
    {"?", "ab", false},
    {"*,!bad", "bad", false},
    {"!bad,*", "bad", false},
    {"!bad,*", "good", true},
    {"!bad", "good", false},
    {"!*.b,*", "a.b", false},
    {"[a]:2222", "[a]:2222", true},
    {"[a]:2222", "[a]:22222", false},
    {"[*]:2222", "[a]:2222", true},
    {"a", "[a]:2222", false},
    {"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    {"a*b*c", "aXbXbXc", true},
    {"**", "", true},
    {"|1|", "a", false},
    {"|1|B7t/AYabn8zgwU47Cb4A/Nqt3eI=|arQPZyRphkzisr7w6wwikvhaOyE=", "sisyphus.example.com", true},
    {"|1|B7t/AYabn8zgwU47Cb4A/Nqt3eI=|arQPZyRphkzisr7w6wwikvhaOyE=", "sisyphus.example.con", false},
    {"|1|B7t/AYabn8zgwU47Cb4A/Nqt3eI=|arQPZyRphkzisr7w6wwikvhaOyE", "sisyphus.example.com", false},
    {"|1|B7t/AYabn8zgwU47Cb4A/Nqt3e*=|arQPZyRphkzisr7w6wwikvhaOyE=", "sisyphus.example.com", false},
    {"|2|B7t/AYabn8zgwU47Cb4A/Nqt3eI=|arQPZyRphkzisr7w6wwikvhaOyE=", "sisyphus.example.com", false},
};

Test(known_hosts, patterns)
{
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		struct auth_known_line l = {.hosts = wire_bytes_str(patterns[i].hosts)};

		cr_expect_eq(auth_known_line_matches(&l, wire_bytes_str(patterns[i].name)),
		             patterns[i].matches, "%s %s", patterns[i].hosts, patterns[i].name);
	}
}

static const struct {
	const char *host;
	uint16_t port;
	const char *name;
} names[] = {
    {"Example.COM", 22, "example.com"},
    {"Example.COM", 2222, "[example.com]:2222"},
    {"::1", 22, "::1"},
    {"::1", 1, "[::1]:1"},
    {"a", 65535, "[a]:65535"},
    {"a", 0, "[a]:0"},
};

Test(known_hosts, names)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct wire_buf b = {0};

		auth_known_name_put(&b, wire_bytes_str(names[i].host), names[i].port);
		cr_expect(wire_bytes_is(wire_buf_view(&b), names[i].name), "%s", names[i].name);
		wire_buf_wipe(&b);
	}
}

/* --- Whose word counts --- */

#define K1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9ks7jkua5YWIwByRnnnc6UPJQWI75O0e/UJdPYU1JI"
#define K2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDFP8L9REfN/iYy1KIRtFqSCn3V2+vOCpoZYENFGLdOF"
#define KX "ssh-what AAAACHNzaC13aGF0AAAA"

static const struct {
	const char *text;
	enum auth_known known;
	size_t line;
	bool same_type;
} orders[] = {
    {"a " K1 "\n", AUTH_KNOWN_MATCH, 1, false},
    {"a " K2 "\na " K1 "\n", AUTH_KNOWN_MATCH, 2, false},
    {"a " K1 "\na " K2 "\n", AUTH_KNOWN_MATCH, 1, false},
    {"a " K1 "\na " K1 "\n", AUTH_KNOWN_MATCH, 1, false},
    {"a " K1 "\n@revoked * " K1 "\n", AUTH_KNOWN_REVOKED, 2, false},
    {"@revoked * " K1 "\na " K1 "\n", AUTH_KNOWN_REVOKED, 1, false},
    {"@revoked b " K1 "\na " K1 "\n", AUTH_KNOWN_MATCH, 2, false},
    {"@revoked * " K2 "\n", AUTH_KNOWN_NOTHING, 0, false},
    {"@cert-authority * " K1 "\n", AUTH_KNOWN_NOTHING, 0, false},
    {"@what * " K1 "\n", AUTH_KNOWN_NOTHING, 0, false},
    {"a " KX "\n", AUTH_KNOWN_CHANGED, 1, false},
    {"a " KX "\na " K2 "\n", AUTH_KNOWN_CHANGED, 2, true},
    {"a no-pty " K1 "\n", AUTH_KNOWN_NOTHING, 0, false},
    {"a 1024 35 1234567\n", AUTH_KNOWN_NOTHING, 0, false},
    {"a,!a " K1 "\n", AUTH_KNOWN_NOTHING, 0, false},
    {"\r\n a " K1 " comment\r\n", AUTH_KNOWN_MATCH, 2, false},
};

Test(known_hosts, whose_word_counts)
{
	struct wire_buf blob = blob_of(wire_bytes_str(K1));

	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct auth_known_result r;

		cr_assert_eq(auth_known_find(wire_bytes_str(orders[i].text), wire_bytes_str("a"),
		                             wire_buf_view(&blob), &r),
		             SSH_OK);
		cr_expect(r.known == orders[i].known && r.line == orders[i].line &&
		              r.same_type == orders[i].same_type,
		          "%s: %d in line %zu", orders[i].text, (int)r.known, r.line);
	}
	wire_buf_wipe(&blob);
}

/* --- Adding, and the real ssh-keygen --- */

static void add(struct wire_buf *text, const char *host, uint16_t port, const struct crypt_rng *rng)
{
	struct wire_buf name = {0}, blob = blob_of(wire_bytes_str(K1));

	auth_known_name_put(&name, wire_bytes_str(host), port);
	cr_assert_eq(auth_known_put(text, wire_buf_view(&name), wire_buf_view(&blob), rng), SSH_OK);
	wire_buf_wipe(&name);
	wire_buf_wipe(&blob);
}

/* Does `text` know the key for this host? */
static bool knows(const struct wire_buf *text, const char *host, uint16_t port)
{
	struct wire_buf name = {0}, blob = blob_of(wire_bytes_str(K1));
	struct auth_known_result r;

	auth_known_name_put(&name, wire_bytes_str(host), port);
	cr_assert_eq(
	    auth_known_find(wire_buf_view(text), wire_buf_view(&name), wire_buf_view(&blob), &r),
	    SSH_OK);
	wire_buf_wipe(&name);
	wire_buf_wipe(&blob);
	return r.known == AUTH_KNOWN_MATCH;
}

/* ssh-keygen -F finds what we write, plain and hashed, and -H hashes what we then still find. */
Test(known_hosts, ssh_keygen_agrees)
{
	struct crypt_drbg d;
	struct crypt_rng rng;
	struct wire_buf text = {0}, hashed, out;
	struct keygen g;

	crypt_drbg_init(&d, wire_bytes_str("salt"));
	rng = crypt_drbg_rng(&d);
	add(&text, "Plain.example", 22, NULL);
	add(&text, "plain.example", 2222, NULL);
	add(&text, "hashed.example", 22, &rng);
	add(&text, "hashed.example", 2222, &rng);
	keygen_init(&g);
	keygen_write(&g, "kh", wire_buf_view(&text));
	for (int i = 0; i < 4; i++) {
		static const char *const find[] = {
		    "-f @/kh -F plain.example", "-f @/kh -F '[plain.example]:2222'",
		    "-f @/kh -F hashed.example", "-f @/kh -F '[hashed.example]:2222'"};

		out = keygen_run(&g, find[i]);
		wire_put_u8(&out, 0);
		cr_expect_not_null(strstr((const char *)wire_buf_view(&out).ptr, K1), "%s",
		                   find[i]);
		wire_buf_wipe(&out);
	}
	out = keygen_run(&g, "-f @/kh -H");
	hashed = keygen_read(&g, "kh");
	wire_put_u8(&hashed, 0);
	cr_expect_null(strstr((const char *)wire_buf_view(&hashed).ptr, "plain"));
	wire_buf_cut(&hashed, wire_buf_len(&hashed) - 1);
	cr_expect(knows(&hashed, "plain.example", 22));
	cr_expect(knows(&hashed, "PLAIN.example", 2222));
	cr_expect(knows(&hashed, "hashed.example", 22));
	cr_expect(knows(&hashed, "hashed.example", 2222));
	cr_expect(!knows(&hashed, "hashed.example", 2223));
	keygen_wipe(&g);
	wire_buf_wipe(&out);
	wire_buf_wipe(&hashed);
	wire_buf_wipe(&text);
}

Test(known_hosts, names_that_no_line_can_hold)
{
	static const char *const bad[] = {"",   "a b", "a,b",      "a\nb",   "*",   "a?",
	                                  "!a", "#a",  "@revoked", "|1|x|y", "a\tb"};
	struct wire_buf blob = blob_of(wire_bytes_str(K1)), text = {0};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		cr_expect_eq(
		    auth_known_put(&text, wire_bytes_str(bad[i]), wire_buf_view(&blob), NULL),
		    SSH_ERR_ARGUMENT, "%s", bad[i]);
	cr_expect_eq(auth_known_put(&text, wire_bytes("a\0b", 3), wire_buf_view(&blob), NULL),
	             SSH_ERR_ARGUMENT);
	cr_expect_eq(wire_buf_len(&text), 0);
	wire_buf_wipe(&blob);
}

/* Without memory there is no answer, above all not "unknown" where it would be "revoked". */
Test(known_hosts, no_memory)
{
	struct wire_buf blob = blob_of(wire_bytes_str(K1));
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		struct auth_known_result r;
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		e = auth_known_find(wire_bytes_str("a " K1 "\n@revoked * " K1 "\n"),
		                    wire_bytes_str("a"), wire_buf_view(&blob), &r);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK);
		cr_assert_eq(r.known, failed ? AUTH_KNOWN_NOTHING : AUTH_KNOWN_REVOKED);
		cr_assert_eq(alloc_live_bytes(), 0);
	}
	wire_buf_wipe(&blob);
}
