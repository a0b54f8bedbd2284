/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * New keys while data flows: by every trigger, from either side and both, with payloads held in
 * order, and the limits of it. RFC 4253 section 9.
 */

static uint8_t room[KEX_PACKET_MAX];

static void start(struct pair *p)
{
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p));
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
}

static void open_pair(struct pair *p, size_t chunk)
{
	pair_init(p, chunk);
	start(p);
}

/* Numbered payloads: what was sent comes out in order, once. */
static void send_number(struct pair_side *s, uint32_t n, size_t len)
{
	(void)pair_payload(room, len, (uint8_t)n);
	wire_store_u32(room + 1, n);
	cr_assert_eq(kex_send(&s->kex, wire_bytes(room, len)), SSH_OK, "payload %u", n);
}

static void expect_numbers(struct pair_side *s, uint32_t n)
{
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(&s->got));
	for (uint32_t i = 0; i < n; i++) {
		ssh_bytes got = wire_get_string(&r);
		cr_assert(got.len >= 5 && wire_load_u32(got.ptr + 1) == i, "payload %u", i);
	}
	cr_assert_eq(wire_reader_end(&r), SSH_OK);
	wire_buf_reset(&s->got);
}

/* Send from both sides in turn, with the bytes travelling a few pieces at a time. */
static void talk(struct pair *p, uint32_t n, size_t len)
{
	for (uint32_t i = 0; i < n; i++) {
		send_number(&p->client, i, len);
		send_number(&p->server, i, len);
		for (int pieces = 0; pieces < 3; pieces++) {
			pair_carry(p, &p->client);
			pair_carry(p, &p->server);
		}
	}
	pair_run(p);
	expect_numbers(&p->client, n);
	expect_numbers(&p->server, n);
}

static void expect_rekeyed(struct pair *p, size_t least, size_t most, const char *name)
{
	cr_assert(pair_is_open(p), "%s: %s, %s", name, ssh_err_name(p->client.err),
	          ssh_err_name(p->server.err));
	size_t c = p->client.events[KEX_EVENT_KEYS], s = p->server.events[KEX_EVENT_KEYS];
	cr_assert_eq(c, s, "%s", name);
	cr_assert(c >= least && c <= most, "%s: %zu exchanges", name, c);
	cr_assert_eq(p->client.events[KEX_ASK_HOST_KEY], 1, "%s: the known key is not asked for",
	             name);
	cr_assert(wire_bytes_equal(kex_session_id(&p->client.kex), kex_session_id(&p->server.kex)));
	cr_assert(kex_quiet(&p->client.kex) && kex_quiet(&p->server.kex), "%s", name);
}

Test(rekey, by_bytes_from_either_side)
{
	static const size_t chunks[] = {PAIR_WHOLE, 500, 33};
	for (int i = 0; i < 6; i++) {
		struct pair p;
		pair_init(&p, chunks[i / 2]);
		struct pair_side *s = i % 2 == 0 ? &p.client : &p.server;
		s->config.rekey_bytes = 20000;
		start(&p);
		uint8_t id[CRYPT_HASH_MAX];
		memcpy(id, p.client.kex.session_id, sizeof id);
		talk(&p, 200, 1000);
		expect_rekeyed(&p, 3, 30, "by bytes");
		cr_assert_eq(memcmp(id, p.client.kex.session_id, sizeof id), 0, "session id stays");
		cr_assert_neq(memcmp(id, p.client.kex.h, p.client.kex.h_len), 0, "H does not");
		pair_wipe(&p);
	}
}

Test(rekey, by_packets)
{
	struct pair p;
	pair_init(&p, 100);
	p.server.config.rekey_packets = 10;
	start(&p);
	talk(&p, 100, 5);
	expect_rekeyed(&p, 5, 60, "by packets");
	pair_wipe(&p);
}

