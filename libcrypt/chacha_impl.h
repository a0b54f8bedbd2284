/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CHACHA_IMPL_H
#define NACRE_LIBCRYPT_CHACHA_IMPL_H

#include "libwire/bytes.h"

/*
 * The primitives of chacha20-poly1305@openssh.com, written more than once: with Nettle, which runs
 * everywhere, and faster where compiler and processor allow. Which one a direction uses is decided
 * when it is keyed, and kept in its state.
 *
 * `make SIMD=0` (which defines NACRE_NO_SIMD) leaves out all but Nettle's. What a compiler cannot
 * compile leaves itself out.
 */
#if !defined(NACRE_NO_SIMD) && defined(__SIZEOF_INT128__)
#define POLY1305_64 1
#if defined(__x86_64__) && defined(__GNUC__)
#define CHACHA_AVX2 1
#endif
#endif

/* Bytes. */
#define CHACHA_KEY       32
#define CHACHA_PAIR      (2 * CHACHA_KEY) /* K_2, then K_1, as they come from the key exchange */
#define CHACHA_BLOCK     64
#define POLY1305_KEY     32
#define POLY1305_TAG     16

/* Blocks of the body's stream that may be made together with the two before it. */
#define CHACHA_AHEAD_MAX 6

/* The streams that a packet begins with, in the order in which eight lanes make them. */
struct chacha_head {
	uint8_t length[CHACHA_BLOCK];                  /* block 0 under K_1 */
	uint8_t poly[CHACHA_BLOCK];                    /* block 0 under K_2: the Poly1305 key */
	uint8_t body[CHACHA_AHEAD_MAX * CHACHA_BLOCK]; /* blocks 1 and following under K_2 */
};

/* The tag of `data` under a key that is used this once. */
typedef void poly1305_fn(const uint8_t key[POLY1305_KEY], ssh_bytes data,
                         uint8_t tag[POLY1305_TAG]);

/*
 * ChaCha20 has a counter and a nonce of 64 bits each here, as it had at first; RFC 8439 made 32 and
 * 96 of them. The nonce is taken big-endian, as the SSH sequence number is.
 */

/* Block 0 under both keys and, as far as `ahead` goes, what follows it under the first. */
typedef void chacha_begin_fn(struct chacha_head *head, const uint8_t pair[CHACHA_PAIR],
                             uint64_t nonce);
/* XOR the stream of block `counter` and following to `n` bytes. */
typedef void chacha_crypt_fn(const uint8_t key[CHACHA_KEY], uint64_t nonce, uint64_t counter,
                             size_t n, uint8_t *bytes);

struct chacha_impl {
	const char *name;
	bool (*usable)(void); /* by this processor */
	size_t ahead;         /* blocks of head->body that begin makes */
	chacha_begin_fn *begin;
	chacha_crypt_fn *crypt;
	poly1305_fn *tag;
};

extern const struct chacha_impl chacha_avx512;    /* 16 blocks at a time; Poly1305 8 at a time */
extern const struct chacha_impl chacha_avx512vl;  /* chacha_avx2 with more registers */
extern const struct chacha_impl chacha_avx2;      /* 8 blocks at a time; Poly1305 4 at a time */
extern const struct chacha_impl chacha_nettle_64; /* Nettle's ChaCha20 and poly1305_64 */
extern const struct chacha_impl chacha_nettle;    /* all Nettle's */

/* Those that were compiled, best first, NULL at the end. The last is usable everywhere. */
extern const struct chacha_impl *const chacha_impls[];

/* Of chacha_avx512vl. */
chacha_begin_fn chacha_vl_begin;
chacha_crypt_fn chacha_vl_crypt;

poly1305_fn poly1305_ifma;
poly1305_fn poly1305_avx2;
poly1305_fn poly1305_64;
poly1305_fn poly1305_nettle;

/* The state of a direction under crypt_mode_chachapoly. */
struct chachapoly {
	const struct chacha_impl *impl;
	uint8_t pair[CHACHA_PAIR];
	struct chacha_head head; /* of packet `seq`, once begun */
	uint32_t seq;
	bool begun;
	uint8_t plain_length[4];
};

#endif
