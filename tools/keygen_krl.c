/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "libauth/base64.h"
#include "libauth/pubfile.h"
#include "libauth/revoked.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* Key revocation lists: -k and -Q. */

/* --- What to revoke --- */

/** The list in the making, and the authority of its serial numbers. */
struct making {
	struct crypt_krl_set set;
	struct wire_buf authority;
	bool has_authority; /* "none" stands for any */
};

static bool get_number(ssh_bytes text, uint64_t *out)
{
	char digits[24], *end;
	text = auth_text_trim(text);
	if (text.len == 0 || text.len >= sizeof digits || text.ptr[0] == '-')
		return false;
	memcpy(digits, text.ptr, text.len);
	digits[text.len] = '\0';
	*out = strtoull(digits, &end, 0);
	return *end == '\0';
}

static bool add_serials(struct making *m, ssh_bytes text)
{
	const uint8_t *dash = text.len == 0 ? NULL : memchr(text.ptr, '-', text.len);
	ssh_bytes first = text;
	uint64_t from, to;
	if (dash != NULL)
		first.len = (size_t)(dash - text.ptr);
	if (!get_number(first, &from))
		return false;
	to = from;
	if (dash != NULL && !get_number(wire_bytes_skip(text, first.len + 1), &to))
		return false;
	return crypt_krl_add_serials(&m->set, from, to);
}

/* "SHA256:..." as -l prints it, without the padding that base64 wants. */
static bool add_hash(struct making *m, ssh_bytes text)
{
	struct wire_buf base64 = {0}, digest = {0};
	bool ok = text.len == CRYPT_FINGERPRINT_SIZE - 1 && memcmp(text.ptr, "SHA256:", 7) == 0;
	wire_put_raw(&base64, wire_bytes_skip(text, 7));
	wire_put_u8(&base64, '=');
	ok = ok && auth_base64_get(&digest, wire_buf_view(&base64)) == SSH_OK &&
	     wire_buf_len(&digest) == 32;
	if (ok)
		crypt_krl_add_digest(&m->set, wire_buf_view(&digest).ptr);
	wire_buf_wipe(&base64);
	wire_buf_wipe(&digest);
	return ok;
}

static void add_blob(struct making *m, ssh_bytes blob, const char *how)
{
	if (strcmp(how, "sha1:") == 0)
		crypt_krl_add_sha1(&m->set, blob);
	else if (strcmp(how, "sha256:") == 0)
		crypt_krl_add_sha256(&m->set, blob);
	else if (crypt_krl_add_cert(&m->set, blob) == SSH_ERR_UNSUPPORTED)
		crypt_krl_add_key(&m->set, blob);
}

static bool add_key(struct making *m, ssh_bytes line, const char *how)
{
	struct auth_publine l;
	struct crypt_key k = {0};
	struct wire_buf blob = {0};
	bool ok = auth_publine_parse(&l, line) == SSH_OK &&
	          auth_publine_blob(&l, &blob) == SSH_OK &&
	          keygen_parse(&k, wire_buf_view(&blob)) == SSH_OK;
	if (ok)
		add_blob(m, wire_buf_view(&blob), how);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	return ok;
}

/* Returns NULL, or what is wrong with the line. */
static const char *add_line(struct making *m, ssh_bytes line)
{
	static const char *const words[] = {"serial:", "id:", "key:", "sha1:", "sha256:", "hash:"};
	size_t i = 0;
	while (i < 6 && (line.len < strlen(words[i]) ||
	                 strncasecmp((const char *)line.ptr, words[i], strlen(words[i])) != 0))
		i++;
	ssh_bytes rest = auth_text_trim(wire_bytes_skip(line, i < 6 ? strlen(words[i]) : 0));
	if (i < 2 && !m->has_authority)
		return "serial numbers and ids are of an authority: name it with -s";
	if (i == 0)
		return add_serials(m, rest) ? NULL : "not a serial number, or a range of them";
	if (i == 1) {
		crypt_krl_add_id(&m->set, rest);
		return rest.len != 0 ? NULL : "an empty id";
	}
	if (i == 5)
		return add_hash(m, rest) ? NULL : "not a SHA256 fingerprint";
	return add_key(m, i == 6 ? line : rest, i == 6 ? "" : words[i]) ? NULL : "not a public key";
}

