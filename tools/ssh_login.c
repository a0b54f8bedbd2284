/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libwire/names.h"
#include "tools/file.h"
#include "tools/ssh_client.h"
#include "tools/text.h"

/* --- Keys --- */

/* The public half that stands beside the file: PATH.pub. */
static enum ssh_err read_beside(const char *path, struct wire_buf *blob)
{
	char pub[sizeof((struct ssh_identity *)0)->path + 4];
	struct wire_buf text = {0};
	struct auth_publine l;
	enum ssh_err e = SSH_ERR_PASSPHRASE;
	ssh_bytes rest, line;
	snprintf(pub, sizeof pub, "%s.pub", path);
	if (file_read(pub, &text) == 0) {
		rest = wire_buf_view(&text);
		if (auth_text_line(&rest, &line) && auth_publine_parse(&l, line) == 0)
			e = auth_publine_blob(&l, blob);
	}
	wire_buf_wipe(&text);
	return e;
}

/*
 * The key, or of an encrypted one the public half, so that nobody is asked for a passphrase before
 * the server has said that the key would do. Where that is encrypted too, it stays empty.
 */
static enum ssh_err read_identity(struct ssh_identity *id, ssh_bytes text)
{
	enum ssh_err e = auth_keyfile_parse(&id->key, NULL, crypt_keyalgs_legacy, text);
	if (e == 0)
		crypt_key_put_public(&id->key, &id->blob);
	if (e != SSH_ERR_PASSPHRASE)
		return e;
	e = auth_keyfile_public(&id->blob, text);
	if (e == SSH_ERR_PASSPHRASE && read_beside(id->path, &id->blob) != 0)
		wire_buf_wipe(&id->blob);
	return e == SSH_ERR_PASSPHRASE ? SSH_OK : e;
}

static void load(struct ssh_client *c, const char *path, bool named)
{
	struct ssh_login *l = &c->login;
	struct ssh_identity *id = &l->identities[l->count];
	struct wire_buf text = {0};
	file_expand(path, id->path, sizeof id->path);
	int err = file_read(id->path, &text);
	enum ssh_err e = err == 0 ? read_identity(id, wire_buf_view(&text)) : SSH_OK;
	wire_buf_wipe(&text);
	if (err != 0 && named)
		ssh_say(c, "identity file %s: %s", id->path, strerror(err));
	else if (e != 0)
		ssh_say(c, "identity file %s: %s", id->path, ssh_err_text(e));
	if (err == 0 && e == 0)
		l->count++;
	else
		wire_buf_wipe(&id->blob);
}

void ssh_login_init(struct ssh_client *c)
{
	static const char *const usual[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa",
	                                    "~/.ssh/id_rsa"};
	if (!c->o.pubkey_auth)
		return;
	for (size_t i = 0; c->o.identities[i] != NULL; i++)
		load(c, c->o.identities[i], true);
	if (c->o.identities[0] == NULL)
		for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
			load(c, usual[i], false);
}

void ssh_login_wipe(struct ssh_client *c)
{
	for (size_t i = 0; i < c->login.count; i++) {
		crypt_key_wipe(&c->login.identities[i].key);
		wire_buf_wipe(&c->login.identities[i].blob);
	}
}

/* --- Asking --- */

static void run_askpass(const char *program, const char *question, int out)
{
	dup2(out, STDOUT_FILENO);
	execlp(program, program, question, (char *)NULL);
	_exit(127);
}

