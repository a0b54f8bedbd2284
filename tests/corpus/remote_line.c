/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/corpus/remote.h"

/* --- Open and close --- */

static int dial(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
	int fd = -1;
	if (getaddrinfo(host, port, &hints, &all) != 0)
		return -1;
	for (struct addrinfo *a = all; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(all);
	return fd;
}

/* "%p" becomes the port. It has a process group of its own, so that what it starts ends with it. */
static void run_client(const char *command, unsigned port)
{
	char line[2048];
	const char *mark = strstr(command, "%p");
	int null = open("/dev/null", O_RDWR);
	if (mark == NULL || null < 0 || setpgid(0, 0) != 0)
		_exit(127);
	snprintf(line, sizeof line, "%.*s%u%s", (int)(mark - command), command, port, mark + 2);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static int wait_for_client(struct remote *r)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), got = -1;
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	r->child = fork();
	if (r->child == 0)
		run_client(r->target->command, ntohs(a.sin_port));
	struct pollfd p = {fd, POLLIN, 0};
	if (r->child > 0 && poll(&p, 1, REMOTE_PATIENCE_MS) == 1)
		got = accept(fd, NULL, NULL);
	close(fd);
	return got;
}

bool remote_open(struct remote *r)
{
	r->fd = r->target->command != NULL ? wait_for_client(r)
	                                   : dial(r->target->host, r->target->port);
	return r->fd >= 0 && fcntl(r->fd, F_SETFL, O_NONBLOCK) == 0;
}

void remote_close(struct remote *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->child > 0) {
		(void)kill(-r->child, SIGKILL);
		(void)waitpid(r->child, NULL, 0);
	}
}

/* --- What comes --- */

static void note(struct remote *r, ssh_bytes payload)
{
	uint8_t number = payload.ptr[0];
	const char *name = corpus_name(number, corpus_context(r->script));
	uint32_t first = payload.len < 5 ? 0 : wire_load_u32(payload.ptr + 1);
	uint32_t next = r->conn.kex.out.seq;
	r->came[number] = true;
	if (!r->striking || number == SSH_MSG_EXT_INFO)
		return;
	if (number == SSH_MSG_DISCONNECT)
		r->reason = first;
	if (number == SSH_MSG_UNIMPLEMENTED && !r->clear && r->first_seq <= next &&
	    (first < r->first_seq || first >= next))
		name = "UNIMPLEMENTED-of-another";
	corpus_note(r->said, sizeof r->said, name);
}

void remote_hear_packet(void *ctx, const struct kex_trace *t)
{
	struct remote *r = ctx;
	if (t->type == KEX_TRACE_PACKET && !t->out)
		note(r, t->payload);
}

static size_t ident_size(ssh_bytes all)
{
	size_t done = 0;
	bool ident = false;
	while (!ident) {
		ssh_bytes rest = wire_bytes_skip(all, done);
		const uint8_t *lf = rest.len == 0 ? NULL : memchr(rest.ptr, '\n', rest.len);
		if (lf == NULL)
			return 0;
		ident = rest.len >= 4 && memcmp(rest.ptr, "SSH-", 4) == 0;
		done += (size_t)(lf - rest.ptr) + 1;
	}
	return done;
}

size_t remote_read_clear(struct remote *r, size_t from)
{
	ssh_bytes all = wire_buf_view(&r->heard);
	size_t count = 0, ident = ident_size(all);
	all = wire_bytes_skip(all, ident == 0 ? all.len : ident);
	while (!r->opaque && all.len > 5 && (size_t)wire_load_u32(all.ptr) + 4 <= all.len) {
		size_t size = wire_load_u32(all.ptr) + 4, padding = all.ptr[4];
		uint8_t number = all.ptr[5];
		if (size < 6 + padding)
			return count;
		if (count >= from && !(count == 0 && number == SSH_MSG_KEXINIT))
			note(r, wire_bytes(all.ptr + 5, size - 5 - padding));
		r->opaque = number == SSH_MSG_NEWKEYS && r->striking;
		count++;
		all = wire_bytes_skip(all, size);
	}
	return count;
}

/* --- Both ways --- */

