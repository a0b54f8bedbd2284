/* SPDX-License-Identifier: MIT */
#include "libauth/spki.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

/* Public key files of OpenSSL's. */

static bool is_rsa(const struct crypt_keyalg *alg)
{
	return strcmp(alg->name, "ssh-rsa") == 0;
}

/* What we write is what OpenSSL writes of the same key, and we read it. */
static void same_file(const struct crypt_keyalg *alg)
{
	static const char *const commands[] = {
	    "openssl pkey -in @/k -pubout -out @/pub",
	    "openssl rsa -in @/k -RSAPublicKey_out -out @/pub 2>@/err"};
	enum ssh_err (*const put[])(struct wire_buf *, ssh_bytes) = {auth_spki_put,
	                                                             auth_spki_put_rsa};
	struct auth_keyfile_options o = {.form = &auth_keyform_pkcs8};
	struct wire_buf blob, file, theirs, out, ours = {0}, again = {0};
	struct crypt_key k = {0};
	struct keygen g;

	keykit_make(&k, alg);
	blob = keykit_public(&k);
	file = keykit_save(&k, &o);
	keygen_init(&g);
	keygen_write(&g, "k", wire_buf_view(&file));
	for (size_t i = 0; i < (is_rsa(alg) ? 2 : 1); i++) {
		out = keygen_shell(&g, commands[i]);
		theirs = keygen_read(&g, "pub");
		wire_buf_reset(&ours);
		wire_buf_reset(&again);
		cr_assert_eq(put[i](&ours, wire_buf_view(&blob)), SSH_OK, "%s", alg->name);
		cr_expect(wire_bytes_equal(wire_buf_view(&ours), wire_buf_view(&theirs)), "%s",
		          alg->name);
		cr_assert_eq(auth_spki_parse(&again, wire_buf_view(&ours)), SSH_OK, "%s",
		             alg->name);
		cr_expect(wire_bytes_equal(wire_buf_view(&again), wire_buf_view(&blob)), "%s",
		          alg->name);
		wire_buf_wipe(&theirs);
		wire_buf_wipe(&out);
	}
	keygen_wipe(&g);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&file);
	wire_buf_wipe(&ours);
	wire_buf_wipe(&again);
}

Test(spki, there_and_back)
{
	keygen_need("openssl");
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++)
		if (keykit_can_make(crypt_keyalgs_legacy[i]))
			same_file(crypt_keyalgs_legacy[i]);
}

/* Half a point and a bit is enough for OpenSSL, and for us. */
Test(spki, compressed)
{
	static const struct crypt_keyalg *const curves[] = {
	    &crypt_key_ecdsa_nistp256, &crypt_key_ecdsa_nistp384, &crypt_key_ecdsa_nistp521};

	keygen_need("openssl");
	for (size_t i = 0; i < 12; i++) {
		struct auth_keyfile_options o = {.form = &auth_keyform_pkcs8};
		struct wire_buf blob, file, text, out, read = {0};
		struct crypt_rng rng = crypt_rng_system();
		struct crypt_key k = {0};
		struct keygen g;

		/* Other points every time: half of them are odd. */
		cr_assert_eq(crypt_key_generate(&k, curves[i % 3], 0, &rng), SSH_OK);
		blob = keykit_public(&k);
		file = keykit_save(&k, &o);
		keygen_init(&g);
		keygen_write(&g, "k", wire_buf_view(&file));
		out = keygen_shell(&g, "openssl ec -in @/k -pubout -conv_form compressed "
		                       "-out @/pub 2>@/err");
		text = keygen_read(&g, "pub");
		cr_assert_eq(auth_spki_parse(&read, wire_buf_view(&text)), SSH_OK, "%zu", i);
		cr_expect(wire_bytes_equal(wire_buf_view(&read), wire_buf_view(&blob)), "%zu", i);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&file);
		wire_buf_wipe(&text);
		wire_buf_wipe(&out);
		wire_buf_wipe(&read);
	}
}

/* RFC 8410 section 10.1. */
Test(spki, rfc8410)
{
	static const char file[] = "-----BEGIN PUBLIC KEY-----\n"
	                           "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	                           "-----END PUBLIC KEY-----\n";
	static const char want[] = "0000000b7373682d65643235353139"
	                           "00000020"
	                           "19bf44096984cdfe8541bac167dc3b96"
	                           "c85086aa30b6b6cb0c5c38ad703166e1";
	struct wire_buf blob = {0}, bytes = {0}, again = {0};

	cr_assert_eq(auth_spki_parse(&blob, wire_bytes_str(file)), SSH_OK);
	unhex(&bytes, want);
	cr_expect(wire_bytes_equal(wire_buf_view(&blob), wire_buf_view(&bytes)));
	cr_assert_eq(auth_spki_put(&again, wire_buf_view(&blob)), SSH_OK);
	cr_expect(wire_bytes_equal(wire_buf_view(&again), wire_bytes_str(file)));
	wire_buf_wipe(&blob);
	wire_buf_wipe(&bytes);
	wire_buf_wipe(&again);
}

