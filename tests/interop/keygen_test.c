/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/interop/keygen_kit.h"

/* Key files of nacre-keygen's, read by ssh-keygen, puttygen and openssl, and the other way round. */

/* Both show a key, private and public, in the same words. */
static void same_words(const char *key, const char *passphrase, const char *what)
{
	static const char *const digests[] = {"sha256", "md5"};
	const char *pub = peer_text("%s.pub", key);
	cr_expect_str_eq(must(OURS, "-y", "-P", passphrase, "-f", key, NULL),
	                 must(THEIRS, "-y", "-P", passphrase, "-f", key, NULL), "%s", what);
	cr_expect_str_eq(must(OURS, "-y", "-P", passphrase, "-f", key, NULL), peer_read(pub), "%s",
	                 what);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_str_eq(must(OURS, "-lv", "-E", digests[i], "-f", pub, NULL),
		                 must(THEIRS, "-lv", "-E", digests[i], "-f", pub, NULL), "%s",
		                 what);
		cr_expect_str_eq(must(OURS, "-l", "-E", digests[i], "-f", key, NULL),
		                 must(THEIRS, "-l", "-E", digests[i], "-f", key, NULL), "%s", what);
	}
}

Test(keygen, keys_of_ours, .fini = peer_end)
{
	for (size_t i = 0; key_types[i] != NULL; i++) {
		const char *key = our_key("plain", key_types[i], "");
		struct stat s;
		same_words(key, "", key_types[i]);
		cr_assert_eq(stat(key, &s), 0);
		cr_expect_eq(s.st_mode & 0777, 0600);
		/* The same key, encrypted. */
		must(OURS, "-q", "-p", "-P", "", "-N", "nautilus", "-a", "4", "-f", key, NULL);
		same_words(key, "nautilus", key_types[i]);
		cr_expect_eq(say(NULL, THEIRS, "-y", "-P", "wrong", "-f", key, NULL).status, 255);
	}
}

Test(keygen, keys_of_theirs, .fini = peer_end)
{
	for (size_t i = 0; key_types[i] != NULL; i++) {
		const char *key = peer_key("key", key_types[i]);
		same_words(key, "", key_types[i]);
		must(THEIRS, "-q", "-p", "-P", "", "-N", "nautilus", "-a", "4", "-f", key, NULL);
		same_words(key, "nautilus", key_types[i]);
		struct said said = say(NULL, OURS, "-y", "-P", "wrong", "-f", key, NULL);
		cr_expect_eq(said.status, 255);
		cr_expect_not_null(strstr(said.err, "that is not its passphrase"), "%s", said.err);
		said = say(NULL, OURS, "-y", "-P", "", "-f", key, NULL);
		cr_expect_eq(said.status, 255);
		cr_expect_not_null(strstr(said.err, "give its passphrase"), "%s", said.err);
	}
}

/* --- Ciphers and other formats --- */

Test(keygen, ciphers, .fini = peer_end)
{
	static const char *const ciphers[] = {"aes128-ctr", "aes256-cbc", "3des-cbc",
	                                      "aes256-gcm@openssh.com",
	                                      "chacha20-poly1305@openssh.com"};
	const char *key = our_key("key", "ed25519", "");
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		const char *copy = copy_of(key, "copy");
		must(OURS, "-q", "-p", "-Z", ciphers[i], "-N", "secret", "-a", "2", "-f", copy,
		     NULL);
		cr_expect_str_eq(must(THEIRS, "-y", "-P", "secret", "-f", copy, NULL),
		                 peer_read(peer_text("%s.pub", key)), "%s", ciphers[i]);
		must(THEIRS, "-q", "-p", "-Z", ciphers[i], "-P", "secret", "-N", "other", "-a", "2",
		     "-f", copy, NULL);
		cr_expect_str_eq(must(OURS, "-y", "-P", "other", "-f", copy, NULL),
		                 peer_read(peer_text("%s.pub", key)), "%s", ciphers[i]);
	}
	struct said said =
	    say(NULL, OURS, "-p", "-Z", "rot13", "-P", "", "-N", "x", "-f", key, NULL);
	cr_expect_eq(said.status, 255);
	cr_expect_not_null(strstr(said.err, "cipher (-Z)"), "%s", said.err);
}

