/* SPDX-License-Identifier: MIT */
#include "libkex/exchange.h"
#include "libwire/mpint.h"
#include "libwire/reader.h"
#include "tests/support/golden.h"
#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* One buf a field of a recorded session; all of them borrowed by the views of `x`. */
struct session {
	const struct golden *g;
	const struct kex_agree *alg;
	struct wire_buf v_c, v_s, i_c, i_s, k_s, client, server, k, request, p, gen, h;
	struct kex_exchange x;
};

static ssh_bytes field(const struct golden *g, const char *key, struct wire_buf *b)
{
	golden_hex(g, key, 0, b);
	return wire_buf_view(b);
}

static ssh_bytes text_field(const struct golden *g, const char *key)
{
	return wire_bytes_str(golden_text(g, key));
}

/* K as it was hashed, without its length and sign byte. */
static ssh_bytes raw_k(ssh_bytes encoded, bool is_string, const char *name)
{
	struct wire_reader r;
	wire_reader_init(&r, encoded);
	ssh_bytes k = is_string ? wire_get_string(&r) : wire_get_mpint(&r);
	cr_assert_eq(wire_reader_end(&r), SSH_OK, "%s: K", name);
	return k;
}

static void load_gex(struct session *s)
{
	struct wire_reader r;
	wire_reader_init(&r, field(s->g, "gex_request", &s->request));
	s->x.request.min = wire_get_u32(&r);
	s->x.request.n = wire_get_u32(&r);
	s->x.request.max = wire_get_u32(&r);
	cr_assert_eq(wire_reader_end(&r), SSH_OK, "%s", s->g->name);
	s->x.group.p = field(s->g, "p", &s->p);
	s->x.group.g = field(s->g, "g", &s->gen);
}

static void load(struct session *s, const struct golden *g, const struct kex_agree *alg)
{
	bool dh = alg->messages != WIRE_KEX_ECDH;
	*s = (struct session){.g = g, .alg = alg};
	s->x.v_c = text_field(g, "V_C");
	s->x.v_s = text_field(g, "V_S");
	s->x.i_c = field(g, "I_C", &s->i_c);
	s->x.i_s = field(g, "I_S", &s->i_s);
	s->x.k_s = field(g, "K_S", &s->k_s);
	s->x.client_value = field(g, dh ? "e" : "client_pub", &s->client);
	s->x.server_value = field(g, dh ? "f" : "server_pub", &s->server);
	s->x.k = raw_k(field(g, "K_encoded", &s->k), alg->k_is_string, g->name);
	golden_hex(g, "H", 0, &s->h);
	if (alg->messages == WIRE_KEX_GEX)
		load_gex(s);
}

static void unload(struct session *s)
{
	struct wire_buf *bufs[] = {&s->i_c, &s->i_s,     &s->k_s, &s->client, &s->server,
	                           &s->k,   &s->request, &s->p,   &s->gen,    &s->h};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		wire_buf_wipe(bufs[i]);
}

/* How many recordings came this far; the tests fail if one was passed over. */
static int recordings, agreed;

static void each_session(const struct golden *g, void (*f)(struct session *s))
{
	struct session s;
	const struct kex_agree *alg = kex_agree_find(kex_agrees_legacy, text_field(g, "kex"));
	cr_assert_not_null(alg, "%s: %s", g->name, golden_text(g, "kex"));
	load(&s, g, alg);
	f(&s);
	unload(&s);
	recordings++;
}

static void check_hash(struct session *s)
{
	uint8_t h[CRYPT_HASH_MAX];
	kex_exchange_hash(s->alg, &s->x, h);
	cr_assert(wire_bytes_equal(wire_bytes(h, s->alg->hash->size), wire_buf_view(&s->h)),
	          "%s: H", s->g->name);
}

static void hash_recording(const struct golden *g)
{
	each_session(g, check_hash);
}

Test(exchange, hash_of_recorded_sessions)
{
	golden_each(hash_recording);
	cr_assert_eq(recordings, 43);
}

static void check_keys(struct session *s)
{
	static const struct {
		char letter;
		const char *key;
	} rows[] = {{'A', "IV_cs"},  {'B', "IV_sc"},     {'C', "key_cs"},
	            {'D', "key_sc"}, {'E', "mackey_cs"}, {'F', "mackey_sc"}};
	ssh_bytes h = wire_buf_view(&s->h);
	struct kex_derive d = {s->alg, s->x.k, h, h};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t out[128];
		struct wire_buf want = {0};
		ssh_bytes v = field(s->g, rows[i].key, &want);
		cr_assert_leq(v.len, sizeof out);
		kex_derive(&d, rows[i].letter, out, v.len);
		cr_assert(wire_bytes_equal(wire_bytes(out, v.len), v), "%s: %s", s->g->name,
		          rows[i].key);
		wire_buf_wipe(&want);
	}
}

