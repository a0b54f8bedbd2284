/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"
#include "tests/libcrypt/cert_kit.h"
#include "tests/libcrypt/key_kit.h"
#include "tests/support/alloc.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* --- Recorded certificates --- */

enum column {
	SOURCE,
	BLOB,
	TYPE,
	ROLE,
	SERIAL,
	ID,
	NAMES,
	AFTER,
	BEFORE,
	OPTIONS,
	EXTENSIONS,
	SIG
};
#define COLUMNS 12

static void expect_text(struct wire_buf *got, const char *want, const char *row)
{
	cr_expect(wire_bytes_is(wire_buf_view(got), want), "%s: %.*s, not %s", row,
	          (int)wire_buf_len(got), (const char *)wire_buf_view(got).ptr, want);
	wire_buf_wipe(got);
}

static void put_separated(struct wire_buf *b, char separator, ssh_bytes text)
{
	if (wire_buf_len(b) != 0)
		wire_put_u8(b, (uint8_t)separator);
	wire_put_raw(b, text);
}

static struct wire_buf names_text(ssh_bytes list)
{
	struct wire_buf b = {0};
	ssh_bytes name;
	while (crypt_cert_next_principal(&list, &name))
		put_separated(&b, ',', name);
	return b;
}

static struct wire_buf options_text(ssh_bytes list)
{
	struct wire_buf b = {0};
	ssh_bytes name, data, text;
	while (crypt_cert_next_option(&list, &name, &data)) {
		put_separated(&b, ';', name);
		if (crypt_cert_option_text(data, &text)) {
			wire_put_u8(&b, '=');
			wire_put_raw(&b, text);
		}
	}
	return b;
}

static void check_parse(const char *const *column)
{
	const char *row = column[SOURCE];
	struct wire_buf blob = kit_hex(column[BLOB]);
	struct crypt_cert c;
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob)), SSH_OK, "%s",
	             row);
	struct wire_buf names = names_text(c.principals), options = options_text(c.options),
	                extensions = options_text(c.extensions);
	cr_expect_str_eq(c.alg->name, column[TYPE], "%s", row);
	cr_expect_eq(c.role, strtoul(column[ROLE], NULL, 10), "%s", row);
	cr_expect_eq(c.serial, strtoull(column[SERIAL], NULL, 10), "%s", row);
	cr_expect(wire_bytes_is(c.id, column[ID]), "%s", row);
	cr_expect_eq(c.valid_after, strtoull(column[AFTER], NULL, 10), "%s", row);
	cr_expect_eq(c.valid_before, strtoull(column[BEFORE], NULL, 10), "%s", row);
	expect_text(&names, column[NAMES], row);
	expect_text(&options, column[OPTIONS], row);
	expect_text(&extensions, column[EXTENSIONS], row);
	cr_expect_geq(c.nonce.len, 16, "%s", row);
	wire_buf_wipe(&blob);
}

Test(cert, recorded_certificates_come_apart)
{
	rows_each("certs.txt", COLUMNS, check_parse);
}

/* Everything that a recorded certificate asks for is granted, but for what it must not have. */
static void check_recorded(const char *const *column)
{
	static const char *const options[] = {"force-command", "verify-required", NULL};
	struct wire_buf blob = kit_hex(column[BLOB]);
	struct crypt_cert c;
	const char *why;
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob)), SSH_OK);
	ssh_bytes names = c.principals, source = wire_bytes_str("127.0.0.1");
	enum ssh_err want = SSH_OK;
	if (strstr(column[OPTIONS], "10.0.0.0/8") != NULL)
		source = wire_bytes_str("10.11.12.13");
	if (strstr(column[OPTIONS], "xxxxx") != NULL)
		want = SSH_ERR_MALFORMED;
	if (strstr(column[OPTIONS], "blah") != NULL || strcmp(column[SIG], "ssh-rsa") == 0)
		want = SSH_ERR_UNSUPPORTED;
	struct crypt_cert_policy p = {.role = (enum crypt_cert_role)c.role,
	                              .now = c.valid_after,
	                              .authorities = &c.authority,
	                              .authorities_count = 1,
	                              .sigalgs = crypt_sigalgs,
	                              .source = source,
	                              .options = options};
	cr_assert(crypt_cert_next_principal(&names, &p.principal));
	enum ssh_err e = crypt_cert_check(&c, &p, &why);
	cr_expect_eq(e, want, "%s: %s, %s", column[SOURCE], ssh_err_name(e), why);
	if (strcmp(column[SIG], "ssh-rsa") == 0) {
		p.sigalgs = crypt_sigalgs_legacy;
		cr_expect_eq(crypt_cert_check(&c, &p, &why), SSH_OK, "%s", why);
	}
	wire_buf_wipe(&blob);
}

