/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>

/*
 * KEXINITs and first messages written by hand, in the clear, against an engine: what no engine of
 * ours would send. What follows from two proposals alone is in propose_test.c.
 */

struct scene {
	struct pair pair;
	struct pair_side *victim;
	uint32_t reason; /* of its DISCONNECT */
};

static void listen(void *ctx, const struct kex_trace *t)
{
	struct scene *s = ctx;
	if (t->type == KEX_TRACE_PACKET && t->out && t->payload.ptr[0] == SSH_MSG_DISCONNECT)
		s->reason = wire_load_u32(t->payload.ptr + 1);
}

static void begin(struct scene *s, bool server, const struct kex_agree *const *agrees)
{
	s->reason = 0;
	pair_init(&s->pair, PAIR_WHOLE);
	s->victim = server ? &s->pair.server : &s->pair.client;
	s->victim->config.trace = listen;
	s->victim->config.trace_ctx = s;
	s->victim->config.agrees = agrees;
	cr_assert_eq(pair_start(&s->pair), SSH_OK);
	pair_feed(&s->pair, s->victim, wire_bytes_str("SSH-2.0-hand\r\n"));
}

static void say(struct scene *s, ssh_bytes payload)
{
	struct wire_buf packet = {0};
	pair_plain(&packet, payload);
	pair_feed(&s->pair, s->victim, wire_buf_view(&packet));
	wire_buf_wipe(&packet);
}

static void end(struct scene *s, enum ssh_err e, uint32_t reason, const char *name)
{
	cr_assert_eq(s->victim->kex.err, e, "%s: %s", name, ssh_err_name(s->victim->kex.err));
	cr_assert_eq(s->reason, reason, "%s: disconnect %u", name, s->reason);
	pair_wipe(&s->pair);
}

/* A proposal that suits the engine, to be spoilt. */
static struct ssh_kexinit proposal(const char *kex)
{
	ssh_bytes none = wire_bytes_str("none"), cipher = wire_bytes_str("aes128-ctr");
	ssh_bytes mac = wire_bytes_str("hmac-sha2-256");
	return (struct ssh_kexinit){
	    .kex = wire_bytes_str(kex),
	    .hostkey = wire_bytes_str("pair@test"),
	    .cipher_cs = cipher,
	    .cipher_sc = cipher,
	    .mac_cs = mac,
	    .mac_sc = mac,
	    .comp_cs = none,
	    .comp_sc = none,
	};
}

