/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The one place that touches the stream and the clock. */

/* Where send has no flag against SIGPIPE the socket has one. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

uint64_t sock_clock_ms(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t sock_clock_seconds(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec;
}

struct sock_wait sock_wait_for(int timeout_ms)
{
	struct sock_wait w = {.deadline = UINT64_MAX};
	if (timeout_ms >= 0)
		w.deadline = sock_clock_ms() + (uint64_t)timeout_ms;
	return w;
}

/* --- Descriptors as a stream --- */

static bool is_socket(int fd)
{
	int type;
	socklen_t len = sizeof type;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		return false;
#ifdef SO_NOSIGPIPE
	(void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
	return true;
}

static bool would_wait(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK || e == EINTR;
}

static enum ssh_err fd_read(void *ctx, uint8_t *buf, size_t cap, size_t *n)
{
	const struct sock *s = ctx;
	ssize_t got;
	int fd = s->stream.fd_in;
	/* A pipe may block, if it is not asked before: its flags are shared and not ours to change. */
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (!s->socket_in && poll(&p, 1, 0) == 0)
		return SSH_ERR_AGAIN;
	got = s->socket_in ? recv(fd, buf, cap, MSG_DONTWAIT) : read(fd, buf, cap);
	*n = got > 0 ? (size_t)got : 0;
	if (got >= 0 || errno == ECONNRESET || errno == EPIPE)
		return SSH_OK;
	return would_wait(errno) ? SSH_ERR_AGAIN : SSH_ERR_IO;
}

/* A pipe without a reader says so when it is polled: writing to it would raise a signal. */
static enum ssh_err pipe_ready(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	if (poll(&p, 1, 0) != 1)
		return SSH_ERR_AGAIN;
	return (p.revents & (POLLERR | POLLNVAL)) != 0 ? SSH_ERR_IO : SSH_OK;
}

static enum ssh_err fd_write(void *ctx, ssh_bytes data, size_t *n)
{
	enum ssh_err e;
	const struct sock *s = ctx;
	int fd = s->stream.fd_out;
	/* A pipe that polls writable takes this much without blocking. */
	size_t len = s->socket_out || data.len < PIPE_BUF ? data.len : PIPE_BUF;
	if (!s->socket_out && (e = pipe_ready(fd)) != 0)
		return e;
	ssize_t done = s->socket_out ? send(fd, data.ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL)
	                             : write(fd, data.ptr, len);
	if (done < 0)
		return would_wait(errno) ? SSH_ERR_AGAIN : SSH_ERR_IO;
	*n = (size_t)done;
	return SSH_OK;
}

struct sock_stream sock_io_stream(struct sock *s, int fd_in, int fd_out)
{
	s->socket_in = is_socket(fd_in);
	s->socket_out = is_socket(fd_out);
	return (struct sock_stream){
	    .ctx = s, .read = fd_read, .write = fd_write, .fd_in = fd_in, .fd_out = fd_out};
}

/* --- In and out --- */

bool sock_io_push(struct sock *s)
{
	bool written = false;
	ssh_bytes out = conn_out(&s->conn);
	while (out.len != 0 && !s->broken) {
		size_t n = 0;
		enum ssh_err e = s->stream.write(s->stream.ctx, out, &n);
		s->broken = e != 0 && e != SSH_ERR_AGAIN;
		if (e != 0 || n == 0)
			break;
		kex_sent(&s->conn.kex, n);
		out = conn_out(&s->conn);
		written = true;
	}
	return written;
}

bool sock_io_read(struct sock *s)
{
	size_t room, n = 0;
	uint8_t *p = kex_recv_space(&s->conn.kex, &room);
	if (p == NULL)
		return false;
	enum ssh_err e = s->stream.read(s->stream.ctx, p, room, &n);
	(void)kex_recv_done(&s->conn.kex, e == 0 ? n : 0);
	s->hot = e == 0 && n > room / 4;
	if (e == 0 && n == 0)
		kex_recv_end(&s->conn.kex);
	else if (e != 0 && e != SSH_ERR_AGAIN)
		kex_fail(&s->conn.kex, e);
	return e != SSH_ERR_AGAIN;
}

/* Without flow control (RFC 8308 section 3.3) a channel that is not read stops the stream itself. */
static bool is_flooded(const struct sock *s)
{
	const struct sock_channel *ch = s->channels;
	if (!s->conn.mux_started || !s->conn.mux.config.no_flow_control)
		return false;
	while (ch != NULL && wire_buf_len(&ch->in[0]) + wire_buf_len(&ch->in[1]) < CHAN_WINDOW)
		ch = ch->next;
	return ch != NULL;
}

bool sock_io_wants_in(const struct sock *s)
{
	const struct kex *k = &s->conn.kex;
	return k->state != KEX_DEAD && !k->asking && wire_buf_len(&k->out.buf) <= KEX_OUT_MAX &&
	       !is_flooded(s);
}

/* --- Waiting --- */

static int millis(uint64_t now, uint64_t until)
{
	if (until == UINT64_MAX)
		return -1;
	if (until <= now)
		return 0;
	return until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

int sock_time_left(struct sock *s)
{
	sock_enter(s);
	int left = millis(sock_clock_ms(), kex_deadline(&s->conn.kex));
	sock_leave(s);
	return left;
}

void sock_io_await_room(struct sock *s, uint64_t until_ms)
{
	struct pollfd fds[3] = {
	    {.fd = -1}, {.fd = s->stream.fd_out, .events = POLLOUT}, {.fd = -1}};
	struct sock_poll p = {.fds = fds, .n = 3, .out = true};
	p.timeout_ms = millis(sock_clock_ms(), until_ms);
	sock_poll_wait(&s->stream, &p);
	s->broken |= p.result < 0;
}

static bool make_room(struct sock *s, size_t n)
{
	if (n <= s->polls_cap)
		return true;
	struct pollfd *p = malloc(n * sizeof *p);
	if (p == NULL)
		return false;
	free(s->polls);
	s->polls = p;
	s->polls_cap = n;
	return true;
}

static size_t add_local(const struct sock *s, struct pollfd *fds, size_t n)
{
	for (const struct sock_channel *ch = s->channels; ch != NULL && s->sockets != 0;
	     ch = ch->next) {
		short events = ch->local < 0 ? 0 : sock_local_events(ch);
		if (events != 0)
			fds[n++] = (struct pollfd){.fd = ch->local, .events = events};
	}
	return n;
}

enum ssh_err sock_poll_begin(struct sock *s, struct sock_poll *p, int extra, uint64_t until_ms)
{
	uint64_t due = kex_deadline(&s->conn.kex);
	if (!make_room(s, 3 + s->sockets))
		return SSH_ERR_NO_MEMORY;
	struct pollfd *fds = s->polls;
	p->in = sock_io_wants_in(s);
	p->out = conn_out(&s->conn).len != 0 && !s->broken;
	fds[0] = (struct pollfd){.fd = p->in ? s->stream.fd_in : -1, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = p->out ? s->stream.fd_out : -1, .events = POLLOUT};
	fds[2] = (struct pollfd){.fd = extra, .events = POLLIN};
	p->fds = fds;
	p->n = add_local(s, fds, 3);
	p->timeout_ms =
	    s->broken && p->in ? 0 : millis(sock_clock_ms(), due < until_ms ? due : until_ms);
	s->seen_in = p->in;
	s->seen_out = p->out;
	s->seen_due = due;
	return SSH_OK;
}

/* A stream of functions waits for itself; beside it nothing can be polled but now and then. */
static int wait_sliced(const struct sock_stream *stream, const struct sock_poll *p)
{
	struct pollfd *fds = p->fds;
	bool lone = p->n == 3 && (fds[2].fd < 0 || stream->wake != NULL);
	int ms = p->timeout_ms;
	if (!lone && (ms < 0 || ms > SOCK_SLICE_MS))
		ms = SOCK_SLICE_MS;
	if (stream->wait(stream->ctx, p->in, p->out, ms) != 0)
		return -1;
	fds[0].revents = p->in ? POLLIN : 0;
	return 1;
}

void sock_poll_wait(const struct sock_stream *stream, struct sock_poll *p)
{
	if (stream->fd_in < 0) {
		p->result = wait_sliced(stream, p);
		return;
	}
	p->result = poll(p->fds, (nfds_t)p->n, p->timeout_ms);
	if (p->result < 0 && errno == EINTR)
		p->result = 0;
}

void sock_poll_end(struct sock *s, struct sock_poll *p)
{
	const struct pollfd *fds = p->fds;
	if (p->result < 0)
		kex_fail(&s->conn.kex, SSH_ERR_IO);
	if (p->result > 0 && fds[0].revents != 0)
		(void)sock_io_read(s);
	else if (s->broken)
		kex_recv_end(&s->conn.kex); /* it says no more, and hears nothing */
	kex_tick(&s->conn.kex, sock_clock_ms());
}
