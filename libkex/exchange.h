/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_EXCHANGE_H
#define NACRE_LIBKEX_EXCHANGE_H

#include "libkex/agree.h"
#include "libkex/gex.h"

/** Everything that the exchange hash covers. All views are borrowed. */
struct kex_exchange {
	ssh_bytes v_c; /* identification lines without CR LF */
	ssh_bytes v_s;
	ssh_bytes i_c; /* KEXINIT payloads */
	ssh_bytes i_s;
	ssh_bytes k_s;          /* the host key blob */
	ssh_bytes client_value; /* e, Q_C or the hybrid's C: raw, as struct kex_agree has them */
	ssh_bytes server_value;
	ssh_bytes k; /* the shared secret, raw */
	/* Group exchange alone: */
	struct kex_gex_request
	    request; /* as the client sent it; min and max 0 and n set: the old form */
	struct kex_group group;
};

/**
 * The exchange hash H.
 *
 *   alg   the agreement: its hash and the encodings of values and K
 *   h     alg->hash->size bytes
 *
 * Secrets: x->k is; H is not, though it is treated so.
 * RFC 4253 section 8, RFC 4419 section 3, RFC 5656 section 4, RFC 8731 section 3.
 */
void kex_exchange_hash(const struct kex_agree *alg, const struct kex_exchange *x, uint8_t *h);

/** What keys are derived from. Views are borrowed. */
struct kex_derive {
	const struct kex_agree *alg;
	ssh_bytes k; /* raw */
	ssh_bytes h;
	ssh_bytes session_id; /* H of the first exchange */
};

/**
 * Derive `n` bytes of key material for a letter 'A' to 'F'.
 *
 * Secrets: out, d->k.   RFC 4253 section 7.2.
 */
void kex_derive(const struct kex_derive *d, char letter, uint8_t *out, size_t n);

#endif
