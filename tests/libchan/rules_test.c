/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/libchan/pipe.h"

/* Every state, every number, both sides: the engine does what its table says. */

static struct pipe_end p;
static struct chan_channel ch;

static void feed(const char *line)
{
	struct wire_buf b = {0};
	struct chan_event ev;
	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), 0, "%s", line);
	cr_assert_eq(pipe_recv(&p, wire_buf_view(&b)), 0, "%s", line);
	wire_buf_wipe(&b);
	cr_assert(chan_mux_next(&p.m, &ev), "%s", line);
}

/* A mux with one channel, our id 0, in the given state; FREE: with none. */
static void reach(bool server, enum chan_state state)
{
	static const char open[] = "CHANNEL_OPEN type=\"x\" sender=5 window=9 maxpacket=9";
	memset(&ch, 0, sizeof ch);
	pipe_init(&p, server, NULL);
	if (state == CHAN_FREE)
		return;
	if (state == CHAN_OPENING) {
		cr_assert_eq(chan_mux_open(&p.m, &ch, &(struct chan_open){.type = "x"}), 0);
		return;
	}
	feed(open);
	cr_assert_eq(chan_mux_defer(&p.m, &ch), 0);
	if (state == CHAN_ASKED)
		return;
	cr_assert_eq(chan_channel_accept(&ch, 0, 0), 0);
	cr_assert_eq(chan_request_shell(&ch), 0, "so that replies are asked for");
	if (state == CHAN_ENDED)
		feed("CHANNEL_EOF recipient=0");
	if (state == CHAN_CLOSING)
		cr_assert_eq(chan_channel_close(&ch), 0);
}

/* The least message of that number that decodes. */
static void put_least(struct wire_buf *b, uint8_t number)
{
	static const uint8_t zeros[17];
	static const struct {
		uint8_t number;
		size_t len;
	} bodies[] = {
	    {SSH_MSG_GLOBAL_REQUEST, 5},
	    {SSH_MSG_CHANNEL_OPEN, 16},
	    {SSH_MSG_CHANNEL_OPEN_CONFIRMATION, 16},
	    {SSH_MSG_CHANNEL_OPEN_FAILURE, 16},
	    {SSH_MSG_CHANNEL_WINDOW_ADJUST, 8},
	    {SSH_MSG_CHANNEL_DATA, 8},
	    {SSH_MSG_CHANNEL_EXTENDED_DATA, 12},
	    {SSH_MSG_CHANNEL_EOF, 4},
	    {SSH_MSG_CHANNEL_CLOSE, 4},
	    {SSH_MSG_CHANNEL_REQUEST, 9},
	    {SSH_MSG_CHANNEL_SUCCESS, 4},
	    {SSH_MSG_CHANNEL_FAILURE, 4},
	};
	wire_put_u8(b, number);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		if (bodies[i].number == number)
			wire_put_raw(b, wire_bytes(zeros, bodies[i].len));
	if (number == SSH_MSG_CHANNEL_OPEN_CONFIRMATION)
		b->mem[b->start + 16] = 9;
}

static enum ssh_err expected(bool server, enum chan_state state, uint8_t number)
{
	const struct chan_rule *rule;
	bool channel = number > SSH_MSG_CHANNEL_OPEN && number <= SSH_MSG_CHANNEL_FAILURE;
	if (channel && state == CHAN_FREE)
		return SSH_ERR_CHANNEL;
	if (number == SSH_MSG_REQUEST_SUCCESS || number == SSH_MSG_REQUEST_FAILURE)
		return SSH_ERR_UNEXPECTED; /* welcome, but not asked for */
	enum chan_verdict v = chan_judge(server, state, number, &rule);
	cr_assert_eq(rule != NULL, v == CHAN_WELCOME);
	return v == CHAN_UNWELCOME ? SSH_ERR_UNEXPECTED : SSH_OK;
}

static void try_number(bool server, enum chan_state state, uint8_t number)
{
	struct wire_buf b = {0};
	struct chan_event ev = {0};
	const struct chan_rule *rule;
	reach(server, state);
	put_least(&b, number);
	enum ssh_err e = pipe_recv(&p, wire_buf_view(&b));
	cr_assert_eq(e, expected(server, state, number), "%s %s %u: %s",
	             server ? "server" : "client", chan_state_name(state), number, ssh_err_name(e));
	bool unknown = chan_judge(server, state, number, &rule) == CHAN_UNIMPLEMENTED;
	bool told = chan_mux_next(&p.m, &ev);
	if (unknown)
		cr_assert(told && ev.type == CHAN_EVENT_UNIMPLEMENTED && ev.number == number);
	if (e != 0)
		cr_assert(p.m.ended && p.m.err == e && ch.state == CHAN_FREE);
	wire_buf_wipe(&b);
	pipe_wipe(&p);
}

