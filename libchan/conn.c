/* SPDX-License-Identifier: MIT */
#include "libchan/conn.h"

/* --- The mux's way into the transport --- */

static uint8_t *sink_begin(void *ctx, size_t max)
{
	return kex_send_begin(ctx, max);
}

static enum ssh_err sink_end(void *ctx, size_t len)
{
	return kex_send_end(ctx, len);
}

static enum ssh_err sink_send(void *ctx, ssh_bytes payload)
{
	return kex_send(ctx, payload);
}

static bool sink_writable(void *ctx)
{
	return kex_writable(ctx);
}

/* --- Life --- */

enum ssh_err conn_init(struct conn *c, const struct conn_config *config, uint64_t now_ms)
{
	*c = (struct conn){.config = *config};
	/* Requests that name the host key are taken: see start_auth. */
	if (config->kex.server && config->kex.ext[KEX_EXT_HOSTBOUND] == NULL)
		c->config.kex.ext[KEX_EXT_HOSTBOUND] = "0";
	return kex_init(&c->kex, &c->config.kex, now_ms);
}

void conn_wipe(struct conn *c)
{
	chan_mux_wipe(&c->mux);
	if (c->config.kex.server)
		auth_server_wipe(&c->auth_server);
	else
		auth_client_wipe(&c->auth_client);
	kex_wipe(&c->kex);
	wire_wipe(c, sizeof *c);
}

enum ssh_err conn_set_user_sigs(struct conn *c, const struct crypt_sigalg *const *sigs)
{
	if (!c->config.kex.server || !c->auth_started || c->authenticated)
		return SSH_ERR_STATE;
	auth_server_set_sigalgs(&c->auth_server, sigs);
	return kex_set_user_sigs(&c->kex, sigs);
}

enum ssh_err conn_err(const struct conn *c)
{
	return c->kex.err;
}

static enum ssh_err start_auth(struct conn *c)
{
	struct auth_client_config client = c->config.auth_client;
	struct auth_server_config server = c->config.auth_server;
	c->auth_started = true;
	if (c->config.kex.server) {
		server.session_id = kex_session_id(&c->kex);
		if (server.sigalgs == NULL)
			server.sigalgs = c->config.kex.user_sigs;
		enum ssh_err e = auth_server_init(&c->auth_server, &server);
		return e != 0 ? e : auth_server_bind_host(&c->auth_server, kex_host_key(&c->kex));
	}
	client.session_id = kex_session_id(&c->kex);
	if (client.sigalgs == NULL)
		client.sigalgs = c->config.kex.user_sigs;
	return auth_client_init(&c->auth_client, &client);
}

static enum ssh_err start_mux(struct conn *c)
{
	struct chan_config config = c->config.chan;
	config.sink = (struct chan_sink){&c->kex, sink_begin, sink_end, sink_send, sink_writable};
	config.no_flow_control = kex_no_flow_control(&c->kex);
	c->authenticated = true;
	c->mux_started = true;
	kex_set_authenticated(&c->kex);
	return chan_mux_init(&c->mux, &config);
}

/* --- Out --- */

static ssh_bytes auth_out(const struct conn *c)
{
	return c->config.kex.server ? auth_server_out(&c->auth_server)
	                            : auth_client_out(&c->auth_client);
}

static void flush_auth(struct conn *c)
{
	while (c->auth_started && c->kex.state != KEX_DEAD && auth_out(c).len != 0) {
		(void)kex_send(&c->kex, auth_out(c)); /* of an error the transport dies */
		if (c->config.kex.server)
			auth_server_sent(&c->auth_server);
		else
			auth_client_sent(&c->auth_client);
	}
}

ssh_bytes conn_out(struct conn *c)
{
	flush_auth(c);
	return kex_out(&c->kex);
}

/* --- In --- */

static enum ssh_err give_payload(struct conn *c, const struct kex_event *ev)
{
	uint8_t number = ev->payload.ptr[0];
	c->seq = ev->seq;
	if (number >= SSH_MSG_GLOBAL_REQUEST)
		return c->mux_started ? chan_mux_recv(&c->mux, ev->payload) : SSH_ERR_UNEXPECTED;
	return c->config.kex.server ? auth_server_recv(&c->auth_server, ev->payload)
	                            : auth_client_recv(&c->auth_client, ev->payload);
}

/* The server's extensions, as far as they are about authentication. */
static enum ssh_err take_ext_info(struct conn *c)
{
	ssh_bytes version;
	c->auth_client.config.server_sig_algs = kex_peer_sig_algs(&c->kex);
	/* OpenSSH PROTOCOL: requests may name the host key if the server says so. */
	if (!kex_peer_ext(&c->kex, KEX_EXT_HOSTBOUND, &version) || !wire_bytes_is(version, "0"))
		return SSH_OK;
	enum ssh_err e = auth_client_bind_host(&c->auth_client, kex_host_key(&c->kex));
	return e == SSH_ERR_STATE ? SSH_OK : e; /* too late for the key that is being signed with */
}

