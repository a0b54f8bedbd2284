/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_MUX_H
#define NACRE_LIBCHAN_MUX_H

#include "libchan/channel.h"
#include "libwire/msg.h"

/** Channels at a time, of both sides together. */
#define CHAN_CHANNELS_MAX ((size_t)1000)
/** Sessions at a time that a server's peer may open. */
#define CHAN_SESSIONS_MAX ((size_t)10)
/** Global requests of ours whose replies are outstanding. */
#define CHAN_GLOBALS_MAX  ((size_t)1000)

/**
 * Where the mux puts its payloads: functions downwards, in the shape of kex_send and its kin.
 * They must not call the mux.
 */
struct chan_sink {
	void *ctx; /* handed to each of them */
	/** Room for a payload of at most `max` bytes, then `end`; NULL: not now. Only if writable. */
	uint8_t *(*begin)(void *ctx, size_t max);
	/** `len` bytes were put into the room. Returns 0 or what the sink died of. */
	enum ssh_err (*end)(void *ctx, size_t len);
	/** Send a payload, writable or not. Returns 0 or what the sink died of. */
	enum ssh_err (*send)(void *ctx, ssh_bytes payload);
	/** May data be sent now? */
	bool (*writable)(void *ctx);
};

/** What a mux is made of. chan_config_init fills in the defaults. */
struct chan_config {
	bool server;
	struct chan_sink sink; /* copied; its ctx is borrowed for the life of the mux */
	size_t channels_max;   /* at most CHAN_CHANNELS_MAX */
	size_t sessions_max;   /* server only */
	/* Answer global requests that are not in chan_types with REQUEST_FAILURE, do not ask. */
	bool refuse_globals;
	/*
	 * RFC 8308 section 3.3 is in effect: windows do not count, and there is one channel at a
	 * time. A conn sets it.
	 */
	bool no_flow_control;
	/* For research: do not judge by chan_types nor by the form of bodies, ask everything. */
	bool unguarded;
};

/** The default configuration of a side, with the given sink; refuses unknown global requests. */
void chan_config_init(struct chan_config *c, bool server, struct chan_sink sink);

/** What an event says; the members of struct chan_event that it sets stand behind it. */
enum chan_event_type {
	/* TELL */
	CHAN_EVENT_OPENED,       /* ch is open; body: the type-specific rest of the confirmation */
	CHAN_EVENT_OPEN_FAILED,  /* ch is free again; reason, text, language */
	CHAN_EVENT_DATA,         /* ch, data, ext (0, or SSH_EXTENDED_DATA_*), dropped */
	CHAN_EVENT_WRITABLE,     /* ch, which would not send, may send again */
	CHAN_EVENT_EOF,          /* ch: the peer sends no more data */
	CHAN_EVENT_CLOSED,       /* ch is free again; err: 0, or why */
	CHAN_EVENT_REPLY,        /* ch, success, nth: to our request */
	CHAN_EVENT_REQUEST,      /* ch, name, body: a request that wants no reply */
	CHAN_EVENT_GLOBAL,       /* name, body: a global request that wants no reply */
	CHAN_EVENT_GLOBAL_REPLY, /* success, nth, body: to our global request */
	CHAN_EVENT_IGNORED, /* number, ch or NULL, name, dropped: the mux disposed of it by itself */
	CHAN_EVENT_UNIMPLEMENTED, /* number: the owner answers with the packet's sequence number */
	/* ASK: silent until answered */
	CHAN_ASK_OPEN,    /* name, body: chan_mux_accept, chan_mux_defer or chan_mux_refuse */
	CHAN_ASK_REQUEST, /* ch, name, body: chan_mux_answer */
	CHAN_ASK_GLOBAL   /* name, body: chan_mux_answer or chan_mux_answer_body */
};

/**
 * An event. Views point into the payload that chan_mux_recv was given, and live until the next
 * call on the mux that may change it, and no longer than that payload.
 */
struct chan_event {
	enum chan_event_type type;
	struct chan_channel *ch;
	enum ssh_err err;
	uint8_t number; /* SSH_MSG_* */
	bool success;
	uint32_t ext;
	uint32_t reason; /* SSH_OPEN_*, or whatever the peer sent */
	uint32_t nth;    /* replies that came before this one; counts from 0 */
	size_t dropped;  /* bytes that were thrown away: beyond the window, or of no use */
	ssh_bytes name;  /* the type of a channel or a request; the peer's bytes */
	ssh_bytes body;  /* the type-specific rest */
	ssh_bytes data;
	ssh_bytes text; /* the peer's bytes; escape before display */
	ssh_bytes language;
};