static bool add_file(struct making *m, const char *path)
{
	struct wire_buf text = {0};
	ssh_bytes line, rest;
	const char *why = NULL;
	char where[KEYGEN_PATH_SIZE + 32];
	size_t number = 0;
	if (!keygen_read(path, &text))
		return false;
	rest = wire_buf_view(&text);
	while (why == NULL && auth_text_line(&rest, &line)) {
		number++;
		line = auth_text_trim(line);
		if (line.len != 0 && line.ptr[0] != '#')
			why = add_line(m, line);
	}
	wire_buf_wipe(&text);
	snprintf(where, sizeof where, "%s line %zu", path, number);
	if (why != NULL)
		(void)keygen_fail(where, why);
	return why == NULL;
}

/* --- Writing --- */

static bool get_authority(struct making *m, const struct keygen_options *o)
{
	struct wire_buf comment = {0};
	m->has_authority = o->authority != NULL;
	if (o->authority == NULL || strcasecmp(o->authority, "none") == 0)
		return true;
	bool ok = keygen_read_public(o, o->authority, &m->authority, &comment);
	wire_buf_wipe(&comment);
	return ok;
}

static bool fill(struct making *m, const struct keygen_options *o)
{
	if (!get_authority(m, o))
		return false;
	for (size_t i = 0; i < o->count; i++) {
		if (!o->quiet)
			printf("Revoking from %s\n", o->files[i]);
		fflush(stdout);
		if (!add_file(m, o->files[i]))
			return false;
	}
	return true;
}

static bool get_head(const struct keygen_options *o, const char *path, struct wire_buf *old,
                     struct crypt_krl *head)
{
	enum ssh_err e = SSH_OK;
	uint64_t version;
	if (o->update && (!keygen_read(path, old) ||
	                  (e = crypt_krl_parse(head, wire_buf_view(old))) != SSH_OK)) {
		if (e != SSH_OK)
			(void)keygen_fail(path, ssh_err_text(e));
		return false;
	}
	head->generated = (uint64_t)time(NULL);
	if (o->serial == NULL)
		return true;
	bool ok = get_number(wire_bytes_str(o->serial), &version);
	head->version = ok ? version : 0;
	return ok || keygen_fail(o->serial, "the version (-z) is a number") == 0;
}

int keygen_revoke(const struct keygen_options *o)
{
	struct making m = {.has_authority = false};
	struct wire_buf old = {0}, out = {0};
	struct crypt_krl head = {.comment = wire_bytes_str(o->comment)};
	if (o->file == NULL)
		return keygen_fail("-k", "name the list with -f");
	bool ok = get_head(o, o->file, &old, &head) && fill(&m, o);
	enum ssh_err e =
	    ok ? crypt_krl_put(&out, &head, &m.set, wire_buf_view(&m.authority)) : SSH_OK;
	if (e != SSH_OK)
		(void)keygen_fail(o->file, ssh_err_text(e));
	ok = ok && e == SSH_OK && keygen_write(o->file, wire_buf_view(&out), 0644);
	crypt_krl_set_wipe(&m.set);
	wire_buf_wipe(&m.authority);
	wire_buf_wipe(&old);
	wire_buf_wipe(&out);
	return ok ? 0 : KEYGEN_FAILED;
}

/* --- Asking --- */

static void print_authority(ssh_bytes authority)
{
	struct crypt_key k = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	if (authority.len == 0) {
		printf("# Wildcard CA\n");
		return;
	}
	crypt_key_fingerprint(authority, print);
	printf("# CA key %s %s\n",
	       keygen_parse(&k, authority) == SSH_OK ? k.alg->name : "(unknown)", print);
	crypt_key_wipe(&k);
}

