/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PPK_H
#define NACRE_LIBAUTH_PPK_H

#include "libauth/keyform.h"

/** Lines of base64 that either half may have: RSA keys of 16384 bits need a third of it. */
#define AUTH_PPK_LINES_MAX 512

/**
 * PuTTY's private key files, versions 2 and 3.
 *
 * Version 2 is read and written, with AES-256 or not encrypted; its key is made by SHA-1 in one
 * pass, so guessing passphrases is cheap. Version 3 is read and written not encrypted alone: its
 * key is made by Argon2, which Nettle does not have, so that an encrypted one is
 * SSH_ERR_UNSUPPORTED. Written is version 3 without a passphrase and version 2 with one.
 *
 * The whole file but its version and line ends is under a MAC. With a wrong passphrase it fails as
 * it does after damage: both are SSH_ERR_PASSPHRASE if the file is encrypted.
 *
 * PuTTY manual, appendix C.
 */
extern const struct auth_keyform auth_keyform_ppk;

#endif
