/* SPDX-License-Identifier: MIT */
#include "libcrypt/nettle_impl.h"
#include "tests/bench/rows.h"

#include <nettle/arcfour.h>
#include <nettle/blowfish.h>
#include <nettle/cbc.h>
#include <nettle/chacha.h>
#include <nettle/ctr.h>
#include <nettle/des.h>
#include <nettle/gcm.h>
#include <nettle/nettle-meta.h>
#include <nettle/poly1305.h>
#include <nettle/umac.h>
#include <string.h>

/*
 * How fast packets are sealed and opened, beside the bare primitives that they stand on: Nettle's calls
 * for the same bytes, keyed beforehand, one pass of encryption and one of authentication. Not
 * in the bare sum, and so on our account: the sequence number that HMAC and UMAC take besides, the
 * comparison of tags, the block that is decrypted first to know the length, and what a construction
 * does per packet (chacha20-poly1305 makes a Poly1305 key).
 *
 *     bench_packet [PART OF A NAME]
 */

/* --- Nettle's, untyped; those that it has no descriptor for are made here --- */

static void des3_key(void *ctx, const uint8_t *key)
{
	(void)des3_set_key(ctx, key);
}

static void des3_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	des3_encrypt(ctx, n, dst, src);
}

static void des3_inverse(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	des3_decrypt(ctx, n, dst, src);
}

static void blowfish_key(void *ctx, const uint8_t *key)
{
	(void)blowfish_set_key(ctx, BLOWFISH128_KEY_SIZE, key);
}

static void blowfish_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	blowfish_encrypt(ctx, n, dst, src);
}

static void blowfish_inverse(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	blowfish_decrypt(ctx, n, dst, src);
}

static const struct nettle_cipher des3 = {"3des",          sizeof(struct des3_ctx),
                                          DES3_BLOCK_SIZE, DES3_KEY_SIZE,
                                          des3_key,        des3_key,
                                          des3_blocks,     des3_inverse};
static const struct nettle_cipher blowfish = {"blowfish",          sizeof(struct blowfish_ctx),
                                              BLOWFISH_BLOCK_SIZE, BLOWFISH128_KEY_SIZE,
                                              blowfish_key,        blowfish_key,
                                              blowfish_blocks,     blowfish_inverse};

static void umac64_key(void *ctx, const uint8_t *key)
{
	umac64_set_key(ctx, key);
}

static void umac64_data(void *ctx, size_t n, const uint8_t *data)
{
	umac64_update(ctx, n, data);
}

static void umac128_key(void *ctx, const uint8_t *key)
{
	umac128_set_key(ctx, key);
}

static void umac128_data(void *ctx, size_t n, const uint8_t *data)
{
	umac128_update(ctx, n, data);
}

/* Nettle 4.0 has tags of one length only. */
#if NETTLE_VERSION_MAJOR >= 4
#define TAG_PARAMETERS void *ctx, uint8_t *tag
#define TAG_LENGTH(n)
#else
#define TAG_PARAMETERS void *ctx, size_t length, uint8_t *tag
#define TAG_LENGTH(n)  length,
#endif

static void umac64_tag(TAG_PARAMETERS)
{
	umac64_digest(ctx, TAG_LENGTH() tag);
}

static void umac128_tag(TAG_PARAMETERS)
{
	umac128_digest(ctx, TAG_LENGTH() tag);
}

static const struct nettle_mac umac64 = {"umac64",           sizeof(struct umac64_ctx),
                                         UMAC64_DIGEST_SIZE, UMAC_KEY_SIZE,
                                         umac64_key,         umac64_data,
                                         umac64_tag};
static const struct nettle_mac umac128 = {"umac128",           sizeof(struct umac128_ctx),
                                          UMAC128_DIGEST_SIZE, UMAC_KEY_SIZE,
                                          umac128_key,         umac128_data,
                                          umac128_tag};

/* --- Tables --- */

typedef void chain_fn(const void *ctx, uint8_t *iv, size_t n, uint8_t *bytes);

#define AES_CHAIN(name)                                                                            \
	static void name##_chain(const void *ctx, uint8_t *iv, size_t n, uint8_t *bytes)           \
	{                                                                                          \
		cbc_##name##_encrypt(ctx, iv, n, bytes, bytes);                                    \
	}
AES_CHAIN(aes128)
AES_CHAIN(aes192)
AES_CHAIN(aes256)

/* By how our names begin: first come, first served. */
static const struct {
	const char *name;
	const struct nettle_cipher *cipher;
	chain_fn *chain; /* the whole of CBC, where Nettle has it */
} blocks[] = {
    {"aes128", &nettle_aes128, aes128_chain},
    {"aes192", &nettle_aes192, aes192_chain},
    {"aes256", &nettle_aes256, aes256_chain},
    {"twofish128", &nettle_twofish128, NULL},
    {"twofish192", &nettle_twofish192, NULL},
    {"twofish256", &nettle_twofish256, NULL},
    {"serpent128", &nettle_serpent128, NULL},
    {"serpent192", &nettle_serpent192, NULL},
    {"serpent256", &nettle_serpent256, NULL},
    {"camellia128", &nettle_camellia128, NULL},
    {"camellia192", &nettle_camellia192, NULL},
    {"camellia256", &nettle_camellia256, NULL},
    {"3des", &des3, NULL},
    {"blowfish", &blowfish, NULL},
    {"cast128", &nettle_cast128, NULL},
};

