/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/libchan/pipe.h"
#include "tests/support/alloc.h"

/* Two muxes joined: a client and a server whose channels carry what they should. */

static struct pipe_end client, server;

static void start(void)
{
	pipe_init(&client, false, NULL);
	pipe_init(&server, true, NULL);
}

static void stop(void)
{
	pipe_wipe(&client);
	pipe_wipe(&server);
}

/* Events of one end, counted by type; the last one of each. */
struct seen {
	size_t count[CHAN_ASK_GLOBAL + 1];
	struct chan_event last[CHAN_ASK_GLOBAL + 1];
};

/* Take the events of `p`; openings are accepted with `spare`, or refused if that is NULL. */
static void take_events(struct pipe_end *p, struct chan_channel *spare, struct seen *seen)
{
	struct chan_event ev;
	while (chan_mux_next(&p->m, &ev)) {
		seen->count[ev.type]++;
		seen->last[ev.type] = ev;
		if (ev.type == CHAN_ASK_OPEN && spare == NULL)
			cr_assert_eq(chan_mux_refuse(&p->m, 1, "no"), 0);
		else if (ev.type == CHAN_ASK_OPEN)
			cr_assert_eq(chan_mux_accept(&p->m, spare, 0, 0), 0);
		else if (ev.type >= CHAN_ASK_REQUEST)
			cr_assert_eq(chan_mux_answer(&p->m, true), 0);
	}
}

/* Move everything both ways until nothing moves. */
static void run(struct chan_channel *spare, struct seen *c, struct seen *s)
{
	enum ssh_err e = SSH_OK;
	bool moved = true;
	while (moved) {
		moved = pipe_carry(&client, &server, &e);
		cr_assert_eq(e, 0, "server: %s", ssh_err_name(e));
		take_events(&server, spare, s);
		moved = pipe_carry(&server, &client, &e) || moved;
		cr_assert_eq(e, 0, "client: %s", ssh_err_name(e));
		take_events(&client, spare, c);
	}
}

/* A channel with the given windows, 0 for the default, from client to server. */
static void open_pair(struct chan_channel *ours, struct chan_channel *theirs, uint32_t window,
                      uint32_t maxpacket)
{
	struct chan_open open = {"other", window, maxpacket, {NULL, 0}};
	struct chan_event ev;
	enum ssh_err e;
	cr_assert_eq(chan_mux_open(&client.m, ours, &open), 0);
	cr_assert(pipe_carry(&client, &server, &e) && e == 0);
	cr_assert(chan_mux_next(&server.m, &ev) && ev.type == CHAN_ASK_OPEN);
	cr_assert_eq(chan_mux_accept(&server.m, theirs, window, maxpacket), 0);
	cr_assert(pipe_carry(&server, &client, &e) && e == 0);
	cr_assert(chan_mux_next(&client.m, &ev) && ev.type == CHAN_EVENT_OPENED && ev.ch == ours);
}

Test(channel, opens_both_ways_and_passes_the_extra_bytes)
{
	struct chan_channel a = {.owner = &client}, b = {0}, c = {0}, d = {0};
	struct seen cs = {0}, ss = {0};
	start();
	cr_assert_eq(chan_mux_open(&client.m, &a, &(struct chan_open){.type = "session"}), 0);
	cr_assert_eq(a.state, CHAN_OPENING);
	run(&b, &cs, &ss);
	cr_assert(a.state == CHAN_OPEN && b.state == CHAN_OPEN && a.owner == &client);
	cr_assert(a.out.left == CHAN_WINDOW && b.out.left == CHAN_WINDOW);
	cr_assert(a.out_packet == CHAN_PACKET_MAX && a.remote == b.local && b.remote == a.local);
	cr_assert_eq(server.m.sessions, 1);

	struct chan_open open = {"custom@example.com", 5000, 0, wire_bytes_str("extra")};
	cr_assert_eq(chan_mux_open(&server.m, &c, &open), 0);
	enum ssh_err e;
	struct chan_event ev;
	cr_assert(pipe_carry(&server, &client, &e) && e == 0);
	cr_assert(chan_mux_next(&client.m, &ev) && ev.type == CHAN_ASK_OPEN);
	cr_assert(wire_bytes_is(ev.name, "custom@example.com") && wire_bytes_is(ev.body, "extra"));
	cr_assert_eq(chan_mux_accept(&client.m, &d, 0, 0), 0);
	run(NULL, &cs, &ss);
	cr_assert(c.state == CHAN_OPEN && d.out.left == 5000 && server.m.sessions == 1);
	cr_assert_eq(chan_mux_find(&client.m, d.local), &d);
	cr_assert_null(chan_mux_find(&client.m, 7));
	stop();
	cr_assert(a.state == CHAN_FREE && a.mux == NULL && a.owner == &client);
}

