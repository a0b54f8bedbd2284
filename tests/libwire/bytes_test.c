/* SPDX-License-Identifier: MIT */
#include "libwire/bytes.h"

#include <criterion/criterion.h>

Test(bytes, views)
{
	ssh_bytes v = wire_bytes_str("abc");
	cr_assert_eq(v.len, 3);
	cr_assert_eq(wire_bytes_str(NULL).len, 0);
	cr_assert_null(wire_bytes_str(NULL).ptr);
	cr_assert(wire_bytes_is(wire_bytes_skip(v, 1), "bc"));
	cr_assert_eq(wire_bytes_skip(v, 3).len, 0);
	cr_assert_eq(wire_bytes_skip(v, 4).len, 0);
	cr_assert_eq(wire_bytes_skip(v, SIZE_MAX).len, 0);
}

Test(bytes, equality_is_of_length_and_content)
{
	cr_assert(wire_bytes_equal(wire_bytes(NULL, 0), wire_bytes("x", 0)));
	cr_assert(wire_bytes_is(wire_bytes(NULL, 0), ""));
	cr_assert(wire_bytes_equal(wire_bytes("a\0b", 3), wire_bytes("a\0b", 3)));
	cr_assert_not(wire_bytes_equal(wire_bytes("a\0b", 3), wire_bytes("a\0c", 3)));
	cr_assert_not(wire_bytes_is(wire_bytes_str("abc"), "ab"));
	cr_assert_not(wire_bytes_is(wire_bytes_str("ab"), "abc"));
}

Test(bytes, secret_equal_sees_every_bit)
{
	uint8_t a[37] = {0}, b[37] = {0};
	cr_assert(wire_secret_equal(a, b, sizeof a));
	cr_assert(wire_secret_equal(a, b, 0));
	for (size_t bit = 0; bit < sizeof a * 8; bit++) {
		b[bit / 8] = (uint8_t)(1u << bit % 8);
		cr_assert_not(wire_secret_equal(a, b, sizeof a), "bit %zu", bit);
		b[bit / 8] = 0;
	}
}

Test(bytes, wipe_clears_its_bytes_and_no_other)
{
	uint8_t a[10];
	memset(a, 0xaa, sizeof a);
	wire_wipe(a + 1, 8);
	cr_assert_eq(a[0], 0xaa);
	cr_assert_eq(a[9], 0xaa);
	for (size_t i = 1; i < 9; i++)
		cr_assert_eq(a[i], 0, "byte %zu", i);
	wire_wipe(NULL, 0);
}
