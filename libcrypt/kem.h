/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KEM_H
#define NACRE_LIBCRYPT_KEM_H

#include "libcrypt/rng.h"

/** Bytes: the largest public key, secret key, ciphertext and shared secret of any KEM here. */
#define CRYPT_KEM_PUBLIC_MAX     1568
#define CRYPT_KEM_SECRET_MAX     3168
#define CRYPT_KEM_CIPHERTEXT_MAX 1568
#define CRYPT_KEM_SHARED_MAX     32

/**
 * A key encapsulation mechanism: whoever has the public key makes a shared secret and a ciphertext
 * of it, and whoever has the secret key gets the one from the other.
 *
 * Keys, ciphertexts and shared secrets are arrays of exactly the sizes named here, in the encoding
 * of the mechanism's standard; they must not overlap. No function allocates.
 *
 * The functions run in a time that does not depend on secrets. What is drawn from `rng` is
 * written beside each KEM below, so that a source of one's own (crypt_kem_coins) makes keygen and
 * encaps repeatable.
 *
 * Secrets: secret keys and shared secrets; nothing else of them is left behind.
 */
struct crypt_kem {
	const char *name;
	size_t public_size;     /* bytes */
	size_t secret_size;     /* bytes */
	size_t ciphertext_size; /* bytes */
	size_t shared_size;     /* bytes */
	/* Make a pair of keys. Returns 0 or SSH_ERR_RANDOM; the arrays are then not to be used. */
	enum ssh_err (*keygen)(const struct crypt_kem *kem, const struct crypt_rng *rng,
	                       uint8_t *public_key, uint8_t *secret_key);
	/*
	 * Make a shared secret and a ciphertext. Returns 0, SSH_ERR_KEY if the standard has the public
	 * key checked and it is not valid, or SSH_ERR_RANDOM; the arrays are then not to be used.
	 */
	enum ssh_err (*encaps)(const struct crypt_kem *kem, const struct crypt_rng *rng,
	                       const uint8_t *public_key, uint8_t *ciphertext, uint8_t *shared);
	/*
	 * Get the shared secret. A ciphertext that was not made with the public key is no error: it
	 * gives a secret that nobody else knows (implicit rejection). Returns 0, or SSH_ERR_KEY if
	 * the standard has the secret key checked and it is damaged; `shared` is then not written.
	 */
	enum ssh_err (*decaps)(const struct crypt_kem *kem, const uint8_t *secret_key,
	                       const uint8_t *ciphertext, uint8_t *shared);
	const void *set; /* parameters, known to the functions alone */
};

/**
 * ML-KEM of FIPS 203, its two larger parameter sets.
 *
 * keygen draws 64 bytes at one go, `d` and `z`; encaps draws 32, `m`. The secret key is the
 * standard's decapsulation key. encaps checks the modulus of the public key (section 7.2), decaps
 * the hash in the secret key (section 7.3).
 */
extern const struct crypt_kem crypt_mlkem768;
extern const struct crypt_kem crypt_mlkem1024;

/**
 * Streamlined NTRU Prime with p = 761, q = 4591, w = 286, as in round 3 of NIST's competition.
 *
 * keygen draws 3044 bytes for g, again for each g that is not invertible, 3044 for f and 191 for
 * rho; encaps draws 3044 for r. Coefficients that are out of range are reduced, as the
 * specification has it, so that any public key of the right length will do.
 */
extern const struct crypt_kem crypt_sntrup761;

/** Every KEM, NULL at the end. In a file of its own: who names one KEM links one. */
extern const struct crypt_kem *const crypt_kems[];

/** Given bytes in place of randomness: what keygen and encaps are to draw, in order. */
struct crypt_kem_coins {
	ssh_bytes left; /* borrowed; what was drawn is skipped */
};

/**
 * The source that gives out `coins` and then fails with SSH_ERR_RANDOM, for known answers and
 * repeatable sessions. `coins` must outlive it.
 *
 * Secrets: the coins are as secret as the keys made of them.
 */
struct crypt_rng crypt_kem_coins_rng(struct crypt_kem_coins *coins);

#endif
