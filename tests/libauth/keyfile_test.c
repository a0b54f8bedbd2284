/* SPDX-License-Identifier: MIT */
#include "libauth/auth.h"
#include "tests/libauth/keygen.h"
#include "tests/libauth/keykit.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define LABEL "OPENSSH PRIVATE KEY"

/* --- Published files --- */

static void check_public(ssh_bytes text, const char *fingerprint, enum ssh_err err,
                         const char *what)
{
	struct wire_buf blob = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	enum ssh_err e = auth_keyfile_public(&blob, text);

	cr_expect_eq(e, err, "%s: %s", what, ssh_err_name(e));
	if (e == 0) {
		crypt_key_fingerprint(wire_buf_view(&blob), print);
		cr_expect_str_eq(print, fingerprint, "%s", what);
	}
	wire_buf_wipe(&blob);
}

/* The columns are file, passphrase, type and fingerprint. */
static void check_row(const char *const *column)
{
	struct wire_buf text = vector_file(column[0]);
	ssh_bytes view = wire_buf_view(&text), pass = wire_bytes_str(column[1]);
	bool shown =
	    view.ptr[0] == 'P' || wire_bytes_is(wire_bytes(view.ptr, 19), "-----BEGIN OPENSSH ");
	struct crypt_key k = {0};
	enum ssh_err e = auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, view, pass);

	cr_expect_eq(e, SSH_OK, "%s: %s", column[0], ssh_err_name(e));
	check_public(view, column[3], pass.len == 0 || shown ? SSH_OK : SSH_ERR_PASSPHRASE,
	             column[0]);
	if (e == 0) {
		keykit_check(&k, column[2], column[3], column[0]);
		crypt_key_wipe(&k);
		if (pass.len != 0)
			cr_expect_eq(auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, view,
			                               wire_bytes_str("wrong")),
			             SSH_ERR_PASSPHRASE, "%s", column[0]);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
}

Test(keyfile, published)
{
	rows_each("keyfiles.txt", 4, check_row);
}

static const char *const other_files[] = {"openssh/ed25519_1.pub", "openssh/known_hosts",
                                          "keyfiles.txt", "mscdex-ssh2/rfc4716_rsa.pub"};

Test(keyfile, other_files)
{
	for (size_t i = 0; i < sizeof other_files / sizeof other_files[0]; i++) {
		struct wire_buf text = vector_file(other_files[i]), blob = {0};
		struct crypt_key k = {0};

		cr_expect_eq(
		    auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text)),
		    SSH_ERR_FILE_FORMAT, "%s", other_files[i]);
		cr_expect_eq(auth_keyfile_public(&blob, wire_buf_view(&text)), SSH_ERR_FILE_FORMAT);
		cr_expect_null(k.alg);
		wire_buf_wipe(&text);
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
		enum ssh_err e =
		    auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text));

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
    {"-q -t dsa -N '' -C 'a b' -f @/k", &crypt_insecure_key_dsa},
};

/* What ssh-keygen makes, we read; its -l and ours agree. */
Test(keyfile, reads_what_ssh_keygen_writes)
{
	for (size_t i = 0; i < sizeof live / sizeof live[0]; i++) {
		struct keygen g;
		struct crypt_key k = {0};
		struct wire_buf out, text, print;
		char *sha;

		keygen_init(&g);
		out = keygen_run(&g, live[i].make);
		text = keygen_read(&g, "k");
		print = keygen_run(&g, "-l -f @/k.pub");
		wire_put_u8(&print, 0);
		sha = strstr((char *)print.mem, "SHA256:");
		cr_assert_not_null(sha);
		sha[CRYPT_FINGERPRINT_SIZE - 1] = '\0';
		cr_assert_eq(
		    auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text)), 0);
		keykit_check(&k, live[i].alg->name, sha, live[i].make);
		keykit_holds(wire_buf_view(&text), NULL, &k, "a b", live[i].make);
		crypt_key_wipe(&k);
		wire_buf_wipe(&out);
		wire_buf_wipe(&text);
		wire_buf_wipe(&print);
		keygen_wipe(&g);
	}
}

