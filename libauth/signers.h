/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SIGNERS_H
#define NACRE_LIBAUTH_SIGNERS_H

#include "libauth/pubfile.h"
#include "libcrypt/cert.h"

/*
 * The allowed_signers file: who may sign, with which key, for what and when.
 *
 *     alice@example.com,*@example.org namespaces="git,file" ssh-ed25519 AAAA...
 *     *@example.net cert-authority,valid-before="20300101Z" ssh-ed25519 AAAA...
 */

/** A point of time as the file has it. A local one names a reading of the clock on the wall. */
struct auth_signer_time {
	uint64_t seconds; /* since 1970, of UTC or of that clock; 0: no bound */
	bool local;
};

/** A line: views into it. */
struct auth_signer {
	ssh_bytes principals; /* patterns with commas */
	struct auth_publine key;
	bool authority; /* cert-authority: the key signs certificates, not files */
	bool has_spaces;
	ssh_bytes spaces; /* namespaces: patterns with commas; any, if there is no such option */
	struct auth_signer_time after, before;
};

/** Whose signature of what is looked for, and when it was made. */
struct auth_signer_query {
	ssh_bytes key;       /* public blob, perhaps a certificate's; empty: whatever the key */
	ssh_bytes principal; /* who is said to have signed; empty: anybody */
	ssh_bytes space;     /* the namespace; empty: whatever it is for */
	uint64_t now;        /* seconds since 1970 */
	int32_t zone;        /* seconds that the local clock is ahead of UTC, at that time */
};

/**
 * Split one line.
 *
 * Returns 0; SSH_ERR_NOT_FOUND for a blank line or a comment; SSH_ERR_FILE_FORMAT otherwise: for an
 * option that is not known, is there twice, or whose value is none, too.
 *
 * Secrets: none.   OpenSSH ssh-keygen(1), ALLOWED SIGNERS.
 */
enum ssh_err auth_signer_parse(struct auth_signer *s, ssh_bytes line);

/**
 * A point of time: YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, of the local clock, or of UTC with a Z.
 * False if it is none, or before 1970.
 */
bool auth_signer_time_parse(struct auth_signer_time *t, ssh_bytes text);

/**
 * Find the next line that allows what is asked.
 *
 *   text   what is left of the file; on success the lines up to the one found are taken off
 *   s      set to the line found
 *   why    a sentence about the last line that has the key and does not allow it; "" if none has
 *
 * A line for the key itself allows it by name, namespace and time. A cert-authority line allows a
 * certificate of that key which crypt_cert_check finds good for a user: the principal must match the
 * line and be in the certificate; without one in the question, some name of the certificate must
 * match the line. A critical option of a certificate other than force-command and verify-required
 * refuses it. Lines that do not parse allow nothing.
 *
 * Returns 0, SSH_ERR_NOT_FOUND, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   OpenSSH ssh-keygen(1), ALLOWED SIGNERS.
 */
enum ssh_err auth_signers_find(ssh_bytes *text, const struct auth_signer_query *q,
                               struct auth_signer *s, const char **why);

#endif
