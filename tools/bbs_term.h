/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_BBS_TERM_H
#define NACRE_TOOLS_BBS_TERM_H

#include "libchan/sock.h"

/** A caller who is silent for so long is gone, milliseconds. */
#define TERM_IDLE_MS (15 * 60 * 1000)

/** How a line ended. */
enum term_end {
	TERM_LINE,   /* by Enter */
	TERM_CANCEL, /* by Ctrl-C */
	TERM_GONE    /* by Ctrl-D on an empty line, the end of input, a hangup, or long silence */
};

/**
 * A caller's terminal, at the other end of a channel. With a pty the client's terminal is raw:
 * then echo and editing are done here. Without one, lines are taken as they come.
 */
struct term {
	struct sock_channel *ch;
	/* For reading. */
	bool lost; /* the caller was cut off, or silent for too long */
	/* private */
	char in[1024];
	size_t at, len;
	bool after_cr;
};

/** Print text of our own, as printf; \n becomes CR LF on a terminal. At most 2 KiB. */
__attribute__((format(printf, 2, 3))) void term_print(struct term *t, const char *format, ...);

/**
 * Print a caller's text, at most `max` bytes of it, so that it can do no terminal any harm:
 * printable US-ASCII and UTF-8 pass, everything else comes out as \xNN. RFC 4251 section 9.2.
 */
void term_show(struct term *t, ssh_bytes text, size_t max);

/** Length in bytes of the printable character at the front of `text`; 0 if it is none. */
size_t term_char(ssh_bytes text);

/**
 * Read a line.
 *
 *   out    NUL-terminated, without the newline; holds printable characters alone
 *   size   of out; what does not fit is refused with a bell
 */
enum term_end term_line(struct term *t, const char *prompt, char *out, size_t size);

/** Columns and rows of the terminal as it is now; 80 by 24 if it does not say. */
uint32_t term_cols(const struct term *t);
uint32_t term_rows(const struct term *t);

#endif
