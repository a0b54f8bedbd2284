/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * The engine's verbs, apart from the handshakes of transport_test.c: life and death, questions,
 * the hook, room and back pressure.
 */

static uint8_t room[KEX_PACKET_MAX];

static void open_pair(struct pair *p)
{
	pair_init(p, PAIR_WHOLE);
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p));
}

Test(engine, ext_info_tells_the_server_s_signature_algorithms)
{
	struct pair p;
	open_pair(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 1);
	cr_assert_eq(p.server.events[KEX_EVENT_EXT_INFO], 0);
	cr_assert(wire_bytes_is(kex_peer_sig_algs(&p.client.kex), "pair@test,pair-2@test"));
	cr_assert_eq(kex_peer_sig_algs(&p.server.kex).len, 0);
	pair_wipe(&p);
	pair_init(&p, PAIR_WHOLE);
	p.server.config.user_sigs = NULL;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 0);
	pair_wipe(&p);
}

/* --- Death --- */

static void expect_dead(struct pair_side *s, enum ssh_err cause)
{
	struct kex_event ev;
	struct kex *k = &s->kex;
	size_t n;
	cr_assert_eq(k->state, KEX_DEAD);
	cr_assert_eq(kex_recv(k, wire_bytes("x", 1), &n), cause);
	cr_assert_eq(n, 0);
	cr_assert_null(kex_recv_space(k, &n));
	cr_assert_eq(kex_recv_done(k, 0), cause);
	cr_assert_not(kex_next(k, &ev));
	cr_assert_eq(kex_send(k, wire_bytes("x", 1)), cause);
	cr_assert_null(kex_send_begin(k, 1));
	cr_assert_eq(kex_send_end(k, 1), cause);
	cr_assert_not(kex_writable(k));
	cr_assert_eq(kex_rekey(k), SSH_ERR_STATE);
	cr_assert_eq(kex_answer_host_key(k, true), SSH_ERR_STATE);
	cr_assert_eq(kex_answer_sign(k, wire_bytes("x", 1)), SSH_ERR_STATE);
	cr_assert_eq(kex_deadline(k), UINT64_MAX);
	kex_tick(k, UINT64_MAX);
	kex_recv_end(k);
	kex_fail(k, SSH_ERR_IO);
	kex_disconnect(k, 11, "again");
	cr_assert_not(kex_next(k, &ev));
}

Test(engine, disconnect_goes_either_way)
{
	for (int i = 0; i < 2; i++) {
		struct pair p;
		open_pair(&p);
		struct pair_side *from = i == 0 ? &p.client : &p.server;
		struct pair_side *to = pair_peer(&p, from);
		kex_disconnect(&from->kex, SSH_DISCONNECT_BY_APPLICATION, "so long");
		expect_dead(from, SSH_ERR_STATE);
		pair_run(&p);
		cr_assert_eq(to->events[KEX_EVENT_DISCONNECT], 1);
		cr_assert_eq(to->reason, SSH_DISCONNECT_BY_APPLICATION);
		cr_assert_eq(to->events[KEX_EVENT_ERROR] + from->events[KEX_EVENT_ERROR], 0);
		expect_dead(to, SSH_ERR_DISCONNECTED);
		cr_assert_eq(kex_out(&to->kex).len, 0, "a goodbye is not answered");
		pair_wipe(&p);
	}
}

Test(engine, an_upper_layer_s_error_says_goodbye)
{
	struct pair p;
	open_pair(&p);
	kex_fail(&p.server.kex, SSH_ERR_SERVICE);
	pair_run(&p);
	cr_assert_eq(p.server.events[KEX_EVENT_ERROR], 1);
	cr_assert_eq(p.server.err, SSH_ERR_SERVICE);
	cr_assert_eq(p.client.reason, SSH_DISCONNECT_SERVICE_NOT_AVAILABLE);
	expect_dead(&p.server, SSH_ERR_SERVICE);
	pair_wipe(&p);
}

