/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_KEY_KIT_H
#define NACRE_TESTS_KEY_KIT_H

#include "libcrypt/key.h"
#include "tests/support/vectors.h"

/* Small helpers of the key tests; bufs and keys are the caller's to wipe. */

/** The bytes of a hexadecimal string, in a fresh buf. */
struct wire_buf kit_hex(const char *hex);
/** A source of randomness seeded with `seed`. */
struct crypt_rng kit_rng(struct crypt_drbg *d, const char *seed);
/** A source that fails for good after `*left` fills. */
struct crypt_rng kit_failing_rng(size_t *left);
/** The public blob, and name and private fields, of a key. */
struct wire_buf kit_public(const struct crypt_key *k);
struct wire_buf kit_private(const struct crypt_key *k);
/** Parse name and private fields, and nothing behind them. */
enum ssh_err kit_parse_private(struct crypt_key *k, ssh_bytes blob);
/** A fresh key from a fixed seed; RSA's is small, a security key is one of token.h. */
struct crypt_key kit_generate(const struct crypt_keyalg *alg);
/** The public key of a hexadecimal blob; fails the test if it does not parse. */
struct crypt_key kit_key(const char *hex);
/** The private key `file` of openssh-keys.txt. */
struct crypt_key kit_openssh_key(const char *file);
/** A signature blob of that name around `inner`. */
struct wire_buf kit_signature(const struct crypt_sigalg *alg, ssh_bytes inner);
/** A signature; that of a security key is the token's. */
struct wire_buf kit_sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data);
/** Nothing of a key left? */
bool kit_is_empty(const struct crypt_key *k);
/** Check that a public blob, or a private one, is refused with `want`; wipes the blob. */
void kit_refuse_public(struct wire_buf *blob, enum ssh_err want, const char *row);
void kit_refuse_private(struct wire_buf *blob, enum ssh_err want, const char *row);

#endif
