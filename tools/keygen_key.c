/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/pubfile.h"
#include "tools/file.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* New keys, and keys with a new passphrase or comment. */

static const struct {
	const char *name, *file;
	const struct crypt_keyalg *alg;
	size_t bits; /* 0: any, or none */
	bool usual;  /* without -b it is this one */
} types[] = {
    {"ed25519", "id_ed25519", &crypt_key_ed25519, 0, true},
    {"ed448", "id_ed448", &crypt_key_ed448, 0, true},
    {"rsa", "id_rsa", &crypt_key_rsa, 0, true},
    {"ecdsa", "id_ecdsa", &crypt_key_ecdsa_nistp256, 256, true},
    {"ecdsa", "id_ecdsa", &crypt_key_ecdsa_nistp384, 384, false},
    {"ecdsa", "id_ecdsa", &crypt_key_ecdsa_nistp521, 521, false},
    {"dsa", "id_dsa", &crypt_insecure_key_dsa, 1024, true},
};
#define TYPES (sizeof types / sizeof types[0])

static bool has_size(size_t type, size_t bits)
{
	if (types[type].bits == 0 || types[type].bits == bits)
		return true;
	return bits == 0 && types[type].usual;
}

/* By the short name and the size, or by the long name. Returns TYPES if there is none. */
static size_t find_type(const char *name, size_t bits)
{
	size_t i = 0;
	while (i < TYPES && strcasecmp(name, types[i].alg->name) != 0 &&
	       (strcasecmp(name, types[i].name) != 0 || !has_size(i, bits)))
		i++;
	return i;
}

static const char *explain_type(const char *name)
{
	if (strcasecmp(name, "ecdsa") == 0)
		return "the size (-b) is 256, 384 or 521";
	if (strcasecmp(name, "dsa") == 0)
		return "the size (-b) is 1024";
	return "no such type of key: ed25519, ed448, ecdsa, rsa or dsa";
}

/* --- Saving --- */

static bool put_private(const struct keygen_options *o, const struct crypt_key *k,
                        ssh_bytes comment, struct wire_buf *out)
{
	struct wire_buf passphrase = {0};
	struct crypt_rng rng = crypt_rng_system();
	const struct auth_keyform *form = keygen_form(o, k);
	if (form == NULL || !keygen_new_passphrase(o->new_passphrase, &passphrase)) {
		wire_buf_wipe(&passphrase);
		return false;
	}
	struct auth_keyfile_options how = {.form = form,
	                                   .comment = comment,
	                                   .passphrase = wire_buf_view(&passphrase),
	                                   .cipher = o->cipher,
	                                   .rounds = o->rounds};
	enum ssh_err e = auth_keyfile_save(out, k, &how, &rng);
	wire_buf_wipe(&passphrase);
	if (e == SSH_ERR_UNSUPPORTED)
		(void)keygen_fail("saving", "that format (-m) has no such keys, or cipher (-Z)");
	else if (e == SSH_ERR_ARGUMENT)
		(void)keygen_fail("saving", "too many rounds (-a), or a comment of two lines (-C)");
	else if (e != SSH_OK)
		(void)keygen_fail("saving", ssh_err_text(e));
	return e == SSH_OK;
}

static bool write_public(const char *path, const struct crypt_key *k, ssh_bytes comment)
{
	struct wire_buf blob = {0}, line = {0};
	char name[KEYGEN_PATH_SIZE];
	snprintf(name, sizeof name, "%s.pub", path);
	crypt_key_put_public(k, &blob);
	auth_publine_put(&line, wire_buf_view(&blob), comment);
	bool ok = wire_buf_end(&blob) == SSH_OK && wire_buf_end(&line) == SSH_OK &&
	          keygen_write(name, wire_buf_view(&line), 0644);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	return ok;
}

static void report(const struct keygen_options *o, const char *path, const struct crypt_key *k,
                   ssh_bytes comment)
{
	struct wire_buf blob = {0};
	struct keygen_options picture = *o;
	char print[64];
	picture.verbose = true;
	crypt_key_put_public(k, &blob);
	printf("Your identification has been saved in %s\n", path);
	printf("Your public key has been saved in %s.pub\n", path);
	printf("The key fingerprint is:\n%s ", keygen_fingerprint(o, wire_buf_view(&blob), print));
	text_print(stdout, comment, false);
	printf("\nThe key's randomart image is:\n");
	keygen_print_picture(&picture, k, wire_buf_view(&blob));
	wire_buf_wipe(&blob);
}

