/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/alloc.h"
#include "tests/support/pair.h"

/* RFC 8308 and the extensions that came after: who is told what, when, and what comes of it. */

static uint8_t room[KEX_PACKET_MAX];

static void open_pair(struct pair *p)
{
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p), "%s, %s", ssh_err_name(p->client.err),
	          ssh_err_name(p->server.err));
}

static void succeed(struct pair *p)
{
	cr_assert_eq(kex_send(&p->server.kex, wire_bytes("\x34", 1)), SSH_OK);
	pair_run(p);
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
}

static bool is(const struct kex *k, enum kex_ext e, const char *want)
{
	ssh_bytes value;
	bool there = kex_peer_ext(k, e, &value);
	return want == NULL ? !there && value.len == 0 : there && wire_bytes_is(value, want);
}

/* Each extension said by both: it arrives where it may, and is no fact anywhere else. */
Test(extinfo, every_extension_goes_its_way)
{
	for (enum kex_ext e = KEX_EXT_NO_FLOW_CONTROL; e < KEX_EXTS; e++) {
		struct pair p;
		pair_init(&p, 7);
		p.client.config.ext[e] = "from the client";
		p.server.config.ext[e] = "from the server";
		p.server.config.user_sigs = NULL;
		open_pair(&p);
		uint8_t to = kex_extensions[e].receivers;
		const char *name = kex_extensions[e].name;
		cr_expect(is(&p.client.kex, e, to & KEX_TO_CLIENT ? "from the server" : NULL), "%s",
		          name);
		cr_expect(is(&p.server.kex, e, to & KEX_TO_SERVER ? "from the client" : NULL), "%s",
		          name);
		cr_expect_eq(p.client.events[KEX_EVENT_EXT_INFO], (to & KEX_TO_CLIENT) != 0, "%s",
		             name);
		cr_expect_eq(p.server.events[KEX_EVENT_EXT_INFO], (to & KEX_TO_SERVER) != 0, "%s",
		             name);
		for (enum kex_ext other = 0; other < KEX_EXTS; other++)
			cr_expect(other == e || (is(&p.client.kex, other, NULL) &&
			                         is(&p.server.kex, other, NULL)),
			          "%s", name);
		pair_wipe(&p);
	}
}

/* What a server keeps for the second opportunity comes right before SUCCESS, with all the rest. */
Test(extinfo, late_ones_come_before_success)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.server.config.ext[KEX_EXT_HOSTKEYS] = "0";
	p.server.config.ext[KEX_EXT_AGENT_FORWARD] = "0";
	p.server.config.ext_late = 1u << KEX_EXT_AGENT_FORWARD;
	open_pair(&p);
	cr_assert(is(&p.client.kex, KEX_EXT_HOSTKEYS, "0") &&
	          is(&p.client.kex, KEX_EXT_AGENT_FORWARD, NULL));
	succeed(&p);
	cr_assert(is(&p.client.kex, KEX_EXT_HOSTKEYS, "0") &&
	          is(&p.client.kex, KEX_EXT_AGENT_FORWARD, "0"));
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 2);
	cr_assert_eq(p.client.got_bytes, 1);
	pair_wipe(&p);
}

/* --- When the user is known --- */

static const struct crypt_sigalg *const others[] = {&crypt_sig_rsa_sha2_512, NULL};

static void set_user_sigs(struct pair *p)
{
	cr_assert_eq(kex_set_user_sigs(&p->server.kex, others), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p), "%s", ssh_err_name(p->client.err));
}

