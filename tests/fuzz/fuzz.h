/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_FUZZ_H
#define NACRE_TESTS_FUZZ_H

#include "libwire/buf.h"
#include "libwire/reader.h"

/*
 * What every fuzz target is made of. A target is one file, tests/fuzz/fuzz_NAME.c, with the two
 * functions below. `make fuzz` links it with libFuzzer, `make check-fuzz` with a main that needs no
 * special compiler (replay.c); either begins with the seeds that the target makes itself, so that
 * no corpus need be kept. Inputs that once broke something are kept: tests/fuzz/found/NAME/.
 */

/** Do what the target does with one input. Returns 0; what must not be calls fuzz_broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Hand every seed of the target to fuzz_seed. */
void fuzz_seeds(void);

/** Take a seed: a driver's function. */
void fuzz_seed(ssh_bytes input);

/** Say what does not hold, and abort. */
__attribute__((noreturn)) void fuzz_broken(const char *file, int line, const char *what);

/** What must hold whatever the input. */
#define FUZZ_MUST(holds) ((holds) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #holds))

/* --- Taking an input apart: a script of small numbers and strings. All are 0 or empty at its end. --- */

uint8_t fuzz_u8(ssh_bytes *in);
uint16_t fuzz_u16(ssh_bytes *in);
/** A string behind its length of one byte. */
ssh_bytes fuzz_short(ssh_bytes *in);
/** A string behind its length of two bytes. */
ssh_bytes fuzz_long(ssh_bytes *in);

/* --- Seeds --- */

/** A seed of text. */
void fuzz_seed_text(const char *text);
/** A seed that is gone afterwards. */
void fuzz_seed_buf(struct wire_buf *b);
/** A whole file below tests/vectors; it must be there. The caller wipes it. */
struct wire_buf fuzz_file(const char *name);
/** Call f with the bytes of a hexadecimal column (from 0) of every row of tests/vectors/NAME. */
void fuzz_rows(const char *name, size_t column, void (*f)(ssh_bytes value));
/** Append what fuzz_short and fuzz_long read. */
void fuzz_put_short(struct wire_buf *b, ssh_bytes v);
void fuzz_put_long(struct wire_buf *b, ssh_bytes v);

#endif
