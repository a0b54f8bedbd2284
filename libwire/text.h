/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_TEXT_H
#define NACRE_LIBWIRE_TEXT_H

#include "libwire/buf.h"

/*
 * Bytes and numbers as text for people and for logs, appended to a buf. Errors stick in it:
 * SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG. None knows a secret from anything else.
 */

/** Append a NUL-terminated string as it is. */
void wire_text_str(struct wire_buf *out, const char *s);
/** Append `v` in decimal. */
void wire_text_decimal(struct wire_buf *out, uint64_t v);
/** Append bytes in lower-case hexadecimal. */
void wire_text_hex(struct wire_buf *out, ssh_bytes v);
/**
 * Append bytes in double quotes: \" and \\, and \xNN for what is not printable US-ASCII, so that a
 * terminal shows what is there and obeys none of it. RFC 4251 section 9.2.
 */
void wire_text_quoted(struct wire_buf *out, ssh_bytes v);
/**
 * Append bytes as a JSON string, quotes included. Each character stands for one byte, U+0000 to
 * U+00FF; what is not printable US-ASCII is escaped. RFC 8259 section 7.
 */
void wire_text_json(struct wire_buf *out, ssh_bytes v);

#endif