Test(engine, a_cut_stream_is_told_and_not_answered)
{
	struct pair p;
	open_pair(&p);
	kex_recv_end(&p.client.kex);
	pair_drain(&p.client);
	cr_assert_eq(p.client.err, SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(kex_out(&p.client.kex).len, 0);
	expect_dead(&p.client, SSH_ERR_CONNECTION_LOST);
	pair_wipe(&p);
}

Test(engine, wipe_is_harmless_on_nothing_and_twice)
{
	static const struct kex zero;
	struct pair p;
	struct kex k = zero;
	kex_wipe(&k);
	kex_wipe(&k);
	alloc_start();
	open_pair(&p);
	pair_wipe(&p);
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}

Test(engine, every_block_is_wiped_before_it_is_given_back)
{
	struct pair p;
	alloc_start();
	alloc_watch_wipes();
	open_pair(&p);
	cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 5000, 1)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_unwiped(), 0);
}

/* What stays of an idle connection: two idents, the host key, server-sig-algs. */
#define IDLE_MAX ((size_t)2 * 4 * 256)

static void send_and_take(struct pair *p, size_t len)
{
	cr_assert_eq(kex_send(&p->client.kex, pair_payload(room, len, 1)), SSH_OK);
	pair_run(p);
}

Test(engine, an_idle_connection_gives_its_buffers_back)
{
	struct pair p;
	alloc_start();
	open_pair(&p);
	p.server.forget = true;
	cr_assert_leq(alloc_live_bytes(), IDLE_MAX, "%zu bytes", alloc_live_bytes());
	send_and_take(&p, 32768);
	size_t n = alloc_count();
	send_and_take(&p, 32768);
	cr_assert_eq(alloc_count(), n, "a busy one keeps them: %zu, %zu", alloc_count(), n);
	send_and_take(&p, 100);
	cr_assert_leq(alloc_live_bytes(), IDLE_MAX, "%zu bytes", alloc_live_bytes());
	send_and_take(&p, 32768);
	kex_tick(&p.client.kex, KEX_IDLE_MS - 1);
	kex_tick(&p.server.kex, KEX_IDLE_MS - 1);
	cr_assert_gt(alloc_live_bytes(), IDLE_MAX);
	kex_tick(&p.client.kex, KEX_IDLE_MS);
	kex_tick(&p.server.kex, KEX_IDLE_MS);
	cr_assert_leq(alloc_live_bytes(), IDLE_MAX, "%zu bytes", alloc_live_bytes());
	pair_wipe(&p);
	alloc_stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}

/* --- Configurations --- */

Test(engine, refuses_a_configuration_that_cannot_work)
{
	static const struct kex_agree *const no_agrees[] = {NULL};
	static const struct crypt_sigalg *const no_sigs[] = {NULL};
	static const struct crypt_sigalg *const other_sigs[] = {&pair_sigalg_2, NULL};
	static const struct crypt_cipher *const no_ciphers[] = {NULL};
	static const struct crypt_mac *const no_macs[] = {NULL};
	static const struct crypt_key *const no_keys[] = {NULL};
	static char long_name[300];
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	struct kex_config good = p.server.config, bad[16];
	memset(long_name, 'x', sizeof long_name - 1);
	for (size_t i = 0; i < 16; i++)
		bad[i] = good;
	bad[0].software = NULL;
	bad[1].agrees = NULL;
	bad[2].agrees = no_agrees;
	bad[3].host_sigs = NULL;
	bad[4].host_sigs = no_sigs;
	bad[5].host_sigs = other_sigs;
	bad[6].ciphers[KEX_CS] = NULL;
	bad[7].ciphers[KEX_SC] = no_ciphers;
	bad[8].macs[KEX_SC] = NULL;
	bad[9].macs[KEX_CS] = no_macs;
	bad[10].host_keys = NULL;
	bad[11].host_keys = no_keys;
	bad[12].software = long_name;
	bad[13].software = "";
	bad[14].software = "two\r\nlines";
	bad[15].software = "n\xc3\xa4";
	for (size_t i = 0; i < 16; i++)
		cr_assert_eq(kex_init(&p.server.kex, &bad[i], 0), SSH_ERR_ARGUMENT, "row %zu", i);
	good.rng = (struct crypt_rng){0};
	cr_assert_eq(kex_init(&p.server.kex, &good, 0), SSH_ERR_RANDOM);
	pair_wipe(&p);
}

/* --- Questions --- */

