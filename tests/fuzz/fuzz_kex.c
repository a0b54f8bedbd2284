/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/relay.h"
#include "tests/support/pair.h"

/*
 * A client and a server of the transport with the cryptography on, and somebody between them. Two
 * bytes choose the algorithms, then a script: a byte is a side (its lowest bit) and what happens:
 * an edit of the side's next unit (relay.h), or an act of the side itself. One of these changes
 * the side's next packet before it is protected, so that the other side believes it.
 *
 * With strict key exchange a client that comes to keys has seen what the server said, and the
 * server what the client said, to the byte. Under a cipher with a tag that stays true. An engine
 * that is dead stays dead.
 */

enum act {
	ACT_ALL = RELAY_EDITS, /* everything travels until nothing moves */
	ACT_SEND,              /* a payload: number (1), length (1) */
	ACT_REKEY,
	ACT_TICK,       /* seconds (2) */
	ACT_SEND_RAW,   /* a payload behind its length of one byte */
	ACT_DISCONNECT, /* reason (1) */
	ACT_EDIT, /* of the next packet: from an offset (2) on, bytes to xor with, behind their length */
	ACTS
};

struct end {
	struct pair_side *side;
	struct relay relay;  /* of what it says */
	struct wire_buf in;  /* payloads that it took, string after string */
	struct wire_buf out; /* payloads that it said */
	size_t first_in;     /* bytes of `in` until it was sure: see is_sure */
	size_t last_in;      /* bytes of `in` before the last one, of which it may have died */
	bool told;           /* it said NEWKEYS */
};

struct duel {
	struct pair p;
	struct end client, server;
	bool strict;
	bool sealed; /* the cipher has a tag */
};

/* The first exchange is over: for a server when its last word is said, for a client when it has keys. */
static bool is_sure(const struct end *e)
{
	return e->side->config.server ? e->told : e->side->events[KEX_EVENT_KEYS] > 0;
}

static void watch(void *ctx, const struct kex_trace *t)
{
	struct end *e = ctx;
	bool first = !is_sure(e);
	if (t->type != KEX_TRACE_PACKET)
		return;
	e->last_in = t->out ? e->last_in : wire_buf_len(&e->in);
	wire_put_string(t->out ? &e->out : &e->in, t->payload);
	if (t->out && t->payload.len > 0 && t->payload.ptr[0] == SSH_MSG_NEWKEYS)
		e->told = true;
	if (!t->out && first)
		e->first_in = wire_buf_len(&e->in);
}

/* --- What must hold --- */

/* Are the first `n` bytes of what was heard what was said? */
static bool heard(const struct wire_buf *said, const struct wire_buf *in, size_t n)
{
	return n <= wire_buf_len(said) && wire_bytes_equal(wire_bytes(wire_buf_view(said).ptr, n),
	                                                   wire_bytes(wire_buf_view(in).ptr, n));
}

static size_t believed(const struct end *e)
{
	return e->side->kex.state == KEX_DEAD ? e->last_in : wire_buf_len(&e->in);
}

static void check_views(struct duel *d)
{
	struct end *c = &d->client, *s = &d->server;
	if (!d->strict || !is_sure(c))
		return;
	FUZZ_MUST(s->told && heard(&c->out, &s->in, s->first_in));
	FUZZ_MUST(heard(&s->out, &c->in, c->first_in));
	if (d->sealed) {
		FUZZ_MUST(heard(&s->out, &c->in, believed(c)));
		FUZZ_MUST(heard(&c->out, &s->in, believed(s)));
	}
}

static void check_dead(struct pair_side *s)
{
	struct kex_event ev;
	size_t used;
	if (s->kex.state != KEX_DEAD)
		return;
	FUZZ_MUST(!kex_next(&s->kex, &ev));
	FUZZ_MUST(kex_recv(&s->kex, wire_bytes_str("SSH-2.0-x\r\n"), &used) != 0);
	FUZZ_MUST(kex_send(&s->kex, wire_bytes_str("\x50")) != 0);
	FUZZ_MUST(!kex_next(&s->kex, &ev) && s->kex.state == KEX_DEAD);
	FUZZ_MUST(s->events[KEX_EVENT_ERROR] + s->events[KEX_EVENT_DISCONNECT] <= 1);
}