/* Log in with the key, or without anything; once. */
static void log_in(struct remote *r, const struct auth_client_event *ev)
{
	struct auth_client *a = &r->conn.auth_client;
	const struct crypt_key *key = r->target->key;
	struct wire_buf b = {0};
	if (ev->type == AUTH_ASK_METHOD && r->tried) {
		(void)auth_client_give_up(a);
	} else if (ev->type == AUTH_ASK_METHOD && key == NULL) {
		(void)auth_client_none(a);
	} else if (ev->type == AUTH_ASK_METHOD) {
		crypt_key_put_public(key, &b);
		(void)auth_client_publickey(a, wire_buf_view(&b),
		                            auth_client_sigalg(a, wire_buf_view(&b)));
	} else if (ev->type == AUTH_ASK_SIGN) {
		(void)crypt_key_sign(key, ev->sigalg, ev->data, &r->conn.kex.config.rng, &b);
		(void)auth_client_answer_sign(a, wire_buf_view(&b));
	}
	r->tried = true;
	wire_buf_wipe(&b);
}

static void drain_whole(struct remote *r)
{
	struct conn_event ev;
	while (conn_next(&r->conn, &ev)) {
		if (ev.layer == CONN_KEX && ev.kex.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&r->conn.kex, true);
		if (ev.layer == CONN_AUTH_CLIENT)
			log_in(r, &ev.auth_client);
	}
	(void)conn_out(&r->conn);
}

static void drain(struct remote *r)
{
	struct kex_event ev;
	if (r->whole) {
		drain_whole(r);
		return;
	}
	while (kex_next(&r->conn.kex, &ev))
		if (ev.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&r->conn.kex, true);
}

static void feed(struct remote *r, ssh_bytes in)
{
	size_t used = 1;
	while (in.len > 0 && used > 0) {
		(void)kex_recv(&r->conn.kex, in, &used);
		drain(r);
		in = wire_bytes_skip(in, used);
	}
}

static void take(struct remote *r, ssh_bytes in)
{
	struct kex_frame_out *out = &r->conn.kex.out;
	const uint32_t seq = out->seq;
	struct crypt_packet packet = out->packet;
	if (r->clear)
		wire_put_raw(&r->heard, in);
	else
		feed(r, in);
	if (r->alone && !r->hold) {
		/* What the engine has said to it was not said. */
		kex_sent(&r->conn.kex, kex_out(&r->conn.kex).len);
		out->packet = packet;
		out->seq = seq;
	}
	wire_wipe(&packet, sizeof packet);
}

void remote_wake(struct remote *r)
{
	struct wire_buf heard = r->heard;
	r->heard = (struct wire_buf){0};
	r->alone = r->hold = r->clear = false;
	take(r, wire_buf_view(&heard));
	wire_buf_wipe(&heard);
}

/* What our engine has to say by itself. */
static void collect(struct remote *r)
{
	ssh_bytes out = kex_out(&r->conn.kex);
	if (r->hold)
		return;
	if (!r->alone)
		wire_put_raw(&r->out, out);
	kex_sent(&r->conn.kex, out.len);
}

static bool hear(struct remote *r)
{
	uint8_t room[32768];
	ssize_t n = recv(r->fd, room, sizeof room, 0);
	r->closed = n <= 0;
	if (n > 0)
		take(r, wire_bytes(room, (size_t)n));
	return n > 0;
}

static bool put(struct remote *r)
{
	ssh_bytes out = wire_buf_view(&r->out);
	ssize_t n = send(r->fd, out.ptr, out.len, MSG_NOSIGNAL);
	if (n > 0)
		wire_buf_drop(&r->out, (size_t)n);
	else
		wire_buf_reset(&r->out); /* what it still has to say is to be heard */
	return n > 0;
}

bool remote_turn(struct remote *r, int ms)
{
	bool moved = false;
	collect(r);
	struct pollfd p = {r->fd, POLLIN, 0};
	if (wire_buf_len(&r->out) > 0)
		p.events |= POLLOUT;
	if (r->closed || poll(&p, 1, ms) <= 0)
		return false;
	if ((p.revents & POLLOUT) != 0)
		moved = put(r);
	if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		moved = hear(r) || moved;
	collect(r);
	return moved || !r->closed;
}

void remote_settle(struct remote *r, int ms)
{
	while (remote_turn(r, ms))
		continue;
}
