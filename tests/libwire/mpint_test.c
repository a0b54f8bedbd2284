/* SPDX-License-Identifier: MIT */
#include "libwire/mpint.h"

#include <criterion/criterion.h>

#include "tests/support/vectors.h"

Test(mpint, canonical_forms)
{
	static const struct {
		const char *hex;
		enum ssh_err check, magnitude;
		size_t bits;
	} rows[] = {
	    {"", SSH_OK, SSH_OK, 0},
	    {"01", SSH_OK, SSH_OK, 1},
	    {"7f", SSH_OK, SSH_OK, 7},
	    {"0080", SSH_OK, SSH_OK, 8},
	    {"0100", SSH_OK, SSH_OK, 9},
	    {"00ffff", SSH_OK, SSH_OK, 16},
	    {"80", SSH_OK, SSH_ERR_MPINT, 0},
	    {"ff", SSH_OK, SSH_ERR_MPINT, 0},
	    {"ff7f", SSH_OK, SSH_ERR_MPINT, 0},
	    {"00", SSH_ERR_MPINT, SSH_ERR_MPINT, 0},
	    {"0000", SSH_ERR_MPINT, SSH_ERR_MPINT, 0},
	    {"007f", SSH_ERR_MPINT, SSH_ERR_MPINT, 0},
	    {"ff80", SSH_ERR_MPINT, SSH_ERR_MPINT, 0},
	    {"ffff", SSH_ERR_MPINT, SSH_ERR_MPINT, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf in = {0};
		ssh_bytes m = {NULL, 0};
		unhex(&in, rows[i].hex);
		cr_assert_eq(wire_mpint_check(wire_buf_view(&in)), rows[i].check, "%s",
		             rows[i].hex);
		cr_assert_eq(wire_mpint_magnitude(wire_buf_view(&in), &m), rows[i].magnitude, "%s",
		             rows[i].hex);
		cr_assert_eq(wire_mpint_bits(m), rows[i].bits, "%s", rows[i].hex);
		cr_assert(m.len == 0 || m.ptr[0] != 0, "%s: sign byte kept", rows[i].hex);
		wire_buf_wipe(&in);
	}
}

Test(mpint, largest)
{
	uint8_t n[WIRE_MPINT_MAX_BITS / 8 + 2] = {0};
	size_t max = WIRE_MPINT_MAX_BITS / 8;
	ssh_bytes m;
	memset(n + 1, 0xff, sizeof n - 1);
	cr_assert_eq(wire_mpint_magnitude(wire_bytes(n, max + 1), &m), SSH_OK);
	cr_assert_eq(wire_mpint_bits(m), WIRE_MPINT_MAX_BITS);
	cr_assert_eq(wire_mpint_check(wire_bytes(n, max + 2)), SSH_ERR_MPINT);
	n[0] = 1;
	cr_assert_eq(wire_mpint_check(wire_bytes(n, max + 1)), SSH_ERR_MPINT);
	cr_assert_eq(wire_mpint_check(wire_bytes(n, max)), SSH_OK);
}

Test(mpint, bits_ignore_leading_zeros)
{
	cr_assert_eq(wire_mpint_bits(wire_bytes("\0\0\x10", 3)), 5);
	cr_assert_eq(wire_mpint_bits(wire_bytes("\0\0\0", 3)), 0);
	cr_assert_eq(wire_mpint_bits(wire_bytes(NULL, 0)), 0);
}
