/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/known_hosts.h"
#include "tools/file.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* The hosts in known_hosts: -F, -R and -H. */

/** A file under work. */
struct work {
	const struct keygen_options *o;
	const char *path;
	struct wire_buf name; /* of the host, as the file has it */
	struct wire_buf out;  /* the new file */
	size_t number;        /* of the line */
	size_t found, invalid, plain;
};

static void keep(struct work *w, ssh_bytes line)
{
	wire_put_raw(&w->out, line);
	wire_put_u8(&w->out, '\n');
}

static const char *marker(const struct auth_known_line *l)
{
	switch (l->marker) {
	case AUTH_MARKER_CERT_AUTHORITY:
		return "CA";
	case AUTH_MARKER_REVOKED:
		return "REVOKED";
	default:
		return "";
	}
}

static bool has(ssh_bytes b, const char *set)
{
	for (size_t i = 0; i < b.len; i++)
		if (strchr(set, b.ptr[i]) != NULL)
			return true;
	return false;
}

/* The lines of a line's hosts, each with its name hashed. False: it stays as it is. */
static bool put_hashed(struct work *w, const struct auth_known_line *l, struct wire_buf *out)
{
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf blob = {0}, name = {0};
	ssh_bytes hosts = l->hosts;
	if (l->marker != AUTH_MARKER_NONE || has(hosts, "|*?!") ||
	    auth_publine_blob(&l->key, &blob) != SSH_OK) {
		wire_buf_wipe(&blob);
		return false;
	}
	while (hosts.len != 0) {
		const uint8_t *comma = memchr(hosts.ptr, ',', hosts.len);
		size_t n = comma == NULL ? hosts.len : (size_t)(comma - hosts.ptr);
		wire_buf_wipe(&name);
		auth_known_name_put(&name, wire_bytes(hosts.ptr, n), AUTH_PORT_DEFAULT);
		if (n != 0)
			wire_buf_fail(out, auth_known_put(out, wire_buf_view(&name),
			                                  wire_buf_view(&blob), &rng));
		hosts = wire_bytes_skip(hosts, n + 1);
	}
	w->plain++;
	wire_buf_wipe(&blob);
	wire_buf_wipe(&name);
	return true;
}

/* --- The three tasks: what to do with a line --- */

