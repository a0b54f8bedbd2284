/* SPDX-License-Identifier: MIT */
#include "libkex/kex.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>

/*
 * The rules table against the RFC's words, for every state, number and role, in a first exchange
 * with and without strict kex and in a later one. What is expected is written down from RFC 4253
 * sections 7 and 11, RFC 4419 and the strict kex draft, without a look at the table.
 */

/* --- Where an engine stands --- */

struct stand {
	bool server;
	enum kex_state state;
	bool first;  /* exchange of the connection */
	bool strict; /* was negotiated */
	const struct kex_agree *agree;
};

static bool in_exchange(const struct stand *s)
{
	return s->state > KEX_EXPECT_KEXINIT && s->state < KEX_OPEN;
}

/* States that cannot be, and those of the other role or another method. */
static bool is_possible(const struct stand *s)
{
	bool gex = s->agree->messages == WIRE_KEX_GEX;
	switch (s->state) {
	case KEX_EXPECT_KEXINIT:
		return s->first && !s->strict && !gex;
	case KEX_EXPECT_INIT:
		return s->server && !gex;
	case KEX_EXPECT_REPLY:
		return !s->server && !gex;
	case KEX_EXPECT_GEX_REQUEST:
	case KEX_EXPECT_GEX_INIT:
		return s->server && gex;
	case KEX_EXPECT_GEX_GROUP:
	case KEX_EXPECT_GEX_REPLY:
		return !s->server && gex;
	case KEX_EXPECT_NEWKEYS:
		return true;
	case KEX_OPEN:
		return !s->first;
	default:
		return false;
	}
}

static void each_stand(void (*f)(const struct stand *s))
{
	static const struct kex_agree *const agrees[] = {
	    &kex_dh_group14_sha256, &kex_curve25519_sha256, &kex_dh_gex_sha256};
	size_t n = 0;
	for (unsigned bits = 0; bits < 8; bits++) {
		for (size_t a = 0; a < 3; a++) {
			for (int state = 0; state < KEX_STATES; state++) {
				struct stand s = {(bits & 1) != 0, (enum kex_state)state,
				                  (bits & 2) != 0, (bits & 4) != 0, agrees[a]};
				if (!is_possible(&s))
					continue;
				f(&s);
				n++;
			}
		}
	}
	cr_assert_gt(n, 40);
}

/* --- What the RFCs say --- */

/* The one message of the method that is due now; 0: none. */
static int due(enum kex_state state)
{
	switch (state) {
	case KEX_EXPECT_INIT:
		return 30;
	case KEX_EXPECT_REPLY:
		return 31;
	case KEX_EXPECT_GEX_REQUEST:
		return 34;
	case KEX_EXPECT_GEX_GROUP:
		return 31;
	case KEX_EXPECT_GEX_INIT:
		return 32;
	case KEX_EXPECT_GEX_REPLY:
		return 33;
	default:
		return 0;
	}
}

static bool is_of_method(const struct stand *s, int n)
{
	return n >= 30 && n <= (s->agree->messages == WIRE_KEX_GEX ? 34 : 31);
}

static enum kex_verdict welcome_if(bool condition)
{
	return condition ? KEX_WELCOME : KEX_UNWELCOME;
}

/* Between the peer's KEXINIT and its NEWKEYS. */
static enum kex_verdict said_in_exchange(const struct stand *s, int n)
{
	enum kex_verdict unknown = s->first && s->strict ? KEX_UNWELCOME : KEX_UNIMPLEMENTED;
	if (n >= 2 && n <= 4)
		return welcome_if(!(s->first && s->strict));
	if (n == 21)
		return welcome_if(s->state == KEX_EXPECT_NEWKEYS);
	if (is_of_method(s, n))
		return welcome_if(n == due(s->state) ||
		                  (n == 30 && s->state == KEX_EXPECT_GEX_REQUEST));
	if ((n >= 5 && n <= 10) || n == 20 || (n >= 50 && n <= 127) || n == 192 || n == 193)
		return KEX_UNWELCOME;
	return unknown;
}

