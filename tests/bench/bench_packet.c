/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libcrypt/nettle_impl.h"
#include "libcrypt/packet.h"
#include "libwire/buf.h"

#include <nettle/cbc.h>
#include <nettle/chacha.h>
#include <nettle/ctr.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/poly1305.h>
#include <nettle/umac.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * How fast packets are sealed and opened, beside the bare Nettle calls that the same bytes need: one
 * pass of encryption and one of authentication, keyed beforehand. What is below 100 % is our
 * own, and what a construction does per packet (chacha20-poly1305 makes a Poly1305 key). What is above
 * is our own too: chacha20-poly1305 and AES-GCM do not use Nettle where the processor has better.
 *
 * A round seals and opens a batch of packets; the best of many rounds counts, as the others were
 * disturbed.
 */

#define BATCH_BYTES ((size_t)256 * 1024)
#define ROUNDS      40

struct bare {
	struct gcm_aes128_ctx gcm128;
	struct gcm_aes256_ctx gcm256;
	struct chacha_ctx chacha;
	struct poly1305_aes_ctx poly;
	struct aes128_ctx aes128;
	struct aes256_ctx aes256;
	struct aes128_ctx decrypt128;
	uint8_t counter[AES_BLOCK_SIZE];
	struct hmac_sha1_ctx sha1;
	struct hmac_sha256_ctx sha256;
	struct hmac_sha512_ctx sha512;
	struct umac64_ctx umac64;
	struct umac128_ctx umac128;
};

static void bare_gcm128(struct bare *b, bool open, uint8_t *p, size_t len)
{
	gcm_aes128_set_iv(&b->gcm128, GCM_IV_SIZE, b->counter);
	gcm_aes128_update(&b->gcm128, 4, p);
	if (open)
		gcm_aes128_decrypt(&b->gcm128, len - 4, p + 4, p + 4);
	else
		gcm_aes128_encrypt(&b->gcm128, len - 4, p + 4, p + 4);
	gcm_aes128_digest(&b->gcm128, NETTLE_LENGTH(GCM_DIGEST_SIZE) p + len);
}

static void bare_gcm256(struct bare *b, bool open, uint8_t *p, size_t len)
{
	gcm_aes256_set_iv(&b->gcm256, GCM_IV_SIZE, b->counter);
	gcm_aes256_update(&b->gcm256, 4, p);
	if (open)
		gcm_aes256_decrypt(&b->gcm256, len - 4, p + 4, p + 4);
	else
		gcm_aes256_encrypt(&b->gcm256, len - 4, p + 4, p + 4);
	gcm_aes256_digest(&b->gcm256, NETTLE_LENGTH(GCM_DIGEST_SIZE) p + len);
}

static void bare_chachapoly(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	chacha_crypt(&b->chacha, len, p, p);
	poly1305_aes_update(&b->poly, len, p);
	poly1305_aes_digest(&b->poly, NETTLE_LENGTH(POLY1305_AES_DIGEST_SIZE) p + len);
}

static void blocks128(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes128_encrypt(ctx, n, dst, src);
}

static void blocks256(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes256_encrypt(ctx, n, dst, src);
}

static void bare_ctr128_sha1(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	ctr_crypt(&b->aes128, blocks128, AES_BLOCK_SIZE, b->counter, len, p, p);
	hmac_sha1_update(&b->sha1, len, p);
	hmac_sha1_digest(&b->sha1, NETTLE_LENGTH(SHA1_DIGEST_SIZE) p + len);
}

static void bare_ctr128_sha256(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	ctr_crypt(&b->aes128, blocks128, AES_BLOCK_SIZE, b->counter, len, p, p);
	hmac_sha256_update(&b->sha256, len, p);
	hmac_sha256_digest(&b->sha256, NETTLE_LENGTH(SHA256_DIGEST_SIZE) p + len);
}

static void bare_ctr256_sha512(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	ctr_crypt(&b->aes256, blocks256, AES_BLOCK_SIZE, b->counter, len, p, p);
	hmac_sha512_update(&b->sha512, len, p);
	hmac_sha512_digest(&b->sha512, NETTLE_LENGTH(SHA512_DIGEST_SIZE) p + len);
}

