/* SPDX-License-Identifier: MIT */
#include "libcrypt/packet.h"

#include "libcrypt/chacha_impl.h"
#include "libcrypt/rng.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define PACKET_MAX 40000

/* One choice of algorithms, and keys for it that stay the same. */
struct suite {
	const struct crypt_cipher *cipher;
	const struct crypt_mac *mac;
	const struct chacha_impl *impl; /* in place of the one that would be chosen, if not NULL */
	char name[96];
};

/* chacha20-poly1305, once for each implementation that can run here. */
static void impls_each(void (*f)(const struct suite *s))
{
	for (size_t i = 0; chacha_impls[i] != NULL; i++) {
		struct suite s = {&crypt_chacha20_poly1305, NULL, chacha_impls[i], ""};
		snprintf(s.name, sizeof s.name, "%s by %s", s.cipher->name, s.impl->name);
		if (s.impl->usable())
			f(&s);
	}
}

static void choose(struct crypt_packet *p, const struct chacha_impl *impl)
{
	struct chachapoly *c = (void *)p->cipher_state;
	if (impl != NULL)
		c->impl = impl;
}

static void suite_of(const struct crypt_cipher *c, const struct crypt_mac *m,
                     void (*f)(const struct suite *s))
{
	struct suite s = {c, m, NULL, ""};
	snprintf(s.name, sizeof s.name, "%s %s", c->name, m == NULL ? "" : m->name);
	f(&s);
}

/* Every cipher with every MAC that it can have. */
static void suites_each(void (*f)(const struct suite *s))
{
	struct suite none = {.name = "none"};
	f(&none);
	impls_each(f);
	for (size_t c = 0; crypt_ciphers_legacy[c] != NULL; c++) {
		if (crypt_ciphers_legacy[c]->aead != NULL) {
			suite_of(crypt_ciphers_legacy[c], NULL, f);
			continue;
		}
		for (size_t m = 0; crypt_macs_legacy[m] != NULL; m++)
			if (crypt_macs_legacy[m]->compute != NULL)
				suite_of(crypt_ciphers_legacy[c], crypt_macs_legacy[m], f);
	}
}

/* Is anything changed on the way, and is it noticed if somebody else does? */
static bool is_secret(const struct suite *s)
{
	return s->cipher != NULL && s->cipher != &crypt_insecure_none;
}

static bool is_safe(const struct suite *s)
{
	return s->cipher != NULL && (s->cipher->aead != NULL || s->mac->tag_size > 0);
}

static void key_up(struct crypt_packet *p, const struct suite *s, bool seal)
{
	uint8_t key[CRYPT_CIPHER_KEY_MAX], iv[CRYPT_CIPHER_IV_MAX], mac_key[CRYPT_MAC_KEY_MAX];
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str(s->name));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	crypt_rng_fill(&rng, key, sizeof key);
	crypt_rng_fill(&rng, iv, sizeof iv);
	crypt_rng_fill(&rng, mac_key, sizeof mac_key);
	struct crypt_packet_keys keys = {s->cipher, s->mac, key, iv, mac_key};
	cr_assert_eq(crypt_packet_init(p, &keys, seal), SSH_OK, "%s", s->name);
	choose(p, s->impl);
}

/* A plain packet of `payload` bytes; returns its length without tag. */
static size_t plain_packet(const struct crypt_packet *p, uint8_t *packet, size_t payload)
{
	size_t padding = crypt_packet_padding(p, payload);
	size_t len = CRYPT_PACKET_HEAD + payload + padding;
	wire_store_u32(packet, (uint32_t)(len - 4));
	packet[4] = (uint8_t)padding;
	for (size_t i = CRYPT_PACKET_HEAD; i < len; i++)
		packet[i] = (uint8_t)(i * 7 + payload);
	return len;
}

