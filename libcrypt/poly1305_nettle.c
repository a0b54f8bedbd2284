/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#include "libcrypt/nettle_impl.h"

#include <nettle/poly1305.h>

/*
 * Nettle's only public Poly1305 adds AES(nonce) in place of s. Its AES key and nonce are zero here,
 * so that what it adds is a constant, the mask, which is exchanged for s. (Choosing the nonce so that
 * AES makes it s would take s through AES, whose tables are no place for a secret.)
 */
struct u128 {
	uint64_t low, high;
};

static uint64_t load_le64(const uint8_t *p)
{
	uint64_t v = 0;
	for (size_t i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void store_le64(uint8_t *p, uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static struct u128 load_u128(const uint8_t *p)
{
	return (struct u128){load_le64(p), load_le64(p + 8)};
}

static struct u128 add(struct u128 a, struct u128 b)
{
	struct u128 sum = {a.low + b.low, a.high + b.high};
	sum.high += sum.low < a.low;
	return sum;
}

static struct u128 subtract(struct u128 a, struct u128 b)
{
	return (struct u128){a.low - b.low, a.high - b.high - (a.low < b.low)};
}

void poly1305_nettle(const uint8_t key[POLY1305_KEY], ssh_bytes data, uint8_t tag[POLY1305_TAG])
{
	static const uint8_t zero[POLY1305_AES_NONCE_SIZE];
	static const uint8_t mask[] = {0x66, 0xe9, 0x4b, 0xd4, 0xef, 0x8a, 0x2c, 0x3b,
	                               0x88, 0x4c, 0xfa, 0x59, 0xca, 0x34, 0x2b, 0x2e};
	struct poly1305_aes_ctx poly;
	uint8_t aes_and_r[POLY1305_AES_KEY_SIZE] = {0};
	memcpy(aes_and_r + AES128_KEY_SIZE, key, 16);
	poly1305_aes_set_key(&poly, aes_and_r);
	poly1305_aes_set_nonce(&poly, zero); /* set_key does not, whatever its header says */
	poly1305_aes_update(&poly, data.len, data.ptr);
	poly1305_aes_digest(&poly, NETTLE_LENGTH(POLY1305_TAG) tag);
	struct u128 sum = add(load_u128(tag), subtract(load_u128(key + 16), load_u128(mask)));
	store_le64(tag, sum.low);
	store_le64(tag + 8, sum.high);
	wire_wipe(aes_and_r, sizeof aes_and_r);
	wire_wipe(&poly, sizeof poly);
}
