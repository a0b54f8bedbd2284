/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libwire/buf.h"

/* RFC 4253 section 6: packets are padded to the cipher's block size or 8, whichever is larger. */
#define ALIGN_MIN   8
/* Bytes of packet_length, which -etm forms leave in the clear. */
#define LENGTH_SIZE 4

static void init_both(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                      const uint8_t *mac_key, bool seal)
{
	size_t block = p->cipher->block_size;
	p->align = block > ALIGN_MIN ? block : ALIGN_MIN;
	p->tag = p->mac->tag_size;
	p->cipher->init(p->cipher_state, key, iv, seal);
	p->mac->init(p->mac_state, mac_key);
}

/* The right tag of a forged packet is a secret: it must not stay on the stack. */
static enum ssh_err check_tag(struct crypt_packet *p, uint32_t seq, const uint8_t *packet,
                              size_t len)
{
	uint8_t tag[CRYPT_MAC_TAG_MAX];
	p->mac->compute(p->mac_state, seq, wire_bytes(packet, len), tag);
	bool good = wire_secret_equal(tag, packet + len, p->tag);
	wire_wipe(tag, sizeof tag);
	return good ? SSH_OK : SSH_ERR_MAC;
}

/* Encrypt-and-MAC: the MAC is over the plaintext, packet_length is within the first block. */

static enum ssh_err eam_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                             const uint8_t *mac_key, bool seal)
{
	init_both(p, key, iv, mac_key, seal);
	p->head = p->align;
	p->align_skip = 0;
	p->length_hidden = true;
	p->end_hidden = p->cipher->cbc;
	return SSH_OK;
}

static uint32_t eam_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	(void)seq;
	p->cipher->crypt(p->cipher_state, p->head, packet);
	return wire_load_u32(packet);
}

static void eam_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	p->mac->compute(p->mac_state, seq, wire_bytes(packet, len), packet + len);
	p->cipher->crypt(p->cipher_state, len, packet);
}

static enum ssh_err eam_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	if (len < p->head || (len - p->head) % p->cipher->block_size != 0)
		return SSH_ERR_MAC;
	p->cipher->crypt(p->cipher_state, len - p->head, packet + p->head);
	return check_tag(p, seq, packet, len);
}

const struct crypt_mode crypt_mode_eam = {
    .name = "encrypt-and-mac",
    .init = eam_init,
    .length = eam_length,
    .seal = eam_seal,
    .open = eam_open,
};

/* Encrypt-then-MAC: the MAC is over the length in the clear and the ciphertext. */

static enum ssh_err etm_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                             const uint8_t *mac_key, bool seal)
{
	init_both(p, key, iv, mac_key, seal);
	p->head = LENGTH_SIZE;
	p->align_skip = LENGTH_SIZE;
	return SSH_OK;
}

static uint32_t etm_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	(void)p;
	(void)seq;
	return wire_load_u32(packet);
}

static void etm_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	p->cipher->crypt(p->cipher_state, len - LENGTH_SIZE, packet + LENGTH_SIZE);
	p->mac->compute(p->mac_state, seq, wire_bytes(packet, len), packet + len);
}

static enum ssh_err etm_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	enum ssh_err e;
	if (len < LENGTH_SIZE || (len - LENGTH_SIZE) % p->cipher->block_size != 0)
		return SSH_ERR_MAC;
	if ((e = check_tag(p, seq, packet, len)) != 0)
		return e;
	p->cipher->crypt(p->cipher_state, len - LENGTH_SIZE, packet + LENGTH_SIZE);
	return SSH_OK;
}

const struct crypt_mode crypt_mode_etm = {
    .name = "encrypt-then-mac",
    .init = etm_init,
    .length = etm_length,
    .seal = etm_seal,
    .open = etm_open,
};
