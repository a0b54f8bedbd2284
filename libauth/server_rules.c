/* SPDX-License-Identifier: MIT */
#include "libauth/server_impl.h"

static enum ssh_err on_service(struct auth_server *s, ssh_bytes payload)
{
	struct ssh_service_request m;
	struct ssh_service_accept reply = {.name = wire_bytes_str(AUTH_SERVICE_USERAUTH)};
	enum ssh_err e;

	if ((e = wire_msg_decode(&ssh_service_request_shape, payload, &m)) != 0)
		return e;
	if (!wire_bytes_is(m.name, AUTH_SERVICE_USERAUTH))
		return s->state == AUTH_SERVER_EXPECT_SERVICE ? SSH_ERR_SERVICE
		                                              : SSH_ERR_UNEXPECTED;
	/* Some clients (paramiko) ask anew before every attempt: it counts as one. */
	if (s->state == AUTH_SERVER_EXPECT_REQUEST && s->requests++ == s->config.max_requests)
		return SSH_ERR_AUTH_TRIES;
	s->state = AUTH_SERVER_EXPECT_REQUEST;
	return auth_server_put(s, &ssh_service_accept_shape, &reply);
}

/* RFC 4252 section 5.1: requests behind the successful one are silently ignored. */
static enum ssh_err on_late_request(struct auth_server *s, ssh_bytes payload)
{
	(void)s;
	(void)payload;
	return 0;
}

#define IN(state) (1u << AUTH_SERVER_##state)

const struct auth_server_rule auth_server_rules[] = {
    {SSH_MSG_SERVICE_REQUEST, SSH_MSG_SERVICE_REQUEST, IN(EXPECT_SERVICE) | IN(EXPECT_REQUEST),
     on_service},
    {SSH_MSG_SERVICE_ACCEPT, SSH_MSG_SERVICE_ACCEPT, 0, NULL},
    {SSH_MSG_USERAUTH_REQUEST, SSH_MSG_USERAUTH_REQUEST, IN(EXPECT_REQUEST) | IN(EXPECT_RESPONSE),
     auth_server_on_request},
    {SSH_MSG_USERAUTH_REQUEST, SSH_MSG_USERAUTH_REQUEST, IN(DONE), on_late_request},
    /* The server's own messages: FAILURE, SUCCESS, BANNER. */
    {SSH_MSG_USERAUTH_FAILURE, SSH_MSG_USERAUTH_BANNER, 0, NULL},
    /* The methods' own: 60 is the server's in all of them, 61 answers what we have asked. */
    {SSH_MSG_USERAUTH_PK_OK, SSH_MSG_USERAUTH_PK_OK, 0, NULL},
    {SSH_MSG_USERAUTH_INFO_RESPONSE, SSH_MSG_USERAUTH_INFO_RESPONSE, IN(EXPECT_RESPONSE),
     auth_server_on_response},
    /* The connection protocol has an owner of its own, and not before SUCCESS. */
    {80, 127, 0, NULL},
};
const size_t auth_server_rules_count = sizeof auth_server_rules / sizeof auth_server_rules[0];

enum auth_judgement auth_server_judge(enum auth_server_state state, uint8_t number,
                                      const struct auth_server_rule **rule)
{
	enum auth_judgement said = AUTH_UNIMPLEMENTED;

	if (rule != NULL)
		*rule = NULL;
	for (size_t i = 0; i < auth_server_rules_count; i++) {
		const struct auth_server_rule *r = &auth_server_rules[i];

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

const char *auth_server_state_name(enum auth_server_state state)
{
	static const char *const names[] = {"EXPECT_SERVICE", "EXPECT_REQUEST", "EXPECT_RESPONSE",
	                                    "DONE", "DEAD"};

	return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "UNKNOWN";
}
