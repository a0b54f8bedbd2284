/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_BASE64_H
#define NACRE_LIBAUTH_BASE64_H

#include "libwire/buf.h"

/** Append `data` in base64, with padding, without line ends. Errors stick in `out`. RFC 4648 section 4. */
void auth_base64_put(struct wire_buf *out, ssh_bytes data);

/**
 * Decode base64 and append the bytes. White space in between is skipped; padding must be right.
 *
 *   out   on error what it held before, and its error if it is one of memory
 *
 * Returns 0, SSH_ERR_FILE_DAMAGED, SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: may be; Nettle decodes by table look-up.   RFC 4648 section 4.
 */
enum ssh_err auth_base64_get(struct wire_buf *out, ssh_bytes text);

/**
 * Find "-----BEGIN label-----" ... "-----END label-----" and decode what is in between.
 *
 *   label   e.g. "OPENSSH PRIVATE KEY"
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if the first line that is not blank is not that one;
 * SSH_ERR_FILE_DAMAGED; SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: may be; the caller wipes `out`.   RFC 7468 section 2.
 */
enum ssh_err auth_armor_get(struct wire_buf *out, const char *label, ssh_bytes text);

/**
 * Find what auth_armor_get decodes, without decoding it: header lines may stand before the base64.
 *
 *   body   set to a view of the lines between the fences
 *
 * Returns 0, SSH_ERR_FILE_FORMAT, SSH_ERR_FILE_DAMAGED, as auth_armor_get.
 */
enum ssh_err auth_armor_body(ssh_bytes *body, const char *label, ssh_bytes text);

/** Append `data` in armour, with lines of 70 characters as OpenSSH's. Errors stick in `out`. */
void auth_armor_put(struct wire_buf *out, const char *label, ssh_bytes data);

/** Append header lines, or none, and `data` in armour, with lines of 64 characters. RFC 7468, RFC 1421. */
void auth_armor_put_pem(struct wire_buf *out, const char *label, ssh_bytes headers, ssh_bytes data);

/** Append base64 in lines of `width` characters. Errors stick in `out`. */
void auth_base64_put_lines(struct wire_buf *out, ssh_bytes data, size_t width);

#endif