static void round_trip(const struct suite *s, struct crypt_packet *seal, struct crypt_packet *open,
                       size_t payload)
{
	static uint8_t packet[PACKET_MAX], plain[PACKET_MAX];
	uint32_t seq = 0xfffffff0u + (uint32_t)payload; /* wraps on the way */
	size_t len = plain_packet(seal, packet, payload);
	memcpy(plain, packet, len);
	memset(packet + len, 0xee, seal->tag + 1);
	crypt_packet_seal(seal, seq, packet, len);
	cr_assert_eq(packet[len + seal->tag], 0xee, "%s wrote behind the tag", s->name);
	if (is_secret(s))
		cr_assert_neq(memcmp(plain + 4, packet + 4, len - 4), 0, "%s", s->name);
	cr_assert_eq(crypt_packet_length(open, seq, packet), len - 4, "%s %zu", s->name, payload);
	cr_assert_eq(crypt_packet_open(open, seq, packet, len), SSH_OK, "%s %zu", s->name, payload);
	cr_assert_eq(memcmp(plain, packet, len), 0, "%s %zu", s->name, payload);
}

static void check_round_trips(const struct suite *s)
{
	static const size_t large[] = {1024, 4095, 4096, 32768, 35000};
	struct crypt_packet seal = {0}, open = {0}, moved;
	key_up(&seal, s, true);
	key_up(&open, s, false);
	for (size_t payload = 1; payload <= 300; payload++)
		round_trip(s, &seal, &open, payload);
	moved = open; /* the header promises that it may be moved */
	memset(&open, 0xa5, sizeof open);
	for (size_t i = 0; i < sizeof large / sizeof *large; i++)
		round_trip(s, &seal, &moved, large[i]);
	crypt_packet_wipe(&seal);
	crypt_packet_wipe(&moved);
}

Test(packet, what_is_sealed_opens)
{
	suites_each(check_round_trips);
}

/* Open a copy of `sealed` with `keyed` copied, so that the state is fresh every time. */
static enum ssh_err open_copy(const struct crypt_packet *keyed, uint32_t seq, const uint8_t *sealed,
                              size_t len)
{
	struct crypt_packet p = *keyed;
	uint8_t packet[512];
	memcpy(packet, sealed, len + p.tag);
	crypt_packet_length(&p, seq, packet);
	return crypt_packet_open(&p, seq, packet, len);
}

static void check_refusals(const struct suite *s)
{
	struct crypt_packet seal = {0}, open = {0};
	uint8_t packet[512];
	if (!is_safe(s))
		return;
	key_up(&seal, s, true);
	key_up(&open, s, false);
	size_t len = plain_packet(&seal, packet, 50);
	crypt_packet_seal(&seal, 9, packet, len);
	cr_assert_eq(open_copy(&open, 9, packet, len), SSH_OK, "%s", s->name);
	for (size_t bit = 0; bit < 8 * (len + seal.tag); bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		cr_assert_eq(open_copy(&open, 9, packet, len), SSH_ERR_MAC, "%s bit %zu", s->name,
		             bit);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t shorter = 0; shorter < len; shorter++)
		cr_assert_eq(open_copy(&open, 9, packet, shorter), SSH_ERR_MAC, "%s cut to %zu",
		             s->name, shorter);
	cr_assert_eq(open_copy(&open, 9, packet, len), SSH_OK, "%s", s->name);
}

Test(packet, every_flipped_bit_and_every_cut_is_refused)
{
	suites_each(check_refusals);
}

static void check_sequence(const struct suite *s)
{
	static const uint32_t wrong[] = {8, 10, 0, 9 + 0x100, 9 + 0x10000, 9 + 0x1000000};
	struct crypt_packet seal = {0}, open = {0};
	uint8_t packet[512];
	if (!is_safe(s))
		return;
	key_up(&seal, s, true);
	key_up(&open, s, false);
	size_t len = plain_packet(&seal, packet, 50);
	crypt_packet_seal(&seal, 9, packet, len);
	/* GCM counts by itself and looks at no number: it notices a packet that was left out. */
	bool counts = s->cipher->aead == &crypt_mode_gcm;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_assert_eq(open_copy(&open, wrong[i], packet, len), counts ? SSH_OK : SSH_ERR_MAC,
		             "%s as %u", s->name, wrong[i]);
	len = plain_packet(&seal, packet, 50);
	crypt_packet_seal(&seal, 10, packet, len);
	/* The second packet in the place of the first. */
	cr_assert_eq(open_copy(&open, 9, packet, len), SSH_ERR_MAC, "%s: packet left out", s->name);
}

Test(packet, wrong_sequence_number_is_refused)
{
	suites_each(check_sequence);
}