static void show_fingerprint(struct work *w, const struct auth_known_line *l)
{
	struct crypt_key k = {0};
	struct wire_buf blob = {0};
	char print[64];
	if (auth_publine_blob(&l->key, &blob) == SSH_OK &&
	    keygen_parse(&k, wire_buf_view(&blob)) == SSH_OK) {
		printf("%s %s %s", w->o->host, k.alg->kind,
		       keygen_fingerprint(w->o, wire_buf_view(&blob), print));
		printf(l->key.comment.len != 0 ? " " : "");
		text_print(stdout, l->key.comment, false);
		printf("\n");
		keygen_print_picture(w->o, &k, wire_buf_view(&blob));
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
}

static void show(struct work *w, const struct auth_known_line *l, ssh_bytes line)
{
	struct wire_buf hashed = {0};
	w->found++;
	if (!w->o->quiet)
		printf("# Host %s found: line %zu %s\n", w->o->host, w->number, marker(l));
	if (w->o->list)
		show_fingerprint(w, l);
	else if (w->o->hashed && put_hashed(w, l, &hashed))
		text_print(stdout, wire_buf_view(&hashed), true);
	else {
		text_print(stdout, line, true);
		printf("\n");
	}
	wire_buf_wipe(&hashed);
}

static void find_line(struct work *w, const struct auth_known_line *l, ssh_bytes line)
{
	if (l != NULL && auth_known_line_matches(l, wire_buf_view(&w->name)))
		show(w, l, line);
}

/* Authorities and revocations stay: they are not the host's own. */
static void remove_line(struct work *w, const struct auth_known_line *l, ssh_bytes line)
{
	if (l == NULL || l->marker != AUTH_MARKER_NONE ||
	    !auth_known_line_matches(l, wire_buf_view(&w->name))) {
		keep(w, line);
		return;
	}
	w->found++;
	if (!w->o->quiet)
		printf("# Host %s found: line %zu\n", w->o->host, w->number);
}

static void hash_line(struct work *w, const struct auth_known_line *l, ssh_bytes line)
{
	if (l == NULL || !put_hashed(w, l, &w->out)) {
		keep(w, line);
		if (l != NULL && has(l->hosts, "*?!"))
			fprintf(stderr, "%s:%zu: a name with wildcards is not hashed\n", w->path,
			        w->number);
	}
}

/* --- The file --- */

static void each_line(struct work *w, ssh_bytes text,
                      void (*task)(struct work *, const struct auth_known_line *, ssh_bytes))
{
	struct auth_known_line l;
	ssh_bytes line;
	while (auth_text_line(&text, &line)) {
		w->number++;
		enum ssh_err e = auth_known_line_parse(&l, line);
		if (e == SSH_ERR_FILE_FORMAT) {
			w->invalid++;
			fprintf(stderr, "%s:%zu: not a line of known_hosts\n", w->path, w->number);
		}
		task(w, e == SSH_OK ? &l : NULL, line);
	}
}

/* The old file stays under another name. */
static bool replace(struct work *w)
{
	char old[KEYGEN_PATH_SIZE];
	struct stat s;
	if (w->invalid != 0)
		return keygen_fail(w->path, "is not changed: mend the lines named first") == 0;
	if (snprintf(old, sizeof old, "%s.old", w->path) >= (int)sizeof old ||
	    stat(w->path, &s) != 0 || wire_buf_end(&w->out) != SSH_OK)
		return keygen_fail(w->path, "is not changed") == 0;
	(void)unlink(old);
	if (link(w->path, old) != 0)
		return keygen_fail(old, "cannot be made, so nothing is changed") == 0;
	if (!keygen_write(w->path, wire_buf_view(&w->out), s.st_mode & 0777))
		return false;
	if (!w->o->quiet)
		printf("%s updated.\nOriginal contents retained as %s\n", w->path, old);
	if (w->plain != 0)
		fprintf(stderr,
		        "WARNING: %s contains unhashed entries\n"
		        "Delete this file to ensure privacy of hostnames\n",
		        old);
	return true;
}

static int work_on(const struct keygen_options *o,
                   void (*task)(struct work *, const struct auth_known_line *, ssh_bytes))
{
	char usual[KEYGEN_PATH_SIZE];
	struct work w = {.o = o, .path = o->file};
	struct wire_buf text = {0};
	int status = 0;
	file_expand("~/.ssh/known_hosts", usual, sizeof usual);
	if (w.path == NULL)
		w.path = usual;
	if (o->host != NULL)
		auth_known_name_put(&w.name, wire_bytes_str(o->host), AUTH_PORT_DEFAULT);
	wire_buf_init(&w.out, 2 * FILE_SIZE_MAX);
	if (!keygen_read(w.path, &text)) {
		wire_buf_wipe(&w.name);
		return KEYGEN_FAILED;
	}
	each_line(&w, wire_buf_view(&text), task);
	if (task == find_line)
		status = w.found != 0 ? 0 : KEYGEN_NO;
	else if (task == remove_line && w.found == 0)
		fprintf(stderr, "Host %s not found in %s\n", o->host, w.path);
	else if (!replace(&w))
		status = KEYGEN_NO;
	wire_buf_wipe(&text);
	wire_buf_wipe(&w.name);
	wire_buf_wipe(&w.out);
	return status;
}

int keygen_find_host(const struct keygen_options *o)
{
	return work_on(o, find_line);
}

int keygen_remove_host(const struct keygen_options *o)
{
	return work_on(o, remove_line);
}

int keygen_hash_hosts(const struct keygen_options *o)
{
	return work_on(o, hash_line);
}
