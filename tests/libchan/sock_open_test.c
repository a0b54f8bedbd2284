/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <unistd.h>

#include "libwire/reader.h"
#include "tests/libchan/ends.h"

/* Channels of any type, opened by either side: allowed, refused, and given up. */

static struct sock s;

static void put_origin(struct wire_buf *b)
{
	wire_put_str(b, "127.0.0.1");
	wire_put_u32(b, 40000);
}

static void put_address(struct wire_buf *b, const char *host, uint32_t port)
{
	wire_put_str(b, host);
	wire_put_u32(b, port);
	put_origin(b);
}

static enum ssh_err open_to(struct sock *side, struct sock_channel **ch, const char *type,
                            const char *host)
{
	struct wire_buf body = {0};
	if (strcmp(type, "x11") != 0)
		put_address(&body, host, 80);
	else
		put_origin(&body);
	struct chan_open open = {.type = type, .extra = wire_buf_view(&body)};
	enum ssh_err e = sock_open(side, ch, &open, LONG);
	wire_buf_wipe(&body);
	return e;
}

static uint32_t judge_open(void *ctx, ssh_bytes type, ssh_bytes body)
{
	struct wire_reader r;
	(void)ctx;
	if (wire_bytes_is(type, "session") || wire_bytes_is(type, "forwarded-tcpip"))
		return 0;
	if (!wire_bytes_is(type, "direct-tcpip"))
		return SSH_OPEN_UNKNOWN_CHANNEL_TYPE;
	wire_reader_init(&r, body);
	bool known = wire_bytes_is(wire_get_string(&r), "pearl.example");
	return known ? 0 : SSH_OPEN_CONNECT_FAILED;
}

static void serve_channels(const struct ends *t, int in, int out)
{
	static struct sock server;
	struct sock_config config = t->server;
	struct sock_channel *ch;
	struct wire_reader r;
	config.policy.open = judge_open;
	CHECK(sock_start_server(&server, in, out, &config, LONG) == 0);
	CHECK(sock_accept(&server, &ch, LONG) == 0);
	CHECK(strcmp(ch->type, "direct-tcpip") == 0 && ch->program == CHAN_REQUEST_UNKNOWN);
	wire_reader_init(&r, sock_command(ch));
	CHECK(wire_bytes_is(wire_get_string(&r), "pearl.example") && wire_get_u32(&r) == 80);
	sock_set_timeout(ch, LONG);
	serve_cat(ch);
	sock_close(ch);
	CHECK(sock_accept(&server, &ch, LONG) == SSH_ERR_DISCONNECTED);
	sock_wipe(&server);
}

Test(sock_open, other_types_by_the_policy)
{
	struct ends t;
	struct sock_channel *ch;
	struct wire_buf text = {0};
	ends_init(&t);
	ends_begin(&t, serve_channels, false);
	log_in(&t, &s);
	cr_assert_eq(sock_refusal(&s, NULL), 0);
	cr_assert_eq(open_to(&s, &ch, "pearl@example.com", ""), SSH_ERR_OPEN_REFUSED);
	cr_assert_eq(sock_refusal(&s, &text), SSH_OPEN_UNKNOWN_CHANNEL_TYPE);
	cr_assert(wire_bytes_is(wire_buf_view(&text), "not allowed"));
	cr_assert_str_eq(sock_why(&s, why),
	                 "the peer did not open the channel (UNKNOWN_CHANNEL_TYPE): not allowed");
	cr_assert_eq(open_to(&s, &ch, "direct-tcpip", "ruby.example"), SSH_ERR_OPEN_REFUSED);
	cr_assert_eq(sock_refusal(&s, NULL), SSH_OPEN_CONNECT_FAILED);
	cr_assert_eq(open_to(&s, &ch, "direct-tcpip", "pearl.example"), SSH_OK);
	cr_assert_eq(sock_refusal(&s, NULL), 0, "of the last opening");
	cr_assert_str_eq(sock_why(&s, why), "authenticated as robey");
	cr_assert_str_eq(ch->type, "direct-tcpip");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	expect(ch, "Hello");
	cr_assert_eq(sock_eof(ch), SSH_OK);
	expect_end(ch);
	sock_close(ch);
	wire_buf_wipe(&text);
	log_out(&t, &s);
}

