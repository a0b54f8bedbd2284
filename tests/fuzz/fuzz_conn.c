/* SPDX-License-Identifier: MIT */
#include "libchan/chan.h"
#include "libchan/conn.h"
#include "tests/fuzz/login.h"
#include "tests/fuzz/relay.h"
#include "tests/support/pair.h"

/*
 * A client and a server with the whole stack, and somebody between them who may change what he likes:
 * there is no cipher. A byte is a side (its lowest bit) and what happens: an edit of the side's
 * next unit (relay.h), or something that the side's owner does with a channel (2 bits above).
 *
 * No channel moves and no server lets in before its owner has found a password right; nobody is sent
 * more than its window; a goodbye is the last event, and then no channel is left.
 */

#define CHANNELS 4
#define WINDOW   5000

enum act {
	ACT_ALL = RELAY_EDITS, /* everything travels until nothing moves */
	ACT_OPEN,
	ACT_SEND, /* so many bytes (2) */
	ACT_REQUEST,
	ACT_CONSUME, /* what it has got */
	ACT_EOF,
	ACT_CLOSE,
	ACT_GLOBAL,
	ACT_REKEY,
	ACTS
};

struct end {
	struct conn_config config;
	const struct crypt_key *keys[2];
	struct crypt_drbg drbg;
	struct conn conn;
	struct relay relay; /* of what it says */
	struct chan_channel ch[CHANNELS];
	size_t held[CHANNELS]; /* got, not consumed */
	bool granted;          /* server: the password was right */
	bool over;             /* the goodbye was told */
	uint8_t mood;          /* chooses among answers */
};

struct session {
	struct end client, server;
	struct crypt_key host_key;
};

static struct end *other(struct session *s, struct end *e)
{
	return e == &s->client ? &s->server : &s->client;
}

static size_t index_of(const struct end *e, const struct chan_channel *ch)
{
	FUZZ_MUST(ch >= e->ch && ch < e->ch + CHANNELS);
	return (size_t)(ch - e->ch);
}

static struct chan_channel *free_channel(struct end *e)
{
	for (size_t i = 0; i < CHANNELS; i++)
		if (e->ch[i].state == CHAN_FREE) {
			e->held[i] = 0;
			return &e->ch[i];
		}
	return NULL;
}

/* --- Answers --- */

static void on_open(struct end *e)
{
	struct chan_channel *ch = e->mood % 4 == 3 ? NULL : free_channel(e);
	if (ch == NULL || chan_mux_accept(&e->conn.mux, ch, WINDOW, 0) != 0)
		(void)chan_mux_refuse(&e->conn.mux, SSH_OPEN_RESOURCE_SHORTAGE, "no");
}

static void on_chan(struct end *e, const struct chan_event *ev)
{
	FUZZ_MUST(e->conn.authenticated);
	struct chan_request r;
	if (ev->type == CHAN_ASK_OPEN)
		on_open(e);
	if (ev->type == CHAN_ASK_REQUEST || ev->type == CHAN_EVENT_REQUEST)
		(void)chan_request_decode(&r, ev->name, ev->body);
	if (ev->type == CHAN_ASK_REQUEST || ev->type == CHAN_ASK_GLOBAL)
		(void)chan_mux_answer(&e->conn.mux, e->mood % 2 == 0);
	if (ev->type == CHAN_EVENT_DATA) {
		size_t i = index_of(e, ev->ch);
		e->held[i] += ev->data.len;
		FUZZ_MUST(e->held[i] <= WINDOW);
	}
}

static void on_auth(struct end *e, const struct conn_event *ev)
{
	if (ev->layer == CONN_AUTH_CLIENT) {
		if (ev->auth_client.type == AUTH_ASK_METHOD)
			(void)auth_client_password(&e->conn.auth_client,
			                           wire_bytes_str(LOGIN_PASSWORD));
		else if (ev->auth_client.type >= AUTH_ASK_METHOD)
			(void)auth_client_give_up(&e->conn.auth_client);
		return;
	}
	if (ev->auth_server.type == AUTH_ASK_PASSWORD) {
		bool right = wire_bytes_is(ev->auth_server.password, LOGIN_PASSWORD);
		e->granted = e->granted || right;
		(void)auth_server_answer(&e->conn.auth_server, right ? AUTH_ACCEPT : AUTH_REJECT);
	} else if (ev->auth_server.type >= AUTH_ASK_METHOD) {
		(void)auth_server_answer(&e->conn.auth_server, AUTH_REJECT);
	}
}

