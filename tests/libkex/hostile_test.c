/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>

/*
 * A peer that means no good. Each row says how far the victim is when it strikes, what it sends, and
 * what the victim must make of it: which error, which DISCONNECT, or which UNIMPLEMENTED.
 */

/* What the victim says, seen through its hook. */
struct said {
	uint32_t reason; /* of its DISCONNECT */
	bool unimplemented;
	uint32_t seq; /* that it did not know */
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
	if (t->payload.ptr[0] != SSH_MSG_UNIMPLEMENTED)
		return;
	s->unimplemented = true;
	s->seq = wire_load_u32(t->payload.ptr + 1);
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

/* --- Payloads --- */

#define CLIENT   false
#define SERVER   true
/* The bytes of a literal, without its NUL. */
#define P(s)     s, sizeof(s) - 1

#define ANSWERED UINT32_MAX /* in place of a reason: UNIMPLEMENTED */

struct row {
	const char *name;
	bool server; /* the victim */
	enum stage stage;
	const char *payload;
	size_t len;
	enum ssh_err e;
	uint32_t reason;
};

static const struct row rows[] = {
    /* Numbers that nobody knows */
    {"number 0", SERVER, OPEN, P("\0"), SSH_ERR_UNEXPECTED, 2},
    {"number 15", SERVER, OPEN, P("\x0f"), SSH_OK, ANSWERED},
    {"number 22", CLIENT, OPEN, P("\x16 and more"), SSH_OK, ANSWERED},
    {"number 128", CLIENT, OPEN, P("\x80"), SSH_OK, ANSWERED},
    {"number 191", SERVER, OPEN, P("\xbf"), SSH_OK, ANSWERED},
    {"number 255", SERVER, OPEN, P("\xff"), SSH_OK, ANSWERED},
    {"number 255 while re-keying", SERVER, REKEYING, P("\xff"), SSH_OK, ANSWERED},
    {"UNIMPLEMENTED of nothing", SERVER, OPEN, P("\x03\xff\xff\xff\xff"), SSH_OK, 0},
    {"UNIMPLEMENTED cut", SERVER, OPEN, P("\x03\0\0\0"), SSH_ERR_TRUNCATED, 2},
    {"UNIMPLEMENTED bare", CLIENT, OPEN, P("\x03"), SSH_ERR_TRUNCATED, 2},
    {"UNIMPLEMENTED long", CLIENT, OPEN, P("\x03\0\0\0\0\0"), SSH_ERR_TRAILING, 2},
    /* Goodbyes of every form end it without an answer. */
    {"DISCONNECT bare", CLIENT, OPEN, P("\x01"), SSH_ERR_DISCONNECTED, 0},
    {"DISCONNECT reason 0", SERVER, OPEN, P("\x01\0\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_DISCONNECTED,
     0},
    {"DISCONNECT odd reason", SERVER, OPEN, P("\x01\xff\xff\xff\xff\0\0\0\x04\x1b[2J\0\0\0\0"),
     SSH_ERR_DISCONNECTED, 0},
    {"DISCONNECT cut text", SERVER, OPEN, P("\x01\0\0\0\x02\0\0\xff\xff hi"), SSH_ERR_DISCONNECTED,
     0},
    {"DISCONNECT in the exchange", CLIENT, EXCHANGE, P("\x01\0\0\0\x02\0\0\0\0\0\0\0\0"),
     SSH_ERR_DISCONNECTED, 0},
    {"DISCONNECT first of all", SERVER, IDENT, P("\x01\0\0\0\x02\0\0\0\0\0\0\0\0"),
     SSH_ERR_DISCONNECTED, 0},
    /* Noise */
    {"IGNORE", SERVER, OPEN, P("\x02\0\0\0\x03xyz"), SSH_OK, 0},
    {"IGNORE bare", CLIENT, OPEN, P("\x02"), SSH_OK, 0},
    {"IGNORE wrong length", CLIENT, OPEN, P("\x02\xff\xff\xff\xffx"), SSH_OK, 0},
    {"DEBUG", CLIENT, OPEN, P("\x04\x07\0\0\0\x02hi\0\0\0\x02**"), SSH_OK, 0},
    {"DEBUG cut", CLIENT, OPEN, P("\x04\x01\0\0\0\x03hi"), SSH_ERR_TRUNCATED, 2},
    {"IGNORE while re-keying", CLIENT, REKEYING, P("\x02"), SSH_OK, 0},
    {"PONG unasked", SERVER, OPEN, P("\xc1\0\0\0\0"), SSH_OK, 0},
    {"PING before authentication", SERVER, OPEN, P("\xc0\0\0\0\0"), SSH_OK, 0},
    {"PING cut", SERVER, AUTHENTICATED, P("\xc0\0\0\0\x09z"), SSH_ERR_TRUNCATED, 2},
    {"PING while re-keying", SERVER, REKEYING, P("\xc0\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    /* What must not come first */
    {"SERVICE_REQUEST first", SERVER, IDENT, P("\x05\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"NEWKEYS first", CLIENT, IDENT, P("\x15"), SSH_ERR_UNEXPECTED, 2},
    {"INIT first", SERVER, IDENT, P("\x1e\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"REPLY first", CLIENT, IDENT, P("\x1f\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"USERAUTH_REQUEST first", SERVER, IDENT, P("\x32"), SSH_ERR_UNEXPECTED, 2},
    {"USERAUTH_SUCCESS first", SERVER, IDENT, P("\x34"), SSH_ERR_UNEXPECTED, 2},
    {"CHANNEL_OPEN first", SERVER, IDENT, P("\x5a"), SSH_ERR_UNEXPECTED, 2},
    {"unknown first", SERVER, IDENT, P("\xff"), SSH_ERR_UNEXPECTED, 2},
    /* KEXINIT */
    {"KEXINIT bare", SERVER, IDENT, P("\x14"), SSH_ERR_TRUNCATED, 2},
    {"KEXINIT again", SERVER, EXCHANGE, P("\x14"), SSH_ERR_UNEXPECTED, 2},
    {"KEXINIT again", CLIENT, VALUE, P("\x14"), SSH_ERR_UNEXPECTED, 2},
    {"KEXINIT again, re-keying", SERVER, REKEYING, P("\x14"), SSH_ERR_UNEXPECTED, 2},
    {"KEXINIT cut, re-keying", SERVER, OPEN, P("\x14 0123456789abcde\0\0\0"), SSH_ERR_TRUNCATED, 2},
    /* The order of an exchange; not strict */
    {"REPLY to a server", SERVER, EXCHANGE, P("\x1f"), SSH_ERR_UNEXPECTED, 2},
    {"INIT to a client", CLIENT, EXCHANGE, P("\x1e"), SSH_ERR_UNEXPECTED, 2},
    {"GEX_REQUEST outside", SERVER, EXCHANGE, P("\x22"), SSH_OK, ANSWERED},
    {"NEWKEYS before INIT", SERVER, EXCHANGE, P("\x15"), SSH_ERR_UNEXPECTED, 2},
    {"NEWKEYS before REPLY", CLIENT, EXCHANGE, P("\x15"), SSH_ERR_UNEXPECTED, 2},
    {"INIT twice", SERVER, VALUE, P("\x1e\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"REPLY twice", CLIENT, VALUE, P("\x1f"), SSH_ERR_UNEXPECTED, 2},
    {"NEWKEYS and more", SERVER, VALUE, P("\x15\0"), SSH_ERR_TRAILING, 2},
    {"NEWKEYS and more", CLIENT, VALUE, P("\x15\0"), SSH_ERR_TRAILING, 2},
    {"NEWKEYS out of the blue", SERVER, OPEN, P("\x15"), SSH_ERR_UNEXPECTED, 2},
    {"INIT out of the blue", SERVER, OPEN, P("\x1e"), SSH_ERR_UNEXPECTED, 2},
    {"number 49 out of the blue", SERVER, OPEN, P("\x31"), SSH_ERR_UNEXPECTED, 2},
    {"SERVICE_REQUEST early", SERVER, EXCHANGE, P("\x05\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"EXT_INFO early", CLIENT, VALUE, P("\x07\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"USERAUTH_SUCCESS early", CLIENT, VALUE, P("\x34"), SSH_ERR_UNEXPECTED, 2},
    {"CHANNEL_DATA while re-keying", CLIENT, REKEYING, P("\x5e"), SSH_ERR_UNEXPECTED, 2},
    {"UNIMPLEMENTED early", SERVER, EXCHANGE, P("\x03\0\0\0\x09"), SSH_OK, 0},
    {"UNIMPLEMENTED, our KEXINIT", SERVER, EXCHANGE, P("\x03\0\0\0\0"), SSH_ERR_KEX_REFUSED, 3},
    {"IGNORE early", CLIENT, VALUE, P("\x02\0\0\0\0"), SSH_OK, 0},
    /* Values */
    {"INIT bare", SERVER, EXCHANGE, P("\x1e"), SSH_ERR_TRUNCATED, 2},
    {"INIT empty", SERVER, EXCHANGE, P("\x1e\0\0\0\0"), SSH_ERR_KEX_VALUE, 3},
    {"INIT 31 bytes", SERVER, EXCHANGE,
     P("\x1e\0\0\0\x1f"
       "0123456789abcdef0123456789abcde"),
     SSH_ERR_KEX_VALUE, 3},
    {"INIT of low order", SERVER, EXCHANGE,
     P("\x1e\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     SSH_ERR_KEX_VALUE, 3},
    {"INIT and more", SERVER, EXCHANGE, P("\x1e\0\0\0\0\0"), SSH_ERR_TRAILING, 2},
    {"REPLY bare", CLIENT, EXCHANGE, P("\x1f"), SSH_ERR_TRUNCATED, 2},
    {"REPLY of nothing", CLIENT, EXCHANGE, P("\x1f\0\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_KEY, 3},
    {"REPLY and more", CLIENT, EXCHANGE, P("\x1f\0\0\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_TRAILING, 2},
    {"REPLY with a length that wraps", CLIENT, EXCHANGE, P("\x1f\xff\xff\xff\xfc"),
     SSH_ERR_TRUNCATED, 2},
    {"REPLY with a key of another type", CLIENT, EXCHANGE,
     P("\x1f\0\0\0\x0f\0\0\0\x0bssh-ed25519\0\0\0\0\0\0\0\0"), SSH_ERR_KEY, 3},
    /* EXT_INFO and services */
    {"EXT_INFO again", CLIENT, OPEN, P("\x07\0\0\0\0"), SSH_OK, 0},
    {"EXT_INFO after authentication", CLIENT, AUTHENTICATED, P("\x07\0\0\0\0"), SSH_ERR_UNEXPECTED,
     2},
    {"EXT_INFO count", CLIENT, OPEN, P("\x07\xff\xff\xff\xff"), SSH_ERR_TOO_LONG, 2},
    {"EXT_INFO fewer", CLIENT, OPEN, P("\x07\0\0\0\x02\0\0\0\x01z\0\0\0\0"), SSH_ERR_TRUNCATED, 2},
    {"EXT_INFO more", CLIENT, OPEN, P("\x07\0\0\0\0\0\0\0\0"), SSH_ERR_TRAILING, 2},
    {"EXT_INFO unknown name", CLIENT, OPEN, P("\x07\0\0\0\x01\0\0\0\x01z\0\0\0\x02\0\xff"), SSH_OK,
     0},
    {"EXT_INFO with NUL in server-sig-algs", CLIENT, OPEN,
     P("\x07\0\0\0\x01\0\0\0\x0fserver-sig-algs\0\0\0\x02\0\xff"), SSH_ERR_NAME_LIST, 2},
    {"NEWCOMPRESS", SERVER, OPEN, P("\x08"), SSH_ERR_UNEXPECTED, 2},
    {"SERVICE_REQUEST to a client", CLIENT, OPEN, P("\x05\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
    {"SERVICE_ACCEPT to a server", SERVER, OPEN, P("\x06\0\0\0\0"), SSH_ERR_UNEXPECTED, 2},
};

static void play(const struct row *r)
{
	struct scene s;
	char name[120];
	snprintf(name, sizeof name, "%s, to a %s", r->name, r->server ? "server" : "client");
	alloc_start();
	reach(&s, r->stage, r->server, r->stage <= VALUE ? KEX_STRICT_OFF : KEX_STRICT_OFFER);
	size_t payloads = s.victim->events[KEX_EVENT_PAYLOAD];
	uint32_t seq = s.victim->kex.in.seq;
	cr_assert_eq(s.victim->kex.err, SSH_OK, "%s: reached", name);
	strike(&s, r->stage, wire_bytes(r->payload, r->len));
	expect_fate(&s, r->e, r->reason == ANSWERED ? 0 : r->reason, name);
	cr_assert_eq(s.said.unimplemented, r->reason == ANSWERED, "%s", name);
	if (s.said.unimplemented)
		cr_assert_eq(s.said.seq, seq, "%s: of packet %u", name, s.said.seq);
	cr_assert_eq(s.victim->events[KEX_EVENT_PAYLOAD], payloads, "%s: delivered", name);
	/* What it survives does it no harm; before the keys, one packet more is in the count. */
	if (r->e == SSH_OK && r->stage > VALUE) {
		pair_run(&s.pair);
		cr_assert(pair_is_open(&s.pair), "%s: goes on", name);
	}
	pair_wipe(&s.pair);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0, "%s: leaks", name);
}

Test(hostile, payloads_out_of_place)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		play(&rows[i]);
}

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
