/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_HASH_H
#define NACRE_LIBCRYPT_HASH_H

#include "libwire/bytes.h"

/** The largest digest, block (both SHA-512's) and running state, in bytes. */
#define CRYPT_HASH_MAX        64
#define CRYPT_HASH_BLOCK_MAX  128
#define CRYPT_HASH_STATE_SIZE 256

/** A hash function: facts, then functions on the state. */
struct crypt_hash {
	const char *name; /* "sha256" */
	size_t size;      /* of the digest, bytes */
	size_t block;     /* of the compression function, bytes */
	void (*init)(void *state);
	void (*update)(void *state, ssh_bytes data);
	void (*final)(void *state, uint8_t *digest); /* `size` bytes; the state starts anew */
};

extern const struct crypt_hash crypt_sha1;   /* RFC 6234; for hmac-sha1 and old peers */
extern const struct crypt_hash crypt_sha256; /* RFC 6234 */
extern const struct crypt_hash crypt_sha384;
extern const struct crypt_hash crypt_sha512;
extern const struct crypt_hash crypt_insecure_md5; /* RFC 1321; to name things */

/** A running hash. All-zero is valid to wipe. */
struct crypt_hash_ctx {
	const struct crypt_hash *alg;
	/* private */
	uint64_t state[CRYPT_HASH_STATE_SIZE / 8];
};

/** Start `h` with algorithm `alg`. */
void crypt_hash_init(struct crypt_hash_ctx *h, const struct crypt_hash *alg);
/** Hash more bytes. */
void crypt_hash_update(struct crypt_hash_ctx *h, ssh_bytes data);
/** Write the digest (alg->size bytes) and wipe the state. */
void crypt_hash_final(struct crypt_hash_ctx *h, uint8_t *digest);
/** Zeroise. */
void crypt_hash_wipe(struct crypt_hash_ctx *h);
/** Hash `data` at one go. */
void crypt_hash_once(const struct crypt_hash *alg, ssh_bytes data, uint8_t *digest);

/**
 * HMAC of `data` at one go, for what is not a packet: hashed host names, for one.
 *
 *   alg   its block is at most CRYPT_HASH_BLOCK_MAX bytes
 *   key   of any length; longer than a block it is hashed first
 *   out   alg->size bytes
 *
 * Secrets: key and out.   RFC 2104.
 */
void crypt_hmac_once(const struct crypt_hash *alg, ssh_bytes key, ssh_bytes data, uint8_t *out);

#endif
