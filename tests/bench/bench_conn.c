/* SPDX-License-Identifier: MIT */
/*
 * Whole connections in memory: what a login costs, what a channel carries, what an idle
 * connection holds. Client and server take turns in one thread, so both ends' work counts.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "libchan/conn.h"
#include "libchan/request.h"
#include "tests/support/alloc.h"

#define CHUNK     65536
#define TRANSFER  ((size_t)256 << 20)
#define LOGINS    40
#define IDLE_GOAL 32768

struct end {
	struct conn conn;
	struct chan_channel ch;
	size_t received;
	bool open;
};

struct bench {
	struct end client;
	struct end server;
	struct crypt_key host_key;
	struct crypt_key user_key;
	struct wire_buf blob;
	const struct crypt_key *host_keys[2];
	const struct crypt_cipher *ciphers[2];
};

static void die(const char *what)
{
	fprintf(stderr, "bench_conn: %s failed\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- What both ends answer --- */

static void on_client_auth(struct bench *b, const struct auth_client_event *ev)
{
	struct auth_client *a = &b->client.conn.auth_client;
	struct wire_buf sig = {0};
	struct crypt_rng rng = crypt_rng_system();
	if (ev->type == AUTH_ASK_METHOD)
		auth_client_publickey_signed(a, wire_buf_view(&b->blob), &crypt_sig_ed25519);
	if (ev->type == AUTH_ASK_SIGN) {
		if (crypt_key_sign(&b->user_key, ev->sigalg, ev->data, &rng, &sig) != 0)
			die("signing");
		auth_client_answer_sign(a, wire_buf_view(&sig));
		wire_buf_wipe(&sig);
	}
	if (ev->type == AUTH_EVENT_SUCCESS &&
	    chan_mux_open(&b->client.conn.mux, &b->client.ch,
	                  &(struct chan_open){.type = "session"}) != 0)
		die("opening a session");
}

static void on_server_auth(struct bench *b, const struct auth_server_event *ev)
{
	if (ev->type == AUTH_ASK_KEY || ev->type == AUTH_ASK_NONE)
		auth_server_answer(&b->server.conn.auth_server,
		                   ev->type == AUTH_ASK_KEY ? AUTH_ACCEPT : AUTH_REJECT);
}

static void on_chan(struct end *e, const struct chan_event *ev)
{
	if (ev->type == CHAN_ASK_OPEN && chan_mux_accept(&e->conn.mux, &e->ch, 0, 0) != 0)
		die("accepting a session");
	if (ev->type == CHAN_EVENT_OPENED)
		e->open = true;
	if (ev->type == CHAN_EVENT_DATA) {
		e->received += ev->data.len;
		chan_channel_consumed(ev->ch, ev->data.len);
	}
}

static void drain(struct bench *b, struct end *e)
{
	struct conn_event ev;
	while (conn_next(&e->conn, &ev)) {
		if (ev.layer == CONN_KEX && ev.kex.type == KEX_ASK_HOST_KEY)
			kex_answer_host_key(&e->conn.kex, true);
		else if (ev.layer == CONN_KEX && ev.kex.type == KEX_EVENT_ERROR)
			die(ssh_err_text(ev.kex.err));
		else if (ev.layer == CONN_AUTH_CLIENT)
			on_client_auth(b, &ev.auth_client);
		else if (ev.layer == CONN_AUTH_SERVER)
			on_server_auth(b, &ev.auth_server);
		else if (ev.layer == CONN_CHAN)
			on_chan(e, &ev.chan);
	}
}

/* One copy stands for the kernel's: from one end's out into the other's room. */
static bool carry(struct bench *b, struct end *from, struct end *to)
{
	size_t room;
	drain(b, from);
	ssh_bytes out = conn_out(&from->conn);
	uint8_t *p = out.len == 0 ? NULL : kex_recv_space(&to->conn.kex, &room);
	if (p == NULL)
		return false;
	size_t n = out.len < room ? out.len : room;
	memcpy(p, out.ptr, n);
	if (kex_recv_done(&to->conn.kex, n) != 0)
		die("receiving");
	kex_sent(&from->conn.kex, n);
	drain(b, to);
	return true;
}