static void say_kexinit(struct scene *s, const struct ssh_kexinit *m)
{
	struct wire_buf b = {0};
	wire_msg_encode(&b, &ssh_kexinit_shape, m);
	say(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

#define X25519 "curve25519-sha256"

/* --- Nothing in common --- */

Test(negotiate, a_list_without_a_common_name_ends_it)
{
	static const char *const bad[] = {"", "other", "ext-info-c,kex-strict-c"};
	for (int i = 0; i < 2 * KEX_LISTS * 3; i++) {
		struct ssh_kexinit m = proposal(X25519);
		ssh_bytes *lists[KEX_LISTS] = {&m.kex,    &m.hostkey, &m.cipher_cs, &m.cipher_sc,
		                               &m.mac_cs, &m.mac_sc,  &m.comp_cs,   &m.comp_sc};
		enum kex_list l = (enum kex_list)(i / 6);
		struct scene s;
		begin(&s, i % 2 == 0, kex_agrees_legacy);
		*lists[l] = wire_bytes_str(bad[i / 2 % 3]);
		say_kexinit(&s, &m);
		cr_assert_eq(kex_failed_list(&s.victim->kex), l, "%s", kex_list_name(l));
		cr_assert_eq(s.victim->events[KEX_EVENT_NEGOTIATED], 0);
		end(&s, SSH_ERR_NO_COMMON, 3, kex_list_name(l));
	}
}

/* --- A guess: first_kex_packet_follows, RFC 4253 section 7.1 --- */

static ssh_bytes guess(bool server)
{
	return server ? wire_bytes("\x1e\0\0\0\x03xyz", 8)
	              : wire_bytes("\x1f\0\0\0\0\0\0\0\0\0\0\0\0", 13);
}

/* Ours begins with the guess. */
static const struct kex_agree *const guessed[] = {&kex_curve25519_sha256, &kex_ecdh_nistp521, NULL};

Test(negotiate, a_right_guess_is_taken_at_its_word)
{
	for (int server = 0; server < 2; server++) {
		struct ssh_kexinit m = proposal(X25519);
		struct scene s;
		m.first_follows = true;
		begin(&s, server == 1, guessed);
		say_kexinit(&s, &m);
		cr_assert_eq(s.victim->kex.err, SSH_OK);
		say(&s, guess(server == 1));
		end(&s, server == 1 ? SSH_ERR_KEX_VALUE : SSH_ERR_KEY, 3, "right");
	}
}

/* Wrong in the method, or in the host key algorithm alone; with strict kex or without. */
Test(negotiate, a_wrong_guess_is_passed_over_once_whatever_it_is)
{
	static const char *const kex[] = {"ecdh-sha2-nistp521," X25519, X25519,
	                                  "ecdh-sha2-nistp521," X25519
	                                  ",kex-strict-c,kex-strict-s"};
	static const char *const junk[] = {"\x1e", "\xff", "\x5e", "\x14"};
	for (int i = 0; i < 24; i++) {
		struct ssh_kexinit m = proposal(kex[i / 8]);
		bool server = i % 2 == 0, strict = i / 8 == 2;
		struct scene s;
		m.hostkey = wire_bytes_str("pair-2@test,pair@test");
		m.first_follows = true;
		begin(&s, server, guessed);
		say_kexinit(&s, &m);
		say(&s, wire_bytes(junk[i / 2 % 4], 1));
		cr_assert_eq(s.victim->kex.err, SSH_OK, "passed over");
		cr_assert_eq(s.victim->kex.algs.strict, strict);
		say(&s, wire_bytes("\x5e", 1));
		end(&s, strict ? SSH_ERR_STRICT : SSH_ERR_UNEXPECTED, 2, "once");
	}
}

/* --- Group exchange --- */

static const struct kex_agree *const gex[] = {&kex_dh_gex_sha256, NULL};
#define GEX "diffie-hellman-group-exchange-sha256"

static void say_gex_request(struct scene *s, uint32_t min, uint32_t n, uint32_t max)
{
	struct wire_buf b = {0};
	struct ssh_gex_request r = {min, n, max};
	struct ssh_kexinit m = proposal(GEX);
	begin(s, true, gex);
	say_kexinit(s, &m);
	wire_msg_encode(&b, &ssh_gex_request_shape, &r);
	say(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

Test(negotiate, group_requests)
{
	static const struct {
		uint32_t min, n, max;
		enum ssh_err e;
	} rows[] = {
	    {2048, 3072, 8192, SSH_OK},
	    {1024, 1024, 2048, SSH_OK},
	    {0, 0, UINT32_MAX, SSH_OK},
	    {4096, 3072, 8192, SSH_ERR_KEX_VALUE},
	    {2048, 8193, 8192, SSH_ERR_KEX_VALUE},
	    {8192, 3072, 2048, SSH_ERR_KEX_VALUE},
	    {512, 1024, 1536, SSH_ERR_KEX_VALUE},
	    {8193, 9000, 16384, SSH_ERR_KEX_VALUE},
	    {2049, 2500, 3000, SSH_ERR_KEX_VALUE}, /* we know none in between */
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct scene s;
		say_gex_request(&s, rows[i].min, rows[i].n, rows[i].max);
		if (rows[i].e == SSH_OK)
			cr_assert_eq(s.victim->kex.state, KEX_EXPECT_GEX_INIT, "row %zu", i);
		end(&s, rows[i].e, rows[i].e == SSH_OK ? 0 : 3, "request");
	}
}

/* The value of a client: 0, 1, p-1 and p are no public values. */
Test(negotiate, group_values)
{
	for (int i = 0; i < 4; i++) {
		struct wire_buf b = {0};
		struct scene s;
		uint8_t e[256];
		say_gex_request(&s, 2048, 2048, 2048);
		memcpy(e, kex_group14.p.ptr, sizeof e);
		e[255] = (uint8_t)(i == 2 ? e[255] - 1 : e[255]);
		wire_put_u8(&b, SSH_MSG_KEX_DH_GEX_INIT);
		wire_put_mpint(&b, i < 2 ? wire_bytes(i == 0 ? "\0" : "\1", 1)
		                         : wire_bytes(e, sizeof e));
		say(&s, wire_buf_view(&b));
		end(&s, SSH_ERR_KEX_VALUE, 3, "value");
		wire_buf_wipe(&b);
	}
}

/* --- What was offered, and what was not understood --- */

Test(negotiate, both_offers_of_the_list_that_failed_are_told)
{
	static const struct crypt_cipher *const ctr[] = {&crypt_aes128_ctr, &crypt_aes256_ctr,
	                                                 NULL};
	static const struct crypt_cipher *const gcm[] = {&crypt_aes128_gcm, NULL};
	static struct pair p;
	ssh_bytes ours, theirs;
	pair_init(&p, PAIR_WHOLE);
	p.client.config.ciphers[KEX_SC] = ctr;
	p.server.config.ciphers[KEX_SC] = gcm;
	cr_assert_eq(pair_start(&p), SSH_OK);
	cr_assert_not(kex_failed_offers(&p.client.kex, &ours, &theirs), "nothing has failed yet");
	pair_run(&p);
	cr_assert_eq(p.client.err, SSH_ERR_NO_COMMON);
	cr_assert_eq(kex_failed_list(&p.client.kex), KEX_LIST_CIPHER_SC);
	cr_assert(kex_failed_offers(&p.client.kex, &ours, &theirs));
	cr_expect(wire_bytes_is(ours, "aes128-ctr,aes256-ctr"));
	cr_expect(wire_bytes_is(theirs, "aes128-gcm@openssh.com"));
	cr_assert(kex_failed_offers(&p.server.kex, &ours, &theirs));
	cr_expect(wire_bytes_is(theirs, "aes128-ctr,aes256-ctr"));
	cr_expect(wire_bytes_is(ours, "aes128-gcm@openssh.com"));
	pair_wipe(&p);
}

Test(negotiate, a_list_of_a_proposal)
{
	struct ssh_kexinit m = proposal(X25519);
	struct wire_buf b = {0};
	ssh_bytes names;
	wire_msg_encode(&b, &ssh_kexinit_shape, &m);
	ssh_bytes whole = wire_buf_view(&b);
	cr_expect_eq(kex_propose_list(whole, KEX_LIST_KEX, &names), SSH_OK);
	cr_expect(wire_bytes_is(names, X25519));
	cr_expect_eq(kex_propose_list(whole, KEX_LIST_MAC_SC, &names), SSH_OK);
	cr_expect(wire_bytes_is(names, "hmac-sha2-256"));
	cr_expect_eq(kex_propose_list(whole, KEX_LISTS, &names), SSH_ERR_ARGUMENT);
	cr_expect_eq(kex_propose_list(wire_bytes(whole.ptr, whole.len - 1), KEX_LIST_KEX, &names),
	             SSH_ERR_TRUNCATED);
	cr_expect_eq(kex_propose_list(wire_bytes(NULL, 0), KEX_LIST_KEX, &names),
	             SSH_ERR_TRUNCATED);
	wire_buf_wipe(&b);
}
