/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_GRANT_H
#define NACRE_TOOLS_SSHD_GRANT_H

#include <stdbool.h>

#include "libwire/bytes.h"
#include "tools/sshd_peer.h"

/** What a key, or the line of authorized_keys that has it, allows. All-zero: everything. */
struct sshd_grant {
	bool no_pty;
	bool forced;
	char *command; /* the only command that runs, if forced; allocated */
	bool no_touch; /* a security key's user need not be there */
	bool verify;   /* and must have been verified */
};

/** Forget a grant; it is all-zero again. */
void sshd_grant_wipe(struct sshd_grant *g);

/**
 * Apply the options of a line.
 *
 *   grant       all-zero before; to be wiped whatever is returned
 *   authority   the line is of a certificate authority: what only those have is passed over
 *
 * Returns NULL if all of them were understood and do not forbid the log-in; otherwise why not.
 */
const char *sshd_grant_judge(struct sshd_grant *grant, ssh_bytes options, bool authority,
                             const struct sshd_peer *peer);

/** Force a command. Returns NULL, or why not: another one is forced already. */
const char *sshd_grant_command(struct sshd_grant *grant, ssh_bytes command);

/** Let `to` allow no more than `from` does. False if it cannot: both force a command. */
bool sshd_grant_merge(struct sshd_grant *to, const struct sshd_grant *from);

#endif
