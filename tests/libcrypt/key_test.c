/* SPDX-License-Identifier: MIT */
#include "tests/libcrypt/key_kit.h"
#include "tests/support/alloc.h"
#include "tests/support/golden.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct wire_buf sign(const struct crypt_key *k, const struct crypt_sigalg *alg)
{
	return kit_sign(k, alg, wire_bytes_str("data"));
}

static void check_round_trip(const struct crypt_keyalg *alg)
{
	struct crypt_key k = kit_generate(alg), public = {0}, private = {0};
	struct wire_buf pub = kit_public(&k), priv = kit_private(&k);
	cr_assert(k.has_private);
	cr_assert_eq(crypt_key_parse_public(&public, crypt_keyalgs_legacy, wire_buf_view(&pub)),
	             SSH_OK, "%s", alg->name);
	cr_assert(!public.has_private);
	cr_assert_eq(crypt_key_bits(&public), crypt_key_bits(&k));
	cr_assert_eq(kit_parse_private(&private, wire_buf_view(&priv)), SSH_OK, "%s", alg->name);
	struct wire_buf pub2 = kit_public(&private), priv2 = kit_private(&private);
	cr_assert(wire_bytes_equal(wire_buf_view(&pub), wire_buf_view(&pub2)), "%s", alg->name);
	cr_assert(wire_bytes_equal(wire_buf_view(&priv), wire_buf_view(&priv2)), "%s", alg->name);
	for (size_t i = 0; alg->sigs[i] != NULL; i++) {
		struct wire_buf sig = sign(&private, alg->sigs[i]);
		cr_assert_eq(crypt_key_verify(&public, alg->sigs[i], wire_bytes_str("data"),
		                              wire_buf_view(&sig)),
		             SSH_OK, "%s", alg->sigs[i]->name);
		wire_buf_wipe(&sig);
	}
	crypt_key_wipe(&k);
	crypt_key_wipe(&public);
	crypt_key_wipe(&private);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&priv);
	wire_buf_wipe(&pub2);
	wire_buf_wipe(&priv2);
}

Test(key, what_is_written_parses_back_and_signs)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		check_round_trip(crypt_keyalgs_legacy[i]);
}

/* Private fields end where the type says; the caller reads on, and may read a prefix too. */
static void check_private_prefixes(const struct crypt_keyalg *alg)
{
	struct crypt_key k = kit_generate(alg);
	struct wire_buf priv = kit_private(&k);
	ssh_bytes whole = wire_buf_view(&priv);
	size_t step = whole.len / 40 + 1;
	for (size_t n = 0; n < whole.len; n += n + step < whole.len ? step : 1) {
		struct wire_buf b = {0};
		wire_put_raw(&b, wire_bytes(whole.ptr, n));
		kit_refuse_private(&b, SSH_ERR_TRUNCATED, alg->name);
	}
	struct wire_reader r;
	struct crypt_key back = {0};
	wire_put_u32(&priv, 0x5eed);
	wire_reader_init(&r, wire_buf_view(&priv));
	cr_assert_eq(crypt_key_get_private(&back, crypt_keyalgs_legacy, &r), SSH_OK, "%s",
	             alg->name);
	cr_assert_eq(wire_get_u32(&r), 0x5eed, "%s", alg->name);
	cr_assert_eq(wire_reader_end(&r), SSH_OK, "%s", alg->name);
	crypt_key_wipe(&back);
	crypt_key_wipe(&k);
	wire_buf_wipe(&priv);
}

static void check_public_prefixes(const struct crypt_keyalg *alg)
{
	struct crypt_key k = kit_generate(alg);
	struct wire_buf pub = kit_public(&k);
	ssh_bytes whole = wire_buf_view(&pub);
	for (size_t n = 0; n < whole.len; n++) {
		struct wire_buf b = {0};
		wire_put_raw(&b, wire_bytes(whole.ptr, n));
		kit_refuse_public(&b, SSH_ERR_TRUNCATED, alg->name);
	}
	wire_put_u8(&pub, 0);
	kit_refuse_public(&pub, SSH_ERR_TRAILING, alg->name);
	crypt_key_wipe(&k);
}

Test(key, cut_off_anywhere_is_truncated)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		check_private_prefixes(crypt_keyalgs_legacy[i]);
		check_public_prefixes(crypt_keyalgs_legacy[i]);
	}
}

