/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_CONN_H
#define NACRE_LIBCHAN_CONN_H

#include "libauth/client.h"
#include "libauth/server.h"
#include "libchan/mux.h"
#include "libkex/transport.h"

/** The layer an event comes from. */
enum conn_layer {
	CONN_KEX,         /* event.kex */
	CONN_AUTH_CLIENT, /* event.auth_client */
	CONN_AUTH_SERVER, /* event.auth_server */
	CONN_CHAN         /* event.chan */
};

/** An event of one of the three engines inside. Views live until the next call on the conn. */
struct conn_event {
	enum conn_layer layer;
	union {
		struct kex_event kex;
		struct auth_client_event auth_client;
		struct auth_server_event auth_server;
		struct chan_event chan;
	};
};

/** What a connection is made of; see the three configurations. */
struct conn_config {
	struct kex_config kex; /* kex.server says which side all three are */
	/* The side's own; session id and signature algorithms are filled in by the conn. */
	struct auth_client_config auth_client;
	struct auth_server_config auth_server;
	struct chan_config chan;
};

/**
 * The whole stack as one sans-I/O engine: transport, authentication and channels, either side.
 *
 * It is a pump: it carries payloads between the three engines and knows no algorithm and no policy.
 * The engines are open: questions are answered and channels used by their own functions, on
 * `kex`, `auth_client` or `auth_server`, and `mux`; whatever these queue goes out with the next conn_next or
 * conn_out. Authentication begins by itself when the first keys are in force, channels when it succeeds.
 *
 * When one of the three dies, all do, for the same reason: every open channel is told closed, then
 * the transport tells KEX_EVENT_ERROR or KEX_EVENT_DISCONNECT last.
 */
struct conn {
	struct kex kex;
	union {
		struct auth_client auth_client;
		struct auth_server auth_server;
	};
	struct chan_mux mux;
	/* For reading. */
	bool authenticated;
	/* private */
	struct conn_config config;
	struct kex_event last; /* the transport's goodbye, told after the channels' */
	struct chan_sink sink;
	uint32_t seq; /* of the packet whose payload is with auth or mux */
	bool auth_started;
	bool mux_started;
	bool ended;
	bool last_ready;
};

/**
 * Start both the engine and the conversation. The conn must not move afterwards.
 *
 *   config   copied; what it points to is borrowed until conn_wipe
 *   now_ms   as kex_init
 *
 * Returns 0, or an error of kex_init; then nothing needs wiping.
 */
enum ssh_err conn_init(struct conn *c, const struct conn_config *config, uint64_t now_ms);

/** Zeroise and give back. Channels are unlinked; they are their owners'. */
void conn_wipe(struct conn *c);

/** The next event. Returns false when there is none until bytes come, an answer is given or time passes. */
bool conn_next(struct conn *c, struct conn_event *ev);

/** Carry what the engines queued into the transport, and show its bytes. As kex_out. */
ssh_bytes conn_out(struct conn *c);

/* recv, recv_space, recv_done, recv_end, sent, deadline, tick, disconnect: the transport's own, on c->kex. */

/**
 * A server: let this user's keys make these signatures and no others, and tell the client, if it
 * takes that: auth_server_set_sigalgs and kex_set_user_sigs, on a question about the user.
 *
 *   sigs   NULL at the end; borrowed until conn_wipe
 *
 * Returns what kex_set_user_sigs does; SSH_ERR_STATE also before authentication has begun.
 */
enum ssh_err conn_set_user_sigs(struct conn *c, const struct crypt_sigalg *const *sigs);

/** What the connection died of; SSH_OK while it lives, or after a disconnect of our own. */
enum ssh_err conn_err(const struct conn *c);

#endif