static void bare_ctr128_umac64(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	ctr_crypt(&b->aes128, blocks128, AES_BLOCK_SIZE, b->counter, len, p, p);
	umac64_update(&b->umac64, len, p);
	umac64_digest(&b->umac64, NETTLE_LENGTH(UMAC64_DIGEST_SIZE) p + len);
}

static void bare_ctr128_umac128(struct bare *b, bool open, uint8_t *p, size_t len)
{
	(void)open;
	ctr_crypt(&b->aes128, blocks128, AES_BLOCK_SIZE, b->counter, len, p, p);
	umac128_update(&b->umac128, len, p);
	umac128_digest(&b->umac128, NETTLE_LENGTH(UMAC128_DIGEST_SIZE) p + len);
}

static void inverse128(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes128_decrypt(ctx, n, dst, src);
}

static void bare_cbc128_sha1(struct bare *b, bool open, uint8_t *p, size_t len)
{
	size_t whole = len / AES_BLOCK_SIZE * AES_BLOCK_SIZE;
	if (open)
		cbc_decrypt(&b->decrypt128, inverse128, AES_BLOCK_SIZE, b->counter, whole, p, p);
	else
		cbc_encrypt(&b->aes128, blocks128, AES_BLOCK_SIZE, b->counter, whole, p, p);
	hmac_sha1_update(&b->sha1, len, p);
	hmac_sha1_digest(&b->sha1, NETTLE_LENGTH(SHA1_DIGEST_SIZE) p + len);
}

struct suite {
	const struct crypt_cipher *cipher;
	const struct crypt_mac *mac;
	void (*bare)(struct bare *b, bool open, uint8_t *p, size_t len);
};

static const struct suite suites[] = {
    {&crypt_aes128_gcm, NULL, bare_gcm128},
    {&crypt_aes256_gcm, NULL, bare_gcm256},
    {&crypt_chacha20_poly1305, NULL, bare_chachapoly},
    {&crypt_aes128_ctr, &crypt_hmac_sha2_256_etm, bare_ctr128_sha256},
    {&crypt_aes128_ctr, &crypt_hmac_sha2_256, bare_ctr128_sha256},
    {&crypt_aes256_ctr, &crypt_hmac_sha2_512_etm, bare_ctr256_sha512},
    {&crypt_aes256_ctr, &crypt_hmac_sha2_512, bare_ctr256_sha512},
    {&crypt_aes128_ctr, &crypt_hmac_sha1_etm, bare_ctr128_sha1},
    {&crypt_aes128_ctr, &crypt_hmac_sha1, bare_ctr128_sha1},
    {&crypt_aes128_ctr, &crypt_umac_64_etm, bare_ctr128_umac64},
    {&crypt_aes128_ctr, &crypt_umac_64, bare_ctr128_umac64},
    {&crypt_aes128_ctr, &crypt_umac_128_etm, bare_ctr128_umac128},
    {&crypt_aes128_ctr, &crypt_umac_128, bare_ctr128_umac128},
    {&crypt_insecure_aes128_cbc, &crypt_hmac_sha1_etm, bare_cbc128_sha1},
    {&crypt_insecure_aes128_cbc, &crypt_hmac_sha1, bare_cbc128_sha1},
};

static const uint8_t key[64] = "any key will do: the time does not depend on it";

