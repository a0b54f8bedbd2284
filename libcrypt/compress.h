/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_COMPRESS_H
#define NACRE_LIBCRYPT_COMPRESS_H

#include "libwire/buf.h"

/** Bytes: room for the state of any compression, without what it allocates. */
#define CRYPT_COMPRESS_STATE_SIZE  256
/**
 * Bytes that one direction allocates, in one piece, when it starts: zlib's window of 32 KiB and its
 * tables. More than that it never has.
 */
#define CRYPT_COMPRESS_DEFLATE_MAX ((size_t)320 * 1024)
#define CRYPT_COMPRESS_INFLATE_MAX ((size_t)64 * 1024)

struct crypt_compressor;

/**
 * A compression as the compression name-lists name it (RFC 4253 section 6.2).
 *
 * A stream goes through all the packets of a direction; each ends at a flush, so that it can be
 * inflated when it has come. `none` has no functions.
 */
struct crypt_compress {
	const char *name;
	bool delayed; /* starts when the user has authenticated, not with the keys */
	/* Can these bytes begin a stream? No message of SSH begins like that. */
	bool (*opens)(ssh_bytes in);
	enum ssh_err (*init)(struct crypt_compressor *c, bool inflate);
	enum ssh_err (*deflate)(struct crypt_compressor *c, ssh_bytes in, struct wire_buf *out);
	enum ssh_err (*inflate)(struct crypt_compressor *c, ssh_bytes in, struct wire_buf *out,
	                        size_t max);
};

/** What name-lists have for no compression. */
extern const struct crypt_compress crypt_compress_none;
/** These two are there if the library was built with zlib: see crypt_compresses. */
extern const struct crypt_compress crypt_compress_zlib;         /* RFC 4253 section 6.2 */
extern const struct crypt_compress crypt_compress_zlib_openssh; /* zlib@openssh.com: delayed */

/** The default offer: none, and zlib@openssh.com if there is zlib. NULL at the end. */
extern const struct crypt_compress *const crypt_compresses[];
/** All that there are. zlib shows strangers the inflater. NULL at the end. */
extern const struct crypt_compress *const crypt_compresses_legacy[];

/**
 * One direction's stream. All-zero is one that has not begun; wipe it. It must not be moved while it
 * runs.
 */
struct crypt_compressor {
	const struct crypt_compress *alg; /* NULL: not begun */
	/* private */
	struct wire_buf memory;
	size_t used;
	uint64_t state[CRYPT_COMPRESS_STATE_SIZE / 8];
};

/**
 * Begin a stream; an earlier one is wiped first.
 *
 *   alg       with functions, so not crypt_compress_none
 *   inflate   for the receiving direction
 *
 * Returns 0, or SSH_ERR_NO_MEMORY; then it has not begun.
 *
 * Secrets: what will go through.   RFC 4253 section 6.2.
 */
enum ssh_err crypt_compressor_init(struct crypt_compressor *c, const struct crypt_compress *alg,
                                   bool inflate);

/** Zeroise and give back. */
void crypt_compressor_wipe(struct crypt_compressor *c);

/**
 * Append the compressed form of one payload, complete up to a flush.
 *
 * Returns 0; SSH_ERR_NO_MEMORY or SSH_ERR_TOO_LONG if `out` has no room; SSH_ERR_CRYPTO if the
 * compression fails. After an error the stream is lost.
 *
 * Secrets: the payload, and by its length what is in it: compression shows to an observer what
 * resembles what.   RFC 4253 section 6.2.
 */
static inline enum ssh_err crypt_compressor_deflate(struct crypt_compressor *c, ssh_bytes in,
                                                    struct wire_buf *out)
{
	return c->alg->deflate(c, in, out);
}

/**
 * Append what one packet's payload inflates to.
 *
 *   max   bytes that it may inflate to: what is more is refused before it is made
 *
 * Returns 0; SSH_ERR_COMPRESSION if the stream is damaged, has an end or wants a dictionary, if it
 * inflates to nothing or to more than max; SSH_ERR_NO_MEMORY; SSH_ERR_TOO_LONG if `out` takes less
 * than max. After an error the stream is lost.
 *
 * Secrets: the payload.   RFC 4253 section 6.2.
 */
static inline enum ssh_err crypt_compressor_inflate(struct crypt_compressor *c, ssh_bytes in,
                                                    struct wire_buf *out, size_t max)
{
	return c->alg->inflate(c, in, out, max);
}

#endif
