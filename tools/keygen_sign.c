/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "libauth/pubfile.h"
#include "libauth/revoked.h"
#include "libauth/signers.h"
#include "libauth/sshsig.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* Signatures of files: -Y. */

/* "name=value" of -O; NULL if it is not there. */
static const char *option(const struct keygen_options *o, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; o->options[i] != NULL; i++)
		if (strncasecmp(o->options[i], name, len) == 0 && o->options[i][len] == '=')
			return o->options[i] + len + 1;
	return NULL;
}

/* Every -O must be "name=value" of the one name, or the word alone. Complains. */
static bool only_options(const struct keygen_options *o, const char *name, const char *word)
{
	size_t len = strlen(name);
	for (size_t i = 0; o->options[i] != NULL; i++)
		if ((strncasecmp(o->options[i], name, len) != 0 || o->options[i][len] != '=') &&
		    strcasecmp(o->options[i], word) != 0)
			return keygen_fail(o->options[i], "no such option (-O)") == 0;
	return true;
}

/* Hash a file of any size, or standard input. Returns 0, or an errno value. */
static int hash_file(const char *path, const struct crypt_hash *alg, uint8_t *digest)
{
	static uint8_t piece[1 << 16];
	struct crypt_hash_ctx h;
	ssize_t n;
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	crypt_hash_init(&h, alg);
	while ((n = read(fd, piece, sizeof piece)) > 0)
		crypt_hash_update(&h, wire_bytes(piece, (size_t)n));
	int e = n < 0 ? errno : 0;
	crypt_hash_final(&h, digest);
	if (!standard)
		close(fd);
	return e;
}

/* --- Signing --- */

static bool strip(const char *path, const char *end, char out[KEYGEN_PATH_SIZE])
{
	size_t len = strlen(path), n = strlen(end);
	if (len <= n || strcmp(path + len - n, end) != 0)
		return false;
	snprintf(out, KEYGEN_PATH_SIZE, "%.*s", (int)(len - n), path);
	return true;
}

/* -f names the private key, or the public key or certificate beside it. */
static bool load_signer(const struct keygen_options *o, struct crypt_key *k)
{
	struct wire_buf blob = {0}, comment = {0};
	char path[KEYGEN_PATH_SIZE];
	if (strip(o->file, "-cert.pub", path)) {
		bool ok = keygen_read_public(o, o->file, &blob, &comment) &&
		          keygen_load(o, path, k, NULL);
		enum ssh_err e =
		    ok ? crypt_cert_attach(k, crypt_cert_keyalgs, wire_buf_view(&blob)) : SSH_OK;
		wire_buf_wipe(&blob);
		wire_buf_wipe(&comment);
		return ok && (e == SSH_OK ||
		              keygen_fail(o->file, "is not a certificate of that key") == 0);
	}
	return keygen_load(o, strip(o->file, ".pub", path) ? path : o->file, k, NULL);
}

static int write_signature(const struct keygen_options *o, const char *file, ssh_bytes text)
{
	char path[KEYGEN_PATH_SIZE];
	if (strcmp(file, "-") == 0) {
		text_print(stdout, text, true);
		return 0;
	}
	snprintf(path, sizeof path, "%s.sig", file);
	if (!keygen_may_write(path))
		return KEYGEN_NO;
	if (!keygen_write(path, text, 0644))
		return KEYGEN_FAILED;
	if (!o->quiet)
		fprintf(stderr, "Write signature to %s\n", path);
	return 0;
}

static int sign_one(const struct keygen_options *o, const struct crypt_key *k, const char *file,
                    const struct auth_sshsig *how)
{
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf blob = {0}, text = {0};
	uint8_t digest[CRYPT_HASH_MAX];
	if (!o->quiet)
		fprintf(stderr,
		        strcmp(file, "-") == 0 ? "Signing data on standard input\n"
		                               : "Signing file %s\n",
		        file);
	int error = hash_file(file, how->hash, digest);
	if (error != 0)
		return keygen_fail(file, strerror(error));
	enum ssh_err e = auth_sshsig_sign(&blob, how, k, digest, &rng);
	auth_sshsig_put(&text, wire_buf_view(&blob));
	if (e == SSH_OK)
		e = wire_buf_end(&text);
	int status = e == SSH_OK ? write_signature(o, file, wire_buf_view(&text))
	                         : keygen_fail(o->file, ssh_err_text(e));
	wire_buf_wipe(&blob);
	wire_buf_wipe(&text);
	return status;
}