/* --- What happens --- */

/* Hand the relay's output over; what a dead engine does not take is lost. */
static void deliver(struct duel *d, struct end *to, struct relay *r)
{
	while (wire_buf_len(&r->out) > 0) {
		size_t used = 0;
		ssh_bytes out = wire_buf_view(&r->out);
		bool dead = kex_recv(&to->side->kex, out, &used) != 0;
		wire_buf_drop(&r->out, dead ? out.len : used);
		pair_drain(to->side);
		if (!dead && used == 0)
			return;
	}
	check_views(d);
}

static bool carry(struct duel *d, struct end *from, enum relay_edit how, ssh_bytes *script)
{
	struct end *to = from == &d->client ? &d->server : &d->client;
	size_t n = relay_unit(&from->relay, kex_out(&from->side->kex), how, script);
	kex_sent(&from->side->kex, n);
	deliver(d, to, &from->relay);
	return n > 0;
}

static void carry_all(struct duel *d)
{
	bool moved = true;
	for (unsigned i = 0; moved && i < 200; i++) {
		moved = carry(d, &d->client, RELAY_PASS, NULL);
		moved = carry(d, &d->server, RELAY_PASS, NULL) || moved;
	}
}

static void send(struct pair_side *s, ssh_bytes *script)
{
	uint8_t room[256] = {0};
	size_t len;
	room[0] = fuzz_u8(script);
	len = (size_t)fuzz_u8(script) + 1;
	room[0] = room[0] < SSH_MSG_GLOBAL_REQUEST ? SSH_MSG_GLOBAL_REQUEST : room[0];
	(void)kex_send(&s->kex, wire_bytes(room, len));
}

/* --- A cipher that changes what it encrypts; a side has its own for what it sends --- */

static struct edit {
	size_t at;
	ssh_bytes bits;
} edits[2];

/* Of an etm MAC's packet all but the length comes by: padding_length first. */
static void encrypt(struct edit *e, void *state, size_t n, uint8_t *bytes)
{
	for (size_t i = 0; i < e->bits.len && i < n; i++)
		bytes[(e->at + i) % n] ^= e->bits.ptr[i];
	*e = (struct edit){0};
	crypt_aes128_ctr.crypt(state, n, bytes);
}

static void encrypt_client(void *state, size_t n, uint8_t *bytes)
{
	encrypt(&edits[0], state, n, bytes);
}

static void encrypt_server(void *state, size_t n, uint8_t *bytes)
{
	encrypt(&edits[1], state, n, bytes);
}

static struct crypt_cipher editing[2];
static const struct crypt_cipher *const editing_client[] = {&editing[0], NULL};
static const struct crypt_cipher *const editing_server[] = {&editing[1], NULL};
static const struct crypt_cipher *const plain_ctr[] = {&crypt_aes128_ctr, NULL};

static void choose_editing(struct kex_config *c)
{
	editing[0] = editing[1] = crypt_aes128_ctr;
	editing[0].crypt = encrypt_client;
	editing[1].crypt = encrypt_server;
	c->ciphers[KEX_CS] = c->server ? plain_ctr : editing_client;
	c->ciphers[KEX_SC] = c->server ? editing_server : plain_ctr;
}

/* What is changed is no longer what was said: only the rules of engines must hold then. */
static void edit(struct duel *d, const struct pair_side *s, ssh_bytes *script)
{
	struct edit *e = &edits[s->config.server];
	e->at = fuzz_u16(script);
	e->bits = fuzz_short(script);
	d->strict = false;
}

