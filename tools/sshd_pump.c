/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tools/sshd_session.h"

#include <errno.h>
#include <unistd.h>

/* One read(2) of a program's output. */
#define READ_SIZE ((size_t)64 * 1024)
/* Reads of one output before the other channels have their turn. */
#define READS_MAX 8

static bool on_terminal(const struct sshd_session *s)
{
	return s->pty.master >= 0;
}

/* --- From the peer to the program --- */

static void close_input(struct sshd_session *s)
{
	/* A terminal has one descriptor for both ways; it ends with the session. */
	if (s->in >= 0 && !on_terminal(s))
		close(s->in);
	s->in = -1;
}

/* The program takes no more: whatever comes is dropped, and a peer that understands it is told. */
static void input_is_dead(struct sshd_session *s)
{
	size_t n = wire_buf_len(&s->input);
	close_input(s);
	wire_buf_wipe(&s->input);
	(void)chan_channel_consumed(&s->ch, n);
	if (s->host->takes_eow && !s->ch.eof_received)
		(void)chan_request_send(&s->ch, &(struct chan_request){.type = CHAN_REQUEST_EOW},
		                        false);
}

/* Returns how much the program took. */
static size_t write_input(struct sshd_session *s, ssh_bytes data)
{
	ssize_t n = write(s->in, data.ptr, data.len);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		input_is_dead(s);
		return data.len;
	}
	s->in_full = n < (ssize_t)data.len;
	return n < 0 ? 0 : (size_t)n;
}

void sshd_session_data(struct sshd_session *s, const struct chan_event *ev)
{
	ssh_bytes data = ev->data;
	size_t n = 0;
	bool dead = s->pid >= 0 && s->in < 0;
	if (ev->ext != 0 || dead)
		n = data.len;
	else if (s->in >= 0 && wire_buf_len(&s->input) == 0 && !s->in_full)
		n = write_input(s, data);
	/* At most the window that we gave: data waits here, it is not consumed. */
	wire_put_raw(&s->input, wire_bytes_skip(data, n));
	if (wire_buf_end(&s->input) != 0)
		(void)chan_channel_close(&s->ch);
	(void)chan_channel_consumed(&s->ch, n);
}

void sshd_session_eof(struct sshd_session *s)
{
	s->in_ends = true;
}

static void pump_input(struct sshd_session *s)
{
	size_t n = wire_buf_len(&s->input);
	if (s->in < 0 || s->in_full)
		return;
	if (n > 0) {
		n = write_input(s, wire_buf_view(&s->input));
		if (s->in < 0)
			return;
		wire_buf_drop(&s->input, n);
		(void)chan_channel_consumed(&s->ch, n);
	}
	/* The end of a peer's input is not the end of a terminal. */
	if (s->in_ends && wire_buf_len(&s->input) == 0 && !on_terminal(s))
		close_input(s);
}

/* --- From the program to the peer --- */

static void close_output(struct sshd_session *s, struct sshd_output *o)
{
	if (!on_terminal(s))
		close(o->fd);
	o->fd = -1;
}

static size_t send_output(struct sshd_session *s, const struct sshd_output *o, ssh_bytes data)
{
	enum ssh_err e;
	return o->ext == 0 ? chan_channel_send(&s->ch, data, &e)
	                   : chan_channel_send_ext(&s->ch, o->ext, data, &e);
}

/* Returns false when nothing more can be read or sent now. */
static bool carry_output(struct sshd_session *s, struct sshd_output *o)
{
	uint8_t chunk[READ_SIZE];
	size_t room = chan_channel_room(&s->ch);
	if (o->fd < 0 || o->drained || room == 0)
		return false;
	size_t want = room < sizeof chunk ? room : sizeof chunk;
	ssize_t n = read(o->fd, chunk, want);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		o->drained = errno == EAGAIN;
		return !o->drained;
	}
	/* A terminal that nobody has open any more gives EIO. */
	if (n <= 0) {
		close_output(s, o);
		return false;
	}
	ssh_bytes data = wire_bytes(chunk, (size_t)n);
	data = wire_bytes_skip(data, send_output(s, o, data));
	wire_put_raw(&o->left, data);
	if (wire_buf_end(&o->left) != 0)
		(void)chan_channel_close(&s->ch);
	return true;
}

static void pump_output(struct sshd_session *s, struct sshd_output *o)
{
	if (wire_buf_len(&o->left) != 0)
		wire_buf_drop(&o->left, send_output(s, o, wire_buf_view(&o->left)));
	for (int i = 0; i < READS_MAX && wire_buf_len(&o->left) == 0; i++)
		if (!carry_output(s, o))
			break;
}

/*
 * A program that has exited may have left others behind that hold its pipes: how it ended is told when all that
 * it wrote has gone, the channel closes when nobody can write any more. On a terminal the system
 * hangs up on all of them. One that has closed its output and goes on is waited for: at an EOF,
 * clients close the channel, and could not be told how it ended.
 */
static void finish(struct sshd_session *s)
{
	bool ended = true, drained = true;
	for (size_t i = 0; i < 2; i++) {
		const struct sshd_output *o = &s->out[i];
		bool empty = wire_buf_len(&o->left) == 0;
		ended = ended && empty && o->fd < 0;
		drained = drained && empty && (o->fd < 0 || (o->drained && !on_terminal(s)));
	}
	if (s->pid < 0)
		return;
	if (s->exited && drained && !s->told)
		sshd_session_tell(s);
	if (!ended || !s->exited)
		return;
	(void)chan_channel_eof(&s->ch);
	(void)chan_channel_close(&s->ch);
}

void sshd_session_pump(struct sshd_session *s)
{
	pump_input(s);
	pump_output(s, &s->out[0]);
	pump_output(s, &s->out[1]);
	finish(s);
}

/* --- Waiting --- */

static size_t add(struct pollfd *p, size_t n, int fd, short events)
{
	if (n > 0 && p[n - 1].fd == fd) {
		p[n - 1].events = (short)(p[n - 1].events | events);
		return n;
	}
	p[n] = (struct pollfd){.fd = fd, .events = events};
	return n + 1;
}

size_t sshd_session_poll(struct sshd_session *s, struct pollfd *p)
{
	size_t n = 0;
	if (s->in >= 0 && s->in_full)
		n = add(p, n, s->in, POLLOUT);
	for (size_t i = 0; i < 2; i++) {
		const struct sshd_output *o = &s->out[i];
		if (o->fd >= 0 && o->drained && chan_channel_room(&s->ch) != 0)
			n = add(p, n, o->fd, POLLIN);
	}
	return n;
}

void sshd_session_polled(struct sshd_session *s, const struct pollfd *p)
{
	if (p->revents == 0)
		return;
	if (p->fd == s->in && (p->revents & ~POLLIN) != 0)
		s->in_full = false;
	for (size_t i = 0; i < 2; i++)
		if (p->fd == s->out[i].fd && (p->revents & ~POLLOUT) != 0)
			s->out[i].drained = false;
}

bool sshd_session_busy(struct sshd_session *s)
{
	bool waits = false;
	for (size_t i = 0; i < 2; i++) {
		const struct sshd_output *o = &s->out[i];
		waits = waits || wire_buf_len(&o->left) != 0 || (o->fd >= 0 && !o->drained);
	}
	return waits && chan_channel_room(&s->ch) != 0;
}
