/* SPDX-License-Identifier: MIT */
#include "libauth/ppk.h"
#include "libauth/kdf.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

#define PASS    "nautilus 20000"
#define COMMENT "captain nemo"

static struct auth_keyfile_options options(const char *passphrase)
{
	return (struct auth_keyfile_options){.form = &auth_keyform_ppk,
	                                     .comment = wire_bytes_str(COMMENT),
	                                     .passphrase = wire_bytes_str(passphrase),
	                                     .rounds = 1};
}

#define PUTTYGEN "puttygen @/k --old-passphrase @/pw -P "
#define LIGHT    ",memory=64,passes=2"

/* What puttygen makes of a file of ours, and how it is encrypted. */
static const struct {
	const char *file, *command;
	bool encrypted, argon2;
} again[] = {
    {"v2", PUTTYGEN "--new-passphrase @/empty -o @/v2 --ppk-param version=2", false, false},
    {"v3", PUTTYGEN "--new-passphrase @/empty -o @/v3", false, false},
    {"e2", PUTTYGEN "--new-passphrase @/word -o @/e2 --ppk-param version=2", true, false},
    {"e3", PUTTYGEN "--new-passphrase @/word -o @/e3 --ppk-param version=3" LIGHT, true, true},
    {"e3i", PUTTYGEN "--new-passphrase @/word -o @/e3i --ppk-param kdf=argon2i" LIGHT, true, true},
    {"e3d", PUTTYGEN "--new-passphrase @/word -o @/e3d --ppk-param kdf=argon2d" LIGHT, true, true},
};

/* With Argon2 the file holds the key; without, it says that it cannot be read. */
static void holds(ssh_bytes text, size_t row, const struct crypt_key *k)
{
	struct crypt_key read = {0};

	if (!again[row].argon2 || auth_argon2_is_there()) {
		keykit_holds(text, again[row].encrypted ? PASS : NULL, k, COMMENT, again[row].file);
		return;
	}
	cr_expect_eq(
	    auth_keyfile_open(&read, NULL, crypt_keyalgs_legacy, text, wire_bytes_str(PASS)),
	    SSH_ERR_UNSUPPORTED);
}

/* What we write, we read; puttygen reads it too and writes it again in each version. */
static void there_and_back(const struct crypt_keyalg *alg, const struct auth_keyform *form,
                           const char *passphrase)
{
	struct auth_keyfile_options o = options(passphrase);
	struct crypt_key k = {0};
	struct wire_buf text, out, blob = {0}, own;
	struct keygen g;

	o.form = form;
	keykit_make(&k, alg);
	own = keykit_public(&k);
	text = keykit_save(&k, &o);
	keykit_holds(wire_buf_view(&text), passphrase, &k, COMMENT, alg->name);
	keygen_init(&g);
	keygen_write(&g, "k", wire_buf_view(&text));
	keygen_write(&g, "pw", wire_bytes_str(passphrase));
	keygen_write(&g, "word", wire_bytes_str(PASS));
	keygen_write(&g, "empty", wire_bytes(NULL, 0));
	wire_buf_wipe(&text);
	for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
		out = keygen_shell(&g, again[i].command);
		text = keygen_read(&g, again[i].file);
		holds(wire_buf_view(&text), i, &k);
		/* The public half is there for all to see. */
		wire_buf_reset(&blob);
		cr_expect_eq(auth_keyfile_public(&blob, wire_buf_view(&text)), SSH_OK);
		cr_expect(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&own)));
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
	}
	keygen_wipe(&g);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&own);
}

Test(ppk, there_and_back)
{
	keygen_need("puttygen");
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		if (!keykit_can_make(crypt_keyalgs_legacy[i]))
			continue;
		there_and_back(crypt_keyalgs_legacy[i], &auth_keyform_ppk, NULL);
		there_and_back(crypt_keyalgs_legacy[i], &auth_keyform_ppk, PASS);
		there_and_back(crypt_keyalgs_legacy[i], &auth_keyform_ppk2, NULL);
		there_and_back(crypt_keyalgs_legacy[i], &auth_keyform_ppk2, PASS);
	}
}

