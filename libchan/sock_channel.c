/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

#include <stdlib.h>

/* Channels as people use them: their life, and requests. */

struct sock_channel *sock_channel_new(struct sock *s)
{
	struct sock_channel *ch = malloc(sizeof *ch);
	if (ch == NULL)
		return NULL;
	*ch = (struct sock_channel){
	    .sock = s, .timeout_ms = SOCK_FOREVER, .group = {-1, -1}, .local = -1, .holders = 1};
	ch->ch.owner = ch;
	ch->next = s->channels;
	s->channels = ch;
	return ch;
}

static void drop_descriptors(struct sock_channel *ch)
{
	for (int i = 0; i < 2; i++) {
		ch->sock->watched -= ch->flag[i].made;
		sock_group_drop(&ch->group[i]);
		sock_flag_drop(&ch->flag[i]);
	}
	sock_local_drop(ch);
}

void sock_channel_free(struct sock_channel *ch)
{
	struct sock_channel **at = &ch->sock->channels;
	while (*at != ch)
		at = &(*at)->next;
	*at = ch->next;
	drop_descriptors(ch);
	wire_buf_wipe(&ch->in[0]);
	wire_buf_wipe(&ch->in[1]);
	wire_buf_wipe(&ch->command);
	if (ch->sock->rest_of == ch)
		ch->sock->rest_of = NULL;
	wire_wipe(ch, sizeof *ch);
	free(ch);
}

void sock_channel_settle(struct sock_channel *ch)
{
	if (ch->abandoned && ch->holders == 0 && ch->users == 0 && ch->ch.state == CHAN_FREE)
		sock_channel_free(ch);
}

enum ssh_err sock_channel_why(const struct sock_channel *ch)
{
	return ch->err == SSH_OK || ch->abandoned ? SSH_ERR_CHANNEL_CLOSED : ch->err;
}

void sock_set_timeout(struct sock_channel *ch, int timeout_ms)
{
	sock_channel_enter(ch);
	ch->timeout_ms = timeout_ms;
	sock_channel_leave(ch);
}

/* --- Open and close --- */

static enum ssh_err begin_open(struct sock *s, struct sock_channel **out,
                               const struct chan_open *open)
{
	enum ssh_err e;
	if (s->conn.kex.state == KEX_DEAD)
		return sock_death(s);
	if (!s->conn.mux_started || s->wiping)
		return SSH_ERR_STATE;
	struct sock_channel *ch = sock_channel_new(s);
	if (ch == NULL)
		return SSH_ERR_NO_MEMORY;
	if ((e = chan_mux_open(&s->conn.mux, &ch->ch, open)) != 0) {
		sock_channel_free(ch);
		return e;
	}
	ch->opening = true;
	sock_name_copy(ch->type, wire_bytes_str(open->type));
	s->refusal_reason = 0;
	(void)sock_io_push(s);
	*out = ch;
	return SSH_OK;
}

static enum ssh_err finish_open(struct sock_channel *ch, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	while (!ch->opened && !ch->closed && !ch->abandoned)
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	ch->opening = false;
	return ch->opened && !ch->abandoned ? SSH_OK : sock_channel_why(ch);
}

static void close_channel(struct sock_channel *ch)
{
	struct sock *s = ch->sock;
	ch->holders -= ch->holders != 0;
	if (!ch->abandoned) {
		ch->abandoned = true;
		if (s->rest_of == ch)
			sock_keep_rest(s);
		if (ch->ch.state != CHAN_FREE)
			(void)chan_channel_close(&ch->ch);
		wire_buf_wipe(&ch->in[0]);
		wire_buf_wipe(&ch->in[1]);
		drop_descriptors(ch);
		s->news = true;
	}
	sock_channel_settle(ch);
	(void)sock_io_push(s);
}

enum ssh_err sock_begin_open(struct sock *s, struct sock_channel **ch, const struct chan_open *open)
{
	sock_enter(s);
	enum ssh_err e = begin_open(s, ch, open);
	sock_leave(s);
	return e;
}

enum ssh_err sock_finish_open(struct sock_channel *ch, int timeout_ms)
{
	sock_channel_enter(ch);
	enum ssh_err e = finish_open(ch, timeout_ms);
	sock_channel_leave(ch);
	return e;
}

static enum ssh_err open_channel(struct sock *s, struct sock_channel **out,
                                 const struct chan_open *open, int timeout_ms)
{
	struct sock_channel *ch;
	enum ssh_err e = begin_open(s, &ch, open);
	if (e != 0)
		return e;
	ch->timeout_ms = timeout_ms;
	ch->users++;
	e = finish_open(ch, timeout_ms);
	ch->users--;
	if (e != 0) {
		ch->opening = false;
		close_channel(ch);
		return e;
	}
	*out = ch;
	return SSH_OK;
}

enum ssh_err sock_open(struct sock *s, struct sock_channel **ch, const struct chan_open *open,
                       int timeout_ms)
{
	sock_enter(s);
	enum ssh_err e = open_channel(s, ch, open, timeout_ms);
	sock_leave(s);
	return e;
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
	sock_enter(s);
	close_channel(ch);
	sock_leave(s);
}

