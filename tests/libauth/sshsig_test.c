/* SPDX-License-Identifier: MIT */
#include "libauth/sshsig.h"
#include "libauth/pubfile.h"
#include "tests/libauth/keykit.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const published[] = {"ecdsa",   "ecdsa_sk",   "ecdsa_sk_webauthn",
                                        "ed25519", "ed25519_sk", "rsa"};
#define PUBLISHED (sizeof published / sizeof published[0])

static struct wire_buf read_blob(const char *name)
{
	char path[64];
	struct wire_buf text, blob = {0};

	snprintf(path, sizeof path, "openssh/sshsig/%s.sig", name);
	text = vector_file(path);
	cr_assert_eq(auth_sshsig_get(&blob, wire_buf_view(&text)), SSH_OK, "%s", name);
	wire_buf_wipe(&text);
	return blob;
}

static void hash(const struct auth_sshsig *s, uint8_t digest[CRYPT_HASH_MAX])
{
	struct wire_buf data = vector_file("openssh/sshsig/signed-data");

	crypt_hash_once(s->hash, wire_buf_view(&data), digest);
	wire_buf_wipe(&data);
}

Test(sshsig, published)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		struct wire_buf blob = read_blob(published[i]), line, key = {0};
		struct auth_publine l;
		struct auth_sshsig s;
		uint8_t digest[CRYPT_HASH_MAX];
		char path[64];

		snprintf(path, sizeof path, "openssh/sshsig/%s.pub", published[i]);
		line = vector_file(path);
		cr_assert_eq(auth_sshsig_parse(&s, wire_buf_view(&blob)), SSH_OK);
		cr_assert_eq(auth_publine_parse(&l, wire_buf_view(&line)), SSH_OK);
		cr_assert_eq(auth_publine_blob(&l, &key), SSH_OK);
		cr_expect(wire_bytes_equal(s.key, wire_buf_view(&key)), "%s", published[i]);
		hash(&s, digest);
		cr_expect_eq(auth_sshsig_verify(&s, wire_bytes_str("unittest"), digest), SSH_OK,
		             "%s", published[i]);
		cr_expect_eq(auth_sshsig_verify(&s, wire_bytes_str("unittests"), digest),
		             SSH_ERR_ARGUMENT, "%s", published[i]);
		digest[0] ^= 1;
		cr_expect_eq(auth_sshsig_verify(&s, wire_bytes_str("unittest"), digest),
		             SSH_ERR_SIGNATURE, "%s", published[i]);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&line);
		wire_buf_wipe(&key);
	}
}

/* No byte of a signature may change but those of `reserved`'s value, of which there are none. */
Test(sshsig, damage)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		struct wire_buf blob = read_blob(published[i]);
		struct auth_sshsig s;
		uint8_t digest[CRYPT_HASH_MAX];

		cr_assert_eq(auth_sshsig_parse(&s, wire_buf_view(&blob)), SSH_OK);
		hash(&s, digest);
		for (size_t at = 0; at < wire_buf_len(&blob); at += keykit_quick() ? 16 : 1) {
			enum ssh_err e;

			blob.mem[at] ^= 1;
			e = auth_sshsig_parse(&s, wire_buf_view(&blob));
			if (e == 0)
				e = auth_sshsig_verify(&s, wire_bytes_str("unittest"), digest);
			cr_expect_neq(e, SSH_OK, "%s: byte %zu", published[i], at);
			blob.mem[at] ^= 1;
			cr_expect_neq(auth_sshsig_parse(&s, wire_bytes(blob.mem, at)), SSH_OK,
			              "%s: the first %zu", published[i], at);
		}
		wire_buf_wipe(&blob);
	}
}

static const struct auth_sshsig wanted = {
    .space = {(const uint8_t *)"file", 4},
    .hash = &crypt_sha256,
};

