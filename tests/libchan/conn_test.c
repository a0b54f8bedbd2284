/* SPDX-License-Identifier: MIT */
#include "libchan/conn.h"
#include "libchan/request.h"
#include "tests/support/alloc.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

static const size_t chunks[] = {1, 7, PAIR_WHOLE};
#define CHUNKS        (sizeof chunks / sizeof chunks[0])

/* Windows so small that every end has to wait for the other. */
#define CLIENT_WINDOW 5000
#define SERVER_WINDOW 3000

/* --- Two conns joined by a pipe in memory: the server echoes what the client sends --- */

struct end {
	struct conn_config config;
	const struct crypt_key *keys[2];
	struct crypt_drbg drbg;
	struct conn conn;
	struct chan_channel ch;
	struct wire_buf to_send;
	struct wire_buf got;
	const char *password;
	bool finish;  /* client: send EOF behind the data */
	bool waiting; /* server: the question about the channel stays open */
	size_t total; /* of to_send and got: bytes of the test's data */
	/* What it was told. */
	size_t opened, requests, replies, exits, eofs, closed, lasts, late;
	enum ssh_err closed_of, died_of;
	bool asked_open;
};

struct ends {
	struct end client, server;
	struct crypt_key host_key;
	size_t chunk;
};

static void init_end(struct end *t, bool server)
{
	*t = (struct end){.password = "foo", .finish = true};
	struct kex_config *k = &t->config.kex;
	crypt_drbg_init(&t->drbg, wire_bytes_str(server ? "server" : "client"));
	*k = (struct kex_config){.server = server,
	                         .software = KEX_SOFTWARE,
	                         .agrees = kex_agrees,
	                         .host_sigs = pair_sigalgs,
	                         .ciphers = {crypt_ciphers, crypt_ciphers},
	                         .macs = {crypt_macs, crypt_macs},
	                         .user_sigs = pair_sigalgs,
	                         .host_keys = t->keys,
	                         .rng = crypt_drbg_rng(&t->drbg)};
	t->config.auth_client.user = wire_bytes_str("robey");
	t->config.auth_server.methods = AUTH_PASSWORD;
	chan_config_init(&t->config.chan, server, (struct chan_sink){0});
}

static void init(struct ends *p, size_t chunk, size_t total)
{
	init_end(&p->client, false);
	init_end(&p->server, true);
	p->chunk = chunk;
	pair_key(&p->host_key, &pair_keyalg, 1);
	p->server.keys[0] = &p->host_key;
	p->client.total = total;
}

static enum ssh_err start(struct ends *p)
{
	enum ssh_err e;
	for (size_t i = 0; i < p->client.total; i++)
		wire_put_u8(&p->client.to_send, (uint8_t)(i * 31 + (i >> 8)));
	if ((e = wire_buf_end(&p->client.to_send)) != 0)
		return e;
	if ((e = conn_init(&p->client.conn, &p->client.config, 0)) != 0)
		return e;
	return conn_init(&p->server.conn, &p->server.config, 0);
}

static void wipe(struct ends *p)
{
	struct end *each[] = {&p->client, &p->server};
	for (size_t i = 0; i < 2; i++) {
		conn_wipe(&each[i]->conn);
		wire_buf_wipe(&each[i]->to_send);
		wire_buf_wipe(&each[i]->got);
	}
}

static enum ssh_err send_some(struct end *t)
{
	enum ssh_err e = SSH_OK;
	size_t n = chan_channel_send(&t->ch, wire_buf_view(&t->to_send), &e);
	wire_buf_drop(&t->to_send, n);
	if (e == 0 && wire_buf_len(&t->to_send) == 0 && t->finish &&
	    (!t->conn.config.kex.server || t->eofs != 0) && !t->ch.eof_sent) {
		if (t->conn.config.kex.server && (e = chan_request_exit_status(&t->ch, 7)) != 0)
			return e;
		e = chan_channel_eof(&t->ch);
	}
	return e;
}

/* The server gives window back as it echoes; the client as it takes. */
static enum ssh_err on_data(struct end *t, const struct chan_event *ev)
{
	enum ssh_err e;
	struct wire_buf *to = t->conn.config.kex.server ? &t->to_send : &t->got;
	wire_put_raw(to, ev->data);
	if ((e = wire_buf_end(to)) != 0 || (e = chan_channel_consumed(&t->ch, ev->data.len)) != 0)
		return e;
	return t->conn.config.kex.server ? send_some(t) : SSH_OK;
}

static enum ssh_err on_open(struct end *t)
{
	t->asked_open = true;
	return t->waiting ? SSH_OK : chan_mux_accept(&t->conn.mux, &t->ch, SERVER_WINDOW, 0);
}

