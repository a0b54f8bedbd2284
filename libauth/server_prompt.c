/* SPDX-License-Identifier: MIT */
#include "libauth/server_impl.h"

/* keyboard-interactive: RFC 4256. */

enum ssh_err auth_server_try_interactive(struct auth_server *s, ssh_bytes rest)
{
	struct ssh_auth_kbdint m;
	struct auth_server_event *ev;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_auth_kbdint_shape, rest, &m)) != 0)
		return e;
	if (!auth_server_offers(s, AUTH_INTERACTIVE) || !auth_server_user_possible(s))
		return auth_server_refuse(s);
	ev = auth_server_ask(s, AUTH_ASK_CHALLENGE, AUTH_INTERACTIVE);
	ev->language = m.language;
	ev->submethods = m.submethods;
	return 0;
}

static void put_prompts(struct wire_buf *out, const struct auth_challenge *c)
{
	for (size_t i = 0; i < c->count; i++) {
		wire_put_string(out, c->prompts[i].text);
		wire_put_bool(out, c->prompts[i].echo);
	}
}

static enum ssh_err put_info_request(struct auth_server *s, const struct auth_challenge *c)
{
	struct ssh_userauth_info_request m = {
	    .name = c->name, .instruction = c->instruction, .count = (uint32_t)c->count};
	struct wire_buf rest = {0};
	enum ssh_err e;

	put_prompts(&rest, c);
	m.rest = wire_buf_view(&rest);
	if ((e = wire_buf_end(&rest)) == 0)
		e = auth_server_put(s, &ssh_userauth_info_request_shape, &m);
	wire_buf_wipe(&rest);
	return e;
}

enum ssh_err auth_server_prompt(struct auth_server *s, const struct auth_challenge *c)
{
	if (s->err != 0)
		return s->err;
	if (!s->asking ||
	    (s->event.type != AUTH_ASK_CHALLENGE && s->event.type != AUTH_ASK_RESPONSES))
		return SSH_ERR_STATE;
	if (c->count > SSH_INFO_MAX)
		return SSH_ERR_ARGUMENT;
	s->asking = false;
	s->prompts = (uint32_t)c->count;
	s->state = AUTH_SERVER_EXPECT_RESPONSE;
	return auth_server_settle(s, put_info_request(s, c));
}

/* RFC 4256 section 3.4: another count than there were prompts is a failure. */
static bool responses_possible(const struct auth_server *s,
                               const struct ssh_userauth_info_response *m)
{
	ssh_bytes rest = m->rest, one;

	while (ssh_info_response_next(&rest, &one))
		if (!auth_server_secret_possible(one))
			return false;
	return m->count == s->prompts;
}

enum ssh_err auth_server_on_response(struct auth_server *s, ssh_bytes payload)
{
	struct ssh_userauth_info_response m;
	struct auth_server_event *ev;
	enum ssh_err e;

	wire_buf_reset(&s->request);
	wire_put_raw(&s->request, payload);
	if ((e = wire_buf_end(&s->request)) != 0 ||
	    (e = wire_msg_decode(&ssh_userauth_info_response_shape, wire_buf_view(&s->request),
	                         &m)) != 0 ||
	    (e = ssh_info_response_check(&m)) != 0)
		return e;
	/* Rounds are bounded as requests are: an owner may ask for ever, a client answer for ever. */
	if (s->requests++ == s->config.max_requests)
		return SSH_ERR_AUTH_TRIES;
	s->state = AUTH_SERVER_EXPECT_REQUEST;
	if (!responses_possible(s, &m)) {
		wire_buf_reset(&s->request);
		return auth_server_refuse(s);
	}
	ev = auth_server_ask(s, AUTH_ASK_RESPONSES, AUTH_INTERACTIVE);
	ev->responses = m;
	return 0;
}
