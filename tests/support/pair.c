/* SPDX-License-Identifier: MIT */
#include "tests/support/pair.h"

/* --- The key type --- */

#define PUBLIC_SIZE 32

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	ssh_bytes v = wire_get_string(r);
	if (v.len != PUBLIC_SIZE)
		return SSH_ERR_KEY;
	memcpy(k->state, v.ptr, v.len);
	return SSH_OK;
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_string(out, wire_bytes(k->state, PUBLIC_SIZE));
}

static void digest(const struct crypt_key *k, ssh_bytes data, uint8_t *out)
{
	struct crypt_hash_ctx h;
	crypt_hash_init(&h, &crypt_sha256);
	crypt_hash_update(&h, wire_bytes(k->state, PUBLIC_SIZE));
	crypt_hash_update(&h, data);
	crypt_hash_final(&h, out);
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	uint8_t d[CRYPT_HASH_MAX];
	(void)alg;
	(void)rng;
	digest(k, data, d);
	wire_put_raw(out, wire_bytes(d, crypt_sha256.size));
	return wire_buf_end(out);
}

static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	uint8_t d[CRYPT_HASH_MAX];
	(void)alg;
	digest(k, data, d);
	return wire_bytes_equal(sig, wire_bytes(d, crypt_sha256.size)) ? SSH_OK : SSH_ERR_SIGNATURE;
}

static size_t bits(const struct crypt_key *k)
{
	(void)k;
	return 8 * (size_t)PUBLIC_SIZE;
}

static void wipe(struct crypt_key *k)
{
	(void)k;
}

static const struct crypt_sigalg *const sigs[] = {&pair_sigalg, NULL};
static const struct crypt_sigalg *const sigs_2[] = {&pair_sigalg_2, NULL};

#define FUNCTIONS                                                                                  \
	.get_public = get_public, .put_public = put_public, .sign = sign, .verify = verify,        \
	.bits = bits, .wipe = wipe

const struct crypt_keyalg pair_keyalg = {
    .name = "pair@test", .kind = "PAIR", .sigs = sigs, FUNCTIONS};
const struct crypt_keyalg pair_keyalg_2 = {
    .name = "pair-2@test", .kind = "PAIR", .sigs = sigs_2, FUNCTIONS};
const struct crypt_sigalg pair_sigalg = {.name = "pair@test", .key = &pair_keyalg};
const struct crypt_sigalg pair_sigalg_2 = {.name = "pair-2@test", .key = &pair_keyalg_2};
const struct crypt_sigalg *const pair_sigalgs[] = {&pair_sigalg, &pair_sigalg_2, NULL};

/* --- The agreement --- */

static enum ssh_err mix(ssh_bytes client, ssh_bytes server, struct wire_buf *k)
{
	uint8_t d[CRYPT_HASH_MAX];
	struct crypt_hash_ctx h;
	if (client.len != PUBLIC_SIZE || server.len != PUBLIC_SIZE)
		return SSH_ERR_KEX_VALUE;
	crypt_hash_init(&h, &crypt_sha256);
	crypt_hash_update(&h, client);
	crypt_hash_update(&h, server);
	crypt_hash_final(&h, d);
	wire_put_raw(k, wire_bytes(d, crypt_sha256.size));
	return wire_buf_end(k);
}

static enum ssh_err put_public_value(const struct crypt_rng *rng, struct wire_buf *pub,
                                     struct wire_buf *copy)
{
	uint8_t v[PUBLIC_SIZE];
	enum ssh_err e = crypt_rng_fill(rng, v, sizeof v);
	if (e != 0)
		return e;
	wire_put_raw(pub, wire_bytes(v, sizeof v));
	wire_put_raw(copy, wire_bytes(v, sizeof v));
	return wire_buf_end(pub) != 0 ? wire_buf_end(pub) : wire_buf_end(copy);
}

static enum ssh_err offer(const struct kex_agree *alg, struct kex_agree_run *run,
                          const struct crypt_rng *rng, struct wire_buf *pub)
{
	(void)alg;
	return put_public_value(rng, pub, &run->secret);
}

static enum ssh_err answer(const struct kex_agree *alg, struct kex_agree_run *run,
                           const struct crypt_rng *rng, struct kex_answer *io)
{
	(void)alg;
	enum ssh_err e = put_public_value(rng, io->pub, &run->secret);
	return e != 0 ? e : mix(io->in, wire_buf_view(&run->secret), io->k);
}

static enum ssh_err finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                           struct wire_buf *k)
{
	(void)alg;
	return mix(wire_buf_view(&run->secret), in, k);
}

const struct kex_agree pair_agree = {
    .name = "pair@test",
    .hash = &crypt_sha256,
    .messages = WIRE_KEX_ECDH,
    .offer = offer,
    .answer = answer,
    .finish = finish,
};
const struct kex_agree *const pair_agrees_fast[] = {&pair_agree, NULL};

void pair_key(struct crypt_key *k, const struct crypt_keyalg *alg, uint8_t n)
{
	*k = (struct crypt_key){.alg = alg, .has_private = true};
	for (size_t i = 0; i < PUBLIC_SIZE / sizeof k->state[0]; i++)
		k->state[i] = n;
}

