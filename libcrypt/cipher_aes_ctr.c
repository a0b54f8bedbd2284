/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"

#include "libcrypt/ctr_impl.h"

/*
 * AES in counter mode, RFC 4344 section 4: the IV is the first counter block, and the counter runs
 * on from packet to packet.
 */
_Static_assert(sizeof(struct ctr_state) <= CRYPT_CIPHER_STATE_SIZE, "aes-ctr state");

const struct ctr_impl *const ctr_impls[] = {
#ifdef AES_X86
    &ctr_vaes,
    &ctr_aesni,
#endif
    &ctr_nettle,
    NULL,
};

static void set_key(void *state, const uint8_t *key, size_t key_size, const uint8_t *iv)
{
	struct ctr_state *c = state;
	const struct ctr_impl *const *impl = ctr_impls;
	while (!(*impl)->usable())
		impl++;
	c->impl = *impl;
	c->impl->set_key(c, key, key_size, iv);
}

static void init128(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)encrypt; /* the same either way */
	set_key(state, key, AES128_KEY_SIZE, iv);
}

static void init192(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)encrypt;
	set_key(state, key, AES192_KEY_SIZE, iv);
}

static void init256(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)encrypt;
	set_key(state, key, AES256_KEY_SIZE, iv);
}

static void crypt_blocks(void *state, size_t n, uint8_t *bytes)
{
	struct ctr_state *c = state;
	c->impl->crypt(c, n, bytes);
}

#define CTR(bits)                                                                                  \
	{                                                                                          \
		.name = "aes" #bits "-ctr", .key_size = AES##bits##_KEY_SIZE,                      \
		.iv_size = AES_BLOCK_SIZE, .block_size = AES_BLOCK_SIZE,                           \
		.data_limit = CRYPT_DATA_LIMIT(AES_BLOCK_SIZE), .init = init##bits,                \
		.crypt = crypt_blocks                                                              \
	}

const struct crypt_cipher crypt_aes128_ctr = CTR(128);
const struct crypt_cipher crypt_aes192_ctr = CTR(192);
const struct crypt_cipher crypt_aes256_ctr = CTR(256);
