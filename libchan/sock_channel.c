/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

#include <stdlib.h>

/* Channels as people use them: calls that wait. */

struct sock_channel *sock_channel_new(struct sock *s)
{
	struct sock_channel *ch = malloc(sizeof *ch);
	if (ch == NULL)
		return NULL;
	*ch = (struct sock_channel){.sock = s, .timeout_ms = SOCK_FOREVER};
	ch->ch.owner = ch;
	ch->next = s->channels;
	s->channels = ch;
	return ch;
}

void sock_channel_free(struct sock_channel *ch)
{
	struct sock_channel **at = &ch->sock->channels;
	while (*at != ch)
		at = &(*at)->next;
	*at = ch->next;
	wire_buf_wipe(&ch->in[0]);
	wire_buf_wipe(&ch->in[1]);
	wire_buf_wipe(&ch->command);
	wire_wipe(ch, sizeof *ch);
	free(ch);
}

static enum ssh_err why_closed(const struct sock_channel *ch)
{
	return ch->err == SSH_OK ? SSH_ERR_CHANNEL_CLOSED : ch->err;
}

void sock_set_timeout(struct sock_channel *ch, int timeout_ms)
{
	ch->timeout_ms = timeout_ms;
}

/* --- Open and close --- */

static enum ssh_err await_open(struct sock_channel *ch)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	while (!ch->opened && !ch->closed)
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	return ch->opened ? SSH_OK : why_closed(ch);
}

enum ssh_err sock_open(struct sock *s, struct sock_channel **out, const struct chan_open *open,
                       int timeout_ms)
{
	enum ssh_err e;
	if (s->conn.kex.state == KEX_DEAD)
		return sock_death(s);
	if (!s->conn.mux_started)
		return SSH_ERR_STATE;
	struct sock_channel *ch = sock_channel_new(s);
	if (ch == NULL)
		return SSH_ERR_NO_MEMORY;
	ch->timeout_ms = timeout_ms;
	if ((e = chan_mux_open(&s->conn.mux, &ch->ch, open)) != 0 || (e = await_open(ch)) != 0) {
		sock_close(ch);
		return e;
	}
	*out = ch;
	return SSH_OK;
}

enum ssh_err sock_open_session(struct sock *s, struct sock_channel **ch, int timeout_ms)
{
	struct chan_open open = {.type = "session"};
	return sock_open(s, ch, &open, timeout_ms);
}

void sock_close(struct sock_channel *ch)
{
	if (ch == NULL)
		return;
	struct sock *s = ch->sock;
	ch->abandoned = true;
	if (ch->ch.state == CHAN_FREE) {
		sock_channel_free(ch);
	} else {
		(void)chan_channel_close(&ch->ch);
		wire_buf_wipe(&ch->in[0]);
		wire_buf_wipe(&ch->in[1]);
	}
	(void)sock_io_push(s);
}

static struct sock_channel *find_started(const struct sock *s)
{
	/* New ones are put in front: the last that fits has waited longest. */
	struct sock_channel *found = NULL;
	for (struct sock_channel *ch = s->channels; ch != NULL; ch = ch->next)
		if (ch->program != CHAN_REQUEST_UNKNOWN && !ch->accepted && !ch->abandoned)
			found = ch;
	return found;
}

enum ssh_err sock_accept(struct sock *s, struct sock_channel **out, int timeout_ms)
{
	enum ssh_err e;
	struct sock_channel *ch;
	struct sock_wait w = sock_wait_for(timeout_ms);
	if (!s->config.kex.server)
		return SSH_ERR_STATE;
	while ((ch = find_started(s)) == NULL)
		if ((e = sock_turn(s, &w)) != 0)
			return e;
	ch->accepted = true;
	*out = ch;
	return SSH_OK;
}

ssh_bytes sock_command(const struct sock_channel *ch)
{
	return wire_buf_view(&ch->command);
}

/* --- Requests --- */

static enum ssh_err request(struct sock_channel *ch, const struct chan_request *r)
{
	uint32_t nth = ch->ch.requests;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	enum ssh_err e = ch->closed ? why_closed(ch) : chan_request_send(&ch->ch, r, true);
	while (e == 0 && ch->replies <= nth) {
		if (ch->closed)
			return why_closed(ch);
		e = sock_turn(ch->sock, &w);
	}
	if (e != 0)
		return e;
	return ch->reply ? SSH_OK : SSH_ERR_REQUEST_REFUSED;
}

/* One without a reply. */
static enum ssh_err notify(struct sock_channel *ch, const struct chan_request *r)
{
	enum ssh_err e = ch->closed ? why_closed(ch) : chan_request_send(&ch->ch, r, false);
	(void)sock_io_push(ch->sock);
	return e;
}

enum ssh_err sock_exec(struct sock_channel *ch, const char *command)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXEC};
	r.exec.command = wire_bytes_str(command);
	return request(ch, &r);
}

enum ssh_err sock_shell(struct sock_channel *ch)
{
	struct chan_request r = {.type = CHAN_REQUEST_SHELL};
	return request(ch, &r);
}

enum ssh_err sock_subsystem(struct sock_channel *ch, const char *name)
{
	struct chan_request r = {.type = CHAN_REQUEST_SUBSYSTEM};
	r.subsystem.name = wire_bytes_str(name);
	return request(ch, &r);
}

enum ssh_err sock_pty(struct sock_channel *ch, const char *term, uint32_t cols, uint32_t rows)
{
	static const uint8_t no_modes[] = {0};
	struct chan_request r = {.type = CHAN_REQUEST_PTY};
	r.pty.term = wire_bytes_str(term);
	r.pty.cols = cols;
	r.pty.rows = rows;
	r.pty.modes = wire_bytes(no_modes, sizeof no_modes);
	return request(ch, &r);
}