static int save_new(const struct keygen_options *o, const char *path, const struct crypt_key *k)
{
	struct wire_buf private = {0};
	char comment[512], host[256] = "";
	const struct passwd *pw = getpwuid(getuid());
	(void)gethostname(host, sizeof host - 1);
	snprintf(comment, sizeof comment, "%s@%s", pw == NULL ? "nobody" : pw->pw_name, host);
	ssh_bytes words = wire_bytes_str(o->comment != NULL ? o->comment : comment);
	bool ok = put_private(o, k, words, &private) &&
	          keygen_write(path, wire_buf_view(&private), 0600) && write_public(path, k, words);
	wire_buf_wipe(&private);
	if (ok && !o->quiet)
		report(o, path, k, words);
	return ok ? 0 : KEYGEN_FAILED;
}

/* --- New keys --- */

/* Where the new key goes; asks without -f. */
static bool choose_path(const struct keygen_options *o, size_t type, char path[KEYGEN_PATH_SIZE])
{
	char usual[KEYGEN_PATH_SIZE], question[KEYGEN_PATH_SIZE + 64];
	struct wire_buf answer = {0};
	if (o->file != NULL)
		return snprintf(path, KEYGEN_PATH_SIZE, "%s", o->file) < KEYGEN_PATH_SIZE - 16;
	snprintf(question, sizeof question, "~/.ssh/%s", types[type].file);
	file_expand(question, usual, sizeof usual);
	snprintf(question, sizeof question, "Enter file in which to save the key (%s): ", usual);
	bool ok = keygen_ask(question, true, &answer);
	ssh_bytes said = wire_buf_view(&answer);
	snprintf(path, KEYGEN_PATH_SIZE, "%.*s",
	         said.len == 0 ? KEYGEN_PATH_SIZE - 16 : (int)said.len,
	         said.len == 0 ? usual : (const char *)said.ptr);
	wire_buf_wipe(&answer);
	if (!ok)
		(void)keygen_fail("file", "no terminal to ask on; name one with -f");
	return ok;
}

/* The folder of the key, ~/.ssh mostly; if it cannot be made, writing will say why. */
static void make_folder(const char *path)
{
	char folder[KEYGEN_PATH_SIZE];
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return;
	*slash = '\0';
	(void)mkdir(folder, 0700);
}

int keygen_make(const struct keygen_options *o)
{
	const char *name = o->type != NULL ? o->type : "ed25519";
	size_t type = find_type(name, o->bits);
	char path[KEYGEN_PATH_SIZE];
	struct crypt_key k = {0};
	struct crypt_rng rng = crypt_rng_system();
	if (type == TYPES)
		return keygen_fail(name, explain_type(name));
	if (!o->quiet)
		printf("Generating public/private %s key pair.\n", name);
	fflush(stdout);
	if (!choose_path(o, type, path))
		return KEYGEN_FAILED;
	if (!keygen_may_write(path))
		return KEYGEN_NO;
	enum ssh_err e = crypt_key_generate(&k, types[type].alg, o->bits, &rng);
	if (e == SSH_ERR_ARGUMENT)
		return keygen_fail(name, "the size (-b) is 1024 to 16384 bits");
	if (e != SSH_OK)
		return keygen_fail(name, ssh_err_text(e));
	make_folder(path);
	int status = save_new(o, path, &k);
	crypt_key_wipe(&k);
	return status;
}

/* --- The keys of a host --- */

/* An empty file is what is left where a disk was full. */
static bool is_there(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 && s.st_size > 0;
}

static int make_host_key(const struct keygen_options *o, size_t type, const char *path)
{
	struct keygen_options how = {
	    .quiet = true, .new_passphrase = "", .format = o->format, .cipher = o->cipher};
	struct crypt_rng rng = crypt_rng_system();
	struct crypt_key k = {0};
	if (!o->quiet) {
		printf("nacre-keygen: generating a new host key: %s\n", path);
		fflush(stdout);
	}
	enum ssh_err e = crypt_key_generate(&k, types[type].alg, 0, &rng);
	int status = e != SSH_OK ? keygen_fail(path, ssh_err_text(e)) : save_new(&how, path, &k);
	crypt_key_wipe(&k);
	return status;
}

