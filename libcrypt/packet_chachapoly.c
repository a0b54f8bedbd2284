/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/chacha_impl.h"
#include "libwire/buf.h"

#include <nettle/memxor.h>

/* Bytes of packet_length, encrypted with a key of its own. */
#define LENGTH_SIZE 4

_Static_assert(sizeof(struct chachapoly) <= CRYPT_CIPHER_STATE_SIZE, "chachapoly state");

const struct chacha_impl *const chacha_impls[] = {
#ifdef CHACHA_AVX2
    &chacha_avx512,    &chacha_avx512vl,
    &chacha_avx2,
#endif
#ifdef POLY1305_64
    &chacha_nettle_64,
#endif
    &chacha_nettle,    NULL,
};

static void aead_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	struct chachapoly *c = state;
	const struct chacha_impl *const *impl = chacha_impls;
	(void)iv; /* there is none: the nonce is the sequence number */
	while (!(*impl)->usable())
		impl++;
	c->impl = *impl;
	memcpy(c->pair, key, sizeof c->pair);
	c->begun = false;
}

static enum ssh_err mode_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                              const uint8_t *mac_key, bool seal)
{
	(void)mac_key;
	(void)seal;
	p->head = LENGTH_SIZE;
	p->align = p->cipher->block_size;
	p->align_skip = LENGTH_SIZE;
	p->tag = POLY1305_TAG;
	p->length_hidden = true;
	p->cipher->init_aead(p->cipher_state, key, iv);
	return SSH_OK;
}

/*
 * Everything that can be known of a packet before it is there. Whoever wants its length wants the
 * rest next, and all together costs a vector unit no more than one block.
 */
static void begin(struct chachapoly *c, uint32_t seq)
{
	if (c->begun && c->seq == seq)
		return;
	c->impl->begin(&c->head, c->pair, seq);
	c->seq = seq;
	c->begun = true;
}

static void crypt_length(const struct chachapoly *c, uint8_t *dst, const uint8_t *src)
{
	for (size_t i = 0; i < LENGTH_SIZE; i++)
		dst[i] = src[i] ^ c->head.length[i];
}

static void crypt_body(const struct chachapoly *c, uint8_t *packet, size_t len)
{
	uint8_t *body = packet + LENGTH_SIZE;
	size_t n = len - LENGTH_SIZE, ahead = c->impl->ahead * CHACHA_BLOCK;
	size_t first = n < ahead ? n : ahead;
	memxor(body, c->head.body, first);
	if (n > first)
		c->impl->crypt(c->pair, c->seq, 1 + c->impl->ahead, n - first, body + first);
}

/*
 * The MAC is over the encrypted length, so the packet stays as it came, and the answer is kept
 * until open puts it there.
 */
static uint32_t mode_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	struct chachapoly *c = (void *)p->cipher_state;
	begin(c, seq);
	crypt_length(c, c->plain_length, packet);
	return wire_load_u32(c->plain_length);
}

static void mode_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	begin(c, seq);
	crypt_length(c, packet, packet);
	crypt_body(c, packet, len);
	c->impl->tag(c->head.poly, wire_bytes(packet, len), packet + len);
}

static enum ssh_err mode_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct chachapoly *c = (void *)p->cipher_state;
	uint8_t tag[POLY1305_TAG];
	if (len < LENGTH_SIZE)
		return SSH_ERR_MAC;
	begin(c, seq);
	c->impl->tag(c->head.poly, wire_bytes(packet, len), tag);
	bool good = wire_secret_equal(tag, packet + len, sizeof tag);
	wire_wipe(tag, sizeof tag);
	if (!good)
		return SSH_ERR_MAC;
	crypt_body(c, packet, len);
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
    .key_size = CHACHA_PAIR,
    .iv_size = 0,
    .block_size = 8, /* a stream cipher: RFC 4253 section 6's least multiple */
    .aead = &crypt_mode_chachapoly,
    .init_aead = aead_init,
};

const struct crypt_cipher crypt_chacha20_poly1305_ietf = {
    .name = "chacha20-poly1305",
    .key_size = CHACHA_PAIR,
    .iv_size = 0,
    .block_size = 8,
    .aead = &crypt_mode_chachapoly,
    .init_aead = aead_init,
};