/* RFC 4344 section 3.2 counts blocks of the cipher: of 8 bytes there are twice as many. */
Test(rekey, by_blocks)
{
	static const struct {
		const struct crypt_cipher *cipher;
		uint64_t blocks;
		size_t least, most;
	} rows[] = {
	    {&crypt_aes128_ctr, 1000, 3, 6},       {&crypt_insecure_3des_cbc, 1000, 6, 12},
	    {&crypt_aes128_gcm, 1000, 3, 6},       {&crypt_chacha20_poly1305, 1000, 6, 12},
	    {&crypt_aes128_ctr, UINT64_MAX, 1, 1}, {&crypt_insecure_3des_cbc, UINT64_MAX, 1, 1},
	};
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		const struct crypt_cipher *const ciphers[] = {rows[i / 2].cipher, NULL};
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		struct pair_side *s = i % 2 == 0 ? &p.client : &p.server;
		for (int dir = KEX_CS; dir <= KEX_SC; dir++)
			p.client.config.ciphers[dir] = p.server.config.ciphers[dir] = ciphers;
		s->config.rekey_blocks = rows[i / 2].blocks;
		start(&p);
		talk(&p, 50, 1000);
		expect_rekeyed(&p, rows[i / 2].least, rows[i / 2].most, ciphers[0]->name);
		pair_wipe(&p);
	}
}

/* Below a cipher's own limit, and above it: the configuration's is the one that counts. */
Test(rekey, blocks_in_place_of_the_ciphers_own_limit)
{
	static const uint64_t limits[] = {0, UINT64_MAX};
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.rekey_bytes = p.server.config.rekey_bytes = 0;
		p.client.config.rekey_blocks = p.server.config.rekey_blocks = limits[i];
		start(&p);
		const struct crypt_cipher *c = p.client.kex.out.packet.cipher;
		cr_assert_neq(c->data_limit, 0);
		p.client.kex.out.bytes = c->data_limit;
		talk(&p, 1, 10);
		expect_rekeyed(&p, i == 0 ? 2 : 1, i == 0 ? 2 : 1, "its own limit");
		pair_wipe(&p);
	}
}

Test(rekey, by_both_sides_at_once)
{
	struct pair p;
	pair_init(&p, 64);
	p.client.config.rekey_bytes = 5000;
	p.server.config.rekey_bytes = 5000;
	start(&p);
	talk(&p, 100, 500);
	expect_rekeyed(&p, 3, 60, "both");
	pair_wipe(&p);
	open_pair(&p, PAIR_WHOLE);
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
	cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK, "one is under way");
	talk(&p, 3, 500);
	expect_rekeyed(&p, 2, 2, "crossing KEXINITs are one exchange");
	pair_wipe(&p);
}

/* Limits of a live engine: they count from the next packet on, for what has passed already, too. */
Test(rekey, limits_may_change_at_any_time)
{
	struct pair p;
	open_pair(&p, 64);
	talk(&p, 40, 500);
	expect_rekeyed(&p, 1, 1, "no limit");
	p.client.kex.config.rekey_bytes = 10000;
	talk(&p, 1, 10);
	expect_rekeyed(&p, 2, 2, "bytes that have passed");
	p.client.kex.config.rekey_bytes = 0;
	p.server.kex.config.rekey_packets = 20;
	talk(&p, 25, 100);
	size_t n = p.client.events[KEX_EVENT_KEYS];
	expect_rekeyed(&p, 3, 4, "packets");
	p.server.kex.config.rekey_packets = 0;
	talk(&p, 100, 500);
	expect_rekeyed(&p, n, n, "no limit again");
	p.client.kex.config.rekey_ms = 1000;
	kex_tick(&p.client.kex, 1001);
	pair_run(&p);
	expect_rekeyed(&p, n + 1, n + 1, "time");
	/* In the middle of an exchange. */
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	p.client.kex.config.rekey_bytes = p.server.kex.config.rekey_bytes = 3000;
	talk(&p, 20, 500);
	expect_rekeyed(&p, n + 3, n + 30, "in the middle");
	pair_wipe(&p);
}

