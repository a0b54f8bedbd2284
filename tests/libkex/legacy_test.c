/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* Connections with the ciphers and MACs that are in no default offer. */

/* Both sides offer these, and nothing else. NULL: what is the default. */
struct offer {
	const struct crypt_cipher *const *ciphers;
	const struct crypt_mac *const *macs;
};

static void set_offer(struct kex_config *c, const struct offer *o)
{
	for (int dir = 0; dir < 2; dir++) {
		if (o->ciphers != NULL)
			c->ciphers[dir] = o->ciphers;
		if (o->macs != NULL)
			c->macs[dir] = o->macs;
	}
}

static void connect_pair(struct pair *p, const struct offer *client, const struct offer *server)
{
	pair_init(p, PAIR_WHOLE);
	set_offer(&p->client.config, client);
	set_offer(&p->server.config, server);
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
}

/* Payloads of all sorts of lengths go both ways. */
static void talk(struct pair *p, const char *name)
{
	static const size_t lengths[] = {1, 10, 100, 1000, 10000, 32768};
	static uint8_t room[32768];
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
	p->client.got_bytes = p->server.got_bytes = 0;
	uint64_t sent = 0;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		ssh_bytes payload = pair_payload(room, lengths[i], (uint8_t)i);
		cr_assert_eq(kex_send(&p->client.kex, payload), SSH_OK, "%s", name);
		cr_assert_eq(kex_send(&p->server.kex, payload), SSH_OK, "%s", name);
		sent += payload.len;
		pair_run(p);
	}
	cr_assert_eq(p->server.got_bytes, sent, "%s: %s", name, ssh_err_name(p->server.err));
	cr_assert_eq(p->client.got_bytes, sent, "%s: %s", name, ssh_err_name(p->client.err));
}

static void check_cipher(const struct crypt_cipher *cipher)
{
	static struct pair p;
	const struct crypt_cipher *const ciphers[] = {cipher, NULL};
	const struct crypt_mac *const macs[] = {cipher->aead_mac, NULL};
	const struct offer offer = {ciphers, cipher->aead_mac == NULL ? NULL : macs};
	connect_pair(&p, &offer, &offer);
	cr_assert(pair_is_open(&p), "%s: %s", cipher->name, ssh_err_name(p.client.err));
	cr_assert_eq(p.client.kex.algs.cipher[KEX_CS], cipher);
	talk(&p, cipher->name);
	pair_wipe(&p);
}

Test(legacy, a_connection_with_every_cipher)
{
	for (size_t i = 0; crypt_ciphers_legacy[i] != NULL; i++)
		check_cipher(crypt_ciphers_legacy[i]);
}

Test(legacy, a_connection_with_every_mac)
{
	static const struct crypt_cipher *const ciphers[] = {&crypt_insecure_aes256_cbc, NULL};
	for (size_t i = 0; crypt_macs_legacy[i] != NULL; i++) {
		static struct pair p;
		const struct crypt_mac *const macs[] = {crypt_macs_legacy[i], NULL};
		const struct offer offer = {ciphers, macs};
		if (macs[0]->compute == NULL)
			continue;
		connect_pair(&p, &offer, &offer);
		cr_assert(pair_is_open(&p), "%s: %s", macs[0]->name, ssh_err_name(p.client.err));
		cr_assert_eq(p.server.kex.algs.mac[KEX_SC], macs[0]);
		talk(&p, macs[0]->name);
		pair_wipe(&p);
	}
}

/* --- Forgeries under CBC --- */

#define PIECE 1024

/* Random bytes in place of a packet, whose length is then bad, or good now and then. */
static size_t taken_of_garbage(const char *seed, enum ssh_err *verdict, uint32_t *reason)
{
	static const struct crypt_cipher *const ciphers[] = {&crypt_insecure_aes128_cbc, NULL};
	static const struct crypt_mac *const macs[] = {&crypt_hmac_sha2_256, NULL};
	static const struct offer offer = {ciphers, macs};
	static struct pair p;
	struct crypt_drbg d;
	uint8_t piece[PIECE];
	size_t taken = 0;
	crypt_drbg_init(&d, wire_bytes_str(seed));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	connect_pair(&p, &offer, &offer);
	cr_assert(pair_is_open(&p));
	while (p.server.err == 0 && taken < 2 * KEX_PACKET_MAX) {
		cr_assert_eq(crypt_rng_fill(&rng, piece, sizeof piece), SSH_OK);
		(void)pair_feed(&p, &p.server, wire_bytes(piece, sizeof piece));
		taken += sizeof piece;
	}
	pair_run(&p);
	*verdict = p.server.err;
	*reason = p.client.reason;
	pair_wipe(&p);
	return taken;
}

