/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_FRAME_H
#define NACRE_LIBKEX_FRAME_H

#include "libcrypt/packet.h"
#include "libcrypt/rng.h"
#include "libkex/forge.h"
#include "libwire/buf.h"

/** The largest packet_length that is believed, bytes. RFC 4253 section 6.1 wants 35000 at least. */
#define KEX_PACKET_MAX 262144
/** One read(2) should bring this much: two full packets. */
#define KEX_READ_SIZE  65536

/**
 * One direction of the byte stream: packets from bytes.
 *
 * Four states: FRAME_LENGTH (the length is not known), FRAME_BODY (it is), FRAME_TAKEN (a packet is
 * out and in place; the next call drops it), and FRAME_REFUSED (a forged one, and where it ends
 * must not show: see crypt_packet's end_hidden).
 */
enum kex_frame_state { FRAME_LENGTH, FRAME_BODY, FRAME_TAKEN, FRAME_REFUSED };

/** The receiving direction. */
struct kex_frame_in {
	struct crypt_packet packet; /* the protection */
	uint32_t seq;               /* of the next packet */
	uint64_t bytes;             /* on the wire since the keys were set */
	uint64_t packets;           /* since the keys were set */
	/* private */
	struct wire_buf buf;
	enum kex_frame_state state;
	size_t size;   /* of the packet at the front, tag included */
	size_t opened; /* of a refused one: bytes that were worked on */
};

/** A packet as it came out. The view lives until the next call on the frame. */
struct kex_frame_packet {
	ssh_bytes payload;
	uint32_t seq;
};

/** Start a direction without protection. */
void kex_frame_in_init(struct kex_frame_in *f);

/**
 * Take the next packet out of the bytes that have come.
 *
 *   out   its payload, decrypted in place
 *
 * Returns 0; SSH_ERR_AGAIN if more bytes are needed; SSH_ERR_PACKET_LENGTH, SSH_ERR_PADDING,
 * SSH_ERR_MAC (also for a length that came encrypted and cannot be), or SSH_ERR_SEQUENCE if 2^32 packets came under one key. Every error but AGAIN is final.
 *
 * Secrets: the payload may be.   RFC 4253 section 6.
 */
enum ssh_err kex_frame_next(struct kex_frame_in *f, struct kex_frame_packet *out);

/** Switch to new keys; seq goes on, or to 0 if `reset` (strict kex). Errors as crypt_packet_init. */
enum ssh_err kex_frame_in_keys(struct kex_frame_in *f, const struct crypt_packet_keys *keys,
                               bool reset);

/** Zeroise and give back. */
void kex_frame_in_wipe(struct kex_frame_in *f);

/** The sending direction: bytes from packets. */
struct kex_frame_out {
	struct crypt_packet packet;
	uint32_t seq;
	uint64_t bytes;
	uint64_t packets;
	/* private */
	struct wire_buf buf;
	struct kex_forge forge; /* what is not to be right; all-zero in earnest */
	uint8_t pool[256];      /* random bytes for padding */
	size_t pool_left;
};

/** Start a direction without protection. */
void kex_frame_out_init(struct kex_frame_out *f);

/**
 * Begin a packet at the end of the bytes that wait to be sent.
 *
 *   max   bytes of payload that will be written at most
 *
 * Returns where the payload goes, valid until kex_frame_end; NULL if there is no memory (the
 * buf's error says so). A packet begun and not ended leaves nothing behind.
 */
uint8_t *kex_frame_begin(struct kex_frame_out *f, size_t max);

/**
 * Pad and seal the packet begun last, whose payload is `len` bytes.
 *
 * Returns 0; SSH_ERR_RANDOM; SSH_ERR_SEQUENCE if 2^32 packets were sent under one key;
 * SSH_ERR_ARGUMENT for a forged one that cannot be made.
 *
 * RFC 4253 section 6.
 */
enum ssh_err kex_frame_end(struct kex_frame_out *f, size_t len, const struct crypt_rng *rng);

/** Switch to new keys, as kex_frame_in_keys. */
enum ssh_err kex_frame_out_keys(struct kex_frame_out *f, const struct crypt_packet_keys *keys,
                                bool reset);

/** Zeroise and give back. */
void kex_frame_out_wipe(struct kex_frame_out *f);

#endif
