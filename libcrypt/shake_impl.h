/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_SHAKE_IMPL_H
#define NACRE_LIBCRYPT_SHAKE_IMPL_H

#include "libwire/bytes.h"

#include <nettle/sha3.h>

/* Rates in bytes: what a permutation takes in or gives out. FIPS 202 section 6.2. */
#define CRYPT_SHAKE128_RATE 168
#define CRYPT_SHAKE256_RATE 136

/*
 * The extendable-output functions SHAKE128 and SHAKE256, on Nettle's Keccak permutation: any number
 * of absorb, then any number of squeeze. May hold secrets; the owner wipes the struct.
 */
struct crypt_shake {
	struct sha3_state state;
	size_t rate;
	size_t at; /* the next byte of the block */
	bool squeezing;
};

void crypt_shake_init(struct crypt_shake *s, size_t rate);
void crypt_shake_absorb(struct crypt_shake *s, ssh_bytes data);
void crypt_shake_squeeze(struct crypt_shake *s, uint8_t *out, size_t n);

#endif
