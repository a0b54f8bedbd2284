/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_KEYGEN_KIT_H
#define NACRE_TESTS_KEYGEN_KIT_H

#include "tests/support/peer.h"

/* nacre-keygen beside ssh-keygen, puttygen and openssl, in the folder of the test. */

#define OURS   "nacre-keygen"
#define THEIRS "ssh-keygen"

/** What a program that has ended said; lives until the test ends. */
struct said {
	int status;
	const char *out, *err;
};

/** Run a program of this input (NULL: none), and words that end with NULL. */
__attribute__((sentinel)) struct said say(const char *input, const char *program, ...);
/** Run it; it must succeed. What it printed. */
__attribute__((sentinel)) const char *must(const char *program, ...);
/** A copy of a file, of mode 0600. */
const char *copy_of(const char *path, const char *name);
/** A private key that nacre-keygen makes; types as peer_key has them. "": no passphrase. */
const char *our_key(const char *name, const char *type, const char *passphrase);
/** Type and blob of a public key line, without the comment, which not every format keeps. */
const char *blob_of(const char *line);
/** The types that ssh-keygen has too, NULL at the end. */
extern const char *const key_types[];

#endif
