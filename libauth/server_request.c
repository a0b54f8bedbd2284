/* SPDX-License-Identifier: MIT */
#include "libauth/server_impl.h"

/*
 * A request is parsed to its last byte, and a signature verified, before anything is known about
 * the user: what an attacker can see does not depend on whether the user exists. What cannot be
 * true (a name with a NUL, say) is refused here in the same way as what the owner rejects.
 */

static bool has_nul(ssh_bytes b)
{
	return b.len != 0 && memchr(b.ptr, 0, b.len) != NULL;
}

bool auth_server_user_possible(const struct auth_server *s)
{
	ssh_bytes user = wire_buf_view(&s->user);

	return user.len != 0 && user.len <= AUTH_USER_MAX && !has_nul(user);
}

bool auth_server_secret_possible(ssh_bytes secret)
{
	return secret.len <= AUTH_PASSWORD_MAX && !has_nul(secret);
}

static bool password_possible(const struct auth_server *s, ssh_bytes password)
{
	if (password.len == 0)
		return s->config.empty_passwords;
	return auth_server_secret_possible(password);
}

struct auth_server_event *auth_server_ask(struct auth_server *s, enum auth_event_type type,
                                          enum auth_method method)
{
	struct auth_server_event *ev = &s->event;

	memset(ev, 0, sizeof *ev);
	ev->type = type;
	ev->method = method;
	ev->user = wire_buf_view(&s->user);
	ev->service = s->config.service;
	s->event_ready = true;
	return ev;
}

static enum ssh_err try_none(struct auth_server *s, ssh_bytes rest)
{
	struct ssh_auth_none m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_auth_none_shape, rest, &m)) != 0)
		return e;
	if ((s->config.methods & AUTH_NONE) == 0 || (s->succeeded & AUTH_NONE) != 0 ||
	    !auth_server_user_possible(s))
		return auth_server_refuse(s);
	auth_server_ask(s, AUTH_ASK_NONE, AUTH_NONE);
	return 0;
}

static enum ssh_err try_password(struct auth_server *s, ssh_bytes rest)
{
	struct ssh_auth_password m;
	struct auth_server_event *ev;
	bool wanted = s->change_wanted;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_auth_password_shape, rest, &m)) != 0)
		return e;
	s->change_wanted = false;
	if ((s->config.methods & AUTH_PASSWORD) == 0 || !auth_server_user_possible(s) ||
	    (s->succeeded & AUTH_PASSWORD) != 0 || !password_possible(s, m.password) ||
	    (m.change && (!wanted || !password_possible(s, m.new_password))))
		return auth_server_refuse(s);
	ev = auth_server_ask(s, AUTH_ASK_PASSWORD, AUTH_PASSWORD);
	ev->changing = m.change;
	ev->password = m.password;
	ev->new_password = m.new_password;
	return 0;
}

/* Is this a key of the algorithm's type, and large enough? And if signed, is the signature good? */
static enum ssh_err check_key(const struct auth_server *s, const struct crypt_sigalg *sigalg,
                              const struct ssh_auth_publickey *m)
{
	const struct crypt_keyalg *const types[] = {sigalg->key, NULL};
	struct auth_signed over = {.session_id = s->config.session_id,
	                           .user = wire_buf_view(&s->user),
	                           .service = s->config.service,
	                           .algorithm = m->algorithm,
	                           .key = m->key};
	struct crypt_key key = {0};
	struct wire_buf data = {0};
	enum ssh_err e;

	if ((e = crypt_key_parse_public(&key, types, m->key)) != 0)
		return e;
	if (strcmp(sigalg->key->name, "ssh-rsa") == 0 &&
	    crypt_key_bits(&key) < s->config.rsa_min_bits)
		e = SSH_ERR_KEY;
	if (e == 0 && m->has_signature) {
		auth_signed_put(&data, &over);
		e = wire_buf_end(&data);
	}
	if (e == 0 && m->has_signature)
		e = crypt_key_verify(&key, sigalg, wire_buf_view(&data), m->signature);
	wire_buf_wipe(&data);
	crypt_key_wipe(&key);
	return e;
}

static enum ssh_err try_publickey(struct auth_server *s, ssh_bytes rest)
{
	const struct crypt_sigalg *sigalg;
	struct ssh_auth_publickey m;
	struct auth_server_event *ev;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_auth_publickey_shape, rest, &m)) != 0)
		return e;
	if ((s->config.methods & AUTH_PUBLICKEY) == 0)
		return auth_server_refuse(s);
	sigalg = crypt_sigalg_find(s->config.sigalgs, m.algorithm);
	if (sigalg == NULL)
		return auth_server_refuse(s);
	if ((e = check_key(s, sigalg, &m)) == SSH_ERR_NO_MEMORY)
		return e;
	if (e != 0 || !auth_server_user_possible(s) || auth_server_key_counted(s, m.key))
		return auth_server_refuse(s);
	ev = auth_server_ask(s, AUTH_ASK_KEY, AUTH_PUBLICKEY);
	ev->is_signed = m.has_signature;
	ev->key = m.key;
	ev->sigalg = sigalg;
	return 0;
}

/* RFC 4252 section 5: what one user has achieved is nothing to another. */
static enum ssh_err set_user(struct auth_server *s, ssh_bytes user)
{
	if (wire_bytes_equal(user, wire_buf_view(&s->user)))
		return 0;
	s->succeeded = 0;
	s->factors_count = 0;
	s->change_wanted = false;
	wire_buf_reset(&s->user);
	wire_put_raw(&s->user, user);
	return wire_buf_end(&s->user);
}

static enum ssh_err greet(struct auth_server *s)
{
	struct ssh_userauth_banner m = {.text = s->config.banner};

	if (s->greeted || s->config.banner.len == 0)
		return 0;
	s->greeted = true;
	return auth_server_put(s, &ssh_userauth_banner_shape, &m);
}

static enum ssh_err dispatch(struct auth_server *s, const struct ssh_userauth_request *m)
{
	uint32_t method = auth_method_find(m->method);

	if (method != AUTH_PASSWORD)
		s->change_wanted = false;
	switch (method) {
	case AUTH_NONE:
		return try_none(s, m->rest);
	case AUTH_PASSWORD:
		return try_password(s, m->rest);
	case AUTH_PUBLICKEY:
		return try_publickey(s, m->rest);
	case AUTH_INTERACTIVE:
		return auth_server_try_interactive(s, m->rest);
	default:
		return auth_server_refuse(s);
	}
}

enum ssh_err auth_server_on_request(struct auth_server *s, ssh_bytes payload)
{
	struct ssh_userauth_request m;
	enum ssh_err e;

	/* The question's views outlive the payload, which is ours for this call only. */
	wire_buf_reset(&s->request);
	wire_put_raw(&s->request, payload);
	if ((e = wire_buf_end(&s->request)) != 0 ||
	    (e = wire_msg_decode(&ssh_userauth_request_shape, wire_buf_view(&s->request), &m)) != 0)
		return e;
	if (s->requests == s->config.max_requests)
		return SSH_ERR_AUTH_TRIES;
	s->requests++;
	/* RFC 4252 section 5: what was begun before is given up, without a FAILURE. */
	s->state = AUTH_SERVER_EXPECT_REQUEST;
	if (!wire_bytes_equal(m.service, s->config.service))
		return SSH_ERR_SERVICE;
	if ((e = set_user(s, m.user)) != 0 || (e = greet(s)) != 0)
		return e;
	s->event.method = auth_method_find(m.method);
	e = dispatch(s, &m);
	if (!s->event_ready)
		wire_buf_reset(&s->request);
	return e;
}