/* --- The server opens --- */

static void serve_by_opening(const struct ends *t, int in, int out)
{
	static struct sock server;
	struct sock_channel *ch;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) == 0);
	CHECK(sock_await_login(&server, LONG) == 0);
	CHECK(open_to(&server, &ch, "x11", "") == SSH_ERR_OPEN_REFUSED);
	CHECK(sock_refusal(&server, NULL) == SSH_OPEN_UNKNOWN_CHANNEL_TYPE);
	CHECK(open_to(&server, &ch, "forwarded-tcpip", "") == 0);
	serve_cat(ch);
	sock_close(ch);
	CHECK(sock_accept(&server, &ch, LONG) == SSH_ERR_DISCONNECTED);
	sock_wipe(&server);
}

Test(sock_open, a_client_accepts_what_its_policy_lets_in)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	t.client.policy.open = judge_open;
	ends_begin(&t, serve_by_opening, false);
	log_in(&t, &s);
	cr_assert_eq(sock_accept(&s, &ch, LONG), SSH_OK);
	cr_assert_str_eq(ch->type, "forwarded-tcpip");
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	expect(ch, "Hello");
	cr_assert_eq(sock_eof(ch), SSH_OK);
	expect_end(ch);
	sock_close(ch);
	log_out(&t, &s);
}

static void serve_what_is_refused(const struct ends *t, int in, int out)
{
	static struct sock server;
	struct sock_channel *ch;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) == 0);
	CHECK(sock_await_login(&server, LONG) == 0);
	CHECK(open_to(&server, &ch, "forwarded-tcpip", "") == SSH_ERR_OPEN_REFUSED);
	CHECK(sock_refusal(&server, NULL) == SSH_OPEN_ADMINISTRATIVELY_PROHIBITED);
	CHECK(sock_accept(&server, &ch, LONG) == SSH_ERR_DISCONNECTED);
	sock_wipe(&server);
}

Test(sock_open, a_client_lets_nothing_in_by_itself)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_what_is_refused, false);
	log_in(&t, &s);
	cr_assert_eq(sock_accept(&s, &ch, LONG), SSH_ERR_STATE);
	for (int i = 0; i < 3; i++)
		(void)sock_pump(&s, SHORT);
	log_out(&t, &s);
}

/* --- Closed before they are accepted --- */

#define TIMES 500

static size_t kept(const struct sock *server)
{
	size_t n = 0;
	for (const struct sock_channel *ch = server->channels; ch != NULL; ch = ch->next)
		n++;
	return n;
}

/* Accepts nothing before the client has gone. */
static void serve_late(const struct ends *t, int in, int out)
{
	static struct sock server;
	struct sock_channel *ch;
	enum ssh_err e;
	size_t n = 0;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) == 0);
	do
		e = sock_pump(&server, LONG);
	while (e == 0);
	CHECK(e == SSH_ERR_DISCONNECTED && kept(&server) == SOCK_BACKLOG_MAX);
	while (sock_accept(&server, &ch, 0) == 0) {
		char text[8];
		size_t len;
		n++;
		CHECK(sock_recv(ch, text, sizeof text, &len) == 0 && len == 4);
		sock_close(ch);
	}
	CHECK(n == SOCK_BACKLOG_MAX && kept(&server) == 0);
	sock_wipe(&server);
}

Test(sock_open, what_nobody_accepts_is_given_up)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_late, false);
	log_in(&t, &s);
	for (int i = 0; i < TIMES; i++) {
		cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK, "time %d", i);
		sock_close(ch);
	}
	for (int i = 0; i < 2 * SOCK_BACKLOG_MAX; i++) {
		cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK, "time %d", i);
		cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("late"), NULL), SSH_OK);
		sock_close(ch);
	}
	log_out(&t, &s);
}