static const struct {
	const char *name;
	const struct nettle_mac *mac;
} macs[] = {
    {"hmac-sha2-256", &nettle_hmac_sha256},
    {"hmac-sha2-512", &nettle_hmac_sha512},
    {"hmac-sha1", &nettle_hmac_sha1},
    {"hmac-ripemd160", &nettle_hmac_ripemd160},
    {"hmac-md5", &nettle_hmac_md5},
    {"umac-64", &umac64},
    {"umac-128", &umac128},
};

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* --- The row that is under way --- */

#define CONTEXT_MAX 8192 /* bytes; the largest is gcm_aes256_ctx */

static struct {
	const struct nettle_cipher *cipher; /* NULL: arcfour */
	const struct nettle_aead *aead;
	const struct nettle_mac *mac;
	chain_fn *chain;
	bool ctr;
	size_t skip; /* bytes that are not encrypted */
	uint8_t iv[16];
	uint64_t seal[CONTEXT_MAX / 8], open[CONTEXT_MAX / 8], tag[CONTEXT_MAX / 8];
	struct chacha_ctx chacha;
	struct poly1305_aes_ctx poly;
} now;

static const uint8_t key[64];

static void body(bool open, uint8_t *p, size_t n)
{
	const struct nettle_cipher *c = now.cipher;
	if (c == NULL)
		arcfour_crypt((void *)now.seal, n, p, p);
	else if (now.ctr)
		ctr_crypt(now.seal, c->encrypt, c->block_size, now.iv, n, p, p);
	else if (open)
		cbc_decrypt(now.open, c->decrypt, c->block_size, now.iv, n, p, p);
	else if (now.chain != NULL)
		now.chain(now.seal, now.iv, n, p);
	else
		cbc_encrypt(now.seal, c->encrypt, c->block_size, now.iv, n, p, p);
}

static void both(bool open, uint8_t *p, size_t len)
{
	body(open, p + now.skip, len - now.skip);
	now.mac->update(now.tag, len, p);
	now.mac->digest(now.tag, NETTLE_LENGTH(now.mac->digest_size) p + len);
}

static void aead(bool open, uint8_t *p, size_t len)
{
	const struct nettle_aead *a = now.aead;
	if (a == NULL) {
		chacha_crypt(&now.chacha, len, p, p);
		poly1305_aes_update(&now.poly, len, p);
		poly1305_aes_digest(&now.poly, NETTLE_LENGTH(POLY1305_AES_DIGEST_SIZE) p + len);
		return;
	}
	a->set_nonce(now.seal, now.iv);
	a->update(now.seal, 4, p);
	(open ? a->decrypt : a->encrypt)(now.seal, len - 4, p + 4, p + 4);
	a->digest(now.seal, NETTLE_LENGTH(a->digest_size) p + len);
}

static void seal(uint8_t *p, size_t len)
{
	(now.mac == NULL ? aead : both)(false, p, len);
}

static void open(uint8_t *p, size_t len)
{
	(now.mac == NULL ? aead : both)(true, p, len);
}

static void stop(void)
{
	memset(&now, 0, sizeof now);
}

static bool start_aead(const struct crypt_cipher *cipher)
{
	if (cipher->init_aead == crypt_chacha20_poly1305.init_aead) {
		chacha_set_key(&now.chacha, key);
		chacha_set_nonce(&now.chacha, key);
		poly1305_aes_set_key(&now.poly, key);
		poly1305_aes_set_nonce(&now.poly, key);
		return true;
	}
	now.aead = cipher->key_size == 16 ? &nettle_gcm_aes128 : &nettle_gcm_aes256;
	bench_must(now.aead->context_size <= sizeof now.seal, "a context is too large");
	now.aead->set_encrypt_key(now.seal, key);
	return true;
}

static bool start(const struct crypt_cipher *cipher, const struct crypt_mac *mac)
{
	if (cipher->aead != NULL)
		return start_aead(cipher);
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks && now.cipher == NULL; i++) {
		if (begins(cipher->name, blocks[i].name)) {
			now.cipher = blocks[i].cipher;
			now.chain = blocks[i].chain;
		}
	}
	for (size_t i = 0; i < sizeof macs / sizeof *macs && now.mac == NULL; i++) {
		if (begins(mac->name, macs[i].name))
			now.mac = macs[i].mac;
	}
	bench_must(now.mac != NULL && now.mac->context_size <= sizeof now.tag, mac->name);
	now.mac->set_key(now.tag, key);
	now.ctr = !cipher->cbc;
	now.skip = mac->etm ? 4 : 0;
	if (now.cipher == NULL) {
		bench_must(begins(cipher->name, "arcfour"), cipher->name);
		arcfour_set_key((void *)now.seal, 16, key);
		return true;
	}
	bench_must(now.cipher->context_size <= sizeof now.seal, "a context is too large");
	now.cipher->set_encrypt_key(now.seal, key);
	now.cipher->set_decrypt_key(now.open, key);
	return true;
}

int main(int argc, char **argv)
{
	static const struct bench_other nettle = {
	    .name = "bare Nettle",
	    .start = start,
	    .seal = seal,
	    .open = open,
	    .stop = stop,
	    .aim = {0.70, 0, 0.95},
	};
	bench_rows(&nettle, argc > 1 ? argv[1] : NULL);
	return 0;
}
