/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CORPUS_SCENE_H
#define NACRE_TESTS_CORPUS_SCENE_H

#include "tests/corpus/corpus.h"

/* A case in memory: the victim is a whole connection, its peer a transport that says what it is told to. */

#define SCENE_CHANNELS 16

struct scene {
	const struct script *script;
	struct conn victim;
	struct kex peer;
	struct crypt_drbg rng[2];
	struct crypt_key host, other;
	const struct crypt_key *keys[2];
	struct kex_chosen chosen;
	struct chan_channel channels[SCENE_CHANNELS];
	size_t channels_used;
	size_t trusted; /* host keys */
	uint64_t now;
	bool server;   /* the victim */
	bool striking; /* what is said counts */
	bool alone;    /* the peer does nothing by itself */
	bool tried;
	char said[4096];
	uint32_t reason; /* of its DISCONNECT */
};

/** The victim's owner takes what has happened and answers what it is asked; the peer's too. */
void scene_drain(struct scene *s);

/** Room for another channel, or NULL. */
struct chan_channel *scene_channel(struct scene *s);

#endif
