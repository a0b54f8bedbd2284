/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_PACKET_H
#define NACRE_LIBCRYPT_PACKET_H

#include "libcrypt/cipher.h"
#include "libcrypt/mac.h"
#include "libwire/err.h"

/** Bytes before the payload: packet_length and padding_length. RFC 4253 section 6. */
#define CRYPT_PACKET_HEAD 5
/** Bounds of padding_length, bytes. */
#define CRYPT_PADDING_MIN 4
#define CRYPT_PADDING_MAX 255

struct crypt_packet;

/**
 * How one direction of packets is protected. The packet is the unit: nobody outside asks what
 * is inside. All functions work in place on a packet of the RFC's form,
 *
 *     uint32 packet_length | byte padding_length | payload | padding | tag
 *
 * where `len` counts everything but the tag (that is, packet_length + 4).
 */
struct crypt_mode {
	const char *name;
	/* Set up p->head, p->align, p->align_skip, p->tag and the states from the keys. */
	enum ssh_err (*init)(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
	                     const uint8_t *mac_key, bool seal);
	/*
	 * The packet_length, from the first p->head bytes; may decrypt them in place, so it is
	 * called once per packet. The answer is not authenticated: bound it before use.
	 */
	uint32_t (*length)(struct crypt_packet *p, uint32_t seq, uint8_t *packet);
	/* Encrypt `len` bytes, padded as p->align says, and put p->tag bytes of tag behind them. */
	void (*seal)(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len);
	/* Check and decrypt; called after length. Returns 0 or SSH_ERR_MAC, then all is lost. */
	enum ssh_err (*open)(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len);
};

extern const struct crypt_mode crypt_mode_none;       /* before the first NEWKEYS */
extern const struct crypt_mode crypt_mode_eam;        /* encrypt-and-MAC, RFC 4253 section 6.4 */
extern const struct crypt_mode crypt_mode_etm;        /* encrypt-then-MAC, OpenSSH PROTOCOL 1.5 */
extern const struct crypt_mode crypt_mode_gcm;        /* RFC 5647, as OpenSSH PROTOCOL 1.6 */
extern const struct crypt_mode crypt_mode_chachapoly; /* PROTOCOL.chacha20poly1305 */

/**
 * The protection of one direction, keyed. All-zero is valid to wipe, but not for use: start with
 * crypt_packet_init. Holds no pointers into itself and may be moved.
 */
struct crypt_packet {
	/* Facts, for the owner of the byte stream to read. */
	const struct crypt_mode *mode;
	const struct crypt_cipher *cipher; /* NULL in mode none */
	const struct crypt_mac *mac;       /* NULL unless the mode uses one */
	size_t head;                       /* bytes that `length` needs: 4, or a cipher block */
	size_t align;                      /* packets are padded to a multiple of this */
	size_t align_skip; /* leading bytes that do not count for it: 4 if the length is outside */
	size_t tag;        /* bytes behind the packet */
	/*
	 * The length comes encrypted, and is as good as its bytes: a bad one must look like a bad
	 * tag, or whoever flips bits in it learns what it was.
	 */
	bool length_hidden;
	/*
	 * Not even the end of a refused packet may be seen. With CBC any block can be put where the
	 * length is, and how much input was awaited would tell 32 bits of its plaintext
	 * (CVE-2008-5161). Await as much as the largest packet has, whatever was wrong.
	 */
	bool end_hidden;
	/* private */
	uint64_t cipher_state[CRYPT_CIPHER_STATE_SIZE / 8];
	uint64_t mac_state[CRYPT_MAC_STATE_SIZE / 8];
};

/** What a direction is keyed with. Keys are as long as cipher and mac say. */
struct crypt_packet_keys {
	const struct crypt_cipher *cipher; /* NULL: mode none, nothing else is looked at */
	const struct crypt_mac *mac;       /* ignored if the cipher has an aead mode */
	const uint8_t *key;
	const uint8_t *iv;
	const uint8_t *mac_key; /* NULL if the cipher has an aead mode */
};

/**
 * Key one direction. The mode is the cipher's own, else crypt_mode_etm or crypt_mode_eam as the
 * MAC says, else crypt_mode_none.
 *
 *   p      initialised or zero; an earlier keying is wiped first
 *   keys   borrowed for the call
 *   seal   true for the sending direction
 *
 * Returns 0, SSH_ERR_ARGUMENT if a cipher without aead comes without a MAC, or with one that stands
 * for an AEAD's tag.
 *
 * Secrets: the keys, and p from now on.   RFC 4253 section 7.2 says where keys come from.
 */
enum ssh_err crypt_packet_init(struct crypt_packet *p, const struct crypt_packet_keys *keys,
                               bool seal);

/** Zeroise. */
void crypt_packet_wipe(struct crypt_packet *p);

/**
 * The least padding, in bytes, that a payload of `payload` bytes needs: at least
 * CRYPT_PADDING_MIN, and such that the packet is aligned and no shorter than 16 bytes.
 *
 * Secrets: the payload's length.   RFC 4253 section 6.
 */
size_t crypt_packet_padding(const struct crypt_packet *p, size_t payload);

/** p->mode->length; see there. */
static inline uint32_t crypt_packet_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	return p->mode->length(p, seq, packet);
}

/** p->mode->seal; see there. */
static inline void crypt_packet_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet,
                                     size_t len)
{
	p->mode->seal(p, seq, packet, len);
}

/** p->mode->open; see there. */
static inline enum ssh_err crypt_packet_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet,
                                             size_t len)
{
	return p->mode->open(p, seq, packet, len);
}

#endif
