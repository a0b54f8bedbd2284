/* SPDX-License-Identifier: MIT */
#include "libwire/buf.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

static void assert_hex(const struct wire_buf *b, const char *hex)
{
	struct wire_buf want = {0};
	unhex(&want, hex);
	cr_assert_eq(wire_buf_end(b), SSH_OK);
	cr_assert(wire_bytes_equal(wire_buf_view(b), wire_buf_view(&want)), "not %s", hex);
	wire_buf_wipe(&want);
}

static void put_times(struct wire_buf *b, uint8_t v, size_t n)
{
	while (n-- > 0)
		wire_put_u8(b, v);
}

/* Are the first n bytes of the memory zero? */
static bool all_zero(const uint8_t *mem, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mem[i] != 0)
			return false;
	return true;
}

Test(buf, encoders)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, 0xff);
	wire_put_bool(&b, true);
	wire_put_bool(&b, false);
	wire_put_u32(&b, 699921578); /* RFC 4251 section 5 */
	wire_put_u64(&b, 0x0123456789abcdefu);
	wire_put_str(&b, "testing"); /* RFC 4251 section 5 */
	wire_put_string(&b, wire_bytes(NULL, 0));
	wire_put_raw(&b, wire_bytes_str("raw"));
	wire_put_raw(&b, wire_bytes(NULL, 0));
	assert_hex(&b, "ff 01 00 29b7f4aa 0123456789abcdef 0000000774657374696e67 00000000 726177");
	wire_buf_wipe(&b);
}

Test(buf, mpints_from_magnitudes)
{
	static const char *const rows[][2] = {{"", "00000000"},           {"00", "00000000"},
	                                      {"000000", "00000000"},     {"01", "0000000101"},
	                                      {"7f", "000000017f"},       {"80", "000000020080"},
	                                      {"0000ff", "0000000200ff"}, {"0100", "000000020100"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf in = {0}, b = {0};
		unhex(&in, rows[i][0]);
		wire_put_mpint(&b, wire_buf_view(&in));
		assert_hex(&b, rows[i][1]);
		wire_buf_wipe(&in);
		wire_buf_wipe(&b);
	}
}

/* Every encoder where the memory ends exactly behind it: sanitizers see a byte too many. */
Test(buf, encoders_stay_within_their_room)
{
	for (size_t fill = 230; fill <= 256; fill++) {
		struct wire_buf b = {0};
		put_times(&b, 0, fill);
		wire_put_mpint(&b, wire_bytes(NULL, 0));
		wire_put_mpint(&b, wire_bytes("\x80", 1));
		wire_put_u64(&b, 1);
		wire_put_str(&b, "ab");
		cr_assert_eq(wire_buf_len(&b), fill + 4 + 6 + 8 + 6);
		wire_buf_wipe(&b);
	}
}

Test(buf, nested_strings)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, 9);
	wire_buf_drop(&b, 1);
	size_t outer = wire_put_string_begin(&b);
	size_t inner = wire_put_string_begin(&b);
	wire_put_u8(&b, 7);
	wire_put_string_end(&b, inner);
	wire_put_string_end(&b, outer);
	assert_hex(&b, "00000005 00000001 07");
	wire_buf_wipe(&b);
}

Test(buf, is_a_queue)
{
	struct wire_buf b = {0};
	uint8_t in = 0, out = 0;
	for (unsigned round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < round % 97; i++)
			wire_put_u8(&b, in++);
		for (size_t i = 0; i < 48 && wire_buf_len(&b) > 0; i++) {
			cr_assert_eq(wire_buf_view(&b).ptr[0], out++, "round %u", round);
			wire_buf_drop(&b, 1);
		}
	}
	cr_assert_eq((uint8_t)(in - out), (uint8_t)wire_buf_len(&b));
	wire_buf_drop(&b, SIZE_MAX);
	cr_assert_eq(wire_buf_len(&b), 0);
	wire_buf_wipe(&b);
}

/* A queue that is kept long and near its bound is not copied for every put. */
Test(buf, long_queues_move_rarely)
{
	struct wire_buf b;
	wire_buf_init(&b, 100000);
	put_times(&b, 1, 99000);
	size_t moves = 0;
	for (unsigned i = 0; i < 10000; i++) {
		const uint8_t *mem = b.mem;
		size_t start = b.start;
		wire_buf_drop(&b, 100);
		put_times(&b, 1, 100);
		moves += b.mem != mem || b.start < start;
	}
	cr_assert(moves < 20, "%zu moves of 99000 bytes for 1000000 put", moves);
	wire_buf_wipe(&b);
}

