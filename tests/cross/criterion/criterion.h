/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CROSS_CRITERION_H
#define NACRE_TESTS_CROSS_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/*
 * As much of Criterion as our tests use, for where Criterion itself does not run: under an emulator
 * of another processor. Every test is a child of its own, one after the other; main is in
 * criterion.c.
 */

/** A test, or what all tests of a suite have in common (no name, no run), linked into a list before main begins. */
struct criterion_test {
	const char *suite;
	const char *name;
	void (*run)(void);
	struct criterion_test *next;
	/* As in Test(suite, name, .init = f): */
	void (*init)(void);
	void (*fini)(void);
	double timeout; /* not looked at */
	bool disabled;
};

void criterion_add(struct criterion_test *t);

/** Note a failure and say where; does not return if it is an assertion. */
__attribute__((format(printf, 5, 6))) void criterion_failed(bool assertion, const char *file,
                                                            int line, const char *what,
                                                            const char *format, ...);
/** End the test as one that was left out. */
__attribute__((noreturn)) void criterion_skip(void);

#define Test(s, n, ...)                                                                            \
	static void s##_##n##_run(void);                                                           \
	__attribute__((constructor)) static void s##_##n##_add(void)                               \
	{                                                                                          \
		static struct criterion_test t = {                                                 \
		    .suite = #s, .name = #n, .run = s##_##n##_run, ##__VA_ARGS__};                 \
		criterion_add(&t);                                                                 \
	}                                                                                          \
	static void s##_##n##_run(void)

#define TestSuite(s, ...)                                                                          \
	__attribute__((constructor)) static void s##_suite_add(void)                               \
	{                                                                                          \
		static struct criterion_test t = {.suite = #s, ##__VA_ARGS__};                     \
		criterion_add(&t);                                                                 \
	}                                                                                          \
	struct criterion_test

#define CRITERION_CHECK(assertion, holds, what, ...)                                               \
	do {                                                                                       \
		if (!(holds))                                                                      \
			criterion_failed(assertion, __FILE__, __LINE__, what, " " __VA_ARGS__);    \
	} while (0)
#define CRITERION_STR(a, b)          (strcmp((a), (b)) == 0)
#define CRITERION_ARR(a, b, n)       (memcmp((a), (b), (n)) == 0)

#define cr_assert(a, ...)            CRITERION_CHECK(true, a, #a, __VA_ARGS__)
#define cr_assert_not(a, ...)        CRITERION_CHECK(true, !(a), "not " #a, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)      CRITERION_CHECK(true, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)     CRITERION_CHECK(true, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)      CRITERION_CHECK(true, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)     CRITERION_CHECK(true, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)      CRITERION_CHECK(true, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)     CRITERION_CHECK(true, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...)       CRITERION_CHECK(true, (a) == NULL, #a " == NULL", __VA_ARGS__)
#define cr_assert_not_null(a, ...)   CRITERION_CHECK(true, (a) != NULL, #a " != NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)  CRITERION_CHECK(true, CRITERION_STR(a, b), #a, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) CRITERION_CHECK(true, !CRITERION_STR(a, b), #a, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...)                                                             \
	CRITERION_CHECK(true, CRITERION_ARR(a, b, n), #a, __VA_ARGS__)
#define cr_assert_arr_neq(a, b, n, ...)                                                            \
	CRITERION_CHECK(true, !CRITERION_ARR(a, b, n), #a, __VA_ARGS__)
#define cr_assert_fail(...)          CRITERION_CHECK(true, false, "", __VA_ARGS__)

#define cr_expect(a, ...)            CRITERION_CHECK(false, a, #a, __VA_ARGS__)
#define cr_expect_not(a, ...)        CRITERION_CHECK(false, !(a), "not " #a, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)      CRITERION_CHECK(false, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...)     CRITERION_CHECK(false, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)      CRITERION_CHECK(false, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...)     CRITERION_CHECK(false, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)      CRITERION_CHECK(false, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...)     CRITERION_CHECK(false, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_expect_null(a, ...)       CRITERION_CHECK(false, (a) == NULL, #a " == NULL", __VA_ARGS__)
#define cr_expect_not_null(a, ...)   CRITERION_CHECK(false, (a) != NULL, #a " != NULL", __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)  CRITERION_CHECK(false, CRITERION_STR(a, b), #a, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) CRITERION_CHECK(false, !CRITERION_STR(a, b), #a, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...)                                                             \
	CRITERION_CHECK(false, CRITERION_ARR(a, b, n), #a, __VA_ARGS__)

#define cr_skip_test(...) criterion_skip()
#define cr_skip(...)      criterion_skip()

#endif
