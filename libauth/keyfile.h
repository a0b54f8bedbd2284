/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KEYFILE_H
#define NACRE_LIBAUTH_KEYFILE_H

#include "libauth/keyform.h"

/** Rounds of bcrypt that a file may ask for: 2048 take some 15 s, and `ssh-keygen -a` rarely gets 500. */
#define AUTH_KEYFILE_ROUNDS_MAX     2048
/** And what we ask for unless told otherwise: ssh-keygen's default, about 0.1 s. */
#define AUTH_KEYFILE_ROUNDS_DEFAULT 16

/**
 * Parse a private key file that is not encrypted; auth_keyfile_open without a passphrase.
 *
 *   k         empty; set on success, otherwise empty
 *   comment   appended to on success; NULL: not wanted
 *   algs      the key types to accept, NULL at the end
 *   text      the file; borrowed for the call
 *
 * Returns what auth_keyfile_open does; SSH_ERR_PASSPHRASE if the file is encrypted.
 *
 * Secrets: the file; what is copied of it is wiped.
 */
enum ssh_err auth_keyfile_parse(struct crypt_key *k, struct wire_buf *comment,
                                const struct crypt_keyalg *const *algs, ssh_bytes text);

/**
 * Parse a private key file of any format in auth_keyforms, which is known by its first line.
 *
 *   k, comment, algs, text   as auth_keyfile_parse
 *   passphrase               empty: none; not looked at if the file is not encrypted
 *
 * A wrong passphrase is told from damage as well as the format can: after a wrong one, noise comes
 * out. openssh-key-v1 has check numbers; PEM and PKCS #8 have padding and an outermost SEQUENCE, PPK
 * the length of its first number. So damage to those, to a salt or an IV looks like a wrong passphrase,
 * and no other does. Not encrypted, or decrypted right, a file must then
 * hold a key that is consistent; but an Ed25519, Ed448 or EC key without its public half, and a DSA
 * key in PKCS #8, have nothing to be compared with: any secret is one.
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is of no known format or version; SSH_ERR_PASSPHRASE if a
 * passphrase is needed and there is none, or it is wrong; SSH_ERR_FILE_DAMAGED if it does not
 * parse, or its parts do not agree; SSH_ERR_UNSUPPORTED if the key type is not in `algs`, or the
 * cipher or key derivation is not known or costs more than its bound; SSH_ERR_KEY if the key's
 * numbers are inconsistent; SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: the file and the passphrase; what is copied of them is wiped.
 */
enum ssh_err auth_keyfile_open(struct crypt_key *k, struct wire_buf *comment,
                               const struct crypt_keyalg *const *algs, ssh_bytes text,
                               ssh_bytes passphrase);

/**
 * The public half of a private key file. openssh-key-v1 and PPK files show it even if they are
 * encrypted.
 *
 *   blob   the public key blob is appended on success
 *
 * Returns 0; SSH_ERR_PASSPHRASE if it is encrypted with the rest; SSH_ERR_FILE_FORMAT,
 * SSH_ERR_FILE_DAMAGED, SSH_ERR_UNSUPPORTED, SSH_ERR_NO_MEMORY.
 *
 * Secrets: none in what is appended. It is as the file says: only auth_keyfile_open checks it.
 */
enum ssh_err auth_keyfile_public(struct wire_buf *blob, ssh_bytes text);

/**
 * Append a private key file of format openssh-key-v1, not encrypted; auth_keyfile_save with a
 * comment alone.
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

/**
 * Append a private key file.
 *
 *   k     with its private half
 *   o     format, encryption, comment; borrowed for the call
 *   rng   for salts, IVs and check numbers
 *
 * Returns 0; SSH_ERR_KEY without a private half; SSH_ERR_UNSUPPORTED if the format has no such key
 * type or no such cipher; SSH_ERR_ARGUMENT if the rounds are over the bound that we read, or the
 * comment is of more than one line and the format of lines; SSH_ERR_RANDOM; SSH_ERR_NO_MEMORY. On
 * error nothing is appended.
 *
 * Secrets: all of `out`, and the passphrase.
 */
enum ssh_err auth_keyfile_save(struct wire_buf *out, const struct crypt_key *k,
                               const struct auth_keyfile_options *o, const struct crypt_rng *rng);

#endif
