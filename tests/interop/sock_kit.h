/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_SOCK_KIT_H
#define NACRE_TESTS_SOCK_KIT_H

#include <pthread.h>

#include "libchan/sock_choose.h"
#include "libchan/worker.h"
#include "tests/support/peer.h"

/* sock as a client of other people's servers, and as a server of their clients. */

#define LONG PROCESS_PATIENCE

/** For sock_why. */
extern char why[SOCK_WHY_SIZE];

/** A connection to somebody's server. Static, so that it begins all-zero. */
struct client {
	struct peer_server server; /* to be filled in before */
	struct sock s;
	struct sock_config config;
	struct crypt_key key;
	struct wire_buf known;
	struct worker w;
	int fd;
};

/** Read a private key that has no passphrase. */
void read_key(struct crypt_key *key, const char *file);

/** Start the server; a configuration that knows it, and the user's key. */
void prepare(struct client *c);
/** Connect the socket. */
void reach(struct client *c);
/** All of that, and log in. */
void connect_to(struct client *c, enum peer kind);
/** Say goodbye, and end the server. */
void leave(struct client *c);

/** Run a command on a channel of its own. */
struct sock_channel *run(struct client *c, const char *command);
/** Receive to the end; returns how much it was. */
size_t take_all(struct sock_channel *ch);
/** Receive exactly this. */
void take_text(struct sock_channel *ch, const char *text);

/** A server that is called by one client of others. Static, so that it begins all-zero. */
struct house {
	struct sock s;
	struct worker w;
	struct sock_config config; /* user robey, by the key of peer_key("user", "ed25519") */
	struct crypt_key host, user;
	struct wire_buf user_blob;
	const struct crypt_key *host_keys[2];
	int listening, fd;
	char port[8];
};

/** Listen on a free port of 127.0.0.1. */
void open_house(struct house *h);
/** Somebody comes: exchange keys. */
void open_door(struct house *h);
/** And wait until robey has logged in. */
void let_in(struct house *h);
/** End the connection; the house stays open. */
void show_out(struct house *h);
void close_house(struct house *h);

/** Policies: the password "open sesame", and two questions. */
enum auth_verdict judge_password(void *ctx, ssh_bytes user, ssh_bytes password);
enum auth_verdict judge_answers(void *ctx, struct sock_round *r);

/** Start a script on paramiko, with words behind its name; NULL ends. */
__attribute__((sentinel)) void start_script(struct process *p, const char *script, ...);

#endif