/* The version that is asked for, as far as it can be had. */
Test(ppk, versions)
{
	static const struct {
		const struct auth_keyform *form;
		const char *passphrase;
		char with, without; /* Argon2 */
	} rows[] = {{&auth_keyform_ppk, NULL, '3', '3'},
	            {&auth_keyform_ppk, PASS, '3', '2'},
	            {&auth_keyform_ppk2, NULL, '2', '2'},
	            {&auth_keyform_ppk2, PASS, '2', '2'}};
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_ed25519);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct auth_keyfile_options o = options(rows[i].passphrase);
		struct wire_buf text;

		o.form = rows[i].form;
		text = keykit_save(&k, &o);
		cr_expect_eq(wire_buf_view(&text).ptr[strlen("PuTTY-User-Key-File-")],
		             auth_argon2_is_there() ? rows[i].with : rows[i].without, "row %zu", i);
		wire_buf_wipe(&text);
	}
	crypt_key_wipe(&k);
}

/* --- Argon2 --- */

/* From the tests of the reference implementation, github.com/P-H-C/phc-winner-argon2, test.c. */
static const struct {
	enum auth_argon2_flavour flavour;
	uint32_t memory, passes, lanes;
	const char *out;
} known[] = {
    {AUTH_ARGON2_I, 256, 2, 1, "89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"},
    {AUTH_ARGON2_I, 256, 2, 2, "4ff5ce2769a1d7f4c8a491df09d41a9fbe90e5eb02155a13e4c01e20cd4eab61"},
    {AUTH_ARGON2_ID, 256, 2, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
    {AUTH_ARGON2_ID, 256, 2, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
};

Test(ppk, argon2)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct auth_argon2 p = {known[i].flavour, wire_bytes_str("somesalt"),
		                        known[i].memory, known[i].passes, known[i].lanes};
		struct wire_buf want = {0};
		uint8_t out[32] = {0};
		enum ssh_err e = auth_argon2(out, sizeof out, wire_bytes_str("password"), &p);

		unhex(&want, known[i].out);
		cr_expect_eq(e, auth_argon2_is_there() ? SSH_OK : SSH_ERR_UNSUPPORTED, "row %zu",
		             i);
		if (e == SSH_OK)
			cr_expect_eq(memcmp(out, wire_buf_view(&want).ptr, sizeof out), 0,
			             "row %zu", i);
		wire_buf_wipe(&want);
	}
}

#define SALT(n)                                                                                    \
	{                                                                                          \
		(const uint8_t[AUTH_ARGON2_SALT_MAX + 1]){0}, n                                    \
	}

static const struct {
	struct auth_argon2 p;
	size_t n;
	enum ssh_err err;
} bounds[] = {
    {{AUTH_ARGON2_D, SALT(8), 8, 1, 1}, 32, SSH_OK},
    {{AUTH_ARGON2_D, SALT(AUTH_ARGON2_SALT_MAX), 8 * 256, 1, AUTH_ARGON2_LANES_MAX}, 4, SSH_OK},
    {{AUTH_ARGON2_D, SALT(7), 8, 1, 1}, 32, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(8), 7, 1, 1}, 32, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(8), 15, 1, 2}, 32, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(8), 8, 0, 1}, 32, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(8), 8, 1, 0}, 32, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(8), 8, 1, 1}, 3, SSH_ERR_ARGUMENT},
    {{AUTH_ARGON2_D, SALT(AUTH_ARGON2_SALT_MAX + 1), 8, 1, 1}, 32, SSH_ERR_UNSUPPORTED},
    {{AUTH_ARGON2_D, SALT(8), (AUTH_ARGON2_MEMORY_MAX >> 10) + 1, 1, 1}, 32, SSH_ERR_UNSUPPORTED},
    {{AUTH_ARGON2_D, SALT(8), UINT32_MAX, UINT32_MAX, 1}, 32, SSH_ERR_UNSUPPORTED},
    {{AUTH_ARGON2_D, SALT(8), 8, AUTH_ARGON2_WORK_MAX / 8 + 1, 1}, 32, SSH_ERR_UNSUPPORTED},
    {{AUTH_ARGON2_D, SALT(8), 8 * 257, 1, 257}, 32, SSH_ERR_UNSUPPORTED},
};

