/* SPDX-License-Identifier: MIT */
#include "tests/libchan/ends.h"

/* New keys while opens, requests and data are under way: replies find those who asked, in order. */

#define CHANNELS 5
#define ROUNDS   4

static struct sock s;

/* What a server sees: sessions that wait for nobody are served at the end, one after another. */
static void begin(struct ends *t, uint64_t server_packets)
{
	ends_init(t);
	t->server.kex.rekey_packets = server_packets;
	t->server.policy.requests |= SOCK_GRANT(ENV);
	ends_begin(t, serve_commands, false);
	log_in(t, &s);
}

static void maybe_rekey(bool ours)
{
	if (ours)
		cr_assert_eq(sock_rekey(&s), SSH_OK);
}

/* Each opened, and asked for something, while keys are exchanged; one reply is a refusal. */
static void open_all(struct sock_channel *ch[CHANNELS], bool ours)
{
	struct chan_open open = {.type = "session"};
	for (size_t i = 0; i < CHANNELS; i++) {
		cr_assert_eq(sock_begin_open(&s, &ch[i], &open), SSH_OK, "%s", sock_why(&s, why));
		maybe_rekey(ours);
	}
	for (size_t i = 0; i < CHANNELS; i++) {
		cr_assert_eq(sock_finish_open(ch[i], LONG), SSH_OK, "%s", sock_why(&s, why));
		sock_set_timeout(ch[i], LONG);
	}
}

static void ask(struct sock_channel *ch, const char *command)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXEC};
	r.exec.command = wire_bytes_str(command);
	cr_assert_eq(sock_begin_request(ch, &r), SSH_OK);
}

static void exec_all(struct sock_channel *ch[CHANNELS], bool ours)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		ask(ch[i], i == 2 ? "forbidden" : "cat");
		maybe_rekey(ours);
	}
	for (size_t i = 0; i < CHANNELS; i++)
		cr_assert_eq(sock_finish_request(ch[i], LONG),
		             i == 2 ? SSH_ERR_REQUEST_REFUSED : SSH_OK, "channel %zu", i);
}

static void talk(struct sock_channel *ch, bool ours)
{
	static uint8_t data[40000], back[40000];
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	for (int round = 0; round < ROUNDS; round++) {
		size_t got = 0, n;
		cr_assert_eq(sock_send_all(ch, wire_bytes(data, sizeof data), NULL), SSH_OK);
		maybe_rekey(ours);
		while (got < sizeof back) {
			cr_assert_eq(sock_recv(ch, back + got, sizeof back - got, &n), SSH_OK, "%s",
			             sock_why(&s, why));
			cr_assert_neq(n, 0);
			got += n;
		}
		cr_assert_eq(memcmp(data, back, sizeof data), 0, "round %d", round);
	}
	cr_assert_eq(sock_eof(ch), SSH_OK);
	expect_end(ch);
}

static void everything(bool ours, uint64_t server_packets)
{
	struct ends t;
	struct sock_channel *ch[CHANNELS];
	begin(&t, server_packets);
	open_all(ch, ours);
	exec_all(ch, ours);
	for (size_t i = 0; i < CHANNELS; i++) {
		if (i != 2)
			talk(ch[i], ours);
		sock_close(ch[i]);
	}
	cr_assert_gt(sock_exchanges(&s), 5, "%u exchanges", sock_exchanges(&s));
	log_out(&t, &s);
}

Test(sock_rekey, by_us)
{
	everything(true, 0);
}

Test(sock_rekey, by_the_server)
{
	everything(false, 5);
}

Test(sock_rekey, by_both)
{
	everything(true, 5);
}
