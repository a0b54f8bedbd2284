/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

#include <stdlib.h>

/* A connection's life: start, host key, re-keying, the end. */

void sock_config_init(struct sock_config *c, bool server)
{
	*c = (struct sock_config){0};
	kex_config_init(&c->kex, server);
}

/* --- Start --- */

static uint32_t methods_of(const struct sock_policy *p)
{
	/* Most clients begin with none: then the user is known before a key is. */
	uint32_t methods = p->none != NULL || p->user_sigs != NULL ? AUTH_NONE : 0;
	if (p->password != NULL)
		methods |= AUTH_PASSWORD;
	if (p->key != NULL)
		methods |= AUTH_PUBLICKEY;
	if (p->interactive != NULL)
		methods |= AUTH_INTERACTIVE;
	return methods;
}

static enum ssh_err start(struct sock *s)
{
	enum ssh_err e = sock_known_prefer(s);
	struct conn_config c = {.kex = s->config.kex};
	if (e != 0)
		return e;
	if (c.kex.server) {
		c.auth_server.methods = methods_of(&s->config.policy);
		c.auth_server.chains = wire_bytes_str(s->config.policy.chains);
		c.auth_server.banner = wire_bytes_str(s->config.policy.banner);
	} else {
		c.auth_client.user = wire_bytes_str(s->config.user);
	}
	chan_config_init(&c.chan, c.kex.server, (struct chan_sink){0});
	return conn_init(&s->conn, &c, sock_clock_ms());
}

static enum ssh_err finish_start(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = SSH_OK;
	while (e == 0 && !s->started && !s->host_key_asked)
		e = sock_turn(s, w);
	s->starting = e == SSH_ERR_TIMEOUT;
	return e;
}

static void set_up(struct sock *s, const struct sock_config *config, bool server)
{
	*s = (struct sock){.config = *config, .starting = true, .group = -1};
	s->config.kex.server = server;
}

static enum ssh_err begin(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	enum ssh_err e = start(s);
	if (e != 0) {
		s->conn.kex.state = KEX_DEAD;
		return e;
	}
	sock_enter(s);
	e = finish_start(s, &w);
	sock_leave(s);
	return e;
}

enum ssh_err sock_start_client(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	set_up(s, config, false);
	s->stream = sock_io_stream(s, fd_in, fd_out);
	return begin(s, timeout_ms);
}

enum ssh_err sock_start_server(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	set_up(s, config, true);
	s->stream = sock_io_stream(s, fd_in, fd_out);
	return begin(s, timeout_ms);
}

enum ssh_err sock_start_stream(struct sock *s, const struct sock_stream *stream,
                               const struct sock_config *config, int timeout_ms)
{
	bool polled = stream->fd_in >= 0 && stream->fd_out >= 0;
	set_up(s, config, config->kex.server);
	s->stream = *stream;
	if (stream->read == NULL || stream->write == NULL || (stream->wait == NULL && !polled)) {
		s->conn.kex.state = KEX_DEAD;
		return SSH_ERR_ARGUMENT;
	}
	if (!polled)
		s->stream.fd_in = s->stream.fd_out = -1;
	return begin(s, timeout_ms);
}

enum ssh_err sock_finish_start(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = finish_start(s, &w);
	sock_leave(s);
	return e;
}

/* --- Host key --- */

static enum ssh_err accept_host_key(struct sock *s, bool accept, struct sock_wait *w)
{
	enum ssh_err e;
	if (!s->host_key_asked)
		return SSH_ERR_STATE;
	s->host_key_asked = false;
	s->host_key_wrong = !accept;
	if ((e = kex_answer_host_key(&s->conn.kex, accept)) != 0) {
		(void)sock_io_push(s);
		return e;
	}
	s->starting = true;
	e = finish_start(s, w);
	return e;
}

enum ssh_err sock_accept_host_key(struct sock *s, bool accept, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = accept_host_key(s, accept, &w);
	sock_leave(s);
	return e;
}

ssh_bytes sock_host_key(struct sock *s)
{
	sock_enter(s);
	ssh_bytes key = wire_buf_view(&s->host_key);
	sock_leave(s);
	return key;
}

