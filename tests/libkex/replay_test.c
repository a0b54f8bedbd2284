/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "libkex/persona.h"
#include "libkex/research.h"
#include "tests/support/golden.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>

/*
 * Recorded sessions played again. The engine takes the place of the side whose secrets are known:
 * it looks like that one, draws what that one drew, and gets what the other side sent. Then it has
 * to say what was said, byte for byte.
 */

struct replay {
	const struct golden *g;
	size_t chunk;
	bool client; /* our side */
	struct kex kex;
	struct kex_agree agree; /* the one agreed upon; of DH with the recorded exponent */
	struct crypt_key host;
	struct wire_buf drawn;    /* secrets that are still to be drawn */
	struct wire_buf padding;  /* of the next packet */
	struct wire_buf said;     /* every byte of ours */
	struct wire_buf seen[2];  /* payloads by the trace hook, in, out: string after string */
	struct wire_buf wants[2]; /* what it has to be */
	size_t signatures;
};

/* The descriptor of an agreement has no room for what a test knows. */
static struct replay *current;

static struct wire_buf hex(const struct replay *r, const char *key, size_t n)
{
	struct wire_buf b = {0};
	golden_hex(r->g, key, n, &b);
	return b;
}

static void put_hex(struct wire_buf *out, const struct replay *r, const char *key)
{
	golden_hex(r->g, key, 0, out);
}