/* --- What is not right --- */

#define BYTES31 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
#define BYTES   BYTES31 "1f"

/* DER between the fences of a label. */
static const struct {
	const char *what, *label, *der;
	enum ssh_err err;
} rows[] = {
    {"ed25519", "PUBLIC KEY", "302a300506032b6570032100" BYTES, SSH_OK},
    {"rsa", "PUBLIC KEY", "301a300d06092a864886f70d01010105000309003006020161020103", SSH_OK},
    {"rsa of PKCS #1", "RSA PUBLIC KEY", "3006020161020103", SSH_OK},
    {"dsa", "PUBLIC KEY", "301c301406072a8648ce380401300902011702010b020104030400020109", SSH_OK},
    {"p256, on no curve", "PUBLIC KEY",
     "3059301306072a8648ce3d020106082a8648ce3d03010703420004" BYTES BYTES, SSH_OK},
    {"nothing", "PUBLIC KEY", "", SSH_ERR_FILE_DAMAGED},
    {"another label", "PUBLIC KEYS", "302a300506032b6570032100" BYTES, SSH_ERR_FILE_FORMAT},
    {"a byte behind it", "PUBLIC KEY", "302a300506032b6570032100" BYTES "00", SSH_ERR_FILE_DAMAGED},
    {"something more inside", "PUBLIC KEY", "302c300506032b6570032100" BYTES "0500",
     SSH_ERR_FILE_DAMAGED},
    {"no algorithm", "PUBLIC KEY", "3023032100" BYTES, SSH_ERR_FILE_DAMAGED},
    {"an empty algorithm", "PUBLIC KEY", "30253000032100" BYTES, SSH_ERR_FILE_DAMAGED},
    {"bits of half a byte", "PUBLIC KEY", "302a300506032b6570032104" BYTES, SSH_ERR_FILE_DAMAGED},
    {"bits that are none", "PUBLIC KEY", "3009300506032b65700300", SSH_ERR_FILE_DAMAGED},
    {"ed25519, short", "PUBLIC KEY", "3029300506032b6570032000" BYTES31, SSH_ERR_FILE_DAMAGED},
    {"ed25519, parameters", "PUBLIC KEY", "302c300706032b65700500032100" BYTES,
     SSH_ERR_FILE_DAMAGED},
    {"rsa, no NULL", "PUBLIC KEY", "3018300b06092a864886f70d0101010309003006020161020103",
     SSH_ERR_FILE_DAMAGED},
    {"rsa, negative", "PUBLIC KEY", "301a300d06092a864886f70d01010105000309003006020181020103",
     SSH_ERR_FILE_DAMAGED},
    {"rsa, one number", "PUBLIC KEY", "3017300d06092a864886f70d01010105000306003003020161",
     SSH_ERR_FILE_DAMAGED},
    {"rsa, three numbers", "RSA PUBLIC KEY", "3009020161020103020103", SSH_ERR_FILE_DAMAGED},
    {"rsa, padded", "RSA PUBLIC KEY", "300702020061020103", SSH_ERR_FILE_DAMAGED},
    {"dsa, no domain", "PUBLIC KEY", "3011300906072a8648ce380401030400020109",
     SSH_ERR_FILE_DAMAGED},
    {"dsa, y cut short", "PUBLIC KEY", "301b301406072a8648ce380401300902011702010b0201040303000201",
     SSH_ERR_FILE_DAMAGED},
    {"dsa, four in the domain", "PUBLIC KEY",
     "301f301706072a8648ce380401300c02011702010b020104020104030400020109", SSH_ERR_FILE_DAMAGED},
    {"ec, no point", "PUBLIC KEY", "3018301306072a8648ce3d020106082a8648ce3d030107030100",
     SSH_ERR_FILE_DAMAGED},
    {"ec, short", "PUBLIC KEY", "3039301306072a8648ce3d020106082a8648ce3d03010703220004" BYTES,
     SSH_ERR_FILE_DAMAGED},
    {"ec, compressed", "PUBLIC KEY", "3039301306072a8648ce3d020106082a8648ce3d03010703220002" BYTES,
     SSH_OK},
    {"ec, compressed, odd", "PUBLIC KEY",
     "3039301306072a8648ce3d020106082a8648ce3d030107032200030000000000000000000000000000000000000000000000000000000000000005",
     SSH_OK},
    {"ec, compressed, of no point", "PUBLIC KEY",
     "3039301306072a8648ce3d020106082a8648ce3d030107032200030000000000000000000000000000000000000000000000000000000000000007",
     SSH_ERR_KEY},
    {"ec, compressed, not reduced", "PUBLIC KEY",
     "3039301306072a8648ce3d020106082a8648ce3d03010703220002ffffffff00000001000000000000000000000001000000000000000000000004",
     SSH_ERR_KEY},
    {"ec, hybrid", "PUBLIC KEY",
     "3059301306072a8648ce3d020106082a8648ce3d0301070342000600000000000000000000000000000000000000000000000000000000000000050000000000000000000000000000000000000000000000000000000000000005",
     SSH_ERR_FILE_DAMAGED},
    {"ec, at infinity", "PUBLIC KEY", "3019301306072a8648ce3d020106082a8648ce3d03010703020000",
     SSH_ERR_FILE_DAMAGED},
    {"ec, curve by its numbers", "PUBLIC KEY",
     "3054300e06072a8648ce3d0201300302010103420004" BYTES BYTES, SSH_ERR_UNSUPPORTED},
    {"ec, another curve", "PUBLIC KEY",
     "3056301006072a8648ce3d020106052b8104000a03420004" BYTES BYTES, SSH_ERR_UNSUPPORTED},
    {"x25519", "PUBLIC KEY", "302a300506032b656e032100" BYTES, SSH_ERR_UNSUPPORTED},
    {"rsa pss", "PUBLIC KEY", "301a300d06092a864886f70d01010a05000309003006020161020103",
     SSH_ERR_UNSUPPORTED},
};