static void cross_format(const char *key, const char *format, const char *passphrase)
{
	const char *want = blob_of(peer_read(peer_text("%s.pub", key)));
	const char *copy = copy_of(key, "copy");
	must(OURS, "-q", "-p", "-m", format, "-P", "", "-N", passphrase, "-f", copy, NULL);
	cr_expect_str_eq(blob_of(must(THEIRS, "-y", "-P", passphrase, "-f", copy, NULL)), want,
	                 "%s %s", key, format);
	copy = copy_of(key, "copy");
	must(THEIRS, "-q", "-p", "-m", format, "-P", "", "-N", passphrase, "-f", copy, NULL);
	cr_expect_str_eq(blob_of(must(OURS, "-y", "-P", passphrase, "-f", copy, NULL)), want,
	                 "%s %s", key, format);
}

Test(keygen, pem_and_pkcs8, .fini = peer_end)
{
	static const char *const types[] = {"ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048",
	                                    "dsa"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const char *key = our_key("key", types[i], "");
		cross_format(key, "PEM", "");
		cross_format(key, "PEM", "a passphrase");
		cross_format(key, "PKCS8", "");
		cross_format(key, "PKCS8", "a passphrase");
	}
	/* What the traditional form cannot hold goes into OpenSSH's own, as with ssh-keygen. */
	cross_format(our_key("key", "ed25519", ""), "PEM", "");
}

/* openssl knows the curves of Edwards in PKCS #8, which ssh-keygen 9.2 does not. */
Test(keygen, openssl, .fini = peer_end)
{
	static const char *const types[] = {"ed25519", "ed448"};
	for (size_t i = 0; i < 2; i++) {
		const char *key = our_key("key", types[i], ""), *made = peer_path("made"),
		           *pass = "pass:four words it has";
		const char *want = blob_of(peer_read(peer_text("%s.pub", key)));
		must(OURS, "-q", "-p", "-m", "PKCS8", "-P", "", "-N", pass + 5, "-a", "1000", "-f",
		     key, NULL);
		must("openssl", "pkey", "-in", key, "-passin", pass, "-out", made, NULL);
		cr_expect_str_eq(blob_of(must(OURS, "-y", "-f", made, NULL)), want, "%s", types[i]);
		must("openssl", "pkcs8", "-topk8", "-in", made, "-passout", pass, "-out", key,
		     NULL);
		cr_expect_str_eq(
		    blob_of(must(OURS, "-y", "-P", "four words it has", "-f", key, NULL)), want,
		    "%s", types[i]);
	}
}

/* --- RFC 4716 --- */

Test(keygen, rfc4716, .fini = peer_end)
{
	for (size_t i = 0; key_types[i] != NULL; i++) {
		const char *key = our_key("key", key_types[i], ""), *file = peer_path("4716");
		const char *want = blob_of(peer_read(peer_text("%s.pub", key)));
		cr_expect_str_eq(must(OURS, "-e", "-f", key, NULL),
		                 must(THEIRS, "-e", "-f", key, NULL), "%s", key_types[i]);
		peer_write("4716", must(OURS, "-e", "-f", key, NULL));
		cr_expect_str_eq(blob_of(must(THEIRS, "-i", "-f", file, NULL)), want, "%s",
		                 key_types[i]);
		cr_expect_str_eq(blob_of(must("puttygen", file, "-L", NULL)), want, "%s",
		                 key_types[i]);
		peer_write("4716", must("puttygen", peer_text("%s.pub", key), "-p", NULL));
		cr_expect_str_eq(blob_of(must(OURS, "-i", "-f", file, NULL)), want, "%s",
		                 key_types[i]);
		peer_write("4716", must(THEIRS, "-e", "-f", key, NULL));
		cr_expect_str_eq(blob_of(must(OURS, "-i", "-f", file, NULL)), want, "%s",
		                 key_types[i]);
	}
}

/* --- Public keys of OpenSSL's --- */

