/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"

static enum ssh_err play(void *ctx, uint8_t *out, size_t n)
{
	struct crypt_kem_coins *coins = ctx;
	if (n > coins->left.len)
		return SSH_ERR_RANDOM;
	if (n > 0)
		memcpy(out, coins->left.ptr, n);
	coins->left = wire_bytes_skip(coins->left, n);
	return SSH_OK;
}

struct crypt_rng crypt_kem_coins_rng(struct crypt_kem_coins *coins)
{
	return (struct crypt_rng){play, coins};
}
