/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_CHANNEL_H
#define NACRE_LIBCHAN_CHANNEL_H

#include "libchan/window.h"

struct chan_mux;

/** What 0 stands for where a window is asked for: keeps a 1 Gbit/s link with 16 ms of delay full. */
#define CHAN_WINDOW       ((uint32_t)2 << 20)
/** The most bytes of data that we send, and by default take, in one packet. RFC 4253 section 6.1. */
#define CHAN_PACKET_MAX   ((uint32_t)32768)
/** A maximum packet size below this is no offer to talk. */
#define CHAN_PACKET_MIN   ((uint32_t)9)
/** Requests on one channel whose replies are outstanding; more than a session ever needs at once. */
#define CHAN_REQUESTS_MAX ((uint32_t)256)

/** A channel's life: what the peer may send is a matter of it. */
enum chan_state {
	CHAN_FREE,    /* not linked to a mux: not opened yet, or closed */
	CHAN_OPENING, /* our OPEN is out */
	CHAN_ASKED,   /* the peer's OPEN is in, its answer deferred */
	CHAN_OPEN,
	CHAN_ENDED,   /* open, and the peer's EOF is in */
	CHAN_CLOSING, /* our CLOSE is out, the peer's is not in */
	CHAN_STATES
};

/**
 * One channel: the caller's struct, which the mux links in while it is not CHAN_FREE; until then
 * it must stay where it is. All-zero is a fresh channel; a closed one may be opened again.
 *
 * One field is yours: `owner`, to find your way from an event to your own things.
 */
struct chan_channel {
	void *owner; /* yours; never touched */
	/* For reading. */
	enum chan_state state;
	bool eof_sent;     /* our EOF is out */
	bool eof_received; /* the peer's is in */
	uint32_t local;    /* our id */
	uint32_t remote;   /* the peer's id, once it is open */
	struct chan_window_in in;
	struct chan_window_out out;
	uint32_t in_packet;  /* the most data that we take in one packet */
	uint32_t out_packet; /* the most that the peer takes */
	uint32_t requests;   /* of ours that want a reply, in all */
	uint32_t replies;    /* that came */
	/* private */
	struct chan_mux *mux;
	struct chan_channel *next_blocked;
	bool session;   /* counts as one of the peer's sessions */
	bool abandoned; /* to be closed as soon as it is opened */
	bool stalled;   /* wants to hear of a larger window */
	bool blocked;   /* waits for the sink, in the mux's queue */
};

/**
 * Send data.
 *
 * Takes as much as the peer's window and the sink allow, in packets of at most CHAN_PACKET_MAX
 * bytes and of what the peer takes. Whatever was not taken is still yours: CHAN_EVENT_WRITABLE
 * says when to try again. Data is copied once, into the packet.
 *
 *   data   of any length; borrowed for the call
 *   e      set to 0; SSH_ERR_STATE before the channel is open and after our EOF;
 *          SSH_ERR_CHANNEL_CLOSED after our CLOSE; or what the mux or its sink died of
 *
 * Returns the number of bytes taken.
 *
 * Secrets: data may be; no copy is kept.   RFC 4254 section 5.2.
 */
size_t chan_channel_send(struct chan_channel *ch, ssh_bytes data, enum ssh_err *e);

/** Send extended data, of type SSH_EXTENDED_DATA_STDERR. Everything else as chan_channel_send. */
size_t chan_channel_send_ext(struct chan_channel *ch, uint32_t ext, ssh_bytes data,
                             enum ssh_err *e);

/**
 * How many bytes could be sent now: at most that many are taken by the next chan_channel_send.
 * If it is none on an open channel, CHAN_EVENT_WRITABLE will say when it is some.
 */
size_t chan_channel_room(struct chan_channel *ch);

/**
 * The application has taken `n` bytes of those that CHAN_EVENT_DATA showed, data and extended data
 * together. The peer is given them back, at most one WINDOW_ADJUST per half window; a channel
 * whose data is not consumed stops its own sender and no other.
 *
 * Returns 0, also if the channel is closed by now; SSH_ERR_ARGUMENT if fewer are held; or what the
 * mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.2.
 */
enum ssh_err chan_channel_consumed(struct chan_channel *ch, size_t n);

/**
 * Say that no data will follow. Once said, saying it again does nothing.
 *
 * Returns 0; SSH_ERR_STATE before the channel is open; SSH_ERR_CHANNEL_CLOSED after our CLOSE; or
 * what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.3.
 */
enum ssh_err chan_channel_eof(struct chan_channel *ch);

/**
 * Close. Nothing more is sent; data that is on its way is dropped; CHAN_EVENT_CLOSED tells when
 * the peer has closed too. Once said, saying it again does nothing. A channel whose opening the
 * peer has not answered is closed as soon as it does: then CHAN_EVENT_CLOSED comes in place of
 * CHAN_EVENT_OPENED or CHAN_EVENT_OPEN_FAILED.
 *
 * Returns 0; SSH_ERR_STATE for CHAN_ASKED (use chan_channel_refuse); SSH_ERR_CHANNEL_CLOSED for
 * CHAN_FREE; or what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.3.
 */
enum ssh_err chan_channel_close(struct chan_channel *ch);

/**
 * Send a channel request. libchan/request.h has one for every usual type.
 *
 *   type         e.g. "exec"
 *   want_reply   CHAN_EVENT_REPLY will come, in the order of the requests
 *   body         what follows want_reply, encoded; borrowed for the call
 *
 * Returns 0; SSH_ERR_AGAIN if CHAN_REQUESTS_MAX replies are outstanding; SSH_ERR_STATE before the
 * channel is open; SSH_ERR_CHANNEL_CLOSED after our CLOSE; SSH_ERR_NO_MEMORY; or what the mux or
 * its sink died of.
 *
 * Secrets: body may be; the copy is wiped.   RFC 4254 section 5.4.
 */
enum ssh_err chan_channel_request(struct chan_channel *ch, const char *type, bool want_reply,
                                  ssh_bytes body);

/**
 * Answer a deferred CHAN_ASK_OPEN (chan_mux_defer): the channel is open.
 *
 *   window      how much the peer may send before it is consumed; 0: CHAN_WINDOW
 *   maxpacket   the most data in one packet; 0: CHAN_PACKET_MAX
 *
 * Returns 0; SSH_ERR_STATE if the channel is not CHAN_ASKED; SSH_ERR_ARGUMENT if maxpacket is
 * below CHAN_PACKET_MIN; or what the mux or its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.1.
 */
enum ssh_err chan_channel_accept(struct chan_channel *ch, uint32_t window, uint32_t maxpacket);

/**
 * Refuse a deferred CHAN_ASK_OPEN; the channel is CHAN_FREE again, and no event tells so.
 *
 *   reason   SSH_OPEN_*
 *   text     UTF-8 for people
 *
 * Returns 0; SSH_ERR_STATE if the channel is not CHAN_ASKED; SSH_ERR_NO_MEMORY; or what the mux or
 * its sink died of.
 *
 * Secrets: none.   RFC 4254 section 5.1.
 */
enum ssh_err chan_channel_refuse(struct chan_channel *ch, uint32_t reason, const char *text);

/** The state's name as in the rules table: "OPENING". Static. */
const char *chan_state_name(enum chan_state state);

#endif
