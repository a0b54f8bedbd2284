/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/hmac.h>

/* Bytes of a tag of 96 bits. RFC 4253 section 6.4. */
#define SHORT_TAG_SIZE 12

_Static_assert(sizeof(struct hmac_md5_ctx) <= CRYPT_MAC_STATE_SIZE, "hmac-md5 state");

static void key_md5(void *state, const uint8_t *key)
{
	hmac_md5_set_key(state, MD5_DIGEST_SIZE, key);
}

static void tag_md5(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t number[4];
	wire_store_u32(number, seq);
	hmac_md5_update(state, sizeof number, number);
	hmac_md5_update(state, data.len, data.ptr);
	hmac_md5_digest(state, NETTLE_LENGTH(MD5_DIGEST_SIZE) tag);
}

static void tag_md5_96(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t whole[MD5_DIGEST_SIZE];
	tag_md5(state, seq, data, whole);
	memcpy(tag, whole, SHORT_TAG_SIZE);
	wire_wipe(whole, sizeof whole);
}

const struct crypt_mac crypt_insecure_hmac_md5 = {
    .name = "hmac-md5",
    .key_size = MD5_DIGEST_SIZE,
    .tag_size = MD5_DIGEST_SIZE,
    .init = key_md5,
    .compute = tag_md5,
};

const struct crypt_mac crypt_insecure_hmac_md5_etm = {
    .name = "hmac-md5-etm@openssh.com",
    .key_size = MD5_DIGEST_SIZE,
    .tag_size = MD5_DIGEST_SIZE,
    .etm = true,
    .init = key_md5,
    .compute = tag_md5,
};

const struct crypt_mac crypt_insecure_hmac_md5_96 = {
    .name = "hmac-md5-96",
    .key_size = MD5_DIGEST_SIZE,
    .tag_size = SHORT_TAG_SIZE,
    .init = key_md5,
    .compute = tag_md5_96,
};

const struct crypt_mac crypt_insecure_hmac_md5_96_etm = {
    .name = "hmac-md5-96-etm@openssh.com",
    .key_size = MD5_DIGEST_SIZE,
    .tag_size = SHORT_TAG_SIZE,
    .etm = true,
    .init = key_md5,
    .compute = tag_md5_96,
};
