/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_GOLDEN_H
#define NACRE_TESTS_GOLDEN_H

#include "tests/support/vectors.h"

/*
 * Recorded sessions with all their secrets: tests/vectors/golden, one file a session, one
 * `key = value` line a field. Numbers and names are text, all other values hexadecimal; a field
 * may come several times (plain_cs, plain_sc: the payloads of one direction, in order), or not
 * at all (mac_cs under an AEAD cipher). tests/vectors/README.md explains the fields.
 */
struct golden {
	const char *name; /* of the file, without .txt */
	struct wire_buf text;
};

/** Call `f` with every recorded session. */
void golden_each(void (*f)(const struct golden *g));

/** How many times the field `key` is there. */
size_t golden_count(const struct golden *g, const char *key);

/** The field's value as NUL-terminated text; NULL if it is not there. Lives as long as `g`. */
const char *golden_text(const struct golden *g, const char *key);

/** Append the decoded hexadecimal value of the n-th field `key` (0: the first); it must be there. */
void golden_hex(const struct golden *g, const char *key, size_t n, struct wire_buf *out);

#endif
