/* SPDX-License-Identifier: MIT */
#include "libkex/gex.h"
#include "libwire/mpint.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <gmp.h>
#include <stdlib.h>

static const struct kex_group *const known[] = {&kex_group14, &kex_group15, &kex_group16,
                                                &kex_group17, &kex_group18};
static const struct kex_gex_policy usual = {0};
static const uint32_t known_bits[] = {2048, 3072, 4096, 6144, 8192};

/* RFC 3526: 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + add), pi left out: it is what is left. */
static void check_shape(const struct kex_group *group, uint32_t bits)
{
	static const uint8_t ones[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	/* The first bits of pi - 3, behind the ones and the two bits of 3. */
	static const uint8_t pi[8] = {0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34};
	cr_assert_eq(wire_mpint_bits(group->p), bits);
	cr_assert_eq(group->p.len, bits / 8);
	cr_assert_eq(memcmp(group->p.ptr, ones, 8), 0);
	cr_assert_eq(memcmp(group->p.ptr + 8, pi, 8), 0);
	cr_assert_eq(memcmp(group->p.ptr + bits / 8 - 8, ones, 8), 0);
	cr_assert(wire_bytes_equal(group->g, wire_bytes("\x02", 1)));
}

/* Are p and (p-1)/2 prime, and does 2 generate the subgroup of that order? */
static void check_safe(const struct kex_group *group, uint32_t bits)
{
	mpz_t p, q, two;
	mpz_inits(p, q, NULL);
	mpz_init_set_ui(two, 2);
	mpz_import(p, group->p.len, 1, 1, 1, 0, group->p.ptr);
	mpz_tdiv_q_2exp(q, p, 1);
	cr_assert_gt(mpz_probab_prime_p(p, 1), 0, "%u", bits);
	cr_assert_gt(mpz_probab_prime_p(q, 1), 0, "%u", bits);
	mpz_powm(two, two, q, p);
	cr_assert_eq(mpz_cmp_ui(two, 1), 0, "%u", bits);
	mpz_clears(p, q, two, NULL);
}

Test(gex, groups_of_rfc3526)
{
	/* The two largest take seconds. */
	size_t tested = getenv("NACRE_LONG") != NULL ? 5 : 3;
	for (size_t i = 0; i < 5; i++)
		check_shape(known[i], known_bits[i]);
	for (size_t i = 0; i < tested; i++)
		check_safe(known[i], known_bits[i]);
	check_shape(&kex_group1, 1024);
	check_safe(&kex_group1, 1024);
}

Test(gex, requests)
{
	static const struct {
		struct kex_gex_request ask;
		enum ssh_err e;
		struct kex_gex_request fit;
	} rows[] = {
	    {{2048, 3072, 8192}, SSH_OK, {2048, 3072, 8192}},
	    {{1024, 1024, 8192}, SSH_OK, {2048, 2048, 8192}},
	    {{1024, 4096, 16384}, SSH_OK, {2048, 4096, 8192}},
	    {{0, 0, UINT32_MAX}, SSH_OK, {2048, 2048, 8192}},
	    {{0, UINT32_MAX, UINT32_MAX}, SSH_OK, {2048, 8192, 8192}},
	    {{4096, 4096, 4096}, SSH_OK, {4096, 4096, 4096}},
	    {{1024, 1536, 2048}, SSH_OK, {2048, 2048, 2048}},
	    {{8192, 10000, 10000}, SSH_OK, {8192, 8192, 8192}},
	    /* the old form */
	    {{0, 1024, 0}, SSH_OK, {2048, 2048, 8192}},
	    {{0, 3072, 0}, SSH_OK, {2048, 3072, 8192}},
	    {{0, 16384, 0}, SSH_OK, {2048, 8192, 8192}},
	    /* contradictions, and ranges that do not meet ours */
	    {{4096, 4096, 2048}, SSH_ERR_KEX_VALUE, {0}},
	    {{3072, 2048, 8192}, SSH_ERR_KEX_VALUE, {0}},
	    {{2048, 8192, 4096}, SSH_ERR_KEX_VALUE, {0}},
	    {{1, 0, 0}, SSH_ERR_KEX_VALUE, {0}},
	    {{1024, 1024, 2047}, SSH_ERR_KEX_VALUE, {0}},
	    {{8193, 8193, 16384}, SSH_ERR_KEX_VALUE, {0}},
	    {{UINT32_MAX, UINT32_MAX, UINT32_MAX}, SSH_ERR_KEX_VALUE, {0}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kex_gex_request fit = {0};
		cr_assert_eq(kex_gex_check_request(&rows[i].ask, &usual, &fit), rows[i].e,
		             "row %zu", i);
		cr_assert_eq(fit.min, rows[i].fit.min, "row %zu", i);
		cr_assert_eq(fit.n, rows[i].fit.n, "row %zu", i);
		cr_assert_eq(fit.max, rows[i].fit.max, "row %zu", i);
	}
}

Test(gex, choice)
{
	static const struct {
		struct kex_gex_request fit;
		const struct kex_group *group;
	} rows[] = {
	    {{2048, 2048, 8192}, &kex_group14}, {{2048, 2049, 8192}, &kex_group15},
	    {{2048, 3072, 8192}, &kex_group15}, {{2048, 4000, 8192}, &kex_group16},
	    {{2048, 4097, 8192}, &kex_group17}, {{2048, 8192, 8192}, &kex_group18},
	    {{2048, 4097, 6000}, &kex_group16}, /* nothing so large: the largest */
	    {{2048, 2048, 3000}, &kex_group14}, {{3000, 3000, 3100}, &kex_group15},
	    {{2049, 2500, 3000}, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(kex_gex_choose(&rows[i].fit), rows[i].group, "row %zu", i);
}

/* Requests within which the numbers of 256 bits below are of a good size. */
static const struct kex_gex_request small = {128, 256, 8192};

#define SAFE  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff72ef"
#define LOWER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff72ee"

static enum ssh_err check(const char *p_hex, const char *g_hex, const struct kex_gex_request *ask)
{
	struct wire_buf p = {0}, g = {0};
	unhex(&p, p_hex);
	unhex(&g, g_hex);
	struct kex_group group = {wire_buf_view(&p), wire_buf_view(&g)};
	enum ssh_err e = kex_gex_check_group(&group, ask, &usual);
	wire_buf_wipe(&p);
	wire_buf_wipe(&g);
	return e;
}

Test(gex, moduli)
{
	static const struct {
		const char *p;
		enum ssh_err e;
		const char *what;
	} rows[] = {
	    {SAFE, SSH_OK, "a safe prime"},
	    {LOWER, SSH_ERR_KEX_VALUE, "even"},
	    {"", SSH_ERR_KEX_VALUE, "0"},
	    {"01", SSH_ERR_KEX_VALUE, "1"},
	    {"8000000000000000000000000000000000000000000000000000000000000000", SSH_ERR_KEX_VALUE,
	     "a power of two"},
	    {"ffffffffffffffffffffffffffffffffffffffefffffffffffffffffffffffe1", SSH_ERR_KEX_VALUE,
	     "a prime whose half is none"},
	    {"ffffffffffffffffffffffffffffffffffffffdfffffffffffffffffffffe9fb", SSH_ERR_KEX_VALUE,
	     "a composite whose half is prime"},
	    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff72f1", SSH_ERR_KEX_VALUE,
	     "a composite"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(check(rows[i].p, "02", &small), rows[i].e, "%s", rows[i].what);
	/* Nothing to be read past the end, whatever the request allows. */
	struct kex_gex_request any = {0, 0, UINT32_MAX};
	cr_assert_eq(check("", "", &any), SSH_ERR_KEX_VALUE);
	cr_assert_eq(check("03", "02", &any), SSH_ERR_KEX_VALUE, "g = p-1");
}

Test(gex, generators)
{
	static const struct {
		const char *g;
		enum ssh_err e;
	} rows[] = {
	    {"", SSH_ERR_KEX_VALUE},
	    {"00", SSH_ERR_KEX_VALUE},
	    {"01", SSH_ERR_KEX_VALUE},
	    {"02", SSH_OK},
	    {"05", SSH_OK},
	    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff72ed", SSH_OK},
	    {LOWER, SSH_ERR_KEX_VALUE},
	    {SAFE, SSH_ERR_KEX_VALUE},
	    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", SSH_ERR_KEX_VALUE},
	    {"020000000000000000000000000000000000000000000000000000000000000000",
	     SSH_ERR_KEX_VALUE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(check(SAFE, rows[i].g, &small), rows[i].e, "g = %s", rows[i].g);
}

Test(gex, sizes)
{
	static const struct {
		size_t group;
		struct kex_gex_request ask;
		enum ssh_err e;
	} rows[] = {
	    {0, {2048, 2048, 2048}, SSH_OK},
	    {0, {2049, 3072, 8192}, SSH_ERR_KEX_VALUE},
	    {1, {2048, 2048, 3071}, SSH_ERR_KEX_VALUE},
	    {1, {2048, 2048, 3072}, SSH_OK},
	    {2, {0, 4096, 0}, SSH_OK}, /* the old form */
	    {4, {2048, 8192, 8192}, SSH_OK},
	    {4, {2048, 8192, 8191}, SSH_ERR_KEX_VALUE},
	};
	struct kex_gex_request old = {0, 256, 0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(kex_gex_check_group(known[rows[i].group], &rows[i].ask, &usual),
		             rows[i].e, "row %zu", i);
	cr_assert_eq(check(SAFE, "02", &old), SSH_ERR_KEX_VALUE, "too small for the old form");
}

/* A well-known prime does not excuse its generator. */
Test(gex, known_prime_with_another_generator)
{
	struct kex_gex_request ask = {2048, 2048, 8192};
	struct kex_group group = kex_group14;
	group.g = wire_bytes("\x01", 1);
	cr_assert_eq(kex_gex_check_group(&group, &ask, &usual), SSH_ERR_KEX_VALUE);
	group.g = kex_group14.p;
	cr_assert_eq(kex_gex_check_group(&group, &ask, &usual), SSH_ERR_KEX_VALUE);
	group.g = wire_bytes("\x03", 1);
	cr_assert_eq(kex_gex_check_group(&group, &ask, &usual), SSH_OK);
}
