/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PROBE_H
#define NACRE_TESTS_PROBE_H

#include "libkex/propose.h"
#include "tests/support/peer.h"

/** What a program offers in its KEXINIT: the lists, as strings that live until the test ends. */
struct probe {
	const char *list[KEX_LISTS];
};

/** Ask a server that runs. */
void probe_server(struct probe *out, const struct peer_server *s);

/** Ask a client: it is started, and ended when it has said what it offers. */
void probe_client(struct probe *out, enum peer client);

/** What ssh -Q says, with commas: ssh offers what it is told to, and this is what it could. */
const char *probe_openssh(const char *query);

/** Does a list, with commas, have this name? */
bool probe_has(const char *list, const char *name);

#endif
