/* SPDX-License-Identifier: MIT */
#include "libkex/exchange.h"
#include "libwire/mpint.h"
#include "libwire/reader.h"
#include "tests/support/golden.h"

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
	struct wire_buf *bufs[] = {&s->i_c, &s->i_s,	 &s->k_s, &s->client, &s->server,
				   &s->k,   &s->request, &s->p,	  &s->gen,    &s->h};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		wire_buf_wipe(bufs[i]);
}

/* What libkex itself does not offer but the recordings used; only facts, the hash needs no more. */
static const struct kex_agree group14_sha1 = {
    .name = "diffie-hellman-group14-sha1", .hash = &crypt_sha1, .messages = WIRE_KEX_DH};
static const struct kex_agree mlkem768_x25519 = {.name = "mlkem768x25519-sha256",
						 .hash = &crypt_sha256,
						 .messages = WIRE_KEX_ECDH,
						 .k_is_string = true};
static const struct kex_agree *const recorded[] = {
    &kex_curve25519_sha256, &kex_curve25519_sha256_libssh, &group14_sha1, &mlkem768_x25519, NULL};

static int sessions;

static void check_hash(const struct golden *g)
{
	struct session s;
	uint8_t h[CRYPT_HASH_MAX];
	const struct kex_agree *alg = kex_agree_find(recorded, text_field(g, "kex"));
	if (alg == NULL)
		return;
	load(&s, g, alg);
	kex_exchange_hash(alg, &s.x, h);
	cr_assert(wire_bytes_equal(wire_bytes(h, alg->hash->size), wire_buf_view(&s.h)), "%s: H",
		  g->name);
	unload(&s);
	sessions++;
}

Test(exchange, hash_of_recorded_sessions)
{
	golden_each(check_hash);
	cr_assert_gt(sessions, 0);
}
