/* SPDX-License-Identifier: MIT */
#include "libauth/auth.h"
#include "tests/libauth/keygen.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

#define LABEL "OPENSSH PRIVATE KEY"

static struct crypt_rng seeded(struct crypt_drbg *d)
{
	crypt_drbg_init(d, wire_bytes_str("keyfile"));
	return crypt_drbg_rng(d);
}

static struct wire_buf public_of(const struct crypt_key *k)
{
	struct wire_buf b = {0};

	crypt_key_put_public(k, &b);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}

/* The file parses, signs, and its fingerprint and comment are those given, if they are. */
static void check_key(ssh_bytes text, const char *fingerprint, const char *comment,
                      const char *what)
{
	struct crypt_key k = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = seeded(&d);
	struct wire_buf got = {0}, blob, sig = {0}, outside = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	ssh_bytes data = wire_bytes_str("data");
	enum ssh_err e = auth_keyfile_parse(&k, &got, crypt_keyalgs, text);

	cr_assert_eq(e, SSH_OK, "%s: %s", what, ssh_err_name(e));
	blob = public_of(&k);
	crypt_key_fingerprint(wire_buf_view(&blob), print);
	if (fingerprint != NULL)
		cr_expect_eq(strncmp(print, fingerprint, strlen(print)), 0, "%s: %s", what, print);
	if (comment != NULL)
		cr_expect(wire_bytes_is(wire_buf_view(&got), comment), "%s", what);
	cr_expect_eq(auth_keyfile_public(&outside, text), SSH_OK);
	cr_expect(wire_bytes_equal(wire_buf_view(&outside), wire_buf_view(&blob)), "%s", what);
	cr_assert_eq(crypt_key_sign(&k, k.alg->sigs[0], data, &rng, &sig), SSH_OK, "%s", what);
	cr_expect_eq(crypt_key_verify(&k, k.alg->sigs[0], data, wire_buf_view(&sig)), SSH_OK, "%s",
	             what);
	wire_buf_wipe(&got);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&sig);
	wire_buf_wipe(&outside);
	crypt_key_wipe(&k);
}

/* --- Published files --- */

static const struct {
	const char *file;
	const char *fingerprint; /* file that holds it, or the fingerprint itself */
	const char *comment;
	enum ssh_err err;
} files[] = {
    {"openssh/ed25519_1", "openssh/ed25519_1.fp", "ED25519 test key #1", 0},
    {"openssh/ed25519_2", "openssh/ed25519_2.fp", NULL, 0},
    {"openssh/ecdsa_n", "openssh/ecdsa_1.fp", NULL, 0},
    {"openssh/rsa_n", "openssh/rsa_1.fp", NULL, 0},
    {"openssh/ed25519_1_pw", NULL, NULL, SSH_ERR_PASSPHRASE},
    {"golang-ssh-keys/enc_ed25519-encrypted", NULL, NULL, SSH_ERR_PASSPHRASE},
    {"golang-ssh-keys/pkcs8", NULL, NULL, SSH_ERR_FILE_FORMAT},
    {"openssh/ed25519_1.pub", NULL, NULL, SSH_ERR_FILE_FORMAT},
    {"openssh/known_hosts", NULL, NULL, SSH_ERR_FILE_FORMAT},
};

Test(keyfile, published)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct wire_buf text = vector_file(files[i].file), print = {0};
		struct crypt_key k = {0};

		if (files[i].err != 0) {
			cr_expect_eq(
			    auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_buf_view(&text)),
			    files[i].err, "%s", files[i].file);
			cr_expect_null(k.alg);
		} else {
			print = vector_file(files[i].fingerprint);
			wire_put_u8(&print, 0);
			check_key(wire_buf_view(&text), (const char *)wire_buf_view(&print).ptr,
			          files[i].comment, files[i].file);
		}
		wire_buf_wipe(&text);
		wire_buf_wipe(&print);
	}
}

static const struct {
	const char *file;
	const char *kind;
	size_t bits;
} sizes[] = {
    {"golang-ssh-keys/ed25519", "ED25519", 256},
    {"golang-ssh-keys/p256-openssh-format", "ECDSA", 256},
    {"golang-ssh-keys/p384-openssh-format", "ECDSA", 384},
    {"golang-ssh-keys/p521-openssh-format", "ECDSA", 521},
    {"golang-ssh-keys/rsa-openssh-format", "RSA", 1024},
};

Test(keyfile, published_by_go)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct wire_buf text = vector_file(sizes[i].file);
		struct crypt_key k = {0};
		enum ssh_err e = auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_buf_view(&text));

		cr_assert_eq(e, SSH_OK, "%s: %s", sizes[i].file, ssh_err_name(e));
		cr_expect_str_eq(k.alg->kind, sizes[i].kind, "%s", sizes[i].file);
		cr_expect_eq(crypt_key_bits(&k), sizes[i].bits, "%s", sizes[i].file);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
	}
}

