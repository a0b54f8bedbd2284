/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include "tests/support/golden.h"

#include <criterion/criterion.h>

/* RSA keys of this size are made fast. */
#define TEST_BITS 1024

static struct crypt_key generate(const struct crypt_keyalg *alg)
{
	struct crypt_drbg d;
	struct crypt_key k = {0};
	crypt_drbg_init(&d, wire_bytes_str(alg->name));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	cr_assert_eq(crypt_key_generate(&k, alg, TEST_BITS, &rng), SSH_OK, "%s", alg->name);
	return k;
}

static struct wire_buf public_of(const struct crypt_key *k)
{
	struct wire_buf b = {0};
	crypt_key_put_public(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

static struct wire_buf private_of(const struct crypt_key *k)
{
	struct wire_buf b = {0};
	crypt_key_put_private(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

static bool is_empty(const struct crypt_key *k)
{
	static const struct crypt_key empty;
	return memcmp(k, &empty, sizeof empty) == 0;
}

static struct wire_buf signature(const struct crypt_key *k, const struct crypt_sigalg *alg,
                                 const char *text)
{
	struct crypt_drbg d;
	struct wire_buf b = {0};
	crypt_drbg_init(&d, wire_bytes_str(text));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	cr_assert_eq(crypt_key_sign(k, alg, wire_bytes_str(text), &rng, &b), SSH_OK, "%s",
	             alg->name);
	return b;
}

static void check_round_trip(const struct crypt_keyalg *alg)
{
	struct crypt_key k = generate(alg), public = {0}, private = {0};
	struct wire_buf pub = public_of(&k), priv = private_of(&k);
	cr_assert(k.has_private);
	cr_assert_eq(crypt_key_parse_public(&public, crypt_keyalgs, wire_buf_view(&pub)), SSH_OK,
	             "%s", alg->name);
	cr_assert(!public.has_private);
	cr_assert_eq(crypt_key_bits(&public), crypt_key_bits(&k));

	wire_put_u32(&priv, 0x5eed); /* what follows the key is the caller's */
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(&priv));
	cr_assert_eq(crypt_key_get_private(&private, crypt_keyalgs, &r), SSH_OK, "%s", alg->name);
	cr_assert_eq(wire_get_u32(&r), 0x5eed, "%s", alg->name);
	cr_assert_eq(wire_reader_end(&r), SSH_OK);
	wire_buf_cut(&priv, wire_buf_len(&priv) - 4);

	struct wire_buf pub2 = public_of(&private), priv2 = private_of(&private);
	cr_assert(wire_bytes_equal(wire_buf_view(&pub), wire_buf_view(&pub2)), "%s", alg->name);
	cr_assert(wire_bytes_equal(wire_buf_view(&priv), wire_buf_view(&priv2)), "%s", alg->name);
	for (size_t i = 0; alg->sigs[i] != NULL; i++) {
		struct wire_buf sig = signature(&private, alg->sigs[i], "data");
		cr_assert_eq(crypt_key_verify(&public, alg->sigs[i], wire_bytes_str("data"),
		                              wire_buf_view(&sig)),
		             SSH_OK, "%s", alg->sigs[i]->name);
		wire_buf_wipe(&sig);
	}
	crypt_key_wipe(&k);
	crypt_key_wipe(&public);
	crypt_key_wipe(&private);
	cr_assert(is_empty(&private));
	crypt_key_wipe(&private);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&priv);
	wire_buf_wipe(&pub2);
	wire_buf_wipe(&priv2);
}

Test(key, what_is_written_parses_back_and_signs)
{
	for (size_t i = 0; crypt_keyalgs[i] != NULL; i++)
		check_round_trip(crypt_keyalgs[i]);
}

static void check_golden(const struct golden *g)
{
	struct wire_buf blob = {0}, hash = {0}, sig = {0};
	struct crypt_key k = {0};
	const struct crypt_sigalg *alg = crypt_sigalg_find(
	    crypt_sigalgs_legacy, wire_bytes_str(golden_text(g, "signature_alg")));
	cr_assert_not_null(alg, "%s", g->name);
	golden_hex(g, "K_S", 0, &blob);
	golden_hex(g, "H", 0, &hash);
	golden_hex(g, "signature", 0, &sig);
	cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs, wire_buf_view(&blob)), SSH_OK, "%s",
	             g->name);
	cr_assert_eq(crypt_key_verify(&k, alg, wire_buf_view(&hash), wire_buf_view(&sig)), SSH_OK,
	             "%s", g->name);
	wire_put_u8(&hash, 0);
	cr_assert_eq(crypt_key_verify(&k, alg, wire_buf_view(&hash), wire_buf_view(&sig)),
	             SSH_ERR_SIGNATURE, "%s", g->name);
	struct wire_buf again = public_of(&k);
	cr_assert(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&blob)), "%s", g->name);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&hash);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&again);
}

Test(key, host_keys_of_recorded_sessions_verify)
{
	golden_each(check_golden);
}
