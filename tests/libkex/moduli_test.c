/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* Small safe primes, as a file of moduli has them: it is the sizes that count here. */
#define P64  "FFFFFFFFFFFFFA43"
#define P256 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF72EF"
#define Q256 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF72F1"

static struct wire_buf buf;
static struct crypt_drbg drbg;

static struct crypt_rng seeded(const char *seed)
{
	crypt_drbg_init(&drbg, wire_bytes_str(seed));
	return crypt_drbg_rng(&drbg);
}

Test(moduli, lines)
{
	static const struct {
		const char *line;
		enum ssh_err e;
	} rows[] = {
	    {"20240101000000 2 6 100 63 2 " P64, SSH_OK},
	    {"20240101000000\t2  6 100 63 2 " P64, SSH_OK},
	    {"1 4 6 0 63 0 " P64, SSH_OK},
	    {"1 2 6 100 60 5 1fffffffffffffff", SSH_OK},
	    {"", SSH_ERR_NOT_FOUND},
	    {"   ", SSH_ERR_NOT_FOUND},
	    {"# Time Type Tests Tries Size Generator Modulus", SSH_ERR_NOT_FOUND},
	    {"20240101000000 2 6 100 64 2 " P64, SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 63 2", SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 63 2 " P64 " more", SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 63 2 0" P64, SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 63 2 XFFFFFFFFFFFFA43", SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 63 x " P64, SSH_ERR_FILE_FORMAT},
	    {"20240101000000 -2 6 100 63 2 " P64, SSH_ERR_FILE_FORMAT},
	    {"20240101000000 2 6 100 4294967295 2 " P64, SSH_ERR_FILE_FORMAT},
	    {"yesterday 2 6 100 63 2 " P64, SSH_ERR_FILE_FORMAT},
	    {"1 2 6 100 63 2 0", SSH_ERR_FILE_FORMAT},
	    {"1", SSH_ERR_FILE_FORMAT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kex_modulus m;
		ssh_bytes line = wire_bytes_str(rows[i].line);
		enum ssh_err e = kex_modulus_parse(line, &m);
		cr_expect_eq(e, rows[i].e, "%s: %s", rows[i].line, ssh_err_name(e));
	}
}

Test(moduli, a_line_is_what_was_put_there)
{
	static const char *const lines[] = {"20240101000000 2 6 100 63 2 " P64 "\n",
	                                    "20240101000000 4 2 0 255 0 " P256 "\n",
	                                    "19991231235959 2 7 25 60 1F 1FFFFFFFFFFFFFFF\n"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct kex_modulus m;
		ssh_bytes line = wire_bytes_str(lines[i]);
		cr_assert_eq(kex_modulus_parse(wire_bytes(line.ptr, line.len - 1), &m), SSH_OK);
		wire_buf_reset(&buf);
		kex_modulus_put(&buf, &m);
		cr_expect(wire_bytes_equal(wire_buf_view(&buf), line), "%s", lines[i]);
	}
	wire_buf_wipe(&buf);
}

/* A line of so many digits. */
static enum ssh_err parse_long(size_t digits)
{
	struct kex_modulus m;
	char head[64];
	snprintf(head, sizeof head, "20240101000000 2 6 100 %zu 2 ", digits * 4 - 1);
	wire_buf_reset(&buf);
	wire_put_raw(&buf, wire_bytes_str(head));
	for (size_t i = 0; i < digits; i++)
		wire_put_u8(&buf, 'F');
	return kex_modulus_parse(wire_buf_view(&buf), &m);
}

Test(moduli, the_length_of_a_line_is_bounded)
{
	cr_expect_eq(parse_long(4096), SSH_OK);
	cr_expect_eq(parse_long(4097), SSH_ERR_FILE_FORMAT);
	cr_expect_eq(parse_long(KEX_MODULI_LINE_MAX), SSH_ERR_TOO_LONG);
	wire_buf_wipe(&buf);
}

/* --- Choice --- */

#define LINE(type, tests, size, g, p) "20240101000000 " type " " tests " 100 " size " " g " " p "\n"

/* 64 bits, twice 256, and what may not be served. */
static const char file[] =
    "# a comment\n"
    "\n" LINE("2", "6", "63", "2", P64) LINE("2", "6", "255", "2", P256)
        LINE("2", "6", "255", "5", P256) LINE("4", "6", "255", "2", Q256)
            LINE("2", "7", "255", "2", Q256) LINE("2", "0", "255", "2", Q256)
                LINE("2", "6", "255", "0", Q256) LINE("2", "6", "255", "1", Q256) "garbage\n";

static enum ssh_err choose(uint32_t min, uint32_t n, uint32_t max, struct kex_group *group)
{
	struct crypt_rng rng = seeded("choice");
	const struct kex_gex_request fit = {min, n, max};
	return kex_moduli_choose(wire_bytes_str(file), &fit, &rng, &buf, group);
}

Test(moduli, the_smallest_that_is_large_enough_or_else_the_largest)
{
	static const struct {
		uint32_t min, n, max;
		size_t bytes; /* 0: none */
	} rows[] = {{64, 64, 256, 8},   {64, 65, 256, 32}, {32, 64, 300, 8},  {32, 256, 300, 32},
	            {32, 300, 300, 32}, {32, 300, 255, 8}, {65, 65, 256, 32}, {65, 65, 255, 0},
	            {257, 300, 400, 0}, {32, 40, 63, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kex_group group;
		group.p.len = 0;
		enum ssh_err e = choose(rows[i].min, rows[i].n, rows[i].max, &group);
		cr_expect_eq(e, rows[i].bytes == 0 ? SSH_ERR_NOT_FOUND : SSH_OK, "row %zu", i);
		cr_expect_eq(group.p.len, rows[i].bytes, "row %zu", i);
	}
	wire_buf_wipe(&buf);
}

/* Each of the same size comes up, and none of those that may not be served. */
Test(moduli, one_of_the_best_is_drawn)
{
	struct crypt_rng rng = seeded("draw");
	const struct kex_gex_request fit = {256, 256, 256};
	struct wire_buf want = {0};
	size_t seen[2] = {0};
	unhex(&want, P256);
	for (int i = 0; i < 100; i++) {
		struct kex_group group;
		cr_assert_eq(kex_moduli_choose(wire_bytes_str(file), &fit, &rng, &buf, &group),
		             SSH_OK);
		cr_assert(wire_bytes_equal(group.p, wire_buf_view(&want)));
		cr_assert(group.g.len == 1 && (group.g.ptr[0] == 2 || group.g.ptr[0] == 5));
		seen[group.g.ptr[0] == 5]++;
	}
	cr_expect_gt(seen[0], 20);
	cr_expect_gt(seen[1], 20);
	wire_buf_wipe(&want);
	wire_buf_wipe(&buf);
}

static enum ssh_err no_bytes(void *ctx, uint8_t *out, size_t n)
{
	(void)ctx;
	(void)out;
	(void)n;
	return SSH_ERR_RANDOM;
}

Test(moduli, memory_and_randomness_may_be_wanting)
{
	const struct crypt_rng broken = {no_bytes, NULL};
	const struct kex_gex_request fit = {64, 64, 256};
	struct kex_group group;
	for (size_t n = 1, failed = 1; failed; n++) {
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = choose(64, 256, 256, &group);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu", n);
		wire_buf_wipe(&buf);
	}
	cr_expect_eq(kex_moduli_choose(wire_bytes_str(file), &fit, &broken, &buf, &group),
	             SSH_ERR_RANDOM);
	cr_expect_eq(kex_moduli_choose(wire_bytes(NULL, 0), &fit, &broken, &buf, &group),
	             SSH_ERR_NOT_FOUND);
	wire_buf_wipe(&buf);
}

/* --- Connections --- */

static const struct kex_agree *const gex[] = {&kex_dh_gex_sha256, NULL};

static void connect_pair(struct pair *p, size_t chunk, struct kex_gex_policy client,
                         struct kex_gex_policy server)
{
	pair_init(p, chunk);
	p->client.config.agrees = gex;
	p->client.config.gex = client;
	p->server.config.gex = server;
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
}

Test(moduli, a_connection_with_a_group_of_the_file)
{
	static const size_t chunks[] = {1, 7, PAIR_WHOLE};
	const struct kex_gex_policy client = {.min_bits = 128, .preferred_bits = 256};
	const struct kex_gex_policy server = {.min_bits = 128, .moduli = wire_bytes_str(file)};
	for (size_t i = 0; i < 6; i++) {
		static struct pair p;
		struct kex_gex_policy c = client;
		c.old_request = i >= 3;
		connect_pair(&p, chunks[i % 3], c, server);
		cr_assert(pair_is_open(&p), "%zu: %s", i, ssh_err_name(p.client.err));
		cr_expect_eq(p.client.kex.run.group.p.len, 0, "the run is wiped");
		pair_wipe(&p);
	}
}

/* Our least size is 2048 bits: RFC 8270. The groups of the RFC stand in for a file that has none. */
Test(moduli, policies_meet_or_not)
{
	const struct kex_gex_policy usual = {0}, small = {.min_bits = 128, .preferred_bits = 256},
	                            old = {.old_request = true},
	                            large = {.min_bits = 4096, .preferred_bits = 4096},
	                            upto = {.max_bits = 3072},
	                            file_only = {.min_bits = 128, .moduli = wire_bytes_str(file)};
	const struct {
		const char *name;
		struct kex_gex_policy client, server;
		enum ssh_err e;
	} rows[] = {
	    {"usual", usual, usual, SSH_OK},
	    {"old form", old, usual, SSH_OK},
	    {"small, to a server of usual size", small, usual, SSH_OK},
	    {"usual, to a server with small moduli", usual, file_only, SSH_OK},
	    {"old form, to a server with small moduli", old, file_only, SSH_OK},
	    {"large, to a server that ends below", large, upto, SSH_ERR_KEX_VALUE},
	    {"a client that ends below", upto, large, SSH_ERR_KEX_VALUE},
	    {"large", large, usual, SSH_OK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct pair p;
		connect_pair(&p, PAIR_WHOLE, rows[i].client, rows[i].server);
		cr_expect_eq(p.server.err, rows[i].e, "%s: %s", rows[i].name,
		             ssh_err_name(p.server.err));
		cr_expect_eq(pair_is_open(&p), rows[i].e == SSH_OK, "%s: %s", rows[i].name,
		             ssh_err_name(p.client.err));
		pair_wipe(&p);
	}
}

/* A number of good size that is no safe prime, from a server: tested, unless it was left out. */
Test(moduli, a_client_tests_what_it_gets_unless_told_not_to)
{
	static const char bad[] = LINE("2", "6", "255", "2", Q256);
	const struct kex_gex_policy server = {.min_bits = 128, .moduli = wire_bytes_str(bad)};
	for (int untested = 0; untested < 2; untested++) {
		static struct pair p;
		const struct kex_gex_policy client = {
		    .min_bits = 128, .preferred_bits = 256, .untested = untested == 1};
		connect_pair(&p, PAIR_WHOLE, client, server);
		cr_expect_eq(p.client.err, untested == 1 ? SSH_OK : SSH_ERR_KEX_VALUE, "%s",
		             ssh_err_name(p.client.err));
		pair_wipe(&p);
	}
}

/* --- Requests, one after the other --- */

static void say(struct pair_side *s, struct pair *p, ssh_bytes payload)
{
	struct wire_buf packet = {0};
	pair_plain(&packet, payload);
	pair_feed(p, s, wire_buf_view(&packet));
	wire_buf_wipe(&packet);
}

/* A server that has had its peer's KEXINIT and waits for a request. */
static void await_request(struct pair *p)
{
	pair_init(p, PAIR_WHOLE);
	p->client.config.agrees = gex;
	p->client.config.strict = KEX_STRICT_OFF;
	cr_assert_eq(pair_start(p), SSH_OK);
	p->client.mute = true;
	pair_feed(p, &p->server, wire_buf_view(&p->client.kex.out.buf));
	cr_assert_eq(p->server.kex.state, KEX_EXPECT_GEX_REQUEST);
}

Test(moduli, one_request_an_exchange)
{
	static const ssh_bytes form[] = {
	    {(const uint8_t *)"\x22\0\0\x08\0\0\0\x08\0\0\0\x20\0", 13},
	    {(const uint8_t *)"\x1e\0\0\x08\0", 5}};
	for (size_t i = 0; i < 4; i++) {
		static struct pair p;
		await_request(&p);
		say(&p.server, &p, form[i % 2]);
		cr_assert_eq(p.server.err, SSH_OK, "%zu: %s", i, ssh_err_name(p.server.err));
		cr_assert_eq(p.server.kex.state, KEX_EXPECT_GEX_INIT);
		say(&p.server, &p, form[i / 2]);
		cr_assert_eq(p.server.err, SSH_ERR_UNEXPECTED, "%zu: %s", i,
		             ssh_err_name(p.server.err));
		pair_wipe(&p);
	}
}

Test(moduli, requests_that_are_none)
{
	static const struct {
		const char *name;
		ssh_bytes payload;
		enum ssh_err e;
	} rows[] = {
	    {"the new form with zeros",
	     {(const uint8_t *)"\x22\0\0\0\0\0\0\x08\0\0\0\0\0", 13},
	     SSH_ERR_KEX_VALUE},
	    {"the old form cut", {(const uint8_t *)"\x1e\0\0\x08", 4}, SSH_ERR_TRUNCATED},
	    {"the old form with more", {(const uint8_t *)"\x1e\0\0\x08\0\0", 6}, SSH_ERR_TRAILING},
	    {"a KEXDH_INIT", {(const uint8_t *)"\x1e\0\0\0\x03xyz", 8}, SSH_ERR_TRAILING},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct pair p;
		await_request(&p);
		say(&p.server, &p, rows[i].payload);
		cr_expect_eq(p.server.err, rows[i].e, "%s: %s", rows[i].name,
		             ssh_err_name(p.server.err));
		pair_wipe(&p);
	}
}
