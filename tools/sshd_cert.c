/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <string.h>
#include <time.h>

#include "libauth/pubfile.h"
#include "tools/sshd_auth.h"
#include "tools/sshd_file.h"

/* Certificates: who may issue them, for whom, and what they allow. */

/* --- Names --- */

/* Take a name off a list. Comments and lines with options are passed over: they allow nothing. */
static bool next_name(ssh_bytes *list, char separator, ssh_bytes *name)
{
	while (list->len != 0) {
		const uint8_t *end = memchr(list->ptr, separator, list->len);
		size_t n = end == NULL ? list->len : (size_t)(end - list->ptr);
		*name = auth_text_trim(wire_bytes(list->ptr, n));
		*list = wire_bytes_skip(*list, n + 1);
		if (name->len != 0 && name->ptr[0] != '#' &&
		    memchr(name->ptr, ' ', name->len) == NULL &&
		    memchr(name->ptr, '\t', name->len) == NULL)
			return true;
	}
	return false;
}

static bool is_named(const struct crypt_cert *c, ssh_bytes principal)
{
	ssh_bytes list = c->principals, name;
	while (crypt_cert_next_principal(&list, &name))
		if (wire_bytes_equal(name, principal))
			return true;
	return false;
}

/* The first of the allowed names that the certificate has; or one that it has not. */
static ssh_bytes choose_principal(const struct crypt_cert *c, ssh_bytes allowed, char separator)
{
	ssh_bytes name = {NULL, 0};
	while (next_name(&allowed, separator, &name))
		if (is_named(c, name))
			return name;
	return name;
}

/* --- What it allows --- */

static const char *apply(const struct sshd_ask *a, bool by_line)
{
	const struct crypt_cert *c = a->ev->cert;
	struct sshd_grant *g = a->grant;
	ssh_bytes data, command;
	bool no_touch = crypt_cert_option(c->extensions, "no-touch-required", &data);
	/* Whoever trusts the authority by a line has a say in it. */
	g->no_touch = no_touch && (!by_line || g->no_touch);
	g->verify = g->verify || crypt_cert_option(c->options, "verify-required", &data);
	g->no_pty = g->no_pty || !crypt_cert_option(c->extensions, "permit-pty", &data);
	if (crypt_cert_option(c->options, "force-command", &data) &&
	    crypt_cert_option_text(data, &command))
		return sshd_grant_command(g, command);
	return NULL;
}

static const char *check(const struct sshd_ask *a, ssh_bytes authority, ssh_bytes principal)
{
	static const char *const heeded[] = {"force-command", "verify-required", NULL};
	struct crypt_cert_policy policy = {.now = (uint64_t)time(NULL),
	                                   .principal = principal,
	                                   .authorities = &authority,
	                                   .authorities_count = 1,
	                                   .sigalgs = crypt_sigalgs,
	                                   .source = wire_bytes_str(a->peer->address),
	                                   .options = heeded};
	const char *why;
	enum ssh_err e = auth_server_check_cert(a->server, &policy, &why);
	return e == SSH_OK ? NULL : why;
}

/* --- Who issued it --- */

static bool is_authority(const struct auth_publine *line, ssh_bytes authority)
{
	struct wire_buf blob = {0};
	bool same = auth_publine_blob(line, &blob) == 0 &&
	            wire_bytes_equal(wire_buf_view(&blob), authority);
	wire_buf_wipe(&blob);
	return same;
}

/* The next line of the file that has the authority's key, with cert-authority if `marked`. */
static bool next_line(ssh_bytes *text, ssh_bytes authority, bool marked, struct auth_publine *line)
{
	ssh_bytes one;
	while (auth_text_line(text, &one))
		if (auth_publine_parse(line, one) == 0 &&
		    auth_option_find(line->options, "cert-authority", NULL) == marked &&
		    is_authority(line, authority))
			return true;
	return false;
}

static void refused(const struct sshd_ask *a, const char *why)
{
	char id[SSHD_SHOWN];
	sshd_log(a->options->level, SSHD_INFO, "The certificate \"%s\" from %s is refused: %s",
	         sshd_shown(a->ev->cert->id, id), a->peer->address, why);
	sshd_grant_wipe(a->grant);
}

static const char *read_file(const struct sshd_options *o, const char *name, struct wire_buf *out)
{
	char path[PATH_MAX];
	sshd_path(name, strlen(name), path, sizeof path);
	const char *why = sshd_file_read(path, o->strict_modes ? SSHD_OURS : SSHD_ANYBODYS, out);
	if (why != NULL)
		sshd_log(o->level, SSHD_ERROR, "%s: %s", path, why);
	return why;
}

static const char *check_trusted(const struct sshd_ask *a)
{
	const struct crypt_cert *c = a->ev->cert;
	struct wire_buf names = {0};
	ssh_bytes principal = a->ev->user;
	const char *why = NULL;
	if (a->options->principals != NULL) {
		why = read_file(a->options, a->options->principals, &names);
		principal = choose_principal(c, wire_buf_view(&names), '\n');
	}
	if (why == NULL)
		why = check(a, c->authority, principal);
	if (why == NULL)
		why = apply(a, false);
	wire_buf_wipe(&names);
	return why != NULL ? why : sshd_auth_token(a);
}

static bool by_trusted(const struct sshd_ask *a)
{
	struct wire_buf file = {0};
	struct auth_publine line;
	bool found = false;
	if (a->options->trusted_ca != NULL &&
	    read_file(a->options, a->options->trusted_ca, &file) == NULL) {
		ssh_bytes text = wire_buf_view(&file);
		found = next_line(&text, a->ev->cert->authority, false, &line);
	}
	wire_buf_wipe(&file);
	const char *why = found ? check_trusted(a) : NULL;
	if (why != NULL)
		refused(a, why);
	return found && why == NULL;
}

static const char *check_line(const struct sshd_ask *a, const struct auth_publine *line)
{
	const struct crypt_cert *c = a->ev->cert;
	ssh_bytes principal = a->ev->user, names;
	if (auth_option_find(line->options, "principals", &names))
		principal = choose_principal(c, names, ',');
	const char *why = sshd_grant_judge(a->grant, line->options, true, a->peer);
	if (why == NULL)
		why = check(a, c->authority, principal);
	if (why == NULL)
		why = apply(a, true);
	return why != NULL ? why : sshd_auth_token(a);
}

static bool by_line(const struct sshd_ask *a, ssh_bytes text)
{
	struct auth_publine line;
	while (next_line(&text, a->ev->cert->authority, true, &line)) {
		const char *why = check_line(a, &line);
		if (why == NULL)
			return true;
		refused(a, why);
	}
	return false;
}

bool sshd_auth_cert(const struct sshd_ask *a)
{
	const char *list = a->options->authorized_keys;
	struct wire_buf text = {0};
	bool found = by_trusted(a);
	while (!found && sshd_auth_next_file(a->options, &list, &text))
		found = by_line(a, wire_buf_view(&text));
	wire_buf_wipe(&text);
	return found;
}
