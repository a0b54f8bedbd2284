/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * Strict key exchange (draft-ietf-sshm-strict-kex): who gets it, and the sequence numbers.
 * The attack that it is there for is in terrapin_test.c, which messages it forbids in rules_test.c
 * and hostile_test.c, how its two spellings match in propose_test.c.
 */

static const char *const policy_names[] = {"offer", "require", "off"};

static void meet(enum kex_strict client, enum kex_strict server)
{
	bool c_off = client == KEX_STRICT_OFF, s_off = server == KEX_STRICT_OFF;
	bool c_dies = client == KEX_STRICT_REQUIRE && s_off;
	bool s_dies = server == KEX_STRICT_REQUIRE && c_off;
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.config.strict = client;
	p.server.config.strict = server;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(pair_is_open(&p), !c_dies && !s_dies, "%s, %s", policy_names[client],
	             policy_names[server]);
	cr_assert_eq(p.client.err, c_dies ? SSH_ERR_NOT_STRICT : SSH_OK);
	cr_assert_eq(p.server.err, s_dies ? SSH_ERR_NOT_STRICT : SSH_OK);
	cr_assert_eq(p.server.reason, c_dies ? SSH_DISCONNECT_KEY_EXCHANGE_FAILED : 0);
	cr_assert_eq(p.client.reason, s_dies ? SSH_DISCONNECT_KEY_EXCHANGE_FAILED : 0);
	if (pair_is_open(&p)) {
		cr_assert_eq(p.client.kex.algs.strict, !c_off && !s_off);
		cr_assert_eq(p.server.kex.algs.strict, !c_off && !s_off);
	}
	pair_wipe(&p);
}

Test(strict, is_used_if_both_offer_it_and_may_be_required)
{
	for (int c = KEX_STRICT_OFFER; c <= KEX_STRICT_OFF; c++)
		for (int s = KEX_STRICT_OFFER; s <= KEX_STRICT_OFF; s++)
			meet((enum kex_strict)c, (enum kex_strict)s);
}

static void open_pair(struct pair *p, enum kex_strict strict)
{
	pair_init(p, PAIR_WHOLE);
	p->client.config.strict = strict;
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p));
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
}

static void expect_seq(const struct pair *p, uint32_t cs, uint32_t sc, const char *name)
{
	cr_assert_eq(p->client.kex.out.seq, cs, "%s: %u", name, p->client.kex.out.seq);
	cr_assert_eq(p->server.kex.in.seq, cs, "%s: %u", name, p->server.kex.in.seq);
	cr_assert_eq(p->server.kex.out.seq, sc, "%s: %u", name, p->server.kex.out.seq);
	cr_assert_eq(p->client.kex.in.seq, sc, "%s: %u", name, p->client.kex.in.seq);
}

/* KEXINIT, INIT or REPLY, NEWKEYS: three packets each way; the server then sends EXT_INFO. */
Test(strict, sequence_numbers_start_again_at_every_newkeys)
{
	struct pair p;
	open_pair(&p, KEX_STRICT_OFFER);
	expect_seq(&p, 0, 1, "first");
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(kex_send(&p.client.kex, wire_bytes("Zabc", 4)), SSH_OK);
		cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
		pair_run(&p);
		expect_seq(&p, 0, 0, "again");
	}
	cr_assert(p.client.kex.algs.strict, "for the life of the connection");
	pair_wipe(&p);
	open_pair(&p, KEX_STRICT_OFF);
	expect_seq(&p, 3, 4, "not strict");
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	expect_seq(&p, 6, 7, "not strict, again");
	pair_wipe(&p);
}

/* Each direction by itself: the server's has changed when the client's has not. */
Test(strict, each_direction_starts_again_by_itself)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.waiting = true;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.server.kex.state, KEX_EXPECT_NEWKEYS);
	cr_assert_eq(p.server.kex.out.seq, 1);
	cr_assert_eq(p.server.kex.in.seq, 2);
	cr_assert_eq(p.client.kex.out.seq, 2);
	cr_assert_eq(kex_answer_host_key(&p.client.kex, true), SSH_OK);
	cr_assert_eq(p.client.kex.out.seq, 0);
	cr_assert_eq(p.client.kex.in.seq, 2);
	pair_run(&p);
	expect_seq(&p, 0, 1, "both");
	pair_wipe(&p);
}

Test(strict, the_first_packet_after_newkeys_is_number_0)
{
	for (int off = 0; off < 2; off++) {
		struct pair p;
		open_pair(&p, off == 1 ? KEX_STRICT_OFF : KEX_STRICT_OFFER);
		cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("\xfe", 1)), SSH_OK);
		pair_run(&p);
		cr_assert_eq(p.client.events[KEX_EVENT_UNIMPLEMENTED], 1);
		cr_assert_eq(p.client.last.seq, off == 1 ? 3 : 0);
		pair_wipe(&p);
	}
}

