/* SPDX-License-Identifier: MIT */
#include "libauth/bcrypt.h"
#include "libauth/bcrypt_impl.h"
#include "libcrypt/hash.h"
#include "libwire/buf.h"

/* Both the passphrase and the salt go in as SHA-512 digests. */
#define SEED_SIZE   64
#define BLOCK_SIZE  32
#define BLOCK_WORDS (BLOCK_SIZE / 4)
/* 2^6 times salt and passphrase are mixed in; and so often the text is encrypted. */
#define MIXINGS     64
#define ENCRYPTIONS 64
#define SUBKEYS     18

/* All that is secret, in one place to be wiped. */
struct work {
	struct blowfish state;
	uint8_t pass[SEED_SIZE];
	uint8_t salt[SEED_SIZE];
	uint8_t block[BLOCK_SIZE];
	uint8_t sum[BLOCK_SIZE];
};

static uint32_t mangle(const struct blowfish *b, uint32_t x)
{
	return ((b->s[0][x >> 24] + b->s[1][x >> 16 & 0xff]) ^ b->s[2][x >> 8 & 0xff]) +
	       b->s[3][x & 0xff];
}

static void encrypt(const struct blowfish *b, uint32_t block[2])
{
	uint32_t left = block[0] ^ b->p[0], right = block[1];

	for (size_t i = 1; i < SUBKEYS - 1; i += 2) {
		right ^= mangle(b, left) ^ b->p[i];
		left ^= mangle(b, right) ^ b->p[i + 1];
	}
	block[0] = right ^ b->p[SUBKEYS - 1];
	block[1] = left;
}

/* The next word of `data`, which is taken as a ring. */
static uint32_t next_word(const uint8_t data[SEED_SIZE], size_t *at)
{
	uint32_t word = wire_load_u32(data + *at);

	*at = (*at + 4) % SEED_SIZE;
	return word;
}

/* The key schedule, where each block is mixed with `salt`, if there is one, before it is encrypted. */
static void expand(struct blowfish *b, const uint8_t *salt, const uint8_t key[SEED_SIZE])
{
	uint32_t block[2] = {0, 0};
	size_t at = 0;

	for (size_t i = 0; i < SUBKEYS; i++)
		b->p[i] ^= next_word(key, &at);
	at = 0;
	for (size_t i = 0; i < SUBKEYS + 4 * 256; i += 2) {
		size_t s = i - SUBKEYS;
		uint32_t *to = i < SUBKEYS ? &b->p[i] : &b->s[s / 256][s % 256];

		if (salt != NULL) {
			block[0] ^= next_word(salt, &at);
			block[1] ^= next_word(salt, &at);
		}
		encrypt(b, block);
		to[0] = block[0];
		to[1] = block[1];
	}
	wire_wipe(block, sizeof block);
}

/* bcrypt itself, of pass and salt; words come out with their bytes turned around. */
static void hash(struct work *w)
{
	static const uint8_t text[] = "OxychromaticBlowfishSwatDynamite";
	uint32_t words[BLOCK_WORDS];

	w->state = auth_blowfish_pi;
	expand(&w->state, w->salt, w->pass);
	for (size_t i = 0; i < MIXINGS; i++) {
		expand(&w->state, NULL, w->salt);
		expand(&w->state, NULL, w->pass);
	}
	for (size_t i = 0; i < BLOCK_WORDS; i++)
		words[i] = wire_load_u32(text + 4 * i);
	for (size_t i = 0; i < ENCRYPTIONS; i++)
		for (size_t j = 0; j < BLOCK_WORDS; j += 2)
			encrypt(&w->state, words + j);
	for (size_t i = 0; i < BLOCK_SIZE; i++)
		w->block[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
	wire_wipe(words, sizeof words);
}

static void sum_up(struct work *w, uint32_t rounds)
{
	hash(w);
	memcpy(w->sum, w->block, BLOCK_SIZE);
	while (--rounds > 0) {
		crypt_hash_once(&crypt_sha512, wire_bytes(w->block, BLOCK_SIZE), w->salt);
		hash(w);
		for (size_t i = 0; i < BLOCK_SIZE; i++)
			w->sum[i] ^= w->block[i];
	}
}

/* Byte i of block b becomes byte i * blocks + b: the blocks are dealt out like cards. */
static void derive(struct work *w, uint8_t *out, size_t n, ssh_bytes salt, uint32_t rounds)
{
	size_t blocks = (n + BLOCK_SIZE - 1) / BLOCK_SIZE;
	struct crypt_hash_ctx h;
	uint8_t number[4];

	for (uint32_t b = 0; b < blocks; b++) {
		wire_store_u32(number, b + 1);
		crypt_hash_init(&h, &crypt_sha512);
		crypt_hash_update(&h, salt);
		crypt_hash_update(&h, wire_bytes(number, sizeof number));
		crypt_hash_final(&h, w->salt);
		sum_up(w, rounds);
		for (size_t i = 0; i * blocks + b < n; i++)
			out[i * blocks + b] = w->sum[i];
	}
}

enum ssh_err auth_bcrypt_pbkdf(uint8_t *out, size_t n, ssh_bytes passphrase, ssh_bytes salt,
                               uint32_t rounds)
{
	struct work w;

	if (n == 0 || n > AUTH_BCRYPT_OUT_MAX || passphrase.len == 0 || salt.len == 0 ||
	    salt.len > AUTH_BCRYPT_SALT_MAX || rounds == 0)
		return SSH_ERR_ARGUMENT;
	crypt_hash_once(&crypt_sha512, passphrase, w.pass);
	derive(&w, out, n, salt, rounds);
	wire_wipe(&w, sizeof w);
	return 0;
}
