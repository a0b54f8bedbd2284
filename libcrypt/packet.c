/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libwire/buf.h"

/* RFC 4253 section 6: no packet is shorter than 16 bytes (nor than a cipher block, which the
 * alignment sees to), and without a cipher packets are padded to multiples of 8. */
#define PACKET_MIN 16
#define ALIGN_NONE 8

static enum ssh_err none_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                              const uint8_t *mac_key, bool seal)
{
	(void)key;
	(void)iv;
	(void)mac_key;
	(void)seal;
	p->head = 4;
	p->align = ALIGN_NONE;
	p->align_skip = 0;
	p->tag = 0;
	return SSH_OK;
}

static uint32_t none_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	(void)p;
	(void)seq;
	return wire_load_u32(packet);
}

static void none_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	(void)p;
	(void)seq;
	(void)packet;
	(void)len;
}

static enum ssh_err none_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	(void)p;
	(void)seq;
	(void)packet;
	(void)len;
	return SSH_OK;
}

const struct crypt_mode crypt_mode_none = {
    .name = "none",
    .init = none_init,
    .length = none_length,
    .seal = none_seal,
    .open = none_open,
};

static const struct crypt_mode *mode_of(const struct crypt_packet_keys *keys)
{
	if (keys->cipher == NULL)
		return &crypt_mode_none;
	if (keys->cipher->aead != NULL)
		return keys->cipher->aead;
	if (keys->mac == NULL || keys->mac->compute == NULL)
		return NULL;
	return keys->mac->etm ? &crypt_mode_etm : &crypt_mode_eam;
}

enum ssh_err crypt_packet_init(struct crypt_packet *p, const struct crypt_packet_keys *keys,
                               bool seal)
{
	const struct crypt_mode *mode = mode_of(keys);
	crypt_packet_wipe(p);
	if (mode == NULL)
		return SSH_ERR_ARGUMENT;
	p->mode = mode;
	p->cipher = keys->cipher;
	p->mac = mode == &crypt_mode_etm || mode == &crypt_mode_eam ? keys->mac : NULL;
	return mode->init(p, keys->key, keys->iv, keys->mac_key, seal);
}

void crypt_packet_wipe(struct crypt_packet *p)
{
	wire_wipe(p, sizeof *p);
}

size_t crypt_packet_padding(const struct crypt_packet *p, size_t payload)
{
	size_t plain = CRYPT_PACKET_HEAD + payload;
	size_t padding = p->align - (plain - p->align_skip) % p->align;
	while (padding < CRYPT_PADDING_MIN || plain + padding < PACKET_MIN)
		padding += p->align;
	return padding;
}
