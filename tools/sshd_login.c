/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_serve.h"

#include <stdio.h>
#include <unistd.h>

#include "libcrypt/key.h"

/* "ED25519 SHA256:…", or nothing. */
static void describe_key(ssh_bytes blob, char *out, size_t size)
{
	struct crypt_key key = {0};
	char print[CRYPT_FINGERPRINT_SIZE];
	out[0] = '\0';
	if (blob.len == 0 || crypt_key_parse_public(&key, crypt_keyalgs_legacy, blob) != 0)
		return;
	crypt_key_fingerprint(blob, print);
	snprintf(out, size, ": %s %s", key.alg->kind, print);
	crypt_key_wipe(&key);
}

static void report(const struct sshd_serve *v, const struct auth_server_event *ev,
                   const char *outcome, enum sshd_level level)
{
	char user[SSHD_SHOWN], key[128];
	describe_key(ev->key, key, sizeof key);
	sshd_log(v->options->level, level, "%s %s for %s%s from %s port %s ssh2%s", outcome,
	         auth_method_name(ev->method), sshd_auth_user(ev->user) ? "" : "invalid user ",
	         sshd_shown(ev->user, user), v->peer.address, v->peer.port, key);
}

/* Others' names go the same way as our own, and find nothing at its end. */
static bool ask_key(struct sshd_serve *v, const struct auth_server_event *ev)
{
	return sshd_auth_key(v->options, &v->peer, ev->key, &v->grant) && sshd_auth_user(ev->user);
}

static void answer(struct sshd_serve *v, const struct auth_server_event *ev, bool yes)
{
	if (!yes && ev->type == AUTH_ASK_PASSWORD)
		report(v, ev, "Failed", SSHD_INFO);
	else if (!yes)
		report(v, ev, "Failed", SSHD_DEBUG);
	(void)auth_server_answer(&v->conn.auth_server, yes ? AUTH_ACCEPT : AUTH_REJECT);
}

static void succeeded(struct sshd_serve *v, const struct auth_server_event *ev)
{
	report(v, ev, "Accepted", SSHD_INFO);
	if (ev->method != AUTH_PUBLICKEY)
		sshd_grant_wipe(&v->grant);
	v->login_by = UINT64_MAX;
	if (v->startup >= 0)
		close(v->startup);
	v->startup = -1;
}

void sshd_login(struct sshd_serve *v, const struct auth_server_event *ev)
{
	switch (ev->type) {
	case AUTH_ASK_KEY:
		answer(v, ev, ask_key(v, ev));
		break;
	case AUTH_ASK_PASSWORD:
		/* Passwords are not changed from here: asking for that is a wrong password. */
		answer(v, ev,
		       !ev->changing && sshd_auth_password(v->options, ev->user, ev->password));
		break;
	case AUTH_ASK_NONE:
		answer(v, ev, false);
		break;
	case AUTH_EVENT_SUCCESS:
		succeeded(v, ev);
		break;
	default:
		break;
	}
}