const char *sock_host_key_algorithm(struct sock *s)
{
	sock_enter(s);
	const char *name = NULL;
	if (wire_buf_len(&s->host_key) != 0)
		name = s->conn.kex.algs.host_sig->name;
	sock_leave(s);
	return name;
}

bool sock_host_key_fingerprint(struct sock *s, char out[CRYPT_FINGERPRINT_SIZE])
{
	ssh_bytes key = sock_host_key(s);
	if (key.len != 0)
		crypt_key_fingerprint(key, out);
	return key.len != 0;
}

struct auth_known_result sock_host_key_known(struct sock *s)
{
	sock_enter(s);
	struct auth_known_result known = s->known;
	sock_leave(s);
	return known;
}

/* --- Re-keying --- */

enum ssh_err sock_rekey(struct sock *s)
{
	sock_enter(s);
	bool dead = s->conn.kex.state == KEX_DEAD;
	enum ssh_err e = dead ? sock_death(s) : kex_rekey(&s->conn.kex);
	(void)sock_io_push(s);
	sock_leave(s);
	return e;
}

uint32_t sock_exchanges(struct sock *s)
{
	sock_enter(s);
	uint32_t n = s->conn.kex.exchanges;
	sock_leave(s);
	return n;
}

void sock_set_rekey(struct sock *s, uint64_t bytes, uint64_t packets, uint64_t ms)
{
	sock_enter(s);
	s->conn.kex.config.rekey_bytes = bytes;
	s->conn.kex.config.rekey_packets = packets;
	s->conn.kex.config.rekey_ms = ms;
	sock_leave(s);
}

/* --- Facts --- */

bool sock_started(struct sock *s)
{
	sock_enter(s);
	bool started = s->started;
	sock_leave(s);
	return started;
}

bool sock_authenticated(struct sock *s)
{
	sock_enter(s);
	bool authenticated = s->conn.authenticated;
	sock_leave(s);
	return authenticated;
}

bool sock_active(struct sock *s)
{
	sock_enter(s);
	bool active = s->conn.kex.state != KEX_DEAD;
	sock_leave(s);
	return active;
}

ssh_bytes sock_user(struct sock *s)
{
	if (!s->config.kex.server)
		return wire_bytes_str(s->config.user);
	sock_enter(s);
	ssh_bytes user = wire_buf_view(&s->user);
	sock_leave(s);
	return user;
}

int sock_descriptor(struct sock *s)
{
	return s->stream.fd_in;
}

bool sock_wants_out(struct sock *s)
{
	sock_enter(s);
	bool out = conn_out(&s->conn).len != 0 && !s->broken;
	sock_leave(s);
	return out;
}

/* --- The end --- */

/* Nobody is inside any more, and the worker is gone. */
static void leave_alone(struct sock *s)
{
	struct sock_hands h = s->hands;
	if (h.lock == NULL)
		return;
	h.lock(h.ctx);
	s->wiping = true;
	h.changed(h.ctx);
	while (s->callers != 0)
		h.wait(h.ctx, UINT64_MAX);
	h.unlock(h.ctx);
	h.stop(h.ctx);
	s->hands = (struct sock_hands){0};
}

void sock_wipe(struct sock *s)
{
	leave_alone(s);
	conn_wipe(&s->conn); /* unlinks the channels */
	while (s->channels != NULL)
		sock_channel_free(s->channels);
	if (s->done.made) /* all-zero would name standard input */
		sock_group_drop(&s->group);
	sock_flag_drop(&s->done);
	wire_buf_wipe(&s->host_key);
	wire_buf_wipe(&s->banner);
	wire_buf_wipe(&s->methods);
	wire_buf_wipe(&s->user);
	wire_buf_wipe(&s->goodbye);
	wire_buf_wipe(&s->refusal);
	wire_buf_wipe(&s->prompts);
	free(s->polls);
	wire_wipe(s, sizeof *s);
	s->conn.kex.state = KEX_DEAD;
	s->group = -1;
}
