/* SPDX-License-Identifier: MIT */
#include "libauth/kdf.h"
#include "libauth/nettle_impl.h"

#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>

/* --- PBKDF2 --- */

/* Nettle has no PBKDF2 of SHA-224, and takes functions on an untyped context. */
static void add_sha224(void *ctx, size_t n, const uint8_t *data)
{
	hmac_sha224_update(ctx, n, data);
}

#if NETTLE_VERSION_MAJOR >= 4
static void end_sha224(void *ctx, uint8_t *digest)
{
	hmac_sha224_digest(ctx, digest);
}
#else
static void end_sha224(void *ctx, size_t n, uint8_t *digest)
{
	hmac_sha224_digest(ctx, n, digest);
}
#endif

static void pbkdf2_sha224(uint8_t *out, size_t n, ssh_bytes key, const struct auth_pbkdf2 *p)
{
	struct hmac_sha224_ctx ctx;

	hmac_sha224_set_key(&ctx, key.len, key.ptr);
	pbkdf2(&ctx, add_sha224, end_sha224, SHA224_DIGEST_SIZE, p->iterations, p->salt.len,
	       p->salt.ptr, n, out);
	wire_wipe(&ctx, sizeof ctx);
}

void auth_pbkdf2(uint8_t *out, size_t n, ssh_bytes key, const struct auth_pbkdf2 *p)
{
	unsigned times = p->iterations;

	switch (p->prf) {
	case AUTH_PRF_SHA1:
		pbkdf2_hmac_sha1(key.len, key.ptr, times, p->salt.len, p->salt.ptr, n, out);
		break;
	case AUTH_PRF_SHA224:
		pbkdf2_sha224(out, n, key, p);
		break;
	case AUTH_PRF_SHA256:
		pbkdf2_hmac_sha256(key.len, key.ptr, times, p->salt.len, p->salt.ptr, n, out);
		break;
	case AUTH_PRF_SHA384:
		pbkdf2_hmac_sha384(key.len, key.ptr, times, p->salt.len, p->salt.ptr, n, out);
		break;
	case AUTH_PRF_SHA512:
		pbkdf2_hmac_sha512(key.len, key.ptr, times, p->salt.len, p->salt.ptr, n, out);
		break;
	}
}

/* --- scrypt --- */

#define SALSA_WORDS 16

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*b ^= rotate(*a + *d, 7);
	*c ^= rotate(*b + *a, 9);
	*d ^= rotate(*c + *b, 13);
	*a ^= rotate(*d + *c, 18);
}

/* Salsa20/8: columns, then rows, four times over. */
static void salsa(uint32_t x[SALSA_WORDS])
{
	uint32_t z[SALSA_WORDS];

	memcpy(z, x, sizeof z);
	for (size_t round = 0; round < 8; round += 2) {
		for (size_t i = 0; i < 4; i++)
			quarter(&z[5 * i], &z[(5 * i + 4) % 16], &z[(5 * i + 8) % 16],
			        &z[(5 * i + 12) % 16]);
		for (size_t i = 0; i < 4; i++)
			quarter(&z[5 * i], &z[4 * i + (i + 1) % 4], &z[4 * i + (i + 2) % 4],
			        &z[4 * i + (i + 3) % 4]);
	}
	for (size_t i = 0; i < SALSA_WORDS; i++)
		x[i] += z[i];
}

/* BlockMix of 2r blocks of 16 words, in `b`; `y` is room for as much. */
static void mix(uint32_t *b, uint32_t *y, size_t r)
{
	uint32_t x[SALSA_WORDS];

	memcpy(x, b + (2 * r - 1) * SALSA_WORDS, sizeof x);
	for (size_t i = 0; i < 2 * r; i++) {
		/* The even ones go to the first half, the odd ones to the second. */
		uint32_t *to = y + (i / 2 + i % 2 * r) * SALSA_WORDS;

		for (size_t j = 0; j < SALSA_WORDS; j++)
			x[j] ^= b[i * SALSA_WORDS + j];
		salsa(x);
		memcpy(to, x, sizeof x);
	}
	memcpy(b, y, 2 * r * sizeof x);
}

/* ROMix of one block, `b`, with room for n + 2 of them in `v`. */
static void mix_memory(uint8_t *b, uint32_t *v, size_t n, size_t r)
{
	size_t words = 2 * r * SALSA_WORDS;
	uint32_t *x = v + n * words, *y = x + words;

	for (size_t i = 0; i < words; i++)
		x[i] = (uint32_t)b[4 * i + 3] << 24 | (uint32_t)b[4 * i + 2] << 16 |
		       (uint32_t)b[4 * i + 1] << 8 | b[4 * i];
	for (size_t i = 0; i < n; i++) {
		memcpy(v + i * words, x, words * sizeof *x);
		mix(x, y, r);
	}
	for (size_t i = 0; i < n; i++) {
		const uint32_t *from = v + (x[words - SALSA_WORDS] & (n - 1)) * words;

		for (size_t j = 0; j < words; j++)
			x[j] ^= from[j];
		mix(x, y, r);
	}
	for (size_t i = 0; i < 4 * words; i++)
		b[i] = (uint8_t)(x[i / 4] >> 8 * (i % 4));
}

enum ssh_err auth_scrypt(uint8_t *out, size_t n, ssh_bytes passphrase, const struct auth_scrypt *p)
{
	struct auth_pbkdf2 kdf = {.prf = AUTH_PRF_SHA256, .salt = p->salt, .iterations = 1};
	struct wire_buf memory, blocks;
	size_t block = (size_t)128 * p->r;
	uint8_t *v, *b;

	if (p->n < 2 || (p->n & (p->n - 1)) != 0 || p->r == 0 || p->p == 0)
		return SSH_ERR_ARGUMENT;
	if (p->r > AUTH_SCRYPT_WORK_MAX || p->p > AUTH_SCRYPT_WORK_MAX ||
	    (uint64_t)p->n * p->r > AUTH_SCRYPT_WORK_MAX / p->p ||
	    block > AUTH_SCRYPT_MEMORY_MAX / ((size_t)p->n + 2) ||
	    block > AUTH_SCRYPT_MEMORY_MAX / p->p)
		return SSH_ERR_UNSUPPORTED;
	wire_buf_init(&memory, AUTH_SCRYPT_MEMORY_MAX);
	wire_buf_init(&blocks, AUTH_SCRYPT_MEMORY_MAX);
	/* A fresh buf's room is where its memory begins: aligned for any word. */
	v = wire_buf_room(&memory, block * ((size_t)p->n + 2));
	b = wire_buf_room(&blocks, block * p->p);
	if (v != NULL && b != NULL) {
		auth_pbkdf2(b, block * p->p, passphrase, &kdf);
		for (size_t i = 0; i < p->p; i++)
			mix_memory(b + i * block, (uint32_t *)(void *)v, p->n, p->r);
		kdf.salt = wire_bytes(b, block * p->p);
		auth_pbkdf2(out, n, passphrase, &kdf);
	}
	wire_buf_wipe(&memory);
	wire_buf_wipe(&blocks);
	return v != NULL && b != NULL ? SSH_OK : SSH_ERR_NO_MEMORY;
}
