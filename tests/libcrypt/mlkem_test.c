/* SPDX-License-Identifier: MIT */
#include "libcrypt/shake_impl.h"
#include "tests/libcrypt/kem_kit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define Q 3329

static void keygen_row(const char *const *column)
{
	struct keys k = {.kem = kem_named(column[1])};
	struct wire_buf coins = {0};
	unhex(&coins, column[2]);
	unhex(&coins, column[3]);
	keys_of_coins(&k, wire_buf_view(&coins));
	cr_assert(digest_is(k.public_key, k.kem->public_size, column[4]), "%s", column[0]);
	cr_assert(digest_is(k.secret_key, k.kem->secret_size, column[5]), "%s", column[0]);
	wire_buf_wipe(&coins);
}

Test(mlkem, keygen)
{
	rows_each("mlkem-keygen.txt", 6, keygen_row);
}

static void encaps_row(const char *const *column)
{
	const struct crypt_kem *kem = kem_named(column[1]);
	struct wire_buf pk = {0}, m = {0};
	struct sealed s;
	unhex(&pk, column[2]);
	unhex(&m, column[3]);
	cr_assert_eq(wire_buf_len(&pk), kem->public_size, "%s", column[0]);
	struct crypt_kem_coins coins = {wire_buf_view(&m)};
	struct crypt_rng rng = crypt_kem_coins_rng(&coins);
	cr_assert_eq(kem->encaps(kem, &rng, wire_buf_view(&pk).ptr, s.ciphertext, s.shared), 0);
	cr_assert_eq(coins.left.len, 0, "%s", column[0]);
	cr_assert(digest_is(s.ciphertext, kem->ciphertext_size, column[4]), "%s", column[0]);
	cr_assert(bytes_are(s.shared, kem->shared_size, column[5]), "%s", column[0]);
	wire_buf_wipe(&pk);
	wire_buf_wipe(&m);
}

Test(mlkem, encaps)
{
	rows_each("mlkem-encaps.txt", 6, encaps_row);
}

static void decaps_row(const char *const *column)
{
	struct keys k = {.kem = kem_named(column[1])};
	struct wire_buf coins = {0}, ct = {0};
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	unhex(&coins, column[2]);
	unhex(&coins, column[3]);
	unhex(&ct, column[4]);
	keys_of_coins(&k, wire_buf_view(&coins));
	cr_assert_eq(wire_buf_len(&ct), k.kem->ciphertext_size, "%s", column[0]);
	cr_assert_eq(k.kem->decaps(k.kem, k.secret_key, wire_buf_view(&ct).ptr, shared), SSH_OK);
	cr_assert(bytes_are(shared, k.kem->shared_size, column[5]), "%s", column[0]);
	wire_buf_wipe(&coins);
	wire_buf_wipe(&ct);
}

Test(mlkem, decaps)
{
	rows_each("mlkem-decaps.txt", 6, decaps_row);
}

/* Secret keys in whole, and the hash check of FIPS 203 section 7.3. */
static void secret_row(const char *const *column)
{
	static const uint8_t any[CRYPT_KEM_CIPHERTEXT_MAX];
	const struct crypt_kem *kem = kem_named(column[1]);
	bool bad = strcmp(column[4], "key") == 0;
	bool checked_only = bad || strcmp(column[4], "ok") == 0;
	struct wire_buf sk = {0}, ct = {0};
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	unhex(&sk, column[2]);
	if (!checked_only)
		unhex(&ct, column[3]);
	cr_assert_eq(wire_buf_len(&sk), kem->secret_size, "%s", column[0]);
	const uint8_t *c = checked_only ? any : wire_buf_view(&ct).ptr;
	enum ssh_err e = kem->decaps(kem, wire_buf_view(&sk).ptr, c, shared);
	cr_assert_eq(e, bad ? SSH_ERR_KEY : SSH_OK, "%s", column[0]);
	if (!checked_only)
		cr_assert(bytes_are(shared, kem->shared_size, column[4]), "%s", column[0]);
	wire_buf_wipe(&sk);
	wire_buf_wipe(&ct);
}

Test(mlkem, secret_key_check)
{
	rows_each("mlkem-secret.txt", 5, secret_row);
}

static enum ssh_err encaps_to(const struct crypt_kem *kem, const uint8_t *pk)
{
	uint8_t zero[32] = {0};
	struct sealed s;
	struct crypt_kem_coins coins = {wire_bytes(zero, sizeof zero)};
	struct crypt_rng rng = crypt_kem_coins_rng(&coins);
	return kem->encaps(kem, &rng, pk, s.ciphertext, s.shared);
}

static void public_row(const char *const *column)
{
	const struct crypt_kem *kem = kem_named(column[1]);
	struct wire_buf pk = {0};
	unhex(&pk, column[2]);
	cr_assert_eq(wire_buf_len(&pk), kem->public_size, "%s", column[0]);
	enum ssh_err e = encaps_to(kem, wire_buf_view(&pk).ptr);
	cr_assert_eq(e, strcmp(column[3], "ok") == 0 ? SSH_OK : SSH_ERR_KEY, "%s", column[0]);
	wire_buf_wipe(&pk);
}