static void bare_init(struct bare *b)
{
	memset(b, 0, sizeof *b);
	gcm_aes128_set_key(&b->gcm128, key);
	gcm_aes256_set_key(&b->gcm256, key);
	chacha_set_key(&b->chacha, key);
	chacha_set_nonce(&b->chacha, key);
	poly1305_aes_set_key(&b->poly, key);
	poly1305_aes_set_nonce(&b->poly, key);
	aes128_set_encrypt_key(&b->aes128, key);
	aes256_set_encrypt_key(&b->aes256, key);
	hmac_sha1_set_key(&b->sha1, SHA1_DIGEST_SIZE, key);
	hmac_sha256_set_key(&b->sha256, SHA256_DIGEST_SIZE, key);
	hmac_sha512_set_key(&b->sha512, SHA512_DIGEST_SIZE, key);
	umac64_set_key(&b->umac64, key);
	umac128_set_key(&b->umac128, key);
	aes128_set_decrypt_key(&b->decrypt128, key);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A batch of equal packets, `stride` bytes apart, and the best times for it in seconds. */
struct batch {
	uint8_t *mem;
	size_t count, stride, len;
	double seal, open, bare_seal, bare_open;
};

static void fill(struct batch *t, const struct crypt_packet *p, size_t payload)
{
	size_t padding = crypt_packet_padding(p, payload);
	t->len = CRYPT_PACKET_HEAD + payload + padding;
	for (size_t i = 0; i < t->count; i++) {
		uint8_t *packet = t->mem + i * t->stride;
		memset(packet, (int)i, t->len);
		wire_store_u32(packet, (uint32_t)(t->len - 4));
		packet[4] = (uint8_t)padding;
	}
}

static void keep_best(double *best, double start)
{
	double took = now() - start;
	if (*best == 0 || took < *best)
		*best = took;
}

static void one_round(struct batch *t, struct crypt_packet *seal, struct crypt_packet *open,
                      const struct suite *s, struct bare *b)
{
	double start = now();
	for (size_t i = 0; i < t->count; i++)
		crypt_packet_seal(seal, (uint32_t)i, t->mem + i * t->stride, t->len);
	keep_best(&t->seal, start);
	start = now();
	for (size_t i = 0; i < t->count; i++) {
		uint8_t *packet = t->mem + i * t->stride;
		uint32_t length = crypt_packet_length(open, (uint32_t)i, packet);
		if (crypt_packet_open(open, (uint32_t)i, packet, length + (size_t)4) != 0) {
			fprintf(stderr, "%s does not open\n", s->cipher->name);
			exit(1);
		}
	}
	keep_best(&t->open, start);
	start = now();
	for (size_t i = 0; i < t->count; i++)
		s->bare(b, false, t->mem + i * t->stride, t->len);
	keep_best(&t->bare_seal, start);
	start = now();
	for (size_t i = 0; i < t->count; i++)
		s->bare(b, true, t->mem + i * t->stride, t->len);
	keep_best(&t->bare_open, start);
}

static void report(const struct suite *s, size_t payload, const struct batch *t)
{
	double mb = (double)(payload * t->count) / 1e6;
	char name[80];
	snprintf(name, sizeof name, "%s%s%s", s->cipher->name, s->mac == NULL ? "" : " ",
	         s->mac == NULL ? "" : s->mac->name);
	printf("%-45s %6zu %7.0f %7.0f %4.0f%% %7.0f %7.0f %4.0f%%\n", name, payload, mb / t->seal,
	       mb / t->bare_seal, 100 * t->bare_seal / t->seal, mb / t->open, mb / t->bare_open,
	       100 * t->bare_open / t->open);
}

static void measure(const struct suite *s, size_t payload)
{
	struct crypt_packet seal = {0}, open = {0};
	struct crypt_packet_keys keys = {s->cipher, s->mac, key, key, key};
	struct batch t = {.stride = payload + 128, .count = BATCH_BYTES / payload};
	struct bare *b = malloc(sizeof *b);
	t.mem = malloc(t.stride * t.count);
	if (b == NULL || t.mem == NULL || crypt_packet_init(&seal, &keys, true) != 0 ||
	    crypt_packet_init(&open, &keys, false) != 0) {
		fprintf(stderr, "cannot set up %s\n", s->cipher->name);
		exit(1);
	}
	bare_init(b);
	for (int round = 0; round < ROUNDS; round++) {
		fill(&t, &seal, payload);
		one_round(&t, &seal, &open, s, b);
	}
	report(s, payload, &t);
	free(b);
	free(t.mem);
}

int main(void)
{
	static const size_t payloads[] = {64, 1024, 32768};
	printf(
	    "Packets: MB/s of payload, ours and bare Nettle's\n%-45s %6s %7s %7s %5s %7s %7s %5s\n",
	    "", "bytes", "seal", "bare", "", "open", "bare", "");
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
		for (size_t k = 0; k < sizeof payloads / sizeof *payloads; k++)
			measure(&suites[i], payloads[k]);
	}
	return 0;
}
