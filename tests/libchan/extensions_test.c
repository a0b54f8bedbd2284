/* SPDX-License-Identifier: MIT */
#include "tests/libchan/ends.h"

/* Extensions of RFC 8308 and after on whole connections: both ends ours, logged in, with channels. */

static struct sock s;

struct counts {
	size_t number[256][2]; /* messages: theirs, ours */
};

static void count(void *ctx, const struct kex_trace *t)
{
	struct counts *c = ctx;
	if (t->type == KEX_TRACE_PACKET && t->payload.len > 0)
		c->number[t->payload.ptr[0]][t->out]++;
}

static void begin(struct ends *t, struct counts *c)
{
	*c = (struct counts){0};
	t->client.kex.trace = count;
	t->client.kex.trace_ctx = c;
	ends_begin(t, serve_commands, false);
	log_in(t, &s);
}

static void talk_a_little(void)
{
	struct sock_channel *ch;
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("hello, hello, hello"), NULL), SSH_OK);
	expect(ch, "hello, hello, hello");
	sock_close(ch);
}

/* There and back, with new keys in the middle. */
static void talk(void)
{
	static uint8_t data[100000], back[100000];
	struct sock_channel *ch;
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	for (int round = 0; round < 3; round++) {
		size_t got = 0, n;
		memset(data, 'a' + round, sizeof data);
		cr_assert_eq(sock_send_all(ch, wire_bytes(data, sizeof data), NULL), SSH_OK);
		while (got < sizeof back) {
			cr_assert_eq(sock_recv(ch, back + got, sizeof back - got, &n), SSH_OK, "%s",
			             sock_why(&s, why));
			cr_assert_neq(n, 0);
			got += n;
		}
		cr_assert_eq(memcmp(data, back, sizeof data), 0, "round %d", round);
		cr_assert_eq(sock_rekey(&s), SSH_OK);
	}
	cr_assert_eq(sock_eof(ch), SSH_OK);
	expect_end(ch);
	sock_close(ch);
}

/* --- delay-compression --- */

static const struct crypt_compress *const *zlib(void)
{
	static const struct crypt_compress *list[2];
	for (size_t i = 0; crypt_compresses_legacy[i] != NULL; i++)
		if (strcmp(crypt_compresses_legacy[i]->name, "zlib") == 0)
			list[0] = crypt_compresses_legacy[i];
	return list[0] == NULL ? NULL : list;
}

static void compressed(const struct crypt_compress *const *client,
                       const struct crypt_compress *const *server, bool on)
{
	struct ends t;
	struct counts c;
	ends_init(&t);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		t.client.kex.delay_compress[dir] = client;
		t.server.kex.delay_compress[dir] = server;
	}
	begin(&t, &c);
	talk_a_little();
	cr_expect_eq(s.conn.kex.deflate.on, on);
	cr_expect_eq(s.conn.kex.inflate.on, on);
	cr_expect_eq(c.number[SSH_MSG_NEWCOMPRESS][1], on ? 1 : 0);
	talk();
	/* RFC 8308 section 3.2.2: what a later exchange agrees upon, none here, takes its place. */
	cr_expect_gt(sock_exchanges(&s), 1);
	cr_expect(!s.conn.kex.deflate.on && !s.conn.kex.inflate.on);
	log_out(&t, &s);
}

Test(extensions, delay_compression)
{
	const struct crypt_compress *const *list = zlib();
	if (list == NULL)
		return; /* this build has none */
	compressed(list, list, true);
	compressed(list, NULL, false);
	compressed(NULL, list, false);
}

/* --- ping --- */

static void pinged(bool std, uint8_t ping, uint8_t pong)
{
	struct ends t;
	struct counts c;
	ends_init(&t);
	t.server.kex.ext[KEX_EXT_PING] = std ? "0" : NULL;
	begin(&t, &c);
	for (size_t n = 1; n <= 3; n++) {
		cr_assert_eq(kex_ping(&s.conn.kex, wire_bytes_str("are you there?")), SSH_OK);
		while (c.number[pong][0] < n)
			cr_assert_eq(sock_pump(&s, LONG), SSH_OK, "%s", sock_why(&s, why));
		talk();
	}
	cr_expect_eq(c.number[ping][1], 3);
	cr_expect_eq(c.number[pong][0], 3);
	log_out(&t, &s);
}

Test(extensions, pings_between_exchanges)
{
	pinged(true, SSH_MSG_PING_STD, SSH_MSG_PONG_STD);
	pinged(false, SSH_MSG_PING, SSH_MSG_PONG);
}
