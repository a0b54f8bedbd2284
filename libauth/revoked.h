/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_REVOKED_H
#define NACRE_LIBAUTH_REVOKED_H

#include "libcrypt/krl.h"

/**
 * Is a key in a file of revoked ones? The file is what sshd_config(5) has as RevokedKeys: a key
 * revocation list (libcrypt/krl.h), or public key lines.
 *
 *   text   the file
 *   blob   public blob: of a key, or of a certificate, which is revoked if its key is, or the key of
 *          the authority that issued it
 *
 * Returns 0 if it is not; SSH_ERR_REVOKED if it is; otherwise that cannot be told, and the key must
 * not be accepted: SSH_ERR_FILE_FORMAT for a line that is none, SSH_ERR_FILE_DAMAGED,
 * SSH_ERR_UNSUPPORTED, what crypt_cert_parse says of the certificate, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   OpenSSH PROTOCOL.krl; sshd_config(5), RevokedKeys.
 */
enum ssh_err auth_revoked_check(ssh_bytes text, ssh_bytes blob);

#endif
