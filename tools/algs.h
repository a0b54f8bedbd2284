/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_ALGS_H
#define NACRE_TOOLS_ALGS_H

#include <stdbool.h>

#include "libkex/choose.h"

/**
 * Apply "Ciphers", "MACs", "KexAlgorithms", "HostKeyAlgorithms" or "PubkeyAcceptedAlgorithms" to a
 * configuration; see kex_choose.
 *
 *   chosen   holds the arrays that `c` will point to
 *   bad      set to the name that is not known, on -1; a buffer of ALGS_NAME bytes
 *
 * Returns 1 if it was done, 0 if `key` is none of these, -1 if a name is unknown or nothing is left.
 */
int algs_apply(struct kex_chosen *chosen, struct kex_config *c, const char *key, const char *value,
               char *bad);
#define ALGS_NAME 80

/**
 * Print the names of a kind, one a line, as `ssh -Q` does: "cipher", "mac", "kex", "key-sig".
 * Returns false if there is no such kind.
 */
bool algs_print(const char *kind);

#endif
