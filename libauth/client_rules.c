/* SPDX-License-Identifier: MIT */
#include "libauth/client_impl.h"
#include "libwire/msg.h"

/* Copy `from`, cut to `max` bytes. */
static enum ssh_err keep(struct wire_buf *to, ssh_bytes from, size_t max)
{
	wire_buf_reset(to);
	wire_put_raw(to, wire_bytes(from.ptr, from.len < max ? from.len : max));
	return wire_buf_end(to);
}

static enum ssh_err on_accept(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_service_accept m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_service_accept_shape, payload, &m)) != 0)
		return e;
	if (!wire_bytes_is(m.name, AUTH_SERVICE_USERAUTH))
		return SSH_ERR_MALFORMED;
	auth_client_ask(c, AUTH_ASK_METHOD);
	return 0;
}

static enum ssh_err on_failure(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_failure m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_failure_shape, payload, &m)) != 0 ||
	    (e = keep(&c->methods, m.methods, m.methods.len)) != 0)
		return e;
	c->partial = m.partial;
	auth_client_ask(c, AUTH_ASK_METHOD);
	return 0;
}

static enum ssh_err on_success(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_success m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_success_shape, payload, &m)) != 0)
		return e;
	c->state = AUTH_CLIENT_DONE;
	auth_client_tell(c, AUTH_EVENT_SUCCESS);
	return 0;
}

static enum ssh_err on_banner(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_banner m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_banner_shape, payload, &m)) != 0)
		return e;
	if (c->banners == AUTH_BANNERS_MAX)
		return 0;
	c->banners++;
	if ((e = keep(&c->banner, m.text, AUTH_BANNER_MAX)) != 0)
		return e;
	auth_client_tell(c, AUTH_EVENT_BANNER);
	return 0;
}

static enum ssh_err on_pk_ok(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_pk_ok m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_pk_ok_shape, payload, &m)) != 0)
		return e;
	/* A signature is made for the key that we asked about, never for one that the server names. */
	if (!wire_bytes_is(m.algorithm, c->sigalg->name) ||
	    !wire_bytes_equal(m.key, wire_buf_view(&c->key)))
		return SSH_ERR_MALFORMED;
	return auth_client_ask_sign(c);
}

static enum ssh_err on_changereq(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_passwd_changereq m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_passwd_changereq_shape, payload, &m)) != 0 ||
	    (e = keep(&c->prompt, m.prompt, AUTH_BANNER_MAX)) != 0)
		return e;
	auth_client_ask(c, AUTH_ASK_NEW_PASSWORD);
	return 0;
}

static enum ssh_err on_info_request(struct auth_client *c, ssh_bytes payload)
{
	struct ssh_userauth_info_request m;
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_userauth_info_request_shape, payload, &m)) != 0 ||
	    (e = ssh_info_request_check(&m)) != 0 ||
	    (e = keep(&c->prompt, payload, payload.len)) != 0)
		return e;
	if (c->rounds++ == AUTH_ROUNDS_MAX)
		return SSH_ERR_AUTH_FAILED;
	auth_client_ask(c, AUTH_ASK_PROMPTS);
	return 0;
}

#define IN(state) (1u << AUTH_CLIENT_##state)
#define TRYING    (IN(TRY_NONE) | IN(TRY_PASSWORD) | IN(TRY_SIGNED) | IN(TRY_INTERACTIVE))

/*
 * 60 means what the request makes it mean. SUCCESS does not answer a query (RFC 4252 section 7).
 * A banner behind SUCCESS is late, but does no harm: it is told.
 */
const struct auth_client_rule auth_client_rules[] = {
    {SSH_MSG_SERVICE_REQUEST, SSH_MSG_SERVICE_REQUEST, 0, NULL},
    {SSH_MSG_SERVICE_ACCEPT, SSH_MSG_SERVICE_ACCEPT, IN(EXPECT_ACCEPT), on_accept},
    {SSH_MSG_USERAUTH_REQUEST, SSH_MSG_USERAUTH_REQUEST, 0, NULL},
    {SSH_MSG_USERAUTH_FAILURE, SSH_MSG_USERAUTH_FAILURE, TRYING | IN(TRY_QUERY), on_failure},
    {SSH_MSG_USERAUTH_SUCCESS, SSH_MSG_USERAUTH_SUCCESS, TRYING, on_success},
    {SSH_MSG_USERAUTH_BANNER, SSH_MSG_USERAUTH_BANNER,
     TRYING | IN(TRY_QUERY) | IN(CHOOSE) | IN(DONE), on_banner},
    {SSH_MSG_USERAUTH_PK_OK, SSH_MSG_USERAUTH_PK_OK, IN(TRY_QUERY), on_pk_ok},
    {SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, IN(TRY_PASSWORD),
     on_changereq},
    {SSH_MSG_USERAUTH_INFO_REQUEST, SSH_MSG_USERAUTH_INFO_REQUEST, IN(TRY_INTERACTIVE),
     on_info_request},
    {SSH_MSG_USERAUTH_INFO_RESPONSE, SSH_MSG_USERAUTH_INFO_RESPONSE, 0, NULL},
    /* The connection protocol has an owner of its own, and not before SUCCESS. */
    {80, 127, 0, NULL},
};
const size_t auth_client_rules_count = sizeof auth_client_rules / sizeof auth_client_rules[0];

enum auth_judgement auth_client_judge(enum auth_client_state state, uint8_t number,
                                      const struct auth_client_rule **rule)
{
	enum auth_judgement said = AUTH_UNIMPLEMENTED;

	if (rule != NULL)
		*rule = NULL;
	for (size_t i = 0; i < auth_client_rules_count; i++) {
		const struct auth_client_rule *r = &auth_client_rules[i];

		if (number < r->first || number > r->last)
			continue;
		said = AUTH_UNWELCOME;
		if ((r->states >> state & 1) == 0)
			continue;
		if (rule != NULL)
			*rule = r;
		return AUTH_WELCOME;
	}
	return said;
}

const char *auth_client_state_name(enum auth_client_state state)
{
	static const char *const names[] = {
	    "EXPECT_ACCEPT", "CHOOSE",          "TRY_NONE", "TRY_PASSWORD", "TRY_QUERY",
	    "TRY_SIGNED",    "TRY_INTERACTIVE", "DONE",     "DEAD",
	};

	return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "UNKNOWN";
}
