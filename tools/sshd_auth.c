/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_auth.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "libauth/pubfile.h"
#include "libcrypt/hash.h"
#include "tools/sshd_file.h"
#include "tools/sshd_revoked.h"

bool sshd_auth_user(ssh_bytes user)
{
	const char *own = sshd_user();
	return own[0] != '\0' && wire_bytes_is(user, own);
}

/* --- Keys --- */

const char *sshd_auth_token(const struct sshd_ask *a)
{
	const struct auth_server_event *ev = a->ev;
	if (!ev->is_sk || !ev->is_signed)
		return NULL;
	if (a->grant->verify && (ev->token.flags & CRYPT_SK_USER_VERIFIED) == 0)
		return "the token has not verified its user";
	if (a->grant->no_touch)
		auth_server_waive_presence(a->server);
	else if ((ev->token.flags & CRYPT_SK_USER_PRESENT) == 0)
		return "nobody has touched the token";
	return NULL;
}

static bool search(const struct sshd_ask *a, ssh_bytes text)
{
	struct auth_publine line;
	ssh_bytes rest_of_line;
	while (auth_authorized_find(text, a->ev->key, &line, NULL) == 0) {
		sshd_grant_wipe(a->grant);
		const char *why = sshd_grant_judge(a->grant, line.options, false, a->peer);
		if (why == NULL)
			why = sshd_auth_token(a);
		if (why == NULL)
			return true;
		sshd_log(a->options->level, SSHD_INFO, "A key of %s from %s is refused: %s",
		         sshd_user(), a->peer->address, why);
		text = wire_bytes_skip(text, (size_t)(line.base64.ptr - text.ptr));
		if (!auth_text_line(&text, &rest_of_line))
			break;
	}
	sshd_grant_wipe(a->grant);
	return false;
}

bool sshd_auth_next_file(const struct sshd_options *o, const char **list, struct wire_buf *text)
{
	static const char blanks[] = " \t";
	const char *why = "";
	wire_buf_wipe(text);
	while (why != NULL) {
		char path[PATH_MAX];
		*list += strspn(*list, blanks);
		size_t len = strcspn(*list, blanks);
		if (len == 0 || (len == 4 && strncasecmp(*list, "none", len) == 0))
			return false;
		sshd_path(*list, len, path, sizeof path);
		*list += len;
		why = sshd_file_read(path, o->strict_modes ? SSHD_OURS : SSHD_ANYBODYS, text);
		if (why != NULL)
			sshd_log(o->level, SSHD_INFO, "Authorized keys %s: %s", path, why);
	}
	return true;
}

bool sshd_auth_key(const struct sshd_ask *a)
{
	const char *list = a->options->authorized_keys;
	struct wire_buf text = {0};
	bool found = false;
	sshd_grant_wipe(a->grant);
	if (sshd_revoked(a->options, a->ev->key))
		return false;
	if (a->ev->cert != NULL)
		return sshd_auth_cert(a);
	while (!found && sshd_auth_next_file(a->options, &list, &text))
		found = search(a, wire_buf_view(&text));
	wire_buf_wipe(&text);
	return found;
}

/* --- Passwords --- */

/* Digests have one length, so that comparing them tells nothing about the passwords'. */
bool sshd_auth_same(ssh_bytes a, ssh_bytes b)
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
		bool same = sshd_auth_same(wire_bytes_skip(line, n + 1), password);
		right = (wire_bytes_equal(wire_bytes(line.ptr, n), user) && same) || right;
	}
	wire_buf_wipe(&file);
	return right && sshd_auth_user(user);
}
