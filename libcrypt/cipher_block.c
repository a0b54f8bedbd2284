/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/cbc.h>
#include <nettle/ctr.h>

struct chain {
	const struct crypt_block *block;
	nettle_cipher_func *crypt;
	uint8_t iv[CRYPT_BLOCK_MAX]; /* CBC: the last block of ciphertext; CTR: the next counter */
	uint64_t ctx[CRYPT_BLOCK_CONTEXT_MAX / 8];
	bool encrypt;
};

_Static_assert(sizeof(struct chain) <= CRYPT_CIPHER_STATE_SIZE, "state of a block cipher");

void crypt_cbc_init(void *state, const struct crypt_block *block, const uint8_t *key,
                    const uint8_t *iv, bool encrypt)
{
	struct chain *c = state;
	c->block = block;
	c->crypt = encrypt ? block->encrypt : block->decrypt;
	c->encrypt = encrypt;
	memcpy(c->iv, iv, block->size);
	(encrypt ? block->encrypt_key : block->decrypt_key)(c->ctx, key);
}

void crypt_ctr_init(void *state, const struct crypt_block *block, const uint8_t *key,
                    const uint8_t *iv)
{
	crypt_cbc_init(state, block, key, iv, true);
}

void crypt_cbc_crypt(void *state, size_t n, uint8_t *bytes)
{
	struct chain *c = state;
	if (!c->encrypt)
		cbc_decrypt(c->ctx, c->crypt, c->block->size, c->iv, n, bytes, bytes);
	else if (c->block->chain != NULL)
		c->block->chain(c->ctx, c->iv, n, bytes);
	else
		cbc_encrypt(c->ctx, c->crypt, c->block->size, c->iv, n, bytes, bytes);
}

void crypt_ctr_crypt(void *state, size_t n, uint8_t *bytes)
{
	struct chain *c = state;
	ctr_crypt(c->ctx, c->crypt, c->block->size, c->iv, n, bytes, bytes);
}
