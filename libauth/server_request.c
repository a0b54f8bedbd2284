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

bool auth_server_name_possible(ssh_bytes name)
{
	return name.len != 0 && name.len <= AUTH_USER_MAX && !has_nul(name);
}

bool auth_server_user_possible(const struct auth_server *s)
{
	return auth_server_name_possible(wire_buf_view(&s->user));
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
	if (!auth_server_offers(s, AUTH_NONE) || !auth_server_user_possible(s))
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
	if (!auth_server_offers(s, AUTH_PASSWORD) || !auth_server_user_possible(s) ||
	    !password_possible(s, m.password) ||
	    (m.change && (!wanted || !password_possible(s, m.new_password))))
		return auth_server_refuse(s);
	ev = auth_server_ask(s, AUTH_ASK_PASSWORD, AUTH_PASSWORD);
	ev->changing = m.change;
	ev->password = m.password;
	ev->new_password = m.new_password;
	return 0;
}

/* RFC 4252 section 5: what one user has achieved is nothing to another. */
static enum ssh_err set_user(struct auth_server *s, ssh_bytes user)
{
	if (wire_bytes_equal(user, wire_buf_view(&s->user)))
		return 0;
	s->succeeded = 0;
	s->done_count = 0;
	s->factors_count = 0;
	s->change_wanted = false;
	s->sigalgs = s->config.sigalgs;
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

static bool is_bound(const struct ssh_userauth_request *m)
{
	return wire_bytes_is(m->method, AUTH_PUBLICKEY_HOSTBOUND);
}

static enum ssh_err dispatch(struct auth_server *s, const struct ssh_userauth_request *m)
{
	uint32_t method = s->event.method;

	if (method != AUTH_PASSWORD)
		s->change_wanted = false;
	switch (method) {
	case AUTH_NONE:
		return try_none(s, m->rest);
	case AUTH_PASSWORD:
		return try_password(s, m->rest);
	case AUTH_PUBLICKEY:
		return auth_server_try_key(s, m->rest, is_bound(m));
	case AUTH_INTERACTIVE:
		return auth_server_try_interactive(s, m->rest);
	case AUTH_HOSTBASED:
		return auth_server_try_host(s, m->rest);
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
	s->event.method = is_bound(&m) ? AUTH_PUBLICKEY : auth_method_find(m.method);
	e = dispatch(s, &m);
	if (!s->event_ready)
		wire_buf_reset(&s->request);
	return e;
}
