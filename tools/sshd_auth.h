/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_AUTH_H
#define NACRE_TOOLS_SSHD_AUTH_H

#include "tools/sshd_options.h"
#include "tools/sshd_peer.h"

/** What a line of authorized_keys allows. All-zero: everything. */
struct sshd_grant {
	bool no_pty;
	bool forced;
	char *command; /* the only command that runs, if forced; allocated */
};

/** Forget a grant; it is all-zero again. */
void sshd_grant_wipe(struct sshd_grant *g);

/**
 * May whoever holds this key log in?
 *
 *   blob    public key blob
 *   grant   set if so; wiped first
 *
 * A line whose options are not all known, or that is for other peers (from=), lets nobody in; the next
 * line with the same key may.
 */
bool sshd_auth_key(const struct sshd_options *o, const struct sshd_peer *peer, ssh_bytes blob,
                   struct sshd_grant *grant);

/**
 * Is this the user's password by the password file, whose lines are user:password?
 *
 * Secrets: the password and the file, which is wiped; they are compared in constant time.
 */
bool sshd_auth_password(const struct sshd_options *o, ssh_bytes user, ssh_bytes password);

/** Is this the user that the server serves? */
bool sshd_auth_user(ssh_bytes user);

#endif
