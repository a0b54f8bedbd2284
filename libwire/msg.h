/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_H
#define NACRE_LIBWIRE_MSG_H

#include "libwire/msg_auth.h"
#include "libwire/msg_connection.h"
#include "libwire/msg_transport.h"

/*
 * Every message as a struct; the shape that decodes and encodes it is named like the struct,
 * with _shape behind it. Views point into the payload that was decoded. Members of an mpint
 * kind hold the content bytes (two's complement, without the length): wire_mpint_magnitude
 * turns them into a magnitude.
 */

/* --- Finding a shape --- */

/** Every message shape (heads only), in the order of their numbers, ending with NULL. */
extern const struct wire_shape *const wire_msg_all[];

/**
 * The shape of a payload, by its number and what its meaning depends on.
 *
 * A search by name, for tools and traces; an engine knows which shape it expects.
 *
 *   number   the payload's first byte
 *   ctx      all-zero if nothing is known
 *
 * Returns NULL if the number has no meaning, or if the context does not settle which. The shape
 * is static.
 *
 * Secrets: none.   RFC 4250 section 4.1.
 */
const struct wire_shape *wire_msg_find(uint8_t number, struct wire_context ctx);

#endif