enum ssh_err sock_env(struct sock_channel *ch, const char *name, const char *value)
{
	struct chan_request r = {.type = CHAN_REQUEST_ENV};
	r.env.name = wire_bytes_str(name);
	r.env.value = wire_bytes_str(value);
	return request(ch, &r);
}

enum ssh_err sock_resize(struct sock_channel *ch, uint32_t cols, uint32_t rows)
{
	struct chan_request r = {.type = CHAN_REQUEST_WINDOW_CHANGE};
	r.window_change.cols = cols;
	r.window_change.rows = rows;
	return notify(ch, &r);
}

enum ssh_err sock_signal(struct sock_channel *ch, const char *name)
{
	struct chan_request r = {.type = CHAN_REQUEST_SIGNAL};
	r.signal.name = wire_bytes_str(name);
	return notify(ch, &r);
}

enum ssh_err sock_send_exit(struct sock_channel *ch, uint32_t status)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXIT_STATUS};
	r.exit_status.status = status;
	return notify(ch, &r);
}

/* --- Receive --- */

bool sock_readable(const struct sock_channel *ch, bool err)
{
	return wire_buf_len(&ch->in[err]) != 0 || ch->closed || ch->ch.eof_received;
}

static enum ssh_err receive(struct sock_channel *ch, bool err, ssh_bytes *data)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	while (!sock_readable(ch, err))
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	*data = wire_buf_view(&ch->in[err]);
	return data->len == 0 ? ch->err : SSH_OK;
}

static enum ssh_err receive_into(struct sock_channel *ch, bool err, uint8_t *buf, size_t *n)
{
	ssh_bytes data;
	size_t cap = *n;
	*n = 0;
	enum ssh_err e = receive(ch, err, &data);
	if (e != 0 || data.len == 0)
		return e;
	*n = data.len < cap ? data.len : cap;
	memcpy(buf, data.ptr, *n);
	wire_buf_drop(&ch->in[err], *n);
	if (wire_buf_len(&ch->in[err]) == 0)
		wire_buf_wipe(&ch->in[err]);
	/* Of an error here the connection dies; it will be told when there is no more data. */
	(void)chan_channel_consumed(&ch->ch, *n);
	(void)sock_io_push(ch->sock);
	return SSH_OK;
}

enum ssh_err sock_recv(struct sock_channel *ch, void *buf, size_t cap, size_t *got)
{
	*got = cap;
	return receive_into(ch, false, buf, got);
}

enum ssh_err sock_recv_err(struct sock_channel *ch, void *buf, size_t cap, size_t *got)
{
	*got = cap;
	return receive_into(ch, true, buf, got);
}

static bool any_readable(struct sock_channel *const *chs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sock_readable(chs[i], false) || sock_readable(chs[i], true))
			return true;
	return false;
}

enum ssh_err sock_wait(struct sock_channel *const *chs, size_t n, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	while (!any_readable(chs, n))
		if ((e = sock_turn(chs[0]->sock, &w)) != 0)
			return e;
	return SSH_OK;
}

/* --- Send --- */

static enum ssh_err send_some(struct sock_channel *ch, uint32_t ext, ssh_bytes data, size_t *sent)
{
	enum ssh_err e;
	if (ch->closed) {
		*sent = 0;
		return why_closed(ch);
	}
	*sent = ext == 0 ? chan_channel_send(&ch->ch, data, &e)
	                 : chan_channel_send_ext(&ch->ch, ext, data, &e);
	(void)sock_io_push(ch->sock);
	return e;
}

enum ssh_err sock_send(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	enum ssh_err e = send_some(ch, 0, data, sent);
	while (e == 0 && *sent == 0 && data.len != 0)
		if ((e = sock_turn(ch->sock, &w)) == 0)
			e = send_some(ch, 0, data, sent);
	return e;
}

static enum ssh_err send_all(struct sock_channel *ch, uint32_t ext, ssh_bytes data, size_t *sent)
{
	size_t n;
	enum ssh_err e = SSH_OK;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	*sent = 0;
	while (e == 0 && *sent < data.len) {
		e = send_some(ch, ext, wire_bytes_skip(data, *sent), &n);
		*sent += n;
		if (e == 0 && n == 0)
			e = sock_turn(ch->sock, &w);
	}
	while (e == 0 && conn_out(&ch->sock->conn).len != 0)
		e = sock_turn(ch->sock, &w);
	return e;
}

enum ssh_err sock_send_all(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	size_t n;
	return send_all(ch, 0, data, sent == NULL ? &n : sent);
}

enum ssh_err sock_send_err(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	size_t n;
	return send_all(ch, SSH_EXTENDED_DATA_STDERR, data, sent == NULL ? &n : sent);
}

enum ssh_err sock_eof(struct sock_channel *ch)
{
	enum ssh_err e = ch->closed ? why_closed(ch) : chan_channel_eof(&ch->ch);
	(void)sock_io_push(ch->sock);
	return e;
}

/* --- The end --- */

enum ssh_err sock_exit_status(struct sock_channel *ch, uint32_t *status)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	while (!ch->exited && !ch->closed)
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	if (!ch->exited)
		return ch->err == SSH_OK ? SSH_ERR_NOT_FOUND : ch->err;
	*status = ch->exit_status;
	return SSH_OK;
}

const char *sock_exit_signal(const struct sock_channel *ch)
{
	return ch->exit_signal;
}