Test(channel, refusal_reaches_the_opener)
{
	struct chan_channel a = {0};
	struct seen cs = {0}, ss = {0};
	start();
	cr_assert_eq(chan_mux_open(&client.m, &a, &(struct chan_open){.type = "other"}), 0);
	run(NULL, &cs, &ss);
	cr_assert_eq(cs.count[CHAN_EVENT_OPEN_FAILED], 1);
	cr_assert_eq(cs.last[CHAN_EVENT_OPEN_FAILED].reason, 1);
	cr_assert(a.state == CHAN_FREE && client.m.channels == 0);
	stop();
}

Test(channel, an_answer_may_come_later)
{
	struct chan_channel a[3] = {0}, b[3] = {0};
	struct chan_event ev;
	struct seen cs = {0}, ss = {0};
	enum ssh_err e;
	start();
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(chan_mux_open(&client.m, &a[i], &(struct chan_open){.type = "x"}), 0);
		cr_assert(pipe_carry(&client, &server, &e) && e == 0);
		cr_assert(chan_mux_next(&server.m, &ev) && ev.type == CHAN_ASK_OPEN);
		cr_assert_eq(chan_mux_defer(&server.m, &b[i]), 0);
		cr_assert_eq(b[i].state, CHAN_ASKED);
		cr_assert_eq(chan_channel_close(&b[i]), SSH_ERR_STATE);
	}
	cr_assert_eq(chan_channel_accept(&b[1], 10, 8), SSH_ERR_ARGUMENT);
	cr_assert_eq(chan_channel_accept(&b[1], 10, 0), 0);
	cr_assert_eq(chan_channel_accept(&b[1], 10, 0), SSH_ERR_STATE);
	cr_assert_eq(chan_channel_refuse(&b[0], 2, "unreachable"), 0);
	cr_assert_eq(chan_channel_refuse(&b[0], 2, "unreachable"), SSH_ERR_STATE);
	run(NULL, &cs, &ss);
	cr_assert(a[0].state == CHAN_FREE && a[1].state == CHAN_OPEN && a[2].state == CHAN_OPENING);
	cr_assert(b[0].state == CHAN_FREE && a[1].out.left == 10 && server.m.channels == 2);
	chan_mux_end(&server.m, SSH_OK);
	take_events(&server, NULL, &ss);
	cr_assert_eq(ss.count[CHAN_EVENT_CLOSED], 2, "the deferred one too");
	stop();
}