/**
 * The connection protocol's engine: payloads of the peer's in, events out; payloads for the peer
 * into the sink.
 *
 * It does no I/O. Channels are their owners' structs; all that the mux allocates is a table of
 * pointers to them, and messages while it builds them. The first error ends it: every channel
 * then gets its CHAN_EVENT_CLOSED, and calls return that error.
 */
struct chan_mux {
	struct chan_config config;
	/* For reading. */
	enum ssh_err err;      /* what it ended of */
	bool ended;            /* only CHAN_EVENT_CLOSED still comes */
	size_t channels;       /* linked */
	size_t sessions;       /* of the peer's, among them */
	bool no_more_sessions; /* the peer said so */
	uint32_t globals;      /* requests of ours that want a reply, in all */
	uint32_t global_replies;
	/* private */
	struct wire_buf table; /* struct chan_channel *, by id; NULL: free */
	size_t next;           /* the id to be given next, if it is free */
	size_t used;           /* ids from here on were never used */
	struct chan_event event;
	bool event_ready;
	uint8_t asking; /* the number of the message that was asked about, or 0 */
	struct chan_channel *asked;
	struct ssh_channel_open asked_open; /* without its views */
	bool asked_session;
	struct chan_channel *blocked, *last_blocked; /* wait for the sink, in this order */
};

/**
 * Start a mux.
 *
 *   config   copied; what it points to is borrowed until chan_mux_wipe
 *
 * Returns 0, or SSH_ERR_ARGUMENT if a function of the sink is missing or channels_max is 0 or over
 * CHAN_CHANNELS_MAX.
 */
enum ssh_err chan_mux_init(struct chan_mux *m, const struct chan_config *config);

/**
 * Forget everything: channels that are still linked become CHAN_FREE without an event. Harmless on
 * a zeroed or wiped mux.
 */
void chan_mux_wipe(struct chan_mux *m);

/**
 * Take one payload of the peer's, numbers 80 to 127.
 *
 *   payload   borrowed until chan_mux_next has returned false, or the question is answered
 *
 * Returns 0; SSH_ERR_AGAIN if an event or a question is open: the payload was not taken;
 * or what the mux ended of: SSH_ERR_UNEXPECTED (not welcome in the channel's state, a reply that
 * was not asked for, a session after no-more-sessions), SSH_ERR_CHANNEL (no such channel),
 * SSH_ERR_WINDOW, SSH_ERR_TOO_LONG (data over our maximum packet size), SSH_ERR_TRUNCATED,
 * SSH_ERR_TRAILING and their kin, SSH_ERR_NO_MEMORY, the sink's error.
 *
 * Secrets: channel data may be; nothing of it is kept.   RFC 4254.
 */
enum ssh_err chan_mux_recv(struct chan_mux *m, ssh_bytes payload);

/**
 * The next event. Call it until it says false, after chan_mux_recv, after chan_mux_end, and when
 * the sink has become writable.
 *
 * Returns false when there is none.
 */
bool chan_mux_next(struct chan_mux *m, struct chan_event *ev);

/**
 * The connection is no more: every channel gets one CHAN_EVENT_CLOSED with `e`, which may be 0, and
 * an open question is void. Nothing is sent. Only the first call counts.
 */
void chan_mux_end(struct chan_mux *m, enum ssh_err e);

/** Is there no event and no open question? */
bool chan_mux_quiet(const struct chan_mux *m);

/** What to open. */
struct chan_open {
	const char *type;
	uint32_t window;    /* how much the peer may send before it is consumed; 0: CHAN_WINDOW */
	uint32_t maxpacket; /* the most data in one packet; 0: CHAN_PACKET_MAX */
	ssh_bytes extra;    /* the type-specific rest, encoded */
};

/**
 * Ask the peer to open a channel: CHAN_EVENT_OPENED or CHAN_EVENT_OPEN_FAILED will tell.
 *
 *   ch     CHAN_FREE; linked until an event says that it is free again
 *   open   borrowed for the call
 *
 * Returns 0; SSH_ERR_STATE if ch is not free; SSH_ERR_ARGUMENT if maxpacket is below
 * CHAN_PACKET_MIN; SSH_ERR_AGAIN if channels_max are linked; SSH_ERR_NO_MEMORY; or what the mux or
 * its sink died of. On error ch is free.
 *
 * Secrets: none.   RFC 4254 section 5.1.
 */
enum ssh_err chan_mux_open(struct chan_mux *m, struct chan_channel *ch,
                           const struct chan_open *open);

/**
 * Answer CHAN_ASK_OPEN: the channel is open. As chan_mux_defer and chan_channel_accept in one.
 *
 * Returns 0, or the error of either; the question is still open after an error of chan_mux_defer,
 * and after SSH_ERR_ARGUMENT.
 */