static struct wire_buf armour(const char *label, const char *hex)
{
	struct wire_buf der = {0}, text = {0};

	unhex(&der, hex);
	auth_armor_put_pem(&text, label, wire_bytes(NULL, 0), wire_buf_view(&der));
	wire_buf_wipe(&der);
	return text;
}

Test(spki, hostile)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_buf text = armour(rows[i].label, rows[i].der), blob = {0};
		enum ssh_err e = auth_spki_parse(&blob, wire_buf_view(&text));

		cr_expect_eq(e, rows[i].err, "%s: %s", rows[i].what, ssh_err_name(e));
		cr_expect_eq(wire_buf_len(&blob) == 0, e != SSH_OK, "%s", rows[i].what);
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
	}
}

/* Neither certificates nor keys of tokens have a place there, and only RSA has one in PKCS #1. */
Test(spki, no_place)
{
	static const char *const types[] = {"sk-ssh-ed25519@openssh.com",
	                                    "ssh-ed25519-cert-v01@openssh.com", "ssh-nothing"};
	struct wire_buf out = {0}, blob = {0};
	struct crypt_key k = {0};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		wire_put_str(&blob, types[i]);
		cr_expect_eq(auth_spki_put(&out, wire_buf_view(&blob)), SSH_ERR_UNSUPPORTED, "%s",
		             types[i]);
		wire_buf_wipe(&blob);
	}
	keykit_make(&k, &crypt_key_ed25519);
	blob = keykit_public(&k);
	cr_expect_eq(auth_spki_put_rsa(&out, wire_buf_view(&blob)), SSH_ERR_UNSUPPORTED);
	cr_expect_eq(auth_spki_put(&out, wire_bytes(wire_buf_view(&blob).ptr, 20)),
	             SSH_ERR_FILE_DAMAGED);
	cr_expect_eq(wire_buf_len(&out), 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&out);
}

Test(spki, no_memory)
{
	struct crypt_key k = {0};
	struct wire_buf blob;
	bool failed = true;

	keykit_make(&k, &crypt_key_rsa);
	blob = keykit_public(&k);
	for (size_t n = 1; failed; n++) {
		struct wire_buf text = {0}, again = {0};
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		if ((e = auth_spki_put(&text, wire_buf_view(&blob))) == SSH_OK)
			e = auth_spki_parse(&again, wire_buf_view(&text));
		wire_buf_wipe(&text);
		wire_buf_wipe(&again);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
}

/* Bytes changed at random: what is read can be written and read again. */
Test(spki, mutants)
{
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);

	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		struct wire_buf blob, text = {0};
		struct crypt_key k = {0};

		if (!keykit_can_make(crypt_keyalgs_legacy[i]))
			continue;
		keykit_make(&k, crypt_keyalgs_legacy[i]);
		blob = keykit_public(&k);
		cr_assert_eq(auth_spki_put(&text, wire_buf_view(&blob)), SSH_OK);
		for (size_t n = 0; n < 500; n++) {
			struct wire_buf bad = keykit_mutant(&rng, wire_buf_view(&text)), read = {0},
			                again = {0};

			if (auth_spki_parse(&read, wire_buf_view(&bad)) == SSH_OK)
				cr_expect_eq(auth_spki_put(&again, wire_buf_view(&read)), SSH_OK);
			wire_buf_wipe(&bad);
			wire_buf_wipe(&read);
			wire_buf_wipe(&again);
		}
		crypt_key_wipe(&k);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&text);
	}
}
