/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>

/* A block of CBC waits for the one before it; Nettle does them in a row without a call for each. */
#define AES(name)                                                                                  \
	CRYPT_BLOCK_FUNCTIONS(name, name##_set_encrypt_key, name##_set_decrypt_key,                \
	                      name##_encrypt, name##_decrypt)                                      \
	static void name##_chain(const void *ctx, uint8_t *iv, size_t n, uint8_t *bytes)           \
	{                                                                                          \
		cbc_##name##_encrypt(ctx, iv, n, bytes, bytes);                                    \
	}                                                                                          \
	static const struct crypt_block name##_block = {                                           \
	    .size = AES_BLOCK_SIZE,                                                                \
	    .encrypt_key = name##_encrypt_key,                                                     \
	    .decrypt_key = name##_decrypt_key,                                                     \
	    .encrypt = name##_encrypt_blocks,                                                      \
	    .decrypt = name##_decrypt_blocks,                                                      \
	    .chain = name##_chain,                                                                 \
	}

AES(aes128);
AES(aes192);
AES(aes256);

CRYPT_CBC_INIT(aes128)
CRYPT_CBC_INIT(aes192)
CRYPT_CBC_INIT(aes256)

const struct crypt_cipher crypt_insecure_aes128_cbc =
    CRYPT_CBC("aes128-cbc", aes128, AES128_KEY_SIZE, AES_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_aes192_cbc =
    CRYPT_CBC("aes192-cbc", aes192, AES192_KEY_SIZE, AES_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_aes256_cbc =
    CRYPT_CBC("aes256-cbc", aes256, AES256_KEY_SIZE, AES_BLOCK_SIZE);
/* What lsh and OpenSSH called it before it had a number in an RFC. */
const struct crypt_cipher crypt_insecure_rijndael_cbc =
    CRYPT_CBC("rijndael-cbc@lysator.liu.se", aes256, AES256_KEY_SIZE, AES_BLOCK_SIZE);
