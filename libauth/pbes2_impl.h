/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PBES2_IMPL_H
#define NACRE_LIBAUTH_PBES2_IMPL_H

#include "libauth/der.h"
#include "libauth/keyform.h"

/**
 * Decrypt an EncryptedPrivateKeyInfo.
 *
 *   plain   the DER inside, without its padding; wiped by the caller
 *
 * Returns 0; SSH_ERR_PASSPHRASE; SSH_ERR_FILE_DAMAGED; SSH_ERR_UNSUPPORTED; SSH_ERR_NO_MEMORY.
 *
 * Secrets: passphrase and plain.   RFC 8018 section 6.2.
 */
enum ssh_err auth_pbes2_open(struct wire_buf *plain, ssh_bytes der, ssh_bytes passphrase);

/**
 * Append an EncryptedPrivateKeyInfo.
 *
 * Returns 0; SSH_ERR_UNSUPPORTED for another cipher than those of PBES2; SSH_ERR_ARGUMENT for too
 * many iterations; SSH_ERR_RANDOM; SSH_ERR_NO_MEMORY.
 */
enum ssh_err auth_pbes2_put(struct wire_buf *out, ssh_bytes plain,
                            const struct auth_keyfile_options *o, const struct crypt_rng *rng);

#endif
