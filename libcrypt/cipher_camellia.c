/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/camellia.h>

/* The names are those of draft-kanno-secsh-camellia-02, as Tera Term, AsyncSSH and others use them. */

_Static_assert(sizeof(struct camellia128_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "camellia context");
_Static_assert(sizeof(struct camellia256_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "camellia context");

CRYPT_BLOCK(camellia128, CAMELLIA_BLOCK_SIZE, camellia128_set_encrypt_key,
            camellia128_set_decrypt_key, camellia128_crypt, camellia128_crypt);
CRYPT_BLOCK(camellia192, CAMELLIA_BLOCK_SIZE, camellia192_set_encrypt_key,
            camellia192_set_decrypt_key, camellia192_crypt, camellia192_crypt);
CRYPT_BLOCK(camellia256, CAMELLIA_BLOCK_SIZE, camellia256_set_encrypt_key,
            camellia256_set_decrypt_key, camellia256_crypt, camellia256_crypt);

CRYPT_CBC_INIT(camellia128)
CRYPT_CTR_INIT(camellia128)
CRYPT_CBC_INIT(camellia192)
CRYPT_CTR_INIT(camellia192)
CRYPT_CBC_INIT(camellia256)
CRYPT_CTR_INIT(camellia256)

const struct crypt_cipher crypt_camellia128_ctr =
    CRYPT_CTR("camellia128-ctr", camellia128, CAMELLIA128_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
const struct crypt_cipher crypt_camellia192_ctr =
    CRYPT_CTR("camellia192-ctr", camellia192, CAMELLIA192_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
const struct crypt_cipher crypt_camellia256_ctr =
    CRYPT_CTR("camellia256-ctr", camellia256, CAMELLIA256_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_camellia128_cbc =
    CRYPT_CBC("camellia128-cbc", camellia128, CAMELLIA128_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_camellia192_cbc =
    CRYPT_CBC("camellia192-cbc", camellia192, CAMELLIA192_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_camellia256_cbc =
    CRYPT_CBC("camellia256-cbc", camellia256, CAMELLIA256_KEY_SIZE, CAMELLIA_BLOCK_SIZE);
