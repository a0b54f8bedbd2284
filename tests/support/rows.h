/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_ROWS_H
#define NACRE_TESTS_ROWS_H

#include "tests/support/vectors.h"

/** The most columns of a row. */
#define ROWS_COLUMNS_MAX 16

/**
 * Call `f` with every row of the file tests/vectors/FILE: a line of `columns` NUL-terminated
 * columns, separated by '|'. Lines that begin with '#' are comments. Fails the test if a row has
 * another number of columns, or if there is no row at all.
 */
void rows_each(const char *file, size_t columns, void (*f)(const char *const *column));

#endif
