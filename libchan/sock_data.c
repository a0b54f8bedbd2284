/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

/* Data of channels: receive and send. */

/* --- In: into the hands of who waits, or kept --- */

/* Move as much as fits. */
static void hand_over(struct sock_want *w, ssh_bytes *data)
{
	size_t n = data->len < w->cap - w->got ? data->len : w->cap - w->got;
	memcpy(w->buf + w->got, data->ptr, n);
	w->got += n;
	*data = wire_bytes_skip(*data, n);
}

void sock_take_data(struct sock_channel *ch, bool err, ssh_bytes data)
{
	struct sock *s = ch->sock;
	if (ch->abandoned || ch->deaf) {
		(void)chan_channel_consumed(&ch->ch, data.len);
		return;
	}
	if (ch->want[err] != NULL && wire_buf_len(&ch->in[err]) == 0)
		hand_over(ch->want[err], &data);
	else if (ch->local >= 0 && !err && wire_buf_len(&ch->in[err]) == 0)
		sock_local_put(ch, &data);
	if (data.len == 0)
		return;
	/* It stays in the engine as long as nothing else comes: often the next call takes it. */
	s->rest_of = ch;
	s->rest_err = err;
	s->rest = data;
}

void sock_keep_rest(struct sock *s)
{
	struct sock_channel *ch = s->rest_of;
	s->rest_of = NULL;
	if (ch != NULL && !ch->deaf && !ch->abandoned)
		sock_keep_more(s, &ch->in[s->rest_err], s->rest);
	else if (ch != NULL)
		(void)chan_channel_consumed(&ch->ch, s->rest.len);
}

static void take_kept(struct sock_channel *ch, bool err, struct sock_want *w)
{
	struct sock *s = ch->sock;
	struct wire_buf *in = &ch->in[err];
	ssh_bytes kept = wire_buf_view(in);
	if (kept.len != 0) {
		hand_over(w, &kept);
		wire_buf_drop(in, wire_buf_len(in) - kept.len);
		if (kept.len == 0)
			wire_buf_wipe(in);
	}
	if (kept.len != 0 || s->rest_of != ch || s->rest_err != err)
		return;
	hand_over(w, &s->rest);
	if (s->rest.len == 0)
		s->rest_of = NULL;
}

/* --- Receive --- */

bool sock_channel_readable(const struct sock_channel *ch, bool err)
{
	const struct sock *s = ch->sock;
	return wire_buf_len(&ch->in[err]) != 0 || (s->rest_of == ch && s->rest_err == err) ||
	       ch->closed || ch->deaf || ch->abandoned || ch->ended;
}

static enum ssh_err receive(struct sock_channel *ch, bool err, struct sock_want *want)
{
	enum ssh_err e = SSH_OK;
	struct sock *s = ch->sock;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	while (e == 0) {
		if (ch->abandoned)
			return SSH_ERR_CHANNEL_CLOSED;
		take_kept(ch, err, want);
		if (want->got == want->cap)
			return SSH_OK;
		if (sock_step(s))
			continue;
		if (want->got != 0)
			return SSH_OK;
		if (sock_channel_readable(ch, err))
			return ch->err;
		e = sock_turn(s, &w);
	}
	return want->got != 0 ? SSH_OK : e;
}

static enum ssh_err receive_into(struct sock_channel *ch, bool err, struct sock_want *want)
{
	bool first = ch->want[err] == NULL;
	if (ch->local >= 0 && !err)
		return SSH_ERR_STATE;
	if (first)
		ch->want[err] = want;
	enum ssh_err e = receive(ch, err, want);
	if (first)
		ch->want[err] = NULL;
	if (want->got == 0)
		return e;
	/* Of an error here the connection dies; it will be told when there is no more data. */
	(void)chan_channel_consumed(&ch->ch, want->got);
	(void)sock_io_push(ch->sock);
	return SSH_OK;
}

