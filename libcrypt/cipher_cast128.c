/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/cast128.h>

_Static_assert(sizeof(struct cast128_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "cast128 context");

CRYPT_BLOCK(cast128, CAST128_BLOCK_SIZE, cast128_set_key, cast128_set_key, cast128_encrypt,
            cast128_decrypt);

CRYPT_CBC_INIT(cast128)
CRYPT_CTR_INIT(cast128)

const struct crypt_cipher crypt_insecure_cast128_cbc =
    CRYPT_CBC("cast128-cbc", cast128, CAST128_KEY_SIZE, CAST128_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_cast128_ctr =
    CRYPT_CTR("cast128-ctr", cast128, CAST128_KEY_SIZE, CAST128_BLOCK_SIZE);
