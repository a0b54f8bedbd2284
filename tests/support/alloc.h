/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_ALLOC_H
#define NACRE_TESTS_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Allocations under watch, and failing on demand. The linker leads every malloc, calloc, realloc
 * and free of a test binary and of the libraries under test through here (--wrap); those inside
 * shared libraries, GMP and Criterion for instance, pass by. One thread at a time.
 *
 * With the n-th allocation failing for every n:
 *
 *     for (size_t n = 1, failed = 1; failed; n++) {
 *         alloc_start();
 *         alloc_fail_at(n);
 *         e = work();
 *         alloc_stop();
 *         failed = alloc_failed();
 *         cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu", n);
 *         cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
 *     }
 */

/** Begin to count, from zero; blocks that are older are none of ours. Nothing fails. */
void alloc_start(void);

/** Stop counting and failing. Blocks of ours that are given back later still leave the live bytes. */
void alloc_stop(void);

/** Let the n-th allocation since alloc_start, counted from 1, fail; the others do not. 0: none. */
void alloc_fail_at(size_t n);

/** Did an allocation fail on demand since alloc_start? */
bool alloc_failed(void);

/** The allocations tried between alloc_start and alloc_stop. */
size_t alloc_count(void);

/** The bytes allocated between alloc_start and alloc_stop and not given back yet. */
size_t alloc_live_bytes(void);

/** The most that alloc_live_bytes has been since alloc_start. */
size_t alloc_peak_bytes(void);

/**
 * From now on, look into every block of ours that is given back, and count those that are not all
 * zero. Memory from malloc is zeroed first, so that only what was written counts.
 */
void alloc_watch_wipes(void);

/** The blocks given back with a byte that is not zero. */
size_t alloc_unwiped(void);

#endif
