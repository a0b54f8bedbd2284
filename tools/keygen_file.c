/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/pem.h"
#include "libauth/pkcs8.h"
#include "libauth/ppk.h"
#include "libauth/pubfile.h"
#include "tools/file.h"
#include "tools/keygen.h"
#include "tools/tty.h"

/* Files, questions and keys. */

int keygen_fail(const char *what, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "nacre-keygen: %s: %s\n", what, why);
	return KEYGEN_FAILED;
}

const char *keygen_path(const struct keygen_options *o, char path[KEYGEN_PATH_SIZE])
{
	static const char *const usual[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa",
	                                    NULL};
	if (o->file != NULL)
		return o->file;
	for (size_t i = 0; usual[i] != NULL; i++) {
		file_expand(usual[i], path, KEYGEN_PATH_SIZE);
		if (access(path, F_OK) == 0)
			break;
	}
	return path;
}

/* --- Files --- */

static int read_stdin(struct wire_buf *out)
{
	uint8_t *room;
	ssize_t n;
	wire_buf_wipe(out);
	wire_buf_init(out, FILE_SIZE_MAX);
	while ((room = wire_buf_room(out, 4096)) != NULL &&
	       (n = read(STDIN_FILENO, room, 4096)) > 0)
		wire_buf_took(out, (size_t)n);
	return room == NULL ? EFBIG : n < 0 ? errno : 0;
}

bool keygen_read(const char *path, struct wire_buf *out)
{
	int e = strcmp(path, "-") == 0 ? read_stdin(out) : file_read(path, out);
	if (e != 0)
		(void)keygen_fail(path, strerror(e));
	return e == 0;
}

static int write_all(int fd, ssh_bytes text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);
		if (n < 0)
			return errno;
		text = wire_bytes_skip(text, (size_t)n);
	}
	return 0;
}

static int write_by_rename(const char *path, ssh_bytes text, unsigned mode)
{
	char temporary[KEYGEN_PATH_SIZE];
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXXXX", path) >= (int)sizeof temporary)
		return ENAMETOOLONG;
	int fd = mkstemp(temporary);
	if (fd < 0)
		return errno;
	int e = fchmod(fd, (mode_t)mode) != 0 ? errno : write_all(fd, text);
	if (close(fd) != 0 && e == 0)
		e = errno;
	if (e == 0 && rename(temporary, path) != 0)
		e = errno;
	if (e != 0)
		(void)unlink(temporary);
	return e;
}

bool keygen_write(const char *path, ssh_bytes text, unsigned mode)
{
	struct stat s;
	int e = 0;
	/* What is no file of its own, /dev/stdout for one, is written as it is. */
	if (stat(path, &s) == 0 && !S_ISREG(s.st_mode))
		e = file_write(path, text, mode, false);
	else
		e = write_by_rename(path, text, mode);
	if (e != 0)
		(void)keygen_fail(path, strerror(e));
	return e == 0;
}

/* --- Questions --- */

static bool read_line(struct wire_buf *answer)
{
	char c;
	wire_buf_wipe(answer);
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		wire_put_u8(answer, (uint8_t)c);
	return wire_buf_end(answer) == SSH_OK;
}

bool keygen_ask(const char *question, bool echo, struct wire_buf *answer)
{
	if (tty_ask(question, echo, answer))
		return true;
	fputs(question, stderr);
	return !isatty(STDIN_FILENO) && read_line(answer);
}

bool keygen_may_write(const char *path)
{
	struct wire_buf answer = {0};
	struct stat s;
	if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
		return true;
	printf("%s already exists.\n", path);
	fflush(stdout);
	bool yes = keygen_ask("Overwrite (y/n)? ", true, &answer) && wire_buf_len(&answer) != 0 &&
	           (wire_buf_view(&answer).ptr[0] | 0x20) == 'y';
	wire_buf_wipe(&answer);
	return yes;
}

static bool ask_twice(struct wire_buf *out)
{
	struct wire_buf again = {0};
	bool ok = keygen_ask("Enter passphrase (empty for no passphrase): ", false, out) &&
	          keygen_ask("Enter same passphrase again: ", false, &again);
	if (!ok)
		(void)keygen_fail("passphrase", "no terminal to ask on; give one with -N");
	else if (!wire_bytes_equal(wire_buf_view(out), wire_buf_view(&again)))
		ok = keygen_fail("passphrase", "the two differ; try again") == 0;
	wire_buf_wipe(&again);
	return ok;
}

bool keygen_new_passphrase(const char *given, struct wire_buf *out)
{
	wire_buf_wipe(out);
	if (given == NULL)
		return ask_twice(out);
	wire_put_raw(out, wire_bytes_str(given));
	return wire_buf_end(out) == SSH_OK;
}

/* --- Private keys --- */

/* No certificate alone is a key file, but a private key in one may be that of a certificate. */
static enum ssh_err open_any(struct crypt_key *k, struct wire_buf *comment, ssh_bytes text,
                             ssh_bytes passphrase)
{
	enum ssh_err e = auth_keyfile_open(k, comment, crypt_keyalgs_legacy, text, passphrase);
	return e == SSH_ERR_UNSUPPORTED
	           ? auth_keyfile_open(k, comment, crypt_cert_keyalgs, text, passphrase)
	           : e;
}

