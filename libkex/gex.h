/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_GEX_H
#define NACRE_LIBKEX_GEX_H

#include "libkex/agree.h"

/** Bounds of a group exchange modulus, bits. RFC 8270 for the lower one, RFC 4419 for the upper. */
#define KEX_GEX_MIN_BITS       2048
#define KEX_GEX_MAX_BITS       8192
/** What our client prefers: as strong as the 128-bit ciphers it protects. */
#define KEX_GEX_PREFERRED_BITS 3072

/** What a client asks for: bits. All three are hashed as they were sent. */
struct kex_gex_request {
	uint32_t min;
	uint32_t n;
	uint32_t max;
};

/**
 * What a side asks for, takes and serves in a group exchange. A number that is 0 stands for the
 * constant above, so that all-zero is the default.
 */
struct kex_gex_policy {
	uint32_t min_bits;       /* both sides; RFC 8270 wants no less than the default */
	uint32_t preferred_bits; /* client */
	uint32_t max_bits;       /* both sides */
	/*
	 * Client: ask in the form that came before RFC 4419, with one number, for servers that know
	 * no other. The bounds are then not told, but what comes is held to them all the same.
	 */
	bool old_request;
	/*
	 * Client: take any odd modulus of a good size. To test it takes from tens of milliseconds to a
	 * second, but a server that serves a weak one on purpose gives the session away.
	 */
	bool untested;
	/* Server: the text of a file of moduli (moduli.h), borrowed; empty: the groups of RFC 3526. */
	ssh_bytes moduli;
};

/**
 * Check a client's request and bring it within our own bounds.
 *
 *   ask   as received; unchanged
 *   fit   set on success: our least <= min <= n <= max <= our most
 *
 * The old form of the request, min and max 0, gets our own bounds, and n is brought within them.
 *
 * Returns 0, or SSH_ERR_KEX_VALUE if min > n, n > max, or the range does not meet ours.
 *
 * Secrets: none.   RFC 4419 section 3, RFC 8270.
 */
enum ssh_err kex_gex_check_request(const struct kex_gex_request *ask,
                                   const struct kex_gex_policy *policy,
                                   struct kex_gex_request *fit);

/** What a client asks for under its policy: min <= n <= max, or min and max 0 for the old form. */
struct kex_gex_request kex_gex_ask(const struct kex_gex_policy *policy);

/**
 * Check the group that a server sent in answer to our request.
 *
 * p must be odd, of min to max bits (our own bounds if the request was of the old form), prime
 * with (p-1)/2 prime; 1 < g < p-1. The test of primality is probabilistic and costs some tens of
 * milliseconds at 2048 bits, a second at 8192; the well-known groups of RFC 3526 are recognised
 * without it. policy->untested leaves it out.
 *
 * Returns 0 or SSH_ERR_KEX_VALUE.
 *
 * Secrets: none.   RFC 4419 section 3 and 6.2.
 */
enum ssh_err kex_gex_check_group(const struct kex_group *group, const struct kex_gex_request *ask,
                                 const struct kex_gex_policy *policy);

/**
 * The group for a request that kex_gex_check_request has fitted: the smallest of at least n bits, else the largest.
 *
 * Returns NULL if none of the RFC 3526 groups is within (min, max). The group is static.
 */
const struct kex_group *kex_gex_choose(const struct kex_gex_request *fit);

/** The group of diffie-hellman-group1-sha1, 1024 bits; group exchange never serves it. RFC 2409. */
extern const struct kex_group kex_group1;
/** The groups of RFC 3526: 2048, 3072, 4096, 6144 and 8192 bits. */
extern const struct kex_group kex_group14, kex_group15, kex_group16, kex_group17, kex_group18;

#endif