/* The program that SSH_ASKPASS names asks in place of the terminal. */
static bool askpass(const char *program, const char *question, struct wire_buf *out)
{
	int ends[2], status = -1;
	uint8_t *room;
	ssize_t n = 0;
	if (pipe(ends) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		run_askpass(program, question, ends[1]);
	close(ends[1]);
	while (pid > 0 && (room = wire_buf_room(out, 256)) != NULL &&
	       ((n = read(ends[0], room, 256)) > 0 || (n < 0 && errno == EINTR)))
		wire_buf_took(out, n > 0 ? (size_t)n : 0);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	ssh_bytes line = wire_buf_view(out);
	while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	wire_buf_cut(out, line.len);
	return pid > 0 && status == 0;
}

/* `out` is wiped first. */
static bool ask_secret(const struct ssh_client *c, const char *question, struct wire_buf *out)
{
	const char *program = getenv("SSH_ASKPASS");
	const char *require = getenv("SSH_ASKPASS_REQUIRE");
	bool force = require != NULL && strcasecmp(require, "force") == 0;
	wire_buf_wipe(out);
	if (c->o.batch)
		return false;
	return program != NULL && force ? askpass(program, question, out)
	                                : tty_ask(question, false, out);
}

/* --- Signing --- */

/* Read the file again with what is answered, if it is the key that was offered. */
static enum ssh_err open_with(struct ssh_identity *id, ssh_bytes text, ssh_bytes passphrase)
{
	struct wire_buf own = {0};
	enum ssh_err e = auth_keyfile_open(&id->key, NULL, crypt_keyalgs_legacy, text, passphrase);
	if (e == 0)
		crypt_key_put_public(&id->key, &own);
	if (e == 0 && wire_buf_len(&id->blob) == 0)
		wire_put_raw(&id->blob, wire_buf_view(&own));
	if (e == 0 && !wire_bytes_equal(wire_buf_view(&own), wire_buf_view(&id->blob))) {
		crypt_key_wipe(&id->key);
		e = SSH_ERR_KEY;
	}
	wire_buf_wipe(&own);
	return e;
}

/* Ask for the passphrase until it is right, three times at most. An empty one gives up. */
static bool unlock(struct ssh_client *c, struct ssh_identity *id)
{
	char question[sizeof id->path + 40];
	struct wire_buf text = {0}, passphrase = {0};
	enum ssh_err e = SSH_ERR_PASSPHRASE;
	if (id->key.alg != NULL)
		return true;
	snprintf(question, sizeof question, "Enter passphrase for key '%s': ", id->path);
	if (file_read(id->path, &text) != 0)
		return false;
	for (int i = 0; i < SSH_PASSWORD_TRIES && e == SSH_ERR_PASSPHRASE; i++) {
		if (!ask_secret(c, question, &passphrase) || wire_buf_len(&passphrase) == 0)
			break;
		e = open_with(id, wire_buf_view(&text), wire_buf_view(&passphrase));
	}
	if (e != 0)
		ssh_say(c, "identity file %s: %s", id->path, ssh_err_text(e));
	wire_buf_wipe(&text);
	wire_buf_wipe(&passphrase);
	return e == 0;
}

static bool try_key(struct ssh_client *c)
{
	struct ssh_login *l = &c->login;
	while (l->next < l->count) {
		struct ssh_identity *id = &l->identities[l->next++];
		if (wire_buf_len(&id->blob) == 0 && !unlock(c, id))
			continue;
		ssh_bytes blob = wire_buf_view(&id->blob);
		const struct crypt_sigalg *alg = auth_client_sigalg(&c->conn.auth_client, blob);
		if (alg == NULL) {
			ssh_debug(c, "no signature algorithm in common for %s", id->path);
			continue;
		}
		ssh_debug(c, "offering the key %s (%s)", id->path, alg->name);
		return auth_client_publickey(&c->conn.auth_client, blob, alg) == 0;
	}
	return false;
}

static void sign(struct ssh_client *c, const struct auth_client_event *ev)
{
	struct wire_buf sig = {0};
	for (size_t i = 0; i < c->login.count; i++) {
		struct ssh_identity *id = &c->login.identities[i];
		if (!wire_bytes_equal(wire_buf_view(&id->blob), ev->key))
			continue;
		if (unlock(c, id))
			(void)crypt_key_sign(&id->key, ev->sigalg, ev->data, &c->o.kex.rng, &sig);
		break;
	}
	/* An empty signature says that there is none. */
	(void)auth_client_answer_sign(&c->conn.auth_client, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
}

/* --- Passwords --- */

static bool try_password(struct ssh_client *c)
{
	char question[600];
	struct wire_buf password = {0};
	if (!c->o.password_auth || c->login.passwords >= SSH_PASSWORD_TRIES)
		return false;
	if (c->login.passwords++ > 0)
		ssh_say(c, "Permission denied, please try again.");
	snprintf(question, sizeof question, "%.200s@%.300s's password: ", c->o.user, c->o.host);
	bool ok = ask_secret(c, question, &password) &&
	          auth_client_password(&c->conn.auth_client, wire_buf_view(&password)) == 0;
	wire_buf_wipe(&password);
	return ok;
}

static void change_password(struct ssh_client *c, ssh_bytes prompt)
{
	struct wire_buf before = {0}, after = {0};
	text_print(stderr, prompt, true);
	fputc('\n', stderr);
	if (ask_secret(c, "Old password: ", &before) && ask_secret(c, "New password: ", &after))
		(void)auth_client_new_password(&c->conn.auth_client, wire_buf_view(&before),
		                               wire_buf_view(&after));
	else
		(void)auth_client_give_up(&c->conn.auth_client);
	wire_buf_wipe(&before);
	wire_buf_wipe(&after);
}

/* --- Policy --- */

/* None first, which tells what the server takes; then the keys; then passwords. */
static void choose(struct ssh_client *c, const struct auth_client_event *ev)
{
	if (ev->first) {
		(void)auth_client_none(&c->conn.auth_client);
		return;
	}
	if (wire_names_has(ev->methods, wire_bytes_str("publickey")) && try_key(c))
		return;
	if (wire_names_has(ev->methods, wire_bytes_str("password")) && try_password(c))
		return;
	fprintf(stderr, "%s@%s: Permission denied (", c->o.user, c->o.host);
	text_print(stderr, ev->methods, false);
	fprintf(stderr, ").\n");
	(void)auth_client_give_up(&c->conn.auth_client);
}

void ssh_login_event(struct ssh_client *c, const struct auth_client_event *ev)
{
	switch (ev->type) {
	case AUTH_ASK_METHOD:
		choose(c, ev);
		break;
	case AUTH_ASK_SIGN:
		sign(c, ev);
		break;
	case AUTH_ASK_NEW_PASSWORD:
		change_password(c, ev->text);
		break;
	case AUTH_EVENT_BANNER:
		if (!c->o.quiet)
			text_print(stderr, ev->text, true);
		break;
	case AUTH_EVENT_SUCCESS:
		ssh_debug(c, "authenticated to %s by %s", c->o.host, auth_method_name(ev->method));
		ssh_session_start(c);
		break;
	default:
		break;
	}
}
