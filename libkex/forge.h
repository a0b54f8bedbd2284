/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_FORGE_H
#define NACRE_LIBKEX_FORGE_H

#include "libcrypt/packet.h"
#include "libcrypt/rng.h"

/** What of a packet is not to be as the RFC has it: the members of struct kex_forge that count. */
enum kex_forge_what {
	KEX_FORGE_PADDING = 1,        /* padding: so many bytes really */
	KEX_FORGE_PADDING_LENGTH = 2, /* padding_length: what the field says */
	KEX_FORGE_PACKET_LENGTH = 4,  /* packet_length: what the field says */
	KEX_FORGE_FILL = 8,           /* fill: every byte of the padding */
	KEX_FORGE_EXTRA = 16,         /* extra: at random up to so many units more padding */
	KEX_FORGE_TAG = 32,           /* tag: in place of the right one */
	KEX_FORGE_TAG_XOR = 64        /* tag: onto the right one */
};

/**
 * Packets that no peer should send, and padding that looks like somebody else's.
 *
 * Applied by kex_frame_end to the next packet, or with `keep` to every one. The lengths that are
 * claimed are sealed like any others; how much is sealed depends on what is really there.
 */
struct kex_forge {
	unsigned what; /* KEX_FORGE_* */
	bool keep;
	size_t padding; /* 0 to CRYPT_PADDING_MAX */
	uint8_t padding_length;
	uint32_t packet_length;
	uint8_t fill;
	uint8_t extra; /* units of the cipher's block */
	uint8_t tag[CRYPT_MAC_TAG_MAX];
};

/**
 * How much padding there is to be.
 *
 *   len       of the payload
 *   padding   as the RFC has it; changed
 *
 * Returns 0; SSH_ERR_ARGUMENT over CRYPT_PADDING_MAX, or if a cipher with a MAC of its own cannot
 * take a packet that is not aligned so; SSH_ERR_RANDOM.
 */
enum ssh_err kex_forge_size(const struct kex_forge *f, const struct crypt_packet *p, size_t len,
                            const struct crypt_rng *rng, size_t *padding);
/** Overwrite lengths and padding of a packet of `size` bytes, before it is sealed. */
void kex_forge_plain(const struct kex_forge *f, uint8_t *packet, size_t size, size_t padding);
/** Overwrite the tag of a sealed one, and forget what counts for one packet only. */
void kex_forge_sealed(struct kex_forge *f, const struct crypt_packet *p, uint8_t *tag);

#endif