static void act(struct duel *d, struct end *e, enum act what, ssh_bytes *script)
{
	struct pair_side *s = e->side;
	if (what == ACT_EDIT)
		edit(d, s, script);
	if (what == ACT_ALL)
		carry_all(d);
	if (what == ACT_SEND)
		send(s, script);
	if (what == ACT_REKEY)
		(void)kex_rekey(&s->kex);
	if (what == ACT_TICK) {
		d->p.now_ms += (uint64_t)fuzz_u16(script) * 1000;
		kex_tick(&s->kex, d->p.now_ms);
	}
	if (what == ACT_SEND_RAW) {
		/* What no honest end says in the first exchange, nobody misses. */
		d->strict = d->strict && e->told;
		(void)kex_send_raw(&s->kex, fuzz_short(script));
	}
	if (what == ACT_DISCONNECT)
		kex_disconnect(&s->kex, fuzz_u8(script), "enough");
	pair_drain(s);
}

static void play(struct duel *d, ssh_bytes *script)
{
	for (unsigned n = 0; script->len > 0 && n < 100; n++) {
		uint8_t op = fuzz_u8(script);
		struct end *e = op % 2 == 0 ? &d->client : &d->server;
		unsigned what = op / 2 % ACTS;
		if (what < RELAY_EDITS)
			(void)carry(d, e, (enum relay_edit)what, script);
		else
			act(d, e, (enum act)what, script);
		check_dead(d->client.side);
		check_dead(d->server.side);
	}
	carry_all(d);
	check_dead(d->client.side);
	check_dead(d->server.side);
}

/* --- Who they are --- */

static const struct kex_agree *const agrees[][2] = {
    {&pair_agree},        {&pair_agree}, {&kex_curve25519_sha256},     {&pair_agree},
    {&kex_ecdh_nistp256}, {&pair_agree}, {&kex_mlkem768x25519_sha256}, {&kex_dh_gex_sha256},
};

static const struct crypt_cipher *const ciphers[][2] = {
    {&crypt_insecure_none},     {&crypt_aes128_gcm}, {&crypt_insecure_none},
    {&crypt_chacha20_poly1305}, {&crypt_aes128_ctr}, {&crypt_insecure_aes128_cbc},
};

static const struct crypt_mac *const macs[][2] = {
    {&crypt_hmac_sha2_256_etm},
    {&crypt_umac_64},
};
static const struct crypt_mac *const no_macs[] = {&crypt_insecure_mac_none, NULL};

static const struct crypt_sigalg *const real_sigs[] = {&crypt_sig_ed25519, NULL};

/* Made once. */
static const struct crypt_key *real_key(void)
{
	static struct crypt_key key;
	struct crypt_drbg drbg;
	if (key.alg == NULL) {
		crypt_drbg_init(&drbg, wire_bytes_str("host"));
		struct crypt_rng rng = crypt_drbg_rng(&drbg);
		FUZZ_MUST(crypt_key_generate(&key, &crypt_key_ed25519, 0, &rng) == 0);
	}
	return &key;
}

static void choose(struct duel *d, struct pair_side *s, uint8_t algs, uint8_t flags)
{
	size_t c = algs / 8 % (sizeof ciphers / sizeof ciphers[0]);
	d->sealed = ciphers[c][0] != &crypt_insecure_none;
	s->config.agrees = agrees[algs % 8];
	s->config.ciphers[KEX_CS] = s->config.ciphers[KEX_SC] = ciphers[c];
	s->config.macs[KEX_CS] = s->config.macs[KEX_SC] = d->sealed ? macs[flags & 1] : no_macs;
	s->config.rekey_packets = (flags & 2) != 0 ? 5 : 0;
	if ((flags & 32) != 0) {
		d->sealed = true;
		choose_editing(&s->config);
		s->config.macs[KEX_CS] = s->config.macs[KEX_SC] = macs[0];
	}
	if ((flags & (s->config.server ? 4 : 8)) != 0)
		s->config.strict = KEX_STRICT_OFF;
	if ((flags & 16) != 0) {
		s->config.host_sigs = real_sigs;
		d->p.server.keys[0] = real_key();
	}
}

