/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/chacha.h>
#include <nettle/poly1305.h>

/* Bytes of packet_length, encrypted with a key of its own. */
#define LENGTH_SIZE 4
#define TAG_SIZE    POLY1305_AES_DIGEST_SIZE
/* A one-time Poly1305 key: r, then s. */
#define HALF_SIZE   16

/* A number modulo 2^128. */
struct u128 {
	uint64_t low, high;
};

struct chachapoly {
	struct chacha_ctx payload; /* K_2 of the specification */
	struct chacha_ctx length;  /* K_1 */
	struct u128 mask;	   /* what Poly1305-AES adds in place of s; see poly1305 */
	uint8_t plain_length[LENGTH_SIZE];
};

_Static_assert(sizeof(struct chachapoly) <= CRYPT_CIPHER_STATE_SIZE, "chachapoly state");

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

/* Poly1305-AES with the AES key zero and the nonce zero: the digest is poly(r, data) + mask. */
static void poly1305_masked(const uint8_t r[HALF_SIZE], ssh_bytes data, uint8_t digest[TAG_SIZE])
{
	static const uint8_t zero[POLY1305_AES_NONCE_SIZE];
	struct poly1305_aes_ctx poly;
	uint8_t key[POLY1305_AES_KEY_SIZE] = {0};
	memcpy(key + HALF_SIZE, r, HALF_SIZE);
	poly1305_aes_set_key(&poly, key);
	poly1305_aes_set_nonce(&poly, zero); /* set_key does not, whatever its header says */
	poly1305_aes_update(&poly, data.len, data.ptr);
	poly1305_aes_digest(&poly, NETTLE_LENGTH(TAG_SIZE) digest);
	wire_wipe(key, sizeof key);
	wire_wipe(&poly, sizeof poly);
}

/*
 * Plain Poly1305 is poly(r, data) + s modulo 2^128, but Nettle's only public form of it has
 * AES(nonce) for s. With a fixed AES key and nonce that summand is a constant, the mask, so it can
 * be exchanged for s afterwards: cheaper than to find the nonce that AES turns into s.
 */
static void poly1305(const struct chachapoly *c, const uint8_t key[2 * HALF_SIZE], ssh_bytes data,
		     uint8_t tag[TAG_SIZE])
{
	poly1305_masked(key, data, tag);
	struct u128 exchange = subtract(load_u128(key + HALF_SIZE), c->mask);
	struct u128 sum = add(load_u128(tag), exchange);
	store_le64(tag, sum.low);
	store_le64(tag + 8, sum.high);
}

static void aead_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	static const uint8_t zero[HALF_SIZE];
	struct chachapoly *c = state;
	uint8_t mask[TAG_SIZE];
	(void)iv; /* there is none: the nonce is the sequence number */
	chacha_set_key(&c->payload, key);
	chacha_set_key(&c->length, key + CHACHA_KEY_SIZE);
	/* With r = 0 nothing but the mask is left. */
	poly1305_masked(zero, wire_bytes(zero, 0), mask);
	c->mask = load_u128(mask);
}

static enum ssh_err mode_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
			      const uint8_t *mac_key, bool seal)
{
	(void)mac_key;
	(void)seal;
	p->head = LENGTH_SIZE;
	p->align = p->cipher->block_size;
	p->align_skip = LENGTH_SIZE;
	p->tag = TAG_SIZE;
	p->cipher->init_aead(p->cipher_state, key, iv);
	return SSH_OK;
}

/* The nonce is the sequence number as uint64; setting it puts the block counter to 0. */
static void set_nonce(struct chacha_ctx *chacha, uint32_t seq)
{
	uint8_t nonce[CHACHA_NONCE_SIZE] = {0};
	wire_store_u32(nonce + 4, seq);
	chacha_set_nonce(chacha, nonce);
}

/* Block 0 of the payload's stream holds the packet's Poly1305 key; the payload starts at block 1. */
static void begin(struct chachapoly *c, uint32_t seq, uint8_t key[2 * HALF_SIZE])
{
	memset(key, 0, 2 * HALF_SIZE);
	set_nonce(&c->payload, seq);
	chacha_crypt(&c->payload, 2 * HALF_SIZE, key, key);
}

/*
 * The MAC is over the encrypted length, so the packet stays as it came, and the answer is kept
 * until open puts it there.
 */
static uint32_t mode_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	struct chachapoly *c = (void *)p->cipher_state;
	set_nonce(&c->length, seq);
	chacha_crypt(&c->length, LENGTH_SIZE, c->plain_length, packet);
	return wire_load_u32(c->plain_length);
}

static void mode_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	uint8_t *body = packet + LENGTH_SIZE;
	uint8_t key[2 * HALF_SIZE];
	begin(c, seq, key);
	set_nonce(&c->length, seq);
	chacha_crypt(&c->length, LENGTH_SIZE, packet, packet);
	chacha_crypt(&c->payload, len - LENGTH_SIZE, body, body);
	poly1305(c, key, wire_bytes(packet, len), packet + len);
	wire_wipe(key, sizeof key);
}

static enum ssh_err mode_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	uint8_t *body = packet + LENGTH_SIZE;
	uint8_t key[2 * HALF_SIZE];
	uint8_t tag[TAG_SIZE];
	if (len < LENGTH_SIZE)
		return SSH_ERR_MAC;
	begin(c, seq, key);
	poly1305(c, key, wire_bytes(packet, len), tag);
	wire_wipe(key, sizeof key);
	bool good = wire_secret_equal(tag, packet + len, sizeof tag);
	wire_wipe(tag, sizeof tag);
	if (!good)
		return SSH_ERR_MAC;
	chacha_crypt(&c->payload, len - LENGTH_SIZE, body, body);
	memcpy(packet, c->plain_length, LENGTH_SIZE);
	return SSH_OK;
}

const struct crypt_mode crypt_mode_chachapoly = {
    .name = "chachapoly",
    .init = mode_init,
    .length = mode_length,
    .seal = mode_seal,
    .open = mode_open,
};

const struct crypt_cipher crypt_chacha20_poly1305 = {
    .name = "chacha20-poly1305@openssh.com",
    .key_size = 2 * CHACHA_KEY_SIZE,
    .iv_size = 0,
    .block_size = 8, /* a stream cipher: RFC 4253 section 6's least multiple */
    .aead = &crypt_mode_chachapoly,
    .init_aead = aead_init,
};