Test(cert, recorded_certificates_verify)
{
	rows_each("certs.txt", COLUMNS, check_recorded);
}

/* --- As keys --- */

static void check_key(const char *const *column)
{
	struct wire_buf blob = kit_hex(column[BLOB]), plain = {0};
	struct crypt_key k = {0}, inside = {0};
	struct crypt_cert c;
	ssh_bytes b = wire_buf_view(&blob);
	cr_assert_eq(crypt_key_parse_public(&k, crypt_cert_keyalgs, b), SSH_OK, "%s",
	             column[SOURCE]);
	struct wire_buf again = kit_public(&k);
	cr_expect(wire_bytes_equal(wire_buf_view(&again), b), "%s", column[SOURCE]);
	cr_assert_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, b), SSH_OK);
	crypt_cert_put_key(&plain, &c);
	cr_assert_eq(crypt_key_parse_public(&inside, crypt_keyalgs_legacy, wire_buf_view(&plain)),
	             SSH_OK);
	cr_expect_eq(crypt_key_bits(&inside), crypt_key_bits(&k));
	cr_expect_eq(inside.alg, k.alg->plain);
	/* A plain key type never takes one. */
	crypt_key_wipe(&inside);
	cr_expect_eq(crypt_key_parse_public(&inside, crypt_keyalgs_legacy, b), SSH_ERR_UNSUPPORTED);
	crypt_key_wipe(&k);
	cr_expect(kit_is_empty(&k));
	wire_buf_wipe(&again);
	wire_buf_wipe(&plain);
	wire_buf_wipe(&blob);
}

Test(cert, a_certificate_is_a_key_type)
{
	rows_each("certs.txt", COLUMNS, check_key);
}

static enum ssh_err parse_private(struct crypt_key *k, ssh_bytes form)
{
	struct wire_reader r;
	wire_reader_init(&r, form);
	enum ssh_err e = crypt_key_get_private(k, crypt_cert_keyalgs, &r);
	return e != SSH_OK ? e : wire_reader_end(&r);
}

static void check_private(const char *const *column)
{
	struct wire_buf form = kit_hex(column[1]);
	struct crypt_key k = {0};
	cr_assert_eq(parse_private(&k, wire_buf_view(&form)), SSH_OK, "%s", column[0]);
	struct wire_buf again = kit_private(&k);
	cr_expect(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&form)), "%s", column[0]);
	struct wire_buf sig = kit_sign(&k, k.alg->sigs[0], wire_bytes_str("data"));
	cr_expect_eq(
	    crypt_key_verify(&k, k.alg->sigs[0], wire_bytes_str("data"), wire_buf_view(&sig)),
	    SSH_OK, "%s", column[0]);
	crypt_key_wipe(&k);
	for (size_t n = 0; n < wire_buf_len(&form); n += 7) {
		cr_expect_neq(parse_private(&k, wire_bytes(wire_buf_view(&form).ptr, n)), SSH_OK,
		              "%s cut at %zu", column[0], n);
		cr_expect(kit_is_empty(&k));
	}
	wire_buf_wipe(&form);
	wire_buf_wipe(&again);
	wire_buf_wipe(&sig);
}

Test(cert, private_forms_of_the_draft)
{
	rows_each("certs-private.txt", 2, check_private);
}