static void put_hex_string(struct wire_buf *out, const struct replay *r, const char *key)
{
	struct wire_buf b = hex(r, key, 0);
	wire_put_string(out, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

static const char *text(const struct replay *r, const char *key)
{
	return golden_text(r->g, key);
}

/* A field of one direction: "key_cs" is the client's. */
static const char *of(bool client, const char *key)
{
	static char names[8][32];
	static unsigned turn;
	char *name = names[turn++ % 8];
	snprintf(name, sizeof names[0], "%s_%s", key, client ? "cs" : "sc");
	return name;
}

/* --- Chance --- */

/* Secrets in their order; padding where the engine fills its pool, which it takes from the end. */
static enum ssh_err draw(void *ctx, uint8_t *out, size_t n)
{
	struct replay *r = ctx;
	ssh_bytes padding = wire_buf_view(&r->padding);
	memset(out, 0, n);
	if (n == sizeof r->kex.out.pool) {
		memcpy(out + n - padding.len, padding.ptr == NULL ? out : padding.ptr, padding.len);
	} else if (wire_buf_len(&r->drawn) >= n) {
		memcpy(out, wire_buf_view(&r->drawn).ptr, n);
		wire_buf_drop(&r->drawn, n);
	}
	return SSH_OK;
}

static enum ssh_err offer_recorded(const struct kex_agree *alg, struct kex_agree_run *run,
                                   const struct crypt_rng *rng, struct wire_buf *pub)
{
	(void)alg;
	(void)rng;
	wire_buf_reset(&run->secret);
	put_hex(&run->secret, current, "dh_priv");
	struct wire_buf value = hex(current, current->client ? "e" : "f", 0);
	ssh_bytes v = wire_buf_view(&value);
	wire_put_raw(pub, wire_bytes_skip(v, v.ptr[0] == 0 ? 1 : 0));
	wire_buf_wipe(&value);
	return SSH_OK;
}

static enum ssh_err answer_recorded(const struct kex_agree *alg, struct kex_agree_run *run,
                                    const struct crypt_rng *rng, struct kex_answer *io)
{
	enum ssh_err e = offer_recorded(alg, run, rng, io->pub);
	return e != 0 ? e : alg->finish(alg, run, io->in, io->k);
}

/* --- What was said --- */

static bool is_dh(const struct replay *r)
{
	return golden_count(r->g, "e") != 0;
}

static void want(struct replay *r, bool ours, struct wire_buf *payload)
{
	wire_put_string(&r->wants[ours ? 1 : 0], wire_buf_view(payload));
	wire_buf_wipe(payload);
}

static void want_exchange(struct replay *r)
{
	bool gex = r->agree.messages == WIRE_KEX_GEX;
	struct wire_buf b = {0};
	put_hex(&b, r, "I_C");
	want(r, r->client, &b);
	put_hex(&b, r, "I_S");
	want(r, !r->client, &b);
	if (gex) {
		wire_put_u8(&b, SSH_MSG_KEX_DH_GEX_REQUEST);
		put_hex(&b, r, "gex_request");
		want(r, r->client, &b);
		wire_put_u8(&b, SSH_MSG_KEX_DH_GEX_GROUP);
		put_hex_string(&b, r, "p");
		put_hex_string(&b, r, "g");
		want(r, !r->client, &b);
	}
	wire_put_u8(&b, gex ? SSH_MSG_KEX_DH_GEX_INIT : SSH_MSG_KEXDH_INIT);
	put_hex_string(&b, r, is_dh(r) ? "e" : "client_pub");
	want(r, r->client, &b);
	wire_put_u8(&b, gex ? SSH_MSG_KEX_DH_GEX_REPLY : SSH_MSG_KEXDH_REPLY);
	put_hex_string(&b, r, "K_S");
	put_hex_string(&b, r, is_dh(r) ? "f" : "server_pub");
	put_hex_string(&b, r, "signature");
	want(r, !r->client, &b);
	for (int ours = 0; ours < 2; ours++) {
		wire_put_u8(&b, SSH_MSG_NEWKEYS);
		want(r, ours == 1, &b);
	}
}

static void see(void *ctx, const struct kex_trace *t)
{
	struct replay *r = ctx;
	if (t->type == KEX_TRACE_PACKET)
		wire_put_string(&r->seen[t->out ? 1 : 0], t->payload);
}

/* --- Bytes --- */

static void drain(struct replay *r)
{
	struct kex_event ev;
	while (kex_next(&r->kex, &ev)) {
		if (ev.type == KEX_ASK_HOST_KEY) {
			cr_assert_eq(kex_answer_host_key(&r->kex, true), SSH_OK);
		} else if (ev.type == KEX_ASK_SIGN) {
			struct wire_buf b = hex(r, "signature", 0);
			cr_assert_eq(kex_answer_sign(&r->kex, wire_buf_view(&b)), SSH_OK);
			wire_buf_wipe(&b);
			r->signatures++;
		}
	}
	wire_put_raw(&r->said, kex_out(&r->kex));
	kex_sent(&r->kex, kex_out(&r->kex).len);
}

static void feed(struct replay *r, ssh_bytes in)
{
	while (in.len > 0 && r->kex.state != KEX_DEAD) {
		size_t n = r->chunk == 0 || r->chunk > in.len ? in.len : r->chunk, used;
		(void)kex_recv(&r->kex, wire_bytes(in.ptr, n), &used);
		drain(r);
		in = wire_bytes_skip(in, used);
	}
}

/* The other side's line and its packets in the clear. */
static void feed_exchange(struct replay *r)
{
	struct wire_buf b = {0};
	struct wire_reader all;
	wire_put_raw(&b, wire_bytes_str(text(r, r->client ? "V_S" : "V_C")));
	wire_put_raw(&b, wire_bytes_str("\r\n"));
	wire_reader_init(&all, wire_buf_view(&r->wants[0]));
	while (all.left > 0)
		pair_plain(&b, wire_get_string(&all));
	feed(r, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

/* --- Under keys --- */

static const struct crypt_cipher *cipher_named(const char *name)
{
	const struct crypt_cipher *const *c = crypt_ciphers_legacy;
	while (*c != NULL && strcmp((*c)->name, name) != 0)
		c++;
	cr_assert_not_null(*c, "%s", name);
	return *c;
}

static const struct crypt_mac *mac_named(const char *name)
{
	const struct crypt_mac *const *m = crypt_macs_legacy;
	while (*m != NULL && name != NULL && strcmp((*m)->name, name) != 0)
		m++;
	cr_assert_not_null(*m, "%s", name);
	return *m;
}

/* Open our own recorded packets, to learn how they were padded. */
static void opener(struct replay *r, struct crypt_packet *p)
{
	struct wire_buf key = hex(r, of(r->client, "key"), 0), iv = hex(r, of(r->client, "IV"), 0);
	struct wire_buf mac = hex(r, of(r->client, "mackey"), 0);
	struct crypt_packet_keys keys = {
	    .cipher = cipher_named(text(r, of(r->client, "cipher"))),
	    .mac = mac_named(text(r, of(r->client, "mac"))),
	    .key = wire_buf_view(&key).ptr,
	    .iv = wire_buf_view(&iv).ptr,
	    .mac_key = wire_buf_view(&mac).ptr,
	};
	cr_assert_eq(crypt_packet_init(p, &keys, false), SSH_OK);
	wire_buf_wipe(&key);
	wire_buf_wipe(&iv);
	wire_buf_wipe(&mac);
}

/* Take the padding off the next packet of the stream. */
static void learn_padding(struct replay *r, struct crypt_packet *p, uint32_t seq,
                          struct wire_buf *stream)
{
	static uint8_t packet[70000];
	ssh_bytes s = wire_buf_view(stream);
	cr_assert(s.len > p->head && s.len <= sizeof packet, "%s", r->g->name);
	memcpy(packet, s.ptr, s.len);
	size_t len = crypt_packet_length(p, seq, packet) + (size_t)4;
	cr_assert_leq(len + p->tag, s.len, "%s", r->g->name);
	cr_assert_eq(crypt_packet_open(p, seq, packet, len), SSH_OK, "%s", r->g->name);
	wire_buf_reset(&r->padding);
	wire_put_raw(&r->padding, wire_bytes(packet + len - packet[4], packet[4]));
	wire_buf_drop(stream, len + p->tag);
}

/* Under chacha20-poly1305 Go's shortest packets are of 12 bytes; ours are of 16, as the RFC has it. */
static void say_with_padding(struct replay *r, size_t payload)
{
	size_t n = wire_buf_len(&r->padding);
	r->kex.out.pool_left = 0;
	if (n != crypt_packet_padding(&r->kex.out.packet, payload)) {
		cr_assert(n < 16 - payload && payload == 1, "%s", r->g->name);
		kex_forge_next(&r->kex,
		               &(struct kex_forge){.what = KEX_FORGE_PADDING, .padding = n});
	}
}

static void speak(struct replay *r)
{
	const char *plain = of(r->client, "plain");
	struct wire_buf stream = hex(r, of(r->client, "cipher_stream"), 0), rest = {0};
	struct crypt_packet p = {0};
	wire_put_raw(&rest, wire_buf_view(&stream));
	opener(r, &p);
	wire_buf_reset(&r->said);
	for (size_t i = 0; i < golden_count(r->g, plain); i++) {
		struct wire_buf b = hex(r, plain, i);
		learn_padding(r, &p, r->kex.out.seq, &rest);
		say_with_padding(r, wire_buf_len(&b));
		cr_assert_eq(kex_send_raw(&r->kex, wire_buf_view(&b)), SSH_OK);
		want(r, true, &b);
		drain(r);
	}
	cr_expect(wire_bytes_equal(wire_buf_view(&r->said), wire_buf_view(&stream)),
	          "%s: other bytes than those of the recording", r->g->name);
	cr_expect_eq(wire_buf_len(&rest), 0, "%s", r->g->name);
	crypt_packet_wipe(&p);
	wire_buf_wipe(&stream);
	wire_buf_wipe(&rest);
}

static void hear(struct replay *r)
{
	const char *plain = of(!r->client, "plain");
	struct wire_buf stream = hex(r, of(!r->client, "cipher_stream"), 0);
	for (size_t i = 0; i < golden_count(r->g, plain); i++) {
		struct wire_buf b = hex(r, plain, i);
		want(r, false, &b);
	}
	feed(r, wire_buf_view(&stream));
	wire_buf_wipe(&stream);
}

/* --- A session --- */

/* Its looks are those of its KEXINIT; the lists become strings that live as long as `kept`. */
static void dress(struct replay *r, struct kex_persona *p, struct ssh_kexinit *m, char *kept)
{
	const ssh_bytes lists[KEX_LISTS] = {m->kex,    m->hostkey, m->cipher_cs, m->cipher_sc,
	                                    m->mac_cs, m->mac_sc,  m->comp_cs,   m->comp_sc};
	*p = (struct kex_persona){.ident = text(r, r->client ? "V_C" : "V_S"),
	                          .reserved = m->reserved,
	                          .first_follows = m->first_follows,
	                          .no_ext_info = true};
	for (size_t i = 0; i < KEX_LISTS; i++) {
		memcpy(kept, lists[i].ptr, lists[i].len);
		kept[lists[i].len] = '\0';
		p->lists[i] = kept;
		kept += lists[i].len + 1;
	}
}

static void choose(struct replay *r)
{
	const struct kex_agree *alg =
	    kex_agree_find(kex_agrees_legacy, wire_bytes_str(text(r, "kex")));
	cr_assert_not_null(alg, "%s", r->g->name);
	r->agree = *alg;
	struct wire_buf init = hex(r, r->client ? "I_C" : "I_S", 0);
	wire_put_raw(&r->drawn, wire_bytes(wire_buf_view(&init).ptr + 1, 16)); /* the cookie */
	wire_buf_wipe(&init);
	if (is_dh(r)) {
		r->agree.offer = offer_recorded;
		r->agree.answer = answer_recorded;
		return;
	}
	if (golden_count(r->g, "mlkem_seed_d_z") != 0)
		put_hex(&r->drawn, r, "mlkem_seed_d_z");
	put_hex(&r->drawn, r, "x25519_priv");
}

static void begin(struct replay *r, struct kex_config *c)
{
	struct wire_buf k_s = hex(r, "K_S", 0);
	kex_config_init(c, !r->client);
	c->rng = (struct crypt_rng){draw, r};
	c->host_sigs = crypt_sigalgs_legacy;
	c->strict = strcmp(text(r, "strict_kex"), "true") == 0 ? KEX_STRICT_OFFER : KEX_STRICT_OFF;
	c->gex = (struct kex_gex_policy){2048, 2048, 8192, false, true, {0}};
	c->trace = see;
	c->trace_ctx = r;
	cr_assert_eq(crypt_key_parse_public(&r->host, crypt_keyalgs, wire_buf_view(&k_s)), SSH_OK);
	wire_buf_wipe(&k_s);
}

static void check(struct replay *r)
{
	struct wire_buf h = hex(r, "H", 0);
	cr_expect(wire_bytes_equal(wire_bytes(r->kex.h, r->kex.h_len), wire_buf_view(&h)), "%s: H",
	          r->g->name);
	cr_expect_eq(wire_buf_len(&r->drawn), 0, "%s: drawn", r->g->name);
	cr_expect_eq(r->signatures, r->client ? 0 : 1, "%s", r->g->name);
	for (int way = 0; way < 2; way++)
		cr_expect(
		    wire_bytes_equal(wire_buf_view(&r->seen[way]), wire_buf_view(&r->wants[way])),
		    "%s: payloads %s", r->g->name, way == 0 ? "in" : "out");
	wire_buf_wipe(&h);
}

static void play(const struct golden *g, size_t chunk)
{
	static char kept[8192];
	struct replay r = {.g = g, .chunk = chunk};
	struct kex_persona looks;
	struct kex_config c;
	struct ssh_kexinit m;
	r.client = strcmp(text(&r, "deterministic_end"), "client") == 0;
	current = &r;
	choose(&r);
	begin(&r, &c);
	const struct kex_agree *const agrees[] = {&r.agree, NULL};
	const struct crypt_key *const keys[] = {&r.host, NULL};
	struct wire_buf init = hex(&r, r.client ? "I_C" : "I_S", 0);
	cr_assert_eq(wire_msg_decode(&ssh_kexinit_shape, wire_buf_view(&init), &m), SSH_OK);
	dress(&r, &looks, &m, kept);
	c.agrees = agrees;
	c.host_keys = keys;
	c.persona = &looks;
	cr_assert_eq(kex_init(&r.kex, &c, 0), SSH_OK, "%s", g->name);
	want_exchange(&r);
	feed_exchange(&r);
	cr_assert_eq(r.kex.state, KEX_OPEN, "%s: %s", g->name, ssh_err_name(r.kex.err));
	speak(&r);
	hear(&r);
	check(&r);
	kex_wipe(&r.kex);
	crypt_key_wipe(&r.host);
	struct wire_buf *bufs[] = {&init,      &r.drawn,   &r.padding,  &r.said,
	                           &r.seen[0], &r.seen[1], &r.wants[0], &r.wants[1]};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
		wire_buf_wipe(bufs[i]);
}

static size_t played;

static void in_pieces(const struct golden *g)
{
	static const size_t chunks[] = {PAIR_WHOLE, 7, 1};
	for (size_t i = 0; i < 3; i++)
		play(g, chunks[i]);
	played++;
}

Test(replay, recorded_sessions_byte_for_byte)
{
	golden_each(in_pieces);
	cr_expect_eq(played, 43);
}
