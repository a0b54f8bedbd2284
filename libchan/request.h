/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_REQUEST_H
#define NACRE_LIBCHAN_REQUEST_H

#include "libchan/channel.h"
#include "libwire/msg.h"

/** Channel requests that this layer knows. */
enum chan_request_type {
	CHAN_REQUEST_UNKNOWN,
	CHAN_REQUEST_PTY,
	CHAN_REQUEST_X11,
	CHAN_REQUEST_ENV,
	CHAN_REQUEST_SHELL,
	CHAN_REQUEST_EXEC,
	CHAN_REQUEST_SUBSYSTEM,
	CHAN_REQUEST_WINDOW_CHANGE,
	CHAN_REQUEST_XON_XOFF,
	CHAN_REQUEST_SIGNAL,
	CHAN_REQUEST_EXIT_STATUS,
	CHAN_REQUEST_EXIT_SIGNAL,
	CHAN_REQUEST_BREAK,
	CHAN_REQUEST_AGENT, /* auth-agent-req@openssh.com */
	CHAN_REQUEST_EOW,   /* eow@openssh.com: the peer reads no more of our data */
	CHAN_REQUEST_TYPES
};

/** A decoded channel request. Views point into the body that was decoded. */
struct chan_request {
	enum chan_request_type type;
	union {
		struct ssh_request_pty pty;
		struct ssh_request_x11 x11;
		struct ssh_request_env env;
		struct ssh_request_exec exec;
		struct ssh_request_subsystem subsystem;
		struct ssh_request_window_change window_change;
		struct ssh_request_xon_xoff xon_xoff;
		struct ssh_request_signal signal;
		struct ssh_request_exit_status exit_status;
		struct ssh_request_exit_signal exit_signal;
		struct ssh_request_break brk;
		struct ssh_request_empty empty;
	};
};

/**
 * Decode a channel request, as CHAN_ASK_REQUEST and CHAN_EVENT_REQUEST show it.
 *
 *   type   the event's name; one that is not known decodes as CHAN_REQUEST_UNKNOWN
 *   body   the event's body; borrowed as long as r
 *
 * Returns 0, SSH_ERR_TRUNCATED or SSH_ERR_TRAILING.
 *
 * Secrets: an env value or an x11 cookie may be; the views are the caller's to care for.
 * RFC 4254 section 6.
 */
enum ssh_err chan_request_decode(struct chan_request *r, ssh_bytes type, ssh_bytes body);

/** The name on the wire: "pty-req"; NULL for CHAN_REQUEST_UNKNOWN. Static. */
const char *chan_request_name(enum chan_request_type type);

/**
 * Send a request.
 *
 *   r            a known type, and its fields
 *   want_reply   must be false for window-change, signal, exit-status, exit-signal, xon-xoff, eow
 *
 * Returns 0; SSH_ERR_ARGUMENT for an unknown type, or want_reply where the RFC forbids it; or as
 * chan_channel_request.
 *
 * Secrets: fields may be; the copies are wiped.   RFC 4254 section 6.
 */
enum ssh_err chan_request_send(struct chan_channel *ch, const struct chan_request *r,
                               bool want_reply);

/* The usual ones in short; all but the last five want a reply. Errors as chan_request_send. */

/** Run a command. RFC 4254 section 6.5. */
enum ssh_err chan_request_exec(struct chan_channel *ch, ssh_bytes command);
/** Start the user's shell. RFC 4254 section 6.5. */
enum ssh_err chan_request_shell(struct chan_channel *ch);
/** Start a subsystem: "sftp". RFC 4254 section 6.5. */
enum ssh_err chan_request_subsystem(struct chan_channel *ch, const char *name);
/** Allocate a terminal. RFC 4254 section 6.2. */
enum ssh_err chan_request_pty(struct chan_channel *ch, const struct ssh_request_pty *pty);
/** Set a variable; wants no reply, since servers refuse most of them. RFC 4254 section 6.4. */
enum ssh_err chan_request_env(struct chan_channel *ch, ssh_bytes name, ssh_bytes value);
/** The terminal has another size. RFC 4254 section 6.7. */
enum ssh_err chan_request_window_change(struct chan_channel *ch,
                                        const struct ssh_request_window_change *size);
/** Deliver a signal; `name` without SIG. RFC 4254 section 6.9. */
enum ssh_err chan_request_signal(struct chan_channel *ch, const char *name);
/** The process has ended. RFC 4254 section 6.10. */
enum ssh_err chan_request_exit_status(struct chan_channel *ch, uint32_t status);
/** The process was killed; `name` without SIG. RFC 4254 section 6.10. */
enum ssh_err chan_request_exit_signal(struct chan_channel *ch, const char *name, bool core,
                                      const char *text);

#endif
