/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CORPUS_REMOTE_H
#define NACRE_TESTS_CORPUS_REMOTE_H

#include <sys/types.h>

#include "libkex/research.h"
#include "tests/corpus/corpus.h"

/* A case over a socket: the victim is a program that only shows what it says. */

/* The longest wait for what has to come, milliseconds. */
#define REMOTE_PATIENCE_MS 10000

struct remote {
	const struct script *script;
	const struct remote_target *target;
	bool server;      /* the victim */
	struct conn conn; /* our end. Auth and channels are alive on the way to AUTH only */
	struct crypt_key host;
	const struct crypt_key *keys[2];
	struct kex_chosen chosen;
	struct kex_research research;
	int fd;
	pid_t child;   /* a client that we started; 0: none */
	bool closed;   /* by the victim */
	bool striking; /* what is said counts */
	bool alone;    /* our engine says nothing by itself: */
	bool hold;     /* or not yet */
	bool whole;    /* auth and channels are alive */
	bool clear;    /* what comes is read by us, and not by the engine */
	bool opaque;   /* what has come cannot be read any more */
	bool tried;
	size_t before; /* packets in the clear that came before the case struck */
	uint32_t first_seq;
	bool came[256];        /* payloads, by number */
	struct wire_buf heard; /* in the clear */
	struct wire_buf out;   /* waits to be written */
	char said[1024];
	uint32_t reason;
};

/** Connect, or start the client and let it connect. */
bool remote_open(struct remote *r);
/** Close; the client is ended, if it has not. */
void remote_close(struct remote *r);

/**
 * Let bytes go and come, once.
 *
 * Returns false if nothing has moved in that time, or the victim has closed.
 */
bool remote_turn(struct remote *r, int ms);
/** Let our engine do what is due by itself, with what has come till now. */
void remote_wake(struct remote *r);
/** The trace hook of our engine. */
void remote_hear_packet(void *ctx, const struct kex_trace *t);
/** Until it is silent. */
void remote_settle(struct remote *r, int ms);

/** Lead it up to the stage of the case. */
bool remote_reach(struct remote *r);

/** How many whole packets there are in the clear; what is said in those from `from` on is noted. */
size_t remote_read_clear(struct remote *r, size_t from);

#endif