static void keys_of_recording(const struct golden *g)
{
	each_session(g, check_keys);
}

Test(exchange, keys_of_recorded_sessions)
{
	golden_each(keys_of_recording);
	cr_assert_eq(recordings, 43);
}

/* From the recorded secret of one side and the value of the other, K again. */
static void check_k(struct session *s)
{
	struct kex_agree_run run = {.group = s->x.group};
	struct wire_buf k = {0};
	bool client = wire_bytes_is(text_field(s->g, "deterministic_end"), "client");
	if (s->alg->hybrid != NULL) /* its secrets are two: hybrid_test.c */
		return;
	golden_hex(s->g, s->alg->messages == WIRE_KEX_ECDH ? "x25519_priv" : "dh_priv", 0,
	           &run.secret);
	ssh_bytes peer = client ? s->x.server_value : s->x.client_value;
	cr_assert_eq(s->alg->finish(s->alg, &run, peer, &k), SSH_OK, "%s", s->g->name);
	ssh_bytes v = wire_buf_view(&k);
	if (s->alg->messages != WIRE_KEX_ECDH)
		v = wire_bytes_skip(v, v.len - s->x.k.len);
	cr_assert(wire_bytes_equal(v, s->x.k), "%s: K", s->g->name);
	kex_agree_wipe(&run);
	wire_buf_wipe(&k);
	agreed++;
}

static void k_of_recording(const struct golden *g)
{
	each_session(g, check_k);
}

Test(exchange, shared_secret_of_recorded_sessions)
{
	golden_each(k_of_recording);
	cr_assert_eq(agreed, 42, "%d", agreed);
}

static void check_recorded_group(struct session *s)
{
	if (s->alg->messages != WIRE_KEX_GEX)
		return;
	cr_assert_eq(kex_gex_check_group(&s->x.group, &s->x.request, &(struct kex_gex_policy){0}),
	             SSH_OK, "%s", s->g->name);
	agreed++;
}

static void group_of_recording(const struct golden *g)
{
	each_session(g, check_recorded_group);
}

Test(exchange, groups_of_recorded_sessions_are_good)
{
	golden_each(group_of_recording);
	cr_assert_eq(agreed, 1);
}

static const struct kex_agree *by_hash(const char *name)
{
	static const struct kex_agree algs[] = {{.hash = &crypt_sha1},
	                                        {.hash = &crypt_sha256},
	                                        {.hash = &crypt_sha384},
	                                        {.hash = &crypt_sha512}};
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++)
		if (strcmp(algs[i].hash->name, name) == 0)
			return &algs[i];
	return NULL;
}

static int kdf_rows;

static void kdf_row(const char *const *column)
{
	struct wire_buf k = {0}, h = {0}, id = {0};
	const struct kex_agree *alg = by_hash(column[0]);
	cr_assert_not_null(alg, "%s", column[0]);
	unhex(&k, column[1]);
	unhex(&h, column[2]);
	unhex(&id, column[3]);
	struct kex_derive d = {alg, raw_k(wire_buf_view(&k), false, "row"), wire_buf_view(&h),
	                       wire_buf_view(&id)};
	for (int i = 0; i < 6; i++) {
		uint8_t out[64];
		struct wire_buf want = {0};
		unhex(&want, column[4 + i]);
		size_t n = wire_buf_len(&want);
		cr_assert_leq(n, sizeof out);
		kex_derive(&d, (char)('A' + i), out, n);
		cr_assert(wire_bytes_equal(wire_bytes(out, n), wire_buf_view(&want)),
		          "%s, H %.16s, letter %c", column[0], column[2], 'A' + i);
		wire_buf_wipe(&want);
	}
	wire_buf_wipe(&k);
	wire_buf_wipe(&h);
	wire_buf_wipe(&id);
	kdf_rows++;
}

Test(exchange, acvp_key_derivation)
{
	rows_each("kdf-ssh.txt", 10, kdf_row);
	cr_assert_eq(kdf_rows, 320);
}

