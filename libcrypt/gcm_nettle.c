/* SPDX-License-Identifier: MIT */
#include "libcrypt/gcm_impl.h"

static bool usable(void)
{
	return true;
}

static void aes128_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes128_encrypt(ctx, n, dst, src);
}

static void aes256_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes256_encrypt(ctx, n, dst, src);
}

static void set_key(struct gcm_state *g, const uint8_t *key, size_t key_size)
{
	struct gcm_nettle *n = &g->nettle;
	if (key_size == AES128_KEY_SIZE) {
		aes128_set_encrypt_key(&n->cipher.aes128, key);
		n->block = aes128_blocks;
	} else {
		aes256_set_encrypt_key(&n->cipher.aes256, key);
		n->block = aes256_blocks;
	}
	gcm_set_key(&n->hash_key, &n->cipher, n->block);
}

static void crypt_packet(struct gcm_state *g, const struct gcm_work *w)
{
	struct gcm_nettle *n = &g->nettle;
	gcm_set_iv(&n->packet, &n->hash_key, sizeof g->iv, g->iv);
	gcm_update(&n->packet, &n->hash_key, w->head.len, w->head.ptr);
	if (w->seal)
		gcm_encrypt(&n->packet, &n->hash_key, &n->cipher, n->block, w->len, w->body,
		            w->body);
	else
		gcm_decrypt(&n->packet, &n->hash_key, &n->cipher, n->block, w->len, w->body,
		            w->body);
	gcm_digest(&n->packet, &n->hash_key, &n->cipher, n->block,
	           NETTLE_LENGTH(GCM_DIGEST_SIZE) w->tag);
}

const struct gcm_impl gcm_nettle = {
    .name = "nettle",
    .usable = usable,
    .set_key = set_key,
    .crypt = crypt_packet,
};