/* The whole of the first EXT_INFO again but for the signatures; and what was kept, before SUCCESS. */
Test(extinfo, in_auth)
{
	struct pair p;
	pair_init(&p, 7);
	p.client.config.ext[KEX_EXT_IN_AUTH] = "0";
	p.client.config.ext[KEX_EXT_NO_FLOW_CONTROL] = "p";
	p.server.config.ext[KEX_EXT_NO_FLOW_CONTROL] = "s";
	p.server.config.ext[KEX_EXT_HOSTKEYS] = "0";
	p.server.config.ext_late = 1u << KEX_EXT_HOSTKEYS;
	open_pair(&p);
	cr_assert(!wire_bytes_is(kex_peer_sig_algs(&p.client.kex), "rsa-sha2-512"));
	for (int i = 0; i < 3; i++)
		set_user_sigs(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 2, "once");
	cr_assert(wire_bytes_is(kex_peer_sig_algs(&p.client.kex), "rsa-sha2-512"));
	cr_assert(kex_no_flow_control(&p.client.kex) && kex_no_flow_control(&p.server.kex));
	cr_assert(is(&p.client.kex, KEX_EXT_HOSTKEYS, NULL));
	succeed(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 3);
	cr_assert(is(&p.client.kex, KEX_EXT_HOSTKEYS, "0"));
	cr_assert(wire_bytes_is(kex_peer_sig_algs(&p.client.kex), "rsa-sha2-512"));
	cr_assert_eq(kex_set_user_sigs(&p.server.kex, others), SSH_ERR_STATE, "too late");
	cr_assert(pair_is_open(&p));
	pair_wipe(&p);
}

Test(extinfo, in_auth_for_those_who_take_it)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.client.config.ext[KEX_EXT_IN_AUTH] = NULL;
	cr_assert_eq(pair_start(&p), SSH_OK);
	cr_assert_eq(kex_set_user_sigs(&p.server.kex, others), SSH_ERR_STATE, "no keys");
	pair_run(&p);
	cr_assert_eq(kex_set_user_sigs(&p.client.kex, others), SSH_ERR_STATE, "a client");
	set_user_sigs(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_EXT_INFO], 1);
	pair_wipe(&p);
}

/* A client that has said so takes three, another two. */
Test(extinfo, so_many_and_not_more)
{
	static const uint8_t none[] = {SSH_MSG_EXT_INFO, 0, 0, 0, 0};
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.ext[KEX_EXT_IN_AUTH] = i == 0 ? NULL : "0";
		open_pair(&p);
		while (p.client.events[KEX_EVENT_EXT_INFO] < 2 + i) {
			cr_assert_eq(kex_send_raw(&p.server.kex, wire_bytes(none, 5)), SSH_OK);
			pair_run(&p);
			cr_assert_eq(p.client.err, SSH_OK);
		}
		cr_assert_eq(kex_send_raw(&p.server.kex, wire_bytes(none, 5)), SSH_OK);
		pair_run(&p);
		cr_assert_eq(p.client.err, SSH_ERR_UNEXPECTED);
		pair_wipe(&p);
	}
}

/* --- From a peer that sends what it likes --- */

static void put_pair(struct wire_buf *b, const char *name, ssh_bytes value)
{
	wire_put_str(b, name);
	wire_put_string(b, value);
}

/* An EXT_INFO of the server's of these names, all with this value. */
static enum ssh_err told(struct pair *p, const char *const *names, ssh_bytes value)
{
	struct wire_buf b = {0};
	uint32_t n = 0;
	while (names[n] != NULL)
		n++;
	wire_put_u8(&b, SSH_MSG_EXT_INFO);
	wire_put_u32(&b, n);
	for (uint32_t i = 0; i < n; i++)
		put_pair(&b, names[i], value);
	cr_assert_eq(kex_send_raw(&p->server.kex, wire_buf_view(&b)), SSH_OK);
	wire_buf_wipe(&b);
	pair_run(p);
	return p->client.err;
}

