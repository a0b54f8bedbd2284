/* SPDX-License-Identifier: MIT */
#include "libauth/client_impl.h"
#include "libauth/queue_impl.h"
#include "libwire/msg.h"

/* --- Life --- */

static void wipe_bufs(struct auth_client *c)
{
	wire_buf_wipe(&c->out);
	wire_buf_wipe(&c->methods);
	wire_buf_wipe(&c->banner);
	wire_buf_wipe(&c->prompt);
	wire_buf_wipe(&c->key);
	wire_buf_wipe(&c->host_key);
	wire_buf_wipe(&c->host);
	wire_buf_wipe(&c->data);
}

enum ssh_err auth_client_fail(struct auth_client *c, enum ssh_err e)
{
	c->err = e;
	c->state = AUTH_CLIENT_DEAD;
	c->asking = c->ask_ready = false;
	c->told = 1u << AUTH_EVENT_ERROR;
	wipe_bufs(c);
	return e;
}

enum ssh_err auth_client_init(struct auth_client *c, const struct auth_client_config *config)
{
	struct ssh_service_request m = {.name = wire_bytes_str(AUTH_SERVICE_USERAUTH)};
	enum ssh_err e;
	size_t mark;

	memset(c, 0, sizeof *c);
	if (config->sigalgs == NULL || config->session_id.len == 0)
		return SSH_ERR_ARGUMENT;
	c->config = *config;
	if (c->config.service.len == 0)
		c->config.service = wire_bytes_str(AUTH_SERVICE_CONNECTION);
	wire_buf_init(&c->out, AUTH_QUEUE_MAX);
	mark = wire_put_string_begin(&c->out);
	wire_msg_encode(&c->out, &ssh_service_request_shape, &m);
	wire_put_string_end(&c->out, mark);
	if ((e = wire_buf_end(&c->out)) != 0)
		auth_client_wipe(c);
	return e;
}

void auth_client_wipe(struct auth_client *c)
{
	wipe_bufs(c);
	wire_wipe(c, sizeof *c);
}

/* --- Events --- */

void auth_client_tell(struct auth_client *c, enum auth_event_type type)
{
	c->told |= 1u << type;
}

void auth_client_ask(struct auth_client *c, enum auth_event_type type)
{
	c->state = AUTH_CLIENT_CHOOSE;
	c->ask = type;
	c->ask_ready = true;
}

/* The most urgent event. A question waits until what was told before it has been fetched. */
static bool next_type(struct auth_client *c, enum auth_event_type *type)
{
	static const enum auth_event_type order[] = {AUTH_EVENT_ERROR, AUTH_EVENT_UNIMPLEMENTED,
	                                             AUTH_EVENT_BANNER, AUTH_EVENT_SUCCESS};

	for (size_t i = 0; !c->asking && i < sizeof order / sizeof order[0]; i++) {
		*type = order[i];
		if ((c->told & 1u << *type) == 0)
			continue;
		c->told &= ~(1u << *type);
		return true;
	}
	if (c->asking || !c->ask_ready)
		return false;
	c->ask_ready = false;
	c->asking = true;
	*type = c->ask;
	return true;
}

bool auth_client_next(struct auth_client *c, struct auth_client_event *ev)
{
	memset(ev, 0, sizeof *ev);
	if (!next_type(c, &ev->type))
		return false;
	ev->err = c->err;
	ev->method = c->method;
	ev->partial = c->partial;
	ev->first = !c->tried;
	ev->methods = wire_buf_view(&c->methods);
	if (ev->type == AUTH_EVENT_BANNER)
		ev->text = wire_buf_view(&c->banner);
	if (ev->type == AUTH_ASK_NEW_PASSWORD)
		ev->text = wire_buf_view(&c->prompt);
	if (ev->type == AUTH_ASK_PROMPTS)
		(void)wire_msg_decode(&ssh_userauth_info_request_shape, wire_buf_view(&c->prompt),
		                      &ev->prompts);
	if (ev->type == AUTH_ASK_SIGN) {
		ev->data = wire_buf_view(&c->data);
		ev->key = wire_buf_view(&c->key);
		ev->sigalg = c->sigalg;
	}
	return true;
}

/* --- Payloads --- */

bool auth_client_ready(const struct auth_client *c)
{
	return c->err == 0 && c->told == 0;
}

enum ssh_err auth_client_recv(struct auth_client *c, ssh_bytes payload)
{
	const struct auth_client_rule *rule;
	enum ssh_err e;

	if (c->err != 0)
		return c->err;
	if (c->told != 0)
		return SSH_ERR_AGAIN;
	if (payload.len == 0)
		return auth_client_fail(c, SSH_ERR_TRUNCATED);
	switch (auth_client_judge(c->state, payload.ptr[0], &rule)) {
	case AUTH_WELCOME:
		e = rule->handle(c, payload);
		return e == 0 ? 0 : auth_client_fail(c, e);
	case AUTH_UNIMPLEMENTED:
		auth_client_tell(c, AUTH_EVENT_UNIMPLEMENTED);
		return 0;
	case AUTH_UNWELCOME:
		break;
	}
	return auth_client_fail(c, SSH_ERR_UNEXPECTED);
}

ssh_bytes auth_client_out(const struct auth_client *c)
{
	return auth_queue_first(&c->out);
}

void auth_client_sent(struct auth_client *c)
{
	auth_queue_drop(&c->out);
}
