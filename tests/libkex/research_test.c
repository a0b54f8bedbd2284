/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/* What only those who study the protocol want. */

static void begin(struct pair *p)
{
	pair_init(p, PAIR_WHOLE);
	p->client.record = p->server.record = true;
}

static void start(struct pair *p)
{
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
}

static size_t got(const struct pair_side *s)
{
	return s->events[KEX_EVENT_PAYLOAD];
}

static void say(struct pair *p, struct pair_side *s, const char *text)
{
	struct wire_buf b = {0};
	wire_put_u8(&b, SSH_MSG_CHANNEL_DATA);
	wire_put_raw(&b, wire_bytes_str(text));
	cr_assert_eq(kex_send_raw(&s->kex, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
	pair_run(p);
}

static bool was_heard(const struct pair_side *s, const char *text)
{
	ssh_bytes all = wire_buf_view(&s->said);
	return memmem(all.ptr, all.len, text, strlen(text)) != NULL;
}

/* --- The same again --- */

static void transcript(const struct kex_agree *const *agrees, struct wire_buf *client,
                       struct wire_buf *server)
{
	struct pair p;
	begin(&p);
	p.client.config.agrees = p.server.config.agrees = agrees;
	start(&p);
	cr_assert(pair_is_open(&p));
	cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
	pair_run(&p);
	say(&p, &p.client, "ping");
	cr_assert(kex_quiet(&p.client.kex) && kex_quiet(&p.server.kex));
	wire_put_raw(client, wire_buf_view(&p.client.said));
	wire_put_raw(server, wire_buf_view(&p.server.said));
	pair_wipe(&p);
}

Test(research, the_same_seed_says_the_same_bytes)
{
	for (size_t i = 0; kex_agrees[i] != NULL; i++) {
		const struct kex_agree *const one[] = {kex_agrees[i], NULL};
		struct wire_buf said[4] = {{0}};
		transcript(one, &said[0], &said[1]);
		transcript(one, &said[2], &said[3]);
		cr_expect(wire_buf_len(&said[0]) > 1000);
		for (int side = 0; side < 2; side++)
			cr_expect(wire_bytes_equal(wire_buf_view(&said[side]),
			                           wire_buf_view(&said[2 + side])),
			          "%s", kex_agrees[i]->name);
		for (int n = 0; n < 4; n++)
			wire_buf_wipe(&said[n]);
	}
}

/* --- Everything that is behind the keys --- */

struct seen {
	size_t count;
	struct wire_buf all;  /* what both ends must have alike */
	struct wire_buf line; /* of the key log */
	bool own_value;
};

static void look(void *ctx, const struct kex_trace *t)
{
	struct seen *s = ctx;
	const struct kex_secrets *x = t->secrets;
	uint8_t h[CRYPT_HASH_MAX], key[KEX_SECRET_MAX];
	if (t->type != KEX_TRACE_SECRETS)
		return;
	kex_exchange_hash(t->kex->algs.agree, &x->exchange, h);
	cr_expect(wire_bytes_equal(x->h, wire_bytes(h, x->h.len)), "the hash is of what is shown");
	const struct kex_derive d = {t->kex->algs.agree, x->exchange.k, x->h, x->session_id};
	const ssh_bytes parts[] = {x->exchange.v_c,
	                           x->exchange.v_s,
	                           x->exchange.i_c,
	                           x->exchange.i_s,
	                           x->exchange.k_s,
	                           x->exchange.k,
	                           x->exchange.client_value,
	                           x->exchange.server_value,
	                           x->h,
	                           x->session_id,
	                           x->signature};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		cr_expect(parts[i].len > 0, "part %zu", i);
		wire_put_string(&s->all, parts[i]);
	}
	for (int i = 0; i < 6; i++) {
		kex_derive(&d, (char)('A' + i), key, x->key[i].len);
		cr_expect(wire_bytes_equal(x->key[i], wire_bytes(key, x->key[i].len)));
		cr_expect(i == 4 || i == 5 || x->key[i].len > 0, "%c", 'A' + i);
		wire_put_string(&s->all, x->key[i]);
	}
	s->own_value = x->private_value.len > 0;
	s->count++;
	wire_buf_reset(&s->line);
	kex_keylog(t, &s->line);
}

static void both_see(const struct kex_agree *agree, bool wanted)
{
	const struct kex_agree *const one[] = {agree, NULL};
	struct seen c = {.count = 0}, s = {.count = 0};
	struct pair p;
	begin(&p);
	p.client.config.agrees = p.server.config.agrees = one;
	p.client.config.trace = p.server.config.trace = look;
	p.client.config.trace_ctx = &c;
	p.server.config.trace_ctx = &s;
	p.client.config.trace_secrets = p.server.config.trace_secrets = wanted;
	start(&p);
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	cr_expect_eq(c.count, wanted ? 2 : 0, "%s", agree->name);
	cr_expect_eq(s.count, wanted ? 2 : 0, "%s", agree->name);
	cr_expect(wire_bytes_equal(wire_buf_view(&c.all), wire_buf_view(&s.all)), "%s",
	          agree->name);
	cr_expect(!s.own_value && c.own_value == (wanted), "%s", agree->name);
	ssh_bytes line = wire_buf_view(&s.line);
	if (wanted)
		cr_expect(line.len > 50 && memcmp(line.ptr + 32, " SHARED_SECRET ", 15) == 0 &&
		              line.ptr[line.len - 1] == '\n',
		          "%.*s", (int)line.len, (const char *)line.ptr);
	struct wire_buf *bufs[] = {&c.all, &c.line, &s.all, &s.line};
	for (size_t i = 0; i < 4; i++)
		wire_buf_wipe(bufs[i]);
	pair_wipe(&p);
}

Test(research, both_ends_see_all_that_the_keys_come_from)
{
	for (size_t i = 0; kex_agrees[i] != NULL; i++)
		both_see(kex_agrees[i], true);
	both_see(kex_agrees[0], false);
}

/* --- Keys --- */

Test(research, keys_are_switched_when_we_like)
{
	struct kex_research rc = {.hold_out = true}, rs = {.hold_in = true};
	struct pair p;
	begin(&p);
	p.client.config.research = &rc;
	p.server.config.research = &rs;
	start(&p);
	cr_assert(pair_is_open(&p));
	say(&p, &p.client, "in the clear");
	cr_expect_eq(got(&p.server), 1);
	cr_expect(was_heard(&p.client, "in the clear"));
	say(&p, &p.server, "not so the other way");
	cr_expect(!was_heard(&p.server, "not so the other way"));
	cr_expect_eq(kex_switch_out(&p.client.kex), SSH_OK);
	cr_expect_eq(kex_switch_in(&p.server.kex), SSH_OK);
	cr_expect_eq(kex_switch_out(&p.client.kex), SSH_ERR_STATE);
	cr_expect_eq(kex_switch_in(&p.server.kex), SSH_ERR_STATE);
	say(&p, &p.client, "under the keys");
	cr_expect_eq(got(&p.server), 2);
	cr_expect(!was_heard(&p.client, "under the keys"));
	kex_research_wipe(&rc);
	pair_wipe(&p);
}

Test(research, a_switch_that_one_side_alone_makes_is_seen)
{
	struct kex_research rc = {.hold_out = true};
	struct pair p;
	begin(&p);
	p.client.config.research = &rc;
	start(&p);
	say(&p, &p.client, "in the clear, to one who expects it otherwise");
	cr_expect_eq(got(&p.server), 0);
	cr_expect_neq(p.server.kex.state, KEX_OPEN);
	kex_research_wipe(&rc);
	pair_wipe(&p);
}

Test(research, no_newkeys)
{
	struct kex_research r = {.no_newkeys = true};
	struct pair p;
	begin(&p);
	p.server.config.research = &r;
	start(&p);
	/* The server is under its new keys, the client has not been told. */
	cr_expect_eq(p.client.kex.err, SSH_ERR_PACKET_LENGTH);
	cr_expect_eq(p.client.kex.exchanges, 0);
	kex_research_wipe(&r);
	pair_wipe(&p);
}

Test(research, any_keys_or_none_at_any_time)
{
	static const uint8_t secret[64] = {1, 2, 3};
	const struct crypt_packet_keys rows[] = {
	    {.cipher = NULL},
	    {&crypt_aes128_ctr, &crypt_hmac_sha2_256_etm, secret, secret, secret},
	    {&crypt_chacha20_poly1305, NULL, secret, secret, NULL},
	};
	struct pair p;
	begin(&p);
	start(&p);
	for (size_t i = 0; i < 3; i++) {
		cr_assert_eq(kex_set_keys_out(&p.server.kex, &rows[i]), SSH_OK);
		cr_assert_eq(kex_set_keys_in(&p.client.kex, &rows[i]), SSH_OK);
		say(&p, &p.server, i == 0 ? "clear" : "not clear");
		cr_expect_eq(got(&p.client), i + 1);
	}
	cr_expect(was_heard(&p.server, "clear") && !was_heard(&p.server, "not clear"));
	pair_wipe(&p);
}

Test(research, sequence_numbers)
{
	static const struct crypt_cipher *const chacha[] = {&crypt_chacha20_poly1305, NULL};
	for (int both = 0; both < 2; both++) {
		struct pair p;
		begin(&p);
		p.client.config.ciphers[KEX_CS] = p.server.config.ciphers[KEX_CS] = chacha;
		start(&p);
		kex_set_seq_out(&p.client.kex, UINT32_MAX);
		if (both)
			kex_set_seq_in(&p.server.kex, UINT32_MAX);
		say(&p, &p.client, "one");
		say(&p, &p.client, "two");
		cr_expect_eq(got(&p.server), both ? 2 : 0);
		cr_expect_eq(p.server.kex.err, both ? SSH_OK : SSH_ERR_MAC);
		pair_wipe(&p);
	}
}

/* --- Packets --- */

static const struct {
	const char *name;
	struct kex_forge forge;
	bool clear; /* else under AES-CTR and HMAC */
	enum ssh_err sent, e;
} rows[] = {
    {"nothing", {.what = 0}, false, 0, 0},
    {"more padding", {.what = KEX_FORGE_PADDING, .padding = 64 + 6}, false, 0, 0},
    {"zero padding", {.what = KEX_FORGE_FILL}, false, 0, 0},
    {"random length", {.what = KEX_FORGE_EXTRA, .extra = 9}, false, 0, 0},
    {"padding over", {.what = KEX_FORGE_PADDING, .padding = 256}, true, SSH_ERR_ARGUMENT, 0},
    {"broken block", {.what = KEX_FORGE_PADDING, .padding = 7}, false, SSH_ERR_ARGUMENT, 0},
    {"misaligned", {.what = KEX_FORGE_PADDING, .padding = 9}, true, 0, SSH_ERR_PACKET_LENGTH},
    {"no padding", {.what = KEX_FORGE_PADDING, .padding = 6}, true, 0, 0},
    {"padding 3",
     {.what = KEX_FORGE_PADDING_LENGTH, .padding_length = 3},
     true,
     0,
     SSH_ERR_PADDING},
    {"padding 3, sealed",
     {.what = KEX_FORGE_PADDING_LENGTH, .padding_length = 3},
     false,
     0,
     SSH_ERR_PADDING},
    {"padding 255",
     {.what = KEX_FORGE_PADDING_LENGTH, .padding_length = 255},
     true,
     0,
     SSH_ERR_PADDING},
    {"length 1",
     {.what = KEX_FORGE_PACKET_LENGTH, .packet_length = 1},
     true,
     0,
     SSH_ERR_PACKET_LENGTH},
    {"length 2^32-1",
     {.what = KEX_FORGE_PACKET_LENGTH, .packet_length = UINT32_MAX},
     true,
     0,
     SSH_ERR_PACKET_LENGTH},
    {"length 1, sealed",
     {.what = KEX_FORGE_PACKET_LENGTH, .packet_length = 1},
     false,
     0,
     SSH_ERR_MAC},
    {"tag 0", {.what = KEX_FORGE_TAG}, false, 0, SSH_ERR_MAC},
    {"tag, a bit", {.what = KEX_FORGE_TAG_XOR, .tag = {[31] = 1}}, false, 0, SSH_ERR_MAC},
    {"tag, no bit", {.what = KEX_FORGE_TAG_XOR}, false, 0, 0},
};

Test(research, packets_that_no_peer_should_send)
{
	static const struct crypt_cipher *const ctr[] = {&crypt_aes128_ctr, NULL};
	static const struct crypt_mac *const mac[] = {&crypt_hmac_sha2_256, NULL};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pair p;
		begin(&p);
		p.client.config.ciphers[KEX_CS] = p.server.config.ciphers[KEX_CS] = ctr;
		p.client.config.macs[KEX_CS] = p.server.config.macs[KEX_CS] = mac;
		start(&p);
		if (rows[i].clear) {
			const struct crypt_packet_keys none = {.cipher = NULL};
			cr_assert_eq(kex_set_keys_out(&p.client.kex, &none), SSH_OK);
			cr_assert_eq(kex_set_keys_in(&p.server.kex, &none), SSH_OK);
		}
		kex_forge_next(&p.client.kex, &rows[i].forge);
		cr_expect_eq(kex_send_raw(&p.client.kex, wire_bytes("\x5e 345", 5)), rows[i].sent,
		             "%s", rows[i].name);
		pair_run(&p);
		bool arrives = rows[i].sent == 0 && rows[i].e == 0;
		cr_expect_eq(p.server.kex.err, rows[i].e, "%s: %s", rows[i].name,
		             ssh_err_name(p.server.kex.err));
		cr_expect_eq(got(&p.server), arrives, "%s", rows[i].name);
		cr_expect(rows[i].sent != 0 || p.client.kex.out.forge.what == 0, "once");
		pair_wipe(&p);
	}
}

/* --- Without the guard --- */

Test(research, the_guard_left_out)
{
	static const char *const payloads[] = {"\x32 early", "\x06", "\x15",
	                                       "\x5a",       "\x28", "\xc8"};
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
		struct kex_research r = {.unguarded = true};
		struct wire_buf b = {0};
		struct pair p;
		begin(&p);
		p.server.config.research = &r;
		cr_assert_eq(pair_start(&p), SSH_OK);
		pair_plain(&b, wire_bytes_str(payloads[i]));
		pair_feed(&p, &p.server, wire_bytes_str("SSH-2.0-x\r\n"));
		pair_feed(&p, &p.server, wire_buf_view(&b));
		cr_expect_eq(got(&p.server), 1, "%zu", i);
		cr_expect_eq(p.server.kex.err, SSH_OK, "%zu", i);
		wire_buf_wipe(&b);
		pair_wipe(&p);
	}
}
