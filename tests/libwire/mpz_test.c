/* SPDX-License-Identifier: MIT */
#include "libwire/mpz.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "libwire/mpint.h"
#include "libwire/reader.h"
#include "tests/support/rows.h"

static void assert_inflates(ssh_bytes whole, const mpz_t want, const char *row)
{
	struct wire_reader r;
	mpz_t got;
	mpz_init_set_ui(got, 77);
	wire_reader_init(&r, whole);
	cr_assert_eq(wire_mpz_inflate(got, wire_get_string(&r)), SSH_OK, "%s", row);
	cr_assert_eq(wire_reader_end(&r), SSH_OK, "%s", row);
	cr_assert_eq(mpz_cmp(got, want), 0, "%s", row);
	mpz_clear(got);
}

static void check_row(const char *const *column)
{
	struct wire_buf want = {0}, got = {0};
	mpz_t v;
	cr_assert_eq(mpz_init_set_str(v, column[0], 16), 0, "%s", column[0]);
	unhex(&want, column[1]);
	wire_mpz_deflate(&got, v);
	cr_assert(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&want)), "%s", column[0]);
	assert_inflates(wire_buf_view(&want), v, column[0]);
	mpz_clear(v);
	wire_buf_wipe(&want);
	wire_buf_wipe(&got);
}

Test(mpz, rfc4251_section_5)
{
	rows_each("wire-mpint.txt", 2, check_row);
}

/* Both sides of every power of two, where the length and the sign byte change. */
Test(mpz, round_trips_at_powers_of_two)
{
	mpz_t v;
	mpz_init(v);
	for (unsigned bit = 0; bit < 200; bit++) {
		for (int off = -2; off <= 2; off++) {
			struct wire_buf b = {0};
			char row[32];
			snprintf(row, sizeof row, "2^%u%+d", bit, off);
			mpz_set_ui(v, 0);
			mpz_setbit(v, bit);
			off < 0 ? mpz_sub_ui(v, v, (unsigned)-off)
			        : mpz_add_ui(v, v, (unsigned)off);
			wire_mpz_deflate(&b, v);
			assert_inflates(wire_buf_view(&b), v, row);
			wire_buf_reset(&b);
			mpz_neg(v, v);
			wire_mpz_deflate(&b, v);
			assert_inflates(wire_buf_view(&b), v, row);
			wire_buf_wipe(&b);
		}
	}
	mpz_clear(v);
}

Test(mpz, random_round_trips)
{
	gmp_randstate_t random;
	mpz_t v;
	gmp_randinit_default(random);
	gmp_randseed_ui(random, 4251);
	mpz_init(v);
	for (unsigned i = 0; i < 2000; i++) {
		struct wire_buf b = {0}, p = {0};
		char row[32];
		snprintf(row, sizeof row, "number %u", i);
		mpz_rrandomb(v, random, i % 600);
		uint8_t magnitude[80];
		size_t n = 0;
		mpz_export(magnitude, &n, 1, 1, 1, 0, v);
		wire_mpz_deflate(&b, v);
		wire_put_mpint(&p, wire_bytes(magnitude, n));
		cr_assert(wire_bytes_equal(wire_buf_view(&b), wire_buf_view(&p)), "%s", row);
		wire_buf_reset(&b);
		if (i % 2 == 1)
			mpz_neg(v, v);
		wire_mpz_deflate(&b, v);
		assert_inflates(wire_buf_view(&b), v, row);
		wire_buf_wipe(&b);
		wire_buf_wipe(&p);
	}
	mpz_clear(v);
	gmp_randclear(random);
}

/* Every content of up to two bytes: what inflates, deflates to itself; what does not, is refused. */
Test(mpz, every_short_content)
{
	mpz_t v;
	mpz_init(v);
	for (unsigned i = 0; i < 0x10000; i++) {
		uint8_t content[2] = {(uint8_t)(i >> 8), (uint8_t)i};
		int16_t want = (int16_t)i;
		bool canonical = want > 127 || want < -128;
		struct wire_buf b = {0};
		enum ssh_err e = wire_mpz_inflate(v, wire_bytes(content, 2));
		cr_assert_eq(e, canonical ? SSH_OK : SSH_ERR_MPINT, "%04x", i);
		if (canonical) {
			cr_assert_eq(mpz_get_si(v), want, "%04x", i);
			wire_mpz_deflate(&b, v);
			cr_assert_eq(wire_buf_len(&b), 6);
			cr_assert_eq(memcmp(wire_buf_view(&b).ptr + 4, content, 2), 0, "%04x", i);
		}
		wire_buf_wipe(&b);
	}
	mpz_clear(v);
}

Test(mpz, too_long)
{
	struct wire_buf b;
	uint8_t n[WIRE_MPINT_MAX_BITS / 8 + 1];
	mpz_t v;
	memset(n, 1, sizeof n);
	mpz_init_set_ui(v, 5);
	cr_assert_eq(wire_mpz_inflate(v, wire_bytes(n, sizeof n)), SSH_ERR_MPINT);
	cr_assert_eq(mpz_cmp_ui(v, 5), 0, "set in spite of an error");
	wire_buf_init(&b, 4);
	wire_mpz_deflate(&b, v);
	cr_assert_eq(wire_buf_end(&b), SSH_ERR_TOO_LONG);
	cr_assert_eq(wire_buf_len(&b), 0);
	wire_buf_wipe(&b);
	mpz_clear(v);
}
