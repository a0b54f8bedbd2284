/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_SESSIONS_H
#define NACRE_TESTS_SESSIONS_H

#include "libchan/conn.h"

#define SESSIONS_MAX 16

/** One of the sessions: `cat` with the pattern of its number, and an exit status of its own. */
struct session {
	struct chan_channel ch;
	size_t number; /* the seed of its data, and its exit status */
	uint64_t sent;
	uint64_t got;
	uint32_t status;
	bool closed;
};

/** A client on libchan's engine that runs several sessions at once on one connection. */
struct sessions {
	/* Filled in before sessions_run. */
	const char *address;
	const char *port;
	const char *user;
	const char *key_file;      /* to log in with */
	const char *host_key_file; /* of the server: no other is accepted */
	size_t count;
	uint64_t bytes; /* for each to send and get back */
	/* For reading. */
	struct session session[SESSIONS_MAX];
	struct conn conn;
	/* private */
	int fd;
	struct crypt_key key;
	struct wire_buf blob;
	struct wire_buf host_blob;
	size_t open;
};

/** Connect, run them all and wait until they are closed. Fails the test if the connection dies. */
void sessions_run(struct sessions *s);

/** Give back. */
void sessions_wipe(struct sessions *s);

#endif
