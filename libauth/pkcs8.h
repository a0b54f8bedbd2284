/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PKCS8_H
#define NACRE_LIBAUTH_PKCS8_H

#include "libauth/keyform.h"

/** Iterations of PBKDF2 that a file may ask for: some 5 s; OpenSSL's default is 2048. */
#define AUTH_PKCS8_ITERATIONS_MAX     10000000
/** And what we ask for unless told otherwise: OWASP's advice for HMAC-SHA-256 of 2023, about 0.3 s. */
#define AUTH_PKCS8_ITERATIONS_DEFAULT 600000
/** Bytes of salt that a file may have; 8 and 16 are usual. */
#define AUTH_PKCS8_SALT_MAX           1024

/**
 * PKCS #8 files, "BEGIN PRIVATE KEY" and "BEGIN ENCRYPTED PRIVATE KEY", as OpenSSL and `ssh-keygen
 * -m PKCS8` write them: RSA, ECDSA and DSA keys, Ed25519 and Ed448.
 *
 * Encrypted ones are of PBES2: AES in CBC mode or triple DES, with PBKDF2 of HMAC with SHA-1 or
 * SHA-2, or with scrypt. Written are AES-256 unless another is named, and PBKDF2 with
 * HMAC-SHA-256; there is no place for a comment.
 *
 * RFC 5958, RFC 8018, RFC 7914 section 7, RFC 8410, RFC 5915, RFC 3279 section 2.3.
 */
extern const struct auth_keyform auth_keyform_pkcs8;

#endif
