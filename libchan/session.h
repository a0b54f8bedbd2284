/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SESSION_H
#define NACRE_LIBCHAN_SESSION_H

#include "libchan/request.h"

/** The longest break and the shortest, in ms: what RFC 4335 section 3 calls reasonable. */
#define CHAN_BREAK_MIN_MS 500
#define CHAN_BREAK_MAX_MS 3000
/** Columns, rows and pixels of a terminal: what struct winsize holds. */
#define CHAN_PTY_MAX      65535
/** Longest command, name or value that a server takes; execve's MAX_ARG_STRLEN. */
#define CHAN_ARGUMENT_MAX 131071
/** Hexadecimal digits of an x11 cookie; X's longest, XDM-AUTHORIZATION-1, has 32. */
#define CHAN_COOKIE_MAX   512
/** Environment variables of one session. */
#define CHAN_ENV_MAX      1024

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

#endif
