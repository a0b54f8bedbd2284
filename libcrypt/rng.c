/* SPDX-License-Identifier: MIT */
#include "libcrypt/rng.h"

enum ssh_err crypt_rng_fill(const struct crypt_rng *rng, void *out, size_t n)
{
	if (rng == NULL || rng->fill == NULL)
		return SSH_ERR_RANDOM;
	return n == 0 ? SSH_OK : rng->fill(rng->ctx, out, n);
}

void crypt_drbg_init(struct crypt_drbg *d, ssh_bytes seed)
{
	*d = (struct crypt_drbg){0};
	crypt_hash_once(&crypt_sha256, seed, d->seed);
}

/* The next block is SHA-256 of the hashed seed and the number of the block, big-endian. */
static void next_block(struct crypt_drbg *d)
{
	struct crypt_hash_ctx h;
	uint8_t number[8];
	for (size_t i = 0; i < sizeof number; i++)
		number[i] = (uint8_t)(d->counter >> (56 - 8 * i));
	d->counter++;
	crypt_hash_init(&h, &crypt_sha256);
	crypt_hash_update(&h, wire_bytes(d->seed, sizeof d->seed));
	crypt_hash_update(&h, wire_bytes(number, sizeof number));
	crypt_hash_final(&h, d->block);
	d->left = sizeof d->block;
}

static enum ssh_err drbg_fill(void *ctx, uint8_t *out, size_t n)
{
	struct crypt_drbg *d = ctx;
	while (n > 0) {
		if (d->left == 0)
			next_block(d);
		size_t take = n < d->left ? n : d->left;
		memcpy(out, d->block + sizeof d->block - d->left, take);
		d->left -= take;
		out += take;
		n -= take;
	}
	return SSH_OK;
}

struct crypt_rng crypt_drbg_rng(struct crypt_drbg *d)
{
	return (struct crypt_rng){.fill = drbg_fill, .ctx = d};
}

void crypt_drbg_wipe(struct crypt_drbg *d)
{
	wire_wipe(d, sizeof *d);
}