Test(buf, max_is_exact_and_sticks)
{
	for (size_t max = 1; max < 600; max += 37) {
		struct wire_buf b;
		wire_buf_init(&b, max);
		put_times(&b, 1, max);
		cr_assert_eq(wire_buf_end(&b), SSH_OK, "max %zu", max);
		wire_put_u8(&b, 1);
		cr_assert_eq(wire_buf_end(&b), SSH_ERR_TOO_LONG, "max %zu", max);
		cr_assert_eq(wire_buf_len(&b), max);
		wire_buf_drop(&b, 1);
		wire_put_u8(&b, 2);
		cr_assert_eq(wire_buf_len(&b), max - 1, "a put after an error has an effect");
		wire_buf_reset(&b);
		wire_put_u8(&b, 3);
		assert_hex(&b, "03");
		wire_buf_wipe(&b);
		cr_assert_eq(b.max, max);
	}
}

Test(buf, strings_are_put_whole_or_not_at_all)
{
	struct wire_buf b;
	wire_buf_init(&b, 6);
	wire_put_str(&b, "abc");
	cr_assert_eq(wire_buf_end(&b), SSH_ERR_TOO_LONG);
	cr_assert_eq(wire_buf_len(&b), 0);
	wire_put_string_end(&b, wire_put_string_begin(&b));
	cr_assert_eq(wire_buf_len(&b), 0);
	wire_buf_wipe(&b);
	/* Lengths that no string can have: refused before a byte is read. */
	wire_put_string(&b, wire_bytes("", (size_t)UINT32_MAX - 3));
	cr_assert_eq(wire_buf_end(&b), SSH_ERR_TOO_LONG);
	wire_buf_wipe(&b);
	wire_put_raw(&b, wire_bytes("", SIZE_MAX));
	cr_assert_eq(wire_buf_end(&b), SSH_ERR_TOO_LONG);
	wire_buf_wipe(&b);
}

Test(buf, the_first_error_sticks)
{
	struct wire_buf b = {0};
	wire_buf_fail(&b, SSH_OK);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	wire_buf_fail(&b, SSH_ERR_CRYPTO);
	wire_buf_fail(&b, SSH_ERR_TEXT);
	wire_put_u8(&b, 1);
	cr_assert_null(wire_buf_room(&b, 0));
	cr_assert_eq(wire_buf_end(&b), SSH_ERR_CRYPTO);
	cr_assert_eq(wire_buf_len(&b), 0);
	wire_buf_wipe(&b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	wire_buf_wipe(&b);
}

Test(buf, cut_zeroises)
{
	struct wire_buf b = {0};
	put_times(&b, 0xaa, 10);
	wire_buf_cut(&b, 11);
	cr_assert_eq(wire_buf_len(&b), 10);
	wire_buf_drop(&b, 2);
	wire_buf_cut(&b, 3);
	assert_hex(&b, "aaaaaa");
	cr_assert(all_zero(b.mem + 5, 5));
	wire_buf_wipe(&b);
}

/* Used bytes, untaken room, and what dropping and sliding leave behind: all of it is zeroised. */
Test(buf, reset_zeroises_whatever_was_written)
{
	struct wire_buf b = {0};
	put_times(&b, 0xaa, 200);
	wire_buf_drop(&b, 150);
	put_times(&b, 0xbb, 100); /* slides */
	cr_assert_eq(b.start, 0);
	memset(wire_buf_room(&b, 60), 0xcc, 60);
	wire_buf_drop(&b, SIZE_MAX);
	wire_buf_reset(&b);
	cr_assert_eq(b.cap, 256);
	cr_assert(all_zero(b.mem, 210));
	wire_buf_wipe(&b);
}

Test(buf, memory_is_given_back_wiped)
{
	alloc_start();
	alloc_watch_wipes();
	struct wire_buf b = {0};
	put_times(&b, 0xaa, 200);
	wire_buf_drop(&b, 200);
	put_times(&b, 0xbb, 100000);
	wire_buf_drop(&b, 99000);
	put_times(&b, 0xbb, 100000);
	memset(wire_buf_room(&b, 1000), 0xcc, 1000);
	wire_buf_wipe(&b);
	alloc_stop();
	cr_assert(alloc_count() > 5);
	cr_assert_eq(alloc_live_bytes(), 0);
	cr_assert_eq(alloc_unwiped(), 0);
}

Test(buf, the_watch_sees_what_is_not_wiped)
{
	alloc_start();
	alloc_watch_wipes();
	uint8_t *p = malloc(10);
	volatile uint8_t *written = p; /* a store before free is one that compilers leave out */
	written[3] = 1;
	free(p);
	alloc_stop();
	cr_assert_eq(alloc_unwiped(), 1);
}

Test(buf, allocation_failure)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct wire_buf b = {0};
		alloc_start();
		alloc_fail_at(n);
		put_times(&b, 1, 1000);
		failed = alloc_failed();
		cr_assert_eq(wire_buf_end(&b), failed ? SSH_ERR_NO_MEMORY : SSH_OK);
		cr_assert_eq(wire_buf_len(&b),
		             failed ? (n == 1 ? 0 : (size_t)128 << (n - 1)) : 1000);
		wire_buf_wipe(&b);
		alloc_stop();
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
}
