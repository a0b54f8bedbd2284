/* SPDX-License-Identifier: MIT */
#include "libauth/pem.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define PASS "nautilus 20000"

static const char *const ciphers[] = {NULL, "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"};

/* The types that have a place in this format. */
static bool has_form(const struct crypt_keyalg *alg)
{
	return strcmp(alg->kind, "RSA") == 0 || strcmp(alg->kind, "DSA") == 0 ||
	       strcmp(alg->name, "ecdsa-sha2-nistp256") == 0 ||
	       strcmp(alg->name, "ecdsa-sha2-nistp384") == 0 ||
	       strcmp(alg->name, "ecdsa-sha2-nistp521") == 0;
}

static struct auth_keyfile_options options(const char *cipher)
{
	struct auth_keyfile_options o = {.form = &auth_keyform_pem, .cipher = cipher};

	if (cipher != NULL)
		o.passphrase = wire_bytes_str(PASS);
	return o;
}

/* What we write, we read; OpenSSL takes it too, and so does ssh-keygen, which is asked for the key. */
Test(pem, writes_what_others_read)
{
	keygen_need("openssl");
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 5 && has_form(crypt_keyalgs_legacy[i]); j++) {
			struct auth_keyfile_options o = options(ciphers[j]);
			struct crypt_key k = {0};
			struct wire_buf text, out, blob, line = {0};
			struct keygen g;

			keykit_make(&k, crypt_keyalgs_legacy[i]);
			text = keykit_save(&k, &o);
			keykit_holds(wire_buf_view(&text), ciphers[j] == NULL ? NULL : PASS, &k, "",
			             k.alg->name);
			keygen_init(&g);
			keygen_write(&g, "k", wire_buf_view(&text));
			out = keygen_shell(&g, "openssl pkey -passin 'pass:" PASS
			                       "' -check -noout -in @/k");
			wire_buf_wipe(&out);
			out = keygen_run(&g, "-y -P '" PASS "' -f @/k");
			blob = keykit_public(&k);
			auth_publine_put(&line, wire_buf_view(&blob), wire_bytes(NULL, 0));
			cr_expect(wire_bytes_equal(wire_buf_view(&out), wire_buf_view(&line)), "%s",
			          k.alg->name);
			keygen_wipe(&g);
			crypt_key_wipe(&k);
			wire_buf_wipe(&text);
			wire_buf_wipe(&out);
			wire_buf_wipe(&blob);
			wire_buf_wipe(&line);
		}
}

/* Files that others make, without and with a passphrase. */
static const struct {
	const char *command;
	bool encrypted;
} made[] = {
    {"ssh-keygen -q -m PEM -t rsa -b 1024 -N '' -f @/k", false},
    {"ssh-keygen -q -m PEM -t rsa -b 1024 -N '" PASS "' -f @/k", true},
    {"ssh-keygen -q -m PEM -t ecdsa -b 521 -N '' -f @/k", false},
    {"ssh-keygen -q -m PEM -t ecdsa -b 384 -N '" PASS "' -f @/k", true},
    {"openssl ecparam -genkey -name prime256v1 -out @/k", false},
    {"openssl genrsa -traditional -aes256 -passout 'pass:" PASS "' -out @/k 2048", true},
    {"openssl genrsa -traditional -des3 -passout 'pass:" PASS "' -out @/k 2048", true},
    {"openssl genrsa -traditional -aes192 -passout 'pass:" PASS "' -out @/k 2048", true},
    {"openssl ecparam -genkey -name secp384r1 -noout -out @/p && openssl ec -in @/p -no_public -out @/k",
     false},
    {"openssl ecparam -genkey -name secp521r1 -noout -out @/p && openssl ec -in @/p -conv_form compressed -out @/k",
     false},
};

Test(pem, reads_what_others_write)
{
	keygen_need("openssl");
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		struct auth_publine l;
		struct crypt_key k = {0};
		struct wire_buf text, out, blob = {0};
		struct keygen g;
		ssh_bytes rest, public;

		keygen_init(&g);
		out = keygen_shell(&g, made[i].command);
		wire_buf_wipe(&out);
		out = keygen_shell(&g, "chmod 600 @/k && openssl pkey -passin 'pass:" PASS
		                       "' -in @/k -out @/again && chmod 600 @/again && "
		                       "ssh-keygen -y -f @/again >@/line");
		wire_buf_wipe(&out);
		out = keygen_read(&g, "line");
		text = keygen_read(&g, "k");
		rest = wire_buf_view(&out);
		cr_assert(auth_text_line(&rest, &public));
		cr_assert_eq(auth_publine_parse(&l, public), SSH_OK);
		cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(&blob)),
		             0);
		keykit_holds(wire_buf_view(&text), made[i].encrypted ? PASS : NULL, &k, "",
		             made[i].command);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
		wire_buf_wipe(&blob);
	}
}

