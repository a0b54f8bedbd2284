/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_PEER_H
#define NACRE_TOOLS_SSHD_PEER_H

/** Both ends of a connection as text; "UNKNOWN" and "0" if it is no network connection. */
struct sshd_peer {
	char address[128];
	char port[16];
	char local_address[128];
	char local_port[16];
};

/** Who is at the other end of `fd`. */
void sshd_peer_of(struct sshd_peer *p, int fd);

#endif