enum ssh_err chan_mux_accept(struct chan_mux *m, struct chan_channel *ch, uint32_t window,
                             uint32_t maxpacket);

/**
 * Answer CHAN_ASK_OPEN with "later": the channel is CHAN_ASKED until chan_channel_accept or
 * chan_channel_refuse, while the mux goes on. For openings that take their time, as connecting to
 * somewhere does.
 *
 * Returns 0; SSH_ERR_STATE if no such question is open or ch is not free; SSH_ERR_AGAIN if
 * channels_max are linked; SSH_ERR_NO_MEMORY. On error the question is still open.
 */
enum ssh_err chan_mux_defer(struct chan_mux *m, struct chan_channel *ch);

/**
 * Answer CHAN_ASK_OPEN with OPEN_FAILURE.
 *
 *   reason   SSH_OPEN_*
 *   text     UTF-8 for people
 *
 * Returns 0; SSH_ERR_STATE if no such question is open; SSH_ERR_NO_MEMORY: it is still open; or
 * what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.1.
 */
enum ssh_err chan_mux_refuse(struct chan_mux *m, uint32_t reason, const char *text);

/**
 * Answer CHAN_ASK_REQUEST or CHAN_ASK_GLOBAL. If the channel was closed meanwhile, nothing is sent.
 *
 * Returns 0; SSH_ERR_STATE if no such question is open; or what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 sections 4 and 5.4.
 */
enum ssh_err chan_mux_answer(struct chan_mux *m, bool success);

/**
 * Answer CHAN_ASK_GLOBAL with success and a body, e.g. the port of a tcpip-forward.
 *
 * Returns 0; SSH_ERR_STATE if no such question is open; SSH_ERR_NO_MEMORY: it is still open; or
 * what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 7.1.
 */
enum ssh_err chan_mux_answer_body(struct chan_mux *m, ssh_bytes body);

/**
 * Send a global request. Arguments as chan_channel_request; replies come as
 * CHAN_EVENT_GLOBAL_REPLY, in order.
 *
 * Returns 0; SSH_ERR_AGAIN if CHAN_GLOBALS_MAX replies are outstanding; SSH_ERR_NO_MEMORY; or what
 * the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 4.
 */
enum ssh_err chan_mux_global(struct chan_mux *m, const char *type, bool want_reply, ssh_bytes body);

/** The linked channel with our id `id`, or NULL. */
struct chan_channel *chan_mux_find(const struct chan_mux *m, uint32_t id);

/** Who receives: the rules' receivers column. */
enum { CHAN_TO_CLIENT = 1, CHAN_TO_SERVER = 2, CHAN_TO_BOTH = 3 };

/** A row of the rules table: who may receive what, when. */
struct chan_rule {
	uint8_t number;
	bool global;       /* not about a channel: the states do not matter */
	uint16_t states;   /* bit 1 << state of the channel: welcome there */
	uint8_t receivers; /* CHAN_TO_* */
	enum ssh_err (*handle)(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload);
};

/** The rules of the connection protocol, for those who print or test them. */
extern const struct chan_rule chan_rules[];
extern const size_t chan_rules_count;

/** What the rules say of a message. */
enum chan_verdict {
	CHAN_WELCOME,       /* it is handled */
	CHAN_UNIMPLEMENTED, /* no row: CHAN_EVENT_UNIMPLEMENTED */
	CHAN_UNWELCOME      /* the mux ends */
};

/**
 * The verdict on message `number` at a side, about a channel in `state`. Pure.
 *
 *   rule   set to the row if it is welcome, else to NULL
 */
enum chan_verdict chan_judge(bool server, enum chan_state state, uint8_t number,
                             const struct chan_rule **rule);

/** Who answers a request of a type that wants a reply. */
enum chan_answer {
	CHAN_ANSWER_OWNER,   /* it ASKs */
	CHAN_ANSWER_FAILURE, /* the mux, and it TELLs: such a request must not want one */
	CHAN_ANSWER_SUCCESS  /* the mux, and it TELLs */
};

/**
 * A row of the table of types: which side may be sent which channel type or request. The wrong
 * side answers with a failure, or nothing if none is wanted, and CHAN_EVENT_IGNORED.
 */
struct chan_type {
	uint8_t
	    number; /* SSH_MSG_CHANNEL_OPEN, SSH_MSG_CHANNEL_REQUEST or SSH_MSG_GLOBAL_REQUEST */
	const char *name;
	uint8_t receivers; /* CHAN_TO_* */
	enum chan_answer answer;
};

/** The known types, for those who print or test them. */
extern const struct chan_type chan_types[];
extern const size_t chan_types_count;

#endif
