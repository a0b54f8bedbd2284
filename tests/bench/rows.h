/* SPDX-License-Identifier: MIT */
#ifndef NACRE_BENCH_ROWS_H
#define NACRE_BENCH_ROWS_H

#include "libcrypt/packet.h"

/** Sizes of payloads that are tried: a keystroke, a line or two, and a full CHANNEL_DATA. */
#define BENCH_SIZES 3

/** What seals and opens the same bytes for comparison; one row at a time. */
struct bench_other {
	const char *name;
	/** Key it for one row; false where it has no such cipher or MAC. */
	bool (*start)(const struct crypt_cipher *cipher, const struct crypt_mac *mac);
	/** A packet of `len` bytes, in place, the tag behind it. What seal sealed, open opens. */
	void (*seal)(uint8_t *packet, size_t len);
	void (*open)(uint8_t *packet, size_t len);
	void (*stop)(void);
	/** What our speed is to be, as a ratio to its own; 0: whatever it is. */
	double aim[BENCH_SIZES];
};

/**
 * Every cipher with the MACs that it is used with, beside `other`: a line each, with MB/s of payload
 * sealed, and how many times as fast as `other` we seal and open. What misses its aim is marked
 * with a `<`, after as many rounds as it took to be sure, and counted in the last line.
 *
 *   only   the rows whose name has this in it; NULL: all
 *
 * Returns how many missed their aim.
 */
int bench_rows(const struct bench_other *other, const char *only);

/** Seconds of processor time that this process has used. */
double bench_now(void);

/** The one in the middle; sorts them. At least one. */
double bench_median(double *values, size_t n);

/** Print a message and exit unless `holds`. */
void bench_must(bool holds, const char *what);

#endif
