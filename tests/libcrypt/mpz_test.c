/* SPDX-License-Identifier: MIT */
#include "libcrypt/mpz.h"

#include "libcrypt/rng.h"
#include "tests/libcrypt/key_kit.h"
#include "tests/support/alloc.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <gmp.h>

/* The largest modulus that anybody negotiates: 8192 bits. */
#define MOD_MAX 1024

static void check_row(const char *const *column)
{
	struct wire_buf base = kit_hex(column[1]), exp = kit_hex(column[2]),
	                mod = kit_hex(column[3]), want = kit_hex(column[4]);
	uint8_t out[MOD_MAX + 1];
	memset(out, 0xa5, sizeof out);
	cr_assert_eq(
	    crypt_powm(out, wire_buf_view(&base), wire_buf_view(&exp), wire_buf_view(&mod)), SSH_OK,
	    "%s", column[0]);
	size_t n = wire_buf_len(&mod);
	cr_assert(wire_bytes_equal(wire_bytes(out, n), wire_buf_view(&want)), "%s", column[0]);
	cr_assert_eq(out[n], 0xa5, "%s", column[0]);
	wire_buf_wipe(&base);
	wire_buf_wipe(&exp);
	wire_buf_wipe(&mod);
	wire_buf_wipe(&want);
}

Test(mpz, powers_are_pythons)
{
	rows_each("powm.txt", 5, check_row);
}

/* mpz_powm is another algorithm of GMP's: not constant-time, with its own reduction. */
static void check_against_gmp(struct crypt_rng *rng, size_t len)
{
	uint8_t base[64], exp[64], mod[64], out[64], want[64] = {0};
	cr_assert_eq(crypt_rng_fill(rng, base, len), SSH_OK);
	cr_assert_eq(crypt_rng_fill(rng, exp, len), SSH_OK);
	cr_assert_eq(crypt_rng_fill(rng, mod, len), SSH_OK);
	mod[len - 1] |= 1;
	mod[0] |= 2;
	exp[0] |= 1;
	cr_assert_eq(
	    crypt_powm(out, wire_bytes(base, len), wire_bytes(exp, len), wire_bytes(mod, len)),
	    SSH_OK);
	mpz_t b, e, m;
	mpz_inits(b, e, m, NULL);
	mpz_import(b, len, 1, 1, 1, 0, base);
	mpz_import(e, len, 1, 1, 1, 0, exp);
	mpz_import(m, len, 1, 1, 1, 0, mod);
	mpz_powm(b, b, e, m);
	size_t used = mpz_sgn(b) == 0 ? 0 : (mpz_sizeinbase(b, 2) + 7) / 8;
	mpz_export(want + len - used, NULL, 1, 1, 1, 0, b);
	mpz_clears(b, e, m, NULL);
	cr_assert(memcmp(out, want, len) == 0, "%zu bytes", len);
}

Test(mpz, powers_are_gmps_at_every_length)
{
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "powm");
	for (size_t len = 1; len <= 64; len++)
		for (size_t i = 0; i < 8; i++)
			check_against_gmp(&rng, len);
}

Test(mpz, operands_of_another_form_are_refused)
{
	static const struct {
		const char *what, *base, *exp, *mod;
	} bad[] = {
	    {"exponent empty", "02", "", "0f"}, {"exponent zero", "02", "000000", "0f"},
	    {"mod empty", "", "01", ""},        {"mod zero", "02", "01", "00"},
	    {"mod one", "02", "01", "01"},      {"mod one with zero bytes", "02", "01", "0001"},
	    {"mod even", "02", "01", "10"},     {"base too long", "0102", "01", "0f"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct wire_buf b = kit_hex(bad[i].base), e = kit_hex(bad[i].exp),
		                m = kit_hex(bad[i].mod);
		uint8_t out[4];
		cr_assert_eq(
		    crypt_powm(out, wire_buf_view(&b), wire_buf_view(&e), wire_buf_view(&m)),
		    SSH_ERR_ARGUMENT, "%s", bad[i].what);
		wire_buf_wipe(&b);
		wire_buf_wipe(&e);
		wire_buf_wipe(&m);
	}
}

Test(mpz, memory_is_wiped_and_its_lack_reported)
{
	static const uint8_t base[] = {7}, exp[] = {0x12, 0x34}, mod[] = {0xff, 0xf1};
	uint8_t out[2];
	alloc_start();
	alloc_watch_wipes();
	cr_assert_eq(crypt_powm(out, wire_bytes(base, 1), wire_bytes(exp, 2), wire_bytes(mod, 2)),
	             SSH_OK);
	cr_assert_gt(alloc_count(), 0);
	cr_assert_eq(alloc_unwiped(), 0);
	alloc_start();
	alloc_fail_at(1);
	cr_assert_eq(crypt_powm(out, wire_bytes(base, 1), wire_bytes(exp, 2), wire_bytes(mod, 2)),
	             SSH_ERR_NO_MEMORY);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}
