/* SPDX-License-Identifier: MIT */
#include "libauth/filecipher_impl.h"
#include "libauth/der.h"
#include "libauth/nettle_impl.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/chacha.h>
#include <nettle/ctr.h>
#include <nettle/des.h>
#include <nettle/gcm.h>
#include <nettle/nettle-meta.h>
#include <nettle/poly1305.h>

#define GCM_IV 12

/* Room for the key schedule of any block cipher here. */
union schedule {
	struct aes128_ctx aes128;
	struct aes192_ctx aes192;
	struct aes256_ctx aes256;
	struct des3_ctx des3;
};

/* Nettle tells whether a key is weak, which is no business of ours: it is in the file already. */
static void des3_key(void *ctx, const uint8_t *key)
{
	(void)des3_set_key(ctx, key);
}

static void des3_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	des3_encrypt(ctx, n, dst, src);
}

static void des3_blocks_back(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	des3_decrypt(ctx, n, dst, src);
}

static const struct nettle_cipher des3 = {
    .name = "des3",
    .context_size = sizeof(struct des3_ctx),
    .block_size = DES3_BLOCK_SIZE,
    .key_size = DES3_KEY_SIZE,
    .set_encrypt_key = des3_key,
    .set_decrypt_key = des3_key,
    .encrypt = des3_blocks,
    .decrypt = des3_blocks_back,
};

static void cbc(const struct filekey *k, bool seal, uint8_t *data, size_t n, uint8_t *tag)
{
	const struct nettle_cipher *b = k->cipher->block;
	uint8_t iv[FILECIPHER_IV_MAX];
	union schedule s;

	(void)tag;
	memcpy(iv, k->iv, sizeof iv);
	if (seal) {
		b->set_encrypt_key(&s, k->key);
		cbc_encrypt(&s, b->encrypt, b->block_size, iv, n, data, data);
	} else {
		b->set_decrypt_key(&s, k->key);
		cbc_decrypt(&s, b->decrypt, b->block_size, iv, n, data, data);
	}
	wire_wipe(&s, sizeof s);
}

static void ctr(const struct filekey *k, bool seal, uint8_t *data, size_t n, uint8_t *tag)
{
	const struct nettle_cipher *b = k->cipher->block;
	uint8_t counter[FILECIPHER_IV_MAX];
	union schedule s;

	(void)seal;
	(void)tag;
	memcpy(counter, k->iv, sizeof counter);
	b->set_encrypt_key(&s, k->key);
	ctr_crypt(&s, b->encrypt, b->block_size, counter, n, data, data);
	wire_wipe(&s, sizeof s);
}

/* Without additional data: there is no packet length here. */
static void gcm(const struct filekey *k, bool seal, uint8_t *data, size_t n, uint8_t *tag)
{
	const struct nettle_cipher *b = k->cipher->block;
	struct gcm_key key;
	struct gcm_ctx ctx;
	union schedule s;

	b->set_encrypt_key(&s, k->key);
	gcm_set_key(&key, &s, b->encrypt);
	gcm_set_iv(&ctx, &key, GCM_IV, k->iv);
	if (seal)
		gcm_encrypt(&ctx, &key, &s, b->encrypt, n, data, data);
	else
		gcm_decrypt(&ctx, &key, &s, b->encrypt, n, data, data);
	gcm_digest(&ctx, &key, &s, b->encrypt, NETTLE_LENGTH(GCM_DIGEST_SIZE) tag);
	wire_wipe(&s, sizeof s);
	wire_wipe(&key, sizeof key);
	wire_wipe(&ctx, sizeof ctx);
}

/*
 * Poly1305 with the one-time key (r, s). Nettle's form adds AES(nonce) in place of s; under a key
 * of zeros, the nonce that encrypts to s is s decrypted.
 */
static void poly1305(const uint8_t key[32], ssh_bytes data, uint8_t *tag)
{
	uint8_t zero_and_r[POLY1305_AES_KEY_SIZE] = {0}, nonce[AES_BLOCK_SIZE];
	struct aes128_ctx aes;
	struct poly1305_aes_ctx poly;

	aes128_set_decrypt_key(&aes, zero_and_r);
	aes128_decrypt(&aes, sizeof nonce, nonce, key + 16);
	memcpy(zero_and_r + 16, key, 16);
	poly1305_aes_set_key(&poly, zero_and_r);
	poly1305_aes_set_nonce(&poly, nonce);
	poly1305_aes_update(&poly, data.len, data.ptr);
	poly1305_aes_digest(&poly, NETTLE_LENGTH(POLY1305_AES_DIGEST_SIZE) tag);
	wire_wipe(zero_and_r, sizeof zero_and_r);
	wire_wipe(nonce, sizeof nonce);
	wire_wipe(&poly, sizeof poly);
}

/* The payload's key alone, as packet 0: block 0 keys Poly1305, the data begins with block 1. */
static void chachapoly(const struct filekey *k, bool seal, uint8_t *data, size_t n, uint8_t *tag)
{
	static const uint8_t nonce[CHACHA_NONCE_SIZE];
	uint8_t block[CHACHA_BLOCK_SIZE] = {0};
	struct chacha_ctx ctx;

	chacha_set_key(&ctx, k->key);
	chacha_set_nonce(&ctx, nonce);
	chacha_crypt(&ctx, sizeof block, block, block);
	if (!seal)
		poly1305(block, wire_bytes(data, n), tag);
	chacha_crypt(&ctx, n, data, data);
	if (seal)
		poly1305(block, wire_bytes(data, n), tag);
	wire_wipe(&ctx, sizeof ctx);
	wire_wipe(block, sizeof block);
}