/*
 * Either side full of what it wants to say, nobody reading until both are: the published deadlocks
 * are of engines that stop reading while they wait to write, or hold back what the other waits for.
 */
Test(rekey, both_full_and_both_with_new_keys)
{
	for (int who = 1; who < 4; who++) {
		struct pair p;
		open_pair(&p, 4096);
		struct pair_side *sides[] = {&p.client, &p.server};
		uint32_t sent[2] = {0, 0};
		for (size_t i = 0; i < 2; i++)
			for (; kex_writable(&sides[i]->kex); sent[i]++)
				send_number(sides[i], sent[i], 30000);
		for (size_t i = 0; i < 2; i++)
			cr_assert((who >> i & 1) == 0 || kex_rekey(&sides[i]->kex) == SSH_OK);
		/* Replies that are due meanwhile: held, and in order behind the rest. */
		for (size_t i = 0; i < 2; i++)
			for (int more = 0; more < 20; more++)
				send_number(sides[i], sent[i]++, 10000);
		pair_run(&p);
		expect_rekeyed(&p, 2, 2, "full");
		expect_numbers(&p.client, sent[1]);
		expect_numbers(&p.server, sent[0]);
		pair_wipe(&p);
	}
}

Test(rekey, by_time)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.now_ms = 5000;
	p.client.config.rekey_ms = 1000;
	start(&p);
	cr_assert_eq(kex_deadline(&p.client.kex), 6000);
	cr_assert_eq(kex_deadline(&p.server.kex), UINT64_MAX);
	kex_tick(&p.client.kex, 5999);
	talk(&p, 1, 10);
	expect_rekeyed(&p, 1, 1, "not yet");
	kex_tick(&p.client.kex, 6000);
	cr_assert_eq(kex_deadline(&p.client.kex), 6000 + KEX_EXCHANGE_MS);
	kex_tick(&p.client.kex, 100); /* a clock that goes back changes nothing */
	talk(&p, 1, 10);
	expect_rekeyed(&p, 2, 2, "by time");
	cr_assert_eq(kex_deadline(&p.client.kex), 7000);
	pair_wipe(&p);
}

/* CVE-2023-1667, CVE-2025-8277: guesses that are passed over, again and again. */
Test(rekey, wrong_guesses_leak_nothing)
{
	const struct kex_persona guessing = {
	    .lists = {[KEX_LIST_KEX] = "what@example.com,curve25519-sha256"},
	    .first_follows = true};
	struct pair p;
	size_t before = 0;
	alloc_start();
	pair_init(&p, PAIR_WHOLE);
	start(&p);
	for (uint32_t i = 0; i < 100; i++) {
		struct kex *k = i % 2 == 0 ? &p.client.kex : &p.server.kex;
		k->config.persona = &guessing;
		cr_assert_eq(kex_rekey(k), SSH_OK);
		k->config.persona = NULL;
		cr_assert_eq(kex_send_raw(k, wire_bytes("\x5e", 1)), SSH_OK);
		pair_run(&p);
		cr_assert_eq(k->err, SSH_OK, "%u: %s", i, ssh_err_name(k->err));
		before = i == 0 ? alloc_live_bytes() : before;
	}
	cr_expect_eq(alloc_live_bytes(), before);
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}