/* The whole engine has room for what must be awaited, and then disconnects with one reason. */
Test(legacy, garbage_under_cbc_is_refused_at_one_place)
{
	static const char *const seeds[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	const size_t largest = (KEX_PACKET_MAX + 4) / 16 * 16 + 32;
	for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
		enum ssh_err e;
		uint32_t reason;
		size_t taken = taken_of_garbage(seeds[i], &e, &reason);
		cr_assert_eq(taken, (largest + PIECE - 1) / PIECE * PIECE, "%s", seeds[i]);
		cr_assert_eq(e, SSH_ERR_MAC, "%s: %s", seeds[i], ssh_err_name(e));
		cr_assert_eq(reason, SSH_DISCONNECT_MAC_ERROR, "%s: %u", seeds[i], reason);
	}
}

/* --- RFC 5647 section 5.1: both, or neither --- */

static const struct crypt_cipher *const ctr[] = {&crypt_aes128_ctr, NULL};
static const struct crypt_cipher *const gcm[] = {&crypt_aead_aes_128_gcm, NULL};
static const struct crypt_mac *const gcm_mac[] = {&crypt_mac_aead_aes_128_gcm, NULL};
static const struct crypt_mac *const gcm_mac_first[] = {&crypt_mac_aead_aes_128_gcm,
                                                        &crypt_hmac_sha2_256, NULL};
static const struct crypt_mac *const gcm_mac_last[] = {&crypt_hmac_sha2_256,
                                                       &crypt_mac_aead_aes_128_gcm, NULL};
static const struct crypt_mac *const other_mac[] = {&crypt_mac_aead_aes_256_gcm, NULL};

Test(legacy, the_gcm_of_rfc_5647_goes_with_its_mac_or_not_at_all)
{
	static const struct {
		const char *name;
		struct offer offer;
		bool open;
	} rows[] = {
	    {"both", {gcm, gcm_mac}, true},
	    {"both, the MAC first of two", {gcm, gcm_mac_first}, true},
	    {"the MAC last of two", {gcm, gcm_mac_last}, false},
	    {"the cipher alone", {gcm, NULL}, false},
	    {"the MAC of the other", {gcm, other_mac}, false},
	    {"the MAC alone", {ctr, gcm_mac}, false},
	    {"the MAC alone, first of two", {ctr, gcm_mac_first}, false},
	    {"the MAC not chosen", {ctr, gcm_mac_last}, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct pair p;
		connect_pair(&p, &rows[i].offer, &rows[i].offer);
		cr_assert_eq(pair_is_open(&p), rows[i].open, "%s", rows[i].name);
		if (rows[i].open)
			talk(&p, rows[i].name);
		else
			cr_assert_eq(p.client.err, SSH_ERR_NO_COMMON, "%s", rows[i].name);
		pair_wipe(&p);
	}
}

/* --- Limits --- */

/* RFC 4344 section 3.2: a gigabyte under one key of a small block, whatever was configured. */
Test(legacy, a_key_that_is_worn_out_is_changed_whatever_the_configuration)
{
	static const struct {
		const struct crypt_cipher *cipher;
		uint64_t bytes;
		size_t exchanges;
	} rows[] = {
	    {&crypt_insecure_3des_ctr, ((uint64_t)1 << 30) - 1000000, 1},
	    {&crypt_insecure_3des_ctr, (uint64_t)1 << 30, 2},
	    {&crypt_aes128_ctr, (uint64_t)1 << 30, 1},
	    {&crypt_aes128_ctr, (uint64_t)1 << 36, 2},
	    {&crypt_aes256_gcm, (uint64_t)1 << 36, 2},
	    {&crypt_chacha20_poly1305, (uint64_t)1 << 36, 1},
	};
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		static struct pair p;
		const struct crypt_cipher *const ciphers[] = {rows[i / 2].cipher, NULL};
		const struct offer offer = {ciphers, NULL};
		pair_init(&p, PAIR_WHOLE);
		set_offer(&p.client.config, &offer);
		set_offer(&p.server.config, &offer);
		p.client.config.rekey_bytes = p.server.config.rekey_bytes = 0;
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert(pair_is_open(&p), "%s", ciphers[0]->name);
		*(i % 2 == 0 ? &p.client.kex.in.bytes : &p.client.kex.out.bytes) =
		    rows[i / 2].bytes;
		talk(&p, ciphers[0]->name);
		cr_assert_eq(p.client.events[KEX_EVENT_KEYS], rows[i / 2].exchanges, "%s, %zu",
		             ciphers[0]->name, i);
		pair_wipe(&p);
	}
}
