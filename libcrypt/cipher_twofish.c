/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/twofish.h>

_Static_assert(sizeof(struct twofish_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "twofish context");

CRYPT_BLOCK(twofish128, TWOFISH_BLOCK_SIZE, twofish128_set_key, twofish128_set_key, twofish_encrypt,
            twofish_decrypt);
CRYPT_BLOCK(twofish192, TWOFISH_BLOCK_SIZE, twofish192_set_key, twofish192_set_key, twofish_encrypt,
            twofish_decrypt);
CRYPT_BLOCK(twofish256, TWOFISH_BLOCK_SIZE, twofish256_set_key, twofish256_set_key, twofish_encrypt,
            twofish_decrypt);

CRYPT_CBC_INIT(twofish128)
CRYPT_CTR_INIT(twofish128)
CRYPT_CBC_INIT(twofish192)
CRYPT_CTR_INIT(twofish192)
CRYPT_CBC_INIT(twofish256)
CRYPT_CTR_INIT(twofish256)

const struct crypt_cipher crypt_twofish128_ctr =
    CRYPT_CTR("twofish128-ctr", twofish128, TWOFISH128_KEY_SIZE, TWOFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_twofish192_ctr =
    CRYPT_CTR("twofish192-ctr", twofish192, TWOFISH192_KEY_SIZE, TWOFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_twofish256_ctr =
    CRYPT_CTR("twofish256-ctr", twofish256, TWOFISH256_KEY_SIZE, TWOFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_twofish128_cbc =
    CRYPT_CBC("twofish128-cbc", twofish128, TWOFISH128_KEY_SIZE, TWOFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_twofish192_cbc =
    CRYPT_CBC("twofish192-cbc", twofish192, TWOFISH192_KEY_SIZE, TWOFISH_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_twofish256_cbc =
    CRYPT_CBC("twofish256-cbc", twofish256, TWOFISH256_KEY_SIZE, TWOFISH_BLOCK_SIZE);
/* RFC 4253 section 6.3: twofish256-cbc under an older name. */
const struct crypt_cipher crypt_insecure_twofish_cbc =
    CRYPT_CBC("twofish-cbc", twofish256, TWOFISH256_KEY_SIZE, TWOFISH_BLOCK_SIZE);
