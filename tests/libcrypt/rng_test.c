/* SPDX-License-Identifier: MIT */
#include "libcrypt/rng.h"

#include "tests/support/vectors.h"

#include <criterion/criterion.h>

/* SHA-256(SHA-256("nacre") || uint64 n) for n = 0, 1, 2; computed with Python's hashlib. */
static const char nacre_stream[] =
    "c193c4a0ad0e47c319800dbf809d81e2c62dfb6ab8bb4b9aa3960c1b0d3ec0f2"
    "20698ab1e2ff65ebc13e13e03572906ae469670f07e8935e197d92559acd06e9"
    "e61814030d18420d685c743df2e94ffd668dae912d2acf021e648ce7552c3def";

Test(rng, drbg_stream_is_the_documented_one_however_read)
{
	struct wire_buf want = {0};
	unhex(&want, nacre_stream);
	ssh_bytes w = wire_buf_view(&want);
	for (size_t step = 1; step <= w.len; step++) {
		struct crypt_drbg d;
		uint8_t out[96];
		crypt_drbg_init(&d, wire_bytes_str("nacre"));
		struct crypt_rng rng = crypt_drbg_rng(&d);
		for (size_t at = 0; at < w.len; at += step) {
			size_t n = step < w.len - at ? step : w.len - at;
			cr_assert_eq(crypt_rng_fill(&rng, out + at, n), SSH_OK);
		}
		cr_assert(wire_bytes_equal(w, wire_bytes(out, w.len)), "steps of %zu", step);
	}
	wire_buf_wipe(&want);
}

Test(rng, drbg_wipe_leaves_nothing)
{
	static const struct crypt_drbg zero;
	struct crypt_drbg d;
	uint8_t out[7];
	crypt_drbg_init(&d, wire_bytes_str("seed"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	cr_assert_eq(crypt_rng_fill(&rng, out, sizeof out), SSH_OK);
	crypt_drbg_wipe(&d);
	cr_assert_eq(memcmp(&d, &zero, sizeof d), 0);
}

Test(rng, no_source_is_an_error)
{
	uint8_t out[4];
	struct crypt_rng none = {0};
	cr_assert_eq(crypt_rng_fill(&none, out, sizeof out), SSH_ERR_RANDOM);
	cr_assert_eq(crypt_rng_fill(NULL, out, sizeof out), SSH_ERR_RANDOM);
}

static enum ssh_err broken_fill(void *ctx, uint8_t *out, size_t n)
{
	(void)ctx;
	(void)out;
	(void)n;
	return SSH_ERR_RANDOM;
}

Test(rng, a_source_that_fails_says_so)
{
	uint8_t out[4];
	struct crypt_rng broken = {.fill = broken_fill};
	cr_assert_eq(crypt_rng_fill(&broken, out, sizeof out), SSH_ERR_RANDOM);
}

Test(rng, system_fills_every_byte)
{
	/* 2^-64 a byte that one stays zero in eight rounds; sizes over getrandom's 256 included. */
	static uint8_t out[70000], seen[70000];
	struct crypt_rng rng = crypt_rng_system();
	for (int round = 0; round < 8; round++) {
		cr_assert_eq(crypt_rng_fill(&rng, out, sizeof out), SSH_OK);
		for (size_t i = 0; i < sizeof out; i++)
			seen[i] = (uint8_t)(seen[i] | out[i]);
	}
	for (size_t i = 0; i < sizeof seen; i++)
		cr_assert_neq(seen[i], 0, "byte %zu", i);
	cr_assert_eq(crypt_rng_fill(&rng, out, 0), SSH_OK);
}