/* Of the types that ssh-keygen exports too: the same text, and each reads the other's. */
static void cross_public(const char *key, const char *format)
{
	const char *want = blob_of(peer_read(peer_text("%s.pub", key)));
	const char *ours = must(OURS, "-e", "-m", format, "-f", key, NULL);
	const char *file = peer_write("public", ours);
	cr_expect_str_eq(ours, must(THEIRS, "-e", "-m", format, "-f", key, NULL), "%s %s", key,
	                 format);
	cr_expect_str_eq(blob_of(must(THEIRS, "-i", "-m", "PKCS8", "-f", file, NULL)), want,
	                 "%s %s", key, format);
	cr_expect_str_eq(blob_of(must(OURS, "-i", "-m", format, "-f", file, NULL)), want, "%s %s",
	                 key, format);
	cr_expect_str_eq(blob_of(must(OURS, "-i", "-f", file, NULL)), want, "%s %s", key, format);
}

Test(keygen, public_keys_of_openssl, .fini = peer_end)
{
	static const char *const types[] = {"ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048",
	                                    "dsa"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const char *key = our_key("key", types[i], "");
		cross_public(key, "PKCS8");
		cross_public(key, "PEM");
	}
	/* A certificate: the key in it. */
	const char *key = our_key("certified", "ecdsa-256", "");
	must(OURS, "-s", our_key("ca", "ed25519", ""), "-I", "nemo", "-n", "nemo",
	     peer_text("%s.pub", key), NULL);
	const char *cert = peer_text("%s-cert.pub", key);
	cr_expect_str_eq(must(OURS, "-e", "-m", "PKCS8", "-f", cert, NULL),
	                 must(THEIRS, "-e", "-m", "PKCS8", "-f", cert, NULL));
}

/* The curves of Edwards, which ssh-keygen 9.2 exports to nobody. */
Test(keygen, public_keys_of_edwards, .fini = peer_end)
{
	static const char *const types[] = {"ed25519", "ed448"};
	for (size_t i = 0; i < 2; i++) {
		const char *key = our_key("key", types[i], "");
		const char *want = blob_of(peer_read(peer_text("%s.pub", key)));
		const char *file =
		    peer_write("public", must(OURS, "-e", "-m", "PKCS8", "-f", key, NULL));
		const char *again = must("openssl", "pkey", "-pubin", "-in", file, NULL);
		cr_expect_str_eq(again, peer_read(file), "%s", types[i]);
		cr_expect_str_eq(blob_of(must(OURS, "-i", "-f", file, NULL)), want, "%s", types[i]);
		cr_expect_str_eq(must(OURS, "-e", "-m", "PEM", "-f", key, NULL), again, "%s",
		                 types[i]);
	}
}

/* An encrypted file of OpenSSL's shows nothing without the passphrase. */
Test(keygen, public_half_of_an_encrypted_file, .fini = peer_end)
{
	const char *key = our_key("key", "rsa-2048", "");
	const char *want = must(THEIRS, "-e", "-m", "PKCS8", "-f", key, NULL);
	must(OURS, "-q", "-p", "-m", "PEM", "-P", "", "-N", "nemo", "-f", key, NULL);
	cr_expect_eq(unlink(peer_text("%s.pub", key)), 0);
	cr_expect_str_eq(must(OURS, "-e", "-m", "PKCS8", "-P", "nemo", "-f", key, NULL), want);
	cr_expect_str_eq(say("nemo\n", OURS, "-e", "-m", "PKCS8", "-f", key, NULL).out, want);
	struct said said = say(NULL, OURS, "-e", "-m", "PKCS8", "-P", "wrong", "-f", key, NULL);
	cr_expect_eq(said.status, 255);
	cr_expect_not_null(strstr(said.err, "that is not its passphrase"), "%s", said.err);
	said = say(NULL, OURS, "-e", "-m", "DER", "-f", key, NULL);
	cr_expect_eq(said.status, 255);
	cr_expect_not_null(strstr(said.err, "no such format"), "%s", said.err);
}

/* --- Questions --- */

static void ask(struct process *p, const char *const *words)
{
	p->terminal = true;
	words_add(&p->argv, peer_program(OURS), NULL);
	for (; *words != NULL; words++)
		words_add(&p->argv, *words, NULL);
	process_start(p);
}

