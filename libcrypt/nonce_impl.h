/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_NONCE_IMPL_H
#define NACRE_LIBCRYPT_NONCE_IMPL_H

#include <gmp.h>

#include "libcrypt/hash.h"

/* Bytes of the largest group order, P-521's. */
#define CRYPT_NONCE_MAX 66

/*
 * The nonces of DSA and ECDSA, drawn from the key and the digest of what is signed: RFC 6979. One
 * message has one signature, and no source of randomness can spoil it.
 */
struct crypt_nonce {
	const struct crypt_hash *hash;
	uint8_t order[CRYPT_NONCE_MAX];
	size_t size;                                        /* of the order, bytes */
	size_t bits;                                        /* of the order */
	uint8_t key[CRYPT_HASH_MAX], value[CRYPT_HASH_MAX]; /* K and V of the RFC */
	bool used;                                          /* has given a nonce */
};

/* Start with the secret and a digest of hash->size bytes; `order` is at most 521 bits. */
void crypt_nonce_init(struct crypt_nonce *n, const struct crypt_hash *hash, const mpz_t order,
                      const mpz_t secret, const uint8_t *digest);
/* The next nonce, 1 to order - 1: n->size bytes, big-endian. */
void crypt_nonce_next(struct crypt_nonce *n, uint8_t *out);
/* For Nettle, in place of randomness: a nonce right-aligned in `len` bytes. ctx is a crypt_nonce. */
void crypt_nonce_random(void *ctx, size_t len, uint8_t *out);
/* Zeroise. */
void crypt_nonce_wipe(struct crypt_nonce *n);

#endif