Test(channel, a_stalled_channel_stops_its_sender_and_no_other)
{
	static uint8_t bytes[200000];
	struct chan_channel a[2] = {0}, b[2] = {0};
	struct chan_event ev;
	enum ssh_err e;
	size_t got = 0;
	start();
	for (int i = 0; i < 2; i++)
		open_pair(&a[i], &b[i], 70000, 0);
	cr_assert_eq(chan_channel_send(&a[0], wire_bytes(bytes, sizeof bytes), &e), 70000);
	cr_assert(e == 0 && chan_channel_room(&a[0]) == 0 && chan_channel_room(&a[1]) == 70000);
	for (size_t sent = 0; sent < 10 * 70000;) {
		sent += chan_channel_send(&a[1], wire_bytes(bytes, 10000), &e);
		while (pipe_carry(&client, &server, &e))
			while (chan_mux_next(&server.m, &ev)) {
				if (ev.ch == &b[1])
					cr_assert_eq(chan_channel_consumed(ev.ch, ev.data.len), 0);
				got += ev.ch == &b[1] ? ev.data.len : 0;
			}
		while (pipe_carry(&server, &client, &e))
			cr_assert(!chan_mux_next(&client.m, &ev) || ev.ch == &a[1]);
		cr_assert_eq(got, sent);
	}
	cr_assert_eq(chan_window_in_held(&b[0].in), 70000);
	cr_assert_eq(chan_channel_send(&a[0], wire_bytes(bytes, 1), &e), 0);
	cr_assert_eq(chan_channel_consumed(&b[0], 70000), 0);
	cr_assert(pipe_carry(&server, &client, &e) && chan_mux_next(&client.m, &ev));
	cr_assert(ev.type == CHAN_EVENT_WRITABLE && ev.ch == &a[0]);
	stop();
}

Test(channel, packets_are_no_larger_than_either_side_likes)
{
	static uint8_t bytes[100001];
	struct chan_channel a[2] = {0}, b[2] = {0};
	enum ssh_err e;
	start();
	open_pair(&a[0], &b[0], 0, 1000);
	open_pair(&a[1], &b[1], 0, 200000);
	cr_assert_eq(chan_channel_send(&a[0], wire_bytes(bytes, sizeof bytes), &e), sizeof bytes);
	cr_assert_eq(client.sent[SSH_MSG_CHANNEL_DATA], 101);
	cr_assert_eq(chan_channel_send_ext(&a[1], 1, wire_bytes(bytes, sizeof bytes), &e),
	             sizeof bytes);
	cr_assert_eq(client.sent[SSH_MSG_CHANNEL_EXTENDED_DATA], 4);
	cr_assert_eq(chan_channel_send_ext(&a[1], 0, wire_bytes(bytes, 1), &e), 0);
	cr_assert_eq(e, SSH_ERR_ARGUMENT);
	stop();
}

Test(channel, more_than_4_gib_is_no_less)
{
	static uint8_t bytes[1000];
	struct chan_channel a = {0}, b = {0};
	enum ssh_err e;
	start();
	open_pair(&a, &b, 1000, 0);
	/* Only as much is read as the window allows. */
	cr_assert_eq(chan_channel_send(&a, wire_bytes(bytes, SIZE_MAX), &e), 1000);
	cr_assert_eq(e, 0);
	stop();
}

Test(channel, channels_that_wait_for_the_sink_take_turns)
{
	static uint8_t bytes[CHAN_PACKET_MAX];
	static struct chan_channel a[100], b[100];
	struct chan_event ev;
	enum ssh_err e;
	size_t turns[100] = {0};
	start();
	for (int i = 0; i < 100; i++)
		open_pair(&a[i], &b[i], 0, 0);
	client.full = true;
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(chan_channel_room(&a[i]), 0);
		cr_assert_eq(chan_channel_send(&a[i], wire_bytes(bytes, 1), &e), 0);
	}
	cr_assert_eq(chan_channel_close(&a[50]), 0);
	cr_assert_not(chan_mux_next(&client.m, &ev));
	for (int i = 0; i < 300; i++) {
		client.full = false;
		client.writes = 1;
		cr_assert(chan_mux_next(&client.m, &ev) && ev.type == CHAN_EVENT_WRITABLE);
		turns[ev.ch - a]++;
		cr_assert_eq(chan_channel_send(ev.ch, wire_bytes(bytes, 9), &e), 9);
		cr_assert_eq(chan_channel_send(ev.ch, wire_bytes(bytes, 9), &e), 0);
		cr_assert_eq(e, 0);
	}
	for (int i = 0; i < 100; i++)
		cr_assert(i == 50 ? turns[i] == 0 : turns[i] >= 3, "%d: %zu", i, turns[i]);
	stop();
}

