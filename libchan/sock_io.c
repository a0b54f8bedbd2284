/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The one place that touches descriptors and the clock. */

uint64_t sock_clock_ms(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct sock_wait sock_wait_for(int timeout_ms)
{
	struct sock_wait w = {.deadline = UINT64_MAX};
	if (timeout_ms >= 0)
		w.deadline = sock_clock_ms() + (uint64_t)timeout_ms;
	return w;
}

static bool is_socket(int fd)
{
	int type;
	socklen_t len = sizeof type;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

void sock_io_init(struct sock *s)
{
	s->socket_in = is_socket(s->fd_in);
	s->socket_out = is_socket(s->fd_out);
}

static bool would_wait(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK || e == EINTR;
}

/* The flags, since the descriptor itself may be shared and is not ours to change. */
static bool write_some(struct sock *s, ssh_bytes out, size_t *n)
{
	/* A pipe that polls writable takes this much without blocking. */
	size_t len = s->socket_out || out.len < PIPE_BUF ? out.len : PIPE_BUF;
	struct pollfd p = {.fd = s->fd_out, .events = POLLOUT};
	*n = 0;
	if (!s->socket_out && poll(&p, 1, 0) != 1)
		return false;
	ssize_t done = s->socket_out ? send(s->fd_out, out.ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL)
	                             : write(s->fd_out, out.ptr, len);
	if (done < 0) {
		s->broken = !would_wait(errno);
		return false;
	}
	*n = (size_t)done;
	return true;
}

bool sock_io_push(struct sock *s)
{
	size_t n;
	bool written = false;
	ssh_bytes out = conn_out(&s->conn);
	while (out.len != 0 && !s->broken && write_some(s, out, &n)) {
		kex_sent(&s->conn.kex, n);
		out = conn_out(&s->conn);
		written = true;
	}
	return written;
}

static void read_some(struct sock *s)
{
	size_t room;
	uint8_t *p = kex_recv_space(&s->conn.kex, &room);
	if (p == NULL)
		return;
	ssize_t n = s->socket_in ? recv(s->fd_in, p, room, MSG_DONTWAIT) : read(s->fd_in, p, room);
	bool wait = n < 0 && would_wait(errno);
	bool cut = n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE));
	(void)kex_recv_done(&s->conn.kex, n > 0 ? (size_t)n : 0);
	if (cut)
		kex_recv_end(&s->conn.kex);
	else if (n < 0 && !wait)
		kex_fail(&s->conn.kex, SSH_ERR_IO);
}

static bool wants_input(const struct sock *s)
{
	const struct kex *k = &s->conn.kex;
	return k->state != KEX_DEAD && !k->asking && wire_buf_len(&k->out.buf) <= KEX_OUT_MAX;
}

/* Milliseconds until the next thing is due, as poll wants them. */
static int time_left(const struct sock *s, const struct sock_wait *w)
{
	uint64_t now = sock_clock_ms(), due = kex_deadline(&s->conn.kex);
	if (due > w->deadline)
		due = w->deadline;
	if (w->over || s->broken || due <= now)
		return 0;
	if (due == UINT64_MAX)
		return -1;
	return due - now > INT_MAX ? INT_MAX : (int)(due - now);
}

static enum ssh_err wait_for_peer(struct sock *s, struct sock_wait *w)
{
	bool out = conn_out(&s->conn).len != 0 && !s->broken;
	struct pollfd p[2] = {
	    {.fd = wants_input(s) ? s->fd_in : -1, .events = POLLIN},
	    {.fd = out ? s->fd_out : -1, .events = POLLOUT},
	};
	if (sock_clock_ms() >= w->deadline) {
		if (w->over)
			return SSH_ERR_TIMEOUT;
		w->over = true;
	}
	int n = poll(p, 2, time_left(s, w));
	if (n < 0 && errno != EINTR)
		kex_fail(&s->conn.kex, SSH_ERR_IO);
	if (n > 0 && p[0].revents != 0)
		read_some(s);
	else if (s->broken)
		kex_recv_end(&s->conn.kex); /* it says no more, and hears nothing */
	kex_tick(&s->conn.kex, sock_clock_ms());
	return SSH_OK;
}

enum ssh_err sock_death(const struct sock *s)
{
	enum ssh_err e = conn_err(&s->conn);
	return e == SSH_OK ? SSH_ERR_STATE : e;
}

enum ssh_err sock_turn(struct sock *s, struct sock_wait *w)
{
	struct conn_event ev;
	bool progress = false;
	while (conn_next(&s->conn, &ev)) {
		sock_on_event(s, &ev);
		progress = true;
	}
	/* Where there was no room to send there may be some now: that is news, too. */
	if (sock_io_push(s) || progress)
		return SSH_OK;
	if (s->conn.kex.state == KEX_DEAD)
		return sock_death(s);
	return wait_for_peer(s, w);
}

enum ssh_err sock_flush(struct sock *s, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	(void)sock_io_push(s);
	while (conn_out(&s->conn).len != 0)
		if ((e = sock_turn(s, &w)) != 0)
			return e;
	return SSH_OK;
}

void sock_disconnect(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	(void)sock_flush(s, timeout_ms);
	kex_disconnect(&s->conn.kex, SSH_DISCONNECT_BY_APPLICATION, "goodbye");
	(void)sock_io_push(s);
	while (conn_out(&s->conn).len != 0 && !s->broken && sock_clock_ms() < w.deadline) {
		struct pollfd p = {.fd = s->fd_out, .events = POLLOUT};
		(void)poll(&p, 1, time_left(s, &w));
		(void)sock_io_push(s);
	}
}