static const char *explain(enum ssh_err e, bool tried)
{
	if (e == SSH_ERR_PASSPHRASE)
		return tried ? "that is not its passphrase"
		             : "it is encrypted; give its passphrase with -P or on a terminal";
	if (e == SSH_ERR_FILE_FORMAT)
		return "not a private key file";
	return ssh_err_text(e);
}

/* As keygen_load, of a file that is read. */
static bool load_text(const struct keygen_options *o, const char *path, ssh_bytes text,
                      struct crypt_key *k, struct wire_buf *comment)
{
	struct wire_buf passphrase = {0};
	char question[KEYGEN_PATH_SIZE + 32];
	ssh_bytes given = wire_bytes_str(o->old_passphrase);
	bool tried = given.len != 0;
	enum ssh_err e = open_any(k, comment, text, given);
	if (e == SSH_ERR_PASSPHRASE && o->old_passphrase == NULL) {
		snprintf(question, sizeof question, "Enter passphrase for %s: ", path);
		tried = keygen_ask(question, false, &passphrase);
		if (tried)
			e = open_any(k, comment, text, wire_buf_view(&passphrase));
	}
	wire_buf_wipe(&passphrase);
	if (e != SSH_OK)
		(void)keygen_fail(path, explain(e, tried));
	return e == SSH_OK;
}

bool keygen_load(const struct keygen_options *o, const char *path, struct crypt_key *k,
                 struct wire_buf *comment)
{
	struct wire_buf text = {0};
	bool ok = keygen_read(path, &text) && load_text(o, path, wire_buf_view(&text), k, comment);
	wire_buf_wipe(&text);
	return ok;
}

const struct auth_keyform *keygen_form(const struct keygen_options *o, const struct crypt_key *k)
{
	static const struct {
		const char *name;
		const struct auth_keyform *form;
	} forms[] = {{"RFC4716", &auth_keyform_openssh}, {"OPENSSH", &auth_keyform_openssh},
	             {"PKCS8", &auth_keyform_pkcs8},     {"PEM", &auth_keyform_pem},
	             {"PPK", &auth_keyform_ppk},         {"PPK2", &auth_keyform_ppk2}};
	bool traditional = k->alg == &crypt_key_rsa || k->alg == &crypt_insecure_key_dsa ||
	                   strncmp(k->alg->name, "ecdsa-", 6) == 0;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0] && o->format != NULL; i++) {
		if (strcasecmp(o->format, forms[i].name) != 0)
			continue;
		/* ssh-keygen too writes what has no place in the traditional form in its own. */
		return forms[i].form == &auth_keyform_pem && !traditional ? &auth_keyform_openssh
		                                                          : forms[i].form;
	}
	if (o->format == NULL)
		return &auth_keyform_openssh;
	(void)keygen_fail(o->format, "no such format: RFC4716, PKCS8, PEM, PPK or PPK2");
	return NULL;
}

/* --- Public keys --- */

enum ssh_err keygen_parse(struct crypt_key *k, ssh_bytes blob)
{
	enum ssh_err e = crypt_key_parse_public(k, crypt_keyalgs_legacy, blob);
	return e == SSH_ERR_UNSUPPORTED ? crypt_key_parse_public(k, crypt_cert_keyalgs, blob) : e;
}

/* A line may have host names, and a marker, in front of the key. */
static enum ssh_err parse_line(struct auth_publine *l, ssh_bytes line)
{
	enum ssh_err e = auth_publine_parse(l, line);
	for (int i = 0; e == SSH_ERR_FILE_FORMAT && i < 2; i++) {
		(void)auth_text_word(&line);
		e = auth_publine_parse(l, line);
	}
	return e;
}

bool keygen_next_public(ssh_bytes *text, struct wire_buf *blob, struct wire_buf *comment)
{
	struct auth_publine l;
	ssh_bytes line;
	wire_buf_wipe(blob);
	wire_buf_wipe(comment);
	while (auth_text_line(text, &line)) {
		if (parse_line(&l, line) != SSH_OK || auth_publine_blob(&l, blob) != SSH_OK)
			continue;
		wire_put_raw(comment, l.comment);
		return wire_buf_end(comment) == SSH_OK;
	}
	return false;
}

/* The public half of a file that shows it to nobody without the passphrase. */
static bool unlock_public(const struct keygen_options *o, const char *path, ssh_bytes text,
                          struct wire_buf *blob)
{
	struct crypt_key k = {0};
	bool ok = load_text(o, path, text, &k, NULL);
	if (ok)
		crypt_key_put_public(&k, blob);
	crypt_key_wipe(&k);
	return ok && wire_buf_end(blob) == SSH_OK;
}

bool keygen_read_public(const struct keygen_options *o, const char *path, struct wire_buf *blob,
                        struct wire_buf *comment)
{
	struct wire_buf text = {0};
	bool ok = true;
	if (!keygen_read(path, &text))
		return false;
	ssh_bytes rest = wire_buf_view(&text);
	enum ssh_err e = auth_keyfile_public(blob, rest);
	if (e == SSH_ERR_PASSPHRASE)
		ok = unlock_public(o, path, rest, blob);
	else if (e == SSH_ERR_FILE_FORMAT && !keygen_next_public(&rest, blob, comment))
		ok = keygen_fail(path, "no public key is in it") == 0;
	else if (e != SSH_OK && e != SSH_ERR_FILE_FORMAT)
		ok = keygen_fail(path, ssh_err_text(e)) == 0;
	wire_buf_wipe(&text);
	return ok;
}
