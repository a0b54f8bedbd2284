/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libcrypt/packet.h"
#include "libwire/buf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * How fast packets are sealed, beside what OpenSSL's EVP takes for the same bytes, keyed beforehand:
 * one pass of encryption with a new IV where the mode has one a packet, and one of
 * authentication. What OpenSSL would need besides to make SSH packets is not counted.
 */

#define BATCH_BYTES ((size_t)256 * 1024)
#define ROUNDS      60

/* A cipher of EVP, and a MAC of it unless the cipher authenticates by itself. */
struct suite {
	const struct crypt_cipher *cipher;
	const struct crypt_mac *mac;
	const EVP_CIPHER *(*evp)(void);
	const char *digest; /* of HMAC; NULL: AEAD */
	size_t tag;
};

static const struct suite suites[] = {
    {&crypt_aes128_gcm, NULL, EVP_aes_128_gcm, NULL, 16},
    {&crypt_aes256_gcm, NULL, EVP_aes_256_gcm, NULL, 16},
    {&crypt_chacha20_poly1305, NULL, EVP_chacha20_poly1305, NULL, 16},
    {&crypt_aes128_ctr, &crypt_hmac_sha2_256_etm, EVP_aes_128_ctr, "SHA256", 32},
    {&crypt_aes256_ctr, &crypt_hmac_sha2_512_etm, EVP_aes_256_ctr, "SHA512", 64},
    {&crypt_aes128_ctr, &crypt_hmac_sha1_etm, EVP_aes_128_ctr, "SHA1", 20},
};

static const uint8_t key[64] = "any key will do: the time does not depend on it";

struct evp {
	EVP_CIPHER_CTX *cipher;
	EVP_MAC_CTX *mac;
};

static void must(int holds)
{
	if (!holds) {
		fprintf(stderr, "bench_evp: OpenSSL refuses\n");
		exit(1);
	}
}

static struct evp evp_new(const struct suite *s)
{
	struct evp e = {EVP_CIPHER_CTX_new(), NULL};
	must(e.cipher != NULL && EVP_EncryptInit_ex(e.cipher, s->evp(), NULL, key, key) == 1);
	if (s->digest == NULL)
		return e;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	char digest[16];
	snprintf(digest, sizeof digest, "%s", s->digest);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	                       OSSL_PARAM_construct_end()};
	must(mac != NULL && (e.mac = EVP_MAC_CTX_new(mac)) != NULL &&
	     EVP_MAC_init(e.mac, key, s->tag, params) == 1);
	EVP_MAC_free(mac);
	return e;
}

static void evp_aead(struct evp *e, uint8_t *p, size_t len)
{
	int n;
	must(EVP_EncryptInit_ex(e->cipher, NULL, NULL, NULL, key) == 1);
	must(EVP_EncryptUpdate(e->cipher, NULL, &n, p, 4) == 1);
	must(EVP_EncryptUpdate(e->cipher, p + 4, &n, p + 4, (int)len - 4) == 1);
	must(EVP_EncryptFinal_ex(e->cipher, p + len, &n) == 1);
	must(EVP_CIPHER_CTX_ctrl(e->cipher, EVP_CTRL_AEAD_GET_TAG, 16, p + len) == 1);
}

static void evp_etm(struct evp *e, uint8_t *p, size_t len, size_t tag)
{
	int n;
	must(EVP_EncryptUpdate(e->cipher, p + 4, &n, p + 4, (int)len - 4) == 1);
	must(EVP_MAC_init(e->mac, NULL, 0, NULL) == 1);
	must(EVP_MAC_update(e->mac, p, 4) == 1); /* the sequence number's place */
	must(EVP_MAC_update(e->mac, p, len) == 1);
	must(EVP_MAC_final(e->mac, p + len, &tag, tag) == 1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void keep_best(double *best, double start)
{
	double took = now() - start;
	if (*best == 0 || took < *best)
		*best = took;
}

struct batch {
	uint8_t *mem;
	size_t count, stride, len;
	double ours, theirs;
};

static void one_round(struct batch *t, struct crypt_packet *seal, const struct suite *s,
                      struct evp *e)
{
	for (size_t i = 0; i < t->count; i++) {
		wire_store_u32(t->mem + i * t->stride, (uint32_t)(t->len - 4));
		t->mem[i * t->stride + 4] = CRYPT_PADDING_MIN;
	}
	double start = now();
	for (size_t i = 0; i < t->count; i++)
		crypt_packet_seal(seal, (uint32_t)i, t->mem + i * t->stride, t->len);
	keep_best(&t->ours, start);
	start = now();
	for (size_t i = 0; i < t->count; i++) {
		if (s->digest == NULL)
			evp_aead(e, t->mem + i * t->stride, t->len);
		else
			evp_etm(e, t->mem + i * t->stride, t->len, s->tag);
	}
	keep_best(&t->theirs, start);
}

static void measure(const struct suite *s, size_t payload)
{
	struct crypt_packet seal = {0};
	struct crypt_packet_keys keys = {s->cipher, s->mac, key, key, key};
	struct batch t = {.stride = payload + 128, .count = BATCH_BYTES / payload};
	struct evp e = evp_new(s);
	char name[80];
	t.mem = calloc(t.count, t.stride);
	must(t.mem != NULL && crypt_packet_init(&seal, &keys, true) == 0);
	t.len = CRYPT_PACKET_HEAD + payload + crypt_packet_padding(&seal, payload);
	for (int round = 0; round < ROUNDS; round++)
		one_round(&t, &seal, s, &e);
	double mb = (double)(payload * t.count) / 1e6;
	snprintf(name, sizeof name, "%s%s%s", s->cipher->name, s->mac == NULL ? "" : " ",
	         s->mac == NULL ? "" : s->mac->name);
	printf("%-45s %6zu %7.0f %7.0f %4.2f\n", name, payload, mb / t.ours, mb / t.theirs,
	       t.theirs / t.ours);
	EVP_CIPHER_CTX_free(e.cipher);
	EVP_MAC_CTX_free(e.mac);
	free(t.mem);
}

int main(void)
{
	static const size_t payloads[] = {64, 1024, 32768};
	printf("Packets: MB/s of payload sealed, ours and OpenSSL's EVP\n%-45s %6s %7s %7s ratio\n",
	       "", "bytes", "ours", "EVP");
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
		for (size_t k = 0; k < sizeof payloads / sizeof *payloads; k++)
			measure(&suites[i], payloads[k]);
	return 0;
}