static enum ssh_err on_closed(struct end *t, const struct chan_event *ev)
{
	t->closed++;
	t->closed_of = ev->err;
	return SSH_OK;
}

static enum ssh_err on_chan(struct end *t, const struct chan_event *ev)
{
	enum ssh_err e;
	switch (ev->type) {
	case CHAN_ASK_OPEN:
		return on_open(t);
	case CHAN_ASK_REQUEST:
		t->requests++;
		return chan_mux_answer(&t->conn.mux, true);
	case CHAN_EVENT_OPENED:
		t->opened++;
		if ((e = chan_request_exec(&t->ch, wire_bytes_str("echo"))) != 0)
			return e;
		return send_some(t);
	case CHAN_EVENT_WRITABLE:
		return send_some(t);
	case CHAN_EVENT_DATA:
		return on_data(t, ev);
	case CHAN_EVENT_REPLY:
		t->replies += ev->success;
		return SSH_OK;
	case CHAN_EVENT_REQUEST:
		t->exits += wire_bytes_is(ev->name, "exit-status");
		return SSH_OK;
	case CHAN_EVENT_EOF:
		t->eofs++;
		return t->conn.config.kex.server ? send_some(t) : chan_channel_close(&t->ch);
	case CHAN_EVENT_CLOSED:
		return on_closed(t, ev);
	default:
		return SSH_OK;
	}
}

static enum ssh_err on_auth(struct end *t, const struct conn_event *ev)
{
	struct chan_open open = {.type = "session", .window = CLIENT_WINDOW};
	if (ev->layer == CONN_AUTH_SERVER && ev->auth_server.type == AUTH_ASK_PASSWORD)
		return auth_server_answer(
		    &t->conn.auth_server,
		    wire_bytes_is(ev->auth_server.password, "foo") ? AUTH_ACCEPT : AUTH_REJECT);
	if (ev->layer != CONN_AUTH_CLIENT)
		return SSH_OK;
	if (ev->auth_client.type == AUTH_EVENT_SUCCESS)
		return chan_mux_open(&t->conn.mux, &t->ch, &open);
	if (ev->auth_client.type == AUTH_ASK_METHOD)
		return auth_client_password(&t->conn.auth_client, wire_bytes_str(t->password));
	return SSH_OK;
}

static enum ssh_err on_kex(struct end *t, const struct kex_event *ev)
{
	if (ev->type == KEX_ASK_HOST_KEY)
		return kex_answer_host_key(&t->conn.kex, true);
	if (ev->type == KEX_EVENT_ERROR || ev->type == KEX_EVENT_DISCONNECT) {
		t->lasts++;
		t->died_of = ev->type == KEX_EVENT_ERROR ? ev->err : SSH_ERR_DISCONNECTED;
	}
	return SSH_OK;
}

static void drain(struct end *t)
{
	struct conn_event ev;
	while (conn_next(&t->conn, &ev)) {
		t->late += t->lasts != 0; /* the goodbye is the last word */
		enum ssh_err e = ev.layer == CONN_KEX    ? on_kex(t, &ev.kex)
		                 : ev.layer == CONN_CHAN ? on_chan(t, &ev.chan)
		                                         : on_auth(t, &ev);
		if (e != 0)
			kex_fail(&t->conn.kex, e);
	}
}

static bool carry(struct ends *p, struct end *from, struct end *to)
{
	size_t used = 0;
	ssh_bytes out = conn_out(&from->conn);
	size_t n = p->chunk != PAIR_WHOLE && p->chunk < out.len ? p->chunk : out.len;
	if (n == 0)
		return false;
	(void)kex_recv(&to->conn.kex, wire_bytes(out.ptr, n), &used);
	if (to->conn.kex.state == KEX_DEAD)
		used = n; /* nobody listens */
	kex_sent(&from->conn.kex, used);
	drain(to);
	return used != 0;
}

static void run(struct ends *p)
{
	bool moved = true;
	drain(&p->client);
	drain(&p->server);
	while (moved) {
		moved = carry(p, &p->client, &p->server);
		moved = carry(p, &p->server, &p->client) || moved;
		drain(&p->client); /* it may be writable now */
		drain(&p->server);
	}
}

static bool is_echo(const struct end *client)
{
	ssh_bytes got = wire_buf_view(&client->got);
	for (size_t i = 0; i < got.len; i++)
		if (got.ptr[i] != (uint8_t)(i * 31 + (i >> 8)))
			return false;
	return got.len == client->total;
}

