/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_BCRYPT_H
#define NACRE_LIBAUTH_BCRYPT_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** The most bytes that may be derived: the salt's counter of 32 blocks is more than any key needs. */
#define AUTH_BCRYPT_OUT_MAX  1024
/** Bytes of salt: OpenSSH's have 16. */
#define AUTH_BCRYPT_SALT_MAX 256

/**
 * Derive a key from a passphrase, as OpenBSD's bcrypt_pbkdf does.
 *
 *   out     `n` bytes, 1 to AUTH_BCRYPT_OUT_MAX
 *   salt    1 to AUTH_BCRYPT_SALT_MAX bytes
 *   rounds  1 or more; each costs about 4 ms for every 32 bytes: bound what comes from a file
 *
 * Returns 0, or SSH_ERR_ARGUMENT if a number is out of range or the passphrase empty.
 *
 * Secrets: passphrase and out. The S-boxes are looked up by secrets, as Blowfish wants it.
 * OpenBSD bcrypt_pbkdf(3), and Provos and Mazieres, "A Future-Adaptable Password Scheme", 1999.
 */
enum ssh_err auth_bcrypt_pbkdf(uint8_t *out, size_t n, ssh_bytes passphrase, ssh_bytes salt,
                               uint32_t rounds);

#endif