/* The public half of an encrypted file needs no passphrase. */
Test(keyfile, public_half_of_an_encrypted_file)
{
	struct wire_buf text = vector_file("openssh/ed25519_1_pw");
	struct wire_buf line = vector_file("openssh/ed25519_1.pub"), a = {0}, b = {0};
	struct auth_publine l;

	cr_assert_eq(auth_keyfile_public(&a, wire_buf_view(&text)), SSH_OK);
	cr_assert_eq(auth_publine_parse(&l, wire_buf_view(&line)), SSH_OK);
	cr_assert_eq(auth_publine_blob(&l, &b), SSH_OK);
	cr_expect(wire_bytes_equal(wire_buf_view(&a), wire_buf_view(&b)));
	wire_buf_wipe(&text);
	wire_buf_wipe(&line);
	wire_buf_wipe(&a);
	wire_buf_wipe(&b);
}

/* --- Live --- */

static const struct {
	const char *make;
	const struct crypt_keyalg *alg;
} live[] = {
    {"-q -t ed25519 -N '' -C 'a b' -f @/k", &crypt_key_ed25519},
    {"-q -t ecdsa -b 256 -N '' -C 'a b' -f @/k", &crypt_key_ecdsa_nistp256},
    {"-q -t ecdsa -b 384 -N '' -C 'a b' -f @/k", &crypt_key_ecdsa_nistp384},
    {"-q -t ecdsa -b 521 -N '' -C 'a b' -f @/k", &crypt_key_ecdsa_nistp521},
    {"-q -t rsa -b 1024 -N '' -C 'a b' -f @/k", &crypt_key_rsa},
};

/* What ssh-keygen makes, we read; its -l and ours agree. */
Test(keyfile, reads_what_ssh_keygen_writes)
{
	for (size_t i = 0; i < sizeof live / sizeof live[0]; i++) {
		struct keygen g;
		struct wire_buf out, text, print;
		const char *sha;

		keygen_init(&g);
		out = keygen_run(&g, live[i].make);
		text = keygen_read(&g, "k");
		print = keygen_run(&g, "-l -f @/k.pub");
		wire_put_u8(&print, 0);
		sha = strstr((const char *)wire_buf_view(&print).ptr, "SHA256:");
		cr_assert_not_null(sha);
		check_key(wire_buf_view(&text), sha, "a b", live[i].make);
		wire_buf_wipe(&out);
		wire_buf_wipe(&text);
		wire_buf_wipe(&print);
		keygen_wipe(&g);
	}
}

/* What we write, ssh-keygen -y reads, and gets the public line that we write. */
Test(keyfile, writes_what_ssh_keygen_reads)
{
	for (size_t i = 0; i < sizeof live / sizeof live[0]; i++) {
		struct crypt_key k = {0};
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d);
		struct wire_buf text = {0}, blob, line = {0}, got;
		struct keygen g;

		cr_assert_eq(crypt_key_generate(&k, live[i].alg, 1024, &rng), SSH_OK);
		cr_assert_eq(auth_keyfile_write(&text, &k, wire_bytes_str("nemo@nautilus"), &rng),
		             SSH_OK);
		check_key(wire_buf_view(&text), NULL, "nemo@nautilus", live[i].alg->name);
		keygen_init(&g);
		keygen_write(&g, "k", wire_buf_view(&text));
		got = keygen_run(&g, "-y -f @/k");
		blob = public_of(&k);
		auth_publine_put(&line, wire_buf_view(&blob), wire_bytes_str("nemo@nautilus"));
		cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&line)), "%s",
		          live[i].alg->name);
		keygen_wipe(&g);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
		wire_buf_wipe(&blob);
		wire_buf_wipe(&line);
		wire_buf_wipe(&got);
	}
}

/* --- Damage --- */

/* The decoded bytes of a good file, to be spoiled. */
static struct wire_buf decoded(void)
{
	struct wire_buf text = vector_file("openssh/ed25519_1"), data = {0};

	cr_assert_eq(auth_armor_get(&data, LABEL, wire_buf_view(&text)), SSH_OK);
	wire_buf_wipe(&text);
	return data;
}

static enum ssh_err parse_data(ssh_bytes data)
{
	struct wire_buf text = {0};
	struct crypt_key k = {0};
	enum ssh_err e;

	auth_armor_put(&text, LABEL, data);
	e = auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_buf_view(&text));
	cr_expect_eq(k.alg == NULL, e != 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
	return e;
}

