/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* A channel as a socket of the system's: data is carried between the two. */

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* What one read of a local socket brings: a full packet. */
#define CARRY_SIZE CHAN_PACKET_MAX

static enum ssh_err make(struct sock_channel *ch, int *fd)
{
	int ends[2];
	if (ch->local >= 0)
		return SSH_ERR_STATE;
	if (ch->abandoned)
		return SSH_ERR_CHANNEL_CLOSED;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return SSH_ERR_IO;
	for (int i = 0; i < 2; i++)
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
	(void)setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
	ch->local = ends[0];
	ch->sock->sockets++;
	*fd = ends[1];
	return SSH_OK;
}

enum ssh_err sock_channel_socket(struct sock_channel *ch, int *fd)
{
	sock_channel_enter(ch);
	enum ssh_err e = make(ch, fd);
	sock_channel_leave(ch);
	return e;
}

void sock_local_drop(struct sock_channel *ch)
{
	if (ch->local < 0)
		return;
	(void)close(ch->local);
	ch->local = -1;
	ch->sock->sockets--;
}

static bool wants_data(const struct sock_channel *ch)
{
	/* The room of the window and of the stream: what is read can be sent at once. */
	return !ch->local_eof && !ch->closed && ch->opened && !ch->ch.eof_sent &&
	       ch->ch.out.left != 0 && kex_writable(&ch->sock->conn.kex);
}

short sock_local_events(const struct sock_channel *ch)
{
	int in = wants_data(ch) ? POLLIN : 0;
	int out = wire_buf_len(&ch->in[0]) != 0 && !ch->local_shut ? POLLOUT : 0;
	return (short)(in | out);
}

/* The program has closed its end: nobody reads. */
static void stop_writing(struct sock_channel *ch)
{
	ch->local_shut = true;
	ch->deaf = true;
	(void)chan_channel_consumed(&ch->ch, wire_buf_len(&ch->in[0]));
	wire_buf_wipe(&ch->in[0]);
}

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Returns how much went, 0 if none could; or it could never. */
static size_t give(struct sock_channel *ch, ssh_bytes data)
{
	ssize_t n = send(ch->local, data.ptr, data.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && !would_wait())
		stop_writing(ch);
	if (n <= 0)
		return 0;
	(void)chan_channel_consumed(&ch->ch, (size_t)n);
	return (size_t)n;
}

void sock_local_put(struct sock_channel *ch, ssh_bytes *data)
{
	if (!ch->local_shut)
		*data = wire_bytes_skip(*data, give(ch, *data));
}

static bool carry_in(struct sock_channel *ch)
{
	ssh_bytes data = wire_buf_view(&ch->in[0]);
	if (data.len == 0 || ch->local_shut)
		return false;
	size_t n = give(ch, data);
	wire_buf_drop(&ch->in[0], n);
	if (n != 0 && wire_buf_len(&ch->in[0]) == 0)
		wire_buf_wipe(&ch->in[0]);
	return n != 0 || ch->local_shut;
}

static bool carry_end(struct sock_channel *ch)
{
	bool ended = ch->closed || ch->ended;
	if (ch->local_shut || !ended || wire_buf_len(&ch->in[0]) != 0)
		return false;
	(void)shutdown(ch->local, SHUT_WR);
	ch->local_shut = true;
	return true;
}

static bool carry_out(struct sock_channel *ch)
{
	enum ssh_err e;
	uint8_t buf[CARRY_SIZE];
	size_t room = ch->ch.out.left < ch->ch.out_packet ? ch->ch.out.left : ch->ch.out_packet;
	if (!wants_data(ch))
		return false;
	ssize_t n = recv(ch->local, buf, room < sizeof buf ? room : sizeof buf, MSG_DONTWAIT);
	if (n < 0 && would_wait())
		return false;
	if (n > 0) {
		/* One packet, and there is room for it: whatever is not taken is lost with all else. */
		if (chan_channel_send(&ch->ch, wire_bytes(buf, (size_t)n), &e) != (size_t)n)
			kex_fail(&ch->sock->conn.kex, e == 0 ? SSH_ERR_NO_MEMORY : e);
		wire_wipe(buf, (size_t)n);
	} else {
		ch->local_eof = true;
		(void)chan_channel_eof(&ch->ch);
	}
	return true;
}

bool sock_local_run(struct sock *s)
{
	bool progress = false;
	for (struct sock_channel *ch = s->channels; ch != NULL; ch = ch->next) {
		if (ch->local < 0)
			continue;
		bool in = carry_in(ch), end = carry_end(ch), out = carry_out(ch);
		progress |= in || end || out;
	}
	return progress;
}