/* On a terminal the passphrase is asked for twice, and not shown. */
Test(keygen, passphrases_on_the_terminal, .fini = peer_end)
{
	const char *path = peer_path("key");
	const char *const words[] = {"-t", "ed25519", "-f", path, NULL};
	const char *const show[] = {"-y", "-f", path, NULL};
	struct process p = {0}, q = {0}, r = {0};
	ask(&p, words);
	process_expect(&p, "empty for no passphrase): ");
	process_type(&p, "nautilus\n");
	process_expect(&p, "again: ");
	process_type(&p, "nemo\n");
	process_wait(&p);
	cr_expect_eq(p.status, 255);
	cr_expect_not_null(strstr(process_out(&p), "the two differ"), "%s", process_out(&p));
	cr_expect_null(strstr(process_out(&p), "nautilus"));
	cr_expect_neq(access(path, F_OK), 0);
	process_wipe(&p);
	ask(&q, words);
	process_expect(&q, "empty for no passphrase): ");
	process_type(&q, "nautilus\n");
	process_expect(&q, "again: ");
	process_type(&q, "nautilus\n");
	process_wait(&q);
	cr_expect_eq(q.status, 0, "%s", peer_outcome(&q));
	process_wipe(&q);
	must(THEIRS, "-y", "-P", "nautilus", "-f", path, NULL);
	ask(&r, show);
	process_expect(&r, "Enter passphrase for ");
	process_type(&r, "nautilus\n");
	process_expect(&r, "ssh-ed25519 AAAA");
	process_wait(&r);
	cr_expect_eq(r.status, 0, "%s", peer_outcome(&r));
	process_wipe(&r);
}

/* An existing key is overwritten by whoever says yes, and by nobody else. */
Test(keygen, overwriting, .fini = peer_end)
{
	static const struct {
		const char *answer;
		int status;
	} rows[] = {{"n\n", 1}, {"\n", 1}, {"", 1}, {"y\n", 0}};
	const char *key = our_key("key", "ed25519", "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *before = peer_read(key);
		struct said said =
		    say(rows[i].answer, OURS, "-t", "ed25519", "-N", "", "-f", key, NULL);
		cr_expect_eq(said.status, rows[i].status, "%zu: %d", i, said.status);
		cr_expect_eq(strcmp(before, peer_read(key)) == 0, rows[i].status != 0, "%zu", i);
		cr_expect_not_null(strstr(said.out, "already exists"), "%s", said.out);
	}
}

Test(keygen, comments, .fini = peer_end)
{
	const char *key = our_key("key", "ed25519", "secret"), *pub = peer_text("%s.pub", key);
	must(OURS, "-q", "-c", "-C", "ours now", "-P", "secret", "-f", key, NULL);
	cr_expect_not_null(strstr(peer_read(pub), " ours now\n"));
	cr_expect_not_null(
	    strstr(must(THEIRS, "-y", "-P", "secret", "-f", key, NULL), " ours now"));
	must(THEIRS, "-q", "-c", "-C", "theirs now", "-P", "secret", "-f", key, NULL);
	cr_expect_not_null(
	    strstr(must(OURS, "-y", "-P", "secret", "-f", key, NULL), " theirs now"));
}

/* --- Words --- */

/* What they say while they make a key of a name, change its passphrase and its comment. */
static const char *said_by(const char *program, const char *type, const char *bits)
{
	static const char script[] =
	    "cd \"$0\" && rm -f key key.pub && \"$1\" -t $2 -b $3 -N '' -C words -f key | "
	    "sed -e 's/SHA256:[^ ]*/FINGERPRINT/' -e '/^|/d'; \"$1\" -p -a 2 -P '' -N 'a secret' -f key; "
	    "\"$1\" -c -a 2 -P 'a secret' -C 'other words' -f key; ssh-keygen -l -f key | cut -d' ' -f1,3-";
	return must("sh", "-c", script, peer_path(""), peer_program(program), type, bits, NULL);
}