/* The ciphers that ssh-keygen -Z takes, and a few rounds. */
static const struct {
	const char *cipher;
	uint32_t rounds;
} ciphers[] = {
    {"aes128-ctr", 1},
    {"aes192-ctr", 2},
    {"aes256-ctr", 17},
    {"aes128-cbc", 1},
    {"aes192-cbc", 1},
    {"aes256-cbc", 1},
    {"3des-cbc", 1},
    {"aes128-gcm@openssh.com", 1},
    {"aes256-gcm@openssh.com", 1},
    {"chacha20-poly1305@openssh.com", 1},
};

#define PASS "nautilus 20000"

Test(keyfile, reads_every_cipher_of_ssh_keygen)
{
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		char arguments[200];
		struct keygen g;
		struct auth_publine l;
		struct crypt_key k = {0};
		struct wire_buf out, text, line, blob = {0};

		snprintf(arguments, sizeof arguments,
		         "-q -t ed25519 -C 'a b' -N '" PASS "' -Z %s -a %u -f @/k",
		         ciphers[i].cipher, ciphers[i].rounds);
		keygen_init(&g);
		out = keygen_run(&g, arguments);
		text = keygen_read(&g, "k");
		line = keygen_read(&g, "k.pub");
		cr_assert_eq(auth_publine_parse(&l, wire_buf_view(&line)), SSH_OK);
		cr_assert_eq(auth_publine_blob(&l, &blob), SSH_OK);
		cr_assert_eq(crypt_key_parse_public(&k, crypt_keyalgs_legacy, wire_buf_view(&blob)),
		             0);
		keykit_holds(wire_buf_view(&text), PASS, &k, "a b", ciphers[i].cipher);
		crypt_key_wipe(&k);
		wire_buf_wipe(&out);
		wire_buf_wipe(&text);
		wire_buf_wipe(&line);
		wire_buf_wipe(&blob);
		keygen_wipe(&g);
	}
}

/* ssh-keygen -y reads a file of ours, and gets the public line that we write. */
static void read_by_ssh_keygen(const struct crypt_key *k, const struct auth_keyfile_options *o)
{
	struct wire_buf text = keykit_save(k, o), blob = keykit_public(k), line = {0}, got;
	struct keygen g;

	keygen_init(&g);
	keygen_write(&g, "k", wire_buf_view(&text));
	got = keygen_run(&g, o->passphrase.len == 0 ? "-y -f @/k" : "-y -P '" PASS "' -f @/k");
	auth_publine_put(&line, wire_buf_view(&blob), o->comment);
	cr_expect(wire_bytes_equal(wire_buf_view(&got), wire_buf_view(&line)), "%s", k->alg->name);
	keykit_holds(wire_buf_view(&text), o->passphrase.len == 0 ? NULL : PASS, k, "nemo@nautilus",
	             k->alg->name);
	keygen_wipe(&g);
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	wire_buf_wipe(&got);
}

Test(keyfile, writes_what_ssh_keygen_reads)
{
	for (size_t i = 0; i < sizeof live / sizeof live[0]; i++) {
		struct auth_keyfile_options o = {.comment = wire_bytes_str("nemo@nautilus")};
		struct crypt_key k = {0};

		keykit_make(&k, live[i].alg);
		read_by_ssh_keygen(&k, &o);
		o.passphrase = wire_bytes_str(PASS);
		o.rounds = 1;
		read_by_ssh_keygen(&k, &o);
		crypt_key_wipe(&k);
	}
}

Test(keyfile, writes_every_cipher)
{
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		struct auth_keyfile_options o = {.comment = wire_bytes_str("nemo@nautilus"),
		                                 .passphrase = wire_bytes_str(PASS),
		                                 .cipher = ciphers[i].cipher,
		                                 .rounds = ciphers[i].rounds};
		struct crypt_key k = {0};

		keykit_make(&k, &crypt_key_ecdsa_nistp521);
		read_by_ssh_keygen(&k, &o);
		crypt_key_wipe(&k);
	}
}

