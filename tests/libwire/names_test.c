/* SPDX-License-Identifier: MIT */
#include "libwire/names.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "libwire/buf.h"

#define A(n, fill) memset(n, 'a', fill)

static bool common(const char *client, const char *server, const char *want)
{
	ssh_bytes name = {NULL, 0};
	bool found = wire_names_common(wire_bytes_str(client), wire_bytes_str(server), &name);
	return want == NULL ? !found : found && wire_bytes_is(name, want);
}

/* `count` names n0,n1,... */
static struct wire_buf many(unsigned count)
{
	struct wire_buf b = {0};
	for (unsigned i = 0; i < count; i++) {
		char name[16];
		snprintf(name, sizeof name, "%sn%u", i == 0 ? "" : ",", i);
		wire_put_raw(&b, wire_bytes_str(name));
	}
	return b;
}

Test(names, walk)
{
	static const char *const want[] = {"", "a", "", "b@c", ""};
	struct wire_names w = wire_names_of(wire_bytes_str(",a,,b@c,"));
	ssh_bytes name;
	for (size_t i = 0; i < 5; i++) {
		cr_assert(wire_names_next(&w, &name), "name %zu", i);
		cr_assert(wire_bytes_is(name, want[i]), "name %zu", i);
	}
	cr_assert_not(wire_names_next(&w, &name));
	cr_assert_not(wire_names_next(&w, &name));
	w = wire_names_of(wire_bytes(NULL, 0));
	cr_assert_not(wire_names_next(&w, &name), "the empty list has a name");
}

Test(names, has_compares_whole_names_case_and_all)
{
	ssh_bytes list = wire_bytes_str("zlib,none,aes128-ctr");
	cr_assert(wire_names_has(list, wire_bytes_str("none")));
	cr_assert(wire_names_has(list, wire_bytes_str("zlib")));
	cr_assert(wire_names_has(list, wire_bytes_str("aes128-ctr")));
	cr_assert_not(wire_names_has(list, wire_bytes_str("aes128")));
	cr_assert_not(wire_names_has(list, wire_bytes_str("NONE")));
	cr_assert_not(wire_names_has(list, wire_bytes_str("zlib,none")));
	cr_assert_not(wire_names_has(list, wire_bytes(NULL, 0)));
}

Test(names, first_common_is_the_clients_choice)
{
	cr_assert(common("a,b,c", "c,b", "b"));
	cr_assert(common("a", "b", NULL));
	cr_assert(common("", "b", NULL));
	cr_assert(common("a", "", NULL));
	cr_assert(common("b,b,a", "a,a,b", "b"), "duplicates");
	cr_assert(common("None", "none", NULL), "letter case");
}

Test(names, invalid_names_never_match)
{
	static const char *const bad[] = {"a b", "a@b@c", "a\x01", "a\x7f", "\xc3\xa4"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_assert(common(bad[i], bad[i], NULL), "%zu", i);
	cr_assert(common(",a", ",b", NULL), "empty names match");
	char name[66] = {0};
	A(name, 64);
	cr_assert(common(name, name, name));
	A(name, 65);
	cr_assert(common(name, name, NULL));
}

Test(names, check)
{
	static const char *const good[] = {"",      "a", "a,b", "a,a", "zlib@openssh.com,none",
	                                   "a@b@c", ",", ",a",  "a,",  "a,,b"};
	static const char *const bad[] = {"a b", "a\nb", "a\x7f", "\x80"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		cr_assert_eq(wire_names_check(wire_bytes_str(good[i])), SSH_OK, "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_assert_eq(wire_names_check(wire_bytes_str(bad[i])), SSH_ERR_NAME_LIST, "%zu", i);
	cr_assert_eq(wire_names_check(wire_bytes("a\0b", 3)), SSH_ERR_NAME_LIST);
}

Test(names, limits)
{
	char name[WIRE_NAME_HARD_MAX + 2] = {0};
	A(name, WIRE_NAME_HARD_MAX);
	cr_assert_eq(wire_names_check(wire_bytes_str(name)), SSH_OK);
	A(name, WIRE_NAME_HARD_MAX + 1);
	cr_assert_eq(wire_names_check(wire_bytes_str(name)), SSH_ERR_NAME_LIST);

	struct wire_buf most = many(WIRE_NAMES_MAX), over = many(WIRE_NAMES_MAX + 1);
	ssh_bytes n, last = wire_bytes_str("n512");
	cr_assert_eq(wire_names_check(wire_buf_view(&most)), SSH_OK);
	cr_assert_eq(wire_names_check(wire_buf_view(&over)), SSH_ERR_NAME_LIST);
	cr_assert(wire_names_has(wire_buf_view(&over), last));
	cr_assert_not(wire_names_common(wire_buf_view(&over), last, &n), "beyond the bound");
	wire_buf_wipe(&most);
	wire_buf_wipe(&over);
}

/* 100000 names on both sides would be 10^10 comparisons if each were compared with each. */
Test(names, hostile_lists_cost_little, .timeout = 20)
{
	struct wire_buf a = many(100000);
	struct wire_buf b = {0};
	ssh_bytes n;
	for (unsigned i = 0; i < 100000; i++)
		wire_put_raw(&b, wire_bytes_str("x,"));
	cr_assert_eq(wire_names_check(wire_buf_view(&a)), SSH_ERR_NAME_LIST);
	cr_assert_not(wire_names_common(wire_buf_view(&a), wire_buf_view(&b), &n));
	wire_buf_wipe(&a);
	wire_buf_wipe(&b);
}

Test(names, patterns)
{
	static const struct {
		const char *pattern, *s;
		bool match, folded;
	} rows[] = {
	    {"", "", true, true},
	    {"", "a", false, false},
	    {"*", "", true, true},
	    {"*", "anything", true, true},
	    {"?", "", false, false},
	    {"?", "a", true, true},
	    {"?", "ab", false, false},
	    {"a*", "a", true, true},
	    {"a*c", "abbbc", true, true},
	    {"a*c", "abbbcd", false, false},
	    {"*-cbc", "aes128-cbc", true, true},
	    {"*-cbc", "aes128-cbc-", false, false},
	    {"*b*b", "abcb", true, true},
	    {"**?", "x", true, true},
	    {"A?C", "abc", false, true},
	    {"abc", "ABC", false, true},
	    {"[", "{", false, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ssh_bytes p = wire_bytes_str(rows[i].pattern), s = wire_bytes_str(rows[i].s);
		cr_expect_eq(wire_glob(p, s, false), rows[i].match, "%s, %s", rows[i].pattern,
		             rows[i].s);
		cr_expect_eq(wire_glob(p, s, true), rows[i].folded, "%s, %s", rows[i].pattern,
		             rows[i].s);
	}
}