static bool is_done(const struct ends *p)
{
	return is_echo(&p->client) && p->client.closed == 1 && p->server.closed == 1 &&
	       p->client.closed_of == 0 && p->client.exits == 1;
}

/* --- A whole session --- */

Test(conn, session_at_every_chunk_size)
{
	for (size_t i = 0; i < CHUNKS; i++) {
		struct ends p;
		init(&p, chunks[i], 40000);
		cr_assert_eq(start(&p), SSH_OK);
		run(&p);
		cr_assert_eq(conn_err(&p.client.conn), SSH_OK, "chunk %zu: %s", chunks[i],
		             ssh_err_name(conn_err(&p.client.conn)));
		cr_assert(p.client.conn.authenticated && p.server.conn.authenticated);
		cr_assert(is_done(&p), "chunk %zu: %zu bytes", chunks[i],
		          wire_buf_len(&p.client.got));
		cr_assert(p.client.opened == 1 && p.client.replies == 1 && p.server.requests == 1);
		cr_assert(p.client.eofs == 1 && p.server.eofs == 1);
		cr_assert_eq(p.client.conn.mux.channels + p.server.conn.mux.channels, 0);
		wipe(&p);
	}
}

Test(conn, session_across_rekeys)
{
	for (size_t i = 0; i < CHUNKS; i++) {
		struct ends p;
		init(&p, chunks[i], 40000);
		p.client.config.kex.rekey_bytes = 9000;
		p.server.config.kex.rekey_packets = 40;
		cr_assert_eq(start(&p), SSH_OK);
		run(&p);
		cr_assert(is_done(&p), "chunk %zu: client %s, server %s", chunks[i],
		          ssh_err_name(conn_err(&p.client.conn)),
		          ssh_err_name(conn_err(&p.server.conn)));
		cr_assert_gt(p.client.conn.kex.exchanges, 4);
		wipe(&p);
	}
}

Test(conn, idle_connection_holds_no_buffers)
{
	struct ends p;
	init(&p, PAIR_WHOLE, 40000);
	cr_assert_eq(start(&p), SSH_OK);
	run(&p);
	cr_assert_eq(p.client.conn.kex.in.buf.cap, 0);
	cr_assert_eq(p.client.conn.kex.out.buf.cap, 0);
	wipe(&p);
}

/* --- Ends --- */

Test(conn, guessing_ends_both)
{
	for (size_t i = 0; i < CHUNKS; i++) {
		struct ends p;
		init(&p, chunks[i], 0);
		p.client.password = "bar";
		cr_assert_eq(start(&p), SSH_OK);
		run(&p);
		cr_assert_eq(p.server.died_of, SSH_ERR_AUTH_TRIES);
		cr_assert_eq(p.client.died_of, SSH_ERR_DISCONNECTED);
		cr_assert(!p.client.conn.authenticated && !p.server.conn.authenticated);
		wipe(&p);
	}
}

/* A client that has an open channel, and whose server does as well. */
static void open_session(struct ends *p, size_t chunk)
{
	init(p, chunk, 100);
	p->client.finish = p->server.finish = false;
	cr_assert_eq(start(p), SSH_OK);
	run(p);
	cr_assert(is_echo(&p->client));
	cr_assert_eq(p->client.ch.state, CHAN_OPEN);
	cr_assert_eq(p->server.ch.state, CHAN_OPEN);
}

static void expect_death(const struct end *t, enum ssh_err e, const char *name)
{
	cr_assert_eq(conn_err(&t->conn), e, "%s: %s", name, ssh_err_name(conn_err(&t->conn)));
	cr_assert(t->closed == 1 && t->ch.state == CHAN_FREE, "%s: the channel hears of it", name);
	cr_assert_eq(t->closed_of, e, "%s: %s", name, ssh_err_name(t->closed_of));
	cr_assert_eq(t->late, 0, "%s: the goodbye comes last", name);
}

static void expect_last(const struct end *t, enum ssh_err e, const char *name)
{
	expect_death(t, e, name);
	cr_assert_eq(t->lasts, 1, "%s: one goodbye", name);
	cr_assert_eq(t->died_of, e, "%s: %s", name, ssh_err_name(t->died_of));
}

