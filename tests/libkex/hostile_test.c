/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * A peer that means no good, where it takes more than one message to show: those are cases of the
 * corpus, tests/corpus/t-transport.case.
 */

/* What the victim says, seen through its hook. */
struct said {
	uint32_t reason; /* of its DISCONNECT */
	size_t pongs;
};

static void listen(void *ctx, const struct kex_trace *t)
{
	struct said *s = ctx;
	if (t->type != KEX_TRACE_PACKET || !t->out)
		return;
	if (t->payload.ptr[0] == SSH_MSG_DISCONNECT)
		s->reason = wire_load_u32(t->payload.ptr + 1);
	if (t->payload.ptr[0] == SSH_MSG_PONG)
		s->pongs++;
}

enum stage {
	FRESH,    /* nothing has come */
	IDENT,    /* the ident has */
	EXCHANGE, /* and the KEXINIT */
	VALUE,    /* and the value: NEWKEYS is due */
	OPEN,
	AUTHENTICATED,
	REKEYING /* authenticated, and the peer's second KEXINIT has come */
};

struct scene {
	struct pair pair;
	struct pair_side *victim;
	struct pair_side *peer;
	struct said said;
};

/* Feed the victim the peer's bytes up to a packet (from 0: the ident) of its stream in the clear. */
static void feed_packets(struct scene *s, size_t n)
{
	ssh_bytes out = kex_out(&s->peer->kex);
	size_t take = 0;
	for (size_t i = 0; i < n; i++)
		take += 4 + wire_load_u32(out.ptr + take);
	pair_feed(&s->pair, s->victim, wire_bytes(out.ptr, take));
	kex_sent(&s->peer->kex, take);
}

static void feed_ident(struct scene *s)
{
	ssh_bytes out = kex_out(&s->peer->kex);
	const uint8_t *lf = memchr(out.ptr, '\n', out.len);
	size_t n = (size_t)(lf - out.ptr) + 1;
	pair_feed(&s->pair, s->victim, wire_bytes(out.ptr, n));
	kex_sent(&s->peer->kex, n);
}

static void reach_in_the_clear(struct scene *s, enum stage stage)
{
	if (stage >= IDENT)
		feed_ident(s);
	if (stage >= EXCHANGE)
		feed_packets(s, 1);
	if (stage >= VALUE) {
		pair_carry(&s->pair, s->victim);
		feed_packets(s, 1);
	}
}

static void reach(struct scene *s, enum stage stage, bool server, enum kex_strict strict)
{
	*s = (struct scene){.said = {.reason = 0}};
	pair_init(&s->pair, PAIR_WHOLE);
	s->victim = server ? &s->pair.server : &s->pair.client;
	s->peer = pair_peer(&s->pair, s->victim);
	s->victim->config.trace = listen;
	s->victim->config.trace_ctx = &s->said;
	s->victim->config.strict = strict;
	cr_assert_eq(pair_start(&s->pair), SSH_OK);
	if (stage <= VALUE) {
		reach_in_the_clear(s, stage);
		return;
	}
	pair_run(&s->pair);
	cr_assert(pair_is_open(&s->pair));
	if (stage == OPEN)
		return;
	kex_set_authenticated(&s->victim->kex);
	kex_set_authenticated(&s->peer->kex);
	if (stage == REKEYING) {
		cr_assert_eq(kex_rekey(&s->peer->kex), SSH_OK);
		pair_carry(&s->pair, s->peer);
	}
}

/* As the peer's engine would, or, before the keys, past it. */
static void strike(struct scene *s, enum stage stage, ssh_bytes payload)
{
	if (stage > VALUE) {
		cr_assert_eq(kex_send_raw(&s->peer->kex, payload), SSH_OK);
		pair_carry(&s->pair, s->peer);
		return;
	}
	struct wire_buf packet = {0};
	pair_plain(&packet, payload);
	pair_feed(&s->pair, s->victim, wire_buf_view(&packet));
	wire_buf_wipe(&packet);
}

static void expect_fate(const struct scene *s, enum ssh_err e, uint32_t reason, const char *name)
{
	const struct kex *k = &s->victim->kex;
	cr_assert_eq(k->err, e, "%s: %s", name, ssh_err_name(k->err));
	cr_assert_eq(s->said.reason, reason, "%s: disconnect %u", name, s->said.reason);
	cr_assert_eq(k->state == KEX_DEAD, e != SSH_OK, "%s", name);
	if (e != SSH_OK && e != SSH_ERR_DISCONNECTED)
		cr_assert_eq(s->victim->err, e, "%s: told", name);
}

#define CLIENT false
#define SERVER true

/* Strict: nothing but the exchange itself may come between KEXINIT and NEWKEYS. */
Test(hostile, nothing_disturbs_a_strict_exchange)
{
	static const enum stage stages[] = {EXCHANGE, VALUE};
	for (int i = 0; i < 4; i++) {
		bool server = i % 2 == 1;
		for (int n = 2; n < 256; n += n < 60 ? 1 : 7) {
			uint8_t payload[5] = {(uint8_t)n};
			struct scene s;
			bool due = n == (stages[i / 2] == VALUE ? 21 : server ? 30 : 31);
			if (due)
				continue;
			reach(&s, stages[i / 2], server, KEX_STRICT_OFFER);
			strike(&s, stages[i / 2], wire_bytes(payload, sizeof payload));
			expect_fate(&s, SSH_ERR_STRICT, 2, "strict");
			pair_wipe(&s.pair);
		}
	}
}