static void check_padding(const struct suite *s)
{
	struct crypt_packet p = {0};
	key_up(&p, s, true);
	for (size_t payload = 0; payload < 2000; payload++) {
		size_t padding = crypt_packet_padding(&p, payload);
		size_t len = CRYPT_PACKET_HEAD + payload + padding;
		cr_assert(padding >= CRYPT_PADDING_MIN && padding <= CRYPT_PADDING_MAX, "%s %zu",
		          s->name, payload);
		cr_assert_eq((len - p.align_skip) % p.align, 0, "%s %zu", s->name, payload);
		cr_assert(len >= 16 && len >= p.head, "%s %zu", s->name, payload);
		/* The least: one step less breaks a rule. */
		cr_assert(padding < CRYPT_PADDING_MIN + p.align || len - p.align < 16, "%s %zu",
		          s->name, payload);
	}
}

Test(packet, padding_is_the_least_that_the_rules_allow)
{
	suites_each(check_padding);
}

Test(packet, init_wants_a_mac_where_one_is_needed)
{
	static const struct crypt_packet zero;
	uint8_t key[64] = {0};
	struct crypt_packet p = {0};
	struct crypt_packet_keys keys = {.cipher = &crypt_aes128_ctr, .key = key, .iv = key};
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_ERR_ARGUMENT);
	cr_assert_eq(memcmp(&p, &zero, sizeof p), 0);
	keys.mac = &crypt_mac_aead_aes_128_gcm;
	keys.mac_key = key;
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_ERR_ARGUMENT);
	cr_assert_eq(memcmp(&p, &zero, sizeof p), 0);
	keys.mac = &crypt_hmac_sha2_256;
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_OK);
	cr_assert_eq(p.mode, &crypt_mode_eam);
	keys.mac = &crypt_hmac_sha2_256_etm;
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_OK);
	cr_assert_eq(p.mode, &crypt_mode_etm);
	keys.cipher = &crypt_aes128_gcm;
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_OK);
	cr_assert(p.mode == &crypt_mode_gcm && p.mac == NULL);
	crypt_packet_wipe(&p);
	cr_assert_eq(memcmp(&p, &zero, sizeof p), 0);
	crypt_packet_wipe(&p);
}

/* What frame acts upon. */
static void check_hidden(const struct suite *s)
{
	struct crypt_packet p = {0};
	key_up(&p, s, false);
	bool inside = p.mode == &crypt_mode_eam;
	cr_assert_eq(p.length_hidden, inside || p.mode == &crypt_mode_chachapoly, "%s", s->name);
	cr_assert_eq(p.end_hidden, inside && s->cipher->cbc, "%s", s->name);
	crypt_packet_wipe(&p);
}

Test(packet, what_must_be_hidden_is_told)
{
	suites_each(check_hidden);
}

/* Encrypt-and-MAC has no published packets: compose one from cipher and MAC, which have. */
static void check_composition(const struct suite *s)
{
	uint64_t cipher[CRYPT_CIPHER_STATE_SIZE / 8], mac[CRYPT_MAC_STATE_SIZE / 8];
	uint8_t key[64], packet[512], tag[CRYPT_MAC_TAG_MAX], want[512];
	if (s->mac == NULL || s->mac->etm)
		return;
	memset(key, 0x5a, sizeof key);
	struct crypt_packet p = {0};
	struct crypt_packet_keys keys = {s->cipher, s->mac, key, key, key};
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_OK);
	s->cipher->init(cipher, key, key, true);
	s->mac->init(mac, key);
	for (uint32_t seq = 0; seq < 5; seq++) {
		size_t len = plain_packet(&p, packet, 10 + 50 * seq);
		memcpy(want, packet, len);
		s->mac->compute(mac, seq, wire_bytes(want, len), tag);
		s->cipher->crypt(cipher, len, want);
		crypt_packet_seal(&p, seq, packet, len);
		cr_assert_eq(memcmp(packet, want, len), 0, "%s", s->name);
		cr_assert_eq(memcmp(packet + len, tag, p.tag), 0, "%s", s->name);
	}
}

Test(packet, encrypt_and_mac_is_mac_of_the_plaintext_and_encryption)
{
	suites_each(check_composition);
}

