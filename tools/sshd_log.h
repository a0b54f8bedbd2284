/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_LOG_H
#define NACRE_TOOLS_SSHD_LOG_H

#include "libwire/bytes.h"

/** How much is told, and how much a line matters; from SSHD_DEBUG1 on, what the transport does too. */
enum sshd_level {
	SSHD_QUIET,
	SSHD_ERROR,
	SSHD_INFO,
	SSHD_DEBUG,
	SSHD_DEBUG1,
	SSHD_DEBUG2,
	SSHD_DEBUG3
};

/** Room for a text of the peer's, escaped, in a log line. */
#define SSHD_SHOWN 256

/** Write one line to standard error, if `chosen` is as talkative as the line's `level`. */
void sshd_log(enum sshd_level chosen, enum sshd_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Make bytes of the peer's fit for a log line: what is not printable ASCII becomes \xHH, what is too long is
 * cut. Returns `out`, always NUL-terminated.
 */
const char *sshd_shown(ssh_bytes text, char out[SSHD_SHOWN]);

/**
 * Does `text` match a list of patterns, with blanks or commas in between? Patterns know `*` and `?`;
 * one that begins with `!` and matches decides against.
 */
bool sshd_match(const char *patterns, const char *text);

#endif
