/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_NET_H
#define NACRE_TOOLS_NET_H

#include <stddef.h>
#include <stdint.h>

/**
 * Connect to a host by name or address, IPv6 or IPv4, trying each address in turn.
 *
 *   port         a number or a service name
 *   family       AF_INET or AF_INET6 alone; AF_UNSPEC: either
 *   timeout_ms   for each address
 *
 * Returns a connected descriptor, close-on-exec and without Nagle's delay; -1 with *why set to a sentence.
 */
int net_connect(const char *host, const char *port, int family, uint64_t timeout_ms,
                const char **why);

/** The most addresses that a program listens on at once. */
#define NET_LISTEN_MAX 8

/**
 * Listen on every local address of `host` (NULL: any).
 *
 *   port   as net_connect; "0" takes one that is free, and the same for every address
 *   fds    filled with descriptors
 *
 * Returns their number; 0 with *why set.
 */
int net_listen(const char *host, const char *port, int fds[NET_LISTEN_MAX], const char **why);

/** The local port of a bound socket; 0 if it has none. */
uint16_t net_local_port(int fd);

/** The peer's address as text ("127.0.0.1 port 2022"), in `out`. Always NUL-terminated. */
void net_peer_name(int fd, char *out, size_t size);

/** Make reads and writes on `fd` return at once. */
void net_nonblocking(int fd);

/** Milliseconds of a monotonic clock. */
uint64_t now_ms(void);

#endif
