/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

static const size_t chunks[] = {1, 7, PAIR_WHOLE};
#define CHUNKS (sizeof chunks / sizeof chunks[0])

/* --- Payloads --- */

static uint8_t scratch[KEX_PACKET_MAX];

static ssh_bytes payload(size_t len, uint8_t seed)
{
	return pair_payload(scratch, len, seed);
}

/* The payloads that came are those of `len[0..n)`, in order. */
static void expect_payloads(struct pair_side *s, const size_t *len, size_t n, const char *name)
{
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(&s->got));
	for (size_t i = 0; i < n; i++) {
		ssh_bytes got = wire_get_string(&r);
		cr_assert(wire_bytes_equal(got, payload(len[i], (uint8_t)i)),
		          "%s: payload %zu of %zu bytes", name, i, len[i]);
	}
	cr_assert_eq(wire_reader_end(&r), SSH_OK, "%s", name);
	wire_buf_reset(&s->got);
}

static const size_t sizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 255, 256, 1000, 32768, 35000, 131072};
#define SIZES (sizeof sizes / sizeof sizes[0])

static void send_sizes(struct pair *p, struct pair_side *from, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(kex_send(&from->kex, payload(sizes[i], (uint8_t)i)), SSH_OK, "%s",
		             name);
	pair_run(p);
	expect_payloads(pair_peer(p, from), sizes, n, name);
}

/* --- A handshake in every way --- */

static void expect_handshake(struct pair *p, const char *name)
{
	struct kex *c = &p->client.kex, *s = &p->server.kex;
	cr_assert(pair_is_open(p), "%s: client %s, server %s", name, ssh_err_name(c->err),
	          ssh_err_name(s->err));
	cr_assert(c->session_id_len > 0 && wire_bytes_equal(kex_session_id(c), kex_session_id(s)),
	          "%s: session id", name);
	cr_assert(wire_bytes_equal(kex_host_key(c), kex_host_key(s)), "%s: host key", name);
	cr_assert(wire_bytes_is(kex_peer_ident(c), "SSH-2.0-" KEX_SOFTWARE));
	cr_assert(wire_bytes_is(kex_peer_ident(s), "SSH-2.0-" KEX_SOFTWARE));
	struct pair_side *sides[] = {&p->client, &p->server};
	for (size_t i = 0; i < 2; i++) {
		const size_t *n = sides[i]->events;
		cr_assert(n[KEX_EVENT_IDENT] == 1 && n[KEX_EVENT_NEGOTIATED] == 1 &&
		              n[KEX_EVENT_KEYS] == 1 && n[KEX_EVENT_ERROR] == 0,
		          "%s: events", name);
		cr_assert(kex_quiet(&sides[i]->kex), "%s: quiet", name);
	}
}

static void handshake(struct pair *p, size_t n_sizes, const char *name)
{
	cr_assert_eq(pair_start(p), SSH_OK, "%s", name);
	cr_assert(!kex_quiet(&p->client.kex), "%s: bytes wait to be sent", name);
	pair_run(p);
	expect_handshake(p, name);
	send_sizes(p, &p->client, n_sizes, name);
	send_sizes(p, &p->server, n_sizes, name);
	pair_wipe(p);
}

Test(transport, every_agreement_at_every_chunk_size)
{
	for (size_t i = 0; kex_agrees[i] != NULL; i++)
		cr_assert_not_null(
		    kex_agree_find(kex_agrees_legacy, wire_bytes_str(kex_agrees[i]->name)),
		    "%s is not in the array of all", kex_agrees[i]->name);
	for (const struct kex_agree *const *a = kex_agrees_legacy; *a != NULL; a++) {
		for (size_t i = 0; i < CHUNKS; i++) {
			const struct kex_agree *const one[] = {*a, NULL};
			struct pair p;
			pair_init(&p, chunks[i]);
			p.client.config.agrees = one;
			handshake(&p, 4, (*a)->name);
		}
	}
}