Test(extinfo, unknown_names_and_bad_values)
{
	static const char *const unknown[] = {"nobody@knows.it", "elevation", "", NULL};
	static const char *const sigs[] = {"server-sig-algs", NULL};
	static const char *const twice[] = {"hostkeys", "hostkeys", NULL};
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.server.config.user_sigs = NULL;
	open_pair(&p);
	cr_assert_eq(told(&p, unknown, wire_bytes("\0\0\xff", 3)), SSH_OK);
	for (enum kex_ext e = 0; e < KEX_EXTS; e++)
		cr_assert(is(&p.client.kex, e, NULL), "%s", kex_extensions[e].name);
	cr_assert_eq(told(&p, twice, wire_bytes_str("1")), SSH_OK);
	cr_assert(is(&p.client.kex, KEX_EXT_HOSTKEYS, "1"));
	pair_wipe(&p);
	pair_init(&p, PAIR_WHOLE);
	p.server.config.user_sigs = NULL;
	open_pair(&p);
	cr_assert_eq(told(&p, sigs, wire_bytes("a\0b", 3)), SSH_ERR_NAME_LIST);
	pair_wipe(&p);
}

/* Those of RFC 8308 itself are taken back by a message without them, others stay. */
Test(extinfo, a_second_message_replaces_what_two_must_agree_on)
{
	static const char *const second[] = {"hostkeys", NULL};
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	p.server.config.ext[KEX_EXT_NO_FLOW_CONTROL] = "s";
	p.client.config.ext[KEX_EXT_NO_FLOW_CONTROL] = "p";
	p.server.config.ext[KEX_EXT_PING] = "0";
	open_pair(&p);
	cr_assert(kex_no_flow_control(&p.client.kex));
	cr_assert_eq(told(&p, second, wire_bytes_str("0")), SSH_OK);
	cr_assert(!kex_no_flow_control(&p.client.kex));
	cr_assert(is(&p.client.kex, KEX_EXT_PING, "0") && is(&p.client.kex, KEX_EXT_HOSTKEYS, "0"));
	cr_assert(is(&p.client.kex, KEX_EXT_SERVER_SIG_ALGS, "pair@test,pair-2@test"));
	cr_assert_eq(told(&p, second, wire_bytes_str("0")), SSH_ERR_UNEXPECTED, "a third");
	pair_wipe(&p);
}

