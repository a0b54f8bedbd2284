/* SPDX-License-Identifier: MIT */
#include "tests/corpus/scene.h"

#include "libchan/request.h"

/* Who owns the victim: lets in the password "nautilus", opens sessions, grants exec. */

struct chan_channel *scene_channel(struct scene *s)
{
	return s->channels_used < SCENE_CHANNELS ? &s->channels[s->channels_used++] : NULL;
}

static void on_chan(struct scene *s, const struct chan_event *ev)
{
	struct chan_mux *m = &s->victim.mux;
	if (ev->type == CHAN_ASK_OPEN && wire_bytes_is(ev->name, "session") && s->server &&
	    s->channels_used < SCENE_CHANNELS)
		(void)chan_mux_accept(m, scene_channel(s), 32768, 0);
	else if (ev->type == CHAN_ASK_OPEN)
		(void)chan_mux_refuse(m, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "");
	else if (ev->type == CHAN_ASK_REQUEST || ev->type == CHAN_ASK_GLOBAL)
		(void)chan_mux_answer(m, wire_bytes_is(ev->name, "exec"));
	else if (ev->type == CHAN_EVENT_DATA && ev->ch != NULL)
		(void)chan_channel_consumed(ev->ch, ev->data.len);
}

static void on_auth_server(struct scene *s, const struct auth_server_event *ev)
{
	static const struct auth_prompt prompt = {{(const uint8_t *)"Word: ", 6}, false};
	const struct auth_challenge challenge = {.prompts = &prompt, .count = 1};
	struct auth_server *a = &s->victim.auth_server;
	bool good = !s->striking;
	switch (ev->type) {
	case AUTH_ASK_CHALLENGE:
		(void)auth_server_prompt(a, &challenge);
		break;
	case AUTH_ASK_PASSWORD:
		good = wire_bytes_is(ev->password, "nautilus");
		(void)auth_server_answer(a, good ? AUTH_ACCEPT : AUTH_REJECT);
		break;
	case AUTH_ASK_NONE:
	case AUTH_ASK_KEY:
	case AUTH_ASK_RESPONSES:
		(void)auth_server_answer(a, good ? AUTH_ACCEPT : AUTH_REJECT);
		break;
	default:
		break;
	}
}

static void on_auth_client(struct scene *s, const struct auth_client_event *ev)
{
	struct auth_client *a = &s->victim.auth_client;
	if (ev->type != AUTH_ASK_METHOD || s->tried)
		return;
	const char *tries = s->script->stage > USERAUTH ? "none" : s->script->tries;
	s->tried = true;
	if (tries != NULL && strcmp(tries, "none") == 0)
		(void)auth_client_none(a);
	else if (tries != NULL && strcmp(tries, "password") == 0)
		(void)auth_client_password(a, wire_bytes_str("nautilus"));
	else if (tries != NULL)
		(void)auth_client_interactive(a, wire_bytes_str(""));
}

static bool trusts(struct scene *s)
{
	enum trust t = s->script->trusts;
	return t == TRUST_ALL || (t == TRUST_FIRST && s->trusted++ == 0);
}

void scene_drain(struct scene *s)
{
	struct conn_event ev;
	struct kex_event pev;
	while (conn_next(&s->victim, &ev)) {
		if (ev.layer == CONN_KEX && ev.kex.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&s->victim.kex, trusts(s));
		else if (ev.layer == CONN_CHAN)
			on_chan(s, &ev.chan);
		else if (ev.layer == CONN_AUTH_SERVER)
			on_auth_server(s, &ev.auth_server);
		else if (ev.layer == CONN_AUTH_CLIENT)
			on_auth_client(s, &ev.auth_client);
	}
	while (kex_next(&s->peer, &pev))
		if (pev.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&s->peer, true);
}