/* RFC 4253 section 7.2, spelled out: K1, K2 = HASH(K, H, K1), K3 = HASH(K, H, K1, K2). */
Test(exchange, long_keys)
{
	static const uint8_t k[] = {0x80, 1, 2}, h[32] = {3}, id[32] = {4};
	const struct crypt_hash *hash = &crypt_sha256;
	struct kex_derive d = {&kex_curve25519_sha256, wire_bytes(k, 3), wire_bytes(h, 32),
	                       wire_bytes(id, 32)};
	uint8_t want[96], out[97];
	struct wire_buf b = {0};
	for (size_t at = 0; at < sizeof want; at += 32) {
		wire_buf_reset(&b);
		wire_put_mpint(&b, d.k);
		wire_put_raw(&b, d.h);
		if (at == 0) {
			wire_put_u8(&b, 'C');
			wire_put_raw(&b, d.session_id);
		}
		wire_put_raw(&b, wire_bytes(want, at));
		crypt_hash_once(hash, wire_buf_view(&b), want + at);
	}
	for (size_t n = 0; n <= sizeof want; n++) {
		memset(out, 0xee, sizeof out);
		kex_derive(&d, 'C', out, n);
		cr_assert_eq(memcmp(out, want, n), 0, "%zu bytes", n);
		cr_assert_eq(out[n], 0xee, "%zu bytes and more", n);
	}
	wire_buf_wipe(&b);
}

/* The bytes that are hashed, put together by the encoder of libwire instead. */
static void put_reference(struct wire_buf *b, const struct kex_agree *alg,
                          const struct kex_exchange *x)
{
	bool strings = alg->messages == WIRE_KEX_ECDH;
	void (*put)(struct wire_buf *, ssh_bytes) = strings ? wire_put_string : wire_put_mpint;
	wire_put_string(b, x->v_c);
	wire_put_string(b, x->v_s);
	wire_put_string(b, x->i_c);
	wire_put_string(b, x->i_s);
	wire_put_string(b, x->k_s);
	if (alg->messages == WIRE_KEX_GEX) {
		bool old = x->request.min == 0;
		if (!old)
			wire_put_u32(b, x->request.min);
		wire_put_u32(b, x->request.n);
		if (!old)
			wire_put_u32(b, x->request.max);
		wire_put_mpint(b, x->group.p);
		wire_put_mpint(b, x->group.g);
	}
	put(b, x->client_value);
	put(b, x->server_value);
	(alg->k_is_string ? wire_put_string : wire_put_mpint)(b, x->k);
}

static void check_reference(const struct kex_agree *alg, ssh_bytes k, uint32_t min)
{
	struct wire_buf b = {0};
	uint8_t want[CRYPT_HASH_MAX], h[CRYPT_HASH_MAX];
	struct kex_exchange x = {
	    .v_c = wire_bytes_str("SSH-2.0-a"),
	    .v_s = wire_bytes_str("SSH-2.0-b"),
	    .i_c = wire_bytes_str("client's kexinit"),
	    .i_s = wire_bytes_str(""),
	    .k_s = wire_bytes_str("key"),
	    .client_value = wire_bytes("\x80\x01", 2),
	    .server_value = wire_bytes("\x00\x7f\x02", 3),
	    .k = k,
	    .request = {min, 3072, min == 0 ? 0 : 8192},
	    .group = kex_group14,
	};
	put_reference(&b, alg, &x);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	crypt_hash_once(alg->hash, wire_buf_view(&b), want);
	kex_exchange_hash(alg, &x, h);
	cr_assert_eq(memcmp(h, want, alg->hash->size), 0, "%s, K of %zu bytes, min %u", alg->name,
	             k.len, min);
	wire_buf_wipe(&b);
}

/* Leading zeros of K go, a sign byte comes; as a string it stays as it is. */
Test(exchange, encodings_of_k)
{
	static const char *const ks[] = {"",       "00",     "0000",   "01",
	                                 "7f",     "80",     "0080",   "00007f01",
	                                 "ff00ff", "00ff00", "000000", "8000000000"};
	const struct kex_agree *const algs[] = {&kex_curve25519_sha256, &kex_dh_group14_sha256,
	                                        &kex_dh_gex_sha256, &kex_mlkem768x25519_sha256,
	                                        &kex_ecdh_nistp521};
	for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
		struct wire_buf k = {0};
		unhex(&k, ks[i]);
		for (size_t a = 0; a < sizeof algs / sizeof *algs; a++) {
			check_reference(algs[a], wire_buf_view(&k), 2048);
			check_reference(algs[a], wire_buf_view(&k), 0);
		}
		wire_buf_wipe(&k);
	}
}
