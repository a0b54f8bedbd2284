/* SPDX-License-Identifier: MIT */
#include "libcrypt/compress_impl.h"

#ifdef NACRE_ZLIB

#include <zlib.h>

/* zlib's own default; more costs time and gains little. */
#define LEVEL       Z_DEFAULT_COMPRESSION
#define MEMORY      8
#define WINDOW_BITS 15
/* Output is made room for in pieces of this many bytes. */
#define PIECE       ((size_t)16 * 1024)

_Static_assert(sizeof(z_stream) <= CRYPT_COMPRESS_STATE_SIZE, "room for zlib's stream");

/*
 * zlib's memory is one piece of a size that is known beforehand: it can be wiped, and a stream can
 * not make it grow. What zlib frees it frees at the end.
 */
static void *take(void *opaque, unsigned items, unsigned size)
{
	struct crypt_compressor *c = opaque;
	size_t room = wire_buf_len(&c->memory) - c->used;
	if (size != 0 && items > room / size)
		return NULL;
	size_t n = ((size_t)items * size + 15) / 16 * 16;
	if (n > room)
		return NULL;
	uint8_t *p = c->memory.mem + c->memory.start + c->used;
	c->used += n;
	return p;
}

static void give(void *opaque, void *p)
{
	(void)opaque;
	(void)p;
}

static z_stream *stream(struct crypt_compressor *c)
{
	return (z_stream *)(void *)c->state;
}

static enum ssh_err init(struct crypt_compressor *c, bool inflating)
{
	size_t size = inflating ? CRYPT_COMPRESS_INFLATE_MAX : CRYPT_COMPRESS_DEFLATE_MAX;
	uint8_t *room = wire_buf_room(&c->memory, size);
	if (room == NULL)
		return SSH_ERR_NO_MEMORY;
	memset(room, 0, size);
	wire_buf_took(&c->memory, size);
	z_stream *z = stream(c);
	*z = (z_stream){.zalloc = take, .zfree = give, .opaque = c};
	int r = inflating
	            ? inflateInit2(z, WINDOW_BITS)
	            : deflateInit2(z, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY, Z_DEFAULT_STRATEGY);
	return r == Z_OK ? SSH_OK : SSH_ERR_NO_MEMORY;
}

/* Room for a piece, of which the stream writes what it has. Returns how much room there is. */
static size_t open_piece(z_stream *z, struct wire_buf *out, size_t room)
{
	z->next_out = wire_buf_room(out, room);
	z->avail_out = z->next_out == NULL ? 0 : (unsigned)room;
	return z->avail_out;
}

/* zlib reads only, but its pointer is not const. */
static void set_input(z_stream *z, ssh_bytes in)
{
	memcpy(&z->next_in, &in.ptr, sizeof in.ptr);
	z->avail_in = (unsigned)in.len;
}

static enum ssh_err zlib_deflate(struct crypt_compressor *c, ssh_bytes in, struct wire_buf *out)
{
	z_stream *z = stream(c);
	if (in.len > UINT32_MAX / 2)
		return SSH_ERR_TOO_LONG;
	set_input(z, in);
	do {
		size_t room = open_piece(z, out, PIECE);
		if (room == 0)
			return wire_buf_end(out);
		int r = deflate(z, Z_PARTIAL_FLUSH);
		/* Z_BUF_ERROR: the piece before ended exactly where the flush did. */
		if (r != Z_OK && r != Z_BUF_ERROR)
			return SSH_ERR_CRYPTO;
		wire_buf_took(out, room - z->avail_out);
	} while (z->avail_out == 0);
	return SSH_OK;
}

static enum ssh_err zlib_inflate(struct crypt_compressor *c, ssh_bytes in, struct wire_buf *out,
                                 size_t max)
{
	z_stream *z = stream(c);
	size_t before = wire_buf_len(out);
	size_t made = 0;
	if (in.len > UINT32_MAX / 2)
		return SSH_ERR_TOO_LONG;
	set_input(z, in);
	do {
		/* One byte over shows that there is more than may be. */
		size_t room = max - made < PIECE ? max - made + 1 : PIECE;
		if ((room = open_piece(z, out, room)) == 0)
			return wire_buf_end(out);
		int r = inflate(z, Z_SYNC_FLUSH);
		if (r == Z_MEM_ERROR)
			return SSH_ERR_NO_MEMORY;
		if (r != Z_OK && r != Z_BUF_ERROR)
			return SSH_ERR_COMPRESSION;
		wire_buf_took(out, room - z->avail_out);
		made = wire_buf_len(out) - before;
		if (made > max)
			return SSH_ERR_COMPRESSION;
	} while (z->avail_out == 0);
	return made == 0 || z->avail_in != 0 ? SSH_ERR_COMPRESSION : SSH_OK;
}

/* RFC 1950 section 2.2. No message of 2 bytes or more has a number of that form. */
static bool opens(ssh_bytes in)
{
	if (in.len < 2 || (in.ptr[0] & 0x0f) != Z_DEFLATED || in.ptr[0] >> 4 > WINDOW_BITS - 8)
		return false;
	return (in.ptr[0] << 8 | in.ptr[1]) % 31 == 0;
}

#define FUNCTIONS .opens = opens, .init = init, .deflate = zlib_deflate, .inflate = zlib_inflate

const struct crypt_compress crypt_compress_zlib = {.name = "zlib", FUNCTIONS};
const struct crypt_compress crypt_compress_zlib_openssh = {
    .name = "zlib@openssh.com", .delayed = true, FUNCTIONS};

#else
typedef int nothing_here;
#endif
