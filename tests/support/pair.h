/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PAIR_H
#define NACRE_TESTS_PAIR_H

#include "libkex/transport.h"

/*
 * A client and a server of the transport joined by a pipe in memory. Without Criterion, so that
 * benchmarks may use it; it asserts nothing, it counts.
 *
 *     struct pair p;
 *     pair_init(&p, 7);                  // chunks of 7 bytes
 *     p.client.config.rekey_bytes = 1000;
 *     if (pair_start(&p) == 0) {
 *         pair_run(&p);                  // until both are quiet
 *         kex_send(&p.client.kex, payload);
 *         pair_run(&p);                  // p.server.got holds it
 *     }
 *     pair_wipe(&p);
 */

/** A payload that every peer must take. RFC 4253 section 6.1. */
#define PAIR_PAYLOAD 32768
/** Delivery in pieces as large as they come. */
#define PAIR_WHOLE   0
#define PAIR_EVENTS  (KEX_ASK_SIGN + 1)

struct pair_side {
	/* Filled in by pair_init; to be changed before pair_start. */
	struct kex_config config;
	const struct crypt_key *keys[2];
	struct crypt_drbg drbg;
	/* How it answers and what it keeps. */
	bool refuse;  /* the host key, or to sign */
	bool forget;  /* count what comes, keep none of it */
	bool mute;    /* what it has to say stays in kex_out */
	bool waiting; /* questions stay open */
	bool hungry;  /* events are left to the caller */
	/* What became of it. */
	struct kex kex;
	size_t events[PAIR_EVENTS]; /* told, by type */
	struct kex_event last;      /* of them; its views are dead */
	uint32_t reason;            /* of the peer's DISCONNECT */
	enum ssh_err err;           /* of KEX_EVENT_ERROR */
	struct wire_buf got;        /* payloads as they came: string after string */
	uint64_t got_bytes;         /* of them all */
	struct wire_buf said;       /* every byte it sent, if `record` */
	bool record;
};

struct pair {
	struct pair_side client;
	struct pair_side server;
	size_t chunk;
	uint64_t now_ms;
	struct crypt_key host_key; /* of pair_keyalg */
};

/**
 * Fill in both configurations: every agreement and cipher there is, a host key of pair_keyalg,
 * seeded randomness. Calls nothing that allocates. The pair must not be moved afterwards.
 */
void pair_init(struct pair *p, size_t chunk);

/** Start both engines. On error neither is left. */
enum ssh_err pair_start(struct pair *p);

/** Let every byte travel and every question be answered until nothing moves. */
void pair_run(struct pair *p);

/** One piece from one side to the other, whose events are then taken. False: nothing moved. */
bool pair_carry(struct pair *p, struct pair_side *from);

/** Take the side's events. */
void pair_drain(struct pair_side *s);

/** Hand `s` bytes as if its peer had sent them, and take its events. */
enum ssh_err pair_feed(struct pair *p, struct pair_side *s, ssh_bytes in);

/** Put a payload in a packet without protection, for the time before the keys. */
void pair_plain(struct wire_buf *out, ssh_bytes payload);

/** The other side. */
struct pair_side *pair_peer(struct pair *p, const struct pair_side *s);

/** Both have had their first exchange and are open for the layers above? */
bool pair_is_open(const struct pair *p);

void pair_wipe(struct pair *p);

/**
 * A host key type of our own, that knows no mathematics: the "signature" is a hash of the public
 * half and the data, which anybody can make. It shows that the engine knows no algorithm.
 */
extern const struct crypt_keyalg pair_keyalg;
extern const struct crypt_sigalg pair_sigalg;
/** A second one, which differs in name. */
extern const struct crypt_keyalg pair_keyalg_2;
extern const struct crypt_sigalg pair_sigalg_2;
/** { &pair_sigalg, &pair_sigalg_2, NULL } */
extern const struct crypt_sigalg *const pair_sigalgs[];
/**
 * An agreement of our own, without mathematics or secrecy: K is a hash of both public values. For
 * tests of a thousand exchanges; { &pair_agree, NULL } is pair_agrees_fast.
 */
extern const struct kex_agree pair_agree;
extern const struct kex_agree *const pair_agrees_fast[];
/**
 * Fill `room` with a message of the upper layers of `len` bytes (at least 1) that differs from seed
 * to seed.
 */
ssh_bytes pair_payload(uint8_t *room, size_t len, uint8_t seed);

/** Make the key number `n` of a type of ours. */
void pair_key(struct crypt_key *k, const struct crypt_keyalg *alg, uint8_t n);

#endif
