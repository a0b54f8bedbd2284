/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_MODULI_H
#define NACRE_LIBKEX_MODULI_H

#include "libkex/gex.h"

/** Of `type` in a file of moduli: p is a safe prime, or one whose double plus one may be. */
#define KEX_MODULI_SAFE           2
#define KEX_MODULI_SOPHIE_GERMAIN 4
/** Bits of `tests`: what the number has been through; a composite is one that failed. */
#define KEX_MODULI_COMPOSITE      0x01
#define KEX_MODULI_SIEVE          0x02
#define KEX_MODULI_MILLER_RABIN   0x04
/** Bytes of the longest line: seven words, one of them a number of WIRE_MPINT_MAX_BITS in hex. */
#define KEX_MODULI_LINE_MAX       4400
/** Bytes of a file that are looked at: the usual one has half a megabyte. */
#define KEX_MODULI_TEXT_MAX       ((size_t)4 << 20)

/** A line of a file of moduli, as moduli(5) has it. Views into the line. */
struct kex_modulus {
	ssh_bytes time; /* YYYYMMDDHHMMSS */
	uint32_t type;
	uint32_t tests;
	uint32_t tries;     /* of Miller-Rabin */
	uint32_t bits;      /* of the modulus; the file has one less */
	uint32_t generator; /* 0: not known yet */
	ssh_bytes digits;   /* of the modulus, hexadecimal */
};

/**
 * Take a line of a file of moduli apart.
 *
 *   line   without its line end; borrowed, and out's views point into it
 *
 * Returns 0; SSH_ERR_NOT_FOUND if it is empty or a comment; SSH_ERR_TOO_LONG over
 * KEX_MODULI_LINE_MAX; SSH_ERR_FILE_FORMAT if it is something else, or says another size than its
 * modulus has.
 *
 * Secrets: none.
 */
enum ssh_err kex_modulus_parse(ssh_bytes line, struct kex_modulus *out);

/** Append a line, line end included. Errors stick to the buf. Secrets: none. */
void kex_modulus_put(struct wire_buf *out, const struct kex_modulus *m);

/**
 * The group for a request from a file's text: of the moduli with at least n bits one of the
 * smallest size, else one of the largest, within (min, max), drawn at random.
 *
 * Lines that do not parse are passed over, and so are moduli that are not marked as safe primes, or
 * as tested, or have no generator. They are not tested for primality: the file is the owner's.
 *
 *   text   of the file; the first KEX_MODULI_TEXT_MAX bytes count
 *   fit    from kex_gex_check_request
 *   out    reset, then p and g; group's views point there
 *
 * Returns 0; SSH_ERR_NOT_FOUND if there is none; SSH_ERR_RANDOM; SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   RFC 4419 section 3.
 */
enum ssh_err kex_moduli_choose(ssh_bytes text, const struct kex_gex_request *fit,
                               const struct crypt_rng *rng, struct wire_buf *out,
                               struct kex_group *group);

#endif
