/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_RFC4716_H
#define NACRE_LIBAUTH_RFC4716_H

#include "libwire/buf.h"

/** Bytes of a header's tag and of its value. RFC 4716 section 3.3. */
#define AUTH_RFC4716_TAG_MAX   64
#define AUTH_RFC4716_VALUE_MAX 1024

/**
 * Read an SSH2 public key file: "---- BEGIN SSH2 PUBLIC KEY ----".
 *
 *   blob      the public key blob is appended
 *   comment   that of the Comment header, without its quotes, is appended; NULL: not wanted
 *   text      the file; borrowed for the call
 *
 * Lines may be longer than the 72 bytes of the RFC, and end in LF, CR LF or CR. Headers other
 * than Comment are passed over.
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is no such file; SSH_ERR_FILE_DAMAGED if its end is missing,
 * a header is over its bounds, or the base64 is bad or empty; SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 * On error nothing is appended.
 *
 * Secrets: none.   RFC 4716 section 3.
 */
enum ssh_err auth_rfc4716_parse(struct wire_buf *blob, struct wire_buf *comment, ssh_bytes text);

/**
 * Append an SSH2 public key file, with lines of 70 bytes at most.
 *
 *   comment   printable text of one line, without double quotes; empty: no Comment header
 *
 * Returns 0; SSH_ERR_ARGUMENT if the comment is not of that form or over AUTH_RFC4716_VALUE_MAX - 2
 * bytes; SSH_ERR_NO_MEMORY. On error nothing is appended.
 *
 * Secrets: none.   RFC 4716 section 3.
 */
enum ssh_err auth_rfc4716_put(struct wire_buf *out, ssh_bytes blob, ssh_bytes comment);

#endif
