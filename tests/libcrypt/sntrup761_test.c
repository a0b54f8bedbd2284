/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/kem_kit.h"

#include <criterion/criterion.h>
#include <nettle/aes.h>

static const struct crypt_kem *const kem = &crypt_sntrup761;

/*
 * The generator behind NIST's known answers: CTR_DRBG of SP 800-90A with AES-256 and without
 * derivation function, seeded with 48 bytes.
 */
struct drbg {
	struct aes256_ctx key;
	uint8_t v[16];
};

static void drbg_block(struct drbg *d, uint8_t out[16])
{
	for (size_t i = 16; i-- > 0 && ++d->v[i] == 0;)
		continue;
	aes256_encrypt(&d->key, 16, out, d->v);
}

/* `more` is NULL or 48 bytes. */
static void drbg_update(struct drbg *d, const uint8_t *more)
{
	uint8_t next[48];
	for (size_t i = 0; i < 48; i += 16)
		drbg_block(d, next + i);
	for (size_t i = 0; more != NULL && i < 48; i++)
		next[i] ^= more[i];
	aes256_set_encrypt_key(&d->key, next);
	memcpy(d->v, next + 32, 16);
}

static void drbg_generate(struct drbg *d, uint8_t *out, size_t n)
{
	uint8_t block[16];
	for (size_t at = 0; at < n; at += 16) {
		drbg_block(d, block);
		memcpy(out + at, block, n - at < 16 ? n - at : 16);
	}
	drbg_update(d, NULL);
}

/* The submission asked for four bytes at a time, save for rho: 191 at one go. */
static enum ssh_err drbg_fill(void *ctx, uint8_t *out, size_t n)
{
	size_t request = n == 191 ? n : 4;
	for (size_t at = 0; at < n; at += request)
		drbg_generate(ctx, out + at, request);
	return SSH_OK;
}

static void drbg_init(struct drbg *d, const char *seed_hex)
{
	static const uint8_t zero[32];
	struct wire_buf seed = {0};
	unhex(&seed, seed_hex);
	cr_assert_eq(wire_buf_len(&seed), 48);
	*d = (struct drbg){0};
	aes256_set_encrypt_key(&d->key, zero);
	drbg_update(d, wire_buf_view(&seed).ptr);
	wire_buf_wipe(&seed);
}

/* From the seed to both keys, the ciphertext and, on either side, the shared secret. */
static void known_answer(const char *const *column)
{
	struct keys k = {.kem = kem};
	struct sealed s;
	struct drbg d;
	struct crypt_rng rng = {drbg_fill, &d};
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	drbg_init(&d, column[1]);
	cr_assert_eq(kem->keygen(kem, &rng, k.public_key, k.secret_key), SSH_OK);
	cr_assert(digest_is(k.public_key, kem->public_size, column[2]), "%s: pk", column[0]);
	cr_assert(digest_is(k.secret_key, kem->secret_size, column[3]), "%s: sk", column[0]);
	cr_assert_eq(kem->encaps(kem, &rng, k.public_key, s.ciphertext, s.shared), SSH_OK);
	cr_assert(digest_is(s.ciphertext, kem->ciphertext_size, column[4]), "%s: ct", column[0]);
	cr_assert(bytes_are(s.shared, kem->shared_size, column[5]), "%s: ss", column[0]);
	cr_assert_eq(kem->decaps(kem, k.secret_key, s.ciphertext, shared), SSH_OK);
	cr_assert(bytes_are(shared, kem->shared_size, column[5]), "%s: decaps", column[0]);
}

Test(sntrup761, known_answers)
{
	rows_each("sntrup761.txt", 6, known_answer);
}

static void decaps_row(const char *const *column)
{
	struct wire_buf sk = {0}, ct = {0};
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	unhex(&sk, column[1]);
	unhex(&ct, column[2]);
	cr_assert_eq(wire_buf_len(&sk), kem->secret_size, "%s", column[0]);
	cr_assert_eq(wire_buf_len(&ct), kem->ciphertext_size, "%s", column[0]);
	const uint8_t *c = wire_buf_view(&ct).ptr;
	cr_assert_eq(kem->decaps(kem, wire_buf_view(&sk).ptr, c, shared), SSH_OK);
	cr_assert(bytes_are(shared, kem->shared_size, column[3]), "%s", column[0]);
	wire_buf_wipe(&sk);
	wire_buf_wipe(&ct);
}

Test(sntrup761, decaps)
{
	rows_each("sntrup761-decaps.txt", 4, decaps_row);
}