Test(keygen, words, .fini = peer_end)
{
	static const struct {
		const char *type, *bits;
	} rows[] = {{"ed25519", "256"},     {"rsa", "1024"},
	            {"rsa", "2048"},        {"ecdsa", "256"},
	            {"ecdsa", "384"},       {"ecdsa", "521"},
	            {"dsa", "1024"},        {"ecdsa-sha2-nistp384", "384"},
	            {"ssh-ed25519", "4711"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_expect_str_eq(said_by(OURS, rows[i].type, rows[i].bits),
		                 said_by(THEIRS, rows[i].type, rows[i].bits), "%s", rows[i].type);
}

/* --- Host keys --- */

static const char *etc_ssh(const char *prefix)
{
	must("mkdir", "-p", peer_text("%s/etc/ssh", prefix), NULL);
	return peer_text("%s/etc/ssh", prefix);
}

/* Names, modes, and what ssh-keygen says of each but for the fingerprint. */
static const char *host_keys(const char *folder)
{
	return must("sh", "-c",
	            "cd \"$0\" && stat -c '%n %a' * && for k in *_key; do ssh-keygen -l -f $k | "
	            "cut -d' ' -f1,3-; done",
	            folder, NULL);
}

/* As ssh-keygen's: what is missing or empty is made, what is there stays. */
Test(keygen, host_keys, .fini = peer_end)
{
	const char *a = peer_path("a"), *b = peer_path("b");
	const char *ours = etc_ssh(a), *theirs = etc_ssh(b);
	must(OURS, "-A", "-f", a, NULL);
	must(THEIRS, "-A", "-f", b, NULL);
	cr_expect_str_eq(host_keys(ours), host_keys(theirs));
	const char *rsa = peer_text("%s/ssh_host_rsa_key", ours);
	const char *ed = peer_text("%s/ssh_host_ed25519_key", ours), *before = peer_read(rsa);
	cr_expect_str_eq(must(OURS, "-A", "-f", a, NULL), "");
	cr_expect_eq(unlink(peer_text("%s/ssh_host_ecdsa_key", ours)), 0);
	cr_expect_eq(truncate(ed, 0), 0);
	cr_expect_str_eq(must(OURS, "-A", "-q", "-f", a, NULL), "");
	cr_expect_str_eq(host_keys(ours), host_keys(theirs));
	cr_expect_str_eq(peer_read(rsa), before);
	cr_expect_str_eq(must(THEIRS, "-A", "-f", a, NULL), "");
	cr_expect_eq(say(NULL, OURS, "-A", "-f", peer_path("c"), NULL).status, 255);
}

/* --- Exit codes, which scripts look at --- */

Test(keygen, exit_codes, .fini = peer_end)
{
	const char *file = peer_write("nothing", "nothing\n"), *no = peer_path("no");
	cr_expect_eq(say(NULL, OURS, "-X", NULL).status, 1);
	cr_expect_eq(say(NULL, OURS, "-b", "many", NULL).status, 1);
	cr_expect_eq(say(NULL, OURS, "-y", "-f", file, "more", NULL).status, 1);
	cr_expect_eq(say(NULL, OURS, "--help", NULL).status, 0);
	static const char *const tasks[] = {"-y", "-l", "-L", "-e", "-i", "-p", "-c"};
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
		cr_expect_eq(say("", OURS, tasks[i], "-f", file, NULL).status, 255, "%s", tasks[i]);
		cr_expect_eq(say("", OURS, tasks[i], "-f", no, NULL).status, 255, "%s", tasks[i]);
	}
	cr_expect_eq(say(NULL, OURS, "-t", "rot13", "-N", "", "-f", no, NULL).status, 255);
	cr_expect_eq(say(NULL, OURS, "-t", "ecdsa", "-b", "255", "-N", "", "-f", no, NULL).status,
	             255);
	cr_expect_eq(say(NULL, OURS, "-t", "dsa", "-b", "2048", "-N", "", "-f", no, NULL).status,
	             255);
	cr_expect_eq(say(NULL, OURS, "-t", "rsa", "-b", "512", "-N", "", "-f", no, NULL).status,
	             255);
	cr_expect_eq(say(NULL, OURS, "-Y", "dance", NULL).status, 255);
	cr_expect_neq(access(no, F_OK), 0);
}