static enum ssh_err recv_either(struct sock_channel *ch, bool err, struct sock_want *want)
{
	sock_channel_enter(ch);
	enum ssh_err e = receive_into(ch, err, want);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_recv(struct sock_channel *ch, void *buf, size_t cap, size_t *got)
{
	struct sock_want want = {.buf = buf, .cap = cap};
	enum ssh_err e = recv_either(ch, false, &want);
	*got = want.got;
	return e;
}

enum ssh_err sock_recv_err(struct sock_channel *ch, void *buf, size_t cap, size_t *got)
{
	struct sock_want want = {.buf = buf, .cap = cap};
	enum ssh_err e = recv_either(ch, true, &want);
	*got = want.got;
	return e;
}

bool sock_readable(struct sock_channel *ch, bool err)
{
	struct sock_wait w = {0};
	sock_channel_enter(ch);
	(void)sock_digest(ch->sock);
	if (!sock_channel_readable(ch, err) && sock_turn(ch->sock, &w) == 0)
		(void)sock_digest(ch->sock);
	bool readable = sock_channel_readable(ch, err);
	sock_channel_leave(ch);
	return readable;
}

static bool any_readable(struct sock_channel *const *chs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sock_channel_readable(chs[i], false) || sock_channel_readable(chs[i], true))
			return true;
	return false;
}

enum ssh_err sock_wait(struct sock_channel *const *chs, size_t n, int timeout_ms)
{
	enum ssh_err e = SSH_OK;
	struct sock *s = chs[0]->sock;
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	for (size_t i = 0; i < n; i++)
		chs[i]->users++;
	while (e == 0 && !any_readable(chs, n))
		e = sock_turn(s, &w);
	for (size_t i = 0; i < n; i++) {
		chs[i]->users--;
		sock_channel_settle(chs[i]);
	}
	sock_leave(s);
	return e;
}

/* --- Send --- */

static enum ssh_err send_some(struct sock_channel *ch, uint32_t ext, ssh_bytes data, size_t *sent)
{
	enum ssh_err e;
	*sent = 0;
	if (ch->local >= 0)
		return SSH_ERR_STATE;
	if (ch->closed || ch->abandoned)
		return sock_channel_why(ch);
	*sent = ext == 0 ? chan_channel_send(&ch->ch, data, &e)
	                 : chan_channel_send_ext(&ch->ch, ext, data, &e);
	(void)sock_io_push(ch->sock);
	return e;
}

static enum ssh_err send_one(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	enum ssh_err e = send_some(ch, 0, data, sent);
	while (e == 0 && *sent == 0 && data.len != 0)
		if ((e = sock_turn(ch->sock, &w)) == 0)
			e = send_some(ch, 0, data, sent);
	return e;
}

enum ssh_err sock_send(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	sock_channel_enter(ch);
	enum ssh_err e = send_one(ch, data, sent);
	sock_channel_leave(ch);
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

static enum ssh_err send_either(struct sock_channel *ch, uint32_t ext, ssh_bytes data, size_t *sent)
{
	size_t n;
	sock_channel_enter(ch);
	enum ssh_err e = send_all(ch, ext, data, sent == NULL ? &n : sent);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_send_all(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	return send_either(ch, 0, data, sent);
}

enum ssh_err sock_send_err(struct sock_channel *ch, ssh_bytes data, size_t *sent)
{
	return send_either(ch, SSH_EXTENDED_DATA_STDERR, data, sent);
}

/* --- Ends --- */

/* What came and was not taken, here or in the engine, is consumed by nobody. */
static void stop_hearing(struct sock_channel *ch)
{
	size_t held = wire_buf_len(&ch->in[0]) + wire_buf_len(&ch->in[1]);
	ch->deaf = true;
	if (ch->sock->rest_of == ch)
		sock_keep_rest(ch->sock);
	wire_buf_wipe(&ch->in[0]);
	wire_buf_wipe(&ch->in[1]);
	(void)chan_channel_consumed(&ch->ch, held);
}

static enum ssh_err shut(struct sock_channel *ch, enum sock_direction direction)
{
	enum ssh_err e = SSH_OK;
	if (direction != SOCK_WRITE)
		stop_hearing(ch);
	if (direction != SOCK_READ)
		e = ch->closed || ch->abandoned ? sock_channel_why(ch) : chan_channel_eof(&ch->ch);
	(void)sock_io_push(ch->sock);
	ch->sock->news = true;
	return e;
}

enum ssh_err sock_shutdown(struct sock_channel *ch, enum sock_direction direction)
{
	sock_channel_enter(ch);
	enum ssh_err e = shut(ch, direction);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_eof(struct sock_channel *ch)
{
	return sock_shutdown(ch, SOCK_WRITE);
}
