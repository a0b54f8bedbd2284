/* SPDX-License-Identifier: MIT */
#include "libauth/queue_impl.h"
#include "libauth/server_impl.h"

/* --- Life --- */

static void wipe_bufs(struct auth_server *s)
{
	wire_buf_wipe(&s->out);
	wire_buf_wipe(&s->request);
	wire_buf_wipe(&s->user);
	wire_buf_wipe(&s->host_key);
}

enum ssh_err auth_server_fail(struct auth_server *s, enum ssh_err e)
{
	s->err = e;
	s->state = AUTH_SERVER_DEAD;
	s->asking = false;
	wipe_bufs(s);
	memset(&s->event, 0, sizeof s->event);
	s->event.type = AUTH_EVENT_ERROR;
	s->event.err = e;
	s->event_ready = true;
	return e;
}

static void set_defaults(struct auth_server_config *c)
{
	if (c->service.len == 0)
		c->service = wire_bytes_str(AUTH_SERVICE_CONNECTION);
	if (c->rsa_min_bits == 0)
		c->rsa_min_bits = CRYPT_RSA_BITS_DEFAULT;
	if (c->max_failures == 0)
		c->max_failures = AUTH_FAILURES_MAX;
	if (c->max_requests == 0)
		c->max_requests = AUTH_REQUESTS_MAX;
}

enum ssh_err auth_server_init(struct auth_server *s, const struct auth_server_config *config)
{
	memset(s, 0, sizeof *s);
	if (config->session_id.len == 0 || config->methods == 0 ||
	    ((config->methods & AUTH_PUBLICKEY) != 0 && config->sigalgs == NULL) ||
	    ((config->methods & AUTH_HOSTBASED) != 0 && config->sigalgs == NULL &&
	     config->host_sigalgs == NULL) ||
	    (config->chains.len != 0 && !auth_chains_valid(config->chains, config->methods)) ||
	    config->banner.len > AUTH_SERVER_BANNER_MAX)
		return SSH_ERR_ARGUMENT;
	s->config = *config;
	set_defaults(&s->config);
	s->sigalgs = s->config.sigalgs;
	wire_buf_init(&s->out, AUTH_QUEUE_MAX);
	return 0;
}

void auth_server_wipe(struct auth_server *s)
{
	wipe_bufs(s);
	wire_wipe(s, sizeof *s);
}

/* --- Verbs --- */

bool auth_server_ready(const struct auth_server *s)
{
	return s->err == 0 && !s->event_ready && !s->asking && wire_buf_len(&s->out) == 0;
}

enum ssh_err auth_server_recv(struct auth_server *s, ssh_bytes payload)
{
	const struct auth_server_rule *rule;
	enum ssh_err e;

	if (s->err != 0)
		return s->err;
	if (!auth_server_ready(s))
		return SSH_ERR_AGAIN;
	if (payload.len == 0)
		return auth_server_fail(s, SSH_ERR_TRUNCATED);
	switch (auth_server_judge(s->state, payload.ptr[0], &rule)) {
	case AUTH_WELCOME:
		e = rule->handle(s, payload);
		return e == 0 ? 0 : auth_server_fail(s, e);
	case AUTH_UNIMPLEMENTED:
		memset(&s->event, 0, sizeof s->event);
		s->event.type = AUTH_EVENT_UNIMPLEMENTED;
		s->event_ready = true;
		return 0;
	case AUTH_UNWELCOME:
		break;
	}
	return auth_server_fail(s, SSH_ERR_UNEXPECTED);
}

bool auth_server_next(struct auth_server *s, struct auth_server_event *ev)
{
	memset(ev, 0, sizeof *ev);
	if (!s->event_ready)
		return false;
	*ev = s->event;
	s->event_ready = false;
	s->asking = ev->type >= AUTH_ASK_NONE;
	return true;
}

ssh_bytes auth_server_out(const struct auth_server *s)
{
	return auth_queue_first(&s->out);
}

void auth_server_sent(struct auth_server *s)
{
	auth_queue_drop(&s->out);
}

/* --- Replies --- */

enum ssh_err auth_server_put(struct auth_server *s, const struct wire_shape *shape, const void *msg)
{
	size_t mark = wire_put_string_begin(&s->out);

	wire_msg_encode(&s->out, shape, msg);
	wire_put_string_end(&s->out, mark);
	return wire_buf_end(&s->out);
}

/* The methods that can continue: what the chains have next, or what is offered and new. */
static uint32_t methods_left(const struct auth_server *s)
{
	uint32_t left = auth_chains_next(s->config.chains, s->done, s->done_count, NULL);

	if (left == 0)
		left = s->config.methods & ~s->succeeded;
	return left != 0 ? left : s->config.methods;
}

