/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <unistd.h>

#include "libauth/kdf.h"
#include "tests/interop/keygen_kit.h"

/* Private key files: every format, every key type that has a place in it, encrypted and not, both ways. */

#define PASS "nautilus"

/* A command of the shell: $1 a key, $2 a file, $3 and $4 files of the passphrase and of none. */
static const char *shell(const char *command, const char *key, const char *file)
{
	return must("sh", "-c", command, "sh", key, file, peer_write("word", PASS "\n"),
	            peer_write("none", ""), NULL);
}

static bool has(const char *types, const char *type)
{
	return strstr(types, peer_text("%.*s", (int)strcspn(type, "-"), type)) != NULL;
}

/* Its public half as OpenSSL has it, of the file beside. */
static const char *spki_of(const char *key)
{
	return must(OURS, "-e", "-m", "PKCS8", "-f", peer_text("%s.pub", key), NULL);
}

/* --- Ours, read by others --- */

/* puttygen looks at the private half when it has to write it. */
#define PUTTYGEN(word)                                                                             \
	"rm -f \"$2.out\"; puttygen \"$2\" -C words -O private-openssh-new -o \"$2.out\" "         \
	"--new-passphrase $4 --old-passphrase " word " && puttygen \"$2.out\" -L"
#define OPENSSL "openssl pkey -in \"$2\" -pubout -passin pass:"

static const struct {
	const char *format, *types;
	const char *plain, *encrypted; /* print the public half of $2 */
	bool spki;                     /* in OpenSSL's form */
} readers[] = {
    {"OPENSSH", "ed25519 ed448 ecdsa rsa dsa", PUTTYGEN("$4"), PUTTYGEN("$3"), false},
    {"PEM", "ecdsa rsa dsa", PUTTYGEN("$4"), PUTTYGEN("$3"), false},
    {"PEM", "ecdsa rsa dsa", OPENSSL, OPENSSL PASS, true},
    {"PKCS8", "ed25519 ed448 ecdsa rsa dsa", OPENSSL, OPENSSL PASS, true},
    {"PPK", "ed25519 ed448 ecdsa rsa dsa", PUTTYGEN("$4"), PUTTYGEN("$3"), false},
    {"PPK2", "ed25519 ed448 ecdsa rsa dsa", PUTTYGEN("$4"), PUTTYGEN("$3"), false},
};

static void read_by_others(const char *type)
{
	const char *key = our_key("key", type, "");
	const char *blob = blob_of(peer_read(peer_text("%s.pub", key))), *spki = spki_of(key);
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		for (int encrypted = 0; encrypted < 2 && has(readers[i].types, type); encrypted++) {
			const char *copy = copy_of(key, "copy");
			const char *command = encrypted ? readers[i].encrypted : readers[i].plain;
			must(OURS, "-q", "-p", "-m", readers[i].format, "-a", "2", "-P", "", "-N",
			     encrypted ? PASS : "", "-f", copy, NULL);
			const char *said = shell(command, key, copy);
			cr_expect_str_eq(readers[i].spki ? said : blob_of(said),
			                 readers[i].spki ? spki : blob, "%s %s: %s", type,
			                 readers[i].format, command);
		}
}

Test(keyfiles, ours_to_others, .fini = peer_end)
{
	for (size_t i = 0; key_types[i] != NULL; i++)
		read_by_others(key_types[i]);
	read_by_others("ed448");
}

/* --- Others' files, read by us --- */

#define SSH_KEYGEN  "cp \"$1\" \"$2\" && ssh-keygen -q -p -a 2 -P '' -f \"$2\" -N "
#define CONVERT     "puttygen \"$1\" -C words --old-passphrase $4 -o \"$2\" --new-passphrase "
#define TRADITIONAL "openssl pkey -in \"$1\" -out \"$2\" -traditional "
#define TOPK8       "openssl pkcs8 -topk8 -in \"$1\" -out \"$2\" "
#define PASSOUT     " -passout pass:" PASS

static const struct {
	const char *types;
	bool pkcs8; /* made from a file of that form, for openssl knows no other */
	bool encrypted, argon2;
	const char *command; /* put the key $1 into the file $2 */
} writers[] = {
    {"ed25519 ecdsa rsa dsa", false, true, false, SSH_KEYGEN PASS},
    {"ecdsa rsa dsa", false, true, false, SSH_KEYGEN PASS " -m PEM"},
    {"ecdsa rsa dsa", false, true, false, SSH_KEYGEN PASS " -m PKCS8"},
    {"ed25519 ed448 ecdsa rsa dsa", false, false, false, CONVERT "$4 -O private-openssh-new"},
    {"ed25519 ed448 ecdsa rsa dsa", false, true, false, CONVERT "$3 -O private-openssh-new"},
    {"ecdsa rsa dsa", false, false, false, CONVERT "$4 -O private-openssh"},
    {"ecdsa rsa dsa", false, true, false, CONVERT "$3 -O private-openssh"},
    {"ed25519 ed448 ecdsa rsa dsa", false, false, false, CONVERT "$4 -O private"},
    {"ed25519 ed448 ecdsa rsa dsa", false, true, true, CONVERT "$3 -O private"},
    {"ed25519", false, true, true, CONVERT "$3 -O private --ppk-param kdf=argon2i,memory=64"},
    {"ed25519", false, true, true, CONVERT "$3 -O private --ppk-param kdf=argon2d,parallelism=3"},
    {"ed25519 ed448 ecdsa rsa dsa", false, false, false,
     CONVERT "$4 -O private --ppk-param version=2"},
    {"ed25519 ed448 ecdsa rsa dsa", false, true, false,
     CONVERT "$3 -O private --ppk-param version=2"},
    {"ecdsa rsa dsa", true, false, false, TRADITIONAL},
    {"ecdsa rsa dsa", true, true, false, TRADITIONAL "-aes128" PASSOUT},
    {"ecdsa", true, true, false, TRADITIONAL "-aes192" PASSOUT},
    {"ecdsa", true, true, false, TRADITIONAL "-aes256" PASSOUT},
    {"ecdsa rsa dsa", true, true, false, TRADITIONAL "-des3" PASSOUT},
    {"ed25519 ed448 ecdsa rsa dsa", true, false, false, TOPK8 "-nocrypt"},
    {"ed25519 ed448 ecdsa rsa dsa", true, true, false, TOPK8 PASSOUT},
    {"ecdsa", true, true, false, TOPK8 "-v2 aes128 -v2prf hmacWithSHA1" PASSOUT},
    {"ecdsa", true, true, false, TOPK8 "-v2 des3 -v2prf hmacWithSHA512" PASSOUT},
    {"rsa", true, true, false, TOPK8 "-scrypt" PASSOUT},
};