Test(key, only_listed_types_are_taken)
{
	static const struct crypt_keyalg *const rsa_alone[] = {&crypt_key_rsa, NULL};
	struct crypt_key k = kit_generate(&crypt_key_ed25519), parsed = {0};
	struct wire_buf pub = kit_public(&k), dss = kit_hex("000000077373682d647373");
	cr_assert_eq(crypt_key_parse_public(&parsed, rsa_alone, wire_buf_view(&pub)),
	             SSH_ERR_UNSUPPORTED);
	cr_assert_eq(crypt_key_parse_public(&parsed, crypt_keyalgs, wire_buf_view(&dss)),
	             SSH_ERR_UNSUPPORTED);
	kit_refuse_public(&dss, SSH_ERR_TRUNCATED, "ssh-dss");
	crypt_key_wipe(&k);
	wire_buf_wipe(&pub);
}

static void check_openssh_key(const char *const *column)
{
	struct crypt_key k = kit_key(column[1]);
	struct wire_buf blob = kit_hex(column[1]), again = kit_public(&k);
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	crypt_key_fingerprint(wire_buf_view(&blob), fingerprint);
	cr_assert_str_eq(fingerprint, column[2], "%s", column[0]);
	cr_assert_eq(crypt_key_bits(&k), (size_t)strtoul(column[3], NULL, 10), "%s", column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&blob)), "%s", column[0]);
	crypt_key_wipe(&k);
	wire_buf_wipe(&again);
	if (*column[4] != '\0') {
		struct wire_buf private = kit_hex(column[4]);
		k = kit_openssh_key(column[0]);
		again = kit_private(&k);
		cr_assert(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&private)), "%s",
		          column[0]);
		wire_buf_wipe(&again);
		again = kit_public(&k);
		cr_assert(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&blob)), "%s",
		          column[0]);
		wire_buf_wipe(&again);
		wire_buf_wipe(&private);
		crypt_key_wipe(&k);
	}
	wire_buf_wipe(&blob);
}

Test(key, openssh_keys_read_write_and_show_their_fingerprints)
{
	rows_each("openssh-keys.txt", 5, check_openssh_key);
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
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&hash);
	wire_buf_wipe(&sig);
}

Test(key, host_keys_of_recorded_sessions_verify)
{
	golden_each(check_golden);
}

static void refuse_signature(const struct crypt_key *k, const struct crypt_sigalg *alg,
                             struct wire_buf *sig, const char *what)
{
	cr_assert_eq(crypt_key_verify(k, alg, wire_bytes_str("data"), wire_buf_view(sig)),
	             SSH_ERR_SIGNATURE, "%s: %s", alg->name, what);
	wire_buf_wipe(sig);
}

static void check_bad_signatures(const struct crypt_key *k, const struct crypt_sigalg *alg)
{
	struct wire_buf good = sign(k, alg), b = {0};
	ssh_bytes whole = wire_buf_view(&good);
	struct wire_reader r;
	wire_reader_init(&r, whole);
	ssh_bytes name = wire_get_string(&r);
	ssh_bytes inner = alg->bare ? wire_get_rest(&r) : wire_get_string(&r);
	cr_assert(wire_bytes_is(name, alg->name));
	cr_assert_eq(wire_reader_end(&r), SSH_OK);
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++)
		if (crypt_sigalgs_legacy[i] != alg) {
			b = kit_signature(crypt_sigalgs_legacy[i], inner);
			refuse_signature(k, alg, &b, crypt_sigalgs_legacy[i]->name);
		}
	for (size_t n = 0; n < whole.len; n++) {
		wire_put_raw(&b, wire_bytes(whole.ptr, n));
		refuse_signature(k, alg, &b, "cut off");
	}
	wire_put_raw(&b, whole);
	wire_put_u8(&b, 0);
	refuse_signature(k, alg, &b, "trailing byte");
	wire_put_raw(&b, inner);
	refuse_signature(k, alg, &b, "no name");
	b = kit_signature(alg, wire_bytes(NULL, 0));
	refuse_signature(k, alg, &b, "empty");
	for (size_t at = 0; at < inner.len; at += inner.len / 16) {
		b = kit_signature(alg, inner);
		b.mem[b.end - inner.len + at] ^= 0x10;
		refuse_signature(k, alg, &b, "bit changed");
	}
	cr_assert_eq(crypt_key_verify(k, alg, wire_bytes_str("Data"), whole), SSH_ERR_SIGNATURE);
	wire_buf_wipe(&good);
}

