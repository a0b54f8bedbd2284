/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/kem_kit.h"

#include <criterion/criterion.h>

/* What holds for every KEM. */

static struct crypt_rng seeded(struct crypt_drbg *d, const struct crypt_kem *kem)
{
	crypt_drbg_init(d, wire_bytes_str(kem->name));
	return crypt_drbg_rng(d);
}

Test(kem, facts)
{
	/* FIPS 203 table 3; the sizes of sntrup761 are those of its known answers. */
	static const struct {
		const struct crypt_kem *kem;
		const char *name;
		size_t pk, sk, ct;
	} rows[] = {{&crypt_mlkem768, "mlkem768", 1184, 2400, 1088},
	            {&crypt_mlkem1024, "mlkem1024", 1568, 3168, 1568},
	            {&crypt_sntrup761, "sntrup761", 1158, 1763, 1039}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cr_assert_eq(crypt_kems[i], rows[i].kem);
		cr_assert_str_eq(rows[i].kem->name, rows[i].name);
		cr_assert_eq(rows[i].kem->public_size, rows[i].pk, "%s", rows[i].name);
		cr_assert_eq(rows[i].kem->secret_size, rows[i].sk, "%s", rows[i].name);
		cr_assert_eq(rows[i].kem->ciphertext_size, rows[i].ct, "%s", rows[i].name);
		cr_assert_eq(rows[i].kem->shared_size, 32, "%s", rows[i].name);
	}
	cr_assert_null(crypt_kems[sizeof rows / sizeof *rows]);
}

Test(kem, both_sides_agree)
{
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		struct keys k = {.kem = crypt_kems[i]};
		struct sealed s;
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d, k.kem);
		for (int n = 0; n < 20; n++) {
			uint8_t shared[CRYPT_KEM_SHARED_MAX];
			cr_assert_eq(k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key), 0);
			cr_assert_eq(
			    k.kem->encaps(k.kem, &rng, k.public_key, s.ciphertext, s.shared), 0);
			cr_assert_eq(k.kem->decaps(k.kem, k.secret_key, s.ciphertext, shared), 0);
			cr_assert_arr_eq(shared, s.shared, 32, "%s: %d", k.kem->name, n);
		}
	}
}

/* Whatever byte is changed: another secret, and always the same one for the same ciphertext. */
Test(kem, implicit_rejection)
{
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		struct keys k = {.kem = crypt_kems[i]};
		struct sealed s;
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d, k.kem);
		uint8_t one[CRYPT_KEM_SHARED_MAX], two[CRYPT_KEM_SHARED_MAX];
		uint8_t last[CRYPT_KEM_SHARED_MAX] = {0};
		cr_assert_eq(k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key), 0);
		cr_assert_eq(k.kem->encaps(k.kem, &rng, k.public_key, s.ciphertext, s.shared), 0);
		for (size_t at = 0; at < k.kem->ciphertext_size; at += 3) {
			s.ciphertext[at] ^= (uint8_t)(1u << at % 8);
			cr_assert_eq(k.kem->decaps(k.kem, k.secret_key, s.ciphertext, one), 0);
			cr_assert_eq(k.kem->decaps(k.kem, k.secret_key, s.ciphertext, two), 0);
			s.ciphertext[at] ^= (uint8_t)(1u << at % 8);
			cr_assert_arr_neq(one, s.shared, 32, "%s: %zu", k.kem->name, at);
			cr_assert_arr_eq(one, two, 32, "%s: %zu", k.kem->name, at);
			cr_assert_arr_neq(one, last, 32, "%s: %zu", k.kem->name, at);
			memcpy(last, one, sizeof last);
		}
	}
}

/* Garbage of all kinds does no harm; sanitizers look on. */
Test(kem, garbage)
{
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		struct keys k = {.kem = crypt_kems[i]};
		struct sealed s;
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d, k.kem);
		for (int n = 0; n < 20; n++) {
			cr_assert_eq(k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key), 0);
			if (n < 2)
				memset(s.ciphertext, n == 0 ? 0 : 0xff, sizeof s.ciphertext);
			else
				cr_assert_eq(crypt_rng_fill(&rng, &s, sizeof s), 0);
			cr_assert_eq(k.kem->decaps(k.kem, k.secret_key, s.ciphertext, s.shared), 0);
			memcpy(k.public_key, s.ciphertext, k.kem->ciphertext_size);
			enum ssh_err e =
			    k.kem->encaps(k.kem, &rng, k.public_key, s.ciphertext, s.shared);
			cr_assert(e == 0 || e == SSH_ERR_KEY, "%s", k.kem->name);
		}
	}
}

/* Secret keys that nobody made: all ones, so that every field is out of its range. */
Test(kem, garbage_for_a_secret_key)
{
	static const uint8_t ciphertext[CRYPT_KEM_CIPHERTEXT_MAX] = {1};
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		uint8_t sk[CRYPT_KEM_SECRET_MAX], shared[CRYPT_KEM_SHARED_MAX];
		memset(sk, 0xff, sizeof sk);
		enum ssh_err e = crypt_kems[i]->decaps(crypt_kems[i], sk, ciphertext, shared);
		cr_assert_eq(e, crypt_kems[i] == &crypt_sntrup761 ? SSH_OK : SSH_ERR_KEY);
	}
}

Test(kem, no_randomness)
{
	static const uint8_t zeros[1 << 16];
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		struct keys k = {.kem = crypt_kems[i]};
		struct sealed s;
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d, k.kem);
		cr_assert_eq(k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key), 0);
		for (size_t n = 0; n < 32; n += 31) {
			struct crypt_kem_coins coins = {wire_bytes(zeros, n)};
			struct crypt_rng few = crypt_kem_coins_rng(&coins);
			cr_assert_eq(k.kem->keygen(k.kem, &few, k.public_key, k.secret_key),
			             SSH_ERR_RANDOM, "%s", k.kem->name);
		}
		cr_assert_eq(k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key), 0);
		struct crypt_kem_coins none = {wire_bytes(NULL, 0)};
		struct crypt_rng empty = crypt_kem_coins_rng(&none);
		cr_assert_eq(k.kem->encaps(k.kem, &empty, k.public_key, s.ciphertext, s.shared),
		             SSH_ERR_RANDOM, "%s", k.kem->name);
	}
}

/* 2^29 in every number: the middle of the range, which stands for the coefficient 0. */
static enum ssh_err stuck(void *ctx, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = i % 4 == 3 ? 0x20 : 0;
	++*(int *)ctx;
	return SSH_OK;
}

/* A source that gives g = 0 for ever, which has no inverse, is found out. */
Test(kem, sntrup761_stuck_source)
{
	struct keys k = {.kem = &crypt_sntrup761};
	int calls = 0;
	struct crypt_rng rng = {stuck, &calls};
	enum ssh_err e = k.kem->keygen(k.kem, &rng, k.public_key, k.secret_key);
	cr_assert_eq(e, SSH_ERR_RANDOM, "%s after %d draws", ssh_err_name(e), calls);
	cr_assert_eq(calls, 16);
}