static void on_kex(struct end *e, const struct kex_event *ev)
{
	if (ev->type == KEX_ASK_HOST_KEY)
		(void)kex_answer_host_key(&e->conn.kex, true);
	if (ev->type == KEX_EVENT_ERROR || ev->type == KEX_EVENT_DISCONNECT)
		e->over = true;
}

static void drain(struct end *e)
{
	struct conn_event ev;
	while (conn_next(&e->conn, &ev)) {
		FUZZ_MUST(!e->over);
		if (ev.layer == CONN_KEX)
			on_kex(e, &ev.kex);
		else if (ev.layer == CONN_CHAN)
			on_chan(e, &ev.chan);
		else
			on_auth(e, &ev);
	}
	FUZZ_MUST(!e->config.kex.server || !e->conn.authenticated || e->granted);
	for (size_t i = 0; e->over && i < CHANNELS; i++)
		FUZZ_MUST(e->ch[i].state == CHAN_FREE);
}

/* --- What happens --- */

static void deliver(struct end *to, struct relay *r)
{
	while (wire_buf_len(&r->out) > 0) {
		size_t used = 0;
		ssh_bytes out = wire_buf_view(&r->out);
		bool dead = kex_recv(&to->conn.kex, out, &used) != 0;
		wire_buf_drop(&r->out, dead ? out.len : used);
		drain(to);
		if (!dead && used == 0)
			return;
	}
}

static bool carry(struct session *s, struct end *from, enum relay_edit how, ssh_bytes *script)
{
	size_t n = relay_unit(&from->relay, conn_out(&from->conn), how, script);
	kex_sent(&from->conn.kex, n);
	deliver(other(s, from), &from->relay);
	drain(from);
	return n > 0;
}

static void carry_all(struct session *s)
{
	bool moved = true;
	drain(&s->client);
	drain(&s->server);
	for (unsigned i = 0; moved && i < 300; i++) {
		moved = carry(s, &s->client, RELAY_PASS, NULL);
		moved = carry(s, &s->server, RELAY_PASS, NULL) || moved;
	}
}

static void open_one(struct end *e)
{
	struct chan_channel *ch = free_channel(e);
	struct chan_open open = {.type = e->mood % 3 == 0 ? "session" : "x", .window = WINDOW};
	if (ch != NULL && e->conn.authenticated)
		(void)chan_mux_open(&e->conn.mux, ch, &open);
}

static void use(struct end *e, struct chan_channel *ch, enum act what, ssh_bytes *script)
{
	static const uint8_t data[8192];
	enum ssh_err err;
	if (what == ACT_SEND)
		(void)chan_channel_send(ch, wire_bytes(data, fuzz_u16(script) % sizeof data), &err);
	if (what == ACT_REQUEST && e->mood % 2 == 0)
		(void)chan_request_exec(ch, wire_bytes_str("true"));
	else if (what == ACT_REQUEST)
		(void)chan_request_exit_status(ch, e->mood);
	if (what == ACT_CONSUME) {
		(void)chan_channel_consumed(ch, e->held[index_of(e, ch)]);
		e->held[index_of(e, ch)] = 0;
	}
	if (what == ACT_EOF)
		(void)chan_channel_eof(ch);
	if (what == ACT_CLOSE)
		(void)chan_channel_close(ch);
}

static void act(struct session *s, struct end *e, enum act what, ssh_bytes *script)
{
	ssh_bytes nothing = {0};
	if (what == ACT_ALL)
		carry_all(s);
	else if (what == ACT_OPEN)
		open_one(e);
	else if (what == ACT_GLOBAL && e->conn.authenticated)
		(void)chan_mux_global(&e->conn.mux, "x", e->mood % 2 == 0, nothing);
	else if (what == ACT_REKEY)
		(void)kex_rekey(&e->conn.kex);
	else if (e->ch[e->mood % CHANNELS].state != CHAN_FREE)
		use(e, &e->ch[e->mood % CHANNELS], what, script);
	drain(e);
}