Test(extinfo, no_flow_control_takes_two)
{
	static const struct {
		const char *client, *server;
		bool on;
	} rows[] = {
	    {NULL, NULL, false}, {"p", NULL, false}, {NULL, "p", false}, {"s", "s", false},
	    {"p", "s", true},    {"s", "p", true},   {"p", "p", true},   {"p", "x", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.ext[KEX_EXT_NO_FLOW_CONTROL] = rows[i].client;
		p.server.config.ext[KEX_EXT_NO_FLOW_CONTROL] = rows[i].server;
		open_pair(&p);
		cr_expect_eq(kex_no_flow_control(&p.client.kex), rows[i].on, "row %zu", i);
		/* "x" is nothing to the other side either, whatever it makes of its own. */
		cr_expect(i == 7 || kex_no_flow_control(&p.server.kex) == rows[i].on, "row %zu", i);
		pair_wipe(&p);
	}
}

Test(extinfo, elevation_is_the_clients_wish)
{
	static const struct {
		const char *said;
		char is;
	} rows[] = {{NULL, 'd'}, {"y", 'y'}, {"n", 'n'}, {"d", 'd'}, {"yes", 'd'}, {"", 'd'}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.client.config.ext[KEX_EXT_ELEVATION] = rows[i].said;
		open_pair(&p);
		cr_expect_eq(kex_peer_elevation(&p.server.kex), rows[i].is, "row %zu", i);
		cr_expect_eq(kex_peer_elevation(&p.client.kex), 'd', "row %zu", i);
		pair_wipe(&p);
	}
}

/* --- Pings --- */

static void pings(enum kex_ext e)
{
	struct pair p;
	pair_init(&p, 7);
	p.client.config.ext[e] = "0";
	p.server.config.ext[e] = "0";
	open_pair(&p);
	cr_assert_eq(kex_ping(&p.client.kex, wire_bytes_str("early")), SSH_ERR_STATE);
	succeed(&p);
	p.client.hungry = true;
	cr_assert_eq(kex_ping(&p.client.kex, wire_bytes_str("one")), SSH_OK);
	cr_assert_eq(kex_ping(&p.client.kex, wire_bytes(NULL, 0)), SSH_OK);
	pair_run(&p);
	struct kex_event ev;
	cr_assert(kex_next(&p.client.kex, &ev) && ev.type == KEX_EVENT_PONG);
	cr_assert(wire_bytes_is(ev.payload, "one"));
	cr_assert(kex_next(&p.client.kex, &ev) && ev.type == KEX_EVENT_PONG && ev.payload.len == 0);
	p.client.hungry = false;
	/* While keys are exchanged the answer waits. */
	cr_assert_eq(kex_ping(&p.server.kex, wire_bytes_str("two")), SSH_OK);
	cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.server.events[KEX_EVENT_PONG], 1);
	/* One that nobody asked for is nothing. */
	cr_assert_eq(kex_send_raw(&p.server.kex, wire_bytes("\xc1\0\0\0\0", 5)), SSH_OK);
	cr_assert_eq(kex_send_raw(&p.server.kex, wire_bytes("\x0a\0\0\0\0", 5)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.events[KEX_EVENT_PONG], 0);
	cr_assert(pair_is_open(&p));
	pair_wipe(&p);
}

Test(extinfo, pings_by_either_number)
{
	pings(KEX_EXT_PING);
	pings(KEX_EXT_PING_OPENSSH);
}

Test(extinfo, no_ping_to_who_does_not_know_it)
{
	struct pair p;
	pair_init(&p, PAIR_WHOLE);
	open_pair(&p);
	succeed(&p);
	cr_assert_eq(kex_ping(&p.client.kex, wire_bytes_str("x")), SSH_ERR_UNSUPPORTED);
	pair_wipe(&p);
}

/* --- delay-compression --- */

static const struct crypt_compress *const *named(const char *a, const char *b)
{
	static const struct crypt_compress *lists[16][3];
	static size_t used;
	const struct crypt_compress **list = lists[used++ % 16];
	const char *names[] = {a, b};
	size_t n = 0;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; crypt_compresses_legacy[j] != NULL; j++)
			if (names[i] != NULL &&
			    strcmp(crypt_compresses_legacy[j]->name, names[i]) == 0)
				list[n++] = crypt_compresses_legacy[j];
	list[n] = NULL;
	return n == 0 ? NULL : list;
}

#define REQUIRE_ZLIB()                                                                             \
	do {                                                                                       \
		if (named("zlib", NULL) == NULL)                                                   \
			return;                                                                    \
	} while (0)

static void delaying(struct pair *p, size_t chunk, const char *server_first)
{
	pair_init(p, chunk);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		p->client.config.delay_compress[dir] = named("zlib", "none");
		p->server.config.delay_compress[dir] = named(server_first, NULL);
	}
}

static void expect_on(struct pair *p, bool on, const char *when)
{
	struct pair_side *sides[] = {&p->client, &p->server};
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(sides[i]->kex.deflate.on, on, "side %zu, %s", i, when);
		uint64_t before = sides[i]->kex.out.bytes, got = pair_peer(p, sides[i])->got_bytes;
		memset(room, 'x', 20000);
		room[0] = SSH_MSG_CHANNEL_DATA;
		cr_assert_eq(kex_send(&sides[i]->kex, wire_bytes(room, 20000)), SSH_OK);
		cr_assert_eq(sides[i]->kex.out.bytes - before < 1000, on, "side %zu, %s", i, when);
		pair_run(p);
		cr_assert_eq(pair_peer(p, sides[i])->got_bytes - got, 20000, "side %zu, %s", i,
		             when);
	}
}

