/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_VECTORS_H
#define NACRE_TESTS_VECTORS_H

#include "libwire/buf.h"

/*
 * Small helpers of the unit tests. They may use libwire and libc alone, since every library's
 * tests link them.
 */

/** Append the bytes of a hexadecimal string (blanks allowed); fails the test on other characters. */
void unhex(struct wire_buf *out, const char *hex);

/** The whole file tests/vectors/NAME, in a fresh buf that the caller wipes; fails the test if missing. */
struct wire_buf vector_file(const char *name);

#endif
