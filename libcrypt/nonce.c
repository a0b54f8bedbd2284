/* SPDX-License-Identifier: MIT */
#include "libcrypt/nonce_impl.h"

#include <nettle/bignum.h>

#define INPUT_MAX (CRYPT_HASH_MAX + 1 + 2 * CRYPT_NONCE_MAX)

/* K = HMAC(K, V || tag || seed), then V = HMAC(K, V). */
static void stir(struct crypt_nonce *n, uint8_t tag, ssh_bytes seed)
{
	uint8_t input[INPUT_MAX];
	size_t h = n->hash->size;
	memcpy(input, n->value, h);
	input[h] = tag;
	if (seed.len != 0)
		memcpy(input + h + 1, seed.ptr, seed.len);
	ssh_bytes key = wire_bytes(n->key, h);
	crypt_hmac_once(n->hash, key, wire_bytes(input, h + 1 + seed.len), n->key);
	crypt_hmac_once(n->hash, key, wire_bytes(n->value, h), n->value);
	wire_wipe(input, sizeof input);
}

/* The digest as a number below the order: RFC 6979 sections 2.3.2 and 2.3.4. */
static void reduce(const struct crypt_nonce *n, const mpz_t order, const uint8_t *digest,
                   uint8_t *out)
{
	mpz_t z;
	size_t bits = n->hash->size * 8;
	nettle_mpz_init_set_str_256_u(z, n->hash->size, digest);
	if (bits > n->bits)
		mpz_fdiv_q_2exp(z, z, bits - n->bits);
	mpz_mod(z, z, order);
	nettle_mpz_get_str_256(n->size, out, z);
	mpz_clear(z);
}

void crypt_nonce_init(struct crypt_nonce *n, const struct crypt_hash *hash, const mpz_t order,
                      const mpz_t secret, const uint8_t *digest)
{
	uint8_t seed[2 * CRYPT_NONCE_MAX];
	*n = (struct crypt_nonce){.hash = hash, .bits = mpz_sizeinbase(order, 2)};
	n->size = (n->bits + 7) / 8;
	nettle_mpz_get_str_256(n->size, n->order, order);
	nettle_mpz_get_str_256(n->size, seed, secret);
	reduce(n, order, digest, seed + n->size);
	memset(n->value, 1, sizeof n->value);
	stir(n, 0, wire_bytes(seed, 2 * n->size));
	stir(n, 1, wire_bytes(seed, 2 * n->size));
	wire_wipe(seed, sizeof seed);
}

/* As many bits as the order has, right-aligned. */
static void candidate(struct crypt_nonce *n, uint8_t *out)
{
	size_t shift = n->size * 8 - n->bits;
	for (size_t at = 0; at < n->size; at += n->hash->size) {
		size_t left = n->size - at;
		crypt_hmac_once(n->hash, wire_bytes(n->key, n->hash->size),
		                wire_bytes(n->value, n->hash->size), n->value);
		memcpy(out + at, n->value, left < n->hash->size ? left : n->hash->size);
	}
	for (size_t i = n->size; shift != 0 && i-- > 0;)
		out[i] = (uint8_t)(out[i] >> shift | (i == 0 ? 0 : out[i - 1] << (8 - shift)));
}

/* Is 0 < k < order? No branch and no index depends on k. */
static bool in_range(const struct crypt_nonce *n, const uint8_t *k)
{
	uint32_t any = 0, borrow = 0;
	for (size_t i = n->size; i-- > 0;) {
		any |= k[i];
		borrow = ((uint32_t)k[i] - n->order[i] - borrow) >> 31;
	}
	return any != 0 && borrow != 0;
}

void crypt_nonce_next(struct crypt_nonce *n, uint8_t *out)
{
	do {
		if (n->used)
			stir(n, 0, wire_bytes(NULL, 0));
		n->used = true;
		candidate(n, out);
	} while (!in_range(n, out));
}

void crypt_nonce_random(void *ctx, size_t len, uint8_t *out)
{
	struct crypt_nonce *n = ctx;
	uint8_t k[CRYPT_NONCE_MAX];
	crypt_nonce_next(n, k);
	memset(out, 0, len);
	if (len >= n->size)
		memcpy(out + len - n->size, k, n->size);
	wire_wipe(k, sizeof k);
}

void crypt_nonce_wipe(struct crypt_nonce *n)
{
	wire_wipe(n, sizeof *n);
}