Test(rekey, a_thousand_times_and_nothing_leaks)
{
	struct pair p;
	size_t before = 0;
	alloc_start();
	pair_init(&p, PAIR_WHOLE);
	p.client.config.agrees = pair_agrees_fast;
	p.server.config.agrees = pair_agrees_fast;
	start(&p);
	for (uint32_t i = 0; i < 1000; i++) {
		cr_assert_eq(kex_rekey(i % 2 == 0 ? &p.client.kex : &p.server.kex), SSH_OK);
		talk(&p, 1, 100);
		if (i == 0) {
			wire_buf_wipe(&p.client.got);
			wire_buf_wipe(&p.server.got);
			before = alloc_live_bytes();
		}
	}
	expect_rekeyed(&p, 1001, 1001, "a thousand");
	wire_buf_wipe(&p.client.got);
	wire_buf_wipe(&p.server.got);
	cr_assert_eq(alloc_live_bytes(), before);
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}

/* Between our KEXINIT and our NEWKEYS nothing of the layers above leaves; RFC 4253 section 7.1. */
Test(rekey, payloads_wait_for_the_keys_and_keep_their_order)
{
	struct pair p;
	open_pair(&p, PAIR_WHOLE);
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	size_t kexinit = kex_out(&p.client.kex).len;
	for (uint32_t i = 0; i < 50; i++)
		send_number(&p.client, i, 700);
	cr_assert_eq(kex_out(&p.client.kex).len, kexinit);
	cr_assert_not(kex_writable(&p.client.kex));
	cr_assert_null(kex_send_begin(&p.client.kex, 10));
	/* The peer may still speak until it has seen our KEXINIT. */
	for (uint32_t i = 0; i < 50; i++)
		send_number(&p.server, i, 700);
	pair_run(&p);
	expect_numbers(&p.server, 50);
	expect_numbers(&p.client, 50);
	expect_rekeyed(&p, 2, 2, "held");
	cr_assert(kex_writable(&p.client.kex));
	pair_wipe(&p);
}

Test(rekey, what_waits_is_bounded)
{
	struct pair p;
	enum ssh_err e = SSH_OK;
	size_t sent = 0;
	open_pair(&p, PAIR_WHOLE);
	p.server.mute = true;
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	while (e == 0 && sent <= KEX_HELD_MAX) {
		e = kex_send(&p.client.kex, pair_payload(room, 32768, 0));
		sent += 32768;
	}
	cr_assert_eq(e, SSH_ERR_QUEUE_FULL);
	cr_assert_geq(sent, KEX_HELD_MAX - 32768);
	pair_run(&p);
	cr_assert_eq(p.client.err, SSH_ERR_QUEUE_FULL);
	cr_assert_eq(p.server.reason, SSH_DISCONNECT_PROTOCOL_ERROR);
	pair_wipe(&p);
}

/* --- Time limits --- */

Test(rekey, a_peer_that_never_answers_our_kexinit)
{
	struct pair p;
	open_pair(&p, PAIR_WHOLE);
	p.server.hungry = true; /* takes bytes and does nothing */
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	cr_assert_eq(kex_send(&p.server.kex, pair_payload(room, 10, 0)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_PAYLOAD], 1, "what it says meanwhile counts");
	kex_tick(&p.client.kex, KEX_EXCHANGE_MS - 1);
	cr_assert_neq(p.client.kex.state, KEX_DEAD);
	kex_tick(&p.client.kex, KEX_EXCHANGE_MS);
	pair_drain(&p.client);
	cr_assert_eq(p.client.err, SSH_ERR_REKEY);
	pair_wipe(&p);
}

Test(rekey, a_peer_that_stops_in_the_middle)
{
	struct pair p;
	open_pair(&p, PAIR_WHOLE);
	cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
	pair_carry(&p, &p.server);
	cr_assert_eq(p.client.kex.state, KEX_EXPECT_REPLY);
	kex_tick(&p.client.kex, KEX_EXCHANGE_MS);
	pair_drain(&p.client);
	cr_assert_eq(p.client.err, SSH_ERR_KEX_TIMEOUT);
	pair_run(&p);
	cr_assert_eq(p.server.reason, SSH_DISCONNECT_KEY_EXCHANGE_FAILED);
	pair_wipe(&p);
}

