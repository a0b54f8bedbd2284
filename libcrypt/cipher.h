/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CIPHER_H
#define NACRE_LIBCRYPT_CIPHER_H

#include "libwire/bytes.h"

struct crypt_mode;

/** Bytes: the largest key, IV and state of any cipher, AEADs included. */
#define CRYPT_CIPHER_KEY_MAX    64
#define CRYPT_CIPHER_IV_MAX     16
#define CRYPT_CIPHER_STATE_SIZE 4736

/**
 * A cipher as the encryption name-lists name it (RFC 4253 section 6.3).
 *
 * A cipher that authenticates by itself brings its packet mode along in `aead`; one that does not
 * has init and crypt, and is joined with a MAC by crypt_mode_eam or crypt_mode_etm.
 */
struct crypt_cipher {
	const char *name;
	size_t key_size;               /* bytes */
	size_t iv_size;                /* bytes */
	size_t block_size;             /* bytes; packets are padded to a multiple, at least 8 */
	const struct crypt_mode *aead; /* NULL: needs a MAC */
	/* For ciphers without aead. `n` is a multiple of block_size; in place. */
	void (*init)(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt);
	void (*crypt)(void *state, size_t n, uint8_t *bytes);
	/* For ciphers with aead: set up the state its mode works on. */
	void (*init_aead)(void *state, const uint8_t *key, const uint8_t *iv);
};

extern const struct crypt_cipher crypt_aes128_ctr; /* RFC 4344 */
extern const struct crypt_cipher crypt_aes192_ctr;
extern const struct crypt_cipher crypt_aes256_ctr;
extern const struct crypt_cipher crypt_aes128_gcm; /* aes128-gcm@openssh.com, RFC 5647 */
extern const struct crypt_cipher crypt_aes256_gcm;
extern const struct crypt_cipher crypt_chacha20_poly1305; /* chacha20-poly1305@openssh.com */

/** The default offer, best first, NULL at the end. */
extern const struct crypt_cipher *const crypt_ciphers[];

#endif
