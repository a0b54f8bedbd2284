/* SPDX-License-Identifier: MIT */
#include "libauth/server_impl.h"

/*
 * hostbased: RFC 4252 section 9. The client's host vouches for its user with its own key. Whose key
 * that is, and whether the peer is that host, the owner knows; the signature is verified here.
 */

/* Names of hosts are letters, digits, hyphens and dots; what is printable is let through to the owner. */
static bool host_possible(ssh_bytes host)
{
	for (size_t i = 0; i < host.len; i++)
		if (host.ptr[i] <= ' ' || host.ptr[i] >= 0x7f)
			return false;
	return host.len != 0 && host.len <= AUTH_HOST_MAX;
}

static enum ssh_err verify(const struct auth_server *s, const struct ssh_auth_hostbased *m,
                           const struct crypt_sigalg *sigalg, const struct crypt_key *key)
{
	struct auth_signed over = {.session_id = s->config.session_id,
	                           .user = wire_buf_view(&s->user),
	                           .service = s->config.service,
	                           .algorithm = m->algorithm,
	                           .key = m->key,
	                           .host = m->host,
	                           .host_user = m->host_user};
	struct wire_buf data = {0};
	enum ssh_err e;

	auth_signed_put(&data, &over);
	if ((e = wire_buf_end(&data)) == 0)
		e = crypt_key_verify(key, sigalg, wire_buf_view(&data), m->signature);
	wire_buf_wipe(&data);
	return e;
}

static enum ssh_err check(const struct auth_server *s, const struct ssh_auth_hostbased *m,
                          const struct crypt_sigalg *sigalg)
{
	const struct crypt_keyalg *const types[] = {sigalg->key, NULL};
	struct crypt_key key = {0};
	enum ssh_err e;

	if ((e = crypt_key_parse_public(&key, types, m->key)) != 0)
		return e;
	if (!auth_server_key_large(s, &key))
		e = SSH_ERR_KEY;
	if (e == 0)
		e = verify(s, m, sigalg, &key);
	crypt_key_wipe(&key);
	return e;
}

enum ssh_err auth_server_try_host(struct auth_server *s, ssh_bytes rest)
{
	const struct crypt_sigalg *const *algs = s->config.host_sigalgs;
	const struct crypt_sigalg *sigalg;
	struct auth_server_event *ev;
	struct ssh_auth_hostbased m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_auth_hostbased_shape, rest, &m)) != 0)
		return e;
	if (!auth_server_offers(s, AUTH_HOSTBASED) || !host_possible(m.host) ||
	    !auth_server_name_possible(m.host_user) || !auth_server_user_possible(s))
		return auth_server_refuse(s);
	sigalg = crypt_sigalg_find(algs != NULL ? algs : s->config.sigalgs, m.algorithm);
	/* Nobody has looked for the authority of a certificate. */
	if (sigalg == NULL || sigalg->key->plain != NULL)
		return auth_server_refuse(s);
	if ((e = check(s, &m, sigalg)) != 0)
		return e == SSH_ERR_NO_MEMORY ? e : auth_server_refuse(s);
	ev = auth_server_ask(s, AUTH_ASK_HOST, AUTH_HOSTBASED);
	ev->is_signed = true;
	ev->key = m.key;
	ev->sigalg = sigalg;
	ev->host = m.host;
	ev->host_user = m.host_user;
	return 0;
}
