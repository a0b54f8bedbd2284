/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_KEYGEN_SIEVE_H
#define NACRE_TOOLS_KEYGEN_SIEVE_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The odd numbers from `start` on, less those that a small prime divides, or that a small prime
 * divides when they are doubled and have one added: what may be half of a safe prime.
 */
struct sieve {
	mpz_t start;      /* odd */
	uint8_t *crossed; /* a bit for each: start + 2i */
	size_t count;     /* of them */
};

/**
 * Sieve `bytes` * 8 numbers from `start` on, which is made odd. Takes seconds a hundred megabytes.
 * Returns false if there is no memory.
 */
bool sieve_init(struct sieve *s, const mpz_t start, size_t bytes);

/** The next number that is left, at or behind `*i`, which is set behind it. False at the end. */
bool sieve_next(const struct sieve *s, size_t *i, mpz_t q);

/** Give back. */
void sieve_wipe(struct sieve *s);

#endif
