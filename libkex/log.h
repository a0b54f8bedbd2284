/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_LOG_H
#define NACRE_LIBKEX_LOG_H

#include "libkex/transport.h"

/** Bytes of one field that a log line shows, unless it is told otherwise. */
#define KEX_LOG_CUT 1024

/** How much a log tells. */
enum kex_log_level {
	KEX_LOG_TRANSPORT, /* what the engine does, and messages 1 to 49 */
	KEX_LOG_MESSAGES,  /* and all others, channel data as a length */
	KEX_LOG_DATA       /* and channel data */
};

/**
 * A log of one connection: what the trace hook sees, as lines for people or for programs.
 *
 * The formatters are pure: they append to a buf and do no I/O. A hook that has one calls either and
 * writes the buf where it likes. No line shows a password, an answer to a prompt or an X11 cookie,
 * whatever the level. docs/trace.md has the lines.
 */
struct kex_log {
	enum kex_log_level level;
	size_t cut; /* bytes of a field that are shown; 0: all */
	/* private */
	struct wire_context meaning; /* what the numbers 30-49 and 60-79 stand for by now */
};

/** Start a log: the level, and KEX_LOG_CUT. Nothing needs wiping. */
void kex_log_init(struct kex_log *l, enum kex_log_level level);

/**
 * Append one line of text for `t`, with a newline, or nothing if the level leaves it out:
 *
 *     > 0 20 KEXINIT cookie=... kex="..." ...
 *     < 4 94 CHANNEL_DATA recipient=0 data=[1024]
 *     * negotiated kex="..." ...
 *
 * that is, the direction, the sequence number, the message's number, name and fields; or `*` and
 * what the engine did. Errors stick in `out`.
 *
 * Secrets: none are shown.
 */
void kex_log_text(struct kex_log *l, const struct kex_trace *t, struct wire_buf *out);

/** The same as one JSON object on a line: JSON Lines, with stable keys. */
void kex_log_json(struct kex_log *l, const struct kex_trace *t, struct wire_buf *out);

#endif