static enum ssh_err round_trip(const struct crypt_key *k, const struct auth_sshsig *how,
                               const struct crypt_rng *rng)
{
	struct wire_buf out = {0}, text = {0}, back = {0};
	struct auth_sshsig s;
	uint8_t digest[CRYPT_HASH_MAX] = {1, 2, 3};
	enum ssh_err e;

	if ((e = auth_sshsig_sign(&out, how, k, digest, rng)) == 0) {
		auth_sshsig_put(&text, wire_buf_view(&out));
		e = wire_buf_end(&text);
	}
	if (e == 0 && (e = auth_sshsig_get(&back, wire_buf_view(&text))) == 0 &&
	    (e = auth_sshsig_parse(&s, wire_buf_view(&back))) == 0)
		e = auth_sshsig_verify(&s, how->space, digest);
	wire_buf_wipe(&out);
	wire_buf_wipe(&text);
	wire_buf_wipe(&back);
	return e;
}

Test(sshsig, every_key_type)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		const struct crypt_keyalg *alg = crypt_keyalgs_legacy[i];
		struct crypt_key k = {0};
		struct crypt_drbg d;
		struct crypt_rng rng = keykit_rng(&d);
		struct auth_sshsig how = wanted;

		if (!keykit_can_make(alg))
			continue;
		keykit_make(&k, alg);
		for (size_t h = 0; h < 2; h++) {
			how.hash = h == 0 ? &crypt_sha256 : &crypt_sha512;
			cr_expect_eq(round_trip(&k, &how, &rng),
			             alg == &crypt_insecure_key_dsa ? SSH_ERR_UNSUPPORTED : SSH_OK,
			             "%s", alg->name);
		}
		crypt_key_wipe(&k);
	}
}

/* RSA with SHA-1 verifies as a signature, but is none of a file. */
Test(sshsig, no_sha1)
{
	struct crypt_key k = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	struct auth_sshsig s = wanted;
	uint8_t digest[CRYPT_HASH_MAX] = {0};
	struct wire_buf data = {0}, key, signature = {0};

	keykit_make(&k, &crypt_key_rsa);
	key = keykit_public(&k);
	s.key = wire_buf_view(&key);
	auth_sshsig_put_signed(&data, &s, digest);
	for (size_t i = 0; k.alg->sigs[i] != NULL; i++) {
		wire_buf_reset(&signature);
		cr_assert_eq(
		    crypt_key_sign(&k, k.alg->sigs[i], wire_buf_view(&data), &rng, &signature),
		    SSH_OK);
		s.signature = wire_buf_view(&signature);
		cr_expect_eq(auth_sshsig_verify(&s, s.space, digest),
		             k.alg->sigs[i] == &crypt_insecure_sig_rsa_sha1 ? SSH_ERR_UNSUPPORTED
		                                                            : SSH_OK,
		             "%s", k.alg->sigs[i]->name);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&data);
	wire_buf_wipe(&key);
	wire_buf_wipe(&signature);
}

#define HEAD "SSHSIG\0\0\0\1"

static const struct {
	const char *what;
	const char *blob;
	size_t len;
	enum ssh_err err;
} hostile[] = {
    {"empty", "", 0, SSH_ERR_FILE_FORMAT},
    {"other magic", "SSHSIQ\0\0\0\1", 10, SSH_ERR_FILE_FORMAT},
    {"version 2", "SSHSIG\0\0\0\2", 10, SSH_ERR_UNSUPPORTED},
    {"version alone", HEAD, 10, SSH_ERR_FILE_DAMAGED},
    {"no namespace", HEAD "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6sha256\0\0\0\0", 36,
     SSH_ERR_FILE_DAMAGED},
    {"another hash", HEAD "\0\0\0\0\0\0\0\1n\0\0\0\0\0\0\0\4sha1\0\0\0\0", 35, SSH_ERR_UNSUPPORTED},
    {"more behind", HEAD "\0\0\0\0\0\0\0\1n\0\0\0\0\0\0\0\6sha256\0\0\0\0!", 38,
     SSH_ERR_FILE_DAMAGED},
    {"endless key", HEAD "\xff\xff\xff\xff", 14, SSH_ERR_FILE_DAMAGED},
    {"well formed", HEAD "\0\0\0\0\0\0\0\1n\0\0\0\0\0\0\0\6sha256\0\0\0\0", 37, SSH_OK},
};