Test(engine, a_host_key_is_asked_about)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.waiting = true;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.events[KEX_ASK_HOST_KEY], 1);
	cr_assert_eq(p.client.last.type, KEX_ASK_HOST_KEY);
	cr_assert(p.client.last.first);
	cr_assert_not(kex_quiet(&p.client.kex), "a question is open");
	cr_assert_eq(kex_answer_sign(&p.client.kex, wire_bytes("x", 1)), SSH_ERR_STATE);
	cr_assert_eq(kex_answer_host_key(&p.client.kex, true), SSH_OK);
	cr_assert_eq(kex_answer_host_key(&p.client.kex, true), SSH_ERR_STATE);
	pair_run(&p);
	cr_assert(pair_is_open(&p));
	pair_wipe(&p);
}

Test(engine, a_host_key_may_be_refused)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.refuse = true;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.err, SSH_ERR_HOST_KEY);
	cr_assert_eq(p.server.reason, SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE);
	pair_wipe(&p);
}

Test(engine, a_signature_may_come_from_elsewhere)
{
	for (int refuse = 0; refuse < 2; refuse++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.host_key.has_private = false;
		p.server.refuse = refuse == 1;
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_run(&p);
		cr_assert_eq(p.server.events[KEX_ASK_SIGN], 1);
		cr_assert_eq(pair_is_open(&p), refuse == 0);
		cr_assert_eq(p.server.err, refuse == 1 ? SSH_ERR_SIGNATURE : SSH_OK);
		cr_assert_eq(p.client.reason, refuse == 1 ? SSH_DISCONNECT_KEY_EXCHANGE_FAILED : 0);
		pair_wipe(&p);
	}
}

/* --- Sending --- */

Test(engine, a_payload_may_be_written_in_place)
{
	struct pair p;
	open_pair(&p);
	for (size_t len = 1; len <= PAIR_PAYLOAD; len = len * 3 + 1) {
		uint8_t *at = kex_send_begin(&p.client.kex, PAIR_PAYLOAD);
		cr_assert_not_null(at);
		pair_payload(at, len, 3);
		cr_assert_eq(kex_send_end(&p.client.kex, PAIR_PAYLOAD + 1), SSH_ERR_ARGUMENT);
		cr_assert_eq(kex_send_end(&p.client.kex, len), SSH_OK);
		cr_assert_eq(kex_send_end(&p.client.kex, len), SSH_ERR_ARGUMENT, "begun once");
		wire_buf_reset(&p.server.got);
		pair_run(&p);
		ssh_bytes got = wire_bytes_skip(wire_buf_view(&p.server.got), 4);
		cr_assert(wire_bytes_equal(got, pair_payload(room, len, 3)), "%zu bytes", len);
	}
	cr_assert_null(kex_send_begin(&p.client.kex, KEX_PACKET_MAX));
	/* One that was begun and never ended leaves nothing behind. */
	cr_assert_not_null(kex_send_begin(&p.client.kex, 100));
	cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 9, 4)), SSH_OK);
	wire_buf_reset(&p.server.got);
	pair_run(&p);
	cr_assert_eq(wire_buf_len(&p.server.got), 4 + 9);
	pair_wipe(&p);
}

Test(engine, nothing_is_sent_before_the_keys)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	cr_assert_eq(pair_start(&p), SSH_OK);
	cr_assert_eq(kex_send(&p.client.kex, wire_bytes("Z", 1)), SSH_ERR_STATE);
	cr_assert_null(kex_send_begin(&p.client.kex, 1));
	cr_assert_not(kex_writable(&p.client.kex));
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_ERR_STATE);
	pair_run(&p);
	cr_assert(pair_is_open(&p), "and nothing has come of it");
	cr_assert_eq(kex_send(&p.client.kex, wire_bytes(room, KEX_PACKET_MAX)), SSH_ERR_TOO_LONG);
	cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes(room, 0)), SSH_ERR_ARGUMENT);
	cr_assert(pair_is_open(&p));
	pair_wipe(&p);
}

/* A peer that asks and never reads: we stop reading too. */
Test(engine, input_waits_while_too_much_waits_to_be_sent)
{
	struct pair p;
	size_t used;
	open_pair(&p);
	p.server.mute = true;
	while (kex_out(&p.server.kex).len <= KEX_OUT_MAX) {
		bool high = kex_out(&p.server.kex).len >= KEX_OUT_HIGH;
		cr_assert_eq(kex_writable(&p.server.kex), !high);
		cr_assert_eq(kex_send(&p.server.kex, pair_payload(room, 131072, 0)), SSH_OK);
	}
	cr_assert_eq(kex_send(&p.client.kex, wire_bytes("Z", 1)), SSH_OK);
	cr_assert_eq(kex_recv(&p.server.kex, kex_out(&p.client.kex), &used), SSH_OK);
	cr_assert_eq(used, 0);
	p.server.mute = false;
	p.client.forget = true;
	pair_run(&p);
	cr_assert_eq(wire_buf_len(&p.server.got), 4 + 1);
	pair_wipe(&p);
}