/* The default is ssh-keygen's: aes256-ctr and 16 rounds. */
Test(keyfile, default_encryption)
{
	struct auth_keyfile_options o = {.passphrase = wire_bytes_str(PASS)};
	struct crypt_key k = {0};
	struct wire_buf text, data = {0};
	struct wire_reader r, options;

	keykit_make(&k, &crypt_key_ed25519);
	text = keykit_save(&k, &o);
	cr_assert_eq(auth_armor_get(&data, LABEL, wire_buf_view(&text)), SSH_OK);
	wire_reader_init(&r, wire_bytes_skip(wire_buf_view(&data), 15));
	cr_expect(wire_bytes_is(wire_get_string(&r), "aes256-ctr"));
	cr_expect(wire_bytes_is(wire_get_string(&r), "bcrypt"));
	wire_reader_init(&options, wire_get_string(&r));
	cr_expect_eq(wire_get_string(&options).len, 16);
	cr_expect_eq(wire_get_u32(&options), 16);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
	wire_buf_wipe(&data);
}

static const struct {
	const char *cipher;
	uint32_t rounds;
	enum ssh_err err;
} refused[] = {
    {"aes256-ocb", 1, SSH_ERR_UNSUPPORTED},
    {"none", 1, SSH_ERR_UNSUPPORTED},
    {NULL, AUTH_KEYFILE_ROUNDS_MAX + 1, SSH_ERR_ARGUMENT},
};

Test(keyfile, options_that_are_refused)
{
	struct wire_buf out = {0};
	struct crypt_drbg d;
	struct crypt_rng rng = keykit_rng(&d);
	struct crypt_key k = {0};

	keykit_make(&k, &crypt_key_ed25519);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct auth_keyfile_options o = {.passphrase = wire_bytes_str(PASS),
		                                 .cipher = refused[i].cipher,
		                                 .rounds = refused[i].rounds};

		cr_expect_eq(auth_keyfile_save(&out, &k, &o, &rng), refused[i].err, "%zu", i);
	}
	cr_expect_eq(wire_buf_len(&out), 0);
	crypt_key_wipe(&k);
	wire_buf_wipe(&out);
}

/* What a file may ask for: all but the first row fail before anything costs time. */
static const struct {
	const char *cipher, *kdf;
	size_t salt;
	uint32_t rounds;
	enum ssh_err err;
} costs[] = {
    {"aes256-ctr", "bcrypt", 16, 1, SSH_ERR_PASSPHRASE},
    {"aes256-ctr", "bcrypt", 16, 0, SSH_ERR_FILE_DAMAGED},
    {"aes256-ctr", "bcrypt", 0, 1, SSH_ERR_FILE_DAMAGED},
    {"aes256-ctr", "bcrypt", AUTH_BCRYPT_SALT_MAX + 1, 1, SSH_ERR_UNSUPPORTED},
    {"aes256-ctr", "bcrypt", 16, AUTH_KEYFILE_ROUNDS_MAX + 1, SSH_ERR_UNSUPPORTED},
    {"aes256-ctr", "bcrypt", 16, 0xffffffff, SSH_ERR_UNSUPPORTED},
    {"aes256-ctr", "argon2", 16, 1, SSH_ERR_UNSUPPORTED},
    {"aes256-ctr", "none", 16, 1, SSH_ERR_UNSUPPORTED},
    {"aes256-ocb", "bcrypt", 16, 1, SSH_ERR_UNSUPPORTED},
    {"none", "bcrypt", 16, 1, SSH_ERR_FILE_DAMAGED},
    {"aes256-gcm@openssh.com", "bcrypt", 16, 1, SSH_ERR_FILE_DAMAGED},
};