Test(pem, damage)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 5 && has_form(crypt_keyalgs_legacy[i]); j += 2) {
			struct auth_keyfile_options o = options(ciphers[j]);
			struct crypt_key k = {0};
			struct wire_buf text;

			keykit_make(&k, crypt_keyalgs_legacy[i]);
			text = keykit_save(&k, &o);
			keykit_damage(wire_buf_view(&text), PASS, 5, false, k.alg->name);
			crypt_key_wipe(&k);
			wire_buf_wipe(&text);
		}
}

Test(pem, mutants)
{
	static const struct {
		const struct crypt_keyalg *alg;
		const char *label;
	} rows[] = {{&crypt_key_rsa, "RSA PRIVATE KEY"},
	            {&crypt_key_ecdsa_nistp256, "EC PRIVATE KEY"}};

	for (size_t i = 0; i < 2; i++) {
		struct auth_keyfile_options o = options(NULL);
		struct crypt_key k = {0};
		struct wire_buf text;

		keykit_make(&k, rows[i].alg);
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), rows[i].label, NULL, 2000);
		wire_buf_wipe(&text);
		o = options("aes128-cbc");
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), NULL, PASS, 2000);
		wire_buf_wipe(&text);
		crypt_key_wipe(&k);
	}
}

#define BEGIN "-----BEGIN RSA PRIVATE KEY-----\n"
#define END   "-----END RSA PRIVATE KEY-----\n"
#define PROC  "Proc-Type: 4,ENCRYPTED\n"

static const struct {
	const char *text;
	enum ssh_err err;
} headers[] = {
    {BEGIN END, SSH_ERR_FILE_DAMAGED},
    {BEGIN "AAAA\n" END, SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: AES-128-CBC\n\nAAAA\n" END, SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: AES-128-CBC,00\n\nAAAA\n" END, SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: AES-128-CBC,0011223344556677z899aabbccddeeff\n\nAAAA\n" END,
     SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: DES-CBC,0011223344556677\n\nAAAA\n" END, SSH_ERR_UNSUPPORTED},
    {BEGIN PROC "DEK-Info: DES-EDE3-CBC,0011223344556677\n\nAAAA\n" END, SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: DES-EDE3-CBC,0011223344556677\n\n" END, SSH_ERR_FILE_DAMAGED},
    {BEGIN PROC "DEK-Info: DES-EDE3-CBC,0011223344556677\n\nAAAAAAAAAAA=\n" END,
     SSH_ERR_PASSPHRASE},
    {"-----BEGIN EC PARAMETERS-----\n" BEGIN END, SSH_ERR_FILE_FORMAT},
};

Test(pem, headers)
{
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct crypt_key k = {0};
		enum ssh_err e =
		    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy,
		                      wire_bytes_str(headers[i].text), wire_bytes_str(PASS));

		cr_expect_eq(e, headers[i].err, "%zu: %s", i, ssh_err_name(e));
	}
}

/* There is no such file of an Ed25519 key, and no such cipher. */
Test(pem, unsupported)
{
	struct auth_keyfile_options o = options("aes256-ctr");
	struct wire_buf out = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_rsa);
	cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_UNSUPPORTED);
	crypt_key_wipe(&k);
	keykit_make(&k, &crypt_key_ed25519);
	o = options(NULL);
	cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_UNSUPPORTED);
	cr_expect_eq(wire_buf_len(&out), 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

/* As puttygen 0.78 writes it: the secret has a zero in front, where its first bit is one. */
Test(pem, secret_of_puttygen)
{
	static const char file[] =
	    "-----BEGIN EC PRIVATE KEY-----\n"
	    "MHgCAQEEIQDoSoQ3LZhbihTPJyS7kYCmTMzPUeGDx04LpWq1gQwdk6AKBggqhkjO\n"
	    "PQMBB6FEA0IABKL5Q8OGzelR84rJWj3jcXPM2NFpJiPsQNP2vzCqyslNHiZPSCVc\n"
	    "CXnfMUQkpXYr1ksI50SXgtfQxNhmuGGg1Oc=\n"
	    "-----END EC PRIVATE KEY-----\n";
	struct crypt_key k = {0};

	cr_assert_eq(auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_bytes_str(file)), SSH_OK);
	keykit_check(&k, "ecdsa-sha2-nistp256",
	             "SHA256:w/924OEPQTuVAjTpN/ZbHwJWJg4BYvGWdWUH4EANKAM", "puttygen");
	crypt_key_wipe(&k);
}

Test(pem, no_memory)
{
	struct auth_keyfile_options o = options("aes256-cbc");
	struct crypt_key k = {0};
	struct wire_buf text;

	keykit_make(&k, &crypt_key_rsa);
	text = keykit_save(&k, &o);
	keykit_no_memory(wire_buf_view(&text), PASS, &o);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
}
