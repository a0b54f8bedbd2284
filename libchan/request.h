/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_REQUEST_H
#define NACRE_LIBCHAN_REQUEST_H

#include "libchan/channel.h"
#include "libwire/msg.h"

/** The longest break and the shortest, in ms: what RFC 4335 section 3 calls reasonable. */
#define CHAN_BREAK_MIN_MS 500
#define CHAN_BREAK_MAX_MS 3000
/** Columns, rows and pixels of a terminal: what struct winsize holds. */
#define CHAN_PTY_MAX      65535
/** Longest command, name or value that a server takes; execve's MAX_ARG_STRLEN. */
#define CHAN_ARGUMENT_MAX 131071
/** Environment variables of one session. */
#define CHAN_ENV_MAX      1024

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

/* --- A session's rules --- */

/** What a server's session has seen of its peer, or a client's of its server. All-zero: nothing. */
struct chan_session {
	bool pty;
	bool started; /* shell, exec or subsystem */
	bool exited;
	bool x11;
	uint32_t env; /* variables */
};

/** What the rules of a session say of a request. */
enum chan_session_verdict {
	CHAN_SESSION_DO,
	CHAN_SESSION_REFUSE, /* chan_mux_answer(m, false) if a reply is wanted; else nothing */
	CHAN_SESSION_IGNORE  /* nothing: it has no effect */
};

/**
 * May this request be done now, and is it one that a system could do?
 *
 * Refuses a second program, a pty, env or x11 after the program, a second pty or x11, NUL or
 * CHAN_ARGUMENT_MAX in a command or name, bad variable names, over CHAN_ENV_MAX variables, cut
 * terminal modes, a cookie that is not hexadecimal; ignores a window-change without a pty, a
 * signal that is unknown or has no process, a second exit. Terminal sizes and breaks are brought
 * within bounds in r. Whether it is allowed, to whom, is the caller's policy.
 *
 *   s   updated if the verdict is CHAN_SESSION_DO; if the caller then refuses or fails, it sets
 *       the field back
 *
 * Secrets: none.   RFC 4254 section 6.
 */
enum chan_session_verdict chan_session_judge(struct chan_session *s, struct chan_request *r);

/** Is it one of RFC 4254's signal names, without SIG? RFC 4254 section 6.10. */
bool chan_signal_known(ssh_bytes name);

/* --- Terminal modes: RFC 4254 section 8, RFC 8160 --- */

/** The opcodes, with their names. */
#define CHAN_MODES(X)                                                                              \
	X(VINTR, 1)                                                                                \
	X(VQUIT, 2)                                                                                \
	X(VERASE, 3)                                                                               \
	X(VKILL, 4)                                                                                \
	X(VEOF, 5)                                                                                 \
	X(VEOL, 6)                                                                                 \
	X(VEOL2, 7)                                                                                \
	X(VSTART, 8)                                                                               \
	X(VSTOP, 9)                                                                                \
	X(VSUSP, 10)                                                                               \
	X(VDSUSP, 11)                                                                              \
	X(VREPRINT, 12)                                                                            \
	X(VWERASE, 13)                                                                             \
	X(VLNEXT, 14)                                                                              \
	X(VFLUSH, 15)                                                                              \
	X(VSWTCH, 16)                                                                              \
	X(VSTATUS, 17)                                                                             \
	X(VDISCARD, 18)                                                                            \
	X(IGNPAR, 30)                                                                              \
	X(PARMRK, 31)                                                                              \
	X(INPCK, 32)                                                                               \
	X(ISTRIP, 33)                                                                              \
	X(INLCR, 34)                                                                               \
	X(IGNCR, 35)                                                                               \
	X(ICRNL, 36)                                                                               \
	X(IUCLC, 37)                                                                               \
	X(IXON, 38)                                                                                \
	X(IXANY, 39)                                                                               \
	X(IXOFF, 40)                                                                               \
	X(IMAXBEL, 41)                                                                             \
	X(IUTF8, 42)                                                                               \
	X(ISIG, 50)                                                                                \
	X(ICANON, 51)                                                                              \
	X(XCASE, 52)                                                                               \
	X(ECHO, 53)                                                                                \
	X(ECHOE, 54)                                                                               \
	X(ECHOK, 55)                                                                               \
	X(ECHONL, 56)                                                                              \
	X(NOFLSH, 57)                                                                              \
	X(TOSTOP, 58)                                                                              \
	X(IEXTEN, 59)                                                                              \
	X(ECHOCTL, 60)                                                                             \
	X(ECHOKE, 61)                                                                              \
	X(PENDIN, 62)                                                                              \
	X(OPOST, 70)                                                                               \
	X(OLCUC, 71)                                                                               \
	X(ONLCR, 72)                                                                               \
	X(OCRNL, 73)                                                                               \
	X(ONOCR, 74)                                                                               \
	X(ONLRET, 75)                                                                              \
	X(CS7, 90)                                                                                 \
	X(CS8, 91)                                                                                 \
	X(PARENB, 92)                                                                              \
	X(PARODD, 93)                                                                              \
	X(TTY_OP_ISPEED, 128)                                                                      \
	X(TTY_OP_OSPEED, 129)

enum {
#define CHAN_MODE_ENUM_(name, opcode) CHAN_MODE_##name = opcode,
	CHAN_MODES(CHAN_MODE_ENUM_)
#undef CHAN_MODE_ENUM_
};

/** The name of an opcode, "ECHO"; NULL if it has none. Static. */
const char *chan_mode_name(uint8_t opcode);

/** Append one mode. Errors stick in b. */
void chan_mode_put(struct wire_buf *b, uint8_t opcode, uint32_t value);
/** Append the end of the modes. Errors stick in b. */
void chan_modes_end(struct wire_buf *b);

/**
 * Take one mode off the modes of a pty-req.
 *
 *   modes    advanced past it
 *   opcode   set, 1 to 159; known or not
 *   value    set
 *
 * Returns false at the end: opcode 0, an opcode from 160 on, whose arguments nobody knows, or no
 * more bytes. Then modes is what follows; the end was a clean one unless chan_modes_check says no.
 *
 * Secrets: none.   RFC 4254 section 8.
 */
bool chan_mode_next(ssh_bytes *modes, uint8_t *opcode, uint32_t *value);

/** Returns 0, or SSH_ERR_TRUNCATED if an argument is cut short. RFC 4254 section 8. */
enum ssh_err chan_modes_check(ssh_bytes modes);

#endif
