/* SPDX-License-Identifier: MIT */
#include "libkex/frame.h"

/* Sequence numbers are 32 bits; a key must not see one twice. RFC 4344 section 3.1. */
#define PACKETS_PER_KEY ((uint64_t)1 << 32)

void kex_frame_in_init(struct kex_frame_in *f)
{
	*f = (struct kex_frame_in){.state = FRAME_LENGTH};
	crypt_packet_init(&f->packet, &(struct crypt_packet_keys){0}, false);
	/* Whole packets, and what one read brings on top. */
	wire_buf_init(&f->buf, 2 * (KEX_PACKET_MAX + CRYPT_MAC_TAG_MAX) + 2 * KEX_READ_SIZE);
}

/*
 * What is wrong with a length that came encrypted must look like a wrong tag, and where even the
 * end of the packet is to be hidden, as much input is awaited as the largest packet has: then only
 * is it refused.
 */
static enum ssh_err refuse(struct kex_frame_in *f, size_t opened)
{
	if (!f->packet.end_hidden)
		return SSH_ERR_MAC;
	f->opened = opened;
	f->state = FRAME_REFUSED;
	return SSH_ERR_AGAIN;
}

/* Nor shall the time tell: what is left is decrypted and its MAC computed, whatever they are. */
static enum ssh_err refuse_at_last(struct kex_frame_in *f, uint8_t *p, size_t len)
{
	size_t largest = (KEX_PACKET_MAX + 4) / f->packet.align * f->packet.align;
	if (len < largest + f->packet.tag)
		return SSH_ERR_AGAIN;
	(void)crypt_packet_open(&f->packet, f->seq, p + f->opened, largest - f->opened);
	return SSH_ERR_MAC;
}

static enum ssh_err read_length(struct kex_frame_in *f, uint8_t *p)
{
	uint32_t len = crypt_packet_length(&f->packet, f->seq, p);
	/*
	 * Bounded first, so that the sum cannot wrap. That makes the 16 bytes of RFC 4253 section 6
	 * where the length is inside. Where it is not, OpenSSH sends the shortest messages under
	 * chacha20-poly1305 in packets of 12.
	 */
	if (len > KEX_PACKET_MAX || len < CRYPT_PADDING_MIN + 1 ||
	    (len + 4 - f->packet.align_skip) % f->packet.align != 0)
		return f->packet.length_hidden ? refuse(f, 0) : SSH_ERR_PACKET_LENGTH;
	f->size = (size_t)len + 4 + f->packet.tag;
	f->state = FRAME_BODY;
	return SSH_OK;
}

static enum ssh_err take_payload(struct kex_frame_in *f, uint8_t *p, struct kex_frame_packet *out)
{
	enum ssh_err e;
	size_t len = f->size - f->packet.tag;
	if ((e = crypt_packet_open(&f->packet, f->seq, p, len)) != 0)
		return f->packet.end_hidden ? refuse(f, len) : e;
	size_t padding = p[4];
	if (padding < CRYPT_PADDING_MIN || CRYPT_PACKET_HEAD + padding >= len)
		return SSH_ERR_PADDING;
	out->payload = wire_bytes(p + CRYPT_PACKET_HEAD, len - CRYPT_PACKET_HEAD - padding);
	out->seq = f->seq++;
	f->bytes += f->size;
	f->packets++;
	f->state = FRAME_TAKEN;
	return SSH_OK;
}

enum ssh_err kex_frame_next(struct kex_frame_in *f, struct kex_frame_packet *out)
{
	enum ssh_err e;
	if (f->state == FRAME_TAKEN) {
		wire_buf_drop(&f->buf, f->size);
		f->state = FRAME_LENGTH;
	}
	/* Not const: packets are decrypted where they lie. */
	uint8_t *p = f->buf.mem == NULL ? NULL : f->buf.mem + f->buf.start;
	size_t len = wire_buf_len(&f->buf);
	if (f->state == FRAME_LENGTH) {
		if (len < f->packet.head)
			return SSH_ERR_AGAIN;
		if (f->packets >= PACKETS_PER_KEY)
			return SSH_ERR_SEQUENCE;
		if ((e = read_length(f, p)) != 0 && e != SSH_ERR_AGAIN)
			return e;
	}
	if (f->state == FRAME_BODY && len >= f->size &&
	    (e = take_payload(f, p, out)) != SSH_ERR_AGAIN)
		return e;
	return f->state == FRAME_REFUSED ? refuse_at_last(f, p, len) : SSH_ERR_AGAIN;
}

