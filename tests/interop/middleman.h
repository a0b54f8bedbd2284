/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_MIDDLEMAN_H
#define NACRE_TESTS_MIDDLEMAN_H

#include "tests/support/peer.h"

/** What a man in the middle does to one connection: Terrapin, CVE-2023-48795. */
enum middle {
	MIDDLE_PASS,      /* nothing */
	MIDDLE_TO_CLIENT, /* an IGNORE more, and the first packet under keys less, for the client */
	MIDDLE_TO_SERVER  /* for the server */
};

/** The EXT_INFO that a client has to send for MIDDLE_TO_SERVER to know how much to take away. */
#define MIDDLE_EXT_INFO      "\x07\0\0\0\1\0\0\0\1x\0\0\0\1y"
/** And its packet under chacha20-poly1305: length, 24 bytes with padding, tag. */
#define MIDDLE_EXT_INFO_SIZE (4 + 24 + 16)

/** A process that listens and relays one connection to a server. */
struct middleman {
	pid_t pid;
	char port[8]; /* of 127.0.0.1 */
};

/** Start it. */
void middleman_start(struct middleman *m, const struct peer_server *s, enum middle what);

/** End it, by its id. */
void middleman_stop(struct middleman *m);

#endif
