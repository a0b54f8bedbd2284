/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PUBFILE_H
#define NACRE_LIBAUTH_PUBFILE_H

#include "libauth/text.h"
#include "libwire/buf.h"

/** A line of a .pub or authorized_keys file: views into it. */
struct auth_publine {
	ssh_bytes options; /* as written, quotes and all; empty in a .pub file */
	ssh_bytes type;    /* "ssh-ed25519" */
	ssh_bytes base64;  /* the blob */
	ssh_bytes comment; /* blanks inside kept; may be empty */
};

/**
 * Split one line.
 *
 * A line begins with the key type, or with options: no blanks outside double quotes, where \" is
 * a quote.
 *
 * Returns 0; SSH_ERR_NOT_FOUND for a blank line or a comment; SSH_ERR_FILE_FORMAT otherwise.
 *
 * Secrets: none.   OpenSSH sshd(8), AUTHORIZED_KEYS FILE FORMAT.
 */
enum ssh_err auth_publine_parse(struct auth_publine *l, ssh_bytes line);

/**
 * Append the line's public key blob.
 *
 * Returns 0; SSH_ERR_FILE_DAMAGED if the base64 is bad or the blob is of another type than the
 * line says; SSH_ERR_NO_MEMORY. On error nothing is appended.
 */
enum ssh_err auth_publine_blob(const struct auth_publine *l, struct wire_buf *blob);

/** Append "type base64 comment" and LF. The type is the blob's own. Errors stick in `out`. */
void auth_publine_put(struct wire_buf *out, ssh_bytes blob, ssh_bytes comment);

/**
 * Find a key in the text of an authorized_keys file.
 *
 *   l        set to the line that holds the key
 *   number   set to the line's number, counted from 1; NULL: not wanted
 *
 * Lines that do not parse are passed over, as are those that begin with a cert-authority option:
 * such a key signs certificates and lets nobody in by itself.
 *
 * Returns 0, SSH_ERR_NOT_FOUND, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.
 */
enum ssh_err auth_authorized_find(ssh_bytes text, ssh_bytes blob, struct auth_publine *l,
                                  size_t *number);

/**
 * Is the option `name` (e.g. "cert-authority") among `options`? Case does not matter.
 *
 *   value   set to what stands between the quotes, \" unresolved; empty without; NULL: not wanted
 */
bool auth_option_find(ssh_bytes options, const char *name, ssh_bytes *value);

/** Take one option off the front of `options`: up to a comma that is not inside quotes. */
ssh_bytes auth_option_next(ssh_bytes *options);

#endif