/* Every type and spelling: issue, check, attach, sign under each of its names. */
static void check_round_trip(const struct crypt_keyalg *alg)
{
	struct crypt_key k = kit_generate(alg->plain), public = {0}, back = {0};
	struct cert_kit kit;
	cert_kit_init(&kit);
	kit.fields.alg = alg;
	struct wire_buf blob = cert_kit_issue(&kit, &k);
	cr_expect_eq(cert_kit_check(&kit, &blob), SSH_OK, "%s: %s", alg->name, kit.why);
	cr_assert_eq(crypt_cert_attach(&k, crypt_cert_keyalgs, wire_buf_view(&blob)), SSH_OK, "%s",
	             alg->name);
	cr_assert_eq(crypt_key_parse_public(&public, crypt_cert_keyalgs, wire_buf_view(&blob)),
	             SSH_OK);
	for (size_t i = 0; alg->sigs[i] != NULL; i++) {
		const struct crypt_sigalg *sig_alg = alg->sigs[i];
		struct wire_buf sig = kit_sign(&k, sig_alg, wire_bytes_str("data"));
		struct wire_reader r;
		wire_reader_init(&r, wire_buf_view(&sig));
		cr_expect_eq(sig_alg->key, alg);
		cr_expect_eq(crypt_sigalg_find(crypt_cert_sigalgs, wire_bytes_str(sig_alg->name)),
		             sig_alg, "%s", sig_alg->name);
		cr_expect(wire_bytes_is(wire_get_string(&r), sig_alg->sig_name));
		cr_expect_eq(
		    crypt_key_verify(&public, sig_alg, wire_bytes_str("data"), wire_buf_view(&sig)),
		    SSH_OK, "%s", sig_alg->name);
		cr_expect_eq(crypt_key_verify(&public, alg->plain->sigs[0], wire_bytes_str("data"),
		                              wire_buf_view(&sig)),
		             SSH_ERR_UNSUPPORTED, "%s", sig_alg->name);
		wire_buf_wipe(&sig);
	}
	struct wire_buf form = kit_private(&k);
	cr_assert_eq(parse_private(&back, wire_buf_view(&form)), SSH_OK, "%s", alg->name);
	struct wire_buf again = kit_private(&back);
	cr_expect(wire_bytes_equal(wire_buf_view(&form), wire_buf_view(&again)), "%s", alg->name);
	crypt_key_wipe(&k);
	crypt_key_wipe(&public);
	crypt_key_wipe(&back);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&form);
	wire_buf_wipe(&again);
	cert_kit_wipe(&kit);
}

Test(cert, every_type_is_issued_attached_and_signs)
{
	for (size_t i = 0; crypt_cert_keyalgs[i] != NULL; i++)
		check_round_trip(crypt_cert_keyalgs[i]);
}

Test(cert, none_is_in_a_default_array)
{
	for (size_t i = 0; crypt_sigalgs_legacy[i] != NULL; i++)
		cr_expect_null(crypt_sigalgs_legacy[i]->key->plain);
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		cr_expect_null(crypt_keyalgs_legacy[i]->plain);
	for (size_t i = 0; crypt_cert_sigalgs[i] != NULL; i++)
		cr_expect_not_null(crypt_cert_sigalgs[i]->key->plain);
}

/* --- Parsing what is wrong --- */

Test(cert, cut_off_anywhere_and_longer_is_refused)
{
	struct cert_kit kit;
	struct crypt_key k = kit_generate(&crypt_key_ed25519), parsed;
	struct crypt_cert c;
	cert_kit_init(&kit);
	struct wire_buf blob = cert_kit_issue(&kit, &k);
	ssh_bytes whole = wire_buf_view(&blob);
	for (size_t n = 0; n < whole.len; n++) {
		ssh_bytes part = wire_bytes(whole.ptr, n);
		cr_expect_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, part), SSH_ERR_TRUNCATED,
		             "%zu", n);
		cr_expect_eq(crypt_key_parse_public(&parsed, crypt_cert_keyalgs, part),
		             SSH_ERR_TRUNCATED, "%zu", n);
		cr_expect(kit_is_empty(&parsed));
	}
	wire_put_u8(&blob, 0);
	cr_expect_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob)),
	             SSH_ERR_TRAILING);
	cr_expect_eq(crypt_key_parse_public(&parsed, crypt_cert_keyalgs, wire_buf_view(&blob)),
	             SSH_ERR_TRAILING);
	struct wire_buf pub = kit_public(&k);
	cr_expect_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&pub)),
	             SSH_ERR_UNSUPPORTED);
	struct wire_buf huge = {0};
	wire_put_raw(&huge, whole);
	uint8_t *p = wire_buf_room(&huge, CRYPT_CERT_MAX);
	cr_assert_not_null(p);
	memset(p, 0, CRYPT_CERT_MAX);
	wire_buf_took(&huge, CRYPT_CERT_MAX);
	cr_expect_eq(crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&huge)),
	             SSH_ERR_TOO_LONG);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&huge);
	cert_kit_wipe(&kit);
}

