/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>

CRYPT_BLOCK(aes128, AES_BLOCK_SIZE, aes128_set_encrypt_key, aes128_set_decrypt_key, aes128_encrypt,
            aes128_decrypt);
CRYPT_BLOCK(aes192, AES_BLOCK_SIZE, aes192_set_encrypt_key, aes192_set_decrypt_key, aes192_encrypt,
            aes192_decrypt);
CRYPT_BLOCK(aes256, AES_BLOCK_SIZE, aes256_set_encrypt_key, aes256_set_decrypt_key, aes256_encrypt,
            aes256_decrypt);

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