ssh_bytes pair_payload(uint8_t *room, size_t len, uint8_t seed)
{
	room[0] = SSH_MSG_CHANNEL_DATA;
	for (size_t i = 1; i < len; i++)
		room[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	return wire_bytes(room, len);
}

/* --- The pair --- */

static void init_side(struct pair_side *s, bool server)
{
	*s = (struct pair_side){
	    .config =
	        {
	            .server = server,
	            .software = KEX_SOFTWARE,
	            .agrees = kex_agrees_legacy,
	            .host_sigs = pair_sigalgs,
	            .ciphers = {crypt_ciphers, crypt_ciphers},
	            .macs = {crypt_macs, crypt_macs},
	            .user_sigs = pair_sigalgs,
	            .host_keys = s->keys,
	            .rng = crypt_drbg_rng(&s->drbg),
	            .rsa_min_bits = CRYPT_RSA_BITS_DEFAULT,
	            .exchange_ms = KEX_EXCHANGE_MS,
	        },
	};
	crypt_drbg_init(&s->drbg, wire_bytes_str(server ? "server" : "client"));
	wire_buf_init(&s->got, (size_t)1 << 28);
	wire_buf_init(&s->said, (size_t)1 << 28);
}

void pair_init(struct pair *p, size_t chunk)
{
	init_side(&p->client, false);
	init_side(&p->server, true);
	p->chunk = chunk;
	p->now_ms = 0;
	pair_key(&p->host_key, &pair_keyalg, 1);
	p->server.keys[0] = &p->host_key;
}

enum ssh_err pair_start(struct pair *p)
{
	enum ssh_err e = kex_init(&p->client.kex, &p->client.config, p->now_ms);
	if (e == 0)
		e = kex_init(&p->server.kex, &p->server.config, p->now_ms);
	if (e != 0)
		kex_wipe(&p->client.kex);
	return e;
}

struct pair_side *pair_peer(struct pair *p, const struct pair_side *s)
{
	return s == &p->client ? &p->server : &p->client;
}

static void answer_sign(struct pair_side *s, const struct kex_event *ev)
{
	struct wire_buf sig = {0};
	struct crypt_key whole = *ev->key;
	whole.has_private = true;
	if (!s->refuse)
		(void)crypt_key_sign(&whole, ev->sig, ev->data, &s->config.rng, &sig);
	(void)kex_answer_sign(&s->kex, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
}

static void note(struct pair_side *s, const struct kex_event *ev)
{
	s->events[ev->type]++;
	s->last = *ev;
	if (ev->type == KEX_EVENT_ERROR)
		s->err = ev->err;
	if (ev->type == KEX_EVENT_DISCONNECT)
		s->reason = ev->reason;
	if (ev->type != KEX_EVENT_PAYLOAD)
		return;
	s->got_bytes += ev->payload.len;
	if (!s->forget)
		wire_put_string(&s->got, ev->payload);
}

void pair_drain(struct pair_side *s)
{
	struct kex_event ev;
	while (!s->hungry && kex_next(&s->kex, &ev)) {
		note(s, &ev);
		if (s->waiting)
			continue;
		if (ev.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&s->kex, !s->refuse);
		if (ev.type == KEX_ASK_SIGN)
			answer_sign(s, &ev);
	}
}

enum ssh_err pair_feed(struct pair *p, struct pair_side *s, ssh_bytes in)
{
	enum ssh_err e = SSH_OK;
	size_t used = 1;
	while (in.len > 0 && e == 0 && used > 0) {
		size_t n = p->chunk != PAIR_WHOLE && p->chunk < in.len ? p->chunk : in.len;
		e = kex_recv(&s->kex, wire_bytes(in.ptr, n), &used);
		in = wire_bytes_skip(in, used);
		pair_drain(s);
	}
	return e != 0 ? e : s->kex.err;
}

void pair_plain(struct wire_buf *out, ssh_bytes payload)
{
	size_t padding = 16 - (CRYPT_PACKET_HEAD + payload.len) % 8;
	wire_put_u32(out, (uint32_t)(1 + payload.len + padding));
	wire_put_u8(out, (uint8_t)padding);
	wire_put_raw(out, payload);
	for (size_t i = 0; i < padding; i++)
		wire_put_u8(out, 0);
}

bool pair_carry(struct pair *p, struct pair_side *from)
{
	struct pair_side *to = pair_peer(p, from);
	ssh_bytes out = kex_out(&from->kex);
	size_t n = p->chunk != PAIR_WHOLE && p->chunk < out.len ? p->chunk : out.len;
	size_t used = 0;
	if (from->mute || n == 0)
		return false;
	(void)kex_recv(&to->kex, wire_bytes(out.ptr, n), &used);
	if (to->kex.state == KEX_DEAD)
		used = n; /* nobody listens */
	if (from->record)
		wire_put_raw(&from->said, wire_bytes(out.ptr, used));
	kex_sent(&from->kex, used);
	pair_drain(to);
	return used > 0;
}

void pair_run(struct pair *p)
{
	bool moved = true;
	pair_drain(&p->client);
	pair_drain(&p->server);
	while (moved) {
		moved = pair_carry(p, &p->client);
		moved = pair_carry(p, &p->server) || moved;
	}
}

bool pair_is_open(const struct pair *p)
{
	return p->client.kex.state == KEX_OPEN && p->server.kex.state == KEX_OPEN;
}

void pair_wipe(struct pair *p)
{
	struct pair_side *sides[] = {&p->client, &p->server};
	for (size_t i = 0; i < 2; i++) {
		kex_wipe(&sides[i]->kex);
		wire_buf_wipe(&sides[i]->got);
		wire_buf_wipe(&sides[i]->said);
		crypt_drbg_wipe(&sides[i]->drbg);
	}
}
