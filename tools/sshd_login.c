/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_serve.h"

#include <stdio.h>
#include <unistd.h>

#include "libcrypt/key.h"

/* "ED25519-CERT SHA256:… ID … (serial 1) CA SHA256:…" */
static void describe_cert(const struct crypt_cert *c, char *out, size_t size)
{
	char key[CRYPT_FINGERPRINT_SIZE] = "", authority[CRYPT_FINGERPRINT_SIZE], id[SSHD_SHOWN];
	struct wire_buf plain = {0};
	crypt_cert_put_key(&plain, c);
	if (wire_buf_end(&plain) == 0)
		crypt_key_fingerprint(wire_buf_view(&plain), key);
	wire_buf_wipe(&plain);
	crypt_key_fingerprint(c->authority, authority);
	snprintf(out, size, ": %s %s ID %.64s (serial %llu) CA %s", c->alg->kind, key,
	         sshd_shown(c->id, id), (unsigned long long)c->serial, authority);
}

/* "ED25519 SHA256:…", or nothing. */
static void describe_key(const struct auth_server_event *ev, char *out, size_t size)
{
	char print[CRYPT_FINGERPRINT_SIZE];
	out[0] = '\0';
	if (ev->cert != NULL) {
		describe_cert(ev->cert, out, size);
	} else if (ev->key.len != 0) {
		crypt_key_fingerprint(ev->key, print);
		snprintf(out, size, ": %s %s", ev->sigalg->key->kind, print);
	}
}

static void report(const struct sshd_serve *v, const struct auth_server_event *ev,
                   const char *outcome, enum sshd_level level)
{
	char user[SSHD_SHOWN], key[320];
	describe_key(ev, key, sizeof key);
	sshd_log(v->options->level, level, "%s %s for %s%s from %s port %s ssh2%s", outcome,
	         auth_method_name(ev->method), sshd_auth_user(ev->user) ? "" : "invalid user ",
	         sshd_shown(ev->user, user), v->peer.address, v->peer.port, key);
}

/*
 * Keys that have counted bind whoever logs in by more than one method: what they allow adds up.
 * Others' names go the same way as our own, and find nothing at its end.
 */
static bool ask_key(struct sshd_serve *v, const struct auth_server_event *ev)
{
	struct sshd_grant grant = {0};
	struct sshd_ask a = {v->options, &v->peer, &v->conn.auth_server, ev, &grant};
	bool ok = sshd_auth_key(&a) && sshd_auth_user(ev->user) &&
	          (!ev->is_signed || sshd_grant_merge(&v->grant, &grant));
	sshd_grant_wipe(&grant);
	return ok;
}

static bool ask_host(struct sshd_serve *v, const struct auth_server_event *ev)
{
	struct sshd_ask a = {v->options, &v->peer, &v->conn.auth_server, ev, NULL};
	return sshd_auth_host(&a) && sshd_auth_user(ev->user);
}

static void answer(struct sshd_serve *v, const struct auth_server_event *ev, bool yes)
{
	if (!yes && (ev->type == AUTH_ASK_PASSWORD || ev->type == AUTH_ASK_RESPONSES))
		report(v, ev, "Failed", SSHD_INFO);
	else if (!yes)
		report(v, ev, "Failed", SSHD_DEBUG);
	(void)auth_server_answer(&v->conn.auth_server, yes ? AUTH_ACCEPT : AUTH_REJECT);
}

static void succeeded(struct sshd_serve *v, const struct auth_server_event *ev)
{
	report(v, ev, "Accepted", SSHD_INFO);
	v->login_by = UINT64_MAX;
	if (v->startup >= 0)
		close(v->startup);
	v->startup = -1;
	sshd_hostkeys_tell(v);
}

void sshd_login(struct sshd_serve *v, const struct auth_server_event *ev)
{
	switch (ev->type) {
	case AUTH_ASK_KEY:
		answer(v, ev, ask_key(v, ev));
		break;
	case AUTH_ASK_HOST:
		answer(v, ev, ask_host(v, ev));
		break;
	case AUTH_ASK_PASSWORD:
		/* Passwords are not changed from here: asking for that is a wrong password. */
		answer(v, ev,
		       !ev->changing && sshd_auth_password(v->options, ev->user, ev->password));
		break;
	case AUTH_ASK_CHALLENGE:
		sshd_auth_ask(v->options, &v->conn.auth_server);
		break;
	case AUTH_ASK_RESPONSES:
		answer(v, ev, sshd_auth_responses(v->options, ev->user, &ev->responses));
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