bool auth_server_offers(const struct auth_server *s, enum auth_method method)
{
	return (methods_left(s) & (uint32_t)method) != 0;
}

static enum ssh_err put_failure(struct auth_server *s, bool partial)
{
	struct ssh_userauth_failure m = {.partial = partial};
	struct wire_buf names = {0};
	enum ssh_err e;

	auth_method_put_list(&names, methods_left(s));
	m.methods = wire_buf_view(&names);
	if ((e = wire_buf_end(&names)) == 0)
		e = auth_server_put(s, &ssh_userauth_failure_shape, &m);
	wire_buf_wipe(&names);
	return e;
}

enum ssh_err auth_server_refuse(struct auth_server *s)
{
	/* The first none is how clients learn the methods, not an attempt. */
	bool counts = s->event.method != AUTH_NONE || s->tried_none;

	if (s->event.method == AUTH_NONE)
		s->tried_none = true;
	if (counts && s->failures++ >= s->config.max_failures)
		return SSH_ERR_AUTH_TRIES;
	return put_failure(s, false);
}

/* Right, but more is wanted. */
static enum ssh_err go_on(struct auth_server *s)
{
	if (s->done_count == AUTH_CHAIN_MAX ||
	    (s->event.method == AUTH_PUBLICKEY && !auth_server_count_key(s)))
		return auth_server_refuse(s);
	s->done[s->done_count++] = s->event.method;
	s->succeeded |= s->event.method;
	return put_failure(s, true);
}

/* Is a chain at its end with the present method? Without chains any one is. */
static bool is_enough(const struct auth_server *s)
{
	uint32_t done[AUTH_CHAIN_MAX + 1];
	bool complete;

	if (s->config.chains.len == 0)
		return true;
	memcpy(done, s->done, sizeof s->done);
	done[s->done_count] = s->event.method;
	(void)auth_chains_next(s->config.chains, done, s->done_count + 1, &complete);
	return complete;
}

static enum ssh_err put_pk_ok(struct auth_server *s)
{
	struct ssh_userauth_pk_ok m = {.algorithm = wire_bytes_str(s->event.sigalg->name),
	                               .key = s->event.key};

	return auth_server_put(s, &ssh_userauth_pk_ok_shape, &m);
}

static enum ssh_err succeed(struct auth_server *s)
{
	struct ssh_userauth_success m = {0};

	s->state = AUTH_SERVER_DONE;
	s->event.type = AUTH_EVENT_SUCCESS;
	s->event_ready = true;
	return auth_server_put(s, &ssh_userauth_success_shape, &m);
}

static enum ssh_err reply(struct auth_server *s, enum auth_verdict verdict)
{
	if ((verdict != AUTH_ACCEPT && verdict != AUTH_PARTIAL) ||
	    (s->event.type == AUTH_ASK_KEY && !auth_server_key_acceptable(s)))
		return auth_server_refuse(s);
	if (s->event.type == AUTH_ASK_KEY && !s->event.is_signed)
		return put_pk_ok(s);
	if (verdict == AUTH_PARTIAL || !is_enough(s))
		return go_on(s);
	return succeed(s);
}

/* A key stays until the next request: SUCCESS names it. */
enum ssh_err auth_server_settle(struct auth_server *s, enum ssh_err e)
{
	if (e != 0)
		return auth_server_fail(s, e);
	if (s->event.method != AUTH_PUBLICKEY && s->event.method != AUTH_HOSTBASED)
		wire_buf_reset(&s->request);
	s->event.password = s->event.new_password = wire_bytes(NULL, 0);
	s->event.responses = (struct ssh_userauth_info_response){0};
	return 0;
}

enum ssh_err auth_server_answer(struct auth_server *s, enum auth_verdict verdict)
{
	if (s->err != 0)
		return s->err;
	if (!s->asking)
		return SSH_ERR_STATE;
	s->asking = false;
	return auth_server_settle(s, reply(s, verdict));
}

enum ssh_err auth_server_ask_new_password(struct auth_server *s, ssh_bytes prompt)
{
	struct ssh_userauth_passwd_changereq m = {.prompt = prompt};

	if (s->err != 0)
		return s->err;
	if (!s->asking || s->event.type != AUTH_ASK_PASSWORD)
		return SSH_ERR_STATE;
	s->asking = false;
	s->change_wanted = true;
	return auth_server_settle(s, auth_server_put(s, &ssh_userauth_passwd_changereq_shape, &m));
}
