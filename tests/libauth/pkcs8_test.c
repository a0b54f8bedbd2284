/* SPDX-License-Identifier: MIT */
#include "libauth/pkcs8.h"
#include "libauth/kdf.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

#define PASS "nautilus 20000"

static const char *const ciphers[] = {NULL, "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"};

static struct auth_keyfile_options options(const char *cipher)
{
	struct auth_keyfile_options o = {
	    .form = &auth_keyform_pkcs8, .cipher = cipher, .rounds = 1000};

	if (cipher != NULL)
		o.passphrase = wire_bytes_str(PASS);
	return o;
}

/* Is the secret all that there is, with nothing to compare it with? */
static bool is_weak(const struct crypt_keyalg *alg)
{
	return strncmp(alg->name, "ssh-ed", 6) == 0 || strcmp(alg->name, "ssh-dss") == 0;
}

/* What we write, we read; OpenSSL reads it and writes it again, and that we read. */
Test(pkcs8, there_and_back)
{
	keygen_need("openssl");
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 5 && keykit_can_make(crypt_keyalgs_legacy[i]); j++) {
			struct auth_keyfile_options o = options(ciphers[j]);
			struct crypt_key k = {0};
			struct wire_buf text, out;
			struct keygen g;

			keykit_make(&k, crypt_keyalgs_legacy[i]);
			text = keykit_save(&k, &o);
			keykit_holds(wire_buf_view(&text), ciphers[j] == NULL ? NULL : PASS, &k, "",
			             k.alg->name);
			keygen_init(&g);
			keygen_write(&g, "k", wire_buf_view(&text));
			wire_buf_wipe(&text);
			out = keygen_shell(&g, "openssl pkcs8 -topk8 -nocrypt -passin 'pass:" PASS
			                       "' -in @/k -out @/again");
			text = keygen_read(&g, "again");
			keykit_holds(wire_buf_view(&text), NULL, &k, "", k.alg->name);
			keygen_wipe(&g);
			crypt_key_wipe(&k);
			wire_buf_wipe(&text);
			wire_buf_wipe(&out);
		}
}

/* What OpenSSL encrypts a key of ours with. */
static const char *const schemes[] = {
    "-v2 aes-128-cbc -v2prf hmacWithSHA1",   "-v2 aes-192-cbc -v2prf hmacWithSHA224",
    "-v2 aes-256-cbc -v2prf hmacWithSHA256", "-v2 aes-256-cbc -v2prf hmacWithSHA384",
    "-v2 des3 -v2prf hmacWithSHA512",        "-scrypt",
    "-scrypt -scrypt_N 64 -scrypt_p 3",
};

Test(pkcs8, every_scheme_of_openssl)
{
	keygen_need("openssl");
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		struct auth_keyfile_options o = options(NULL);
		struct crypt_key k = {0};
		struct wire_buf text, out, command = {0};
		struct keygen g;

		keykit_make(&k, &crypt_key_ecdsa_nistp384);
		text = keykit_save(&k, &o);
		keygen_init(&g);
		keygen_write(&g, "k", wire_buf_view(&text));
		wire_buf_wipe(&text);
		wire_put_raw(&command, wire_bytes_str("openssl pkcs8 -topk8 -in @/k -out @/e "
		                                      "-passout 'pass:" PASS "' "));
		wire_put_raw(&command, wire_bytes(schemes[i], strlen(schemes[i]) + 1));
		out = keygen_shell(&g, (const char *)wire_buf_view(&command).ptr);
		text = keygen_read(&g, "e");
		keykit_holds(wire_buf_view(&text), PASS, &k, "", schemes[i]);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&command);
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
	}
}

static const char *const made[] = {
    "ssh-keygen -q -m PKCS8 -t rsa -b 1024 -N '" PASS "' -f @/k",
    "ssh-keygen -q -m PKCS8 -t ecdsa -b 521 -N '" PASS "' -f @/k",
    "ssh-keygen -q -m PKCS8 -t ecdsa -b 256 -N '" PASS "' -f @/k",
};

