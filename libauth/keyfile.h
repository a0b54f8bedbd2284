/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KEYFILE_H
#define NACRE_LIBAUTH_KEYFILE_H

#include "libcrypt/key.h"

/**
 * Parse a private key file of the format openssh-key-v1.
 *
 *   k         empty; set on success, otherwise empty
 *   comment   appended to on success; NULL: not wanted
 *   algs      the key types to accept, NULL at the end
 *   text      the file; borrowed for the call
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is no such file, or of a version not known;
 * SSH_ERR_PASSPHRASE if it is encrypted; SSH_ERR_FILE_DAMAGED if it does not parse, its check
 * numbers, padding or public half do not agree, or it holds not exactly one key;
 * SSH_ERR_UNSUPPORTED if the key type is not in `algs`; SSH_ERR_KEY if its numbers are
 * inconsistent; SSH_ERR_NO_MEMORY.
 *
 * Secrets: the file; what is copied of it is wiped.   OpenSSH PROTOCOL.key.
 */
enum ssh_err auth_keyfile_parse(struct crypt_key *k, struct wire_buf *comment,
                                const struct crypt_keyalg *const *algs, ssh_bytes text);

/**
 * The public half of a private key file, which is readable even if the file is encrypted.
 *
 *   blob   the public key blob is appended on success
 *
 * Returns 0, SSH_ERR_FILE_FORMAT, SSH_ERR_FILE_DAMAGED, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   OpenSSH PROTOCOL.key.
 */
enum ssh_err auth_keyfile_public(struct wire_buf *blob, ssh_bytes text);

/**
 * Append a private key file, not encrypted.
 *
 *   k         with its private half
 *   comment   any text; shown by ssh-keygen -l
 *   rng       for the check number
 *
 * Returns 0; SSH_ERR_KEY without a private half; SSH_ERR_RANDOM; SSH_ERR_NO_MEMORY. On error
 * nothing is appended.
 *
 * Secrets: all of `out`.   OpenSSH PROTOCOL.key.
 */
enum ssh_err auth_keyfile_write(struct wire_buf *out, const struct crypt_key *k, ssh_bytes comment,
                                const struct crypt_rng *rng);

#endif