Test(rules, every_state_times_every_number_times_both_sides)
{
	for (int server = 0; server < 2; server++)
		for (enum chan_state s = CHAN_FREE; s < CHAN_STATES; s++)
			for (unsigned number = 0; number < 256; number++)
				try_number(server != 0, s, (uint8_t)number);
}

Test(rules, the_tables_make_sense)
{
	for (size_t i = 0; i < chan_rules_count; i++) {
		const struct chan_rule *r = &chan_rules[i];
		cr_assert(r->number >= 80 && r->number <= 127 && r->handle != NULL);
		cr_assert(r->global ? r->states == 0 : r->states != 0, "%u", r->number);
		cr_assert_lt(r->states, 1U << CHAN_STATES, "%u", r->number);
	}
	for (size_t i = 0; i < chan_types_count; i++)
		for (size_t j = 0; j < i; j++)
			cr_assert(chan_types[i].number != chan_types[j].number ||
			              strcmp(chan_types[i].name, chan_types[j].name) != 0,
			          "%s twice", chan_types[i].name);
	cr_assert_str_eq(chan_state_name(CHAN_CLOSING), "CLOSING");
	cr_assert_str_eq(chan_state_name(CHAN_STATES), "UNKNOWN");
}

/* Known types have the form that libwire knows for them, and the other way round. */
Test(rules, types_and_forms_agree)
{
	static const struct wire_shape *const heads[] = {
	    &ssh_channel_open_shape, &ssh_channel_request_shape, &ssh_global_request_shape};
	for (size_t h = 0; h < 3; h++)
		for (const struct wire_tail *t = heads[h]->tails; t->key != NULL; t++) {
			size_t found = 0;
			for (size_t i = 0; i < chan_types_count; i++)
				found += chan_types[i].number == heads[h]->number &&
				         strcmp(chan_types[i].name, t->key) == 0;
			cr_assert_eq(found, 1, "%s", t->key);
		}
}

/* --- Calls at the wrong time --- */

Test(rules, questions_are_answered_once_and_by_the_right_call)
{
	struct chan_channel other = {0};
	struct chan_event ev;
	struct wire_buf b = {0};
	reach(true, CHAN_OPEN);
	cr_assert_eq(chan_mux_answer(&p.m, true), SSH_ERR_STATE);
	cr_assert_eq(chan_mux_refuse(&p.m, 1, ""), SSH_ERR_STATE);
	cr_assert_eq(chan_mux_accept(&p.m, &other, 0, 0), SSH_ERR_STATE);
	cr_assert(chan_mux_quiet(&p.m));
	feed("GLOBAL_REQUEST type=\"tcpip-forward\" want_reply=true host=\"\" port=0");
	cr_assert_not(chan_mux_quiet(&p.m));
	cr_assert_not(chan_mux_next(&p.m, &ev), "silent");
	put_least(&b, SSH_MSG_CHANNEL_DATA);
	cr_assert_eq(chan_mux_recv(&p.m, wire_buf_view(&b)), SSH_ERR_AGAIN);
	cr_assert_eq(chan_mux_refuse(&p.m, 1, ""), SSH_ERR_STATE);
	cr_assert_eq(chan_mux_answer_body(&p.m, wire_bytes("\0\0\0\x16", 4)), 0);
	cr_assert_eq(p.sent[SSH_MSG_REQUEST_SUCCESS], 1);
	cr_assert_eq(chan_mux_answer_body(&p.m, wire_bytes(NULL, 0)), SSH_ERR_STATE);
	feed("CHANNEL_OPEN type=\"y\" sender=6 window=9 maxpacket=9");
	cr_assert_eq(chan_mux_accept(&p.m, &ch, 0, 0), SSH_ERR_STATE, "it is not free");
	cr_assert_eq(chan_mux_accept(&p.m, &other, 0, 8), SSH_ERR_ARGUMENT);
	cr_assert_eq(chan_mux_answer(&p.m, true), SSH_ERR_STATE);
	cr_assert_eq(chan_mux_accept(&p.m, &other, 0, 0), 0);
	feed("CHANNEL_REQUEST recipient=1 type=\"shell\" want_reply=true");
	cr_assert_eq(chan_channel_close(&other), 0);
	cr_assert_eq(chan_mux_answer(&p.m, true), 0);
	cr_assert_eq(p.sent[SSH_MSG_CHANNEL_SUCCESS], 0, "nothing follows our CLOSE");
	feed("CHANNEL_OPEN type=\"y\" sender=8 window=9 maxpacket=9");
	chan_mux_end(&p.m, SSH_OK);
	cr_assert_eq(chan_mux_refuse(&p.m, 1, ""), SSH_ERR_STATE);
	cr_assert_eq(chan_mux_recv(&p.m, wire_buf_view(&b)), SSH_ERR_STATE);
	wire_buf_wipe(&b);
	pipe_wipe(&p);
	pipe_wipe(&p);
}