int keygen_sign(const struct keygen_options *o)
{
	struct crypt_key k = {0};
	const char *hash = option(o, "hashalg");
	struct auth_sshsig how = {.space = wire_bytes_str(o->names),
	                          .hash = hash == NULL ? &crypt_sha512
	                                               : auth_sshsig_hash(wire_bytes_str(hash))};
	int status = 0;
	if (o->file == NULL || o->names == NULL || o->names[0] == '\0')
		return keygen_fail("-Y sign", "name the key with -f and the namespace with -n");
	if (!only_options(o, "hashalg", ""))
		return KEYGEN_FAILED;
	if (how.hash == NULL)
		return keygen_fail(hash, "no such hash: sha512 or sha256");
	if (!load_signer(o, &k))
		return KEYGEN_FAILED;
	if (o->count == 0)
		status = sign_one(o, &k, "-", &how);
	for (size_t i = 0; status == 0 && i < o->count; i++)
		status = sign_one(o, &k, o->files[i], &how);
	crypt_key_wipe(&k);
	return status;
}

/* --- Verifying --- */

/** A question of -Y verify and its kin. */
struct asked {
	struct wire_buf blob, signers;
	struct auth_sshsig s;
	struct auth_signer_query q;
};

static void asked_wipe(struct asked *a)
{
	wire_buf_wipe(&a->blob);
	wire_buf_wipe(&a->signers);
}

static bool read_signature(struct asked *a, const char *path)
{
	struct wire_buf text = {0};
	if (path == NULL)
		return keygen_fail("-Y", "name the signature with -s") == 0;
	if (!keygen_read(path, &text))
		return false;
	enum ssh_err e = auth_sshsig_get(&a->blob, wire_buf_view(&text));
	wire_buf_wipe(&text);
	if (e == SSH_OK)
		e = auth_sshsig_parse(&a->s, wire_buf_view(&a->blob));
	if (e != SSH_OK)
		(void)keygen_fail(path, e == SSH_ERR_FILE_FORMAT ? "not an SSH signature"
		                                                 : ssh_err_text(e));
	return e == SSH_OK;
}

static bool set_time(struct auth_signer_query *q, const char *text)
{
	struct tm tm;
	q->now = (uint64_t)time(NULL);
	if (text != NULL && !keygen_time(wire_bytes_str(text), &q->now))
		return keygen_fail(text, "the time is YYYYMMDD[HHMM[SS]][Z]") == 0;
	time_t clock = (time_t)q->now;
	q->zone = localtime_r(&clock, &tm) == NULL ? 0 : (int32_t)tm.tm_gmtoff;
	return true;
}

static bool read_signers(struct asked *a, const struct keygen_options *o)
{
	if (o->file == NULL)
		return keygen_fail("-Y", "name the file of allowed signers with -f") == 0;
	return set_time(&a->q, option(o, "verify-time")) && keygen_read(o->file, &a->signers);
}

static bool is_revoked(const struct keygen_options *o, ssh_bytes blob)
{
	struct wire_buf list = {0};
	if (o->revoked == NULL)
		return false;
	if (!keygen_read(o->revoked, &list))
		return true;
	enum ssh_err e = auth_revoked_check(wire_buf_view(&list), blob);
	wire_buf_wipe(&list);
	if (e != SSH_OK)
		(void)keygen_fail(o->revoked,
		                  e == SSH_ERR_REVOKED ? "the key is revoked" : ssh_err_text(e));
	return e != SSH_OK;
}

/* Is it a signature of standard input, whoever made it? */
static bool is_good(const struct keygen_options *o, const struct auth_sshsig *s)
{
	uint8_t digest[CRYPT_HASH_MAX];
	int error = hash_file("-", s->hash, digest);
	if (error != 0)
		return keygen_fail("standard input", strerror(error)) == 0;
	enum ssh_err e = auth_sshsig_verify(s, wire_bytes_str(o->names), digest);
	if (e == SSH_ERR_ARGUMENT)
		(void)keygen_fail("signature", "is for another namespace than -n");
	else if (e != SSH_OK)
		(void)keygen_fail("signature", ssh_err_text(e));
	return e == SSH_OK;
}