/* Returns false if the event is for the layers above, and was given to them. */
static bool route(struct conn *c, const struct kex_event *ev)
{
	enum ssh_err e = SSH_OK;
	if (ev->type == KEX_EVENT_ERROR || ev->type == KEX_EVENT_DISCONNECT) {
		c->last = *ev;
		c->last_ready = true;
		return false;
	}
	if (ev->type == KEX_EVENT_PAYLOAD)
		e = give_payload(c, ev);
	else if (ev->type == KEX_EVENT_KEYS && ev->first)
		e = start_auth(c);
	else if (ev->type == KEX_EVENT_EXT_INFO && !c->config.kex.server)
		e = take_ext_info(c);
	if (e != 0)
		kex_fail(&c->kex, e);
	return ev->type != KEX_EVENT_PAYLOAD;
}

static bool next_auth_client(struct conn *c, struct conn_event *ev)
{
	enum ssh_err e = SSH_OK;
	ev->layer = CONN_AUTH_CLIENT;
	if (!auth_client_next(&c->auth_client, &ev->auth_client))
		return false;
	if (ev->auth_client.type == AUTH_EVENT_UNIMPLEMENTED)
		e = kex_send_unimplemented(&c->kex, c->seq);
	else if (ev->auth_client.type == AUTH_EVENT_SUCCESS)
		e = start_mux(c);
	else if (ev->auth_client.type == AUTH_EVENT_ERROR)
		e = ev->auth_client.err;
	if (e != 0)
		kex_fail(&c->kex, e);
	return true;
}

static bool next_auth_server(struct conn *c, struct conn_event *ev)
{
	enum ssh_err e = SSH_OK;
	ev->layer = CONN_AUTH_SERVER;
	if (!auth_server_next(&c->auth_server, &ev->auth_server))
		return false;
	if (ev->auth_server.type == AUTH_EVENT_UNIMPLEMENTED) {
		e = kex_send_unimplemented(&c->kex, c->seq);
	} else if (ev->auth_server.type == AUTH_EVENT_SUCCESS) {
		flush_auth(c); /* SUCCESS goes before anything of the channels' */
		e = start_mux(c);
	} else if (ev->auth_server.type == AUTH_EVENT_ERROR) {
		flush_auth(c);
		e = ev->auth_server.err;
	}
	if (e != 0)
		kex_fail(&c->kex, e);
	return true;
}

static bool next_auth(struct conn *c, struct conn_event *ev)
{
	if (!c->auth_started || c->kex.state == KEX_DEAD)
		return false;
	return c->config.kex.server ? next_auth_server(c, ev) : next_auth_client(c, ev);
}

static bool next_chan(struct conn *c, struct conn_event *ev)
{
	ev->layer = CONN_CHAN;
	if (!c->mux_started || !chan_mux_next(&c->mux, &ev->chan))
		return false;
	if (ev->chan.type == CHAN_EVENT_UNIMPLEMENTED)
		(void)kex_send_unimplemented(&c->kex, c->seq);
	return true;
}

/* The transport is dead: the channels hear of it first, the owner last. */
static void end_channels(struct conn *c)
{
	if (c->kex.state != KEX_DEAD || c->ended)
		return;
	c->ended = true;
	if (c->mux_started)
		chan_mux_end(&c->mux, c->kex.err);
}

static bool next_last(struct conn *c, struct conn_event *ev)
{
	if (!c->last_ready)
		return false;
	ev->layer = CONN_KEX;
	ev->kex = c->last;
	c->last_ready = false;
	return true;
}

/* An open question holds the payload that it is about: nothing may follow it in. */
static bool may_receive(const struct conn *c)
{
	if (c->mux_started && !chan_mux_quiet(&c->mux))
		return false;
	return !c->config.kex.server || !c->auth_started || auth_server_ready(&c->auth_server);
}

bool conn_next(struct conn *c, struct conn_event *ev)
{
	for (;;) {
		end_channels(c);
		if (next_auth(c, ev) || next_chan(c, ev))
			return true;
		flush_auth(c);
		if (next_last(c, ev))
			return true;
		if (c->kex.state != KEX_DEAD && !may_receive(c))
			return false;
		ev->layer = CONN_KEX;
		if (!kex_next(&c->kex, &ev->kex))
			return false;
		if (route(c, &ev->kex))
			return true;
	}
}
