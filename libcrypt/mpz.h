/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_MPZ_H
#define NACRE_LIBCRYPT_MPZ_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/**
 * Modular exponentiation with a secret exponent: the one door to GMP for secrets.
 *
 *   out    mod.len bytes, big-endian, zero-padded: base^exp mod mod
 *   base   big-endian magnitude, at most mod.len bytes after leading zeros
 *   exp    big-endian, secret, not zero; its length is public, its bits are not
 *   mod    big-endian, odd, greater than 1
 *
 * Returns 0; SSH_ERR_ARGUMENT if an operand is not of that form; SSH_ERR_NO_MEMORY.
 *
 * Secrets: base, exp and out. Constant-time for given lengths; temporaries are wiped.
 */
enum ssh_err crypt_powm(uint8_t *out, ssh_bytes base, ssh_bytes exp, ssh_bytes mod);

#endif
