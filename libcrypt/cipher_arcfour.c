/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"

#include <nettle/arcfour.h>

#include "libwire/buf.h"

/* RFC 4253 section 6: the least multiple that packets are padded to, for a stream cipher. */
#define ALIGNMENT 8
/* RFC 4345 section 4: bytes of keystream that are thrown away, as they tell about the key. */
#define DISCARDED 1536
/* Bytes of key. */
#define KEY128    16
#define KEY256    32

_Static_assert(sizeof(struct arcfour_ctx) <= CRYPT_CIPHER_STATE_SIZE, "arcfour state");

static void discard(struct arcfour_ctx *c)
{
	uint8_t keystream[DISCARDED] = {0};
	arcfour_crypt(c, sizeof keystream, keystream, keystream);
	wire_wipe(keystream, sizeof keystream);
}

static void init(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)iv; /* there is none */
	(void)encrypt;
	arcfour_set_key(state, KEY128, key);
}

static void init128(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	init(state, key, iv, encrypt);
	discard(state);
}

static void init256(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)iv;
	(void)encrypt;
	arcfour_set_key(state, KEY256, key);
	discard(state);
}

static void crypt_bytes(void *state, size_t n, uint8_t *bytes)
{
	arcfour_crypt(state, n, bytes, bytes);
}

const struct crypt_cipher crypt_insecure_arcfour = {
    .name = "arcfour",
    .key_size = KEY128,
    .block_size = ALIGNMENT,
    .data_limit = CRYPT_DATA_LIMIT(ALIGNMENT),
    .init = init,
    .crypt = crypt_bytes,
};

const struct crypt_cipher crypt_insecure_arcfour128 = {
    .name = "arcfour128",
    .key_size = KEY128,
    .block_size = ALIGNMENT,
    .data_limit = CRYPT_DATA_LIMIT(ALIGNMENT),
    .init = init128,
    .crypt = crypt_bytes,
};

const struct crypt_cipher crypt_insecure_arcfour256 = {
    .name = "arcfour256",
    .key_size = KEY256,
    .block_size = ALIGNMENT,
    .data_limit = CRYPT_DATA_LIMIT(ALIGNMENT),
    .init = init256,
    .crypt = crypt_bytes,
};