Test(keyfile, costs)
{
	static const uint8_t zeros[AUTH_BCRYPT_SALT_MAX + 1];

	for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
		struct wire_buf data = {0}, text = {0};
		struct crypt_key k = {0};
		size_t mark;
		enum ssh_err e;

		wire_put_raw(&data, wire_bytes("openssh-key-v1", 15));
		wire_put_str(&data, costs[i].cipher);
		wire_put_str(&data, costs[i].kdf);
		mark = wire_put_string_begin(&data);
		wire_put_string(&data, wire_bytes(zeros, costs[i].salt));
		wire_put_u32(&data, costs[i].rounds);
		wire_put_string_end(&data, mark);
		wire_put_u32(&data, 1);
		wire_put_str(&data, "");
		wire_put_string(&data, wire_bytes(zeros, 64));
		auth_armor_put(&text, LABEL, wire_buf_view(&data));
		e = auth_keyfile_open(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text),
		                      wire_bytes_str(PASS));
		cr_expect_eq(e, costs[i].err, "row %zu: %s", i, ssh_err_name(e));
		wire_buf_wipe(&data);
		wire_buf_wipe(&text);
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
	e = auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text));
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
    {"-----BEGIN " LABEL " -----\nAAAA\n-----END " LABEL "-----\n", SSH_ERR_FILE_FORMAT},
    {"-----BEGIN SSH2 ENCRYPTED PRIVATE KEY-----\nAAAA\n", SSH_ERR_FILE_FORMAT},
};

Test(keyfile, armour)
{
	for (size_t i = 0; i < sizeof armours / sizeof armours[0]; i++) {
		struct crypt_key k = {0};
		enum ssh_err e = auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy,
		                                    wire_bytes_str(armours[i].text));

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
	cr_expect_eq(auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&crlf)),
	             SSH_OK);
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

/* Whatever is done to an encrypted file, it holds the same key or none. */
Test(keyfile, damage_to_encrypted_files)
{
	static const char *const some[] = {"aes256-ctr", "aes256-cbc", "3des-cbc",
	                                   "aes128-gcm@openssh.com",
	                                   "chacha20-poly1305@openssh.com"};

	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		struct auth_keyfile_options o = {
		    .passphrase = wire_bytes_str(PASS), .cipher = some[i], .rounds = 1};
		struct crypt_key k = {0};
		struct wire_buf text;

		keykit_make(&k, &crypt_key_ed25519);
		text = keykit_save(&k, &o);
		keykit_damage(wire_buf_view(&text), PASS, 13, false, some[i]);
		crypt_key_wipe(&k);
		wire_buf_wipe(&text);
	}
}

Test(keyfile, mutants)
{
	for (size_t i = 0; crypt_keyalgs_legacy[i] != NULL; i++) {
		struct auth_keyfile_options o = {.comment = wire_bytes_str("nemo")};
		struct crypt_key k = {0};
		struct wire_buf text;

		if (!keykit_can_make(crypt_keyalgs_legacy[i]))
			continue;
		keykit_make(&k, crypt_keyalgs_legacy[i]);
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), LABEL, NULL, 500);
		wire_buf_wipe(&text);
		o.passphrase = wire_bytes_str(PASS);
		o.rounds = 1;
		text = keykit_save(&k, &o);
		keykit_mutate(wire_buf_view(&text), LABEL, PASS, 10);
		wire_buf_wipe(&text);
		crypt_key_wipe(&k);
	}
}

/* Read a file and write it again; every allocation may fail, and none gives secrets away. */
Test(keyfile, no_memory)
{
	struct wire_buf text = vector_file("openssh/ed25519_1"), encrypted;
	struct auth_keyfile_options o = {.comment = wire_bytes_str("nemo")};
	struct crypt_key k = {0};

	keykit_no_memory(wire_buf_view(&text), NULL, &o);
	o.passphrase = wire_bytes_str(PASS);
	o.rounds = 1;
	keykit_make(&k, &crypt_key_ed25519);
	encrypted = keykit_save(&k, &o);
	keykit_no_memory(wire_buf_view(&encrypted), PASS, &o);
	crypt_key_wipe(&k);
	wire_buf_wipe(&text);
	wire_buf_wipe(&encrypted);
}
