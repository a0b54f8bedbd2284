/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/worker.h"
#include "tests/libchan/ends.h"

/* The way to a host; and streams that are no descriptors. */

static struct sock s;

static int listen_on(int family, uint16_t *port)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_in four = {.sin_family = AF_INET,
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *a = family == AF_INET6 ? (void *)&six : (void *)&four;
	socklen_t len = family == AF_INET6 ? sizeof six : sizeof four;
	int fd = socket(family, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, a, len) != 0)
		return -1;
	cr_assert(listen(fd, 1) == 0 && getsockname(fd, a, &len) == 0);
	*port = ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
	return fd;
}

Test(sock_net, addresses_of_both_families)
{
	static const struct {
		int family;
		const char *host;
	} rows[] = {{AF_INET, "127.0.0.1"}, {AF_INET6, "::1"}, {AF_INET, "localhost"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sock_address to = {.host = rows[i].host, .timeout_ms = LONG};
		int fd = -1, listening = listen_on(rows[i].family, &to.port);
		if (listening < 0 && rows[i].family == AF_INET6)
			continue; /* a machine without it */
		cr_assert_geq(listening, 0);
		cr_assert_eq(sock_connect(&to, &fd, why), SSH_OK, "%s", why);
		cr_assert_str_eq(why, "");
		int peer = accept(listening, NULL, NULL);
		cr_assert_eq(write(fd, "x", 1), 1);
		char c;
		cr_assert_eq(read(peer, &c, 1), 1);
		close(fd);
		close(peer);
		close(listening);
	}
}

Test(sock_net, errors_are_told)
{
	struct sock_address to = {.host = "127.0.0.1", .timeout_ms = LONG};
	char expected[SOCK_WHY_SIZE];
	int fd = -1;
	close(listen_on(AF_INET, &to.port));
	cr_assert_eq(sock_connect(&to, &fd, why), SSH_ERR_IO);
	snprintf(expected, sizeof expected, "127.0.0.1 port %u: connection refused", to.port);
	cr_assert_str_eq(why, expected);
	to.host = "999.999.999.999";
	cr_assert_eq(sock_connect(&to, &fd, why), SSH_ERR_NOT_FOUND, "%s", why);
	cr_assert_eq(strncmp(why, "999.999.999.999 port ", 21), 0, "%s", why);
	cr_assert_eq(fd, -1);
}

/* A listener that accepts nobody: its queue is full, and whoever comes next waits. */
Test(sock_net, nobody_answers)
{
	struct sock_address to = {.host = "127.0.0.1", .timeout_ms = 200};
	int fd[200], listening = listen_on(AF_INET, &to.port);
	enum ssh_err e = SSH_OK;
	uint64_t began = 0;
	struct timespec t;
	size_t n = 0;
	while (n < 200 && e == SSH_OK) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		began = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
		e = sock_connect(&to, &fd[n], why);
		n += e == SSH_OK;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t took = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 - began;
	cr_assert_eq(e, SSH_ERR_TIMEOUT, "%s: %s", ssh_err_name(e), why);
	cr_assert(took >= 190 && took < 5000, "%d ms", (int)took);
	cr_assert_neq(strstr(why, "timed out"), NULL, "%s", why);
	while (n > 0)
		close(fd[--n]);
	close(listening);
}

/* --- A stream of functions, which reads and writes little at a time --- */

struct drip {
	int fd;
	size_t reads, waits;
};

static enum ssh_err drip_read(void *ctx, uint8_t *buf, size_t cap, size_t *n)
{
	struct drip *d = ctx;
	ssize_t got = recv(d->fd, buf, cap < 100 ? cap : 100, MSG_DONTWAIT);
	d->reads++;
	if (got < 0)
		return SSH_ERR_AGAIN;
	*n = (size_t)got;
	return SSH_OK;
}

static enum ssh_err drip_write(void *ctx, ssh_bytes data, size_t *n)
{
	struct drip *d = ctx;
	ssize_t put =
	    send(d->fd, data.ptr, data.len < 70 ? data.len : 70, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0)
		return SSH_ERR_AGAIN;
	*n = (size_t)put;
	return SSH_OK;
}

static enum ssh_err drip_wait(void *ctx, bool in, bool out, int timeout_ms)
{
	struct drip *d = ctx;
	struct pollfd p = {.fd = d->fd, .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0))};
	d->waits++;
	return poll(&p, 1, timeout_ms) < 0 ? SSH_ERR_IO : SSH_OK;
}

Test(sock_net, stream_of_functions)
{
	for (int threads = 0; threads < 2; threads++) {
		struct ends t;
		struct worker w;
		struct drip d = {0};
		struct sock_stream stream = {.ctx = &d,
		                             .read = drip_read,
		                             .write = drip_write,
		                             .wait = drip_wait,
		                             .fd_in = -1,
		                             .fd_out = -1};
		struct sock_channel *ch;
		int fd;
		ends_init(&t);
		ends_begin(&t, serve_commands, false);
		d.fd = t.fd[0];
		cr_assert_eq(sock_start_stream(&s, &stream, &t.client, LONG), SSH_OK);
		cr_assert_eq(sock_auth_key(&s, &t.user, LONG), SSH_OK);
		cr_assert_eq(sock_descriptor(&s), -1);
		if (threads)
			cr_assert_eq(worker_start(&w, &s), SSH_OK);
		cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
		cr_assert_eq(sock_fileno(ch, &fd), threads ? SSH_OK : SSH_ERR_UNSUPPORTED);
		cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
		for (int i = 0; i < 20; i++) {
			cr_assert_eq(sock_send_all(ch, wire_bytes_str("drop by drop"), NULL),
			             SSH_OK);
			expect(ch, "drop by drop");
		}
		cr_assert_eq(sock_eof(ch), SSH_OK);
		expect_end(ch);
		sock_close(ch);
		cr_assert(d.reads > 20 && d.waits > 20);
		log_out(&t, &s);
	}
}

Test(sock_net, stream_that_is_none)
{
	struct ends t;
	struct sock_stream stream = {.read = drip_read, .fd_in = -1, .fd_out = -1};
	ends_init(&t);
	cr_assert_eq(sock_start_stream(&s, &stream, &t.client, 0), SSH_ERR_ARGUMENT);
	stream.write = drip_write;
	cr_assert_eq(sock_start_stream(&s, &stream, &t.client, 0), SSH_ERR_ARGUMENT, "no wait");
	sock_wipe(&s);
	ends_forget(&t);
}