static void run(struct bench *b)
{
	bool more = true;
	while (more) {
		more = carry(b, &b->client, &b->server);
		more = carry(b, &b->server, &b->client) || more;
	}
}

/* --- Life --- */

static void start(struct bench *b)
{
	struct conn_config c = {.auth_client = {.user = wire_bytes_str("bench")}};
	struct conn_config s = {.auth_server = {.methods = AUTH_PUBLICKEY}};
	kex_config_init(&c.kex, false);
	kex_config_init(&s.kex, true);
	chan_config_init(&c.chan, false, (struct chan_sink){0});
	chan_config_init(&s.chan, true, (struct chan_sink){0});
	s.kex.host_keys = b->host_keys;
	if (b->ciphers[0] != NULL)
		c.kex.ciphers[KEX_CS] = c.kex.ciphers[KEX_SC] = b->ciphers;
	b->client = (struct end){0};
	b->server = (struct end){0};
	if (conn_init(&b->client.conn, &c, 0) != 0 || conn_init(&b->server.conn, &s, 0) != 0)
		die("starting");
	run(b);
	if (!b->client.open)
		die("logging in");
}

static void stop(struct bench *b)
{
	conn_wipe(&b->client.conn);
	conn_wipe(&b->server.conn);
}

static double transfer(struct bench *b)
{
	static uint8_t data[CHUNK];
	enum ssh_err e;
	size_t sent = 0;
	double begin = now();
	while (b->server.received < TRANSFER) {
		size_t left = TRANSFER - sent;
		sent += chan_channel_send(&b->client.ch,
		                          wire_bytes(data, left < CHUNK ? left : CHUNK), &e);
		if (e != 0)
			die("sending");
		run(b);
	}
	return (double)TRANSFER / 1e6 / (now() - begin);
}

static void bench_transfers(struct bench *b)
{
	printf("\nin-memory connection pair, one channel, both ends in one thread\n");
	for (size_t i = 0; crypt_ciphers[i] != NULL; i++) {
		b->ciphers[0] = crypt_ciphers[i];
		start(b);
		printf("  %-32s %8.0f MB/s\n", crypt_ciphers[i]->name, transfer(b));
		stop(b);
	}
	b->ciphers[0] = NULL;
}

static void bench_logins(struct bench *b)
{
	const char *agree = "";
	double begin = now();
	for (int i = 0; i < LOGINS; i++) {
		start(b);
		agree = b->client.conn.kex.algs.agree->name;
		stop(b);
	}
	printf("\nlogins (%s, Ed25519 host and user key, session opened): %.0f a second\n", agree,
	       LOGINS / (now() - begin));
}

static void bench_idle(struct bench *b)
{
	alloc_start();
	start(b);
	/* The user's keys and the like are the caller's; the two ends share what is alive alike. */
	size_t heap = alloc_live_bytes() / 2;
	size_t peak = alloc_peak_bytes() / 2;
	alloc_stop();
	stop(b);
	printf(
	    "\nidle authenticated connection with a session: %zu bytes (struct conn %zu, heap %zu), "
	    "%s %d; peak heap during login %zu\n",
	    sizeof(struct conn) + heap, sizeof(struct conn), heap,
	    sizeof(struct conn) + heap < IDLE_GOAL ? "under" : "OVER", IDLE_GOAL, peak);
}

int main(void)
{
	static struct bench b;
	struct crypt_rng rng = crypt_rng_system();
	if (crypt_key_generate(&b.host_key, &crypt_key_ed25519, 0, &rng) != 0 ||
	    crypt_key_generate(&b.user_key, &crypt_key_ed25519, 0, &rng) != 0)
		die("making keys");
	crypt_key_put_public(&b.user_key, &b.blob);
	b.host_keys[0] = &b.host_key;
	bench_transfers(&b);
	bench_logins(&b);
	bench_idle(&b);
	crypt_key_wipe(&b.host_key);
	crypt_key_wipe(&b.user_key);
	wire_buf_wipe(&b.blob);
	return 0;
}
