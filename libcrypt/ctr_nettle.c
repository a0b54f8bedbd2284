/* SPDX-License-Identifier: MIT */
#include "libcrypt/ctr_impl.h"

#include <nettle/ctr.h>

static bool usable(void)
{
	return true;
}

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

static void set_key(struct ctr_state *c, const uint8_t *key, size_t key_size,
                    const uint8_t *counter)
{
	struct ctr_nettle *n = &c->nettle;
	if (key_size == AES128_KEY_SIZE) {
		aes128_set_encrypt_key(&n->cipher.aes128, key);
		n->block = aes128_blocks;
	} else if (key_size == AES192_KEY_SIZE) {
		aes192_set_encrypt_key(&n->cipher.aes192, key);
		n->block = aes192_blocks;
	} else {
		aes256_set_encrypt_key(&n->cipher.aes256, key);
		n->block = aes256_blocks;
	}
	memcpy(n->counter, counter, sizeof n->counter);
}

static void crypt_blocks(struct ctr_state *c, size_t n, uint8_t *bytes)
{
	struct ctr_nettle *s = &c->nettle;
	ctr_crypt(&s->cipher, s->block, AES_BLOCK_SIZE, s->counter, n, bytes, bytes);
}

const struct ctr_impl ctr_nettle = {
    .name = "nettle",
    .usable = usable,
    .set_key = set_key,
    .crypt = crypt_blocks,
};