/* Columns: source, sequence number, key, packet, packet on the wire with tag. */
static const char *const *column;

static void check_chachapoly(const struct suite *s)
{
	struct wire_buf key = {0}, plain = {0}, wire = {0};
	uint32_t seq = (uint32_t)strtoul(column[1], NULL, 10);
	unhex(&key, column[2]);
	unhex(&plain, column[3]);
	unhex(&wire, column[4]);
	struct crypt_packet p = {0};
	struct crypt_packet_keys keys = {.cipher = &crypt_chacha20_poly1305,
	                                 .key = wire_buf_view(&key).ptr};
	size_t len = wire_buf_len(&plain);
	uint8_t packet[1024];
	cr_assert_eq(crypt_packet_init(&p, &keys, true), SSH_OK);
	choose(&p, s->impl);
	cr_assert_eq(wire_buf_len(&wire), len + p.tag, "%s", column[0]);
	memcpy(packet, wire_buf_view(&plain).ptr, len);
	crypt_packet_seal(&p, seq, packet, len);
	cr_assert_eq(memcmp(packet, wire_buf_view(&wire).ptr, len + p.tag), 0, "%s", column[0]);
	cr_assert_eq(crypt_packet_length(&p, seq, packet), len - 4, "%s", column[0]);
	cr_assert_eq(crypt_packet_open(&p, seq, packet, len), SSH_OK, "%s", column[0]);
	cr_assert_eq(memcmp(packet, wire_buf_view(&plain).ptr, len), 0, "%s", column[0]);
	wire_buf_wipe(&key);
	wire_buf_wipe(&plain);
	wire_buf_wipe(&wire);
}

static void check_chachapoly_row(const char *const *row)
{
	column = row;
	impls_each(check_chachapoly);
}

Test(packet, chachapoly_vectors)
{
	rows_each("chacha20-poly1305-openssh.txt", 5, check_chachapoly_row);
}

/* Packets of the implementation `s` and of Nettle's, byte for byte. */
static void check_same_packets(const struct suite *s)
{
	static uint8_t got[PACKET_MAX], want[PACKET_MAX];
	struct suite nettle = *s;
	struct crypt_packet p = {0}, oracle = {0};
	nettle.impl = &chacha_nettle; /* the name stays, which the keys are made from */
	key_up(&p, s, true);
	key_up(&oracle, &nettle, true);
	for (size_t payload = 0; payload <= 35000; payload += payload < 1500 ? 1 : 1237) {
		uint32_t seq = (uint32_t)payload * 0x10001u;
		size_t len = plain_packet(&p, got, payload);
		memcpy(want, got, len);
		crypt_packet_seal(&p, seq, got, len);
		crypt_packet_seal(&oracle, seq, want, len);
		cr_assert_eq(memcmp(got, want, len + p.tag), 0, "%s %zu", s->name, payload);
	}
}

Test(packet, chachapoly_is_the_same_by_all)
{
	impls_each(check_same_packets);
}

/* Whatever was prepared for one number is not used for another, nor without keys. */
static void check_stale_head(const struct suite *s)
{
	struct crypt_packet seal = {0}, open = {0};
	uint8_t packet[512], plain[512];
	key_up(&seal, s, true);
	key_up(&open, s, false);
	size_t len = plain_packet(&seal, packet, 50);
	memcpy(plain, packet, len);
	crypt_packet_seal(&seal, 0, packet, len);
	cr_assert_eq(open_copy(&open, 0, packet, len), SSH_OK, "%s", s->name);
	crypt_packet_length(&open, 0, packet);
	cr_assert_eq(crypt_packet_open(&open, 1, packet, len), SSH_ERR_MAC, "%s", s->name);
	cr_assert_eq(crypt_packet_open(&open, 0, packet, len), SSH_OK, "%s", s->name);
	cr_assert_eq(memcmp(packet, plain, len), 0, "%s", s->name);
	/* A forgery with the tag that a key of zeros would give, to a direction that began nothing. */
	key_up(&open, s, false);
	memset(packet, 0, sizeof packet);
	cr_assert_eq(crypt_packet_open(&open, 0, packet, len), SSH_ERR_MAC, "%s", s->name);
}

Test(packet, chachapoly_prepares_for_one_number)
{
	impls_each(check_stale_head);
}
