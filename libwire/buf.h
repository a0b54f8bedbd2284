/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_BUF_H
#define NACRE_LIBWIRE_BUF_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** The bound of a buf that was given none: larger than anything SSH sends in one piece. */
#define WIRE_BUF_DEFAULT_MAX ((size_t)1 << 24)

/**
 * The only growing thing of the toolkit: a queue of bytes with a sticky error.
 *
 * All-zero is an empty buf, ready for use. Bytes are appended by wire_put_* and, for the
 * owner of a stream, dropped at the front by wire_buf_drop. After an error every put is
 * without effect, so that a sequence of puts needs one look at the end: wire_buf_end.
 * What is put must not lie in the same buf, whose memory may move.
 *
 * Secrets: may hold them; every byte of memory is wiped before it is given back.
 */
struct wire_buf {
	/* private */
	uint8_t *mem;
	size_t start; /* first byte in use */
	size_t end;   /* first byte after those in use */
	size_t cap;
	size_t dirty; /* bytes at the front of mem that were ever written or given as room */
	size_t max;   /* of end - start; 0 stands for WIRE_BUF_DEFAULT_MAX */
	enum ssh_err err;
};

/**
 * Start an empty buf. For a fresh object: the memory of a used one would leak.
 *
 *   max   the most bytes it ever holds; 0 stands for WIRE_BUF_DEFAULT_MAX
 *
 * Secrets: none.
 */
void wire_buf_init(struct wire_buf *b, size_t max);

/**
 * Zeroise and give back the memory; the buf is then empty, its error cleared, its max kept.
 * Harmless on an all-zero buf, and twice.
 *
 * Secrets: none is left.
 */
void wire_buf_wipe(struct wire_buf *b);

/**
 * Forget the bytes and the error but keep the memory, zeroised.
 *
 * Secrets: none is left.
 */
void wire_buf_reset(struct wire_buf *b);

/** The bytes in use. The view lives until the next call that changes the buf. */
static inline ssh_bytes wire_buf_view(const struct wire_buf *b)
{
	return wire_bytes(b->mem == NULL ? NULL : b->mem + b->start, b->end - b->start);
}

/** The number of bytes in use. */
static inline size_t wire_buf_len(const struct wire_buf *b)
{
	return b->end - b->start;
}

/** The sticky error: 0, SSH_ERR_NO_MEMORY, or SSH_ERR_TOO_LONG if `max` was reached. */
static inline enum ssh_err wire_buf_end(const struct wire_buf *b)
{
	return b->err;
}

/**
 * Make room for `n` bytes after those in use, without taking them into use.
 *
 * Returns the room, valid until the next call that changes the buf, to be filled and then taken
 * with wire_buf_took; NULL after an error (SSH_ERR_NO_MEMORY or SSH_ERR_TOO_LONG, which stick).
 *
 * Secrets: the room is wiped with the buf, taken or not.
 */
uint8_t *wire_buf_room(struct wire_buf *b, size_t n);

/** Take `n` bytes, no more than were asked for, of the room that wire_buf_room made into use. */
void wire_buf_took(struct wire_buf *b, size_t n);

/** Drop `n` bytes (at most all) at the front. Their memory is wiped when it is given back. */
void wire_buf_drop(struct wire_buf *b, size_t n);

/** Cut the bytes in use down to the first `len`; the rest is zeroised. */
void wire_buf_cut(struct wire_buf *b, size_t len);

/** Record an error by hand, unless one sticks already; SSH_OK is without effect. */
void wire_buf_fail(struct wire_buf *b, enum ssh_err e);

/*
 * Encoders of RFC 4251 section 5. They append, or set the sticky error to SSH_ERR_NO_MEMORY or
 * SSH_ERR_TOO_LONG and append nothing.
 */

/** byte */
void wire_put_u8(struct wire_buf *b, uint8_t v);
/** boolean: 0 or 1 */
void wire_put_bool(struct wire_buf *b, bool v);
/** uint32 */
void wire_put_u32(struct wire_buf *b, uint32_t v);
/** uint64 */
void wire_put_u64(struct wire_buf *b, uint64_t v);
/** bytes without a length */
void wire_put_raw(struct wire_buf *b, ssh_bytes v);
/** string: uint32 length and bytes; SSH_ERR_TOO_LONG if both together are over 2^32-1 bytes */
void wire_put_string(struct wire_buf *b, ssh_bytes v);
/** string, from a NUL-terminated one; also a name or a name-list */
void wire_put_str(struct wire_buf *b, const char *v);
/**
 * mpint, from the big-endian magnitude of a non-negative number. Leading zero bytes are left
 * out and a sign byte is put in where needed. Constant-time in the bytes, except for the number
 * of leading zero bytes, which the encoding itself shows.
 */
void wire_put_mpint(struct wire_buf *b, ssh_bytes magnitude);

/**
 * Begin a string whose length is not known yet: puts a length of 0. Strings may nest.
 *
 * Returns the mark for wire_put_string_end. Nothing may be dropped or cut away in between.
 */
size_t wire_put_string_begin(struct wire_buf *b);
/** End the string begun at `mark`: its length becomes the number of bytes put since. */
void wire_put_string_end(struct wire_buf *b, size_t mark);

/** Store a uint32 in big-endian order at `p` (4 bytes). */
static inline void wire_store_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/** Load a big-endian uint32 from `p` (4 bytes). */
static inline uint32_t wire_load_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
