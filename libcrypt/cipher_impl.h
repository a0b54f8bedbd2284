/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CIPHER_IMPL_H
#define NACRE_LIBCRYPT_CIPHER_IMPL_H

#include "libcrypt/cipher.h"

#include <nettle/nettle-types.h>

/** Bytes: the largest block, and the largest context of Nettle's (Twofish). */
#define CRYPT_BLOCK_MAX         16
#define CRYPT_BLOCK_CONTEXT_MAX 4256

/**
 * A block cipher, its context untyped: what the modes of operation below work on. The functions are
 * wrappers of Nettle's, since to cast a function's type and call it is undefined.
 */
struct crypt_block {
	size_t size; /* bytes */
	void (*encrypt_key)(void *ctx, const uint8_t *key);
	void (*decrypt_key)(void *ctx, const uint8_t *key);
	nettle_cipher_func *encrypt;
	nettle_cipher_func *decrypt;
	/* The whole of CBC, where that is faster than block by block; else NULL. */
	void (*chain)(const void *ctx, uint8_t *iv, size_t n, uint8_t *bytes);
};

/**
 * Start CBC (RFC 4253 section 6.3) or counter mode (RFC 4344 section 4) in a cipher's state; both
 * chain on from packet to packet. The counter is the IV.
 */
void crypt_cbc_init(void *state, const struct crypt_block *block, const uint8_t *key,
                    const uint8_t *iv, bool encrypt);
void crypt_ctr_init(void *state, const struct crypt_block *block, const uint8_t *key,
                    const uint8_t *iv);

/** The `crypt` of a cipher in CBC, and of one in counter mode. */
void crypt_cbc_crypt(void *state, size_t n, uint8_t *bytes);
void crypt_ctr_crypt(void *state, size_t n, uint8_t *bytes);

/*
 * A block cipher made of typed functions of Nettle's, and descriptors made of a block cipher. A
 * cipher's `init` is not told which descriptor it belongs to, hence a function for each.
 */
#define CRYPT_BLOCK_FUNCTIONS(name, key_for_encrypt, key_for_decrypt, do_encrypt, do_decrypt)      \
	static void name##_encrypt_key(void *ctx, const uint8_t *key)                              \
	{                                                                                          \
		key_for_encrypt(ctx, key);                                                         \
	}                                                                                          \
	static void name##_decrypt_key(void *ctx, const uint8_t *key)                              \
	{                                                                                          \
		key_for_decrypt(ctx, key);                                                         \
	}                                                                                          \
	static void name##_encrypt_blocks(const void *ctx, size_t n, uint8_t *dst,                 \
	                                  const uint8_t *src)                                      \
	{                                                                                          \
		do_encrypt(ctx, n, dst, src);                                                      \
	}                                                                                          \
	static void name##_decrypt_blocks(const void *ctx, size_t n, uint8_t *dst,                 \
	                                  const uint8_t *src)                                      \
	{                                                                                          \
		do_decrypt(ctx, n, dst, src);                                                      \
	}

#define CRYPT_BLOCK(name, bytes, key_for_encrypt, key_for_decrypt, do_encrypt, do_decrypt)         \
	CRYPT_BLOCK_FUNCTIONS(name, key_for_encrypt, key_for_decrypt, do_encrypt, do_decrypt)      \
	static const struct crypt_block name##_block = {                                           \
	    .size = (bytes),                                                                       \
	    .encrypt_key = name##_encrypt_key,                                                     \
	    .decrypt_key = name##_decrypt_key,                                                     \
	    .encrypt = name##_encrypt_blocks,                                                      \
	    .decrypt = name##_decrypt_blocks,                                                      \
	}

#define CRYPT_CBC_INIT(block)                                                                      \
	static void block##_cbc_init(void *state, const uint8_t *key, const uint8_t *iv,           \
	                             bool encrypt)                                                 \
	{                                                                                          \
		crypt_cbc_init(state, &block##_block, key, iv, encrypt);                           \
	}

#define CRYPT_CTR_INIT(block)                                                                      \
	static void block##_ctr_init(void *state, const uint8_t *key, const uint8_t *iv,           \
	                             bool encrypt)                                                 \
	{                                                                                          \
		(void)encrypt; /* the same either way */                                           \
		crypt_ctr_init(state, &block##_block, key, iv);                                    \
	}

#define CRYPT_CBC(wire_name, block, key_bytes, block_bytes)                                        \
	{                                                                                          \
		.name = (wire_name), .key_size = (key_bytes), .iv_size = (block_bytes),            \
		.block_size = (block_bytes), .cbc = true,                                          \
		.data_limit = CRYPT_DATA_LIMIT(block_bytes), .init = block##_cbc_init,             \
		.crypt = crypt_cbc_crypt                                                           \
	}

#define CRYPT_CTR(wire_name, block, key_bytes, block_bytes)                                        \
	{                                                                                          \
		.name = (wire_name), .key_size = (key_bytes), .iv_size = (block_bytes),            \
		.block_size = (block_bytes), .data_limit = CRYPT_DATA_LIMIT(block_bytes),          \
		.init = block##_ctr_init, .crypt = crypt_ctr_crypt                                 \
	}

#endif