Test(pkcs8, reads_what_ssh_keygen_writes)
{
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		struct auth_publine l;
		struct crypt_key k = {0};
		struct wire_buf text, out, blob = {0};
		struct keygen g;

		keygen_init(&g);
		out = keygen_shell(&g, made[i]);
		text = keygen_read(&g, "k");
		wire_buf_wipe(&out);
		out = keygen_read(&g, "k.pub");
		cr_assert_eq(auth_publine_parse(&l, wire_buf_view(&out)), SSH_OK);
		cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(&blob)),
		             0);
		keykit_holds(wire_buf_view(&text), PASS, &k, "", made[i]);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
		wire_buf_wipe(&blob);
	}
}

/* RFC 8410 section 10.3: the same key without and with its public half and an attribute. */
static const char *const rfc8410[] = {
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
    "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PRIVATE KEY-----\n",
};

Test(pkcs8, rfc8410)
{
	for (size_t i = 0; i < 2; i++) {
		struct crypt_key k = {0};
		struct wire_buf blob, want = {0};

		cr_assert_eq(
		    auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_bytes_str(rfc8410[i])),
		    SSH_OK, "%zu", i);
		blob = keykit_public(&k);
		wire_put_str(&want, "ssh-ed25519");
		wire_put_u32(&want, 32);
		unhex(&want, "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
		cr_expect(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&want)), "%zu", i);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&want);
		crypt_key_wipe(&k);
	}
	/* With its public half there, a key can be told from another. */
	keykit_damage(wire_bytes_str(rfc8410[1]), NULL, 1, false, "RFC 8410");
}

Test(pkcs8, damage)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		for (size_t j = 0; j < 5 && keykit_can_make(crypt_keyalgs_legacy[i]); j += 3) {
			struct auth_keyfile_options o = options(ciphers[j]);
			struct crypt_key k = {0};
			struct wire_buf text;

			o.rounds = 1;
			keykit_make(&k, crypt_keyalgs_legacy[i]);
			text = keykit_save(&k, &o);
			keykit_damage(wire_buf_view(&text), PASS, 5, is_weak(k.alg), k.alg->name);
			crypt_key_wipe(&k);
			wire_buf_wipe(&text);
		}
}

Test(pkcs8, mutants)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		struct auth_keyfile_options o = options(NULL);
		struct crypt_key k = {0};
		struct wire_buf text;

		if (!keykit_can_make(crypt_keyalgs_legacy[i]))
			continue;
		keykit_make(&k, crypt_keyalgs_legacy[i]);
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), "PRIVATE KEY", NULL, 500);
		wire_buf_wipe(&text);
		o = options("aes256-cbc");
		o.rounds = 1;
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), "ENCRYPTED PRIVATE KEY", PASS, 500);
		wire_buf_wipe(&text);
		crypt_key_wipe(&k);
	}
}

/* --- The bounds of key derivation --- */

static void put_oid(struct wire_buf *b, const char *hex)
{
	struct wire_buf oid = {0};

	unhex(&oid, hex);
	auth_der_put(b, AUTH_DER_OID, wire_buf_view(&oid));
	wire_buf_wipe(&oid);
}

/* An encrypted file with these numbers; salt and ciphertext are zeros. */
static enum ssh_err open_with(const char *kdf, const uint32_t *numbers, size_t salt)
{
	static const uint8_t zeros[AUTH_PKCS8_SALT_MAX + 1];
	struct wire_buf der = {0}, text = {0};
	struct crypt_key k = {0};
	size_t file = auth_der_begin(&der, AUTH_DER_SEQUENCE);
	size_t outer = auth_der_begin(&der, AUTH_DER_SEQUENCE), params, part, inner;
	enum ssh_err e;

	put_oid(&der, "2a864886f70d01050d");
	params = auth_der_begin(&der, AUTH_DER_SEQUENCE);
	part = auth_der_begin(&der, AUTH_DER_SEQUENCE);
	put_oid(&der, kdf);
	inner = auth_der_begin(&der, AUTH_DER_SEQUENCE);
	auth_der_put(&der, AUTH_DER_OCTETS, wire_bytes(zeros, salt));
	for (; *numbers != UINT32_MAX; numbers++)
		auth_der_put_u32(&der, *numbers);
	auth_der_end(&der, inner);
	auth_der_end(&der, part);
	part = auth_der_begin(&der, AUTH_DER_SEQUENCE);
	put_oid(&der, "60864801650304012a");
	auth_der_put(&der, AUTH_DER_OCTETS, wire_bytes(zeros, 16));
	auth_der_end(&der, part);
	auth_der_end(&der, params);
	auth_der_end(&der, outer);
	auth_der_put(&der, AUTH_DER_OCTETS, wire_bytes(zeros, 64));
	auth_der_end(&der, file);
	auth_armor_put_pem(&text, "ENCRYPTED PRIVATE KEY", wire_bytes(NULL, 0),
	                   wire_buf_view(&der));
	e = auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text),
	                      wire_bytes_str(PASS));
	wire_buf_wipe(&der);
	wire_buf_wipe(&text);
	return e;
}

