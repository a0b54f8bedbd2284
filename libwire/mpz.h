/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MPZ_H
#define NACRE_LIBWIRE_MPZ_H

#include <gmp.h>

#include "libwire/buf.h"

/**
 * Inflate an mpint to a GMP integer, negatives included.
 *
 *   out       initialised by the caller; set on success
 *   content   the two's-complement bytes after the length
 *
 * Returns 0, or SSH_ERR_MPINT if not canonical or over WIRE_MPINT_MAX_BITS.
 *
 * Secrets: not for secrets; GMP's memory is not wiped.   RFC 4251 section 5.
 */
enum ssh_err wire_mpz_inflate(mpz_t out, ssh_bytes content);

/**
 * Deflate a GMP integer to a whole mpint, length included, negatives included.
 *
 * The buf's sticky error is SSH_ERR_NO_MEMORY or SSH_ERR_TOO_LONG.
 *
 * Secrets: not for secrets.   RFC 4251 section 5.
 */
void wire_mpz_deflate(struct wire_buf *b, const mpz_t v);

#endif
