/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher.h"

/*
 * "none" of RFC 4253 section 6.3: everything, passwords too, goes in the clear. With a MAC it is still
 * authenticated. Not to be confused with crypt_mode_none, before there are any keys.
 */

static void init(void *state, const uint8_t *key, const uint8_t *iv, bool encrypt)
{
	(void)state;
	(void)key;
	(void)iv;
	(void)encrypt;
}

static void leave(void *state, size_t n, uint8_t *bytes)
{
	(void)state;
	(void)n;
	(void)bytes;
}

const struct crypt_cipher crypt_insecure_none = {
    .name = "none",
    .block_size = 8,
    .init = init,
    .crypt = leave,
};