Test(conn, dies_with_open_channels)
{
	struct ends p;
	for (size_t i = 0; i < CHUNKS; i++) {
		open_session(&p, chunks[i]);
		kex_recv_end(&p.client.conn.kex);
		kex_recv_end(&p.server.conn.kex);
		run(&p);
		expect_last(&p.client, SSH_ERR_CONNECTION_LOST, "cut off");
		expect_last(&p.server, SSH_ERR_CONNECTION_LOST, "cut off");
		wipe(&p);
		open_session(&p, chunks[i]);
		kex_disconnect(&p.server.conn.kex, SSH_DISCONNECT_BY_APPLICATION, "enough");
		run(&p);
		expect_last(&p.client, SSH_ERR_DISCONNECTED, "told off");
		expect_death(&p.server, SSH_OK, "disconnects");
		wipe(&p);
		open_session(&p, chunks[i]);
		cr_assert_eq(kex_send(&p.client.conn.kex, wire_bytes_str("\x5ejunk")), SSH_OK);
		run(&p);
		expect_last(&p.server, SSH_ERR_CHANNEL, "junk");
		expect_last(&p.client, SSH_ERR_DISCONNECTED, "junk");
		wipe(&p);
	}
}

Test(conn, dies_with_an_open_question)
{
	struct ends p;
	init(&p, PAIR_WHOLE, 0);
	p.server.waiting = true;
	cr_assert_eq(start(&p), SSH_OK);
	run(&p);
	cr_assert(p.server.asked_open && p.client.ch.state == CHAN_OPENING);
	kex_recv_end(&p.client.conn.kex);
	kex_recv_end(&p.server.conn.kex);
	run(&p);
	expect_last(&p.client, SSH_ERR_CONNECTION_LOST, "opening");
	cr_assert_eq(p.server.lasts, 1);
	cr_assert_neq(chan_mux_accept(&p.server.conn.mux, &p.server.ch, 0, 0), SSH_OK);
	wipe(&p);
}

/* Nothing is taken in while a question is open: its payload stays whole. */
Test(conn, question_holds_back_what_follows)
{
	struct ends p;
	init(&p, PAIR_WHOLE, 0);
	p.server.waiting = true;
	cr_assert_eq(start(&p), SSH_OK);
	run(&p);
	cr_assert_eq(kex_rekey(&p.client.conn.kex), SSH_OK);
	run(&p);
	cr_assert_eq(p.server.conn.kex.exchanges, 1, "the KEXINIT waits");
	p.server.waiting = false;
	cr_assert_eq(on_open(&p.server), SSH_OK);
	run(&p);
	cr_assert_eq(p.server.conn.kex.exchanges, 2);
	cr_assert(is_done(&p));
	wipe(&p);
}

/* Channel messages before authentication are the end. */
Test(conn, no_channels_before_authentication)
{
	static const uint8_t open[] = "\x5a\0\0\0\7session\0\0\0\0\0\1\0\0\0\0\1\0";
	struct ends p;
	init(&p, PAIR_WHOLE, 0);
	p.client.password = "bar";
	cr_assert_eq(start(&p), SSH_OK);
	drain(&p.server);
	while (p.client.conn.kex.state != KEX_OPEN) {
		bool there = carry(&p, &p.client, &p.server);
		bool back = carry(&p, &p.server, &p.client);
		cr_assert(there || back);
	}
	cr_assert_eq(kex_send(&p.client.conn.kex, wire_bytes(open, sizeof open - 1)), SSH_OK);
	run(&p);
	cr_assert_eq(p.server.died_of, SSH_ERR_UNEXPECTED);
	wipe(&p);
}

/* --- Memory --- */

static void work(struct ends *p, enum ssh_err *e)
{
	init(p, PAIR_WHOLE, 8000);
	p->client.config.kex.rekey_bytes = 5000;
	*e = start(p);
	if (*e != SSH_OK)
		return;
	run(p);
	/* Without memory even the goodbye may be lost: then the stream just ends. */
	if (p->client.conn.kex.state == KEX_DEAD || p->server.conn.kex.state == KEX_DEAD) {
		kex_recv_end(&p->client.conn.kex);
		kex_recv_end(&p->server.conn.kex);
		run(p);
	}
}

Test(conn, every_allocation_may_fail)
{
	static struct ends p;
	enum ssh_err e;
	for (size_t n = 1, failed = 1; failed; n++) {
		alloc_start();
		alloc_fail_at(n);
		work(&p, &e);
		alloc_stop();
		failed = alloc_failed();
		bool dead = e != 0 || (p.client.conn.kex.state == KEX_DEAD &&
		                       p.server.conn.kex.state == KEX_DEAD);
		bool one = e != 0 || p.client.died_of == SSH_ERR_NO_MEMORY ||
		           p.server.died_of == SSH_ERR_NO_MEMORY;
		cr_assert(failed ? dead && one : is_done(&p), "allocation %zu: %s, %s and %s", n,
		          ssh_err_name(e), ssh_err_name(p.client.died_of),
		          ssh_err_name(p.server.died_of));
		wipe(&p);
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
}