Test(channel, a_thousand_at_a_time_and_not_one_more)
{
	static struct chan_channel a[CHAN_CHANNELS_MAX + 1], b[CHAN_CHANNELS_MAX];
	struct seen cs = {0}, ss = {0};
	start();
	for (size_t i = 0; i < CHAN_CHANNELS_MAX; i++) {
		open_pair(&a[i], &b[i], 100, 0);
		cr_assert(a[i].local == i && b[i].local == i);
	}
	cr_assert_eq(
	    chan_mux_open(&client.m, &a[CHAN_CHANNELS_MAX], &(struct chan_open){.type = "x"}),
	    SSH_ERR_AGAIN);
	for (size_t i = 0; i < CHAN_CHANNELS_MAX; i += 2)
		cr_assert_eq(chan_channel_close(i % 4 == 0 ? &a[i] : &b[i]), 0);
	run(NULL, &cs, &ss);
	cr_assert_eq(cs.count[CHAN_EVENT_CLOSED], CHAN_CHANNELS_MAX / 2);
	cr_assert_eq(ss.count[CHAN_EVENT_CLOSED], CHAN_CHANNELS_MAX / 2);
	open_pair(&a[2], &b[2], 100, 0);
	open_pair(&a[0], &b[0], 100, 0);
	cr_assert(a[2].local == 1000 && a[0].local == 1001, "ids are given in turn");
	chan_mux_end(&client.m, SSH_ERR_CONNECTION_LOST);
	take_events(&client, NULL, &cs);
	cr_assert_eq(cs.count[CHAN_EVENT_CLOSED], CHAN_CHANNELS_MAX + 2);
	cr_assert_eq(cs.last[CHAN_EVENT_CLOSED].err, SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(client.m.channels, 0);
	stop();
}

Test(channel, churn_keeps_memory_flat)
{
	struct chan_channel a[4] = {0}, b[4] = {0};
	struct seen cs = {0}, ss = {0};
	start();
	alloc_start();
	for (int i = 0; i < 100000; i++) {
		open_pair(&a[i % 3], &b[i % 3], 0, 0);
		cr_assert_eq(chan_channel_close(i % 2 == 0 ? &a[i % 3] : &b[i % 3]), 0);
		cr_assert_eq(chan_mux_open(&client.m, &a[3], &(struct chan_open){.type = "x"}), 0);
		run(NULL, &cs, &ss);
		cr_assert(client.m.channels == 0 && client.m.used <= 8, "round %d", i);
	}
	alloc_stop();
	cr_assert_eq(cs.count[CHAN_EVENT_CLOSED], 100000);
	cr_assert_eq(cs.count[CHAN_EVENT_OPEN_FAILED], 100000);
	cr_assert_lt(alloc_peak_bytes(), 4096);
	stop();
	cr_assert_eq(alloc_live_bytes(), 0);
}

/* --- When memory fails --- */

static enum ssh_err a_life(struct chan_channel *a, struct chan_channel *b)
{
	struct chan_event ev;
	enum ssh_err e;
	if ((e = chan_mux_open(&client.m, a, &(struct chan_open){.type = "session"})) != 0)
		return e;
	for (int i = 0; i < 40; i++) {
		pipe_carry(&client, &server, &e);
		while (e == 0 && chan_mux_next(&server.m, &ev))
			if (ev.type == CHAN_ASK_OPEN)
				e = chan_mux_accept(&server.m, b, 0, 0);
			else if (ev.type == CHAN_ASK_REQUEST)
				e = chan_mux_answer(&server.m, true);
		if (e == 0)
			pipe_carry(&server, &client, &e);
		while (e == 0 && chan_mux_next(&client.m, &ev))
			if (ev.type == CHAN_EVENT_OPENED)
				e = chan_request_exec(a, wire_bytes_str("true"));
			else if (ev.type == CHAN_EVENT_REPLY)
				e = chan_channel_close(a);
		if (e != 0)
			return e;
	}
	return a->state == CHAN_FREE ? SSH_OK : SSH_ERR_STATE;
}

Test(channel, every_allocation_may_fail)
{
	size_t n = 0;
	for (bool failed = true; failed;) {
		struct chan_channel a = {0}, b = {0};
		n++;
		start();
		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(n);
		enum ssh_err e = a_life(&a, &b);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		stop();
		cr_assert(a.state == CHAN_FREE && b.state == CHAN_FREE);
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		cr_assert_eq(alloc_unwiped(), 0, "allocation %zu", n);
	}
	cr_assert_gt(n, 10);
}

Test(channel, an_open_that_found_no_memory_may_be_tried_again)
{
	struct chan_channel a = {0}, b = {0};
	struct chan_open open = {.type = "x"};
	start();
	for (size_t n = 1; n <= 2; n++) {
		alloc_start();
		alloc_fail_at(n);
		cr_assert_eq(chan_mux_open(&client.m, &a, &open), SSH_ERR_NO_MEMORY);
		alloc_stop();
		cr_assert(a.state == CHAN_FREE && client.m.channels == 0 && !client.m.ended);
	}
	open_pair(&a, &b, 0, 0);
	stop();
}

/* --- When the sink dies --- */

Test(channel, a_dead_sink_closes_every_channel)
{
	struct chan_channel a[3] = {0}, b[3] = {0};
	struct seen cs = {0};
	enum ssh_err e;
	start();
	for (int i = 0; i < 3; i++)
		open_pair(&a[i], &b[i], 0, 0);
	client.dead = SSH_ERR_IO;
	cr_assert_eq(chan_channel_send(&a[1], wire_bytes("x", 1), &e), 0);
	cr_assert_eq(e, SSH_ERR_IO);
	cr_assert_eq(chan_channel_eof(&a[0]), SSH_ERR_IO);
	cr_assert_eq(chan_mux_recv(&client.m, wire_bytes("\x51", 1)), SSH_ERR_IO);
	take_events(&client, NULL, &cs);
	cr_assert_eq(cs.count[CHAN_EVENT_CLOSED], 3);
	cr_assert_eq(cs.last[CHAN_EVENT_CLOSED].err, SSH_ERR_IO);
	stop();
}

/* --- Random interleavings --- */

#define PLAYERS 6

/* One direction of one channel: the n-th byte sent is known, so order and loss show. */
struct stream {
	uint32_t sent, got;
	bool eof_sent, eof_got;
};

struct player {
	struct chan_channel ch[2]; /* client's, server's */
	struct stream way[2];      /* from client, from server */
	bool closed[2];
};

static struct player players[PLAYERS];

static uint8_t nth_byte(size_t player, uint32_t n)
{
	return (uint8_t)(n * 31 + (n >> 8) + player);
}

static void random_act(struct pipe_end *p, int side, uint64_t *seed)
{
	static uint8_t bytes[3000];
	size_t i = pipe_random(seed, PLAYERS);
	struct player *pl = &players[i];
	struct chan_channel *ch = &pl->ch[side];
	struct stream *s = &pl->way[side];
	size_t n = pipe_random(seed, sizeof bytes);
	enum ssh_err e;
	for (size_t k = 0; k < n; k++)
		bytes[k] = nth_byte(i, s->sent + (uint32_t)k);
	switch (pipe_random(seed, 40)) {
	case 0:
		cr_assert_neq(chan_channel_eof(ch), SSH_ERR_NO_MEMORY);
		s->eof_sent = ch->eof_sent;
		break;
	case 1:
		p->full = !p->full;
		break;
	default:
		if (ch->state == CHAN_OPEN || ch->state == CHAN_ENDED)
			s->sent += (uint32_t)chan_channel_send(ch, wire_bytes(bytes, n), &e);
		else
			e = chan_channel_consumed(ch, 0);
		break;
	}
	n = ch->state == CHAN_OPEN || ch->state == CHAN_ENDED ? chan_window_in_held(&ch->in) : 0;
	if (n > 0)
		cr_assert_eq(chan_channel_consumed(ch, pipe_random(seed, (uint32_t)n + 1)), 0);
}

static void random_events(struct pipe_end *p, int side)
{
	struct chan_event ev;
	while (chan_mux_next(&p->m, &ev)) {
		size_t i = 0;
		while (&players[i].ch[side] != ev.ch)
			i++;
		struct stream *s = &players[i].way[!side];
		for (size_t k = 0; k < ev.data.len; k++)
			cr_assert_eq(ev.data.ptr[k], nth_byte(i, s->got + (uint32_t)k));
		cr_assert(ev.data.len == 0 || !s->eof_got);
		s->got += (uint32_t)ev.data.len;
		s->eof_got = s->eof_got || ev.type == CHAN_EVENT_EOF;
		cr_assert_neq(ev.type, CHAN_EVENT_IGNORED);
		cr_assert_not(players[i].closed[side]);
		players[i].closed[side] = ev.type == CHAN_EVENT_CLOSED;
	}
}

/* Everything arrives, is read, and the windows are as they were given. */
static void settle(void)
{
	enum ssh_err e = SSH_OK;
	client.full = server.full = false;
	for (bool moved = true; moved;) {
		moved = pipe_carry(&client, &server, &e);
		cr_assert_eq(e, 0);
		random_events(&server, 1);
		moved = pipe_carry(&server, &client, &e) || moved;
		cr_assert_eq(e, 0);
		random_events(&client, 0);
	}
}

static void check_player(const struct player *pl, uint64_t seed)
{
	for (int way = 0; way < 2; way++) {
		const struct chan_channel *from = &pl->ch[way], *to = &pl->ch[!way];
		cr_assert_eq(pl->way[way].sent, pl->way[way].got, "seed %llu",
		             (unsigned long long)seed);
		cr_assert_eq(pl->way[way].eof_sent, pl->way[way].eof_got);
		/* Nobody credits a sender that has said EOF. */
		if (!from->eof_sent)
			cr_assert_eq(from->out.left, to->in.left);
		cr_assert_eq((uint64_t)to->in.left + to->in.owed + chan_window_in_held(&to->in),
		             to->in.max);
	}
}

static void play(uint64_t seed)
{
	uint64_t seed_was = seed;
	enum ssh_err e = SSH_OK;
	memset(players, 0, sizeof players);
	start();
	for (int i = 0; i < PLAYERS; i++)
		open_pair(&players[i].ch[0], &players[i].ch[1], 1 + pipe_random(&seed, 5000),
		          9 + pipe_random(&seed, 2000));
	for (int step = 0; step < 3000; step++) {
		int side = (int)pipe_random(&seed, 2);
		struct pipe_end *p = side == 0 ? &client : &server;
		random_act(p, side, &seed);
		if (pipe_random(&seed, 2) == 0)
			pipe_carry(side == 0 ? &server : &client, p, &e);
		cr_assert_eq(e, 0, "seed %llu: %s", (unsigned long long)seed_was, ssh_err_name(e));
		random_events(p, side);
	}
	settle();
	for (int i = 0; i < PLAYERS; i++) {
		check_player(&players[i], seed_was);
		cr_assert_eq(chan_channel_close(&players[i].ch[pipe_random(&seed, 2)]), 0);
	}
	settle();
	for (int i = 0; i < PLAYERS; i++)
		cr_assert(players[i].closed[0] && players[i].closed[1]);
	stop();
}

Test(channel, whatever_the_interleaving_nothing_is_lost_or_disordered)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		play(seed * 7919);
}
