/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/umac.h>

/* draft-miller-secsh-umac-01 section 3: the nonce is the sequence number as uint64. */
#define NONCE_SIZE 8

_Static_assert(sizeof(struct umac64_ctx) <= CRYPT_MAC_STATE_SIZE, "umac-64 state");
_Static_assert(sizeof(struct umac128_ctx) <= CRYPT_MAC_STATE_SIZE, "umac-128 state");

static void key64(void *state, const uint8_t *key)
{
	umac64_set_key(state, key);
}

/* Unlike with HMAC the sequence number is the nonce and no part of the data. */
static void tag64(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t nonce[NONCE_SIZE] = {0};
	wire_store_u32(nonce + 4, seq);
	umac64_set_nonce(state, sizeof nonce, nonce);
	umac64_update(state, data.len, data.ptr);
	umac64_digest(state, NETTLE_LENGTH(UMAC64_DIGEST_SIZE) tag);
}

static void key128(void *state, const uint8_t *key)
{
	umac128_set_key(state, key);
}

static void tag128(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t nonce[NONCE_SIZE] = {0};
	wire_store_u32(nonce + 4, seq);
	umac128_set_nonce(state, sizeof nonce, nonce);
	umac128_update(state, data.len, data.ptr);
	umac128_digest(state, NETTLE_LENGTH(UMAC128_DIGEST_SIZE) tag);
}

const struct crypt_mac crypt_umac_64 = {
    .name = "umac-64@openssh.com",
    .key_size = UMAC_KEY_SIZE,
    .tag_size = UMAC64_DIGEST_SIZE,
    .init = key64,
    .compute = tag64,
};

const struct crypt_mac crypt_umac_64_etm = {
    .name = "umac-64-etm@openssh.com",
    .key_size = UMAC_KEY_SIZE,
    .tag_size = UMAC64_DIGEST_SIZE,
    .etm = true,
    .init = key64,
    .compute = tag64,
};

const struct crypt_mac crypt_umac_128 = {
    .name = "umac-128@openssh.com",
    .key_size = UMAC_KEY_SIZE,
    .tag_size = UMAC128_DIGEST_SIZE,
    .init = key128,
    .compute = tag128,
};

const struct crypt_mac crypt_umac_128_etm = {
    .name = "umac-128-etm@openssh.com",
    .key_size = UMAC_KEY_SIZE,
    .tag_size = UMAC128_DIGEST_SIZE,
    .etm = true,
    .init = key128,
    .compute = tag128,
};