/* Bytes may be read straight into the engine. */
Test(engine, room_for_reading)
{
	struct pair p;
	struct kex_event ev;
	size_t n;
	open_pair(&p);
	cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 3000, 9)), SSH_OK);
	ssh_bytes out = kex_out(&p.client.kex);
	uint8_t *at = kex_recv_space(&p.server.kex, &n);
	cr_assert(at != NULL && n >= out.len);
	memcpy(at, out.ptr, out.len);
	cr_assert_eq(kex_recv_done(&p.server.kex, out.len), SSH_OK);
	cr_assert(kex_next(&p.server.kex, &ev));
	cr_assert_eq(ev.type, KEX_EVENT_PAYLOAD);
	cr_assert(ev.payload.ptr >= at && ev.payload.ptr < at + n, "no copy is made");
	cr_assert(wire_bytes_equal(ev.payload, pair_payload(room, 3000, 9)));
	cr_assert_not(kex_next(&p.server.kex, &ev));
	pair_wipe(&p);
}

/* --- Determinism and the hook --- */

static void record(struct pair *p, size_t chunk)
{
	pair_init(p, chunk);
	p->client.record = true;
	p->server.record = true;
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	for (size_t len = 1; len < 5000; len *= 3) {
		cr_assert_eq(kex_send(&p->client.kex, pair_payload(room, len, 1)), SSH_OK);
		cr_assert_eq(kex_send(&p->server.kex, pair_payload(room, len, 2)), SSH_OK);
	}
	pair_run(p);
	cr_assert_eq(kex_rekey(&p->client.kex), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p));
}

Test(engine, a_seed_makes_a_session_repeat_byte_for_byte)
{
	static const size_t chunks[] = {PAIR_WHOLE, 7, 1};
	struct pair a;
	record(&a, PAIR_WHOLE);
	for (size_t i = 0; i < 3; i++) {
		struct pair b;
		record(&b, chunks[i]);
		cr_assert(
		    wire_bytes_equal(wire_buf_view(&a.client.said), wire_buf_view(&b.client.said)));
		cr_assert(
		    wire_bytes_equal(wire_buf_view(&a.server.said), wire_buf_view(&b.server.said)));
		pair_wipe(&b);
	}
	pair_wipe(&a);
}

struct seen {
	struct wire_buf way[2]; /* in, out: sequence number and payload */
	size_t packets;
};

static void see(void *ctx, const struct kex_trace *t)
{
	struct seen *s = ctx;
	if (t->type != KEX_TRACE_PACKET)
		return;
	wire_put_u32(&s->way[t->out ? 1 : 0], t->seq);
	wire_put_string(&s->way[t->out ? 1 : 0], t->payload);
	cr_assert_str_neq(t->state, "UNKNOWN");
	s->packets++;
}

Test(engine, the_hook_sees_every_message)
{
	struct seen c = {0}, s = {0};
	struct pair p;
	pair_init(&p, 7);
	p.client.config.trace = see;
	p.client.config.trace_ctx = &c;
	p.server.config.trace = see;
	p.server.config.trace_ctx = &s;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	/* KEXINIT, INIT or REPLY, NEWKEYS each way, and EXT_INFO. */
	cr_assert_eq(c.packets, 7);
	uint8_t *at = kex_send_begin(&p.server.kex, 100);
	pair_payload(at, 100, 1);
	cr_assert_eq(kex_send_end(&p.server.kex, 100), SSH_OK);
	cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("\x02\0\0\0\0", 5)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(c.packets, 9);
	cr_assert(wire_bytes_equal(wire_buf_view(&c.way[1]), wire_buf_view(&s.way[0])));
	cr_assert(wire_bytes_equal(wire_buf_view(&s.way[1]), wire_buf_view(&c.way[0])));
	for (int i = 0; i < 2; i++) {
		wire_buf_wipe(&c.way[i]);
		wire_buf_wipe(&s.way[i]);
	}
	pair_wipe(&p);
}
