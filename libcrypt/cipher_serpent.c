/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/serpent.h>

_Static_assert(sizeof(struct serpent_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "serpent context");

CRYPT_BLOCK(serpent128, SERPENT_BLOCK_SIZE, serpent128_set_key, serpent128_set_key, serpent_encrypt,
            serpent_decrypt);
CRYPT_BLOCK(serpent192, SERPENT_BLOCK_SIZE, serpent192_set_key, serpent192_set_key, serpent_encrypt,
            serpent_decrypt);
CRYPT_BLOCK(serpent256, SERPENT_BLOCK_SIZE, serpent256_set_key, serpent256_set_key, serpent_encrypt,
            serpent_decrypt);

CRYPT_CBC_INIT(serpent128)
CRYPT_CTR_INIT(serpent128)
CRYPT_CBC_INIT(serpent192)
CRYPT_CTR_INIT(serpent192)
CRYPT_CBC_INIT(serpent256)
CRYPT_CTR_INIT(serpent256)

const struct crypt_cipher crypt_serpent128_ctr =
    CRYPT_CTR("serpent128-ctr", serpent128, SERPENT128_KEY_SIZE, SERPENT_BLOCK_SIZE);
const struct crypt_cipher crypt_serpent192_ctr =
    CRYPT_CTR("serpent192-ctr", serpent192, SERPENT192_KEY_SIZE, SERPENT_BLOCK_SIZE);
const struct crypt_cipher crypt_serpent256_ctr =
    CRYPT_CTR("serpent256-ctr", serpent256, SERPENT256_KEY_SIZE, SERPENT_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_serpent128_cbc =
    CRYPT_CBC("serpent128-cbc", serpent128, SERPENT128_KEY_SIZE, SERPENT_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_serpent192_cbc =
    CRYPT_CBC("serpent192-cbc", serpent192, SERPENT192_KEY_SIZE, SERPENT_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_serpent256_cbc =
    CRYPT_CBC("serpent256-cbc", serpent256, SERPENT256_KEY_SIZE, SERPENT_BLOCK_SIZE);
