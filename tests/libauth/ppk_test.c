/* SPDX-License-Identifier: MIT */
#include "libauth/ppk.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"

#include <criterion/criterion.h>

#define PASS    "nautilus 20000"
#define COMMENT "captain nemo"

static struct auth_keyfile_options options(const char *passphrase)
{
	return (struct auth_keyfile_options){.form = &auth_keyform_ppk,
	                                     .comment = wire_bytes_str(COMMENT),
	                                     .passphrase = wire_bytes_str(passphrase)};
}

/* What we write, we read; puttygen reads it too and writes it again in each version. */
static void there_and_back(const struct crypt_keyalg *alg, const char *passphrase)
{
	static const char *const again[] = {
	    "puttygen @/k --old-passphrase @/pw --new-passphrase @/empty -P -o @/v2 "
	    "--ppk-param version=2",
	    "puttygen @/k --old-passphrase @/pw --new-passphrase @/empty -P -o @/v3",
	    "puttygen @/k --old-passphrase @/pw --new-passphrase @/word -P -o @/e2 "
	    "--ppk-param version=2",
	};
	static const char *const name[] = {"v2", "v3", "e2"};
	struct auth_keyfile_options o = options(passphrase);
	struct crypt_key k = {0};
	struct wire_buf text, out;
	struct keygen g;

	keykit_make(&k, alg);
	text = keykit_save(&k, &o);
	keykit_holds(wire_buf_view(&text), passphrase, &k, COMMENT, alg->name);
	keygen_init(&g);
	keygen_write(&g, "k", wire_buf_view(&text));
	keygen_write(&g, "pw", wire_bytes_str(passphrase));
	keygen_write(&g, "word", wire_bytes_str(PASS));
	keygen_write(&g, "empty", wire_bytes(NULL, 0));
	wire_buf_wipe(&text);
	for (size_t i = 0; i < 3; i++) {
		out = keygen_shell(&g, again[i]);
		text = keygen_read(&g, name[i]);
		keykit_holds(wire_buf_view(&text), i == 2 ? PASS : NULL, &k, COMMENT, name[i]);
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
	}
	keygen_wipe(&g);
	crypt_key_wipe(&k);
}

Test(ppk, there_and_back)
{
	keygen_need("puttygen");
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		if (!keykit_can_make(crypt_keyalgs_legacy[i]))
			continue;
		there_and_back(crypt_keyalgs_legacy[i], NULL);
		there_and_back(crypt_keyalgs_legacy[i], PASS);
	}
}

/* Argon2 is not to be had, but the public half is. */
Test(ppk, version_3_encrypted)
{
	struct auth_keyfile_options o = options(NULL);
	struct crypt_key k = {0};
	struct wire_buf text, out, blob = {0}, own;
	struct keygen g;

	keygen_need("puttygen");
	keykit_make(&k, &crypt_key_ed25519);
	text = keykit_save(&k, &o);
	own = keykit_public(&k);
	crypt_key_wipe(&k);
	keygen_init(&g);
	keygen_write(&g, "k", wire_buf_view(&text));
	keygen_write(&g, "word", wire_bytes_str(PASS));
	out = keygen_shell(&g, "puttygen @/k --new-passphrase @/word -P -o @/e3");
	wire_buf_wipe(&text);
	text = keygen_read(&g, "e3");
	cr_expect_eq(auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text),
	                               wire_bytes_str(PASS)),
	             SSH_ERR_UNSUPPORTED);
	cr_expect_eq(auth_keyfile_public(&blob, wire_buf_view(&text)), SSH_OK);
	cr_expect(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&own)));
	keygen_wipe(&g);
	wire_buf_wipe(&text);
	wire_buf_wipe(&out);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&own);
}

Test(ppk, damage)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 2 && keykit_can_make(crypt_keyalgs_legacy[i]); j++) {
			struct auth_keyfile_options o = options(j == 0 ? NULL : PASS);
			struct crypt_key k = {0};
			struct wire_buf text;

			keykit_make(&k, crypt_keyalgs_legacy[i]);
			text = keykit_save(&k, &o);
			keykit_damage(wire_buf_view(&text), PASS, 3, false, k.alg->name);
			keykit_mutate(wire_buf_view(&text), NULL, PASS, 500);
			crypt_key_wipe(&k);
			wire_buf_wipe(&text);
		}
}

#define V2   "PuTTY-User-Key-File-2: ssh-ed25519\n"
#define NONE "Encryption: none\nComment: c\n"

static const struct {
	const char *text;
	enum ssh_err err;
} headers[] = {
    {"PuTTY-User-Key-File-1: ssh-rsa\n", SSH_ERR_FILE_FORMAT},
    {"PuTTY-User-Key-File-4: ssh-rsa\n", SSH_ERR_FILE_FORMAT},
    {V2, SSH_ERR_FILE_DAMAGED},
    {V2 "Encryption: aes256-ctr\nComment: c\n", SSH_ERR_UNSUPPORTED},
    {V2 NONE "Public-Lines: 999\n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: 4294967297\n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: -1\n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: \n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: 2\nAAAA\n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: 0\nPrivate-Lines: 0\nPrivate-MAC: 00\n", SSH_ERR_FILE_DAMAGED},
    {V2 NONE "Public-Lines: 0\nPrivate-Lines: 0\n"
             "Private-MAC: 0000000000000000000000000000000000000000\n",
     SSH_ERR_FILE_DAMAGED},
};

Test(ppk, headers)
{
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct crypt_key k = {0};
		enum ssh_err e =
		    auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy,
		                      wire_bytes_str(headers[i].text), wire_bytes_str(PASS));

		cr_expect_eq(e, headers[i].err, "%zu: %s", i, ssh_err_name(e));
	}
}

Test(ppk, arguments)
{
	struct auth_keyfile_options o = options(PASS);
	struct wire_buf out = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_ed25519);
	o.comment = wire_bytes_str("two\nlines");
	cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_ARGUMENT);
	o = options(PASS);
	o.cipher = "aes128-cbc";
	cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_UNSUPPORTED);
	cr_expect_eq(wire_buf_len(&out), 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

Test(ppk, no_memory)
{
	struct auth_keyfile_options o = options(PASS);
	struct crypt_key k = {0};
	struct wire_buf text;

	keykit_make(&k, &crypt_key_ed25519);
	text = keykit_save(&k, &o);
	keykit_no_memory(wire_buf_view(&text), PASS, &o);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
}
