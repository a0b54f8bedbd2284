/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#include "libwire/buf.h"

#include <nettle/chacha.h>

static bool usable(void)
{
	return true;
}

static void crypt_blocks(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n,
                         uint8_t *bytes)
{
	struct chacha_ctx ctx;
	uint8_t nonce_bytes[CHACHA_NONCE_SIZE], counter_bytes[CHACHA_COUNTER_SIZE];
	wire_store_u32(nonce_bytes, (uint32_t)(nonce >> 32));
	wire_store_u32(nonce_bytes + 4, (uint32_t)nonce);
	for (size_t i = 0; i < sizeof counter_bytes; i++)
		counter_bytes[i] = (uint8_t)(counter >> (8 * i));
	chacha_set_key(&ctx, key);
	chacha_set_nonce(&ctx, nonce_bytes);
	chacha_set_counter(&ctx, counter_bytes);
	chacha_crypt(&ctx, n, bytes, bytes);
	wire_wipe(&ctx, sizeof ctx);
}

static void begin(struct chacha_head *head, const uint8_t *pair, uint64_t nonce)
{
	memset(head, 0, sizeof *head);
	crypt_blocks(pair + CHACHA_KEY, nonce, 0, sizeof head->length, head->length);
	crypt_blocks(pair, nonce, 0, sizeof head->poly, head->poly);
}

const struct chacha_impl chacha_nettle = {
    .name = "nettle",
    .usable = usable,
    .ahead = 0,
    .begin = begin,
    .crypt = crypt_blocks,
    .tag = poly1305_nettle,
};

#ifdef POLY1305_64
const struct chacha_impl chacha_nettle_64 = {
    .name = "nettle and poly1305_64",
    .usable = usable,
    .ahead = 0,
    .begin = begin,
    .crypt = crypt_blocks,
    .tag = poly1305_64,
};
#endif