/* Ciphers and MACs per direction: the other direction always takes the default. */
static void protect(const struct crypt_cipher *cipher, const struct crypt_mac *mac, size_t chunk)
{
	const struct crypt_cipher *const ciphers[] = {cipher, NULL};
	const struct crypt_mac *const macs[] = {mac, NULL};
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		struct pair p;
		pair_init(&p, chunk);
		p.client.config.agrees = pair_agrees_fast;
		p.server.config.agrees = pair_agrees_fast;
		p.client.config.ciphers[dir] = ciphers;
		p.client.config.macs[dir] = macs;
		handshake(&p, chunk == 1 ? SIZES - 3 : SIZES, cipher->name);
	}
}

Test(transport, every_cipher_with_every_mac)
{
	for (const struct crypt_cipher *const *c = crypt_ciphers; *c != NULL; c++)
		for (const struct crypt_mac *const *m = crypt_macs; *m != NULL; m++) {
			protect(*c, *m, (size_t)7 * 1024 + 1);
			if (m == crypt_macs)
				protect(*c, *m, 1);
		}
}

/* An AEAD needs no MAC, so that the MAC lists need no common name. */
Test(transport, aead_ignores_the_macs)
{
	static const struct crypt_cipher *const gcm[] = {&crypt_aes256_gcm, NULL};
	static const struct crypt_cipher *const ctr[] = {&crypt_aes256_ctr, NULL};
	static const struct crypt_mac *const one[] = {&crypt_hmac_sha2_256, NULL};
	static const struct crypt_mac *const other[] = {&crypt_hmac_sha2_512, NULL};
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		p.client.config.ciphers[dir] = gcm;
		p.client.config.macs[dir] = one;
		p.server.config.macs[dir] = other;
	}
	handshake(&p, SIZES, "no MAC in common");
	pair_init(&p, PAIR_WHOLE);
	p.client.config.ciphers[KEX_SC] = ctr;
	p.client.config.macs[KEX_SC] = one;
	p.server.config.macs[KEX_SC] = other;
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.server.err, SSH_ERR_NO_COMMON);
	cr_assert_eq(kex_failed_list(&p.server.kex), KEX_LIST_MAC_SC);
	pair_wipe(&p);
}

static void with_key(const struct crypt_sigalg *sig, const struct crypt_key *key)
{
	const struct crypt_sigalg *const one[] = {sig, NULL};
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.server.keys[0] = key;
	p.client.config.host_sigs = one;
	p.server.config.host_sigs = crypt_sigalgs;
	handshake(&p, 3, sig->name);
}

Test(transport, every_host_key_type)
{
	struct crypt_drbg drbg;
	crypt_drbg_init(&drbg, wire_bytes_str("host keys"));
	struct crypt_rng rng = crypt_drbg_rng(&drbg);
	for (const struct crypt_keyalg *const *a = crypt_keyalgs; *a != NULL; a++) {
		struct crypt_key key = {0};
		if ((*a)->generate == NULL)
			continue;
		cr_assert_eq(crypt_key_generate(&key, *a, CRYPT_RSA_BITS_DEFAULT, &rng), SSH_OK);
		for (const struct crypt_sigalg *const *s = (*a)->sigs; *s != NULL; s++)
			if (*s != &crypt_insecure_sig_rsa_sha1)
				with_key(*s, &key);
		crypt_key_wipe(&key);
	}
}

/* The default configurations of both sides come to an understanding too. */
Test(transport, default_configuration)
{
	struct crypt_key key = {0};
	struct crypt_rng rng = crypt_rng_system();
	cr_assert_eq(crypt_key_generate(&key, &crypt_key_ed25519, 0, &rng), SSH_OK);
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	kex_config_init(&p.client.config, false);
	kex_config_init(&p.server.config, true);
	p.server.keys[0] = &key;
	p.server.config.host_keys = p.server.keys;
	handshake(&p, SIZES, "defaults");
	crypt_key_wipe(&key);
}
