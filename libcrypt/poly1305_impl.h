/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_POLY1305_IMPL_H
#define NACRE_LIBCRYPT_POLY1305_IMPL_H

#include "libcrypt/chacha_impl.h"

#ifdef POLY1305_64

/*
 * The parts of poly1305_64, for the others to build on. A number modulo 2^130 - 5 is three limbs
 * of 44, 44 and 42 bits. Each may be a little larger, below 2^46, where carries wait.
 */
struct poly1305_number {
	uint64_t limb[3];
};

/*
 * A factor. What overflows 2^130 comes back times 5, and the product of limbs i and j with
 * i + j > 2 begins at 2^132, four times higher: hence 20.
 */
struct poly1305_factor {
	struct poly1305_number n;
	uint64_t twenty_1, twenty_2; /* limbs 1 and 2 times 20 */
};

/* Blocks are added four at a time, each times a power of its own. */
#define POLY1305_BLOCK   16
#define POLY1305_AT_ONCE 4

struct poly1305_sum {
	struct poly1305_factor power[POLY1305_AT_ONCE]; /* r, r^2, r^3, r^4 */
	struct poly1305_number n;
};

/* Nothing is summed yet, and only the first power is there. */
void poly1305_begin(struct poly1305_sum *sum, const uint8_t key[POLY1305_KEY]);
/* The others, up to the n-th: power[0] is there. */
void poly1305_powers(struct poly1305_factor *power, size_t n);
/* The same number with carries taken care of; limbs may be as large as 2^60. */
struct poly1305_number poly1305_reduced(struct poly1305_number n);
/* Any number of whole blocks, and perhaps a last one that is not. */
void poly1305_add(struct poly1305_sum *sum, ssh_bytes data);
/* Wipes `sum`. */
void poly1305_finish(struct poly1305_sum *sum, const uint8_t key[POLY1305_KEY],
                     uint8_t tag[POLY1305_TAG]);

#endif
#endif