/* Whatever byte is changed, it is seen; only the comment is free. */
Test(keyfile, every_byte_counts)
{
	struct wire_buf data = decoded();
	size_t comment = wire_buf_len(&data), accepted = 0;

	for (size_t i = 0; i + 12 <= wire_buf_len(&data); i++)
		if (memcmp(data.mem + i, "ED25519 test", 12) == 0 && comment > i)
			comment = i;
	for (size_t i = 0; i < wire_buf_len(&data); i++) {
		data.mem[i] ^= 0x01;
		if (parse_data(wire_buf_view(&data)) == 0) {
			accepted++;
			cr_expect(i >= comment && i < comment + 19, "byte %zu", i);
		}
		data.mem[i] ^= 0x01;
	}
	cr_expect_eq(accepted, 19, "the comment's length");
	cr_expect_eq(parse_data(wire_buf_view(&data)), SSH_OK);
	wire_buf_wipe(&data);
}

Test(keyfile, cut_anywhere)
{
	struct wire_buf data = decoded();

	for (size_t n = 0; n < wire_buf_len(&data); n++) {
		enum ssh_err e = parse_data(wire_bytes(data.mem, n));

		cr_expect_eq(e, n < 15 ? SSH_ERR_FILE_FORMAT : SSH_ERR_FILE_DAMAGED, "at %zu: %s",
		             n, ssh_err_name(e));
	}
	wire_put_u8(&data, 0);
	cr_expect_eq(parse_data(wire_buf_view(&data)), SSH_ERR_FILE_DAMAGED);
	wire_buf_wipe(&data);
}

static const struct {
	const char *text;
	enum ssh_err err;
} armours[] = {
    {"", SSH_ERR_FILE_FORMAT},
    {"\n\n", SSH_ERR_FILE_FORMAT},
    {"-----BEGIN " LABEL "-----", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN " LABEL "-----\nAAAA\n", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN " LABEL "-----\nA*AA\n-----END " LABEL "-----\n", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN " LABEL "-----\nAAA\n-----END " LABEL "-----\n", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN " LABEL "-----\nAA==AA==\n-----END " LABEL "-----\n", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN " LABEL "-----\n-----END " LABEL "-----\n", SSH_ERR_FILE_FORMAT},
    {"-----BEGIN " LABEL "-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", SSH_ERR_FILE_DAMAGED},
    {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", SSH_ERR_FILE_FORMAT},
};

Test(keyfile, armour)
{
	for (size_t i = 0; i < sizeof armours / sizeof armours[0]; i++) {
		struct crypt_key k = {0};
		enum ssh_err e =
		    auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_bytes_str(armours[i].text));

		cr_expect_eq(e, armours[i].err, "%zu: %s", i, ssh_err_name(e));
	}
}

/* Lines that end in CR LF, and blank lines in front, are no damage. */
Test(keyfile, line_ends)
{
	struct wire_buf text = vector_file("openssh/ed25519_1"), crlf = {0};
	struct crypt_key k = {0};
	ssh_bytes rest = wire_buf_view(&text), line;

	wire_put_raw(&crlf, wire_bytes_str("\r\n"));
	while (auth_text_line(&rest, &line)) {
		wire_put_raw(&crlf, line);
		wire_put_raw(&crlf, wire_bytes_str("\r\n"));
	}
	cr_expect_eq(auth_keyfile_parse(&k, NULL, crypt_keyalgs, wire_buf_view(&crlf)), SSH_OK);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
	wire_buf_wipe(&crlf);
}

Test(keyfile, only_the_types_that_are_wanted)
{
	static const struct crypt_keyalg *const rsa_only[] = {&crypt_key_rsa, NULL};
	struct wire_buf text = vector_file("openssh/ed25519_1");
	struct crypt_key k = {0};

	cr_expect_eq(auth_keyfile_parse(&k, NULL, rsa_only, wire_buf_view(&text)),
	             SSH_ERR_UNSUPPORTED);
	wire_buf_wipe(&text);
}

/* --- Memory --- */

/* Read a file and write it again; every allocation may fail, and none gives secrets away. */
Test(keyfile, no_memory)
{
	struct wire_buf text = vector_file("openssh/ed25519_1");
	bool failed = true;

	for (size_t n = 1; failed; n++) {
		struct crypt_key k = {0};
		struct wire_buf comment = {0}, again = {0};
		struct crypt_drbg d;
		struct crypt_rng rng = seeded(&d);
		enum ssh_err e;

		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(n);
		if ((e = auth_keyfile_parse(&k, &comment, crypt_keyalgs, wire_buf_view(&text))) ==
		    0)
			e = auth_keyfile_write(&again, &k, wire_buf_view(&comment), &rng);
		crypt_key_wipe(&k);
		wire_buf_wipe(&comment);
		wire_buf_wipe(&again);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		cr_assert_eq(alloc_unwiped(), 0, "allocation %zu", n);
	}
	wire_buf_wipe(&text);
}
