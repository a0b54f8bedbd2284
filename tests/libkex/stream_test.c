/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>

/*
 * Streams that are no SSH, and a good one cut short or changed in any byte: the engine ends with the
 * right error, never hangs, never delivers anything, and gives everything back.
 */

#define ID   "SSH-2.0-x\r\n"
/* The bytes of a literal, without its NUL. */
#define P(s) s, sizeof(s) - 1

struct row {
	const char *name;
	bool server; /* the victim */
	const char *bytes;
	size_t len;
	enum ssh_err e; /* SSH_OK: it waits for more */
	uint32_t reason;
};

static const struct row rows[] = {
    /* Identification: a stranger is not answered. */
    {"HTTP", true, P("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), SSH_ERR_IDENT, 0},
    {"TLS", true, P("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), SSH_ERR_IDENT, 0},
    {"SMTP", true, P("EHLO x\r\n"), SSH_ERR_IDENT, 0},
    {"line before", true, P("hello\r\n" ID), SSH_ERR_IDENT, 0},
    {"line before", false, P("hello\r\n" ID), SSH_OK, 0},
    {"lower case", true, P("ssh-2.0-x\r\n"), SSH_ERR_IDENT, 0},
    {"no software", false, P("SSH-2.0-\r\n"), SSH_ERR_IDENT, 0},
    {"no hyphen", false, P("SSH-2.0\r\n"), SSH_ERR_IDENT, 0},
    {"NUL", false, P("SSH-2.0-x\0\r\n"), SSH_ERR_IDENT, 0},
    {"lone CR", true, P("SSH-2.0-x\ry\r\n"), SSH_ERR_IDENT, 0},
    {"lone LF", true, P("SSH-2.0-x\n"), SSH_OK, 0},
    {"1.99", false, P("SSH-1.99-x\r\n"), SSH_OK, 0},
    {"1.5", false, P("SSH-1.5-x\r\n"), SSH_ERR_VERSION, 0},
    {"no end", true, P("SSH-2.0-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), SSH_OK, 0},
    {"nothing", true, P(""), SSH_OK, 0},
    /* Packets */
    {"length 0", true, P(ID "\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PACKET_LENGTH, 2},
    {"length 4", false, P(ID "\0\0\0\x04\x04\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PACKET_LENGTH, 2},
    {"length 13", true, P(ID "\0\0\0\x0d\x04\0\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PACKET_LENGTH, 2},
    {"length wraps", true, P(ID "\xff\xff\xff\xff"), SSH_ERR_PACKET_LENGTH, 2},
    {"length negative", false, P(ID "\x80\0\0\0"), SSH_ERR_PACKET_LENGTH, 2},
    {"length 256 KiB and 4", false, P(ID "\0\x04\0\x04"), SSH_ERR_PACKET_LENGTH, 2},
    {"second ident", true, P(ID ID), SSH_ERR_PACKET_LENGTH, 2},
    {"empty payload", true, P(ID "\0\0\0\x0c\x0b\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PADDING, 2},
    {"padding 3", true, P(ID "\0\0\0\x0c\x03\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PADDING, 2},
    {"padding 0", false, P(ID "\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PADDING, 2},
    {"padding over", false, P(ID "\0\0\0\x0c\xff\0\0\0\0\0\0\0\0\0\0\0"), SSH_ERR_PADDING, 2},
    {"cut packet", false, P(ID "\0\0\0\x0c\x04\x14"), SSH_OK, 0},
    {"bytes after goodbye", true,
     P(ID "\0\0\0\x14\x06\x01\0\0\0\x02\0\0\0\0\0\0\0\0______"
          "\xff\xff\xff\xff"),
     SSH_ERR_DISCONNECTED, 0},
};

static void listen(void *ctx, const struct kex_trace *t)
{
	uint32_t *reason = ctx;
	if (t->type == KEX_TRACE_PACKET && t->out && t->payload.ptr[0] == SSH_MSG_DISCONNECT)
		*reason = wire_load_u32(t->payload.ptr + 1);
}

static void play(const struct row *r, size_t chunk)
{
	struct pair p;
	uint32_t reason = 0;
	alloc_start();
	pair_init(&p, chunk);
	struct pair_side *victim = r->server ? &p.server : &p.client;
	victim->config.trace = listen;
	victim->config.trace_ctx = &reason;
	cr_assert_eq(pair_start(&p), SSH_OK);
	enum ssh_err e = pair_feed(&p, victim, wire_bytes(r->bytes, r->len));
	cr_assert_eq(e, r->e, "%s: %s", r->name, ssh_err_name(e));
	cr_assert_eq(reason, r->reason, "%s: disconnect %u", r->name, reason);
	kex_recv_end(&victim->kex);
	pair_drain(victim);
	if (r->e == SSH_OK)
		cr_assert_eq(victim->err, SSH_ERR_CONNECTION_LOST, "%s", r->name);
	cr_assert_eq(victim->events[KEX_EVENT_ERROR], r->e == SSH_ERR_DISCONNECTED ? 0 : 1,
	             "%s: told once", r->name);
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0, "%s: leaks", r->name);
}

Test(stream, what_is_no_ssh)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		play(&rows[i], PAIR_WHOLE);
		play(&rows[i], 1);
	}
}

/* --- A good stream, spoilt --- */

/*
 * What one side says in a whole session with a payload at its end, and which of its bytes nothing
 * protects: the padding of the packets in the clear.
 */
struct session {
	struct wire_buf said;
	size_t loose[8][2]; /* from, to */
	size_t n_loose;
};

static uint8_t room[64];

static void find_loose(struct session *s, size_t packets)
{
	ssh_bytes all = wire_buf_view(&s->said);
	size_t at = (size_t)((const uint8_t *)memchr(all.ptr, '\n', all.len) - all.ptr) + 1;
	for (size_t i = 0; i < packets; i++) {
		size_t end = at + 4 + wire_load_u32(all.ptr + at);
		s->loose[s->n_loose][0] = end - all.ptr[at + 4];
		s->loose[s->n_loose++][1] = end;
		at = end;
	}
}

static void record(struct session *s, bool server)
{
	struct pair p;
	*s = (struct session){.n_loose = 0};
	pair_init(&p, PAIR_WHOLE);
	p.client.config.agrees = pair_agrees_fast;
	p.server.config.agrees = pair_agrees_fast;
	struct pair_side *side = server ? &p.server : &p.client;
	side->record = true;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(kex_send(&side->kex, pair_payload(room, sizeof room, 1)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(pair_peer(&p, side)->events[KEX_EVENT_PAYLOAD], 1);
	wire_put_raw(&s->said, wire_buf_view(&side->said));
	/* KEXINIT, the value, NEWKEYS. */
	find_loose(s, 3);
	pair_wipe(&p);
}

static bool is_loose(const struct session *s, size_t at)
{
	for (size_t i = 0; i < s->n_loose; i++)
		if (at >= s->loose[i][0] && at < s->loose[i][1])
			return true;
	return false;
}

/*
 * Play the recorded side to a fresh other one, which draws the same randomness as it did then.
 * Returns whether the payload was delivered.
 */
static bool replay(ssh_bytes said, bool server, enum ssh_err *e)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	struct pair_side *victim = server ? &p.client : &p.server;
	p.client.config.agrees = pair_agrees_fast;
	p.server.config.agrees = pair_agrees_fast;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_feed(&p, victim, said);
	kex_recv_end(&victim->kex);
	pair_drain(victim);
	*e = victim->kex.err;
	bool delivered = victim->events[KEX_EVENT_PAYLOAD] > 0;
	pair_wipe(&p);
	return delivered;
}

static void flip_every_byte(bool server)
{
	struct session s;
	enum ssh_err e;
	record(&s, server);
	size_t len = wire_buf_len(&s.said);
	uint8_t *bytes = s.said.mem + s.said.start;
	cr_assert(replay(wire_buf_view(&s.said), server, &e), "as it was recorded");
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= (uint8_t)(1u << i % 8);
		bool delivered = replay(wire_buf_view(&s.said), server, &e);
		bytes[i] ^= (uint8_t)(1u << i % 8);
		cr_assert_eq(delivered, is_loose(&s, i), "byte %zu of %zu, %s", i, len,
		             ssh_err_name(e));
		cr_assert_neq(e, SSH_OK);
	}
	wire_buf_wipe(&s.said);
}

Test(stream, a_flipped_bit_is_never_taken_in_silence)
{
	flip_every_byte(false);
	flip_every_byte(true);
}

static void cut_everywhere(bool server)
{
	struct session s;
	enum ssh_err e;
	record(&s, server);
	ssh_bytes all = wire_buf_view(&s.said);
	for (size_t n = 0; n < all.len; n += n < 32 ? 1 : 11) {
		alloc_start();
		cr_assert_not(replay(wire_bytes(all.ptr, n), server, &e), "cut at %zu", n);
		alloc_stop();
		cr_assert_eq(e, SSH_ERR_CONNECTION_LOST, "cut at %zu: %s", n, ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "cut at %zu", n);
	}
	wire_buf_wipe(&s.said);
}

Test(stream, a_stream_cut_anywhere_is_told)
{
	cut_everywhere(false);
	cut_everywhere(true);
}

/* Packets dropped, doubled and swapped: under strict kex none of it goes unseen. */
static void rearrange(bool server, int how)
{
	struct session s;
	record(&s, server);
	ssh_bytes all = wire_buf_view(&s.said);
	for (size_t i = 0; i < s.n_loose; i++) {
		struct wire_buf b = {0};
		enum ssh_err e;
		size_t from = i == 0 ? 0 : s.loose[i - 1][1], to = s.loose[i][1];
		size_t next = i + 1 < s.n_loose ? s.loose[i + 1][1] : all.len;
		from = i == 0 ? (size_t)((const uint8_t *)memchr(all.ptr, '\n', to) - all.ptr) + 1
		              : from;
		wire_put_raw(&b, wire_bytes(all.ptr, from));
		if (how == 1) /* twice */
			wire_put_raw(&b, wire_bytes(all.ptr + from, to - from));
		if (how == 2) /* after its successor */
			wire_put_raw(&b, wire_bytes(all.ptr + to, next - to));
		if (how != 0)
			wire_put_raw(&b, wire_bytes(all.ptr + from, to - from));
		size_t on = how == 2 ? next : to;
		wire_put_raw(&b, wire_bytes(all.ptr + on, all.len - on));
		cr_assert_not(replay(wire_buf_view(&b), server, &e), "packet %zu, way %d", i, how);
		cr_assert(e != SSH_OK && e != SSH_ERR_CONNECTION_LOST, "packet %zu, way %d: %s", i,
		          how, ssh_err_name(e));
		wire_buf_wipe(&b);
	}
	wire_buf_wipe(&s.said);
}

Test(stream, packets_dropped_doubled_or_swapped)
{
	for (int how = 0; how < 3; how++) {
		rearrange(false, how);
		rearrange(true, how);
	}
}

/* A peer that echoes what we say: the exchange cannot be one with ourselves. */
Test(stream, a_mirror_is_no_peer)
{
	for (int server = 0; server < 2; server++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		cr_assert_eq(pair_start(&p), SSH_OK);
		struct pair_side *s = server == 1 ? &p.server : &p.client;
		for (int i = 0; i < 10 && s->kex.state != KEX_DEAD; i++) {
			struct wire_buf echo = {0};
			wire_put_raw(&echo, kex_out(&s->kex));
			kex_sent(&s->kex, wire_buf_len(&echo));
			pair_feed(&p, s, wire_buf_view(&echo));
			wire_buf_wipe(&echo);
		}
		/* A client gets its INIT back; a server waits for one for ever, which ends in time. */
		cr_assert_eq(s->kex.err, server == 1 ? SSH_OK : SSH_ERR_UNEXPECTED, "%s",
		             ssh_err_name(s->kex.err));
		cr_assert_neq(s->kex.state, KEX_OPEN);
		kex_tick(&s->kex, KEX_EXCHANGE_MS);
		cr_assert_eq(s->kex.state, KEX_DEAD);
		pair_wipe(&p);
	}
}
