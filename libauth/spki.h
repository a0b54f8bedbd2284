/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SPKI_H
#define NACRE_LIBAUTH_SPKI_H

#include "libwire/buf.h"

/**
 * Read a public key file of OpenSSL's: "BEGIN PUBLIC KEY", the SubjectPublicKeyInfo of X.509, of an
 * RSA, ECDSA, Ed25519, Ed448 or DSA key; or "BEGIN RSA PUBLIC KEY" of PKCS #1.
 *
 *   blob   the public key blob is appended
 *   text   the file; borrowed for the call
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is no such file; SSH_ERR_FILE_DAMAGED; SSH_ERR_UNSUPPORTED for
 * another algorithm or curve, and for curves by their numbers; SSH_ERR_KEY if a compressed point is
 * none of the curve; SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG. On error nothing is appended. The numbers are as the file
 * says: crypt_key_parse_public checks them.
 *
 * Secrets: none.   RFC 5280 section 4.1.2.7, RFC 3279 section 2.3, RFC 5480, RFC 8410, RFC 8017
 * appendix A.1.1.
 */
enum ssh_err auth_spki_parse(struct wire_buf *blob, ssh_bytes text);

/**
 * Append a file "BEGIN PUBLIC KEY".
 *
 *   blob   a public key, no certificate; borrowed for the call
 *
 * Returns 0; SSH_ERR_UNSUPPORTED for another type than those of auth_spki_parse;
 * SSH_ERR_FILE_DAMAGED if the blob does not parse; SSH_ERR_NO_MEMORY. On error nothing is appended.
 *
 * Secrets: none.
 */
enum ssh_err auth_spki_put(struct wire_buf *out, ssh_bytes blob);

/** Append a file "BEGIN RSA PUBLIC KEY": of an RSA key alone, otherwise as auth_spki_put. */
enum ssh_err auth_spki_put_rsa(struct wire_buf *out, ssh_bytes blob);

#endif