Test(rekey, a_peer_that_never_says_a_word)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.now_ms = 77;
	cr_assert_eq(pair_start(&p), SSH_OK);
	cr_assert_eq(kex_deadline(&p.server.kex), 77 + KEX_EXCHANGE_MS);
	size_t out = kex_out(&p.server.kex).len;
	kex_tick(&p.server.kex, 77 + KEX_EXCHANGE_MS);
	pair_drain(&p.server);
	cr_assert_eq(p.server.err, SSH_ERR_KEX_TIMEOUT);
	cr_assert_eq(kex_out(&p.server.kex).len, out, "no DISCONNECT to a stranger");
	pair_wipe(&p);
}

/* --- Who may begin how often --- */

Test(rekey, a_stranger_may_not_rekey_for_ever)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	for (int i = 1; i < KEX_EARLY_EXCHANGES_MAX; i++) {
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
		pair_run(&p);
		cr_assert(pair_is_open(&p), "exchange %d", i + 1);
	}
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.server.err, SSH_ERR_UNEXPECTED);
	cr_assert_eq(p.client.reason, SSH_DISCONNECT_PROTOCOL_ERROR);
	pair_wipe(&p);
}

Test(rekey, our_own_exchanges_are_not_held_against_the_peer)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	kex_set_authenticated(&p.client.kex);
	for (int i = 0; i < 3 * KEX_EARLY_EXCHANGES_MAX; i++) {
		cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
		pair_run(&p);
		cr_assert(pair_is_open(&p), "exchange %d", i + 2);
	}
	pair_wipe(&p);
}

/* --- With other algorithms --- */

Test(rekey, with_other_algorithms_and_hash_sizes)
{
	const struct kex_agree *agree[] = {NULL, NULL};
	struct pair p;
	pair_init(&p, 50);
	p.client.config.agrees = agree;
	agree[0] = &kex_curve25519_sha256;
	start(&p);
	size_t n = 1;
	for (const struct kex_agree *const *a = kex_agrees_legacy; *a != NULL; a++) {
		const struct crypt_cipher *cipher[] = {crypt_ciphers[n % 6], NULL};
		const struct crypt_mac *mac[] = {crypt_macs[n % 5], NULL};
		agree[0] = *a;
		p.client.kex.config.ciphers[n % 2] = cipher;
		p.client.kex.config.macs[n % 2] = mac;
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
		talk(&p, 5, 2000);
		n++;
		expect_rekeyed(&p, n, n, (*a)->name);
		cr_assert_eq(p.server.kex.algs.agree, *a);
		cr_assert_eq(p.client.kex.algs.cipher[(n - 1) % 2], cipher[0]);
		cr_assert_eq(kex_session_id(&p.client.kex).len, crypt_sha256.size, "of the first");
		cr_assert_eq(p.client.kex.h_len, (*a)->hash->size);
		p.client.kex.config.ciphers[(n - 1) % 2] = crypt_ciphers;
		p.client.kex.config.macs[(n - 1) % 2] = crypt_macs;
	}
	pair_wipe(&p);
}

static void change_host_key(bool refuse)
{
	struct pair p;
	struct crypt_key other;
	pair_key(&other, &pair_keyalg, 2);
	open_pair(&p, PAIR_WHOLE);
	cr_assert_eq(p.client.events[KEX_ASK_HOST_KEY], 1);
	p.server.keys[0] = &other;
	p.client.refuse = refuse;
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.events[KEX_ASK_HOST_KEY], 2, "another key is asked about");
	cr_assert_eq(pair_is_open(&p), !refuse);
	cr_assert_eq(p.client.err, refuse ? SSH_ERR_HOST_KEY : SSH_OK);
	cr_assert_eq(p.server.reason, refuse ? SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE : 0);
	pair_wipe(&p);
}

Test(rekey, a_host_key_that_changes_is_asked_about_again)
{
	change_host_key(false);
	change_host_key(true);
}