Test(sshsig, hostile)
{
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		struct auth_sshsig s;

		cr_expect_eq(auth_sshsig_parse(&s, wire_bytes(hostile[i].blob, hostile[i].len)),
		             hostile[i].err, "%s", hostile[i].what);
	}
}

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END   "-----END SSH SIGNATURE-----\n"

static const struct {
	const char *text;
	enum ssh_err err;
} armour[] = {
    {"", SSH_ERR_FILE_FORMAT},
    {"text\n" BEGIN "AAAA\n" END, SSH_ERR_FILE_FORMAT},
    {BEGIN "AAAA\n", SSH_ERR_FILE_DAMAGED},
    {BEGIN "AAA\n" END, SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----\n", SSH_ERR_FILE_FORMAT},
    {BEGIN "AAAA\n" END, SSH_OK},
};

Test(sshsig, armour)
{
	struct wire_buf blob = {0}, text = {0};

	for (size_t i = 0; i < sizeof armour / sizeof armour[0]; i++) {
		wire_buf_wipe(&blob);
		cr_expect_eq(auth_sshsig_get(&blob, wire_bytes_str(armour[i].text)), armour[i].err,
		             "%s", armour[i].text);
		cr_expect_eq(wire_buf_len(&blob), armour[i].err == SSH_OK ? 3 : 0);
	}
	/* The bound is on what comes out, and nothing large is made before it is looked at. */
	for (size_t over = 0; over < 2; over++) {
		wire_buf_wipe(&blob);
		wire_buf_wipe(&text);
		(void)wire_buf_room(&blob, AUTH_SSHSIG_MAX + 1);
		memset(wire_buf_room(&blob, AUTH_SSHSIG_MAX + 1), 0, AUTH_SSHSIG_MAX + 1);
		wire_buf_took(&blob, AUTH_SSHSIG_MAX + over);
		auth_sshsig_put(&text, wire_buf_view(&blob));
		wire_buf_wipe(&blob);
		cr_expect_eq(auth_sshsig_get(&blob, wire_buf_view(&text)),
		             over ? SSH_ERR_TOO_LONG : SSH_OK);
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&text);
}

/* Nothing may crash or leak, and no signature of another message come to be. */
Test(sshsig, mutants)
{
	struct wire_buf blob = read_blob("ed25519");
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	uint8_t digest[CRYPT_HASH_MAX] = {0};
	struct auth_sshsig s;

	for (size_t i = 0; i < (keykit_quick() ? 300 : 3000); i++) {
		struct wire_buf bad = keykit_mutant(&rng, wire_buf_view(&blob)), text = {0};

		if (auth_sshsig_parse(&s, wire_buf_view(&bad)) == 0)
			cr_expect_neq(auth_sshsig_verify(&s, s.space, digest), SSH_OK);
		auth_sshsig_put(&text, wire_buf_view(&blob));
		wire_buf_wipe(&bad);
		bad = keykit_mutant(&rng, wire_buf_view(&text));
		wire_buf_wipe(&text);
		(void)auth_sshsig_get(&text, wire_buf_view(&bad));
		wire_buf_wipe(&text);
		wire_buf_wipe(&bad);
	}
	wire_buf_wipe(&blob);
}

Test(sshsig, no_memory)
{
	struct crypt_key k = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	bool failed = true;

	keykit_make(&k, &crypt_key_ed25519);
	for (size_t n = 1; failed; n++) {
		enum ssh_err e;

		alloc_start();
		alloc_fail_at(n);
		e = round_trip(&k, &wanted, &rng);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
	crypt_key_wipe(&k);
}