/* One character in the second half is another. */
static const char *damaged(const char *file)
{
	char *text = (char *)(uintptr_t)peer_read(file);
	size_t at = strlen(text) * 65 / 100;
	at += text[at] == '\n';
	text[at] = text[at] == 'A' ? 'B' : 'A';
	return peer_write("damaged", text);
}

/* A wrong passphrase, none and damage are three things. */
static void explained(const char *file, const char *what)
{
	struct said said = say(NULL, OURS, "-y", "-P", "wrong", "-f", file, NULL);
	cr_expect_eq(said.status, 255, "%s", what);
	cr_expect_not_null(strstr(said.err, "that is not its passphrase"), "%s: %s", what,
	                   said.err);
	said = say(NULL, OURS, "-y", "-P", "", "-f", file, NULL);
	cr_expect_not_null(strstr(said.err, "give its passphrase"), "%s: %s", what, said.err);
	said = say(NULL, OURS, "-y", "-P", PASS, "-f", damaged(file), NULL);
	cr_expect_null(strstr(said.err, "passphrase"), "%s: %s", what, said.err);
}

/* Made once a test: primes take their time. */
static const char *our_key_once(const char *type, bool pkcs8)
{
	const char *name = pkcs8 ? "pkcs8" : "key",
	           *path = peer_path(peer_text("%s_%s", name, type));
	if (access(path, R_OK) == 0)
		return path;
	(void)our_key(name, type, "");
	if (pkcs8)
		must(OURS, "-q", "-p", "-m", "PKCS8", "-P", "", "-N", "", "-f", path, NULL);
	return path;
}

static void read_by_us(const char *type, size_t row)
{
	const char *key = our_key_once(type, writers[row].pkcs8), *file = peer_path("theirs");
	const char *what = peer_text("%s: %s", type, writers[row].command);
	const char *blob = blob_of(peer_read(peer_text("%s.pub", key)));
	(void)unlink(file);
	(void)shell(writers[row].command, key, file);
	if (writers[row].argon2 && !auth_argon2_is_there()) {
		struct said said = say(NULL, OURS, "-y", "-P", PASS, "-f", file, NULL);
		cr_expect_not_null(strstr(said.err, "not known or not enabled"), "%s", said.err);
		return;
	}
	cr_expect_str_eq(
	    blob_of(must(OURS, "-y", "-P", writers[row].encrypted ? PASS : "", "-f", file, NULL)),
	    blob, "%s", what);
	if (writers[row].encrypted && strcmp(type, "rsa-2048") == 0)
		explained(file, what);
}

Test(keyfiles, others_to_us, .fini = peer_end)
{
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
		for (size_t j = 0; key_types[j] != NULL; j++)
			if (has(writers[i].types, key_types[j]))
				read_by_us(key_types[j], i);
		if (has(writers[i].types, "ed448"))
			read_by_us("ed448", i);
	}
}

/* --- Keys in a token: only OpenSSH's format has them --- */

#define TOKEN "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"

Test(keyfiles, of_tokens, .fini = peer_end)
{
	static const char *const types[] = {"ed25519-sk", "ecdsa-sk"};
	static const char *const others[] = {"PKCS8", "PPK"};
	for (size_t i = 0; i < 2; i++) {
		const char *key = peer_path(types[i]);
		must(THEIRS, "-q", "-t", types[i], "-w", TOKEN, "-N", "", "-C", "a token", "-f",
		     key, NULL);
		const char *line = peer_read(peer_text("%s.pub", key));
		cr_expect_str_eq(must(OURS, "-y", "-f", key, NULL), line, "%s", types[i]);
		cr_expect_str_eq(must(OURS, "-lv", "-f", key, NULL),
		                 must(THEIRS, "-lv", "-f", key, NULL), "%s", types[i]);
		for (size_t j = 0; j < 2; j++)
			cr_expect_eq(say(NULL, OURS, "-p", "-m", others[j], "-P", "", "-N", "",
			                 "-f", key, NULL)
			                 .status,
			             255, "%s", others[j]);
		must(OURS, "-q", "-p", "-P", "", "-N", PASS, "-a", "2", "-f", key, NULL);
		cr_expect_str_eq(must(THEIRS, "-y", "-P", PASS, "-f", key, NULL), line, "%s",
		                 types[i]);
		must(THEIRS, "-q", "-p", "-P", PASS, "-N", "other", "-a", "2", "-f", key, NULL);
		cr_expect_str_eq(must(OURS, "-y", "-P", "other", "-f", key, NULL), line, "%s",
		                 types[i]);
		cr_expect_eq(say(NULL, OURS, "-y", "-P", PASS, "-f", key, NULL).status, 255);
	}
}