static void play(struct session *s, ssh_bytes *script)
{
	for (unsigned n = 0; script->len > 0 && n < 100; n++) {
		uint8_t op = fuzz_u8(script);
		struct end *e = op % 2 == 0 ? &s->client : &s->server;
		unsigned what = op / 2 % ACTS;
		e->mood = fuzz_u8(script);
		if (what < RELAY_EDITS)
			(void)carry(s, e, (enum relay_edit)what, script);
		else
			act(s, e, (enum act)what, script);
	}
	carry_all(s);
}

/* --- Who they are --- */

static void start(struct end *e, bool server)
{
	static const struct crypt_cipher *const ciphers[] = {&crypt_insecure_none, NULL};
	static const struct crypt_mac *const macs[] = {&crypt_insecure_mac_none, NULL};
	struct kex_config *k = &e->config.kex;
	crypt_drbg_init(&e->drbg, wire_bytes_str(server ? "server" : "client"));
	*k = (struct kex_config){.server = server,
	                         .software = KEX_SOFTWARE,
	                         .agrees = pair_agrees_fast,
	                         .host_sigs = pair_sigalgs,
	                         .ciphers = {ciphers, ciphers},
	                         .macs = {macs, macs},
	                         .user_sigs = pair_sigalgs,
	                         .host_keys = e->keys,
	                         .rng = crypt_drbg_rng(&e->drbg)};
	e->config.auth_client.user = wire_bytes_str(LOGIN_USER);
	e->config.auth_server.methods = AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE;
	chan_config_init(&e->config.chan, server, (struct chan_sink){0});
	e->config.chan.refuse_globals = false;
	FUZZ_MUST(conn_init(&e->conn, &e->config, 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session s;
	ssh_bytes script = wire_bytes(data, size);
	memset(&s, 0, sizeof s);
	pair_key(&s.host_key, &pair_keyalg, 1);
	s.server.keys[0] = &s.host_key;
	start(&s.client, false);
	start(&s.server, true);
	play(&s, &script);
	conn_wipe(&s.client.conn);
	conn_wipe(&s.server.conn);
	relay_wipe(&s.client.relay);
	relay_wipe(&s.server.relay);
	return 0;
}

/* --- Seeds: log in, open, talk; then an edit of what is said next --- */

static void op(struct wire_buf *b, unsigned side, unsigned what, uint8_t mood)
{
	wire_put_u8(b, (uint8_t)(what * 2 + side));
	wire_put_u8(b, mood);
}

static void talk(struct wire_buf *b, unsigned side, uint8_t mood)
{
	op(b, side, ACT_SEND, mood);
	wire_put_raw(b, wire_bytes_str("\x0f\x0f"));
	op(b, side, ACT_REQUEST, mood);
	op(b, 1 - side, ACT_CONSUME, mood);
	op(b, side, ACT_GLOBAL, mood);
	op(b, side, ACT_EOF, mood);
}

static void seed(unsigned how, unsigned side, unsigned late)
{
	static const uint8_t arguments[] = {0, 9, 4, 0, 0, 0, 0, 'x', 0, 0};
	struct wire_buf b = {0};
	for (unsigned i = 0; i < late; i++) {
		op(&b, 0, RELAY_PASS, 0);
		op(&b, 1, RELAY_PASS, 0);
	}
	if (late == 0) {
		op(&b, 0, ACT_ALL, 0);
		op(&b, 0, ACT_OPEN, 0);
		op(&b, 0, ACT_ALL, 0);
		talk(&b, side, 0);
	}
	op(&b, side, how, 0);
	if (how >= RELAY_FLIP && how < RELAY_EDITS)
		wire_put_raw(&b, wire_bytes(arguments, sizeof arguments));
	op(&b, 1 - side, ACT_ALL, 0);
	op(&b, side, ACT_CLOSE, 0);
	fuzz_seed_buf(&b);
}

void fuzz_seeds(void)
{
	for (unsigned how = 0; how < ACTS; how++)
		for (unsigned late = 0; late < 10; late += 1 + late / 3)
			seed(how, (how + late) % 2, late);
}
