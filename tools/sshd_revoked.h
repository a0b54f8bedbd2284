/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_REVOKED_H
#define NACRE_TOOLS_SSHD_REVOKED_H

#include "tools/sshd_options.h"

/**
 * Is a key, or a certificate, in the file of RevokedKeys? If the file cannot be read or understood
 * every key is, as with sshd. Says so in the log.
 */
bool sshd_revoked(const struct sshd_options *o, ssh_bytes blob);

#endif
