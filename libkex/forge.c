/* SPDX-License-Identifier: MIT */
#include "libkex/forge.h"

#include "libwire/buf.h"

static enum ssh_err add_extra(const struct kex_forge *f, size_t align, const struct crypt_rng *rng,
                              size_t *padding)
{
	uint8_t draw;
	enum ssh_err e = crypt_rng_fill(rng, &draw, sizeof draw);
	if (e != 0)
		return e;
	/* Uneven, a little; nothing depends on it. */
	*padding += draw % (f->extra + 1u) * align;
	while (*padding > CRYPT_PADDING_MAX)
		*padding -= align;
	return SSH_OK;
}

enum ssh_err kex_forge_size(const struct kex_forge *f, const struct crypt_packet *p, size_t len,
                            const struct crypt_rng *rng, size_t *padding)
{
	enum ssh_err e;
	if ((f->what & KEX_FORGE_EXTRA) != 0 && (e = add_extra(f, p->align, rng, padding)) != 0)
		return e;
	if ((f->what & KEX_FORGE_PADDING) == 0)
		return SSH_OK;
	*padding = f->padding;
	/* Nettle's block ciphers end the program over a broken block. */
	bool blocks = p->cipher != NULL && p->mac != NULL;
	bool aligned = (CRYPT_PACKET_HEAD + len + *padding - p->align_skip) % p->align == 0;
	return *padding > CRYPT_PADDING_MAX || (blocks && !aligned) ? SSH_ERR_ARGUMENT : SSH_OK;
}

void kex_forge_plain(const struct kex_forge *f, uint8_t *packet, size_t size, size_t padding)
{
	if ((f->what & KEX_FORGE_FILL) != 0)
		memset(packet + size - padding, f->fill, padding);
	if ((f->what & KEX_FORGE_PADDING_LENGTH) != 0)
		packet[4] = f->padding_length;
	if ((f->what & KEX_FORGE_PACKET_LENGTH) != 0)
		wire_store_u32(packet, f->packet_length);
}

void kex_forge_sealed(struct kex_forge *f, const struct crypt_packet *p, uint8_t *tag)
{
	for (size_t i = 0; i < p->tag && (f->what & KEX_FORGE_TAG_XOR) != 0; i++)
		tag[i] ^= f->tag[i];
	if ((f->what & KEX_FORGE_TAG) != 0)
		memcpy(tag, f->tag, p->tag);
	if (!f->keep)
		f->what = 0;
}
