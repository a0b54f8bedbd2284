/* SPDX-License-Identifier: MIT */
#include "tests/bench/rows.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

/*
 * How fast packets are sealed and opened, beside what OpenSSL's EVP takes for the same bytes, keyed
 * beforehand: one pass of encryption with a new IV where the mode has one a packet, and one of
 * authentication, the sequence number included. What OpenSSL would need besides to make SSH
 * packets is not counted; its ChaCha20-Poly1305, for one, is RFC 8439's, with one key instead of two.
 *
 *     bench_evp [PART OF A NAME]
 */

/* By how our names begin; what EVP calls them. */
struct known {
	const char *ours, *theirs;
};

static const struct known ciphers[] = {
    {"aes128-gcm", "AES-128-GCM"},
    {"aes256-gcm", "AES-256-GCM"},
    {"chacha20", "ChaCha20-Poly1305"},
    {"aes128-ctr", "AES-128-CTR"},
    {"aes192-ctr", "AES-192-CTR"},
    {"aes256-ctr", "AES-256-CTR"},
    {"aes128-cbc", "AES-128-CBC"},
    {"aes192-cbc", "AES-192-CBC"},
    {"aes256-cbc", "AES-256-CBC"},
    {"camellia128-ctr", "CAMELLIA-128-CTR"},
    {"camellia192-ctr", "CAMELLIA-192-CTR"},
    {"camellia256-ctr", "CAMELLIA-256-CTR"},
    {"camellia128-cbc", "CAMELLIA-128-CBC"},
    {"camellia192-cbc", "CAMELLIA-192-CBC"},
    {"camellia256-cbc", "CAMELLIA-256-CBC"},
    {"3des-cbc", "DES-EDE3-CBC"},
    {NULL, NULL},
};

static const struct known digests[] = {
    {"hmac-sha2-256", "SHA256"}, {"hmac-sha2-512", "SHA512"},     {"hmac-sha1", "SHA1"},
    {"hmac-md5", "MD5"},         {"hmac-ripemd160", "RIPEMD160"}, {NULL, NULL},
};

#define TAG_AEAD 16

/* The row that is under way. */
static struct {
	EVP_CIPHER_CTX *seal, *open;
	EVP_MAC_CTX *mac; /* NULL: AEAD */
	bool etm;
	size_t tag;
} now;

static const uint8_t key[64];

static void must(int holds)
{
	bench_must(holds == 1, "OpenSSL refuses");
}

static const char *find(const struct known *list, const char *ours)
{
	for (; list->ours != NULL; list++)
		if (strncmp(ours, list->ours, strlen(list->ours)) == 0)
			return list->theirs;
	return NULL;
}

static void crypt_bytes(EVP_CIPHER_CTX *c, uint8_t *p, size_t len)
{
	int n;
	must(EVP_CipherUpdate(c, p, &n, p, (int)len));
}

static void tag(uint8_t *p, size_t len, uint8_t *out)
{
	size_t n;
	must(EVP_MAC_init(now.mac, NULL, 0, NULL));
	must(EVP_MAC_update(now.mac, key, 4)); /* the sequence number's place */
	must(EVP_MAC_update(now.mac, p, len));
	must(EVP_MAC_final(now.mac, out, &n, now.tag));
}

static void check_tag(uint8_t *p, size_t len)
{
	uint8_t own[64];
	tag(p, len, own);
	must(CRYPTO_memcmp(own, p + len, now.tag) == 0);
}

static void aead(EVP_CIPHER_CTX *c, bool open, uint8_t *p, size_t len)
{
	int n;
	must(EVP_CipherInit_ex(c, NULL, NULL, NULL, key, -1));
	if (open)
		must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_AEAD, p + len));
	must(EVP_CipherUpdate(c, NULL, &n, p, 4));
	crypt_bytes(c, p + 4, len - 4);
	must(EVP_CipherFinal_ex(c, p + len, &n));
	if (!open)
		must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_AEAD, p + len));
}

static void seal(uint8_t *p, size_t len)
{
	if (now.mac == NULL) {
		aead(now.seal, false, p, len);
	} else if (now.etm) {
		crypt_bytes(now.seal, p + 4, len - 4);
		tag(p, len, p + len);
	} else {
		tag(p, len, p + len);
		crypt_bytes(now.seal, p, len);
	}
}

static void open(uint8_t *p, size_t len)
{
	if (now.mac == NULL) {
		aead(now.open, true, p, len);
	} else if (now.etm) {
		check_tag(p, len);
		crypt_bytes(now.open, p + 4, len - 4);
	} else {
		crypt_bytes(now.open, p, len);
		check_tag(p, len);
	}
}

static void stop(void)
{
	EVP_CIPHER_CTX_free(now.seal);
	EVP_CIPHER_CTX_free(now.open);
	EVP_MAC_CTX_free(now.mac);
	memset(&now, 0, sizeof now);
}

static EVP_CIPHER_CTX *keyed(const EVP_CIPHER *cipher, int encrypt)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c != NULL && EVP_CipherInit_ex(c, cipher, NULL, key, key, encrypt));
	must(EVP_CIPHER_CTX_set_padding(c, 0));
	return c;
}

static bool start(const struct crypt_cipher *cipher, const struct crypt_mac *mac)
{
	const char *name = find(ciphers, cipher->name);
	const char *digest = mac == NULL ? "" : find(digests, mac->name);
	if (name == NULL || digest == NULL)
		return false;
	EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, name, NULL);
	must(evp != NULL);
	now.seal = keyed(evp, 1);
	now.open = keyed(evp, 0);
	EVP_CIPHER_free(evp);
	if (mac == NULL)
		return true;
	now.etm = mac->etm;
	now.tag = mac->tag_size;
	char copy[16] = {0};
	memcpy(copy, digest, strlen(digest));
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, copy, 0),
	                       OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	must(hmac != NULL && (now.mac = EVP_MAC_CTX_new(hmac)) != NULL);
	must(EVP_MAC_init(now.mac, key, mac->key_size, params));
	EVP_MAC_free(hmac);
	return true;
}

int main(int argc, char **argv)
{
	static const struct bench_other evp = {
	    .name = "OpenSSL's EVP",
	    .start = start,
	    .seal = seal,
	    .open = open,
	    .stop = stop,
	};
	bench_rows(&evp, argc > 1 ? argv[1] : NULL);
	return 0;
}