const struct filecipher auth_file_aes128_cbc = {
    "aes128-cbc", "AES-128-CBC", 16, 16, 16, 0, &nettle_aes128, cbc};
const struct filecipher auth_file_aes192_cbc = {
    "aes192-cbc", "AES-192-CBC", 24, 16, 16, 0, &nettle_aes192, cbc};
const struct filecipher auth_file_aes256_cbc = {
    "aes256-cbc", "AES-256-CBC", 32, 16, 16, 0, &nettle_aes256, cbc};
const struct filecipher auth_file_3des_cbc = {"3des-cbc", "DES-EDE3-CBC", 24, 8, 8, 0, &des3, cbc};
const struct filecipher auth_file_aes256_ctr = {"aes256-ctr",   NULL, 32, 16, 16, 0,
                                                &nettle_aes256, ctr};
static const struct filecipher aes128_ctr = {"aes128-ctr",   NULL, 16, 16, 16, 0,
                                             &nettle_aes128, ctr};
static const struct filecipher aes192_ctr = {"aes192-ctr",   NULL, 24, 16, 16, 0,
                                             &nettle_aes192, ctr};
static const struct filecipher aes128_gcm = {
    "aes128-gcm@openssh.com", NULL, 16, GCM_IV, 16, GCM_DIGEST_SIZE, &nettle_aes128, gcm};
static const struct filecipher aes256_gcm = {
    "aes256-gcm@openssh.com", NULL, 32, GCM_IV, 16, GCM_DIGEST_SIZE, &nettle_aes256, gcm};
static const struct filecipher chacha20_poly1305 = {
    "chacha20-poly1305@openssh.com", NULL, 64, 0, 8, POLY1305_AES_DIGEST_SIZE, NULL, chachapoly};

static const struct filecipher *const ciphers[] = {
    &auth_file_aes256_ctr, &aes192_ctr,         &aes128_ctr,           &aes256_gcm,
    &aes128_gcm,           &chacha20_poly1305,  &auth_file_aes256_cbc, &auth_file_aes192_cbc,
    &auth_file_aes128_cbc, &auth_file_3des_cbc,
};

#define COUNT (sizeof ciphers / sizeof ciphers[0])

const struct filecipher *auth_filecipher_find(ssh_bytes name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (wire_bytes_is(name, ciphers[i]->name))
			return ciphers[i];
	return NULL;
}

const struct filecipher *auth_filecipher_find_pem(ssh_bytes name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (ciphers[i]->pem != NULL && wire_bytes_is(name, ciphers[i]->pem))
			return ciphers[i];
	return NULL;
}

void auth_filecipher_seal(const struct filekey *k, uint8_t *data, size_t n, uint8_t *tag)
{
	k->cipher->crypt(k, true, data, n, tag);
}

enum ssh_err auth_filecipher_open(const struct filekey *k, uint8_t *data, size_t n, ssh_bytes tag)
{
	uint8_t own[FILECIPHER_TAG_MAX];

	if (n % k->cipher->block_size != 0 || tag.len != k->cipher->tag_size)
		return SSH_ERR_FILE_DAMAGED;
	k->cipher->crypt(k, false, data, n, own);
	return tag.len == 0 || wire_secret_equal(own, tag.ptr, tag.len) ? SSH_OK
	                                                                : SSH_ERR_PASSPHRASE;
}

void auth_filecipher_seal_der(const struct filekey *k, struct wire_buf *b, size_t n)
{
	uint8_t pad = (uint8_t)(k->cipher->block_size - n % k->cipher->block_size), *end;

	for (size_t i = 0; i < pad; i++)
		wire_put_u8(b, pad);
	n += pad;
	if ((end = wire_buf_room(b, 1)) != NULL)
		auth_filecipher_seal(k, end - n, n, NULL);
}

/* Padding, and what must come out. */
static enum ssh_err check_plain(struct wire_buf *b)
{
	ssh_bytes v = wire_buf_view(b);
	uint8_t pad = v.ptr[v.len - 1];
	struct wire_reader r;

	if (pad == 0 || pad > 16 || pad > v.len)
		return SSH_ERR_PASSPHRASE;
	for (size_t i = 1; i <= pad; i++)
		if (v.ptr[v.len - i] != pad)
			return SSH_ERR_PASSPHRASE;
	wire_buf_cut(b, v.len - pad);
	wire_reader_init(&r, wire_buf_view(b));
	(void)auth_der_get(&r, AUTH_DER_SEQUENCE);
	return wire_reader_end(&r) == 0 ? SSH_OK : SSH_ERR_PASSPHRASE;
}

enum ssh_err auth_filecipher_open_der(const struct filekey *k, struct wire_buf *b)
{
	size_t n = wire_buf_len(b);
	uint8_t *end = wire_buf_room(b, 1);
	enum ssh_err e;

	if (end == NULL)
		return wire_buf_end(b);
	if (n == 0)
		return SSH_ERR_FILE_DAMAGED;
	if ((e = auth_filecipher_open(k, end - n, n, wire_bytes(NULL, 0))) != 0)
		return e;
	return check_plain(b);
}
