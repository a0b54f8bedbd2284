/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/blowfish.h>

/* Bytes of key: RFC 4253 section 6.3 takes 128 bits for CBC, RFC 4344 section 4 takes 256 for CTR. */
#define CBC_KEY_SIZE 16
#define CTR_KEY_SIZE 32

_Static_assert(sizeof(struct blowfish_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "blowfish context");

/* A weak key (two equal entries in an S-box) is told by the result, and set all the same. */
static void set_key128(void *ctx, const uint8_t *key)
{
	(void)blowfish_set_key(ctx, CBC_KEY_SIZE, key);
}

static void set_key256(void *ctx, const uint8_t *key)
{
	(void)blowfish_set_key(ctx, CTR_KEY_SIZE, key);
}

CRYPT_BLOCK(blowfish128, BLOWFISH_BLOCK_SIZE, set_key128, set_key128, blowfish_encrypt,
            blowfish_decrypt);
CRYPT_BLOCK(blowfish256, BLOWFISH_BLOCK_SIZE, set_key256, set_key256, blowfish_encrypt,
            blowfish_decrypt);

CRYPT_CBC_INIT(blowfish128)
CRYPT_CTR_INIT(blowfish256)

const struct crypt_cipher crypt_insecure_blowfish_cbc =
    CRYPT_CBC("blowfish-cbc", blowfish128, CBC_KEY_SIZE, BLOWFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_blowfish_ctr =
    CRYPT_CTR("blowfish-ctr", blowfish256, CTR_KEY_SIZE, BLOWFISH_BLOCK_SIZE);