#define PBKDF2 "2a864886f70d01050c"
#define SCRYPT "2b06010401da47040b"
#define END    UINT32_MAX

static const struct {
	const char *kdf;
	uint32_t numbers[6];
	size_t salt;
	enum ssh_err err;
} costs[] = {
    {PBKDF2, {1, END}, 8, SSH_ERR_PASSPHRASE},
    {PBKDF2, {1, 32, END}, 8, SSH_ERR_PASSPHRASE},
    {PBKDF2, {1, 16, END}, 8, SSH_ERR_FILE_DAMAGED},
    {PBKDF2, {0, END}, 8, SSH_ERR_FILE_DAMAGED},
    {PBKDF2, {END}, 8, SSH_ERR_FILE_DAMAGED},
    {PBKDF2, {AUTH_PKCS8_ITERATIONS_MAX + 1, END}, 8, SSH_ERR_UNSUPPORTED},
    {PBKDF2, {1, END}, AUTH_PKCS8_SALT_MAX, SSH_ERR_PASSPHRASE},
    {PBKDF2, {1, END}, AUTH_PKCS8_SALT_MAX + 1, SSH_ERR_UNSUPPORTED},
    {SCRYPT, {16, 1, 1, END}, 8, SSH_ERR_PASSPHRASE},
    {SCRYPT, {16, 1, 1, 32, END}, 8, SSH_ERR_PASSPHRASE},
    {SCRYPT, {16, 1, 1, 31, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {16, 1, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {15, 1, 1, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {1, 1, 1, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {16, 0, 1, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {16, 1, 0, END}, 8, SSH_ERR_FILE_DAMAGED},
    {SCRYPT, {1 << 20, 8, 1, END}, 8, SSH_ERR_UNSUPPORTED},
    {SCRYPT, {16384, 8, 9, END}, 8, SSH_ERR_UNSUPPORTED},
    {SCRYPT, {0x80000000, 0xfffffffe, 0xfffffffe, END}, 8, SSH_ERR_UNSUPPORTED},
    {"2a03", {1, END}, 8, SSH_ERR_UNSUPPORTED},
};

Test(pkcs8, costs)
{
	for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
		enum ssh_err e = open_with(costs[i].kdf, costs[i].numbers, costs[i].salt);

		cr_expect_eq(e, costs[i].err, "row %zu: %s", i, ssh_err_name(e));
	}
}

/* RFC 7914 sections 11 and 12; its last row takes 1 GiB. */
static const struct {
	const char *pass, *salt;
	uint32_t n, r, p;
	const char *out;
} scrypts[] = {
    {"", "", 16, 1, 1,
     "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
     "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
    {"password", "NaCl", 1024, 8, 16,
     "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
     "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
    {"pleaseletmein", "SodiumChloride", 16384, 8, 1,
     "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
     "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
};

Test(pkcs8, scrypt)
{
	for (size_t i = 0; i < sizeof scrypts / sizeof scrypts[0]; i++) {
		struct auth_scrypt p = {wire_bytes_str(scrypts[i].salt), scrypts[i].n, scrypts[i].r,
		                        scrypts[i].p};
		struct wire_buf want = {0};
		uint8_t out[64];

		unhex(&want, scrypts[i].out);
		cr_expect_eq(auth_scrypt(out, sizeof out, wire_bytes_str(scrypts[i].pass), &p),
		             SSH_OK);
		cr_expect_eq(memcmp(out, wire_buf_view(&want).ptr, sizeof out), 0, "row %zu", i);
		wire_buf_wipe(&want);
	}
}

Test(pkcs8, no_memory)
{
	struct auth_keyfile_options o = options("aes256-cbc");
	struct crypt_key k = {0};
	struct wire_buf text;

	o.rounds = 1;
	keykit_make(&k, &crypt_key_rsa);
	text = keykit_save(&k, &o);
	keykit_no_memory(wire_buf_view(&text), PASS, &o);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
}