Test(extinfo, delay_compression_starts_at_its_triggers)
{
	static const size_t chunks[] = {1, 7, PAIR_WHOLE};
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		struct pair p;
		delaying(&p, chunks[i], "zlib");
		p.server.config.ext_late = i == 0 ? 1u << KEX_EXT_DELAY_COMPRESSION : 0;
		open_pair(&p);
		expect_on(&p, false, "before authentication");
		/* Section 3.2.1: no exchange yet; it is not forgotten. */
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
		pair_run(&p);
		cr_assert_eq(p.client.events[KEX_EVENT_KEYS], 1);
		/* On its way while SUCCESS comes. */
		p.client.mute = true;
		cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 500, 1)), SSH_OK);
		succeed(&p);
		p.client.mute = false;
		pair_run(&p);
		cr_assert(pair_is_open(&p), "%s, %s", ssh_err_name(p.client.err),
		          ssh_err_name(p.server.err));
		cr_assert_eq(p.client.events[KEX_EVENT_KEYS], 2);
		/* Section 3.2.2: what the exchange came to counts: none. */
		expect_on(&p, false, "after the exchange");
		pair_wipe(&p);
	}
}

Test(extinfo, delay_compression_in_effect)
{
	REQUIRE_ZLIB();
	for (int reset = 0; reset < 2; reset++) {
		struct pair p;
		delaying(&p, 7, "zlib");
		for (int dir = KEX_CS; reset && dir <= KEX_SC; dir++) {
			p.client.config.compress[dir] = named("zlib", NULL);
			p.server.config.compress[dir] = named("zlib", NULL);
		}
		open_pair(&p);
		expect_on(&p, reset, "before");
		succeed(&p);
		expect_on(&p, true, "after");
		cr_assert_str_eq(p.client.kex.algs.compress[KEX_CS]->name, "zlib");
		/* A second NEWCOMPRESS is one too many. */
		cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("\x08", 1)), SSH_OK);
		pair_run(&p);
		cr_assert_eq(p.server.err, SSH_ERR_UNEXPECTED);
		pair_wipe(&p);
	}
}

Test(extinfo, delay_compression_needs_both_and_something_in_common)
{
	struct pair p;
	REQUIRE_ZLIB();
	delaying(&p, PAIR_WHOLE, "zlib");
	p.server.config.delay_compress[KEX_CS] = NULL;
	open_pair(&p);
	succeed(&p);
	expect_on(&p, false, "one alone");
	cr_assert_eq(kex_send_raw(&p.client.kex, wire_bytes("\x08", 1)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.server.err, SSH_ERR_UNEXPECTED, "NEWCOMPRESS unasked");
	pair_wipe(&p);
	delaying(&p, PAIR_WHOLE, "zlib");
	p.client.config.delay_compress[KEX_SC] = named("none", NULL);
	open_pair(&p);
	(void)kex_send(&p.server.kex, wire_bytes("\x34", 1));
	cr_assert_eq(p.server.kex.err, SSH_ERR_NO_COMMON);
	cr_assert_eq(kex_failed_list(&p.server.kex), KEX_LIST_COMP_SC);
	pair_wipe(&p);
}

/* --- Memory --- */

static bool session(struct pair *p)
{
	if (pair_start(p) != SSH_OK)
		return false;
	pair_run(p);
	(void)kex_send(&p->server.kex, wire_bytes("\x34", 1));
	pair_run(p);
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
	(void)kex_ping(&p->client.kex, wire_bytes_str("still there?"));
	pair_run(p);
	return pair_is_open(p) && p->client.events[KEX_EVENT_PONG] == 1;
}

Test(extinfo, every_allocation_may_fail)
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		p.client.forget = p.server.forget = true;
		p.client.config.agrees = p.server.config.agrees = pair_agrees_fast;
		for (enum kex_ext e = 0; e < KEX_EXTS; e++)
			p.client.config.ext[e] = p.server.config.ext[e] = "s";
		for (int dir = KEX_CS; dir <= KEX_SC; dir++)
			p.client.config.delay_compress[dir] = p.server.config.delay_compress[dir] =
			    crypt_compresses_legacy;
		p.server.config.ext_late = 1u << KEX_EXT_HOSTKEYS;
		alloc_start();
		alloc_fail_at(n);
		bool complete = session(&p);
		failed = alloc_failed();
		pair_wipe(&p);
		alloc_stop();
		cr_assert_eq(complete, !failed, "allocation %zu", n);
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
}