Test(cert, a_certificate_of_another_key_is_not_attached)
{
	struct cert_kit kit;
	struct crypt_key k = kit_generate(&crypt_key_ed25519), other = {0},
	                 ecdsa = kit_generate(&crypt_key_ecdsa_nistp256);
	struct crypt_drbg d;
	struct crypt_rng rng = kit_rng(&d, "another");
	cr_assert_eq(crypt_key_generate(&other, &crypt_key_ed25519, 0, &rng), SSH_OK);
	cert_kit_init(&kit);
	struct wire_buf blob = cert_kit_issue(&kit, &k), pub = kit_public(&other);
	ssh_bytes b = wire_buf_view(&blob);
	cr_expect_eq(crypt_cert_attach(&other, crypt_cert_keyalgs, b), SSH_ERR_KEY);
	cr_expect_eq(crypt_cert_attach(&ecdsa, crypt_cert_keyalgs, b), SSH_ERR_KEY);
	cr_expect_eq(crypt_cert_attach(&k, crypt_cert_keyalgs, wire_bytes_skip(b, 1)),
	             SSH_ERR_TRUNCATED);
	struct wire_buf still = kit_public(&other);
	cr_expect(wire_bytes_equal(wire_buf_view(&pub), wire_buf_view(&still)));
	cr_expect_eq(crypt_cert_attach(&k, crypt_cert_keyalgs, b), SSH_OK);
	cr_expect_eq(crypt_cert_attach(&k, crypt_cert_keyalgs, b), SSH_ERR_KEY);
	crypt_key_wipe(&k);
	crypt_key_wipe(&other);
	crypt_key_wipe(&ecdsa);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&still);
	cert_kit_wipe(&kit);
}

/* --- Issuing --- */

Test(cert, issuing_needs_the_right_keys)
{
	struct cert_kit kit;
	struct crypt_key k = kit_generate(&crypt_key_ed25519), public = {0};
	struct wire_buf out = {0};
	struct crypt_cert_authority by;
	size_t left = 0;
	struct crypt_rng none = kit_failing_rng(&left);
	cert_kit_init(&kit);
	wire_put_str(&out, "before");
	kit.fields.alg = &crypt_cert_rsa;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &kit.by), SSH_ERR_ARGUMENT);
	kit.fields.alg = &crypt_key_ed25519;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &kit.by), SSH_ERR_ARGUMENT);
	kit.fields.alg = &crypt_cert_ed25519;
	by = kit.by;
	by.alg = &crypt_sig_rsa_sha2_256;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &by), SSH_ERR_UNSUPPORTED);
	by = kit.by;
	by.rng = &none;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &by), SSH_ERR_RANDOM);
	struct wire_buf pub = kit_public(kit.by.key);
	cr_assert_eq(crypt_key_parse_public(&public, crypt_keyalgs, wire_buf_view(&pub)), SSH_OK);
	by = kit.by;
	by.key = &public;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &by), SSH_ERR_KEY);
	cr_expect_eq(wire_buf_len(&out), 10);
	/* Without randomness, if the nonce is given. */
	kit.fields.nonce = wire_bytes_str("0123456789abcdef");
	by = kit.by;
	by.rng = &none;
	cr_expect_eq(crypt_cert_issue(&out, &kit.fields, &k, &by), SSH_OK);
	crypt_key_wipe(&k);
	crypt_key_wipe(&public);
	wire_buf_wipe(&pub);
	wire_buf_wipe(&out);
	cert_kit_wipe(&kit);
}

Test(cert, survives_any_failing_allocation)
{
	struct crypt_key k = kit_generate(&crypt_key_ed25519);
	struct cert_kit kit;
	cert_kit_init(&kit);
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct wire_buf out = {0};
		struct crypt_key parsed = {0};
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = crypt_cert_issue(&out, &kit.fields, &k, &kit.by);
		if (e == SSH_OK)
			e = crypt_key_parse_public(&parsed, crypt_cert_keyalgs,
			                           wire_buf_view(&out));
		alloc_stop();
		failed = alloc_failed();
		cr_expect_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "%zu", n);
		crypt_key_wipe(&parsed);
		wire_buf_wipe(&out);
		cr_assert_eq(alloc_live_bytes(), 0, "%zu", n);
	}
	crypt_key_wipe(&k);
	cert_kit_wipe(&kit);
}
