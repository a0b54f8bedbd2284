/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PPK_H
#define NACRE_LIBAUTH_PPK_H

#include "libauth/keyform.h"

/** Lines of base64 that either half may have: RSA keys of 16384 bits need a third of it. */
#define AUTH_PPK_LINES_MAX      512
/** Argon2's memory, in KiB, and passes that we write: PuTTY's, about 0.1 s. */
#define AUTH_PPK_MEMORY_DEFAULT 8192
#define AUTH_PPK_PASSES_DEFAULT 13

/**
 * PuTTY's private key files, versions 2 and 3.
 *
 * Both are read, encrypted with AES-256 or not. Version 3 makes its keys by Argon2, for which a
 * library must have been there when this one was built (auth_argon2_is_there): without it an encrypted
 * file of version 3 is SSH_ERR_UNSUPPORTED, and version 2 is what is written with a passphrase.
 * Version 2 makes its keys by SHA-1 in one pass, so guessing passphrases is cheap. Otherwise written is
 * version 3; rounds are Argon2's passes.
 *
 * The whole file but its version and line ends is under a MAC, which fails with a wrong passphrase as
 * it does after damage. What is told is SSH_ERR_PASSPHRASE if the private half comes out as noise, and
 * SSH_ERR_FILE_DAMAGED if it does not.
 *
 * PuTTY manual, appendix C.
 */
extern const struct auth_keyform auth_keyform_ppk;

/** The same, but written is version 2, for PuTTY before 0.75. In auth_keyforms only the first is. */
extern const struct auth_keyform auth_keyform_ppk2;

#endif
