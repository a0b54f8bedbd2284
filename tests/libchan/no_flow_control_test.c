/* SPDX-License-Identifier: MIT */
#include "tests/libchan/ends.h"

/*
 * no-flow-control of RFC 8308 section 3.3 on whole connections: windows do not count, there is one
 * channel at a time, and what is not read stops the stream.
 */

static struct sock s;

struct counts {
	size_t adjusts, packets;
};

static void count(void *ctx, const struct kex_trace *t)
{
	struct counts *c = ctx;
	if (t->type != KEX_TRACE_PACKET)
		return;
	c->packets++;
	c->adjusts += t->payload.ptr[0] == SSH_MSG_CHANNEL_WINDOW_ADJUST;
}

static void begin(struct ends *t, struct counts *c, const char *client, const char *server)
{
	ends_init(t);
	*c = (struct counts){0};
	t->client.kex.ext[KEX_EXT_NO_FLOW_CONTROL] = client;
	t->server.kex.ext[KEX_EXT_NO_FLOW_CONTROL] = server;
	t->client.kex.trace = count;
	t->client.kex.trace_ctx = c;
	ends_begin(t, serve_commands, false);
	log_in(t, &s);
}

static struct sock_channel *run(const char *command)
{
	struct sock_channel *ch;
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK, "%s", sock_why(&s, why));
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_exec(ch, command), SSH_OK, "%s", sock_why(&s, why));
	return ch;
}

/* What the server sends is taken until it comes no more, and none of it is read. */
static size_t kept_unread(struct sock_channel *ch)
{
	size_t before = SIZE_MAX, now = 0;
	while (now != before || now == 0) {
		before = now;
		for (int i = 0; i < 50; i++)
			(void)sock_pump(&s, i == 0 ? SHORT : 0);
		now = wire_buf_len(&ch->in[0]);
	}
	return now;
}

static void read_all(struct sock_channel *ch, size_t total)
{
	static char buf[100000];
	size_t got = 0, n = 1;
	while (n != 0) {
		cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_OK, "%s", sock_why(&s, why));
		got += n;
	}
	cr_assert_eq(got, total, "%zu", got);
}

/* 5 MB: more than twice the window, which would be given back in halves. */
static void flood(const char *client, const char *server, bool on)
{
	struct ends t;
	struct counts c;
	begin(&t, &c, client, server);
	struct sock_channel *ch = run("flood");
	cr_assert_eq(ch->ch.in.endless, on);
	size_t kept = kept_unread(ch);
	cr_assert(on ? kept >= CHAN_WINDOW && kept < CHAN_WINDOW + KEX_PACKET_MAX + KEX_READ_SIZE
	             : kept <= CHAN_WINDOW,
	          "%zu bytes kept", kept);
	read_all(ch, 5000000);
	cr_assert_eq(c.adjusts == 0, on, "%zu adjustments", c.adjusts);
	sock_close(ch);
	log_out(&t, &s);
}

Test(no_flow_control, windows_do_not_count)
{
	flood("p", "s", true);
	flood("s", "p", true);
	flood("p", "p", true);
}

Test(no_flow_control, only_if_both_say_so_and_one_prefers_it)
{
	flood("s", "s", false);
	flood("p", NULL, false);
	flood(NULL, "p", false);
}

Test(no_flow_control, one_channel_after_the_other)
{
	struct ends t;
	struct counts c;
	begin(&t, &c, "p", "s");
	for (int i = 0; i < 3; i++) {
		struct sock_channel *second = NULL, *ch = run("cat");
		cr_assert_eq(sock_open_session(&s, &second, LONG), SSH_ERR_AGAIN);
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("hello"), NULL), SSH_OK);
		expect(ch, "hello");
		cr_assert_eq(sock_shutdown(ch, SOCK_WRITE), SSH_OK);
		expect_end(ch);
		sock_close(ch);
		/* It is gone when the server has closed it, too. */
		while (s.conn.mux.channels != 0)
			(void)sock_pump(&s, SHORT);
	}
	log_out(&t, &s);
}

/* A client that opens a second one all the same is refused. */
Test(no_flow_control, a_second_channel_is_refused)
{
	struct ends t;
	struct counts c;
	struct sock_channel *second = NULL;
	begin(&t, &c, "p", "s");
	struct sock_channel *ch = run("cat");
	s.conn.mux.config.channels_max = 2;
	cr_assert_eq(sock_open_session(&s, &second, LONG), SSH_ERR_OPEN_REFUSED);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("still here"), NULL), SSH_OK);
	expect(ch, "still here");
	sock_close(ch);
	log_out(&t, &s);
}
