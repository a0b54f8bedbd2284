/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libcrypt/cert.h"
#include "tools/file.h"
#include "tools/ssh_client.h"

/* The user's keys and certificates. */

/* --- Keys --- */

/* The first line of a file of public keys, PATH and what is behind it. */
static enum ssh_err read_public(const char *path, const char *behind, struct wire_buf *blob)
{
	char pub[sizeof((struct ssh_identity *)0)->path + 16];
	struct wire_buf text = {0};
	struct auth_publine l;
	enum ssh_err e = SSH_ERR_PASSPHRASE;
	ssh_bytes rest, line;
	snprintf(pub, sizeof pub, "%s%s", path, behind);
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
	if (e == SSH_ERR_PASSPHRASE && read_public(id->path, ".pub", &id->blob) != 0)
		wire_buf_wipe(&id->blob);
	return e == SSH_ERR_PASSPHRASE ? SSH_OK : e;
}

/* Keep a certificate if it is this key's. Of an encrypted key it may be all that can be read. */
static bool certify(struct ssh_identity *id, ssh_bytes blob)
{
	struct wire_buf own = {0};
	struct crypt_cert cert;
	bool same = false;
	if (crypt_cert_parse(&cert, crypt_cert_keyalgs, blob) == 0) {
		crypt_cert_put_key(&own, &cert);
		if (wire_buf_len(&id->blob) == 0)
			wire_put_raw(&id->blob, wire_buf_view(&own));
		same = wire_bytes_equal(wire_buf_view(&own), wire_buf_view(&id->blob));
	}
	if (same) {
		wire_buf_reset(&id->cert);
		wire_put_raw(&id->cert, blob);
	}
	wire_buf_wipe(&own);
	return same;
}

static void load(struct ssh_client *c, const char *path, bool named)
{
	struct ssh_login *l = &c->login;
	struct ssh_identity *id = &l->identities[l->count];
	struct wire_buf text = {0}, cert = {0};
	file_expand(path, id->path, sizeof id->path);
	int err = file_read(id->path, &text);
	enum ssh_err e = err == 0 ? read_identity(id, wire_buf_view(&text)) : SSH_OK;
	wire_buf_wipe(&text);
	if (err != 0 && named)
		ssh_say(c, "identity file %s: %s", id->path, strerror(err));
	else if (e != 0)
		ssh_say(c, "identity file %s: %s", id->path, ssh_err_text(e));
	if (err != 0 || e != 0) {
		wire_buf_wipe(&id->blob);
		return;
	}
	l->count++;
	if (read_public(id->path, "-cert.pub", &cert) == 0)
		(void)certify(id, wire_buf_view(&cert));
	wire_buf_wipe(&cert);
}

static void load_certificate(struct ssh_client *c, const char *path)
{
	char expanded[sizeof c->login.identities[0].path];
	struct wire_buf cert = {0};
	bool used = false;
	file_expand(path, expanded, sizeof expanded);
	enum ssh_err e = read_public(expanded, "", &cert);
	for (size_t i = 0; e == 0 && i < c->login.count; i++)
		used = certify(&c->login.identities[i], wire_buf_view(&cert)) || used;
	if (!used)
		ssh_say(c, "certificate %s: %s", expanded,
		        e != 0 ? "cannot be read" : "of none of the keys");
	wire_buf_wipe(&cert);
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
	for (size_t i = 0; c->o.certificates[i] != NULL; i++)
		load_certificate(c, c->o.certificates[i]);
}

void ssh_login_wipe(struct ssh_client *c)
{
	for (size_t i = 0; i < c->login.count; i++) {
		crypt_key_wipe(&c->login.identities[i].key);
		wire_buf_wipe(&c->login.identities[i].blob);
		wire_buf_wipe(&c->login.identities[i].cert);
	}
	wire_buf_wipe(&c->login.can_continue);
	crypt_key_wipe(&c->login.vouch);
	wire_buf_wipe(&c->login.vouch_blob);
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
		if (!ssh_ask_secret(c, question, &passphrase) || wire_buf_len(&passphrase) == 0)
			break;
		e = open_with(id, wire_buf_view(&text), wire_buf_view(&passphrase));
	}
	if (e != 0)
		ssh_say(c, "identity file %s: %s", id->path, ssh_err_text(e));
	wire_buf_wipe(&text);
	wire_buf_wipe(&passphrase);
	return e == 0;
}

static bool offer(struct ssh_client *c, const struct ssh_identity *id, ssh_bytes blob)
{
	const struct crypt_sigalg *alg = auth_client_sigalg(&c->conn.auth_client, blob);
	if (alg == NULL) {
		ssh_debug(c, "no signature algorithm in common for %s", id->path);
		return false;
	}
	ssh_debug(c, "offering the key %s (%s)", id->path, alg->name);
	return auth_client_publickey(&c->conn.auth_client, blob, alg) == 0;
}

/* Each key with its certificate first, then by itself. */
bool ssh_login_try_key(struct ssh_client *c)
{
	struct ssh_login *l = &c->login;
	while (l->next < 2 * l->count) {
		bool plain = l->next % 2 != 0;
		struct ssh_identity *id = &l->identities[l->next++ / 2];
		if (!plain && wire_buf_len(&id->cert) == 0)
			continue;
		if (wire_buf_len(&id->blob) == 0 && !unlock(c, id))
			continue;
		if (offer(c, id, wire_buf_view(plain ? &id->blob : &id->cert)))
			return true;
	}
	return false;
}

/* A certificate's algorithm signs as the plain one does, and bears its name. */
static const struct crypt_sigalg *plain_sigalg(const struct crypt_sigalg *alg)
{
	const char *name = crypt_sigalg_signature_name(alg);
	return alg->key->plain == NULL
	           ? alg
	           : crypt_sigalg_find(crypt_sigalgs_legacy, wire_bytes_str(name));
}

void ssh_login_sign(struct ssh_client *c, const struct auth_client_event *ev)
{
	const struct crypt_sigalg *alg = plain_sigalg(ev->sigalg);
	struct wire_buf sig = {0};
	bool vouched = ssh_login_vouch(c, ev, &sig);
	for (size_t i = 0; i < c->login.count && !vouched; i++) {
		struct ssh_identity *id = &c->login.identities[i];
		if (!wire_bytes_equal(wire_buf_view(&id->blob), ev->key) &&
		    !wire_bytes_equal(wire_buf_view(&id->cert), ev->key))
			continue;
		if (alg != NULL && unlock(c, id))
			(void)crypt_key_sign(&id->key, alg, ev->data, &c->o.kex.rng, &sig);
		break;
	}
	/* An empty signature says that there is none. */
	(void)auth_client_answer_sign(&c->conn.auth_client, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
}
