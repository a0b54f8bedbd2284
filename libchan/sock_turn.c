/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_impl.h"

/* Who deals with events, and when: the calls themselves, and a worker if there is one. */

/* --- Going in and out --- */

void sock_enter(struct sock *s)
{
	if (s->hands.lock != NULL)
		s->hands.lock(s->hands.ctx);
	s->callers++;
}

/* Whoever looks at a descriptor, or is another thread, must not miss what lies in the engine. */
static bool is_watched(const struct sock *s)
{
	return s->hands.lock != NULL || s->watched != 0 || s->sockets != 0;
}

static bool worker_sleeps_wrongly(struct sock *s)
{
	const struct kex *k = &s->conn.kex;
	if (!s->waiting)
		return false;
	return s->sockets != 0 || s->seen_in != sock_io_wants_in(s) ||
	       s->seen_out != (conn_out(&s->conn).len != 0 && !s->broken) ||
	       kex_deadline(k) < s->seen_due || (s->broken && k->state != KEX_DEAD);
}

void sock_tell(struct sock *s)
{
	sock_flags_refresh(s);
	if (s->hands.lock == NULL)
		return;
	if (s->news)
		s->hands.changed(s->hands.ctx);
	s->news = false;
	if (worker_sleeps_wrongly(s))
		s->hands.wake(s->hands.ctx);
}

void sock_leave(struct sock *s)
{
	if (is_watched(s)) {
		while (sock_digest(s))
			continue;
		sock_flags_refresh(s);
	}
	s->callers--;
	if (s->hands.lock == NULL)
		return;
	s->news |= s->wiping;
	sock_tell(s);
	s->hands.unlock(s->hands.ctx);
}

void sock_channel_enter(struct sock_channel *ch)
{
	sock_enter(ch->sock);
	ch->users++;
}

void sock_channel_leave(struct sock_channel *ch)
{
	struct sock *s = ch->sock;
	ch->users--;
	sock_channel_settle(ch);
	sock_leave(s);
}

/* --- Turns --- */

bool sock_step(struct sock *s)
{
	struct conn_event ev;
	sock_keep_rest(s);
	if (!conn_next(&s->conn, &ev))
		return false;
	sock_on_event(s, &ev);
	s->news = true;
	return true;
}

bool sock_digest(struct sock *s)
{
	bool progress = false;
	while (sock_step(s))
		progress = true;
	if (s->sockets != 0 && sock_local_run(s))
		progress = true;
	/* Where there was no room to send there may be some now: that is news, too. */
	if (sock_io_push(s))
		progress = true;
	s->news |= progress;
	return progress;
}

enum ssh_err sock_death(const struct sock *s)
{
	enum ssh_err e = conn_err(&s->conn);
	return e == SSH_OK ? SSH_ERR_STATE : e;
}

static enum ssh_err look_again(const struct sock *s, struct sock_wait *w)
{
	if (s->wiping)
		return SSH_ERR_STATE;
	if (w->deadline != UINT64_MAX && sock_clock_ms() >= w->deadline) {
		if (w->over)
			return SSH_ERR_TIMEOUT;
		w->over = true;
	}
	return SSH_OK;
}

static enum ssh_err wait_for_peer(struct sock *s, struct sock_wait *w)
{
	struct sock_poll p;
	enum ssh_err e = look_again(s, w);
	if (e != 0)
		return e;
	if (s->hot && sock_io_wants_in(s)) {
		/* It comes in a stream: more often than not it is there. */
		bool read = sock_io_read(s);
		kex_tick(&s->conn.kex, sock_clock_ms());
		if (read)
			return SSH_OK;
	}
	if ((e = sock_poll_begin(s, &p, -1, w->over ? 0 : w->deadline)) != 0)
		return e;
	sock_poll_wait(&s->stream, &p);
	sock_poll_end(s, &p);
	return SSH_OK;
}

static enum ssh_err wait_for_worker(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = look_again(s, w);
	if (e != 0)
		return e;
	sock_tell(s);
	if (!w->over)
		s->hands.wait(s->hands.ctx, w->deadline);
	return s->wiping ? SSH_ERR_STATE : SSH_OK;
}

enum ssh_err sock_turn(struct sock *s, struct sock_wait *w)
{
	if (sock_digest(s))
		return SSH_OK;
	if (s->conn.kex.state == KEX_DEAD)
		return sock_death(s);
	return s->hands.lock == NULL ? wait_for_peer(s, w) : wait_for_worker(s, w);
}

enum ssh_err sock_pump(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = sock_turn(s, &w);
	/* What was read now is dealt with now. */
	if (e == 0 && !sock_digest(s) && w.over)
		e = SSH_ERR_TIMEOUT;
	sock_leave(s);
	return e;
}

/* --- Getting things out --- */

static enum ssh_err flush(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e;
	(void)sock_io_push(s);
	while (conn_out(&s->conn).len != 0)
		if ((e = sock_turn(s, w)) != 0)
			return e;
	return SSH_OK;
}

enum ssh_err sock_flush(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = flush(s, &w);
	sock_leave(s);
	return e;
}

/* The engine is dead, but its last words are to be heard. */
static void flush_goodbye(struct sock *s, const struct sock_wait *w)
{
	(void)sock_io_push(s);
	while (conn_out(&s->conn).len != 0 && !s->broken && sock_clock_ms() < w->deadline) {
		sock_io_await_room(s, w->deadline);
		(void)sock_io_push(s);
	}
}

void sock_disconnect(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	(void)flush(s, &w);
	kex_disconnect(&s->conn.kex, SSH_DISCONNECT_BY_APPLICATION, "goodbye");
	flush_goodbye(s, &w);
	(void)sock_digest(s);
	sock_leave(s);
}