static void print_good(const struct keygen_options *o, const struct auth_sshsig *s, const char *who)
{
	struct crypt_key k = {0};
	char print[64];
	if (o->quiet || keygen_parse(&k, s->key) != SSH_OK)
		return;
	printf("Good \"%s\" signature%s%s with %s key %s\n", o->names, who == NULL ? "" : " for ",
	       who == NULL ? "" : who, k.alg->kind, keygen_fingerprint(o, s->key, print));
	crypt_key_wipe(&k);
}

/* -O print-pubkey: the key that signed, as in a .pub file. */
static void print_key(const struct keygen_options *o, const struct auth_sshsig *s)
{
	struct wire_buf line = {0};
	for (size_t i = 0; o->options[i] != NULL; i++)
		if (strcasecmp(o->options[i], "print-pubkey") == 0) {
			wire_buf_wipe(&line);
			auth_publine_put(&line, s->key, wire_bytes(NULL, 0));
		}
	text_print(stdout, wire_buf_view(&line), true);
	wire_buf_wipe(&line);
}

static int verify(const struct keygen_options *o, struct asked *a)
{
	struct auth_signer signer;
	const char *why = "";
	if (!read_signature(a, o->authority))
		return KEYGEN_FAILED;
	bool by_anybody = strcmp(o->action, "check-novalidate") == 0;
	bool ok = is_good(o, &a->s) && !is_revoked(o, a->s.key);
	if (ok && !by_anybody) {
		ssh_bytes rest = wire_buf_view(&a->signers);
		a->q.key = a->s.key;
		a->q.space = a->s.space;
		ok = auth_signers_find(&rest, &a->q, &signer, &why) == SSH_OK;
		if (!ok)
			(void)keygen_fail(
			    o->id, why[0] != '\0' ? why : "is not allowed to sign with this key");
	}
	if (ok) {
		print_good(o, &a->s, by_anybody ? NULL : o->id);
		print_key(o, &a->s);
	} else if (!o->quiet) {
		printf("Could not verify signature.\n");
	}
	return ok ? 0 : KEYGEN_FAILED;
}

/* One a line. */
static void print_names(ssh_bytes names)
{
	while (names.len != 0) {
		const uint8_t *comma = memchr(names.ptr, ',', names.len);
		size_t n = comma == NULL ? names.len : (size_t)(comma - names.ptr);
		text_print(stdout, wire_bytes(names.ptr, n), false);
		putchar('\n');
		names = wire_bytes_skip(names, n + 1);
	}
}

/* Whose key signed, or whose names match -I. */
static int find(const struct keygen_options *o, struct asked *a, bool all)
{
	ssh_bytes rest = wire_buf_view(&a->signers);
	struct auth_signer signer;
	const char *why = "";
	size_t found = 0;
	while ((all || found == 0) && auth_signers_find(&rest, &a->q, &signer, &why) == SSH_OK) {
		if (all) {
			text_print(stdout, signer.principals, false);
			putchar('\n');
		} else {
			print_names(signer.principals);
		}
		found++;
	}
	if (found != 0)
		return 0;
	if (why[0] != '\0')
		(void)keygen_fail(o->file, why);
	fprintf(stderr, "No principal matched.\n");
	return KEYGEN_FAILED;
}

static int answer(const struct keygen_options *o, struct asked *a)
{
	if (!only_options(o, "verify-time", "print-pubkey"))
		return KEYGEN_FAILED;
	if (strcmp(o->action, "check-novalidate") == 0)
		return o->names == NULL ? keygen_fail("-Y", "name the namespace with -n")
		                        : verify(o, a);
	if (!read_signers(a, o))
		return KEYGEN_FAILED;
	if (strcmp(o->action, "find-principals") == 0) {
		if (!read_signature(a, o->authority))
			return KEYGEN_FAILED;
		a->q.key = a->s.key;
		return find(o, a, false);
	}
	if (o->id == NULL)
		return keygen_fail("-Y", "name the signer with -I");
	a->q.principal = wire_bytes_str(o->id);
	if (strcmp(o->action, "match-principals") == 0)
		return find(o, a, true);
	return o->names == NULL ? keygen_fail("-Y", "name the namespace with -n") : verify(o, a);
}

int keygen_verify(const struct keygen_options *o)
{
	struct asked a = {.q = {.now = 0}};
	int status = answer(o, &a);
	asked_wipe(&a);
	return status;
}