Test(hostile, ext_info_comes_twice_from_a_server_and_at_once_from_a_client)
{
	static const uint8_t none[] = {SSH_MSG_EXT_INFO, 0, 0, 0, 0};
	for (int n = 0; n < 3; n++) {
		struct scene s;
		reach(&s, OPEN, CLIENT, KEX_STRICT_OFFER);
		for (int i = 0; i < n; i++)
			strike(&s, OPEN, wire_bytes(none, sizeof none));
		expect_fate(&s, n < 2 ? SSH_OK : SSH_ERR_UNEXPECTED, n < 2 ? 0 : 2, "a server's");
		pair_wipe(&s.pair);
		reach(&s, OPEN, SERVER, KEX_STRICT_OFFER);
		if (n == 2)
			strike(&s, OPEN, wire_bytes("\x02", 1));
		for (int i = 0; i < (n == 0 ? 1 : n); i++)
			strike(&s, OPEN, wire_bytes(none, sizeof none));
		expect_fate(&s, n < 2 ? SSH_OK : SSH_ERR_UNEXPECTED, n < 2 ? 0 : 2, "a client's");
		pair_wipe(&s.pair);
	}
}

/* --- Floods: answers are bounded by what the peer reads --- */

static void flood(ssh_bytes payload)
{
	struct scene s;
	reach(&s, AUTHENTICATED, SERVER, KEX_STRICT_OFFER);
	s.victim->mute = true;
	alloc_start();
	for (int i = 0; i < 200 && kex_out(&s.peer->kex).len == 0; i++) {
		for (int j = 0; j < 10; j++)
			cr_assert_eq(kex_send_raw(&s.peer->kex, payload), SSH_OK);
		while (pair_carry(&s.pair, s.peer))
			continue;
	}
	alloc_stop();
	cr_assert_eq(s.victim->kex.err, SSH_OK);
	cr_assert_gt(kex_out(&s.peer->kex).len, 0, "it stops reading");
	cr_assert_leq(kex_out(&s.victim->kex).len, KEX_OUT_MAX + KEX_PACKET_MAX);
	cr_assert_leq(alloc_peak_bytes(), 8 * KEX_OUT_MAX);
	s.victim->mute = false;
	pair_run(&s.pair);
	cr_assert(pair_is_open(&s.pair), "and reads on when its own bytes are gone");
	pair_wipe(&s.pair);
}

Test(hostile, a_flood_of_questions_from_a_peer_that_does_not_read)
{
	static uint8_t ping[100005] = {SSH_MSG_PING, 0, 1, 0x86, 0xa0};
	flood(wire_bytes(ping, sizeof ping));
}

Test(hostile, noise_costs_no_memory)
{
	static const uint8_t noise[] = {SSH_MSG_IGNORE, 0, 0, 0, 0};
	struct scene s;
	reach(&s, AUTHENTICATED, SERVER, KEX_STRICT_OFFER);
	alloc_start();
	for (int i = 0; i < 20000; i++) {
		cr_assert_eq(kex_send_raw(&s.peer->kex, wire_bytes(noise, sizeof noise)), SSH_OK);
		pair_carry(&s.pair, s.peer);
	}
	alloc_stop();
	cr_assert_leq(alloc_live_bytes(), 0);
	cr_assert_leq(alloc_peak_bytes(), 4 * KEX_READ_SIZE);
	pair_wipe(&s.pair);
}

/* Our KEXINIT is out and theirs never comes: until then they may send, and what we owe is held. */
static void flood_unanswered(ssh_bytes payload, bool replies)
{
	struct scene s;
	reach(&s, AUTHENTICATED, SERVER, KEX_STRICT_OFFER);
	cr_assert_eq(kex_rekey(&s.victim->kex), SSH_OK);
	s.victim->mute = true;
	alloc_start();
	for (int i = 0; i < 3000 && s.victim->err == SSH_OK; i++) {
		cr_assert_eq(kex_send_raw(&s.peer->kex, payload), SSH_OK);
		while (pair_carry(&s.pair, s.peer))
			continue;
		cr_assert_leq(wire_buf_len(&s.victim->kex.held), KEX_HELD_MAX);
	}
	alloc_stop();
	cr_expect_eq(s.victim->err, replies ? SSH_ERR_QUEUE_FULL : SSH_OK, "%s",
	             ssh_err_name(s.victim->err));
	cr_expect_leq(alloc_peak_bytes(), 8 * KEX_HELD_MAX);
	if (!replies) {
		kex_tick(&s.victim->kex, s.pair.now_ms + KEX_EXCHANGE_MS);
		pair_drain(s.victim);
		cr_expect_eq(s.victim->err, SSH_ERR_REKEY, "its time is up");
	}
	pair_wipe(&s.pair);
}

Test(hostile, floods_while_our_kexinit_is_not_answered)
{
	static uint8_t ping[1005] = {SSH_MSG_PING, 0, 0, 3, 0xe8};
	static uint8_t noise[1005] = {SSH_MSG_IGNORE, 0, 0, 3, 0xe8};
	static uint8_t data[1009] = {SSH_MSG_CHANNEL_DATA, 0, 0, 0, 0, 0, 0, 3, 0xe8};
	flood_unanswered(wire_bytes(ping, sizeof ping), true);
	flood_unanswered(wire_bytes(noise, sizeof noise), false);
	flood_unanswered(wire_bytes(data, sizeof data), false);
}
