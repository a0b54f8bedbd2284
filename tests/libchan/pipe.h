/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PIPE_H
#define NACRE_TESTS_PIPE_H

#include "libchan/chan.h"

/*
 * A mux whose sink is a queue in memory, and two of them joined. Nothing moves unless a test says
 * so.
 */
struct pipe_end {
	struct chan_mux m;
	struct wire_buf out; /* payloads, each as a string */
	struct wire_buf in;  /* the payload that m was given last */
	uint8_t room[40000]; /* the payload under construction */
	size_t sent[256];    /* payloads, by number */
	bool full;           /* not writable */
	size_t writes;       /* if not 0: so many packets of data are taken, then it is full */
	enum ssh_err dead;   /* what send and end return */
};

/** Start one end. `config` may be changed by the caller before: NULL for the default. */
void pipe_init(struct pipe_end *p, bool server, const struct chan_config *config);
void pipe_wipe(struct pipe_end *p);

/** The sink that writes into p. */
struct chan_sink pipe_sink(struct pipe_end *p);

/** Hand m a payload, from a copy. */
enum ssh_err pipe_recv(struct pipe_end *p, ssh_bytes payload);

/** Move one payload from `from` to `to`. Returns false if there was none; *e: of chan_mux_recv. */
bool pipe_carry(struct pipe_end *from, struct pipe_end *to, enum ssh_err *e);

/** A seeded generator (xorshift64*), for interleavings that repeat. */
uint32_t pipe_random(uint64_t *seed, uint32_t below);

#endif