Test(ppk, argon2_bounds)
{
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		uint8_t out[32];
		enum ssh_err want = bounds[i].err == SSH_OK && !auth_argon2_is_there()
		                        ? SSH_ERR_UNSUPPORTED
		                        : bounds[i].err;
		enum ssh_err e = auth_argon2(out, bounds[i].n, wire_bytes_str(PASS), &bounds[i].p);

		cr_expect_eq(e, want, "row %zu: %s", i, ssh_err_name(e));
	}
}

Test(ppk, damage)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 2 && keykit_can_make(crypt_keyalgs_legacy[i]); j++) {
			struct auth_keyfile_options o = options(j == 0 ? NULL : PASS);
			struct crypt_key k = {0};
			struct wire_buf text;

			/* Version 3 takes its time at every byte: damage to it is in the table of keyfile. */
			o.form = &auth_keyform_ppk2;
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
#define V3                                                                                         \
	"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\nComment: c\nPublic-Lines: 0\n"
#define ID   "Key-Derivation: Argon2id\n"
#define COST "Argon2-Memory: 64\nArgon2-Passes: 1\nArgon2-Parallelism: 1\n"
#define REST                                                                                       \
	"Private-Lines: 0\nPrivate-MAC: "                                                          \
	"0000000000000000000000000000000000000000000000000000000000000000\n"

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
    {V3 REST, SSH_ERR_FILE_DAMAGED},
    {V3 "Key-Derivation: Argon3\n" COST "Argon2-Salt: 0011223344556677\n" REST,
     SSH_ERR_UNSUPPORTED},
    {V3 ID COST REST, SSH_ERR_FILE_DAMAGED},
    {V3 ID COST "Argon2-Salt: 001122334455667\n" REST, SSH_ERR_FILE_DAMAGED},
    {V3 ID COST "Argon2-Salt: 00112233445566xx\n" REST, SSH_ERR_FILE_DAMAGED},
    {V3 ID "Argon2-Memory: 4294967296\n", SSH_ERR_FILE_DAMAGED},
    {V3 ID "Argon2-Memory: 99999999999\n", SSH_ERR_FILE_DAMAGED},
    {V3 ID "Argon2-Memory: 0x40\n", SSH_ERR_FILE_DAMAGED},
    {V3 ID "Argon2-Memory: 4294967295\nArgon2-Passes: 4294967295\nArgon2-Parallelism: 1\n"
           "Argon2-Salt: 0011223344556677\n" REST,
     SSH_ERR_UNSUPPORTED},
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
	o.rounds = AUTH_ARGON2_WORK_MAX / AUTH_PPK_MEMORY_DEFAULT + 1;
	if (auth_argon2_is_there())
		cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_ARGUMENT);
	o = options(PASS);
	o.cipher = "aes128-cbc";
	cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), SSH_ERR_UNSUPPORTED);
	cr_expect_eq(wire_buf_len(&out), 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

static void no_memory(const struct auth_keyform *form)
{
	struct auth_keyfile_options o = options(PASS);
	struct crypt_key k = {0};
	struct wire_buf text;

	o.form = form;
	keykit_make(&k, &crypt_key_ed25519);
	text = keykit_save(&k, &o);
	keykit_no_memory(wire_buf_view(&text), PASS, &o);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
}

Test(ppk, no_memory)
{
	no_memory(&auth_keyform_ppk);
	no_memory(&auth_keyform_ppk2);
}
