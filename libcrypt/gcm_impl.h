/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_GCM_IMPL_H
#define NACRE_LIBCRYPT_GCM_IMPL_H

#include "libcrypt/aes_x86_impl.h"
#include "libcrypt/nettle_impl.h"

#include <nettle/gcm.h>

/*
 * AES-GCM on one packet, written more than once: with Nettle, which runs everywhere, and faster where
 * compiler and processor allow. Which one a direction uses is decided when it is keyed, and kept in
 * its state.
 */

/* Blocks that are worked on side by side, and as many powers of the hash key. */
#define GCM_AT_ONCE 16

/* With Nettle. */
struct gcm_nettle {
	struct gcm_key hash_key;
	struct gcm_ctx packet; /* of the packet being worked on */
	nettle_cipher_func *block;
	union {
		struct aes128_ctx aes128;
		struct aes256_ctx aes256;
	} cipher;
};

/* With instructions for AES and for products of polynomials. */
struct gcm_x86 {
	struct aes_x86 aes;
	uint8_t power[GCM_AT_ONCE][AES_BLOCK_SIZE]; /* of the hash key; the highest first */
};

/* The state of a direction. */
struct gcm_state {
	const struct gcm_impl *impl;
	uint8_t iv[GCM_IV_SIZE];
	union {
		struct gcm_nettle nettle;
		struct gcm_x86 x86;
	};
};

/* One packet's worth, in place: `head` is authenticated, `body` is that and encrypted. */
struct gcm_work {
	ssh_bytes head; /* at most a block */
	uint8_t *body;
	size_t len;
	bool seal;
	uint8_t *tag; /* AES-GCM's tag, as computed, goes there */
};

struct gcm_impl {
	const char *name;
	bool (*usable)(void); /* by this processor */
	/* `key_size` is 16 or 32. */
	void (*set_key)(struct gcm_state *g, const uint8_t *key, size_t key_size);
	/* Under g->iv, which stays as it is. */
	void (*crypt)(struct gcm_state *g, const struct gcm_work *w);
};

extern const struct gcm_impl gcm_vaes;   /* 16 blocks at a time, 4 in a register */
extern const struct gcm_impl gcm_aesni;  /* 8 blocks at a time */
extern const struct gcm_impl gcm_nettle; /* Nettle's */

/* Those that were compiled, best first, NULL at the end. The last is usable everywhere. */
extern const struct gcm_impl *const gcm_impls[];

#endif
