/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_ALGS_H
#define NACRE_TOOLS_ALGS_H

#include <stdbool.h>

#include "libkex/transport.h"

/** The longest choice of algorithms, the NULL at its end included. */
#define ALGS_MAX 64

/** Arrays that a choice on the command line is written to; they outlive the connection. */
struct algs {
	const struct crypt_cipher *ciphers[ALGS_MAX];
	const struct crypt_mac *macs[ALGS_MAX];
	const struct kex_agree *agrees[ALGS_MAX];
	const struct crypt_sigalg *host_sigs[ALGS_MAX];
	const struct crypt_sigalg *user_sigs[ALGS_MAX];
};

/**
 * Apply "Ciphers", "MACs", "KexAlgorithms", "HostKeyAlgorithms" or "PubkeyAcceptedAlgorithms" to a
 * configuration, with OpenSSH's spelling: "a,b" replaces the default list, "+a" appends to it,
 * "-a" removes, "^a" puts first.
 *
 *   a     holds the arrays that `c` will point to
 *   bad   set to the name that is not known, on false; a static-size buffer of ALGS_NAME bytes
 *
 * Returns 1 if it was done, 0 if `key` is none of these, -1 if a name is unknown or nothing is left.
 */
int algs_apply(struct algs *a, struct kex_config *c, const char *key, const char *value, char *bad);
#define ALGS_NAME 80

/**
 * Print the names of a kind, one a line, as `ssh -Q` does: "cipher", "mac", "kex", "key-sig".
 * Returns false if there is no such kind.
 */
bool algs_print(const char *kind);

#endif
