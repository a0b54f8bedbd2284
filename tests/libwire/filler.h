/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_FILLER_H
#define NACRE_TESTS_FILLER_H

#include "libwire/shape.h"

/*
 * Messages of any shape, filled with values that are easy to get wrong. The values repeat: they
 * follow from the variant alone.
 */

/** The variants: 0 all zero and empty; 1 all at their largest; the others pseudorandom. */
#define FILLER_VARIANTS 8

/** Large enough for any message struct. */
union filler_msg {
	max_align_t align;
	uint8_t bytes[WIRE_SHAPE_MAX_SIZE];
};

/** Fill a message struct; its views point to static bytes, or into `pool`, wiped by the caller. */
void filler_fill(const struct wire_shape *shape, union filler_msg *msg, unsigned variant,
                 struct wire_buf *pool);

/** Set a head's key to that of `tail` and its rest to an encoded tail of the variant. */
void filler_tail(const struct wire_shape *head, union filler_msg *msg, const struct wire_tail *tail,
                 unsigned variant, struct wire_buf *pool);

/**
 * Call `f` with every message of every shape: the heads of wire_msg_all in all variants, and those
 * with tails with each of their tails in all variants too.
 */
void filler_each(void (*f)(const struct wire_shape *shape, const union filler_msg *msg));

#endif
