/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PEM_H
#define NACRE_LIBAUTH_PEM_H

#include "libauth/keyform.h"

/**
 * The traditional PEM files: "BEGIN RSA PRIVATE KEY" (PKCS #1), "BEGIN EC PRIVATE KEY" (SEC 1) and
 * "BEGIN DSA PRIVATE KEY", as `ssh-keygen -m PEM` and old versions of OpenSSL write them.
 *
 * Encrypted ones have Proc-Type and DEK-Info headers, of AES in CBC mode or triple DES, and a key
 * made by MD5 in one pass: guessing passphrases is cheap. Written are AES-128 unless another is
 * named; rounds have no meaning, and there is no place for a comment.
 *
 * RFC 8017 appendix A.1.2, RFC 5915, RFC 1421 section 4.6; OpenSSL EVP_BytesToKey(3).
 */
extern const struct auth_keyform auth_keyform_pem;

#endif
