/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>

/*
 * CVE-2023-48795: a man in the middle puts an IGNORE into the exchange, in the clear, and takes the
 * first protected packet of that direction, EXT_INFO, away. Sequence numbers fit again, and nobody
 * notices: with chacha20-poly1305 never, with CBC and encrypt-then-MAC as far as the MAC goes. Both
 * directions. That it works without strict kex shows that the attack is a real one.
 */

struct attack {
	const char *name;
	const struct crypt_cipher *cipher;
	const struct crypt_mac *mac;
	bool from_server; /* the direction that is cut */
	bool nobody;      /* in the middle: what happens without the attack */
	enum kex_strict strict;
};

static const char ext_info[] = "\x07\0\0\0\1\0\0\0\1x\0\0\0\1y";

/* What became of the victim. */
struct outcome {
	enum ssh_err err;
	size_t ext_infos;
	size_t payloads;
	size_t answers; /* payloads that the sender got of it */
};

static size_t packet_size(ssh_bytes at)
{
	return 4 + wire_load_u32(at.ptr);
}

/* The middleman's hands: pass n bytes on, or let them vanish. */
static void pass(struct pair *p, struct pair_side *from, size_t n)
{
	pair_feed(p, pair_peer(p, from), wire_bytes(kex_out(&from->kex).ptr, n));
	kex_sent(&from->kex, n);
}

static void vanish(struct pair_side *from, size_t n)
{
	kex_sent(&from->kex, n);
}

static void pass_ident(struct pair *p, struct pair_side *from)
{
	ssh_bytes out = kex_out(&from->kex);
	pass(p, from, (size_t)((const uint8_t *)memchr(out.ptr, '\n', out.len) - out.ptr) + 1);
}

static void insert_ignore(struct pair *p, struct pair_side *victim)
{
	struct wire_buf packet = {0};
	pair_plain(&packet, wire_bytes("\x02\0\0\0\0", 5));
	pair_feed(p, victim, wire_buf_view(&packet));
	wire_buf_wipe(&packet);
}

/* After the KEXINITs the sender's packets in the clear pass, and what it first protects does not. */
static void cut(struct pair *p, struct pair_side *sender)
{
	pass_ident(p, &p->client);
	pass_ident(p, &p->server);
	pass(p, &p->client, packet_size(kex_out(&p->client.kex)));
	pass(p, &p->server, packet_size(kex_out(&p->server.kex)));
	insert_ignore(p, pair_peer(p, sender));
	pass(p, &p->client, packet_size(kex_out(&p->client.kex))); /* INIT */
	pass(p, &p->server, packet_size(kex_out(&p->server.kex))); /* REPLY */
	if (pair_peer(p, sender)->kex.state == KEX_DEAD)
		return;
	pass(p, sender, packet_size(kex_out(&sender->kex))); /* NEWKEYS */
	vanish(sender, kex_out(&sender->kex).len);           /* EXT_INFO */
}

static struct outcome play(const struct attack *a, unsigned seed)
{
	const struct crypt_cipher *const ciphers[] = {a->cipher, NULL};
	const struct crypt_mac *const macs[] = {a->mac == NULL ? &crypt_hmac_sha2_256 : a->mac,
	                                        NULL};
	const struct kex_persona persona = {.ext_info = wire_bytes(ext_info, sizeof ext_info - 1)};
	struct pair p;
	char text[16];
	uint8_t room[250];
	pair_init(&p, PAIR_WHOLE);
	snprintf(text, sizeof text, "%u", seed);
	crypt_drbg_init(&p.client.drbg, wire_bytes_str(text));
	struct pair_side *sender = a->from_server ? &p.server : &p.client;
	struct pair_side *victim = pair_peer(&p, sender);
	struct pair_side *sides[] = {&p.client, &p.server};
	for (int i = 0; i < 2; i++) {
		sides[i]->config.agrees = pair_agrees_fast;
		sides[i]->config.ciphers[KEX_CS] = sides[i]->config.ciphers[KEX_SC] = ciphers;
		sides[i]->config.macs[KEX_CS] = sides[i]->config.macs[KEX_SC] = macs;
	}
	sender->config.persona = &persona;
	victim->config.strict = a->strict;
	cr_assert_eq(pair_start(&p), SSH_OK);
	if (!a->nobody)
		cut(&p, sender);
	pair_run(&p);
	for (int i = 0; i < 4; i++) {
		struct kex *k = i % 2 == 0 ? &sender->kex : &victim->kex;
		if (k->state != KEX_OPEN)
			continue;
		cr_assert_eq(kex_send(k, pair_payload(room, sizeof room, 1)), SSH_OK);
		pair_run(&p);
	}
	struct outcome o = {victim->kex.err, victim->events[KEX_EVENT_EXT_INFO],
	                    victim->events[KEX_EVENT_PAYLOAD], sender->events[KEX_EVENT_PAYLOAD]};
	pair_wipe(&p);
	return o;
}

