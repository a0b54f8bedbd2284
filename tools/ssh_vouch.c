/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "tools/file.h"
#include "tools/ssh_client.h"

/* hostbased: this host vouches for its user, if its private key can be read. */

static const char *const usual[] = {"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ecdsa_key",
                                    "/etc/ssh/ssh_host_rsa_key", NULL};

static const char *key_file(const struct ssh_client *c, size_t i)
{
	const char *const *files = c->o.vouch_keys[0] != NULL ? c->o.vouch_keys : usual;
	return files[i];
}

/* The next key that can be read into login.vouch; false: there are no more. */
static bool next_key(struct ssh_client *c)
{
	struct ssh_login *l = &c->login;
	const char *name;
	while ((name = key_file(c, l->vouched)) != NULL) {
		char path[4096];
		struct wire_buf text = {0};
		l->vouched++;
		crypt_key_wipe(&l->vouch);
		wire_buf_reset(&l->vouch_blob);
		file_expand(name, path, sizeof path);
		int err = file_read(path, &text);
		enum ssh_err e = err != 0 ? SSH_ERR_NOT_FOUND
		                          : auth_keyfile_parse(&l->vouch, NULL, crypt_keyalgs,
		                                               wire_buf_view(&text));
		wire_buf_wipe(&text);
		if (err != 0)
			ssh_debug(c, "host key %s: %s", path, strerror(err));
		else if (e != 0)
			ssh_say(c, "host key %s: %s", path, ssh_err_text(e));
		if (e != 0)
			continue;
		crypt_key_put_public(&l->vouch, &l->vouch_blob);
		if (wire_buf_end(&l->vouch_blob) == 0)
			return true;
	}
	return false;
}

bool ssh_login_try_host(struct ssh_client *c)
{
	struct ssh_login *l = &c->login;
	char name[256] = "";
	const struct passwd *pw = getpwuid(getuid());
	if (!c->o.host_auth || pw == NULL)
		return false;
	(void)gethostname(name, sizeof name - 1);
	while (next_key(c)) {
		ssh_bytes blob = wire_buf_view(&l->vouch_blob);
		struct auth_client_host h = {
		    .key = blob,
		    .sigalg = auth_client_sigalg(&c->conn.auth_client, blob),
		    .host = wire_bytes_str(c->o.vouch_host != NULL ? c->o.vouch_host : name),
		    .user = wire_bytes_str(pw->pw_name),
		};
		if (auth_client_hostbased(&c->conn.auth_client, &h) == 0)
			return true;
	}
	return false;
}

bool ssh_login_vouch(struct ssh_client *c, const struct auth_client_event *ev, struct wire_buf *sig)
{
	const struct ssh_login *l = &c->login;
	if (l->vouch.alg == NULL || !wire_bytes_equal(wire_buf_view(&l->vouch_blob), ev->key))
		return false;
	(void)crypt_key_sign(&l->vouch, ev->sigalg, ev->data, &c->o.kex.rng, sig);
	return true;
}
