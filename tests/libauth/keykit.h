/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_KEYKIT_H
#define NACRE_TESTS_KEYKIT_H

#include "libauth/auth.h"

/* What the tests of all formats of private key files do with keys and files. */

/** Is NACRE_QUICK set, since everything is slow here? Then there are fewer repetitions. */
bool keykit_quick(void);

/** A source that is the same in every run. */
struct crypt_rng keykit_rng(struct crypt_drbg *d);

/** Can a key of this type be made here? Not if it lives in a token. */
bool keykit_can_make(const struct crypt_keyalg *alg);

/** A key of this type, the same in every run; RSA of 1024 bits. The caller wipes. */
void keykit_make(struct crypt_key *k, const struct crypt_keyalg *alg);

/** The public blob; the caller wipes. */
struct wire_buf keykit_public(const struct crypt_key *k);

/** auth_keyfile_save, which must succeed. The caller wipes. */
struct wire_buf keykit_save(const struct crypt_key *k, const struct auth_keyfile_options *o);

/** The key's fingerprint and type; it signs, unless in a token, and the signature verifies. */
void keykit_check(const struct crypt_key *k, const char *type, const char *fingerprint,
                  const char *what);

/**
 * The file holds this key and this comment (NULL: none is looked for). With a passphrase (NULL:
 * without) it does not open without it, nor with another.
 */
void keykit_holds(ssh_bytes text, const char *passphrase, const struct crypt_key *k,
                  const char *comment, const char *what);

/**
 * Every `step`-th byte changed, in three ways: the file never holds another key than before, unless
 * `weak`, and every result is one that the header names.
 */
void keykit_damage(ssh_bytes text, const char *passphrase, size_t step, bool weak,
                   const char *what);

/**
 * Bytes changed, cut out, put in and doubled at random, `times` times, in the text and, if there is a
 * `label`, in what its armour holds. Nothing may crash or leak.
 */
void keykit_mutate(ssh_bytes text, const char *label, const char *passphrase, size_t times);

/** A copy of `in` with something wrong; the caller wipes. */
struct wire_buf keykit_mutant(const struct crypt_rng *rng, ssh_bytes in);

/** Parse and save with the n-th allocation failing, for every n; nothing leaks or stays unwiped. */
void keykit_no_memory(ssh_bytes text, const char *passphrase, const struct auth_keyfile_options *o);

#endif
