/* SPDX-License-Identifier: MIT */
#include "libcrypt/hash.h"

#include "libcrypt/nettle_impl.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha1_ctx) <= CRYPT_HASH_STATE_SIZE, "sha1 state");
_Static_assert(sizeof(struct sha256_ctx) <= CRYPT_HASH_STATE_SIZE, "sha256 state");
_Static_assert(sizeof(struct sha512_ctx) <= CRYPT_HASH_STATE_SIZE, "sha512 state");
_Static_assert(SHA512_DIGEST_SIZE <= CRYPT_HASH_MAX, "digest");

static void sha1_start(void *state)
{
	sha1_init(state);
}

static void sha1_more(void *state, ssh_bytes data)
{
	sha1_update(state, data.len, data.ptr);
}

static void sha1_end(void *state, uint8_t *digest)
{
	sha1_digest(state, NETTLE_LENGTH(SHA1_DIGEST_SIZE) digest);
}

static void sha256_start(void *state)
{
	sha256_init(state);
}

static void sha256_more(void *state, ssh_bytes data)
{
	sha256_update(state, data.len, data.ptr);
}

static void sha256_end(void *state, uint8_t *digest)
{
	sha256_digest(state, NETTLE_LENGTH(SHA256_DIGEST_SIZE) digest);
}

static void sha384_start(void *state)
{
	sha384_init(state);
}

static void sha384_more(void *state, ssh_bytes data)
{
	sha384_update(state, data.len, data.ptr);
}

static void sha384_end(void *state, uint8_t *digest)
{
	sha384_digest(state, NETTLE_LENGTH(SHA384_DIGEST_SIZE) digest);
}

static void sha512_start(void *state)
{
	sha512_init(state);
}

static void sha512_more(void *state, ssh_bytes data)
{
	sha512_update(state, data.len, data.ptr);
}

static void sha512_end(void *state, uint8_t *digest)
{
	sha512_digest(state, NETTLE_LENGTH(SHA512_DIGEST_SIZE) digest);
}

const struct crypt_hash crypt_sha1 = {
    .name = "sha1",
    .size = SHA1_DIGEST_SIZE,
    .block = SHA1_BLOCK_SIZE,
    .init = sha1_start,
    .update = sha1_more,
    .final = sha1_end,
};

const struct crypt_hash crypt_sha256 = {
    .name = "sha256",
    .size = SHA256_DIGEST_SIZE,
    .block = SHA256_BLOCK_SIZE,
    .init = sha256_start,
    .update = sha256_more,
    .final = sha256_end,
};

const struct crypt_hash crypt_sha384 = {
    .name = "sha384",
    .size = SHA384_DIGEST_SIZE,
    .block = SHA384_BLOCK_SIZE,
    .init = sha384_start,
    .update = sha384_more,
    .final = sha384_end,
};

const struct crypt_hash crypt_sha512 = {
    .name = "sha512",
    .size = SHA512_DIGEST_SIZE,
    .block = SHA512_BLOCK_SIZE,
    .init = sha512_start,
    .update = sha512_more,
    .final = sha512_end,
};

void crypt_hash_init(struct crypt_hash_ctx *h, const struct crypt_hash *alg)
{
	h->alg = alg;
	alg->init(h->state);
}

void crypt_hash_update(struct crypt_hash_ctx *h, ssh_bytes data)
{
	/* Nettle hands the pointer to memcpy, which may not get NULL. */
	if (data.len > 0)
		h->alg->update(h->state, data);
}

void crypt_hash_final(struct crypt_hash_ctx *h, uint8_t *digest)
{
	h->alg->final(h->state, digest);
	crypt_hash_wipe(h);
}

void crypt_hash_wipe(struct crypt_hash_ctx *h)
{
	wire_wipe(h, sizeof *h);
}

void crypt_hash_once(const struct crypt_hash *alg, ssh_bytes data, uint8_t *digest)
{
	struct crypt_hash_ctx h;
	crypt_hash_init(&h, alg);
	crypt_hash_update(&h, data);
	crypt_hash_final(&h, digest);
}

static void hmac_pass(const struct crypt_hash *alg, const uint8_t *pad, ssh_bytes data,
                      uint8_t *out)
{
	struct crypt_hash_ctx h;
	crypt_hash_init(&h, alg);
	crypt_hash_update(&h, wire_bytes(pad, alg->block));
	crypt_hash_update(&h, data);
	crypt_hash_final(&h, out);
}

void crypt_hmac_once(const struct crypt_hash *alg, ssh_bytes key, ssh_bytes data, uint8_t *out)
{
	uint8_t pad[CRYPT_HASH_BLOCK_MAX] = {0};
	if (key.len > alg->block)
		crypt_hash_once(alg, key, pad);
	else if (key.len > 0)
		memcpy(pad, key.ptr, key.len);
	for (size_t i = 0; i < alg->block; i++)
		pad[i] ^= 0x36;
	hmac_pass(alg, pad, data, out);
	for (size_t i = 0; i < alg->block; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	hmac_pass(alg, pad, wire_bytes(out, alg->size), out);
	wire_wipe(pad, sizeof pad);
}