static void prepare(struct duel *d, struct end *e, struct pair_side *s)
{
	e->side = s;
	e->relay.goes_opaque = d->sealed;
	s->config.trace = watch;
	s->config.trace_ctx = e;
	s->forget = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct duel d; /* zero but for this */
	ssh_bytes script = wire_bytes(data, size);
	uint8_t algs = fuzz_u8(&script), flags = fuzz_u8(&script);
	memset(&d, 0, sizeof d);
	memset(edits, 0, sizeof edits);
	pair_init(&d.p, PAIR_WHOLE);
	choose(&d, &d.p.client, algs, flags);
	choose(&d, &d.p.server, algs, flags);
	d.strict = (flags & (4 | 8)) == 0;
	prepare(&d, &d.client, &d.p.client);
	prepare(&d, &d.server, &d.p.server);
	FUZZ_MUST(pair_start(&d.p) == 0);
	play(&d, &script);
	pair_wipe(&d.p);
	relay_wipe(&d.client.relay);
	relay_wipe(&d.server.relay);
	wire_buf_wipe(&d.client.in);
	wire_buf_wipe(&d.client.out);
	wire_buf_wipe(&d.server.in);
	wire_buf_wipe(&d.server.out);
	return 0;
}

/* --- Seeds --- */

static void op(struct wire_buf *b, unsigned side, unsigned what)
{
	wire_put_u8(b, (uint8_t)(what * 2 + side));
}

static struct wire_buf begin(unsigned algs, unsigned flags)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, (uint8_t)algs);
	wire_put_u8(&b, (uint8_t)flags);
	return b;
}

static void seed_quiet(unsigned algs, unsigned flags)
{
	struct wire_buf b = begin(algs, flags);
	for (unsigned side = 0; side < 2; side++) {
		op(&b, 0, ACT_ALL);
		op(&b, side, ACT_SEND);
		wire_put_raw(&b, wire_bytes_str("\x5e\x20"));
		op(&b, side, ACT_REKEY);
	}
	op(&b, 0, ACT_TICK);
	wire_put_raw(&b, wire_bytes_str("\x10\x10"));
	fuzz_seed_buf(&b);
}

/* The unit number `at` of each side under one edit. */
static void seed_edit(unsigned algs, unsigned at, unsigned side, enum relay_edit how)
{
	static const uint8_t arguments[] = {0, 8, 2, 0, 0, 0, 0, 'x', 0, 0};
	struct wire_buf b = begin(algs, 0);
	for (unsigned i = 0; i < at; i++) {
		op(&b, 0, RELAY_PASS);
		op(&b, 1, RELAY_PASS);
	}
	op(&b, side, how);
	if (how >= RELAY_FLIP)
		wire_put_raw(&b, wire_bytes(arguments, sizeof arguments));
	fuzz_seed_buf(&b);
}

/* A changed packet of the upper layers, and changed ones of an exchange under keys. */
static void seed_edited(unsigned side, unsigned at, const char *bits)
{
	struct wire_buf b = begin(side * 3, 32 + at % 2 * 16);
	op(&b, 0, ACT_ALL);
	for (unsigned what = 0; what < 2; what++) {
		op(&b, side, ACT_EDIT);
		wire_put_u8(&b, 0);
		wire_put_u8(&b, (uint8_t)at);
		wire_put_u8(&b, (uint8_t)strlen(bits));
		wire_put_raw(&b, wire_bytes_str(bits));
		op(&b, what == 0 ? side : 1 - side, what == 0 ? ACT_SEND : ACT_REKEY);
		if (what == 0)
			wire_put_raw(&b, wire_bytes_str("\x5e\x20"));
		op(&b, 0, ACT_ALL);
	}
	fuzz_seed_buf(&b);
}

void fuzz_seeds(void)
{
	for (unsigned i = 0; i < 24; i++)
		seed_edited(i % 2, i / 2 * 5, i % 3 == 0 ? "\x40" : "\x01\x02\x03\x04\x05");
	for (unsigned algs = 0; algs < 8; algs++)
		seed_quiet(algs + algs % 6 * 8, algs % 2 * 16 + algs % 3 * 4);
	for (unsigned how = 0; how < RELAY_EDITS; how++)
		for (unsigned at = 0; at < 6; at++)
			seed_edit(how % 2 * 8, at, (how + at) % 2, (enum relay_edit)how);
}