/* As a list to revoke by would have it; there is no such line for SHA-1. */
static void print_hash(const struct crypt_krl_item *i)
{
	struct wire_buf base64 = {0};
	if (i->kind == CRYPT_KRL_SHA256) {
		auth_base64_put(&base64, i->text);
		wire_buf_cut(&base64, wire_buf_len(&base64) - 1);
		printf("hash: SHA256:");
		text_print(stdout, wire_buf_view(&base64), false);
	} else {
		printf("# hash SHA1:");
		for (size_t n = 0; n < i->text.len; n++)
			printf("%02x", i->text.ptr[n]);
	}
	printf("\n");
	wire_buf_wipe(&base64);
}

static void print_item(const struct crypt_krl_item *i)
{
	struct crypt_key k = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	switch (i->kind) {
	case CRYPT_KRL_KEY:
		crypt_key_fingerprint(i->text, print);
		printf("hash: %s # %s\n", print,
		       keygen_parse(&k, i->text) == SSH_OK ? k.alg->name : "(unknown)");
		crypt_key_wipe(&k);
		break;
	case CRYPT_KRL_SHA1:
	case CRYPT_KRL_SHA256:
		print_hash(i);
		break;
	case CRYPT_KRL_SERIALS:
		printf("serial: %llu", (unsigned long long)i->first);
		if (i->last != i->first)
			printf("-%llu", (unsigned long long)i->last);
		printf("\n");
		break;
	case CRYPT_KRL_ID:
		printf("id: ");
		text_print(stdout, i->text, false);
		printf("\n");
	}
}

static void print_list(const struct crypt_krl *k)
{
	struct crypt_krl_walk w;
	struct crypt_krl_item item;
	ssh_bytes authority = {(const uint8_t *)"", 0};
	bool certs = false;
	char generated[32];
	keygen_put_time(k->generated, generated);
	printf("# KRL version %llu\n# Generated at %s\n", (unsigned long long)k->version,
	       generated);
	if (k->comment.len != 0) {
		printf("# Comment: ");
		text_print(stdout, k->comment, false);
		printf("\n");
	}
	printf("\n");
	crypt_krl_walk_init(&w, k);
	while (crypt_krl_next(&w, &item)) {
		bool cert = item.kind == CRYPT_KRL_SERIALS || item.kind == CRYPT_KRL_ID;
		if (cert && (!certs || !wire_bytes_equal(authority, item.authority)))
			print_authority(item.authority);
		certs = cert;
		authority = item.authority;
		print_item(&item);
	}
}

static int ask_one(const struct keygen_options *o, const char *path, ssh_bytes list)
{
	struct wire_buf blob = {0}, comment = {0};
	int status = KEYGEN_FAILED;
	if (keygen_read_public(o, path, &blob, &comment)) {
		enum ssh_err e = auth_revoked_check(list, wire_buf_view(&blob));
		bool named = wire_buf_len(&comment) != 0;
		printf("%s%s", path, named ? " (" : "");
		text_print(stdout, wire_buf_view(&comment), false);
		printf("%s: %s\n", named ? ")" : "",
		       e == SSH_OK            ? "ok"
		       : e == SSH_ERR_REVOKED ? "REVOKED"
		                              : ssh_err_text(e));
		status = e == SSH_OK ? 0 : KEYGEN_NO;
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	return status;
}

int keygen_ask_revoked(const struct keygen_options *o)
{
	struct wire_buf text = {0};
	struct crypt_krl k;
	int status = 0;
	if (o->file == NULL)
		return keygen_fail("-Q", "name the list with -f");
	if (!keygen_read(o->file, &text))
		return KEYGEN_FAILED;
	enum ssh_err e = crypt_krl_parse(&k, wire_buf_view(&text));
	if (e != SSH_OK)
		status = keygen_fail(o->file, ssh_err_text(e));
	else if (o->list)
		print_list(&k);
	for (size_t i = 0; e == SSH_OK && i < o->count; i++) {
		int one = ask_one(o, o->files[i], wire_buf_view(&text));
		status = one > status ? one : status;
	}
	wire_buf_wipe(&text);
	return status;
}
