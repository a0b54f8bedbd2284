/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_auth.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "libauth/pubfile.h"
#include "libcrypt/hash.h"
#include "tools/sshd_file.h"

void sshd_grant_wipe(struct sshd_grant *g)
{
	free(g->command); /* set to NULL next; the analyzer does not see it: NOLINT */
	g->command = NULL;
	*g = (struct sshd_grant){0};
}

bool sshd_auth_user(ssh_bytes user)
{
	const char *own = sshd_user();
	return own[0] != '\0' && wire_bytes_is(user, own);
}

/* --- Options of a line --- */

struct option {
	ssh_bytes name;
	ssh_bytes value; /* between the quotes, \" unresolved */
	bool has_value;
};

/* Returns false at the end; *bad if what is there is no list of options. */
static bool next_option(ssh_bytes *rest, struct option *opt, bool *bad)
{
	size_t n = 0;
	if (rest->len == 0)
		return false;
	*opt = (struct option){0};
	while (n < rest->len && rest->ptr[n] != ',' && rest->ptr[n] != '=')
		n++;
	opt->name = wire_bytes(rest->ptr, n);
	*rest = wire_bytes_skip(*rest, n);
	if (rest->len > 1 && rest->ptr[0] == '=' && rest->ptr[1] == '"') {
		size_t end = 2;
		while (end < rest->len && rest->ptr[end] != '"')
			end += rest->ptr[end] == '\\' && end + 1 < rest->len &&
			               rest->ptr[end + 1] == '"'
			           ? 2
			           : 1;
		*bad = end >= rest->len;
		opt->value = wire_bytes(rest->ptr + 2, *bad ? 0 : end - 2);
		opt->has_value = true;
		*rest = wire_bytes_skip(*rest, end + 1);
	}
	*bad =
	    *bad || opt->name.len == 0 || (rest->len > 0 && rest->ptr[0] != ',') || rest->len == 1;
	*rest = wire_bytes_skip(*rest, 1);
	return true;
}

static char *unquoted(ssh_bytes value)
{
	char *s = malloc(value.len + 1);
	size_t n = 0;
	for (size_t i = 0; s != NULL && i < value.len; i++) {
		if (value.ptr[i] == '\\' && i + 1 < value.len && value.ptr[i + 1] == '"')
			i++;
		s[n++] = (char)value.ptr[i];
	}
	if (s != NULL)
		s[n] = '\0';
	return s;
}

static bool is(const struct option *opt, const char *name, bool has_value)
{
	return opt->has_value == has_value && opt->name.len == strlen(name) &&
	       strncasecmp((const char *)opt->name.ptr, name, opt->name.len) == 0;
}

/* They allow or forbid what this server does not do in any case. */
static bool is_moot(const struct option *opt)
{
	static const char *const plain[] = {
	    "no-port-forwarding", "port-forwarding",   "no-agent-forwarding",
	    "agent-forwarding",   "no-X11-forwarding", "X11-forwarding",
	    "no-user-rc",         "user-rc",           NULL};
	static const char *const valued[] = {"environment", "permitopen", "permitlisten", "tunnel",
	                                     NULL};
	const char *const *names = opt->has_value ? valued : plain;
	for (size_t i = 0; names[i] != NULL; i++)
		if (is(opt, names[i], opt->has_value))
			return true;
	return false;
}

/* Networks (10.0.0.0/8) are not understood: an address behind `!` must not slip through. */
static bool is_from(const struct option *opt, const struct sshd_peer *peer)
{
	char *patterns = unquoted(opt->value);
	bool ok = patterns != NULL && strchr(patterns, '/') == NULL &&
	          sshd_match(patterns, peer->address);
	free(patterns);
	return ok;
}

/* Returns NULL if the option was understood and does not forbid the log-in; otherwise why not. */
static const char *apply(const struct option *opt, const struct sshd_peer *peer,
                         struct sshd_grant *grant)
{
	if (is(opt, "restrict", false) || is(opt, "no-pty", false)) {
		grant->no_pty = true;
	} else if (is(opt, "pty", false)) {
		grant->no_pty = false;
	} else if (is(opt, "command", true)) {
		if (grant->forced)
			return "two commands";
		grant->forced = true;
		grant->command = unquoted(opt->value);
		return grant->command == NULL ? "out of memory" : NULL;
	} else if (is(opt, "from", true)) {
		return is_from(opt, peer) ? NULL : "not from this address";
	} else if (!is_moot(opt)) {
		return "an option that is not known";
	}
	return NULL;
}

