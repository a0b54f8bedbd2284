/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_KEM_KIT_H
#define NACRE_TESTS_KEM_KIT_H

#include "libcrypt/kem.h"
#include "tests/support/rows.h"

/** A pair of keys; `kem` is set first. */
struct keys {
	const struct crypt_kem *kem;
	uint8_t public_key[CRYPT_KEM_PUBLIC_MAX];
	uint8_t secret_key[CRYPT_KEM_SECRET_MAX];
};

/** What encaps makes. */
struct sealed {
	uint8_t ciphertext[CRYPT_KEM_CIPHERTEXT_MAX];
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
};

/** The KEM of this name; fails the test if there is none. */
const struct crypt_kem *kem_named(const char *name);

/** Make the keys from exactly these bytes of randomness; fails the test if it cannot be done. */
void keys_of_coins(struct keys *k, ssh_bytes coins);

/** Are these bytes the ones written in hexadecimal? */
bool bytes_are(const uint8_t *bytes, size_t n, const char *hex);

/** Is the SHA-256 of these bytes the one written in hexadecimal? */
bool digest_is(const uint8_t *bytes, size_t n, const char *hex);

#endif
