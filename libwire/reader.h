/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_READER_H
#define NACRE_LIBWIRE_READER_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/**
 * A sticky decoder of RFC 4251 section 5.
 *
 * After the first error every get returns zero or an empty view and consumes nothing, so a
 * sequence of gets needs one look at the end, which must come: wire_reader_end. Views point
 * into the bytes that wire_reader_init was given and live as long as those.
 */
struct wire_reader {
	/* private */
	const uint8_t *ptr;
	size_t left;
	enum ssh_err err;
};

/** Start reading `in`, which is borrowed for the life of the reader and of its views. */
void wire_reader_init(struct wire_reader *r, ssh_bytes in);

/** byte; SSH_ERR_TRUNCATED sticks if there is none */
uint8_t wire_get_u8(struct wire_reader *r);
/** boolean: any byte but 0 is true */
bool wire_get_bool(struct wire_reader *r);
/** uint32 */
uint32_t wire_get_u32(struct wire_reader *r);
/** uint64 */
uint64_t wire_get_u64(struct wire_reader *r);
/** `n` bytes without a length */
ssh_bytes wire_get_raw(struct wire_reader *r, size_t n);
/** string */
ssh_bytes wire_get_string(struct wire_reader *r);
/** name-list; SSH_ERR_NAME_LIST sticks if wire_names_check refuses it */
ssh_bytes wire_get_names(struct wire_reader *r);
/** everything that is left */
ssh_bytes wire_get_rest(struct wire_reader *r);
/**
 * The magnitude of a non-negative canonical mpint, without its sign byte; empty for zero.
 * SSH_ERR_MPINT sticks if it is negative, not canonical or over WIRE_MPINT_MAX_BITS.
 */
ssh_bytes wire_get_mpint(struct wire_reader *r);

/** Record an error that the caller found, unless one sticks already. */
void wire_reader_fail(struct wire_reader *r, enum ssh_err e);

/**
 * End decoding.
 *
 * Returns 0 if every get succeeded and nothing is left; the sticky error, or SSH_ERR_TRAILING.
 */
__attribute__((warn_unused_result)) enum ssh_err wire_reader_end(const struct wire_reader *r);

#endif
