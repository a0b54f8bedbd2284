/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/sock_impl.h"

/* The way to a host: names, addresses, connect. */

/* --- Words --- */

static void put(char *out, const char *text)
{
	size_t at = strlen(out), n = strlen(text);
	if (n > SOCK_WHY_SIZE - 1 - at)
		n = SOCK_WHY_SIZE - 1 - at;
	memcpy(out + at, text, n);
	out[at + n] = '\0';
}

/* strerror is not for several threads. */
static const char *reason(int e)
{
	static const struct {
		int e;
		const char *text;
	} reasons[] = {
	    {ECONNREFUSED, "connection refused"},
	    {ETIMEDOUT, "timed out"},
	    {EHOSTUNREACH, "no route to host"},
	    {ENETUNREACH, "network is unreachable"},
	    {EHOSTDOWN, "host is down"},
	    {ECONNRESET, "connection reset"},
	    {EACCES, "not permitted"},
	    {EPERM, "not permitted"},
	    {EADDRNOTAVAIL, "no address of our own for it"},
	    {EMFILE, "too many open files"},
	    {ENFILE, "too many open files"},
	};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].e == e)
			return reasons[i].text;
	return "cannot connect";
}

static void put_port(char digits[6], uint16_t port)
{
	size_t n = 5;
	digits[n] = '\0';
	do {
		digits[--n] = (char)('0' + port % 10);
	} while ((port = (uint16_t)(port / 10)) != 0);
	memmove(digits, digits + n, 6 - n);
}

/* --- One address --- */

static int await_connected(int fd, int timeout_ms)
{
	int e = 0;
	socklen_t len = sizeof e;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n = poll(&p, 1, timeout_ms);
	if (n == 0)
		return ETIMEDOUT;
	if (n < 0)
		return errno;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0 ? e : errno;
}

static int make(const struct addrinfo *a)
{
	int on = 1;
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Returns 0 or an errno. */
static int try_address(const struct addrinfo *a, int timeout_ms, int *out)
{
	int e = 0, fd = make(a);
	if (fd < 0)
		return errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
		e = errno == EINPROGRESS ? await_connected(fd, timeout_ms) : errno;
	if (e != 0) {
		(void)close(fd);
		return e;
	}
	(void)fcntl(fd, F_SETFL, 0);
	*out = fd;
	return 0;
}

/* --- All of them --- */

static int share(uint64_t deadline, int left)
{
	uint64_t now = sock_clock_ms();
	if (deadline == UINT64_MAX)
		return -1;
	return deadline <= now ? 0 : (int)((deadline - now) / (uint64_t)left);
}

static int try_all(const struct addrinfo *list, int timeout_ms, int *fd)
{
	int e = EADDRNOTAVAIL, left = 0;
	struct sock_wait w = sock_wait_for(timeout_ms);
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
		if ((e = try_address(a, share(w.deadline, left--), fd)) == 0)
			return 0;
	return e;
}

enum ssh_err sock_connect(const struct sock_address *to, int *fd, char why[SOCK_WHY_SIZE])
{
	struct addrinfo *list = NULL;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char port[6];
	why[0] = '\0';
	put_port(port, to->port == 0 ? AUTH_PORT_DEFAULT : to->port);
	int failed = getaddrinfo(to->host, port, &hints, &list);
	int e = failed ? 0 : try_all(list, to->timeout_ms, fd);
	if (!failed)
		freeaddrinfo(list);
	if (!failed && e == 0)
		return SSH_OK;
	put(why, to->host);
	put(why, " port ");
	put(why, port);
	put(why, ": ");
	put(why, failed ? gai_strerror(failed) : reason(e));
	if (failed)
		return SSH_ERR_NOT_FOUND;
	return e == ETIMEDOUT ? SSH_ERR_TIMEOUT : SSH_ERR_IO;
}
