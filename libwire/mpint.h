/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MPINT_H
#define NACRE_LIBWIRE_MPINT_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** The largest number that is accepted: no known key or group comes near it. */
#define WIRE_MPINT_MAX_BITS 16384

/**
 * Are these content bytes (without the length) the one canonical two's-complement form?
 *
 * Zero is the empty string; there is no needless leading 00 or ff byte.
 *
 * Returns 0, or SSH_ERR_MPINT if not canonical or over WIRE_MPINT_MAX_BITS.
 *
 * Secrets: the leading bytes and the length show in the time.   RFC 4251 section 5.
 */
enum ssh_err wire_mpint_check(ssh_bytes content);

/**
 * The big-endian magnitude of a non-negative canonical mpint, without its sign byte.
 *
 *   content     the bytes after the length
 *   magnitude   set on success to a view into content; empty for zero
 *
 * Returns 0, or SSH_ERR_MPINT if negative, not canonical or over WIRE_MPINT_MAX_BITS.
 *
 * Secrets: as wire_mpint_check.   RFC 4251 section 5.
 */
enum ssh_err wire_mpint_magnitude(ssh_bytes content, ssh_bytes *magnitude);

/** The number of bits of a magnitude: 0 for zero. Its leading zero bits show in the time. */
size_t wire_mpint_bits(ssh_bytes magnitude);

#endif