static const char *judge(ssh_bytes options, const struct sshd_peer *peer, struct sshd_grant *grant)
{
	struct option opt;
	bool bad = false;
	const char *why = NULL;
	while (why == NULL && next_option(&options, &opt, &bad))
		why = bad ? "malformed options" : apply(&opt, peer, grant);
	return why;
}

/* --- The files --- */

static bool search(const struct sshd_options *o, const struct sshd_peer *peer, ssh_bytes text,
                   ssh_bytes blob, struct sshd_grant *grant)
{
	struct auth_publine line;
	ssh_bytes rest_of_line;
	while (auth_authorized_find(text, blob, &line, NULL) == 0) {
		sshd_grant_wipe(grant);
		const char *why = judge(line.options, peer, grant);
		if (why == NULL)
			return true;
		sshd_log(o->level, SSHD_INFO, "A key of %s from %s is refused: %s", sshd_user(),
		         peer->address, why);
		text = wire_bytes_skip(text, (size_t)(line.base64.ptr - text.ptr));
		if (!auth_text_line(&text, &rest_of_line))
			break;
	}
	sshd_grant_wipe(grant);
	return false;
}

bool sshd_auth_key(const struct sshd_options *o, const struct sshd_peer *peer, ssh_bytes blob,
                   struct sshd_grant *grant)
{
	static const char blanks[] = " \t";
	const char *list = o->authorized_keys;
	bool found = false;
	sshd_grant_wipe(grant);
	if (strcasecmp(list, "none") == 0)
		return false;
	while (!found && *(list += strspn(list, blanks)) != '\0') {
		char path[PATH_MAX];
		struct wire_buf text = {0};
		size_t len = strcspn(list, blanks);
		sshd_path(list, len, path, sizeof path);
		list += len;
		const char *why =
		    sshd_file_read(path, o->strict_modes ? SSHD_OURS : SSHD_ANYBODYS, &text);
		if (why != NULL)
			sshd_log(o->level, SSHD_INFO, "Authorized keys %s: %s", path, why);
		else
			found = search(o, peer, wire_buf_view(&text), blob, grant);
		wire_buf_wipe(&text);
	}
	return found;
}

/* --- Passwords --- */

/* Digests have one length, so that comparing them tells nothing about the passwords'. */
static bool same_secret(ssh_bytes a, ssh_bytes b)
{
	uint8_t digest[2][32];
	crypt_hash_once(&crypt_sha256, a, digest[0]);
	crypt_hash_once(&crypt_sha256, b, digest[1]);
	bool same = wire_secret_equal(digest[0], digest[1], sizeof digest[0]);
	wire_wipe(digest, sizeof digest);
	return same;
}

bool sshd_auth_password(const struct sshd_options *o, ssh_bytes user, ssh_bytes password)
{
	char path[PATH_MAX];
	struct wire_buf file = {0};
	ssh_bytes text, line;
	bool right = false;
	sshd_path(o->password_file, strlen(o->password_file), path, sizeof path);
	const char *why = sshd_file_read(path, SSHD_PRIVATE, &file);
	if (why != NULL)
		sshd_log(o->level, SSHD_ERROR, "Password file %s: %s", path, why);
	text = why == NULL ? wire_buf_view(&file) : wire_bytes(NULL, 0);
	while (auth_text_line(&text, &line)) {
		const uint8_t *colon = line.len == 0 ? NULL : memchr(line.ptr, ':', line.len);
		if (colon == NULL)
			continue;
		size_t n = (size_t)(colon - line.ptr);
		bool same = same_secret(wire_bytes_skip(line, n + 1), password);
		right = (wire_bytes_equal(wire_bytes(line.ptr, n), user) && same) || right;
	}
	wire_buf_wipe(&file);
	return right && sshd_auth_user(user);
}
