/* SPDX-License-Identifier: MIT */
/*
 * The system's, as where sockets and not calls have an option against SIGPIPE: whoever does not set
 * it gets the signal.
 */
#include_next <sys/socket.h>
#ifndef NACRE_TESTS_PORTABLE_SOCKET_H
#define NACRE_TESTS_PORTABLE_SOCKET_H

#include <stdbool.h>

#define SO_NOSIGPIPE  0x1022
#define NOSIGPIPE_FDS 1024
static bool nosigpipe[NOSIGPIPE_FDS];

enum { NO_SIGNAL = MSG_NOSIGNAL };

static inline int nosigpipe_set(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level != SOL_SOCKET || name != SO_NOSIGPIPE)
		return setsockopt(fd, level, name, value, len);
	nosigpipe[fd % NOSIGPIPE_FDS] = *(const int *)value != 0;
	return 0;
}

static inline ssize_t nosigpipe_send(int fd, const void *data, size_t n, int flags)
{
	return send(fd, data, n, flags | (nosigpipe[fd % NOSIGPIPE_FDS] ? NO_SIGNAL : 0));
}

#undef MSG_NOSIGNAL
#define setsockopt nosigpipe_set
#define send       nosigpipe_send
#endif
