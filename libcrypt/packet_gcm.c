/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/gcm_impl.h"
#include "libwire/buf.h"

/* Bytes of packet_length: in the clear, authenticated as associated data. */
#define LENGTH_SIZE 4
/* RFC 5647 section 7.1: fixed field, then an invocation counter that runs on, big-endian. */
#define FIXED_SIZE  4

_Static_assert(sizeof(struct gcm_state) <= CRYPT_CIPHER_STATE_SIZE, "gcm state");

const struct gcm_impl *const gcm_impls[] = {
#ifdef AES_X86
    &gcm_vaes,
    &gcm_aesni,
#endif
    &gcm_nettle,
    NULL,
};

static void set_key(void *state, const uint8_t *key, size_t key_size, const uint8_t *iv)
{
	struct gcm_state *g = state;
	const struct gcm_impl *const *impl = gcm_impls;
	while (!(*impl)->usable())
		impl++;
	g->impl = *impl;
	g->impl->set_key(g, key, key_size);
	memcpy(g->iv, iv, sizeof g->iv);
}

static void gcm128_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	set_key(state, key, AES128_KEY_SIZE, iv);
}

static void gcm256_init(void *state, const uint8_t *key, const uint8_t *iv)
{
	set_key(state, key, AES256_KEY_SIZE, iv);
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

static void crypt_packet(struct gcm_state *g, const struct gcm_work *w)
{
	g->impl->crypt(g, w);
	/* Count the invocation. */
	for (size_t i = sizeof g->iv; i-- > FIXED_SIZE && ++g->iv[i] == 0;)
		;
}

static void mode_seal(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	struct gcm_work w = {
	    .head = wire_bytes(packet, LENGTH_SIZE),
	    .body = packet + LENGTH_SIZE,
	    .len = len - LENGTH_SIZE,
	    .seal = true,
	    .tag = packet + len,
	};
	(void)seq;
	crypt_packet((void *)p->cipher_state, &w);
}

static enum ssh_err mode_open(struct crypt_packet *p, uint32_t seq, uint8_t *packet, size_t len)
{
	uint8_t tag[GCM_DIGEST_SIZE];
	(void)seq;
	if (len < LENGTH_SIZE)
		return SSH_ERR_MAC;
	struct gcm_work w = {
	    .head = wire_bytes(packet, LENGTH_SIZE),
	    .body = packet + LENGTH_SIZE,
	    .len = len - LENGTH_SIZE,
	    .tag = tag,
	};
	crypt_packet((void *)p->cipher_state, &w);
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
