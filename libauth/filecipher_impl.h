/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_FILECIPHER_IMPL_H
#define NACRE_LIBAUTH_FILECIPHER_IMPL_H

#include "libwire/buf.h"

/** Bytes: the longest key (chacha20-poly1305's two) and IV. */
#define FILECIPHER_KEY_MAX 64
#define FILECIPHER_IV_MAX  16
#define FILECIPHER_TAG_MAX 16

struct filekey;
struct nettle_cipher;

/**
 * A cipher that private key files are encrypted with: a whole file at once, so that there is no state
 * to keep between calls.
 */
struct filecipher {
	const char *name; /* OpenSSH's */
	const char *pem;  /* in a DEK-Info header; NULL: not used there */
	size_t key_size, iv_size, block_size, tag_size; /* bytes; tag 0: does not authenticate */
	const struct nettle_cipher *block;
	/* In place; `n` is a multiple of block_size. The tag is computed, not compared. */
	void (*crypt)(const struct filekey *k, bool seal, uint8_t *data, size_t n, uint8_t *tag);
};

/** A key and its IV, for one file. Secret; the caller wipes. */
struct filekey {
	const struct filecipher *cipher;
	uint8_t key[FILECIPHER_KEY_MAX];
	uint8_t iv[FILECIPHER_IV_MAX];
};

extern const struct filecipher auth_file_aes128_cbc, auth_file_aes192_cbc, auth_file_aes256_cbc;
extern const struct filecipher auth_file_3des_cbc, auth_file_aes256_ctr;

/** By OpenSSH's name, or by PEM's; NULL if there is none. */
const struct filecipher *auth_filecipher_find(ssh_bytes name);
const struct filecipher *auth_filecipher_find_pem(ssh_bytes name);

/** Encrypt `n` bytes in place, a multiple of the block size; cipher->tag_size bytes go to `tag`. */
void auth_filecipher_seal(const struct filekey *k, uint8_t *data, size_t n, uint8_t *tag);

/**
 * Decrypt `n` bytes in place.
 *
 * Returns 0; SSH_ERR_FILE_DAMAGED if `n` is not a multiple of the block size or `tag` of another
 * length than the cipher's; SSH_ERR_PASSPHRASE if the tag is wrong: an AEAD cannot tell a wrong
 * key from damage, but whoever knows what the data should be can, for it is decrypted.
 */
enum ssh_err auth_filecipher_open(const struct filekey *k, uint8_t *data, size_t n, ssh_bytes tag);

/**
 * Pad the last `n` bytes of a buf to whole blocks, as PKCS #7 does, and encrypt them where they
 * stand. Errors stick in the buf.
 */
void auth_filecipher_seal_der(const struct filekey *k, struct wire_buf *b, size_t n);

/**
 * Decrypt a DER element that fills the buf, and cut off its padding.
 *
 * Returns 0; SSH_ERR_FILE_DAMAGED if it is empty or not of whole blocks; SSH_ERR_PASSPHRASE if padding
 * or the outermost SEQUENCE is wrong, for that is what a wrong passphrase leads to;
 * SSH_ERR_NO_MEMORY.
 */
enum ssh_err auth_filecipher_open_der(const struct filekey *k, struct wire_buf *b);

#endif
