/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>

/*
 * AES in counter mode, RFC 4344 section 4: the IV is the first counter block, and the counter runs
 * on from packet to packet.
 */
struct ctr128 {
	struct aes128_ctx aes;
	uint8_t counter[AES_BLOCK_SIZE];
};

struct ctr192 {
	struct aes192_ctx aes;
	uint8_t counter[AES_BLOCK_SIZE];
};

struct ctr256 {
	struct aes256_ctx aes;
	uint8_t counter[AES_BLOCK_SIZE];
};

_Static_assert(sizeof(struct ctr256) <= CRYPT_CIPHER_STATE_SIZE, "aes256-ctr state");

/* Nettle's modes want the block cipher with an untyped context; a cast would be undefined. */

static void aes128_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes128_encrypt(ctx, n, dst, src);
}

static void aes192_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes192_encrypt(ctx, n, dst, src);
}

static void aes256_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes256_encrypt(ctx, n, dst, src);
}

static void ctr128_init(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	struct ctr128 *c = state;
	(void)encrypt; /* the same either way */
	aes128_set_encrypt_key(&c->aes, key);
	memcpy(c->counter, iv, sizeof c->counter);
}

static void ctr128_crypt(void *state, size_t n, uint8_t *bytes)
{
	struct ctr128 *c = state;
	ctr_crypt(&c->aes, aes128_blocks, AES_BLOCK_SIZE, c->counter, n, bytes, bytes);
}

static void ctr192_init(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	struct ctr192 *c = state;
	(void)encrypt;
	aes192_set_encrypt_key(&c->aes, key);
	memcpy(c->counter, iv, sizeof c->counter);
}

static void ctr192_crypt(void *state, size_t n, uint8_t *bytes)
{
	struct ctr192 *c = state;
	ctr_crypt(&c->aes, aes192_blocks, AES_BLOCK_SIZE, c->counter, n, bytes, bytes);
}

static void ctr256_init(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	struct ctr256 *c = state;
	(void)encrypt;
	aes256_set_encrypt_key(&c->aes, key);
	memcpy(c->counter, iv, sizeof c->counter);
}

static void ctr256_crypt(void *state, size_t n, uint8_t *bytes)
{
	struct ctr256 *c = state;
	ctr_crypt(&c->aes, aes256_blocks, AES_BLOCK_SIZE, c->counter, n, bytes, bytes);
}

const struct crypt_cipher crypt_aes128_ctr = {
    .name = "aes128-ctr",
    .key_size = AES128_KEY_SIZE,
    .iv_size = AES_BLOCK_SIZE,
    .block_size = AES_BLOCK_SIZE,
    .data_limit = CRYPT_DATA_LIMIT(AES_BLOCK_SIZE),
    .init = ctr128_init,
    .crypt = ctr128_crypt,
};

const struct crypt_cipher crypt_aes192_ctr = {
    .name = "aes192-ctr",
    .key_size = AES192_KEY_SIZE,
    .iv_size = AES_BLOCK_SIZE,
    .block_size = AES_BLOCK_SIZE,
    .data_limit = CRYPT_DATA_LIMIT(AES_BLOCK_SIZE),
    .init = ctr192_init,
    .crypt = ctr192_crypt,
};

const struct crypt_cipher crypt_aes256_ctr = {
    .name = "aes256-ctr",
    .key_size = AES256_KEY_SIZE,
    .iv_size = AES_BLOCK_SIZE,
    .block_size = AES_BLOCK_SIZE,
    .data_limit = CRYPT_DATA_LIMIT(AES_BLOCK_SIZE),
    .init = ctr256_init,
    .crypt = ctr256_crypt,
};
