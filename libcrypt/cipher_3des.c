/* SPDX-License-Identifier: MIT */
#include "libcrypt/cipher_impl.h"

#include <nettle/des.h>

_Static_assert(sizeof(struct des3_ctx) <= CRYPT_BLOCK_CONTEXT_MAX, "3des context");

/*
 * Weak keys of DES are told by the result, and set all the same: keys come from a hash, and the
 * other side would not know that we want another. Parity bits are ignored.
 */
static void set_key(void *ctx, const uint8_t *key)
{
	(void)des3_set_key(ctx, key);
}

CRYPT_BLOCK(des3, DES3_BLOCK_SIZE, set_key, set_key, des3_encrypt, des3_decrypt);

CRYPT_CBC_INIT(des3)
CRYPT_CTR_INIT(des3)

const struct crypt_cipher crypt_insecure_3des_cbc =
    CRYPT_CBC("3des-cbc", des3, DES3_KEY_SIZE, DES3_BLOCK_SIZE);
const struct crypt_cipher crypt_insecure_3des_ctr =
    CRYPT_CTR("3des-ctr", des3, DES3_KEY_SIZE, DES3_BLOCK_SIZE);
