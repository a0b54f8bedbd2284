/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_TEXT_H
#define NACRE_LIBAUTH_TEXT_H

#include "libwire/bytes.h"

/* Words and lines of the text files of SSH. Views into what is given. Secrets: none. */

/** A capital letter of US-ASCII made small; any other byte as it is. */
static inline uint8_t auth_text_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/**
 * Take the next line, without its LF or CR LF, off the front of `text`.
 * Returns false at the end.
 */
bool auth_text_line(ssh_bytes *text, ssh_bytes *line);

/** Take the next word, ended by blanks or the end, and the blanks around it, off the front. Empty: none. */
ssh_bytes auth_text_word(ssh_bytes *line);

/** `b` without blanks (space, tab, CR) at either end. */
ssh_bytes auth_text_trim(ssh_bytes b);

/**
 * Does a name match a list of patterns with commas, that know `*`, `?` and `!`? A match of a negated
 * one decides against it.
 *
 *   fold   small letters and capitals are the same
 */
bool auth_text_match(ssh_bytes patterns, ssh_bytes name, bool fold);

#endif
