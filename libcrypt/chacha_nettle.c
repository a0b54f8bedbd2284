/* SPDX-License-Identifier: MIT */
#include "libcrypt/chacha_impl.h"

#include "libwire/buf.h"

#include <nettle/chacha.h>

static bool usable(void)
{
	return true;
}

/* At block 0. */
static void start(struct chacha_ctx *ctx, const uint8_t *key, uint64_t nonce)
{
	uint8_t bytes[CHACHA_NONCE_SIZE];
	wire_store_u32(bytes, (uint32_t)(nonce >> 32));
	wire_store_u32(bytes + 4, (uint32_t)nonce);
	chacha_set_key(ctx, key);
	chacha_set_nonce(ctx, bytes);
}

static void begin(struct chacha_head *head, const uint8_t *pair, uint64_t nonce)
{
	static const uint8_t zero[CHACHA_BLOCK];
	struct chacha_ctx ctx;
	start(&ctx, pair + CHACHA_KEY, nonce);
	chacha_crypt(&ctx, sizeof zero, head->length, zero);
	start(&ctx, pair, nonce);
	chacha_crypt(&ctx, sizeof zero, head->poly, zero);
	wire_wipe(&ctx, sizeof ctx);
}

static void crypt_blocks(const uint8_t *key, uint64_t nonce, uint64_t counter, size_t n,
                         uint8_t *bytes)
{
	struct chacha_ctx ctx;
	uint8_t little[CHACHA_COUNTER_SIZE];
	for (size_t i = 0; i < sizeof little; i++)
		little[i] = (uint8_t)(counter >> (8 * i));
	start(&ctx, key, nonce);
	chacha_set_counter(&ctx, little);
	chacha_crypt(&ctx, n, bytes, bytes);
	wire_wipe(&ctx, sizeof ctx);
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
