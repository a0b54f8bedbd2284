/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_NAMES_H
#define NACRE_LIBWIRE_NAMES_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** RFC 4251 section 6: names are no longer than 64 bytes. Longer ones never match. */
#define WIRE_NAME_MAX      64
/** A name longer than this is no SSH name at all and condemns the list. */
#define WIRE_NAME_HARD_MAX 256
/** More names than any implementation offers; bounds the work per list. */
#define WIRE_NAMES_MAX     512

/** A walk through a name-list. */
struct wire_names {
	/* private */
	ssh_bytes rest;
	bool more;
};

/** Start a walk through `list`, which is borrowed for as long as the walk and its names. */
static inline struct wire_names wire_names_of(ssh_bytes list)
{
	struct wire_names w = {list, list.len != 0};
	return w;
}

/**
 * Take the next name.
 *
 *   name   set to the name: a view into the list. Empty names (",a") come out as empty views.
 *
 * Returns false at the end.
 *
 * Secrets: none.   RFC 4251 section 5.
 */
bool wire_names_next(struct wire_names *w, ssh_bytes *name);

/** Does the list hold this very name? Compares case and all. Secrets: none. RFC 4251 section 5. */
bool wire_names_has(ssh_bytes list, ssh_bytes name);

/**
 * The first name of the client's list that the server's list holds too.
 *
 *   name   set on success to a view into client
 *
 * Returns false if there is none. Invalid names (wire_name_valid) never match, nor do those
 * behind the first WIRE_NAMES_MAX of the client's.
 *
 * Secrets: none.   RFC 4253 section 7.1.
 */
bool wire_names_common(ssh_bytes client, ssh_bytes server, ssh_bytes *name);

/**
 * Is this a name that may match? 1 to 64 printable US-ASCII bytes without comma or space, and at
 * most one '@'.
 *
 * Secrets: none.   RFC 4251 section 6.
 */
bool wire_name_valid(ssh_bytes name);

/**
 * Check the form of a name-list.
 *
 * Empty names are borne with, since servers are about that end a list with a comma; they match
 * nothing.
 *
 * Returns 0, or SSH_ERR_NAME_LIST if it holds a byte that is not printable US-ASCII, a name over
 * WIRE_NAME_HARD_MAX or more than WIRE_NAMES_MAX names.
 *
 * Secrets: none.   RFC 4251 section 5.
 */
enum ssh_err wire_names_check(ssh_bytes list);

/**
 * Does the whole of `s` match a pattern? `*` stands for any bytes or none, `?` for any one byte.
 *
 *   fold   case does not count (of US-ASCII letters)
 *
 * Takes time in proportion to the product of the two lengths at worst.
 *
 * Secrets: none.
 */
bool wire_glob(ssh_bytes pattern, ssh_bytes s, bool fold);

#endif
