/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_DER_H
#define NACRE_LIBAUTH_DER_H

#include "libwire/buf.h"
#include "libwire/reader.h"

/*
 * DER, as far as key files need it (ITU-T X.690). Reading goes on in a struct wire_reader, one
 * element at a time, with its sticky error: SSH_ERR_TRUNCATED, or SSH_ERR_MALFORMED for another
 * tag than was wanted and for a length that is not in its one shortest form. Nothing recurses: an
 * element within another is read by a reader of its own, so the nesting is what the caller wrote.
 */

/** Identifier octets. */
#define AUTH_DER_INTEGER    0x02
#define AUTH_DER_BITS       0x03
#define AUTH_DER_OCTETS     0x04
#define AUTH_DER_NULL       0x05
#define AUTH_DER_OID        0x06
#define AUTH_DER_SEQUENCE   0x30
/** [n], constructed: n is at most 30. */
#define AUTH_DER_TAGGED(n)  ((uint8_t)(0xa0 | (n)))

/** The longest element, content alone: no key of any kind is near it. */
#define AUTH_DER_LENGTH_MAX 65535

/** Is the next element one of this tag? Consumes nothing; false at the end and after an error. */
bool auth_der_is(const struct wire_reader *r, uint8_t tag);

/** The content of the next element, which must be of this tag. */
ssh_bytes auth_der_get(struct wire_reader *r, uint8_t tag);

/**
 * A reader of the content of the next element, which must be of this tag; an empty one after an
 * error. Both readers are to be ended.
 */
struct wire_reader auth_der_enter(struct wire_reader *r, uint8_t tag);

/** The magnitude of an INTEGER that must not be negative, without leading zero bytes; empty for 0. */
ssh_bytes auth_der_get_number(struct wire_reader *r);

/** An INTEGER from 0 to 2^32 - 1. */
uint32_t auth_der_get_u32(struct wire_reader *r);

/** The bytes of a BIT STRING, which must be whole bytes. */
ssh_bytes auth_der_get_bits(struct wire_reader *r);

/** Append an element. Errors stick in `b`, SSH_ERR_TOO_LONG among them. */
void auth_der_put(struct wire_buf *b, uint8_t tag, ssh_bytes content);

/** Append an INTEGER, from the magnitude of a number that is not negative. */
void auth_der_put_number(struct wire_buf *b, ssh_bytes magnitude);

/** Append a small INTEGER. */
void auth_der_put_u32(struct wire_buf *b, uint32_t v);

/** Append a BIT STRING of whole bytes. */
void auth_der_put_bits(struct wire_buf *b, ssh_bytes bytes);

/**
 * Begin an element whose length is not known yet. Elements may nest.
 *
 * Returns the mark for auth_der_end.
 */
size_t auth_der_begin(struct wire_buf *b, uint8_t tag);
/** End the element begun at `mark`: its content is what was put since. */
void auth_der_end(struct wire_buf *b, size_t mark);

#endif