Test(rules, what_is_outstanding_is_bounded)
{
	reach(false, CHAN_OPEN);
	for (uint32_t i = 1; i < CHAN_REQUESTS_MAX; i++)
		cr_assert_eq(chan_request_shell(&ch), 0);
	cr_assert_eq(chan_request_shell(&ch), SSH_ERR_AGAIN);
	cr_assert_eq(chan_request_signal(&ch, "HUP"), 0, "wants no reply");
	feed("CHANNEL_SUCCESS recipient=0");
	cr_assert_eq(chan_request_shell(&ch), 0);
	for (size_t i = 0; i < CHAN_GLOBALS_MAX; i++)
		cr_assert_eq(chan_mux_global(&p.m, "x", true, wire_bytes(NULL, 0)), 0);
	cr_assert_eq(chan_mux_global(&p.m, "x", true, wire_bytes(NULL, 0)), SSH_ERR_AGAIN);
	cr_assert_eq(chan_mux_global(&p.m, "x", false, wire_bytes(NULL, 0)), 0);
	feed("REQUEST_FAILURE");
	cr_assert_eq(chan_mux_global(&p.m, "x", true, wire_bytes(NULL, 0)), 0);
	pipe_wipe(&p);
}

Test(rules, ten_thousand_global_requests_are_answered_in_order)
{
	static struct pipe_end peer;
	struct chan_event ev;
	enum ssh_err e;
	uint32_t replies = 0;
	reach(true, CHAN_FREE);
	pipe_init(&peer, false, NULL);
	for (uint32_t i = 0; i < 10000; i++) {
		while (chan_mux_global(&peer.m, "tcpip-forward", true,
		                       wire_bytes("\0\0\0\0\0\0\0", 8)) == SSH_ERR_AGAIN) {
			cr_assert(pipe_carry(&peer, &p, &e) && e == 0);
			cr_assert(chan_mux_next(&p.m, &ev) && ev.type == CHAN_ASK_GLOBAL);
			cr_assert_eq(chan_mux_answer(&p.m, replies % 3 == 0), 0);
			cr_assert(pipe_carry(&p, &peer, &e) && e == 0);
			cr_assert(chan_mux_next(&peer.m, &ev) &&
			          ev.type == CHAN_EVENT_GLOBAL_REPLY);
			cr_assert(ev.nth == replies && ev.success == (replies % 3 == 0));
			replies++;
		}
	}
	cr_assert_eq(replies, 10000 - CHAN_GLOBALS_MAX);
	pipe_wipe(&peer);
	pipe_wipe(&p);
}

Test(rules, a_config_that_cannot_work_is_refused)
{
	struct chan_config c;
	struct chan_mux m;
	chan_config_init(&c, true, pipe_sink(&p));
	cr_assert_eq(chan_mux_init(&m, &c), 0);
	c.channels_max = 0;
	cr_assert_eq(chan_mux_init(&m, &c), SSH_ERR_ARGUMENT);
	c.channels_max = CHAN_CHANNELS_MAX + 1;
	cr_assert_eq(chan_mux_init(&m, &c), SSH_ERR_ARGUMENT);
	c.channels_max = 1;
	c.sink.send = NULL;
	cr_assert_eq(chan_mux_init(&m, &c), SSH_ERR_ARGUMENT);
	chan_mux_wipe(&m);
}
