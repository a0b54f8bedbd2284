/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/nettle_impl.h"
#include "libwire/buf.h"

#include <nettle/gcm.h>

/* Bytes of packet_length: in the clear, authenticated as associated data. */
#define LENGTH_SIZE 4
/* RFC 5647 section 7.1: fixed field, then an invocation counter that runs on, big-endian. */
#define FIXED_SIZE  4

struct gcm_state {
	struct gcm_key hash_key;
	struct gcm_ctx packet; /* of the packet being worked on */
	nettle_cipher_func *block;
	uint8_t iv[GCM_IV_SIZE];
	union {
		struct aes128_ctx aes128;
		struct aes256_ctx aes256;
	} cipher;
};

_Static_assert(sizeof(struct gcm_state) <= CRYPT_CIPHER_STATE_SIZE, "gcm state");

static void aes128_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes128_encrypt(ctx, n, dst, src);
}

static void aes256_blocks(const void *ctx, size_t n, uint8_t *dst, const uint8_t *src)
{
	aes256_encrypt(ctx, n, dst, src);
}

static void gcm128_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	struct gcm_state *g = state;
	aes128_set_encrypt_key(&g->cipher.aes128, key);
	g->block = aes128_blocks;
	gcm_set_key(&g->hash_key, &g->cipher, g->block);
	memcpy(g->iv, iv, sizeof g->iv);
}

static void gcm256_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	struct gcm_state *g = state;
	aes256_set_encrypt_key(&g->cipher.aes256, key);
	g->block = aes256_blocks;
	gcm_set_key(&g->hash_key, &g->cipher, g->block);
	memcpy(g->iv, iv, sizeof g->iv);
}

static enum ssh_err mode_init(struct crypt_packet *p, const uint8_t *key, const uint8_t *iv,
                              const uint8_t *mac_key, bool seal)
{
	(void)mac_key;
	(void)seal;
	p->head = LENGTH_SIZE;
	p->align = p->cipher->block_size;
	p->align_skip = LENGTH_SIZE;
	p->tag = GCM_DIGEST_SIZE;
	p->cipher->init_aead(p->cipher_state, key, iv);
	return SSH_OK;
}

static uint32_t mode_length(struct crypt_packet *p, uint32_t seq, uint8_t *packet)
{
	(void)p;
	(void)seq;
	return wire_load_u32(packet);
}

/* Begin a packet: its IV and its length; and count the invocation. */
static void begin(struct gcm_state *g, const uint8_t *packet)
{
	gcm_set_iv(&g->packet, &g->hash_key, sizeof g->iv, g->iv);
	gcm_update(&g->packet, &g->hash_key, LENGTH_SIZE, packet);
	for (size_t i = sizeof g->iv; i-- > FIXED_SIZE && ++g->iv[i] == 0;)
		;
}

static void mode_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct gcm_state *g = (void *)p->cipher_state;
	uint8_t *body = packet + LENGTH_SIZE;
	(void)seq;
	begin(g, packet);
	gcm_encrypt(&g->packet, &g->hash_key, &g->cipher, g->block, len - LENGTH_SIZE, body, body);
	gcm_digest(&g->packet, &g->hash_key, &g->cipher, g->block,
	           NETTLE_LENGTH(GCM_DIGEST_SIZE) packet + len);
}

static enum ssh_err mode_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct gcm_state *g = (void *)p->cipher_state;
	uint8_t *body = packet + LENGTH_SIZE;
	uint8_t tag[GCM_DIGEST_SIZE];
	(void)seq;
	if (len < LENGTH_SIZE)
		return SSH_ERR_MAC;
	begin(g, packet);
	gcm_decrypt(&g->packet, &g->hash_key, &g->cipher, g->block, len - LENGTH_SIZE, body, body);
	gcm_digest(&g->packet, &g->hash_key, &g->cipher, g->block,
	           NETTLE_LENGTH(GCM_DIGEST_SIZE) tag);
	bool good = wire_secret_equal(tag, packet + len, sizeof tag);
	wire_wipe(tag, sizeof tag);
	return good ? SSH_OK : SSH_ERR_MAC;
}

const struct crypt_mode crypt_mode_gcm = {
    .name = "gcm",
    .init = mode_init,
    .length = mode_length,
    .seal = mode_seal,
    .open = mode_open,
};

/* One construction has three names, which differ in how they are negotiated. */
#define GCM(wire_name, bits)                                                                       \
	.name = (wire_name), .key_size = AES##bits##_KEY_SIZE, .iv_size = GCM_IV_SIZE,             \
	.block_size = AES_BLOCK_SIZE, .data_limit = CRYPT_DATA_LIMIT(AES_BLOCK_SIZE),              \
	.aead = &crypt_mode_gcm, .init_aead = gcm##bits##_init

const struct crypt_cipher crypt_aes128_gcm = {GCM("aes128-gcm@openssh.com", 128)};
const struct crypt_cipher crypt_aes256_gcm = {GCM("aes256-gcm@openssh.com", 256)};
const struct crypt_cipher crypt_aes128_gcm_ietf = {GCM("aes128-gcm", 128)};
const struct crypt_cipher crypt_aes256_gcm_ietf = {GCM("aes256-gcm", 256)};

const struct crypt_mac crypt_mac_aead_aes_128_gcm = {
    .name = "AEAD_AES_128_GCM",
    .tag_size = GCM_DIGEST_SIZE,
};

const struct crypt_mac crypt_mac_aead_aes_256_gcm = {
    .name = "AEAD_AES_256_GCM",
    .tag_size = GCM_DIGEST_SIZE,
};

const struct crypt_cipher crypt_aead_aes_128_gcm = {
    GCM("AEAD_AES_128_GCM", 128),
    .aead_mac = &crypt_mac_aead_aes_128_gcm,
};

const struct crypt_cipher crypt_aead_aes_256_gcm = {
    GCM("AEAD_AES_256_GCM", 256),
    .aead_mac = &crypt_mac_aead_aes_256_gcm,
};
