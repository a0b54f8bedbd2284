/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_FUZZ_KEYFORMS_H
#define NACRE_TESTS_FUZZ_KEYFORMS_H

#include "libauth/keyfile.h"
#include "tests/fuzz/fuzz.h"

/* What the four targets of private key files have in common. */

/** The passphrase of every encrypted seed. */
#define KEYFORMS_PASSPHRASE "nautilus"

/**
 * Read a file of the format, with a passphrase and without. A key that comes out is written and
 * read again.
 */
void keyforms_try(const struct auth_keyform *form, ssh_bytes file);

/** Seeds: every key type that the format has, as it is and encrypted. */
void keyforms_seeds(const struct auth_keyform *form);

#endif