/* KEXINIT must be the first packet; known only once it has come. */
static void inject_first(enum kex_strict strict, const char *payload, bool server)
{
	struct pair p;
	struct wire_buf packet = {0};
	pair_init(&p, PAIR_WHOLE);
	struct pair_side *victim = server ? &p.server : &p.client;
	struct pair_side *peer = pair_peer(&p, victim);
	victim->config.strict = strict;
	cr_assert_eq(pair_start(&p), SSH_OK);
	ssh_bytes out = kex_out(&peer->kex);
	size_t ident = (size_t)((const uint8_t *)memchr(out.ptr, '\n', out.len) - out.ptr) + 1;
	pair_plain(&packet, wire_bytes(payload, 5));
	pair_feed(&p, victim, wire_bytes(out.ptr, ident));
	pair_feed(&p, victim, wire_buf_view(&packet));
	pair_feed(&p, victim, wire_bytes_skip(out, ident));
	cr_assert_eq(victim->kex.err, strict == KEX_STRICT_OFF ? SSH_OK : SSH_ERR_STRICT, "%s",
	             ssh_err_name(victim->kex.err));
	wire_buf_wipe(&packet);
	pair_wipe(&p);
}

Test(strict, kexinit_comes_first)
{
	static const char *const payloads[] = {"\x02\0\0\0\0", "\x03\0\0\0\x01"};
	for (int i = 0; i < 8; i++)
		inject_first(i / 4 == 0 ? KEX_STRICT_OFF : KEX_STRICT_OFFER, payloads[i % 2],
		             i / 2 % 2 == 1);
}

/* --- Once and for all: the first KEXINITs settle it --- */

static void again_with(struct pair *p, const char *client, const char *server)
{
	static struct kex_persona looks[2];
	looks[0] = (struct kex_persona){.lists = {client}};
	looks[1] = (struct kex_persona){.lists = {server}};
	p->client.kex.config.persona = &looks[0];
	p->server.kex.config.persona = &looks[1];
	cr_assert_eq(kex_rekey(&p->client.kex), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p), "%s, %s", ssh_err_name(p->client.err),
	          ssh_err_name(p->server.err));
}

Test(strict, markers_of_a_later_exchange_change_nothing)
{
	static const struct {
		enum kex_strict first;
		const char *client, *server;
	} rows[] = {
	    {KEX_STRICT_OFF, "curve25519-sha256,kex-strict-c,kex-strict-c-v00@openssh.com",
	     "curve25519-sha256,kex-strict-s,kex-strict-s-v00@openssh.com"},
	    {KEX_STRICT_OFF, "curve25519-sha256,kex-strict-c", "curve25519-sha256"},
	    {KEX_STRICT_OFFER, "curve25519-sha256", "curve25519-sha256"},
	    {KEX_STRICT_OFFER, "curve25519-sha256,kex-strict-c", "curve25519-sha256"},
	    {KEX_STRICT_OFFER, "curve25519-sha256", "curve25519-sha256,kex-strict-s"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pair p;
		bool strict = rows[i].first == KEX_STRICT_OFFER;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.strict = p.server.config.strict = rows[i].first;
		p.client.config.agrees = p.server.config.agrees = kex_agrees;
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert(pair_is_open(&p));
		for (uint32_t n = 1; n < 3; n++) {
			again_with(&p, rows[i].client, rows[i].server);
			cr_expect_eq(p.client.kex.algs.strict, strict, "row %zu", i);
			cr_expect_eq(p.server.kex.algs.strict, strict, "row %zu", i);
			cr_expect_eq(p.client.kex.out.seq, strict ? 0 : 3 + 3 * n, "row %zu: %u", i,
			             p.client.kex.out.seq);
		}
		pair_wipe(&p);
	}
}

/* Both spellings announced by both count once, and so does one that is there twice. */
Test(strict, counts_once_however_often_it_is_said)
{
	static const char *const lists[][2] = {
	    {"curve25519-sha256,kex-strict-c,kex-strict-c", "curve25519-sha256,kex-strict-s"},
	    {"kex-strict-c,curve25519-sha256,kex-strict-c-v00@openssh.com,kex-strict-c",
	     "kex-strict-s-v00@openssh.com,kex-strict-s,curve25519-sha256"},
	};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct pair p;
		const struct kex_persona looks[2] = {{.lists = {lists[i][0]}},
		                                     {.lists = {lists[i][1]}}};
		pair_init(&p, PAIR_WHOLE);
		p.client.config.agrees = p.server.config.agrees = kex_agrees;
		p.client.config.persona = &looks[0];
		p.server.config.persona = &looks[1];
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert(pair_is_open(&p));
		cr_expect(p.client.kex.algs.strict && p.server.kex.algs.strict);
		expect_seq(&p, 0, 0, "strict"); /* nobody has asked for EXT_INFO */
		pair_wipe(&p);
	}
}
