/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_RNG_H
#define NACRE_LIBCRYPT_RNG_H

#include "libcrypt/hash.h"
#include "libwire/bytes.h"
#include "libwire/err.h"

/**
 * A source of randomness: a value that is passed around, never a global.
 *
 * `fill` writes `n` random bytes to `out` and returns 0, or SSH_ERR_RANDOM with nothing to be
 * relied on; whoever gets that error gives up what it was doing. `ctx` belongs to the source and
 * must outlive every copy of this struct.
 */
struct crypt_rng {
	enum ssh_err (*fill)(void *ctx, uint8_t *out, size_t n);
	void *ctx;
};

/** Fill `n` bytes from `rng`. Returns 0 or SSH_ERR_RANDOM, also if rng has no fill. */
enum ssh_err crypt_rng_fill(const struct crypt_rng *rng, void *out, size_t n);

/** The system's source: getrandom(2). An object of its own: engines never reach for it. */
struct crypt_rng crypt_rng_system(void);

/**
 * A deterministic source for repeatable sessions, tests and fuzzing: SHA-256 over
 * (seed, counter). Never for keys that matter.
 */
struct crypt_drbg {
	/* private */
	uint8_t seed[32];
	uint64_t counter;
	uint8_t block[32];
	size_t left;
};

/** Seed `d` with any bytes; equal seeds give equal streams, however the reads are split. */
void crypt_drbg_init(struct crypt_drbg *d, ssh_bytes seed);
/** The source that draws on `d`, which must outlive it. */
struct crypt_rng crypt_drbg_rng(struct crypt_drbg *d);
/** Zeroise. */
void crypt_drbg_wipe(struct crypt_drbg *d);

#endif