enum ssh_err kex_frame_in_keys(struct kex_frame_in *f, const struct crypt_packet_keys *keys,
                               bool reset)
{
	f->bytes = 0;
	f->packets = 0;
	if (reset)
		f->seq = 0;
	/* The packet that brought NEWKEYS is still in place; its size is known and stays. */
	return crypt_packet_init(&f->packet, keys, false);
}

void kex_frame_in_wipe(struct kex_frame_in *f)
{
	crypt_packet_wipe(&f->packet);
	wire_buf_wipe(&f->buf);
	*f = (struct kex_frame_in){0};
}

void kex_frame_out_init(struct kex_frame_out *f)
{
	*f = (struct kex_frame_out){0};
	crypt_packet_init(&f->packet, &(struct crypt_packet_keys){0}, true);
}

uint8_t *kex_frame_begin(struct kex_frame_out *f, size_t max)
{
	size_t most = CRYPT_PACKET_HEAD + max + CRYPT_PADDING_MAX + CRYPT_MAC_TAG_MAX;
	uint8_t *p = wire_buf_room(&f->buf, most);
	return p == NULL ? NULL : p + CRYPT_PACKET_HEAD;
}

/* One draw of the pool serves many packets: a system call a packet would cost more than sealing. */
static enum ssh_err put_padding(struct kex_frame_out *f, uint8_t *p, size_t n,
                                const struct crypt_rng *rng)
{
	enum ssh_err e;
	if (n > f->pool_left) {
		if ((e = crypt_rng_fill(rng, f->pool, sizeof f->pool)) != 0)
			return e;
		f->pool_left = sizeof f->pool;
	}
	f->pool_left -= n;
	memcpy(p, f->pool + f->pool_left, n);
	return SSH_OK;
}

enum ssh_err kex_frame_end(struct kex_frame_out *f, size_t len, const struct crypt_rng *rng)
{
	enum ssh_err e;
	uint8_t *p = f->buf.mem + f->buf.end;
	size_t padding = crypt_packet_padding(&f->packet, len);
	if (f->packets >= PACKETS_PER_KEY)
		return SSH_ERR_SEQUENCE;
	if (f->forge.what != 0 &&
	    (e = kex_forge_size(&f->forge, &f->packet, len, rng, &padding)) != 0)
		return e;
	size_t size = CRYPT_PACKET_HEAD + len + padding;
	if ((e = put_padding(f, p + CRYPT_PACKET_HEAD + len, padding, rng)) != 0)
		return e;
	wire_store_u32(p, (uint32_t)(size - 4));
	p[4] = (uint8_t)padding;
	if (f->forge.what != 0)
		kex_forge_plain(&f->forge, p, size, padding);
	crypt_packet_seal(&f->packet, f->seq++, p, size);
	if (f->forge.what != 0)
		kex_forge_sealed(&f->forge, &f->packet, p + size);
	wire_buf_took(&f->buf, size + f->packet.tag);
	f->bytes += size + f->packet.tag;
	f->packets++;
	return SSH_OK;
}

enum ssh_err kex_frame_out_keys(struct kex_frame_out *f, const struct crypt_packet_keys *keys,
                                bool reset)
{
	f->bytes = 0;
	f->packets = 0;
	if (reset)
		f->seq = 0;
	return crypt_packet_init(&f->packet, keys, true);
}

void kex_frame_out_wipe(struct kex_frame_out *f)
{
	crypt_packet_wipe(&f->packet);
	wire_buf_wipe(&f->buf);
	wire_wipe(f->pool, sizeof f->pool);
	*f = (struct kex_frame_out){0};
}
