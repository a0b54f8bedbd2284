/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections that wait to be accepted: what listen(2) takes everywhere. */
#define BACKLOG         128
/* How often a port is looked for that is free in all families of addresses. */
#define FREE_PORT_TRIES 16

static struct addrinfo *resolve(const char *host, const char *port, struct addrinfo hints,
                                const char **why)
{
	struct addrinfo *list = NULL;
	hints.ai_socktype = SOCK_STREAM;
	int e = getaddrinfo(host, port, &hints, &list);
	if (e != 0) {
		*why = e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e);
		return NULL;
	}
	return list;
}

static int open_socket(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void no_delay(int fd)
{
	int on = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Returns whether it is connected; if not, errno says why. The socket blocks again afterwards. */
static bool connect_within(int fd, const struct addrinfo *a, uint64_t timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int e = 0, flags = fcntl(fd, F_GETFL);
	socklen_t len = sizeof e;
	uint64_t until = now_ms() + timeout_ms, now;
	net_nonblocking(fd);
	bool done = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
	if (!done && errno != EINPROGRESS)
		return false;
	while (!done && (now = now_ms()) < until) {
		uint64_t left = until - now;
		done = poll(&p, 1, left > 60000 ? 60000 : (int)left) > 0;
	}
	if (done && getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0)
		e = errno;
	(void)fcntl(fd, F_SETFL, flags);
	errno = done ? e : ETIMEDOUT;
	return errno == 0;
}

int net_connect(const char *host, const char *port, int family, uint64_t timeout_ms,
                const char **why)
{
	struct addrinfo hints = {.ai_family = family};
	struct addrinfo *list = resolve(host, port, hints, why);
	int fd = -1;
	for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		if ((fd = open_socket(a)) >= 0 && connect_within(fd, a, timeout_ms))
			break;
		*why = strerror(errno);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (list != NULL)
		freeaddrinfo(list);
	if (fd >= 0)
		no_delay(fd);
	return fd;
}

static int listen_on(const struct addrinfo *a, const char **why)
{
	int on = 1;
	int fd = open_socket(a);
	if (fd < 0) {
		*why = strerror(errno);
		return -1;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	/* The IPv4 address has a socket of its own. */
	if (a->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	*why = strerror(error);
	close(fd);
	errno = error;
	return -1;
}

static void set_port(const struct addrinfo *a, uint16_t port)
{
	uint16_t n = htons(port);
	size_t at = a->ai_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_port)
	                                     : offsetof(struct sockaddr_in, sin_port);
	memcpy((char *)a->ai_addr + at, &n, sizeof n);
}

/* Returns the number of sockets. `any`: the port that is free for the first is tried for the others. */
static int listen_on_all(const struct addrinfo *list, bool any, int fds[NET_LISTEN_MAX],
                         const char **why)
{
	int n = 0;
	bool taken = false;
	for (const struct addrinfo *a = list; a != NULL && n < NET_LISTEN_MAX; a = a->ai_next) {
		if (any)
			set_port(a, n == 0 ? 0 : net_local_port(fds[0]));
		int fd = listen_on(a, why);
		if (fd >= 0)
			fds[n++] = fd;
		taken = taken || (fd < 0 && errno == EADDRINUSE);
	}
	errno = taken ? EADDRINUSE : 0;
	return n;
}

int net_listen(const char *host, const char *port, int fds[NET_LISTEN_MAX], const char **why)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE};
	struct addrinfo *list = resolve(host, port, hints, why);
	bool any = strcmp(port, "0") == 0;
	int n = list == NULL ? 0 : listen_on_all(list, any, fds, why);
	/* Somebody else has that port in another family: let us have another one. */
	for (int i = 1; any && n > 0 && errno == EADDRINUSE && i < FREE_PORT_TRIES; i++) {
		while (n > 0)
			close(fds[--n]);
		n = listen_on_all(list, any, fds, why);
	}
	if (list != NULL)
		freeaddrinfo(list);
	return n;
}

uint16_t net_local_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return 0;
	memcpy(&v4, &ss, sizeof v4);
	memcpy(&v6, &ss, sizeof v6);
	return ntohs(ss.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

void net_peer_name(int fd, char *out, size_t size)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	char host[128], port[16];
	snprintf(out, size, "a pipe");
	if (getpeername(fd, (struct sockaddr *)&ss, &len) != 0 || ss.ss_family == AF_UNIX)
		return;
	if (getnameinfo((struct sockaddr *)&ss, len, host, sizeof host, port, sizeof port,
	                NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(out, size, "%s port %s", host, port);
}

void net_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
