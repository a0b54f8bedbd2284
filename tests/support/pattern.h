/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PATTERN_H
#define NACRE_TESTS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An endless stream of bytes in which every place looks different, so that a transfer of any size
 * can be made, and compared, without keeping it.
 */

/** Bytes `at` and following of the stream number `seed`. */
void pattern_fill(uint8_t *out, size_t n, uint64_t at, uint64_t seed);

/** Are these the bytes `at` and following? If not, *wrong is the place of the first that differs. */
bool pattern_equal(const uint8_t *in, size_t n, uint64_t at, uint64_t seed, uint64_t *wrong);

#endif
