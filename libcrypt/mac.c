/* SPDX-License-Identifier: MIT */
#include "libcrypt/mac.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/hmac.h>

/* Bytes of a tag of 96 bits. RFC 4253 section 6.4. */
#define SHORT_TAG_SIZE 12

_Static_assert(sizeof(struct hmac_sha1_ctx) <= CRYPT_MAC_STATE_SIZE, "hmac-sha1 state");
_Static_assert(sizeof(struct hmac_sha256_ctx) <= CRYPT_MAC_STATE_SIZE, "hmac-sha2-256 state");
_Static_assert(sizeof(struct hmac_sha512_ctx) <= CRYPT_MAC_STATE_SIZE, "hmac-sha2-512 state");
_Static_assert(SHA512_DIGEST_SIZE <= CRYPT_MAC_TAG_MAX, "tag");

/*
 * Keys are as long as the digest (RFC 4253 section 6.4, RFC 6668 section 2). Nettle keeps the
 * hashed inner and outer pads, so that a packet does not pay for the key again.
 */

static void sha1_key(void *state, const uint8_t *key)
{
	hmac_sha1_set_key(state, SHA1_DIGEST_SIZE, key);
}

static void sha1_tag(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t number[4];
	wire_store_u32(number, seq);
	hmac_sha1_update(state, sizeof number, number);
	hmac_sha1_update(state, data.len, data.ptr);
	hmac_sha1_digest(state, NETTLE_LENGTH(SHA1_DIGEST_SIZE) tag);
}

static void sha1_96_tag(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t whole[SHA1_DIGEST_SIZE];
	sha1_tag(state, seq, data, whole);
	memcpy(tag, whole, SHORT_TAG_SIZE);
	wire_wipe(whole, sizeof whole);
}

static void sha256_key(void *state, const uint8_t *key)
{
	hmac_sha256_set_key(state, SHA256_DIGEST_SIZE, key);
}

static void sha256_tag(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t number[4];
	wire_store_u32(number, seq);
	hmac_sha256_update(state, sizeof number, number);
	hmac_sha256_update(state, data.len, data.ptr);
	hmac_sha256_digest(state, NETTLE_LENGTH(SHA256_DIGEST_SIZE) tag);
}

static void sha512_key(void *state, const uint8_t *key)
{
	hmac_sha512_set_key(state, SHA512_DIGEST_SIZE, key);
}

static void sha512_tag(void *state, uint32_t seq, ssh_bytes data, uint8_t *tag)
{
	uint8_t number[4];
	wire_store_u32(number, seq);
	hmac_sha512_update(state, sizeof number, number);
	hmac_sha512_update(state, data.len, data.ptr);
	hmac_sha512_digest(state, NETTLE_LENGTH(SHA512_DIGEST_SIZE) tag);
}

const struct crypt_mac crypt_hmac_sha2_256 = {
    .name = "hmac-sha2-256",
    .key_size = SHA256_DIGEST_SIZE,
    .tag_size = SHA256_DIGEST_SIZE,
    .etm = false,
    .init = sha256_key,
    .compute = sha256_tag,
};

const struct crypt_mac crypt_hmac_sha2_256_etm = {
    .name = "hmac-sha2-256-etm@openssh.com",
    .key_size = SHA256_DIGEST_SIZE,
    .tag_size = SHA256_DIGEST_SIZE,
    .etm = true,
    .init = sha256_key,
    .compute = sha256_tag,
};

const struct crypt_mac crypt_hmac_sha2_512 = {
    .name = "hmac-sha2-512",
    .key_size = SHA512_DIGEST_SIZE,
    .tag_size = SHA512_DIGEST_SIZE,
    .etm = false,
    .init = sha512_key,
    .compute = sha512_tag,
};

const struct crypt_mac crypt_hmac_sha2_512_etm = {
    .name = "hmac-sha2-512-etm@openssh.com",
    .key_size = SHA512_DIGEST_SIZE,
    .tag_size = SHA512_DIGEST_SIZE,
    .etm = true,
    .init = sha512_key,
    .compute = sha512_tag,
};

const struct crypt_mac crypt_hmac_sha1 = {
    .name = "hmac-sha1",
    .key_size = SHA1_DIGEST_SIZE,
    .tag_size = SHA1_DIGEST_SIZE,
    .etm = false,
    .init = sha1_key,
    .compute = sha1_tag,
};

const struct crypt_mac crypt_hmac_sha1_etm = {
    .name = "hmac-sha1-etm@openssh.com",
    .key_size = SHA1_DIGEST_SIZE,
    .tag_size = SHA1_DIGEST_SIZE,
    .etm = true,
    .init = sha1_key,
    .compute = sha1_tag,
};

const struct crypt_mac crypt_insecure_hmac_sha1_96 = {
    .name = "hmac-sha1-96",
    .key_size = SHA1_DIGEST_SIZE,
    .tag_size = SHORT_TAG_SIZE,
    .etm = false,
    .init = sha1_key,
    .compute = sha1_96_tag,
};

const struct crypt_mac crypt_insecure_hmac_sha1_96_etm = {
    .name = "hmac-sha1-96-etm@openssh.com",
    .key_size = SHA1_DIGEST_SIZE,
    .tag_size = SHORT_TAG_SIZE,
    .etm = true,
    .init = sha1_key,
    .compute = sha1_96_tag,
};