static enum kex_verdict said_when_open(const struct stand *s, int n)
{
	if ((n >= 2 && n <= 4) || n == 7 || n == 9 || n == 10 || n == 20 || (n >= 50 && n <= 127) ||
	    n == 192 || n == 193)
		return KEX_WELCOME;
	if (n == 5 || n == 6)
		return welcome_if(s->server == (n == 5));
	if (n == 8)
		return welcome_if(s->server);
	if (n == 21 || (n >= 30 && n <= 49))
		return KEX_UNWELCOME;
	return KEX_UNIMPLEMENTED;
}

static enum kex_verdict said(const struct stand *s, int n)
{
	if (n == 0)
		return KEX_UNWELCOME;
	if (n == 1)
		return KEX_WELCOME;
	if (s->state == KEX_EXPECT_KEXINIT)
		return welcome_if(n <= 4 || n == 20);
	return in_exchange(s) ? said_in_exchange(s, n) : said_when_open(s, n);
}

/* --- An engine that stands there, in the clear --- */

static struct crypt_drbg drbg;
static struct crypt_key host_key;

static void place(struct kex *k, const struct stand *s)
{
	static const struct crypt_key *const keys[] = {&host_key, NULL};
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	pair_key(&host_key, &pair_keyalg, 1);
	crypt_drbg_init(&drbg, wire_bytes_str("rules"));
	struct kex_config config = s->server ? p.server.config : p.client.config;
	config.host_keys = keys;
	config.rng = crypt_drbg_rng(&drbg);
	cr_assert_eq(kex_init(k, &config, 0), SSH_OK);
	kex_sent(k, kex_out(k).len);
	k->state = s->state;
	k->algs.agree = s->agree;
	k->algs.host_sig = &pair_sigalg;
	k->algs.strict = s->strict;
	k->exchanges = s->first ? 0 : 1;
	k->keyed = !s->first || s->state == KEX_EXPECT_NEWKEYS;
	k->sending_closed = s->state < KEX_EXPECT_NEWKEYS;
	k->delayed[KEX_CS] = &crypt_compress_none; /* so that NEWCOMPRESS is due */
	k->in.seq = 77;
	pair_wipe(&p);
}

static void describe(char *out, size_t size, const struct stand *s, int n)
{
	snprintf(out, size, "%s in %s, number %d, %s exchange%s, %s",
	         s->server ? "server" : "client", kex_state_name(s->state), n,
	         s->first ? "first" : "later", s->strict ? ", strict" : "", s->agree->name);
}

static void judge_all(const struct stand *s)
{
	struct kex k;
	char name[160];
	place(&k, s);
	for (int n = 0; n < 256; n++) {
		const struct kex_rule *rule = NULL;
		describe(name, sizeof name, s, n);
		enum kex_verdict v = kex_judge(&k, (uint8_t)n, &rule);
		cr_assert_eq(v, said(s, n), "%s: verdict %d", name, v);
		if (v == KEX_WELCOME)
			cr_assert(rule != NULL && rule->handle != NULL && rule->first <= n &&
			              rule->last >= n,
			          "%s", name);
	}
	kex_wipe(&k);
}

Test(rules, the_table_says_what_the_rfc_says)
{
	each_stand(judge_all);
}

Test(rules, nothing_is_welcome_outside_of_life)
{
	struct kex k;
	place(&k, &(struct stand){.state = KEX_OPEN, .agree = &kex_curve25519_sha256});
	for (int n = 0; n < 256; n++) {
		const struct kex_rule *rule;
		k.state = KEX_EXPECT_IDENT;
		cr_assert_neq(kex_judge(&k, (uint8_t)n, &rule), KEX_WELCOME, "%d", n);
		k.state = KEX_DEAD;
		cr_assert_neq(kex_judge(&k, (uint8_t)n, &rule), KEX_WELCOME, "%d", n);
	}
	kex_wipe(&k);
}

