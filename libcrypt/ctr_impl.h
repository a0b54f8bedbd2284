/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CTR_IMPL_H
#define NACRE_LIBCRYPT_CTR_IMPL_H

#include "libcrypt/aes_x86_impl.h"

#include <nettle/aes.h>
#include <nettle/nettle-types.h>

/*
 * AES in counter mode (RFC 4344 section 4), written more than once: with Nettle, which runs everywhere,
 * and faster where compiler and processor allow. Which one a direction uses is decided when it is
 * keyed, and kept in its state.
 */

/* With Nettle. */
struct ctr_nettle {
	nettle_cipher_func *block;
	union {
		struct aes128_ctx aes128;
		struct aes192_ctx aes192;
		struct aes256_ctx aes256;
	} cipher;
	uint8_t counter[AES_BLOCK_SIZE]; /* of the next block */
};

/* Bytes of stream that are made at a time. */
#define CTR_X86_BATCH 256

/*
 * With instructions for AES. The stream runs on from packet to packet, so that what one leaves over of
 * a batch is for the next: short packets share.
 */
struct ctr_x86 {
	struct aes_x86 aes;
	uint64_t high, low;            /* the counter of the next batch */
	uint8_t stream[CTR_X86_BATCH]; /* of the last one; the end is not used yet */
	size_t left;                   /* bytes */
};

/* The state of a direction. */
struct ctr_state {
	const struct ctr_impl *impl;
	union {
		struct ctr_nettle nettle;
		struct ctr_x86 x86;
	};
};

struct ctr_impl {
	const char *name;
	bool (*usable)(void); /* by this processor */
	/* `key_size` is 16, 24 or 32. */
	void (*set_key)(struct ctr_state *c, const uint8_t *key, size_t key_size,
	                const uint8_t *counter);
	/* `n` bytes, whole blocks, in place. */
	void (*crypt)(struct ctr_state *c, size_t n, uint8_t *bytes);
};

extern const struct ctr_impl ctr_vaes;   /* 16 blocks at a time, 4 in a register */
extern const struct ctr_impl ctr_aesni;  /* 8 blocks at a time */
extern const struct ctr_impl ctr_nettle; /* Nettle's */

/* Those that were compiled, best first, NULL at the end. The last is usable everywhere. */
extern const struct ctr_impl *const ctr_impls[];

#endif