int keygen_host_keys(const struct keygen_options *o)
{
	static const char *const names[] = {"rsa", "ecdsa", "ed25519"};
	char path[KEYGEN_PATH_SIZE];
	int status = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0] && status == 0; i++) {
		if (snprintf(path, sizeof path, "%s/etc/ssh/ssh_host_%s_key",
		             o->file == NULL ? "" : o->file, names[i]) >= KEYGEN_PATH_SIZE - 16)
			return keygen_fail(o->file, "too long a name");
		if (!is_there(path))
			status = make_host_key(o, find_type(names[i], 0), path);
	}
	return status;
}

/* --- Changes --- */

int keygen_change_passphrase(const struct keygen_options *o)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0}, text = {0};
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	bool ok = keygen_load(o, path, &k, &comment);
	if (ok && !o->quiet && wire_buf_len(&comment) != 0) {
		printf("Key has comment '");
		text_print(stdout, wire_buf_view(&comment), false);
		printf("'\n");
		fflush(stdout);
	}
	ok = ok && put_private(o, &k, wire_buf_view(&comment), &text) &&
	     keygen_write(path, wire_buf_view(&text), 0600);
	if (ok && !o->quiet)
		printf("Your identification has been saved with the new passphrase.\n");
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&text);
	return ok ? 0 : KEYGEN_FAILED;
}

static bool new_comment(const struct keygen_options *o, ssh_bytes old, struct wire_buf *out)
{
	if (!o->quiet) {
		printf("Old comment: ");
		text_print(stdout, old, false);
		printf("\n");
		fflush(stdout);
	}
	if (o->comment == NULL)
		return keygen_ask("New comment: ", true, out) ||
		       keygen_fail("comment", "no terminal to ask on; give one with -C") == 0;
	wire_put_raw(out, wire_bytes_str(o->comment));
	return true;
}

/* The passphrase stays: it is asked for here, since the key is to be written with it again. */
static bool rewrite(const struct keygen_options *o, const char *path, struct wire_buf *passphrase)
{
	struct keygen_options same = *o;
	struct crypt_key k = {0};
	struct wire_buf old = {0}, comment = {0}, text = {0};
	char question[KEYGEN_PATH_SIZE + 32];
	if (!keygen_read(path, &text))
		return false;
	enum ssh_err e = auth_keyfile_parse(&k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text));
	crypt_key_wipe(&k);
	snprintf(question, sizeof question, "Enter passphrase for %s: ", path);
	if (o->old_passphrase != NULL)
		wire_put_raw(passphrase, wire_bytes_str(o->old_passphrase));
	else if (e == SSH_ERR_PASSPHRASE)
		(void)keygen_ask(question, false, passphrase);
	wire_put_u8(passphrase, 0);
	wire_buf_wipe(&text);
	same.old_passphrase = (const char *)wire_buf_view(passphrase).ptr;
	same.new_passphrase = e == SSH_ERR_PASSPHRASE ? same.old_passphrase : "";
	bool ok = keygen_load(&same, path, &k, &old) &&
	          new_comment(o, wire_buf_view(&old), &comment) &&
	          put_private(&same, &k, wire_buf_view(&comment), &text) &&
	          keygen_write(path, wire_buf_view(&text), 0600) &&
	          write_public(path, &k, wire_buf_view(&comment));
	if (ok && !o->quiet) {
		printf("Comment '");
		text_print(stdout, wire_buf_view(&comment), false);
		printf("' applied\n");
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&old);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&text);
	return ok;
}

int keygen_change_comment(const struct keygen_options *o)
{
	struct wire_buf passphrase = {0};
	char usual[KEYGEN_PATH_SIZE];
	bool ok = rewrite(o, keygen_path(o, usual), &passphrase);
	wire_buf_wipe(&passphrase);
	return ok ? 0 : KEYGEN_FAILED;
}
