/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tools/sshd_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libauth/text.h"
#include "libcrypt/cert.h"
#include "tools/algs.h"
#include "tools/file.h"
#include "tools/sshd_file.h"

#define OWN_KEY "~/.nacre/host_ed25519"

static void show(const struct crypt_key *k, const char *what, const char *path,
                 const struct sshd_options *o)
{
	char print[CRYPT_FINGERPRINT_SIZE] = "";
	struct wire_buf blob = {0};
	crypt_key_put_public(k, &blob);
	if (wire_buf_end(&blob) == 0)
		crypt_key_fingerprint(wire_buf_view(&blob), print);
	wire_buf_wipe(&blob);
	sshd_log(o->level, what[0] == 'M' ? SSHD_INFO : SSHD_DEBUG, "%s %s: %s %s", what, path,
	         k->alg->kind, print);
}

/* Returns what is wrong, or NULL. */
static const char *read_key(struct crypt_key *key, const char *path)
{
	struct wire_buf text = {0};
	const char *why = sshd_file_read(path, SSHD_PRIVATE, &text);
	if (why == NULL) {
		enum ssh_err e =
		    auth_keyfile_parse(key, NULL, crypt_keyalgs_legacy, wire_buf_view(&text));
		why = e == 0 ? NULL : ssh_err_text(e);
	}
	wire_buf_wipe(&text);
	return why;
}

static bool load(struct sshd_keys *k, const char *path, const struct sshd_options *o)
{
	struct crypt_key *key = &k->keys[k->count];
	const char *why = read_key(key, path);
	if (why != NULL) {
		sshd_log(o->level, SSHD_ERROR, "Host key %s: %s", path, why);
		return false;
	}
	show(key, "Host key", path, o);
	k->list[k->count++] = key;
	return true;
}

/* O_EXCL: two servers that start at the same time shall end up with one key. */
static int write_new(const char *path, ssh_bytes text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	ssize_t n = write(fd, text.ptr, text.len);
	int e = n == (ssize_t)text.len ? 0 : n < 0 ? errno : ENOSPC;
	close(fd);
	if (e != 0)
		(void)unlink(path);
	return e;
}

static const char *generate(const char *path, const struct sshd_options *o)
{
	struct crypt_key key = {0};
	struct wire_buf text = {0};
	int failed = 0;
	enum ssh_err e;
	if ((e = crypt_key_generate(&key, &crypt_key_ed25519, 0, &o->kex.rng)) == 0 &&
	    (e = auth_keyfile_write(&text, &key, wire_bytes_str("nacre-sshd"), &o->kex.rng)) == 0)
		failed = write_new(path, wire_buf_view(&text));
	if (e == 0 && failed == 0)
		show(&key, "Made host key", path, o);
	wire_buf_wipe(&text);
	crypt_key_wipe(&key);
	if (e != 0)
		return ssh_err_text(e);
	return failed == 0 || failed == EEXIST ? NULL : strerror(failed);
}

static bool load_own(struct sshd_keys *k, const struct sshd_options *o)
{
	char path[PATH_MAX];
	file_expand(OWN_KEY, path, sizeof path);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	(void)mkdir(path, 0700);
	*slash = '/';
	const char *why = access(path, F_OK) == 0 ? NULL : generate(path, o);
	if (why == NULL)
		return load(k, path, o);
	sshd_log(o->level, SSHD_ERROR, "Host key %s: %s", path, why);
	return false;
}

/* --- Certificates --- */

/* The certificate on the first line of a file that has one. */
static const char *read_cert(const char *path, struct wire_buf *blob)
{
	struct wire_buf text = {0};
	struct auth_publine line;
	const char *why = sshd_file_read(path, SSHD_OURS, &text);
	ssh_bytes rest = wire_buf_view(&text), first;
	if (why == NULL &&
	    (!auth_text_line(&rest, &first) || auth_publine_parse(&line, first) != 0 ||
	     auth_publine_blob(&line, blob) != 0))
		why = "not a certificate";
	wire_buf_wipe(&text);
	return why;
}

/* A certified key is one more beside the plain one: its file is read once more. */
static const char *certify(struct sshd_keys *k, ssh_bytes blob, const struct sshd_options *o)
{
	char path[PATH_MAX];
	enum ssh_err e = SSH_ERR_KEY;
	for (size_t i = 0; e == SSH_ERR_KEY && o->host_keys[i] != NULL; i++) {
		struct crypt_key *key = &k->keys[k->count];
		file_expand(o->host_keys[i], path, sizeof path);
		if (read_key(key, path) != NULL)
			continue;
		if ((e = crypt_cert_attach(key, crypt_cert_keyalgs, blob)) == 0)
			k->list[k->count++] = key;
		else
			crypt_key_wipe(key);
	}
	return e == 0 ? NULL : e == SSH_ERR_KEY ? "certifies no host key" : ssh_err_text(e);
}

static void load_certs(struct sshd_keys *k, const struct sshd_options *o)
{
	char path[PATH_MAX];
	for (size_t i = 0; o->host_certs[i] != NULL; i++) {
		struct wire_buf blob = {0};
		file_expand(o->host_certs[i], path, sizeof path);
		const char *why = read_cert(path, &blob);
		if (why == NULL)
			why = certify(k, wire_buf_view(&blob), o);
		wire_buf_wipe(&blob);
		if (why != NULL)
			sshd_log(o->level, SSHD_ERROR, "Host certificate %s: %s", path, why);
		else
			show(k->list[k->count - 1], "Host certificate", path, o);
	}
}

bool sshd_keys_load(struct sshd_keys *k, const struct sshd_options *o)
{
	char path[PATH_MAX];
	if (o->host_keys[0] == NULL)
		return load_own(k, o);
	for (size_t i = 0; o->host_keys[i] != NULL; i++) {
		file_expand(o->host_keys[i], path, sizeof path);
		(void)load(k, path, o);
	}
	load_certs(k, o);
	if (k->count == 0)
		sshd_log(o->level, SSHD_ERROR, "No host key is usable");
	return k->count > 0;
}

void sshd_keys_wipe(struct sshd_keys *k)
{
	for (size_t i = 0; i < k->count; i++)
		crypt_key_wipe(&k->keys[i]);
	wire_wipe(k, sizeof *k);
}