Test(mlkem, public_key_check)
{
	rows_each("mlkem-public.txt", 4, public_row);
}

/* Set coefficient `i` of an encoded key; gives its old value. */
static unsigned set_coefficient(uint8_t *key, size_t i, unsigned value)
{
	uint8_t *b = key + i / 2 * 3;
	bool high = i % 2 != 0;
	unsigned old = high ? b[1] >> 4 | (unsigned)b[2] << 4 : b[0] | (b[1] & 15u) << 8;
	if (high) {
		b[1] = (uint8_t)((b[1] & 15u) | value << 4);
		b[2] = (uint8_t)(value >> 4);
	} else {
		b[0] = (uint8_t)value;
		b[1] = (uint8_t)((b[1] & 0xf0u) | value >> 8);
	}
	return old;
}

/* Every value from q on, and every place, as in CCTV's ML-KEM/modulus. */
Test(mlkem, modulus_check)
{
	uint8_t coins[64] = {7};
	for (size_t n = 0; n < 2; n++) {
		struct keys k = {.kem = n == 0 ? &crypt_mlkem768 : &crypt_mlkem1024};
		size_t places = (k.kem->public_size - 32) / 3 * 2;
		keys_of_coins(&k, wire_bytes(coins, sizeof coins));
		for (size_t i = 0; i < 768; i++) {
			size_t at = i * 5 % places;
			unsigned value = Q + (unsigned)i % (4096 - Q);
			unsigned old = set_coefficient(k.public_key, at, value);
			cr_assert_eq(encaps_to(k.kem, k.public_key), SSH_ERR_KEY, "%zu", at);
			set_coefficient(k.public_key, at, old);
		}
		for (size_t at = 0; at < places; at++) {
			unsigned old = set_coefficient(k.public_key, at, Q);
			cr_assert_eq(encaps_to(k.kem, k.public_key), SSH_ERR_KEY, "%zu", at);
			set_coefficient(k.public_key, at, old);
		}
		set_coefficient(k.public_key, 3, Q - 1);
		cr_assert_eq(encaps_to(k.kem, k.public_key), SSH_OK);
	}
}

static enum ssh_err squeeze(void *ctx, uint8_t *out, size_t n)
{
	crypt_shake_squeeze(ctx, out, n);
	return SSH_OK;
}

/* One test of the accumulated ones: keygen and encaps draw d, z and m, and so comes the ciphertext. */
static void accumulate(const struct crypt_kem *kem, struct crypt_shake *in, struct crypt_shake *out)
{
	struct keys k = {.kem = kem};
	struct sealed s;
	struct crypt_rng rng = {squeeze, in};
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	cr_assert_eq(kem->keygen(kem, &rng, k.public_key, k.secret_key), SSH_OK);
	cr_assert_eq(kem->encaps(kem, &rng, k.public_key, s.ciphertext, s.shared), SSH_OK);
	cr_assert_eq(kem->decaps(kem, k.secret_key, s.ciphertext, shared), SSH_OK);
	cr_assert_arr_eq(shared, s.shared, 32);
	crypt_shake_absorb(out, wire_bytes(k.public_key, kem->public_size));
	crypt_shake_absorb(out, wire_bytes(s.ciphertext, kem->ciphertext_size));
	crypt_shake_absorb(out, wire_bytes(s.shared, 32));
	crypt_shake_squeeze(in, s.ciphertext, kem->ciphertext_size);
	cr_assert_eq(kem->decaps(kem, k.secret_key, s.ciphertext, shared), SSH_OK);
	crypt_shake_absorb(out, wire_bytes(shared, 32));
}

/*
 * A hash over so many tests of random input: that of ML-KEM-768 is from TestAccumulated of Go's
 * crypto/mlkem (BSD-3-Clause); on that of ML-KEM-1024 Go's, CIRCL's and PQClean's code agree.
 */
static void accumulated(const struct crypt_kem *kem, int tests, const char *want)
{
	struct crypt_shake in, out;
	uint8_t digest[32];
	crypt_shake_init(&in, CRYPT_SHAKE128_RATE);
	crypt_shake_init(&out, CRYPT_SHAKE128_RATE);
	for (int i = 0; i < tests; i++)
		accumulate(kem, &in, &out);
	crypt_shake_squeeze(&out, digest, sizeof digest);
	cr_assert(bytes_are(digest, sizeof digest, want), "%s", kem->name);
}

Test(mlkem, accumulated)
{
	accumulated(&crypt_mlkem768, 100,
	            "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415");
	accumulated(&crypt_mlkem1024, 100,
	            "800018fec3e2723f73f1d657fe239b4d5d8782efaade297e8cd448e54cc2ac00");
	if (getenv("NACRE_LONG") != NULL)
		accumulated(&crypt_mlkem768, 10000,
		            "8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc");
}
