/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/chacha-poly1305.h>
#include <nettle/chacha.h>
#include <nettle/poly1305.h>

/* Bytes of packet_length, encrypted with a key of its own. */
#define LENGTH_SIZE 4
#define TAG_SIZE    POLY1305_AES_DIGEST_SIZE

/* A number modulo 2^128. */
struct u128 {
	uint64_t low, high;
};

/*
 * Nettle has two public forms of Poly1305 and neither is ours. Its chacha_poly1305 (RFC 8439) derives
 * the one-time key (r, s) from block 0 as we need it, for its nonce is ours behind four zero bytes,
 * but then hashes padding and lengths. Its poly1305_aes hashes the bytes alone, but adds AES(nonce)
 * in place of s. So the one finds the key, the other hashes with its r, and what it adds - a
 * constant, since AES key and nonce stay zero - is exchanged for s at the end. No packet pays for a
 * key schedule.
 */
struct chachapoly {
	struct chacha_poly1305_ctx payload; /* K_2 of the specification */
	struct chacha_ctx length;           /* K_1 */
	struct poly1305_aes_ctx poly;
	struct u128 mask; /* AES(0) under the key 0 */
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

/* The tag of `data` with the one-time key that begin found. */
static void authenticate(struct chachapoly *c, ssh_bytes data, uint8_t tag[TAG_SIZE])
{
	uint8_t s[TAG_SIZE];
	memcpy(s, &c->payload.s, sizeof s);
	poly1305_aes_update(&c->poly, data.len, data.ptr);
	poly1305_aes_digest(&c->poly, NETTLE_LENGTH(TAG_SIZE) tag);
	struct u128 sum = add(load_u128(tag), subtract(load_u128(s), c->mask));
	store_le64(tag, sum.low);
	store_le64(tag + 8, sum.high);
	wire_wipe(s, sizeof s);
}

static void aead_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	static const uint8_t zero[POLY1305_AES_KEY_SIZE];
	struct chachapoly *c = state;
	uint8_t mask[TAG_SIZE];
	(void)iv; /* there is none: the nonce is the sequence number */
	chacha_poly1305_set_key(&c->payload, key);
	chacha_set_key(&c->length, key + CHACHA_KEY_SIZE);
	/* With r = 0 every sum is 0, and nothing but the mask is left. */
	poly1305_aes_set_key(&c->poly, zero);
	poly1305_aes_set_nonce(&c->poly, zero); /* set_key does not, whatever its header says */
	poly1305_aes_digest(&c->poly, NETTLE_LENGTH(TAG_SIZE) mask);
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
	p->length_hidden = true;
	p->cipher->init_aead(p->cipher_state, key, iv);
	return SSH_OK;
}

/* Nonces are the sequence number as uint64; setting one puts the block counter to 0. */
static void crypt_length(struct chachapoly *c, uint32_t seq, uint8_t *dst, const uint8_t *src)
{
	uint8_t nonce[CHACHA_NONCE_SIZE] = {0};
	wire_store_u32(nonce + 4, seq);
	chacha_set_nonce(&c->length, nonce);
	chacha_crypt(&c->length, LENGTH_SIZE, dst, src);
}

/* Block 0 of the payload's stream is the packet's Poly1305 key; the payload starts at block 1. */
static void begin(struct chachapoly *c, uint32_t seq)
{
	static const uint8_t zero[POLY1305_AES_NONCE_SIZE];
	uint8_t nonce[CHACHA_NONCE96_SIZE] = {0};
	wire_store_u32(nonce + 8, seq);
	chacha_poly1305_set_nonce(&c->payload, nonce);
	c->poly.pctx = c->payload.poly1305;
	poly1305_aes_set_nonce(&c->poly, zero); /* digest counted it up */
}

static void crypt_payload(struct chachapoly *c, uint8_t *packet, size_t len)
{
	uint8_t *body = packet + LENGTH_SIZE;
	chacha_crypt32(&c->payload.chacha, len - LENGTH_SIZE, body, body);
}

/*
 * The MAC is over the encrypted length, so the packet stays as it came, and the answer is kept
 * until open puts it there.
 */
static uint32_t mode_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	struct chachapoly *c = (void *)p->cipher_state;
	crypt_length(c, seq, c->plain_length, packet);
	return wire_load_u32(c->plain_length);
}

static void mode_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	begin(c, seq);
	crypt_length(c, seq, packet, packet);
	crypt_payload(c, packet, len);
	authenticate(c, wire_bytes(packet, len), packet + len);
}

static enum ssh_err mode_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	uint8_t tag[TAG_SIZE];
	if (len < LENGTH_SIZE)
		return SSH_ERR_MAC;
	begin(c, seq);
	authenticate(c, wire_bytes(packet, len), tag);
	bool good = wire_secret_equal(tag, packet + len, sizeof tag);
	wire_wipe(tag, sizeof tag);
	if (!good)
		return SSH_ERR_MAC;
	crypt_payload(c, packet, len);
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

const struct crypt_cipher crypt_chacha20_poly1305_ietf = {
    .name = "chacha20-poly1305",
    .key_size = 2 * CHACHA_KEY_SIZE,
    .iv_size = 0,
    .block_size = 8,
    .aead = &crypt_mode_chachapoly,
    .init_aead = aead_init,
};