/* --- Dispatch does what the table says --- */

/* A well-formed message of that number with nothing in it. */
static void put_message(struct wire_buf *b, const struct stand *s, uint8_t n)
{
	static const max_align_t zero[64];
	struct wire_context ctx = {s->agree->messages, WIRE_AUTH_PASSWORD};
	const struct wire_shape *shape = wire_msg_find(n, ctx);
	if (shape == NULL) {
		wire_put_u8(b, n);
		return;
	}
	cr_assert_leq(shape->size, sizeof zero);
	wire_msg_encode(b, shape, zero);
}

/* The last packet queued, in the clear; empty if there is none. */
static ssh_bytes last_packet(const struct kex *k)
{
	ssh_bytes out = kex_out(k), last = {NULL, 0};
	while (out.len > 4) {
		size_t len = wire_load_u32(out.ptr);
		last = wire_bytes(out.ptr + CRYPT_PACKET_HEAD, len - 1 - out.ptr[4]);
		out = wire_bytes_skip(out, 4 + len);
	}
	return last;
}

static void expect_outcome(struct kex *k, const struct stand *s, int n, const char *name)
{
	static const uint8_t unimplemented[] = {SSH_MSG_UNIMPLEMENTED, 0, 0, 0, 77};
	ssh_bytes last = last_packet(k);
	bool strict = s->first && s->strict;
	bool answered = wire_bytes_equal(last, wire_bytes(unimplemented, 5));
	bool refused = k->err == SSH_ERR_UNEXPECTED || k->err == SSH_ERR_STRICT;
	switch (said(s, n)) {
	case KEX_WELCOME:
		cr_assert(!answered && !refused, "%s: handled, %s", name, ssh_err_name(k->err));
		break;
	case KEX_UNIMPLEMENTED:
		cr_assert(answered && k->state == s->state, "%s: unimplemented", name);
		break;
	case KEX_UNWELCOME:
		cr_assert_eq(k->err, strict ? SSH_ERR_STRICT : SSH_ERR_UNEXPECTED, "%s", name);
		cr_assert(last.len > 5 && last.ptr[0] == SSH_MSG_DISCONNECT && last.ptr[4] == 2,
		          "%s: disconnect 2", name);
		cr_assert_eq(k->state, KEX_DEAD, "%s", name);
		break;
	}
}

/* What comes out of the engine: the message for those above, the error once, or nothing. */
static void expect_events(struct kex *k, const struct stand *s, int n, const char *name)
{
	struct kex_event ev;
	bool above = (n >= 50 && n <= 127) || n == 5 || n == 6;
	bool delivered = false, error = false;
	while (kex_next(k, &ev)) {
		delivered = delivered || ev.type == KEX_EVENT_PAYLOAD;
		error = error || ev.type == KEX_EVENT_ERROR;
	}
	cr_assert_eq(delivered, above && said(s, n) == KEX_WELCOME, "%s: delivered", name);
	if (said(s, n) == KEX_UNWELCOME)
		cr_assert(error, "%s: error told", name);
}

static void dispatch_all(const struct stand *s)
{
	struct kex k;
	char name[160];
	for (int n = 0; n < 256; n++) {
		struct wire_buf message = {0}, packet = {0};
		size_t used;
		describe(name, sizeof name, s, n);
		place(&k, s);
		put_message(&message, s, (uint8_t)n);
		pair_plain(&packet, wire_buf_view(&message));
		cr_assert_eq(kex_recv(&k, wire_buf_view(&packet), &used), SSH_OK);
		expect_events(&k, s, n, name);
		expect_outcome(&k, s, n, name);
		wire_buf_wipe(&message);
		wire_buf_wipe(&packet);
		kex_wipe(&k);
	}
}

Test(rules, dispatch_does_what_the_table_says)
{
	each_stand(dispatch_all);
}
