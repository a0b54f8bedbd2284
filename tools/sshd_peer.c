/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/sshd_peer.h"

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

static void name_of(const struct sockaddr_storage *ss, socklen_t len, char address[128],
                    char port[16])
{
	if (ss->ss_family == AF_UNIX ||
	    getnameinfo((const struct sockaddr *)ss, len, address, 128, port, 16,
	                NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		snprintf(address, 128, "UNKNOWN");
		snprintf(port, 16, "0");
	}
}

void sshd_peer_of(struct sshd_peer *p, int fd)
{
	struct sockaddr_storage ss = {.ss_family = AF_UNIX};
	socklen_t len = sizeof ss;
	if (getpeername(fd, (struct sockaddr *)&ss, &len) != 0)
		ss.ss_family = AF_UNIX;
	name_of(&ss, len, p->address, p->port);
	len = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		ss.ss_family = AF_UNIX;
	name_of(&ss, len, p->local_address, p->local_port);
}