void sock_hold(struct sock_channel *ch)
{
	sock_channel_enter(ch);
	ch->holders++;
	sock_channel_leave(ch);
}

struct sock_channel *sock_find_started(const struct sock *s)
{
	/* New ones are put in front: the last that fits has waited longest. */
	struct sock_channel *found = NULL;
	for (struct sock_channel *ch = s->channels; ch != NULL; ch = ch->next)
		if ((ch->direct || ch->program != CHAN_REQUEST_UNKNOWN) && !ch->accepted &&
		    !ch->abandoned)
			found = ch;
	return found;
}

static enum ssh_err accept_next(struct sock *s, struct sock_channel **out, int timeout_ms)
{
	enum ssh_err e;
	struct sock_channel *ch;
	struct sock_wait w = sock_wait_for(timeout_ms);
	if (!s->config.kex.server && s->config.policy.open == NULL)
		return SSH_ERR_STATE;
	while ((ch = sock_find_started(s)) == NULL)
		if ((e = sock_turn(s, &w)) != 0)
			return e;
	ch->accepted = true;
	*out = ch;
	return SSH_OK;
}

enum ssh_err sock_accept(struct sock *s, struct sock_channel **out, int timeout_ms)
{
	sock_enter(s);
	enum ssh_err e = accept_next(s, out, timeout_ms);
	sock_leave(s);
	return e;
}

/* --- Requests --- */

static enum ssh_err begin_request(struct sock_channel *ch, const struct chan_request *r,
                                  bool want_reply)
{
	uint32_t nth = ch->ch.requests;
	if (ch->closed || ch->abandoned)
		return sock_channel_why(ch);
	enum ssh_err e = chan_request_send(&ch->ch, r, want_reply);
	if (e == 0 && want_reply) {
		ch->nth = nth;
		ch->asked = true;
	}
	(void)sock_io_push(ch->sock);
	return e;
}

static enum ssh_err finish_request(struct sock_channel *ch, int timeout_ms)
{
	enum ssh_err e;
	uint32_t nth = ch->nth;
	struct sock_wait w = sock_wait_for(timeout_ms);
	if (!ch->asked)
		return SSH_ERR_STATE;
	while (ch->replies <= nth && !ch->closed && !ch->abandoned)
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	ch->asked = ch->asked && ch->nth != nth;
	if (ch->replies <= nth)
		return sock_channel_why(ch);
	return (ch->outcomes >> nth % 64 & 1) != 0 ? SSH_OK : SSH_ERR_REQUEST_REFUSED;
}

static enum ssh_err request(struct sock_channel *ch, const struct chan_request *r)
{
	sock_channel_enter(ch);
	enum ssh_err e = begin_request(ch, r, true);
	if (e == 0)
		e = finish_request(ch, ch->timeout_ms);
	sock_channel_leave(ch);
	return e;
}

/* One without a reply. */
static enum ssh_err notify(struct sock_channel *ch, const struct chan_request *r)
{
	sock_channel_enter(ch);
	enum ssh_err e = begin_request(ch, r, false);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_begin_request(struct sock_channel *ch, const struct chan_request *r)
{
	sock_channel_enter(ch);
	enum ssh_err e = begin_request(ch, r, true);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_finish_request(struct sock_channel *ch, int timeout_ms)
{
	sock_channel_enter(ch);
	enum ssh_err e = finish_request(ch, timeout_ms);
	sock_channel_leave(ch);
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

/* --- Facts --- */

uint32_t sock_refusal(struct sock *s, struct wire_buf *text)
{
	sock_enter(s);
	uint32_t reason = s->refusal_reason;
	if (reason != 0 && text != NULL)
		wire_put_raw(text, wire_buf_view(&s->refusal));
	sock_leave(s);
	return reason;
}

static enum ssh_err exit_status(struct sock_channel *ch, uint32_t *status)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(ch->timeout_ms);
	while (!ch->exited && !ch->closed && !ch->abandoned)
		if ((e = sock_turn(ch->sock, &w)) != 0)
			return e;
	if (!ch->exited)
		return ch->err == SSH_OK ? SSH_ERR_NOT_FOUND : ch->err;
	*status = ch->exit_status;
	return SSH_OK;
}

enum ssh_err sock_exit_status(struct sock_channel *ch, uint32_t *status)
{
	sock_channel_enter(ch);
	enum ssh_err e = exit_status(ch, status);
	sock_channel_leave(ch);
	return e;
}

const char *sock_exit_signal(const struct sock_channel *ch)
{
	return ch->exit_signal;
}

ssh_bytes sock_command(const struct sock_channel *ch)
{
	return wire_buf_view(&ch->command);
}

void sock_terminal(struct sock_channel *ch, struct sock_terminal *out)
{
	sock_channel_enter(ch);
	*out = ch->terminal;
	sock_channel_leave(ch);
}

void sock_last_signal(struct sock_channel *ch, char out[SOCK_NAME_SIZE])
{
	sock_channel_enter(ch);
	memcpy(out, ch->signal, SOCK_NAME_SIZE);
	sock_channel_leave(ch);
}
