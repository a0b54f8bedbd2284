/* SPDX-License-Identifier: MIT */
#include "libwire/reader.h"

#include <criterion/criterion.h>

#include "libwire/buf.h"
#include "libwire/mpint.h"
#include "tests/support/vectors.h"

/* Read one string, or one mpint, from hexadecimal; returns what wire_reader_end says. */
static enum ssh_err read_one(const char *hex, ssh_bytes (*get)(struct wire_reader *))
{
	struct wire_buf in = {0};
	struct wire_reader r;
	unhex(&in, hex);
	wire_reader_init(&r, wire_buf_view(&in));
	ssh_bytes v = get(&r);
	enum ssh_err e = wire_reader_end(&r);
	if (e != 0 && e != SSH_ERR_TRAILING)
		cr_assert_eq(v.len, 0, "%s: an error with a value", hex);
	wire_buf_wipe(&in);
	return e;
}

Test(reader, reads_what_bufs_write)
{
	struct wire_buf b = {0};
	struct wire_reader r;
	wire_put_u8(&b, 0xfe);
	wire_put_bool(&b, true);
	wire_put_u32(&b, UINT32_MAX);
	wire_put_u64(&b, 0x8000000000000001u);
	wire_put_str(&b, "testing");
	wire_put_str(&b, "a,b");
	wire_put_mpint(&b, wire_bytes("\0\x80", 2));
	wire_put_raw(&b, wire_bytes_str("rawrest"));
	wire_reader_init(&r, wire_buf_view(&b));
	cr_assert_eq(wire_get_u8(&r), 0xfe);
	cr_assert_eq(wire_get_bool(&r), true);
	cr_assert_eq(wire_get_u32(&r), UINT32_MAX);
	cr_assert_eq(wire_get_u64(&r), 0x8000000000000001u);
	cr_assert(wire_bytes_is(wire_get_string(&r), "testing"));
	cr_assert(wire_bytes_is(wire_get_names(&r), "a,b"));
	cr_assert(wire_bytes_is(wire_get_mpint(&r), "\x80"));
	cr_assert(wire_bytes_is(wire_get_raw(&r, 3), "raw"));
	cr_assert_eq(wire_reader_end(&r), SSH_ERR_TRAILING);
	cr_assert(wire_bytes_is(wire_get_rest(&r), "rest"));
	cr_assert_eq(wire_get_rest(&r).len, 0);
	cr_assert_eq(wire_reader_end(&r), SSH_OK);
	wire_buf_wipe(&b);
}

Test(reader, any_byte_but_zero_is_true)
{
	for (unsigned v = 0; v < 256; v++) {
		uint8_t byte = (uint8_t)v;
		struct wire_reader r;
		wire_reader_init(&r, wire_bytes(&byte, 1));
		cr_assert_eq(wire_get_bool(&r), v != 0, "byte %u", v);
	}
}

Test(reader, string_lengths_are_not_believed)
{
	static const char *const rows[] = {
	    "",           "00",         "000000",     "00000001", "0000000461", "0000000461626364",
	    "ffffffff61", "fffffffc61", "7fffffff61", "80000000"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool whole = strcmp(rows[i], "0000000461626364") == 0;
		cr_assert_eq(read_one(rows[i], wire_get_string), whole ? SSH_OK : SSH_ERR_TRUNCATED,
		             "%s", rows[i]);
	}
	cr_assert_eq(read_one("000000046162636465", wire_get_string), SSH_ERR_TRAILING);
	cr_assert_eq(read_one("00000003616220", wire_get_names), SSH_ERR_NAME_LIST);
}

Test(reader, mpints_must_be_canonical_and_not_negative)
{
	static const struct {
		const char *hex;
		enum ssh_err e;
	} rows[] = {{"00000000", SSH_OK},
	            {"000000017f", SSH_OK},
	            {"000000020080", SSH_OK},
	            {"0000000100", SSH_ERR_MPINT},
	            {"00000002007f", SSH_ERR_MPINT},
	            {"000000020000", SSH_ERR_MPINT},
	            {"0000000180", SSH_ERR_MPINT},
	            {"00000002edcc", SSH_ERR_MPINT},
	            {"00000002ff80", SSH_ERR_MPINT},
	            {"000000027f", SSH_ERR_TRUNCATED},
	            {"000000017f00", SSH_ERR_TRAILING}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(read_one(rows[i].hex, wire_get_mpint), rows[i].e, "%s", rows[i].hex);
}

Test(reader, errors_stick_and_the_first_counts)
{
	struct wire_reader r;
	wire_reader_init(&r, wire_bytes("\x01\x02\x03", 3));
	cr_assert_eq(wire_get_u32(&r), 0);
	cr_assert_eq(wire_get_u8(&r), 0, "a get after an error reads");
	cr_assert_eq(wire_get_rest(&r).len, 0);
	wire_reader_fail(&r, SSH_ERR_MPINT);
	cr_assert_eq(wire_reader_end(&r), SSH_ERR_TRUNCATED);

	wire_reader_init(&r, wire_bytes("\x01", 1));
	wire_reader_fail(&r, SSH_OK);
	cr_assert_eq(wire_get_u8(&r), 1);
	wire_reader_fail(&r, SSH_ERR_MALFORMED);
	cr_assert_eq(wire_reader_end(&r), SSH_ERR_MALFORMED);
}

Test(reader, empty_input)
{
	struct wire_reader r;
	wire_reader_init(&r, wire_bytes(NULL, 0));
	cr_assert_eq(wire_get_rest(&r).len, 0);
	cr_assert_eq(wire_get_raw(&r, 0).len, 0);
	cr_assert_eq(wire_reader_end(&r), SSH_OK);
	cr_assert_eq(wire_get_u64(&r), 0);
	cr_assert_eq(wire_reader_end(&r), SSH_ERR_TRUNCATED);
}