Test(key, signatures_with_anything_wrong_are_refused)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++) {
		struct crypt_key k = kit_generate(crypt_sigalgs_legacy[i]->key);
		check_bad_signatures(&k, crypt_sigalgs_legacy[i]);
		crypt_key_wipe(&k);
	}
}

Test(key, a_key_signs_and_verifies_with_its_own_algorithms_only)
{
	struct crypt_key k = kit_generate(&crypt_key_ed25519), empty = {0}, public = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "own");
	struct wire_buf sig = sign(&k, &crypt_sig_ed25519), out = {0}, blob = kit_public(&k);
	ssh_bytes data = wire_bytes_str("data"), s = wire_buf_view(&sig);
	for (size_t i = 1; crypt_sigalgs_legacy[i] != NULL; i++) {
		const struct crypt_sigalg *alg = crypt_sigalgs_legacy[i];
		cr_assert_eq(crypt_key_sign(&k, alg, data, &rng, &out), SSH_ERR_UNSUPPORTED);
		cr_assert_eq(crypt_key_verify(&k, alg, data, s), SSH_ERR_UNSUPPORTED);
	}
	cr_assert_eq(crypt_key_sign(&empty, &crypt_sig_ed25519, data, &rng, &out),
	             SSH_ERR_UNSUPPORTED);
	cr_assert_eq(crypt_key_verify(&empty, &crypt_sig_ed25519, data, s), SSH_ERR_UNSUPPORTED);
	cr_assert_eq(crypt_key_bits(&empty), 0);
	cr_assert_eq(crypt_key_parse_public(&public, crypt_keyalgs_legacy, wire_buf_view(&blob)),
	             SSH_OK);
	cr_assert_eq(crypt_key_sign(&public, &crypt_sig_ed25519, data, &rng, &out), SSH_ERR_KEY);
	cr_assert_eq(wire_buf_len(&out), 0);
	crypt_key_put_private(&public, &out);
	cr_assert_eq(wire_buf_end(&out), SSH_ERR_KEY);
	crypt_key_wipe(&k);
	crypt_key_wipe(&public);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&out);
	wire_buf_wipe(&blob);
}

/* A source that fails at its n-th fill, for every n until signing succeeds. */
static size_t fills_to_sign(const struct crypt_sigalg *alg)
{
	struct crypt_key k = kit_generate(alg->key);
	for (size_t n = 0;; n++) {
		size_t left = n;
		struct crypt_rng rng = kit_failing_rng(&left);
		struct wire_buf out = {0};
		wire_put_str(&out, "before");
		enum ssh_err e = crypt_key_sign(&k, alg, wire_bytes_str("data"), &rng, &out);
		size_t len = wire_buf_len(&out);
		wire_buf_wipe(&out);
		if (e == SSH_OK) {
			crypt_key_wipe(&k);
			return n;
		}
		cr_assert_eq(e, SSH_ERR_RANDOM, "%s at fill %zu", alg->name, n);
		cr_assert_eq(len, 10, "%s at fill %zu", alg->name, n);
	}
}

Test(key, nothing_is_signed_without_randomness)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++) {
		if (crypt_sigalgs_legacy[i]->key->sign == NULL)
			continue;
		size_t fills = fills_to_sign(crypt_sigalgs_legacy[i]);
		bool deterministic = crypt_sigalgs_legacy[i]->key != &crypt_key_rsa;
		cr_assert_eq(fills == 0, deterministic, "%s", crypt_sigalgs_legacy[i]->name);
	}
}

Test(key, no_key_is_made_without_randomness)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		const struct crypt_keyalg *alg = crypt_keyalgs_legacy[i];
		enum ssh_err want = alg->generate == NULL ? SSH_ERR_UNSUPPORTED : SSH_ERR_RANDOM;
		for (size_t n = 0; n < (alg == &crypt_key_rsa ? 3 : 1); n++) {
			struct crypt_key k;
			size_t left = n;
			struct crypt_rng rng = kit_failing_rng(&left);
			memset(&k, 0xa5, sizeof k);
			cr_assert_eq(crypt_key_generate(&k, alg, 1024, &rng), want,
			             "%s at fill %zu", alg->name, n);
			cr_assert(kit_is_empty(&k));
		}
	}
}