Test(terrapin, chacha20_poly1305)
{
	for (int i = 0; i < 4; i++) {
		bool strict = i / 2 == 1;
		const struct attack a = {"chacha20-poly1305",
		                         &crypt_chacha20_poly1305,
		                         NULL,
		                         i % 2 == 0,
		                         false,
		                         strict ? KEX_STRICT_OFFER : KEX_STRICT_OFF};
		const struct outcome o = play(&a, 1);
		cr_expect_eq(o.err, strict ? SSH_ERR_STRICT : SSH_OK, "%d: %s", i,
		             ssh_err_name(o.err));
		cr_expect_eq(o.ext_infos, 0, "%d", i);
		cr_expect_eq(o.payloads, strict ? 0 : 2, "%d: the connection works", i);
		cr_expect_eq(o.answers, strict ? 0 : 2, "%d: both ways", i);
	}
}

/* Were it not for the attack, there would be an EXT_INFO to miss. */
Test(terrapin, nobody_in_the_middle)
{
	static const struct attack rows[] = {
	    {"chacha20-poly1305", &crypt_chacha20_poly1305, NULL, true, true, KEX_STRICT_OFF},
	    {"chacha20-poly1305", &crypt_chacha20_poly1305, NULL, false, true, KEX_STRICT_OFF},
	    {"strict", &crypt_chacha20_poly1305, NULL, true, true, KEX_STRICT_OFFER},
	    {"cbc-etm", &crypt_insecure_aes128_cbc, &crypt_hmac_sha2_256_etm, true, true,
	     KEX_STRICT_OFF},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct outcome o = play(&rows[i], 1);
		cr_expect_eq(o.err, SSH_OK, "%s", rows[i].name);
		cr_expect_eq(o.ext_infos, 1, "%s", rows[i].name);
		cr_expect(o.payloads == 2 && o.answers == 2, "%s", rows[i].name);
	}
}

#define TRIES 40

/*
 * The packet after the cut is garbled in its first block, since CBC chains: so it is luck what it
 * becomes. But its MAC is right, and what follows is whole.
 */
Test(terrapin, cbc_with_encrypt_then_mac)
{
	for (int i = 0; i < 4; i++) {
		bool strict = i / 2 == 1;
		const struct attack a = {"cbc-etm",
		                         &crypt_insecure_aes128_cbc,
		                         &crypt_hmac_sha2_256_etm,
		                         i % 2 == 0,
		                         false,
		                         strict ? KEX_STRICT_OFFER : KEX_STRICT_OFF};
		size_t works = 0;
		for (unsigned seed = 0; seed < TRIES; seed++) {
			const struct outcome o = play(&a, seed);
			cr_expect_neq(o.err, SSH_ERR_MAC);
			cr_expect(!strict || o.err == SSH_ERR_STRICT);
			works += o.err == SSH_OK && o.payloads > 0;
		}
		cr_expect_eq(works > 0, !strict, "%d: %zu of %d", i, works, TRIES);
	}
}

/* Where the MAC is over the plaintext, or in GCM, which counts by itself, nothing gets through. */
Test(terrapin, others_are_not_open_to_it)
{
	static const struct attack rows[] = {
	    {"cbc", &crypt_insecure_aes128_cbc, &crypt_hmac_sha2_256, true, false, KEX_STRICT_OFF},
	    {"gcm", &crypt_aes128_gcm, NULL, true, false, KEX_STRICT_OFF},
	};
	for (size_t i = 0; i < 2; i++) {
		const struct outcome o = play(&rows[i], 1);
		cr_expect_eq(o.payloads, 0, "%s", rows[i].name);
	}
}
