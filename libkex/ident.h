/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_IDENT_H
#define NACRE_LIBKEX_IDENT_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** RFC 4253 section 4.2: an identification line is no longer than 255 bytes, CR LF included. */
#define KEX_IDENT_MAX       255
/** Lines that a server may send before its identification; the RFC sets no bound. */
#define KEX_IDENT_LINES_MAX 1024
/** Bytes of such a line, CR LF included; the RFC sets no bound. */
#define KEX_IDENT_LINE_MAX  8192

/** An identification line taken apart. Views into the line. */
struct kex_ident {
	ssh_bytes line;     /* without CR LF: what the exchange hash covers */
	ssh_bytes version;  /* "2.0" */
	ssh_bytes software; /* "OpenSSH_9.2p1" */
	ssh_bytes comment;  /* after the first space; may be empty */
};

/**
 * Take an identification line apart.
 *
 *   line   without its CR LF; borrowed, and out's views point into it
 *
 * Returns 0; SSH_ERR_IDENT if it does not begin with "SSH-", has no version, no software, or holds NUL or CR;
 * SSH_ERR_VERSION if the version is neither 2.0 nor 1.99.
 *
 * Secrets: none.   RFC 4253 sections 4.2 and 5.1.
 */
enum ssh_err kex_ident_parse(ssh_bytes line, struct kex_ident *out);

/** What kex_ident_scan found. */
struct kex_ident_scan {
	bool found;     /* line is the peer's identification */
	ssh_bytes line; /* without its line end */
	size_t used;    /* bytes to drop: line ends, and the lines before it */
};

/**
 * Look for the peer's identification at the front of a stream.
 *
 *   in       what has come so far
 *   server   true if we are the server: then no other line may come before it
 *   lines    how many other lines were skipped so far; counted up
 *   out      used bytes may be dropped by the caller after it has copied the line
 *
 * Returns 0, also if more bytes are needed (found is false); SSH_ERR_IDENT if a line is too long, there
 * are too many, or a client's first line is no identification.
 *
 * Secrets: none.   RFC 4253 section 4.2.
 */
enum ssh_err kex_ident_scan(ssh_bytes in, bool server, size_t *lines, struct kex_ident_scan *out);

#endif