static void check_allocations(const struct crypt_key *k, const struct crypt_sigalg *alg)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct crypt_drbg d;
		struct crypt_rng rng = kit_rng(&d, "n-th");
		struct wire_buf out = {0};
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = crypt_key_sign(k, alg, wire_bytes_str("data"), &rng, &out);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "%s at %zu", alg->name, n);
		cr_assert_eq(wire_buf_len(&out) == 0, failed, "%s at %zu", alg->name, n);
		wire_buf_wipe(&out);
		cr_assert_eq(alloc_live_bytes(), 0, "%s at %zu", alg->name, n);
	}
}

Test(key, signing_survives_any_failing_allocation)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++) {
		if (crypt_sigalgs_legacy[i]->key->sign == NULL)
			continue;
		struct crypt_key k = kit_generate(crypt_sigalgs_legacy[i]->key);
		check_allocations(&k, crypt_sigalgs_legacy[i]);
		crypt_key_wipe(&k);
	}
}

Test(key, a_full_buf_holds_no_half_signature)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++) {
		if (crypt_sigalgs_legacy[i]->key->sign == NULL)
			continue;
		struct crypt_key k = kit_generate(crypt_sigalgs_legacy[i]->key);
		struct wire_buf whole = sign(&k, crypt_sigalgs_legacy[i]);
		for (size_t max = 1; max < wire_buf_len(&whole); max += 7) {
			struct crypt_drbg d;
			struct crypt_rng rng = kit_rng(&d, crypt_sigalgs_legacy[i]->name);
			struct wire_buf out;
			wire_buf_init(&out, max);
			cr_assert_eq(crypt_key_sign(&k, crypt_sigalgs_legacy[i],
			                            wire_bytes_str("data"), &rng, &out),
			             SSH_ERR_TOO_LONG, "%zu", max);
			cr_assert_eq(wire_buf_len(&out), 0, "%zu", max);
			wire_buf_wipe(&out);
		}
		wire_buf_wipe(&whole);
		crypt_key_wipe(&k);
	}
}

Test(key, wiping_twice_and_wiping_zero_are_harmless)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		struct crypt_key k = kit_generate(crypt_keyalgs_legacy[i]);
		crypt_key_wipe(&k);
		cr_assert(kit_is_empty(&k));
		crypt_key_wipe(&k);
		cr_assert(kit_is_empty(&k));
	}
}

Test(key, default_arrays_hold_nothing_weak)
{
	cr_assert_null(crypt_sigalg_find(crypt_sigalgs, wire_bytes_str("ssh-rsa")));
	cr_assert_null(crypt_sigalg_find(crypt_sigalgs, wire_bytes_str("ssh-dss")));
	cr_assert_eq(crypt_sigalg_find(crypt_sigalgs_legacy, wire_bytes_str("ssh-dss")),
	             &crypt_insecure_sig_dsa);
	cr_assert_eq(crypt_sigalg_find(crypt_sigalgs_legacy, wire_bytes_str("ssh-rsa")),
	             &crypt_insecure_sig_rsa_sha1);
	for (size_t i = 0; crypt_sigalgs[i] != NULL; i++) {
		cr_assert_eq(
		    crypt_sigalg_find(crypt_sigalgs, wire_bytes_str(crypt_sigalgs[i]->name)),
		    crypt_sigalgs[i]);
		cr_assert_eq(crypt_sigalgs_legacy[i], crypt_sigalgs[i]);
		cr_assert_neq(crypt_sigalgs[i]->key, &crypt_insecure_key_dsa);
	}
	for (size_t i = 0; crypt_keyalgs[i] != NULL; i++)
		cr_assert_eq(crypt_keyalgs_legacy[i], crypt_keyalgs[i]);
	cr_assert_null(crypt_sigalg_find(crypt_sigalgs, wire_bytes_str("")));
	cr_assert_null(crypt_sigalg_find(crypt_sigalgs, wire_bytes_str("ssh-ed2551")));
}
