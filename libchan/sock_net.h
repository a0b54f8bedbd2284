/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_NET_H
#define NACRE_LIBCHAN_SOCK_NET_H

#include "libchan/sock.h"

/** Where to, and for how long. */
struct sock_address {
	const char *host; /* a name or an address, IPv4 or IPv6 without brackets */
	uint16_t port;    /* 0: 22 */
	int timeout_ms;   /* for connecting, all addresses together; SOCK_FOREVER */
};

/**
 * Connect a TCP socket to a host.
 *
 * Its addresses are tried one after another, in the system's order; each has a fair share of the
 * time that is left. Asking for the addresses (getaddrinfo) takes the time that it takes. What one
 * gets is for sock_start_client; Nagle's algorithm is off.
 *
 *   fd    set on success: the caller's to close
 *   why   set: "" or, on errors, a sentence for people
 *
 * Returns 0; SSH_ERR_NOT_FOUND: no such host; SSH_ERR_TIMEOUT: no address answered in time;
 * SSH_ERR_IO: none let us in, for the reason in `why`.
 *
 * Secrets: none.
 */
enum ssh_err sock_connect(const struct sock_address *to, int *fd, char why[SOCK_WHY_SIZE]);

#endif
