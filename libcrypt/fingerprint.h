/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_FINGERPRINT_H
#define NACRE_LIBCRYPT_FINGERPRINT_H

#include "libcrypt/key.h"

/* Fingerprints of keys: crypt_key_fingerprint (key.h) is the one of today; here are the others. */

/** Bytes of an MD5 digest. */
#define CRYPT_MD5_SIZE             16
/** Characters of "MD5:", 16 pairs of digits with colons, and a NUL. */
#define CRYPT_FINGERPRINT_MD5_SIZE 52
/** Eleven lines of 19 characters, their newlines but the last, and a NUL. */
#define CRYPT_RANDOMART_SIZE       220

/** MD5 of `data`: for fingerprints of old, and for nothing else. */
void crypt_insecure_md5_once(ssh_bytes data, uint8_t digest[CRYPT_MD5_SIZE]);

/** The fingerprint of a public blob as `ssh-keygen -l -E md5` shows it: "MD5:d4:1d:...". RFC 4716 section 4. */
void crypt_insecure_fingerprint_md5(ssh_bytes blob, char out[CRYPT_FINGERPRINT_MD5_SIZE]);

/**
 * Draw a picture of a digest, by which people know a key again: the one of `ssh-keygen -lv`.
 *
 * A walk over a board of 17 by 9 fields, two bits a step; fields are shown by how often they were
 * visited.
 *
 *   digest   of the public blob; of any length
 *   above    put into the upper edge, at most 17 characters: "[ED25519 256]"
 *   below    into the lower one: "[SHA256]"
 *   out      eleven lines, with newlines between them; NUL-terminated
 *
 * Secrets: none.
 */
void crypt_randomart(ssh_bytes digest, const char *above, const char *below,
                     char out[CRYPT_RANDOMART_SIZE]);

#endif
