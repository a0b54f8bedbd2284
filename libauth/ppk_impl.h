/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_PPK_IMPL_H
#define NACRE_LIBAUTH_PPK_IMPL_H

#include "libauth/filecipher_impl.h"
#include "libauth/kdf.h"
#include "libauth/ppk.h"
#include "libcrypt/hash.h"

/* PuTTY's key files: ppk.c has their lines, ppk_crypt.c what is behind these. */

/** The one cipher. */
#define PPK_AES     "aes256-cbc"
/** Bytes of the longest key of a MAC. */
#define PPK_MAC_KEY 32

/** A file's fields: views into the file, but for the salt. */
struct ppk {
	uint8_t version; /* 2 or 3 */
	ssh_bytes type;
	ssh_bytes encryption;
	ssh_bytes comment;
	ssh_bytes public_lines;
	struct auth_argon2 argon2; /* of an encrypted version 3 */
	uint8_t salt[AUTH_ARGON2_SALT_MAX];
	ssh_bytes private_lines;
	ssh_bytes mac;
};

/** What a passphrase becomes. Secret; the caller wipes. */
struct ppkkeys {
	struct filekey cipher;
	uint8_t mac[PPK_MAC_KEY];
	size_t mac_size; /* bytes */
};

const struct crypt_hash *auth_ppk_hash(const struct ppk *p);
bool auth_ppk_is_encrypted(const struct ppk *p);

/** Returns 0, SSH_ERR_UNSUPPORTED, SSH_ERR_FILE_DAMAGED (numbers that Argon2 has no use for), SSH_ERR_NO_MEMORY. */
enum ssh_err auth_ppk_derive(struct ppkkeys *keys, const struct ppk *p, ssh_bytes passphrase);

/**
 * Decrypt the private blob in place, if it is encrypted, and check the MAC.
 *
 * Returns 0; SSH_ERR_FILE_DAMAGED; SSH_ERR_PASSPHRASE if what came out is no private blob;
 * SSH_ERR_NO_MEMORY.
 */
enum ssh_err auth_ppk_open(const struct ppk *p, const struct ppkkeys *keys, ssh_bytes public,
                           struct wire_buf *private);

/** Compute the MAC, auth_ppk_hash's size of it, then encrypt. Returns 0, SSH_ERR_NO_MEMORY. */
enum ssh_err auth_ppk_seal(const struct ppk *p, const struct ppkkeys *keys, ssh_bytes public,
                           struct wire_buf *private, uint8_t *mac);

/** Exactly `n` bytes from their hexadecimal digits; false: it is something else. */
bool auth_hex_get(uint8_t *out, size_t n, ssh_bytes digits);

#endif
