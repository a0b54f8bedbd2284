/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/keyforms.h"

/* The same key, by its private fields. */
static void same(const struct crypt_key *a, const struct crypt_key *b)
{
	struct wire_buf one = {0}, two = {0};
	crypt_key_put_private(a, &one);
	crypt_key_put_private(b, &two);
	FUZZ_MUST(wire_buf_end(&one) == 0 && wire_buf_end(&two) == 0);
	FUZZ_MUST(wire_bytes_equal(wire_buf_view(&one), wire_buf_view(&two)));
	wire_buf_wipe(&one);
	wire_buf_wipe(&two);
}

static void write_and_read(const struct crypt_key *k, ssh_bytes comment)
{
	struct crypt_drbg drbg;
	struct wire_buf file = {0}, again = {0};
	struct crypt_key back = {0};
	crypt_drbg_init(&drbg, wire_bytes_str("keyforms"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	FUZZ_MUST(auth_keyfile_write(&file, k, comment, &rng) == 0);
	FUZZ_MUST(auth_keyfile_parse(&back, &again, crypt_keyalgs_legacy, wire_buf_view(&file)) ==
	          0);
	FUZZ_MUST(wire_bytes_equal(comment, wire_buf_view(&again)));
	same(k, &back);
	crypt_key_wipe(&back);
	wire_buf_wipe(&file);
	wire_buf_wipe(&again);
}

static bool open_with(const struct auth_keyform *form, ssh_bytes file, const char *passphrase)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0};
	enum ssh_err e;
	(void)form;
	e = auth_keyfile_open(&k, &comment, crypt_keyalgs_legacy, file, wire_bytes_str(passphrase));
	FUZZ_MUST((e == 0) == (k.alg != NULL));
	FUZZ_MUST(e == 0 || wire_buf_len(&comment) == 0);
	if (e == 0 && k.has_private)
		write_and_read(&k, wire_buf_view(&comment));
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	return e == 0;
}

void keyforms_try(const struct auth_keyform *form, ssh_bytes file)
{
	struct wire_buf blob = {0};
	struct crypt_key k = {0};
	struct wire_buf comment = {0};
	/* By the format's own functions, whatever the first line; on an error k may be half made. */
	(void)form->open(&k, &comment, crypt_keyalgs_legacy, file,
	                 wire_bytes_str(KEYFORMS_PASSPHRASE));
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	(void)form->public(&blob, file);
	wire_buf_wipe(&blob);
	/* And as people do. */
	if (open_with(form, file, ""))
		FUZZ_MUST(open_with(form, file, KEYFORMS_PASSPHRASE));
	else
		(void)open_with(form, file, KEYFORMS_PASSPHRASE);
	FUZZ_MUST(auth_keyfile_public(&blob, file) == 0 || wire_buf_len(&blob) == 0);
	wire_buf_wipe(&blob);
}

static void seed(const struct auth_keyform *form, const struct crypt_keyalg *alg,
                 const char *passphrase)
{
	struct crypt_drbg drbg;
	struct crypt_key k = {0};
	struct wire_buf file = {0};
	crypt_drbg_init(&drbg, wire_bytes_str(alg->name));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	struct auth_keyfile_options o = {.form = form,
	                                 .comment = wire_bytes_str("a comment"),
	                                 .passphrase = wire_bytes_str(passphrase),
	                                 .rounds = 1};
	FUZZ_MUST(crypt_key_generate(&k, alg, 1024, &rng) == 0);
	if (auth_keyfile_save(&file, &k, &o, &rng) == 0)
		fuzz_seed(wire_buf_view(&file));
	wire_buf_wipe(&file);
	crypt_key_wipe(&k);
}

void keyforms_seeds(const struct auth_keyform *form)
{
	static const struct crypt_keyalg *const algs[] = {
	    &crypt_key_ed25519,        &crypt_key_ed448,          &crypt_key_ecdsa_nistp256,
	    &crypt_key_ecdsa_nistp384, &crypt_key_ecdsa_nistp521, &crypt_key_rsa,
	};
	for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
		seed(form, algs[i], "");
		seed(form, algs[i], KEYFORMS_PASSPHRASE);
	}
}
