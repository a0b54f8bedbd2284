/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/alloc.h"
#include "tests/support/pair.h"

/*
 * Compression in the transport: when it begins, in which packet, and what a damaged stream does.
 * RFC 4253 section 6.2, draft-miller-secsh-compression-delayed.
 */

static uint8_t room[KEX_PACKET_MAX];
static const size_t chunks[] = {1, 7, PAIR_WHOLE};

static const struct crypt_compress *const *only(const char *name)
{
	static const struct crypt_compress *arrays[8][2];
	for (size_t i = 0; crypt_compresses_legacy[i] != NULL; i++)
		if (strcmp(crypt_compresses_legacy[i]->name, name) == 0) {
			arrays[i][0] = crypt_compresses_legacy[i];
			return arrays[i];
		}
	return NULL;
}

#define REQUIRE_ZLIB()                                                                             \
	do {                                                                                       \
		if (only("zlib") == NULL)                                                          \
			return;                                                                    \
	} while (0)

static void configure(struct pair *p, const char *cs, const char *sc)
{
	struct pair_side *sides[] = {&p->client, &p->server};
	for (size_t i = 0; i < 2; i++) {
		sides[i]->config.compress[KEX_CS] = only(cs);
		sides[i]->config.compress[KEX_SC] = only(sc);
		sides[i]->config.agrees = pair_agrees_fast;
	}
}

static void open_with(struct pair *p, size_t chunk, const char *cs, const char *sc)
{
	pair_init(p, chunk);
	configure(p, cs, sc);
	cr_assert_eq(pair_start(p), SSH_OK);
	pair_run(p);
	cr_assert(pair_is_open(p), "%s, %s", ssh_err_name(p->client.err),
	          ssh_err_name(p->server.err));
}

/* A payload of a length; most of it is the same byte. Returns how many bytes it took. */
static size_t say(struct pair *p, struct pair_side *from, size_t len)
{
	struct pair_side *to = pair_peer(p, from);
	size_t before = wire_buf_len(&to->got);
	uint64_t wire = from->kex.out.bytes;
	memset(room, 'a', len);
	room[0] = SSH_MSG_CHANNEL_DATA;
	cr_assert_eq(kex_send(&from->kex, wire_bytes(room, len)), SSH_OK);
	wire = from->kex.out.bytes - wire;
	pair_run(p);
	ssh_bytes got = wire_bytes_skip(wire_buf_view(&to->got), before + 4);
	memset(room, 'a', len);
	room[0] = SSH_MSG_CHANNEL_DATA;
	cr_assert(wire_bytes_equal(got, wire_bytes(room, len)), "%zu bytes: %s, %s", len,
	          ssh_err_name(from->err), ssh_err_name(to->err));
	return (size_t)wire;
}

static void expect_on(struct pair *p, bool cs, bool sc, const char *when)
{
	cr_assert_eq(p->client.kex.deflate.on, cs, "client sends, %s", when);
	cr_assert_eq(p->client.kex.inflate.on, sc, "client receives, %s", when);
	cr_assert_eq(p->server.kex.deflate.on, sc, "server sends, %s", when);
	cr_assert_eq(say(p, &p->client, 20000) < 1000, cs, "client sends, %s", when);
	cr_assert_eq(say(p, &p->server, 20000) < 1000, sc, "server sends, %s", when);
	cr_assert_eq(p->server.kex.inflate.on, cs, "server receives, %s", when);
}

static void succeed(struct pair *p)
{
	cr_assert_eq(kex_send(&p->server.kex, wire_bytes("\x34", 1)), SSH_OK);
	pair_run(p);
	kex_set_authenticated(&p->client.kex);
	kex_set_authenticated(&p->server.kex);
}

Test(compress, at_once_and_anew_with_every_keys)
{
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		struct pair p;
		open_with(&p, chunks[i], "zlib", "zlib");
		expect_on(&p, true, true, "first keys");
		succeed(&p);
		expect_on(&p, true, true, "authenticated");
		for (int round = 0; round < 3; round++) {
			cr_assert_eq(kex_rekey(round % 2 ? &p.client.kex : &p.server.kex), SSH_OK);
			pair_run(&p);
			expect_on(&p, true, true, "new keys");
		}
		pair_wipe(&p);
	}
}

Test(compress, delayed_until_success)
{
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		struct pair p;
		open_with(&p, chunks[i], "zlib@openssh.com", "zlib@openssh.com");
		expect_on(&p, false, false, "first keys");
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
		pair_run(&p);
		expect_on(&p, false, false, "new keys before authentication");
		succeed(&p);
		expect_on(&p, true, true, "authenticated");
		cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
		pair_run(&p);
		expect_on(&p, true, true, "new keys");
		pair_wipe(&p);
	}
}

Test(compress, each_direction_for_itself)
{
	static const struct {
		const char *cs, *sc;
		bool cs_before, sc_before, cs_after, sc_after;
	} rows[] = {
	    {"none", "none", false, false, false, false},
	    {"zlib", "none", true, false, true, false},
	    {"none", "zlib@openssh.com", false, false, false, true},
	    {"zlib@openssh.com", "zlib", false, true, true, true},
	};
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pair p;
		open_with(&p, PAIR_WHOLE, rows[i].cs, rows[i].sc);
		cr_assert_str_eq(p.client.kex.algs.compress[KEX_CS]->name, rows[i].cs);
		cr_assert_str_eq(p.server.kex.algs.compress[KEX_SC]->name, rows[i].sc);
		expect_on(&p, rows[i].cs_before, rows[i].sc_before, "before");
		succeed(&p);
		expect_on(&p, rows[i].cs_after, rows[i].sc_after, "after");
		pair_wipe(&p);
	}
}

/* The client's choice, in its order; and a server that has none of it. */
Test(compress, is_negotiated)
{
	struct pair p;
	REQUIRE_ZLIB();
	pair_init(&p, PAIR_WHOLE);
	p.client.config.compress[KEX_CS] = crypt_compresses_legacy;
	p.server.config.compress[KEX_CS] = only("zlib");
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_str_eq(p.client.kex.algs.compress[KEX_CS]->name, "zlib");
	cr_assert_str_eq(p.client.kex.algs.compress[KEX_SC]->name, "none");
	pair_wipe(&p);
	pair_init(&p, PAIR_WHOLE);
	p.client.config.compress[KEX_SC] = only("zlib@openssh.com");
	cr_assert_eq(pair_start(&p), SSH_OK);
	pair_run(&p);
	cr_assert_eq(p.client.err, SSH_ERR_NO_COMMON);
	cr_assert_eq(kex_failed_list(&p.client.kex), KEX_LIST_COMP_SC);
	pair_wipe(&p);
}

/* What was on its way to the server when SUCCESS came is not compressed, whatever it is. */
static void crossing(bool server_rekeys, bool client_rekeys)
{
	struct pair p;
	open_with(&p, PAIR_WHOLE, "zlib@openssh.com", "zlib@openssh.com");
	p.client.mute = true;
	cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 300, 1)), SSH_OK);
	if (client_rekeys)
		cr_assert_eq(kex_rekey(&p.client.kex), SSH_OK);
	if (server_rekeys)
		cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
	cr_assert_eq(kex_send(&p.server.kex, wire_bytes("\x34", 1)), SSH_OK);
	pair_run(&p);
	cr_assert_eq(kex_send(&p.client.kex, pair_payload(room, 400, 2)), SSH_OK);
	p.client.mute = false;
	pair_run(&p);
	cr_assert(pair_is_open(&p), "%d %d: %s, %s", server_rekeys, client_rekeys,
	          ssh_err_name(p.client.err), ssh_err_name(p.server.err));
	cr_assert_eq(p.server.got_bytes, 700);
	cr_assert(kex_quiet(&p.client.kex) && kex_quiet(&p.server.kex));
	expect_on(&p, true, true, "after the crossing");
	pair_wipe(&p);
}

Test(compress, success_and_keys_may_cross)
{
	REQUIRE_ZLIB();
	for (int i = 0; i < 4; i++)
		crossing((i & 1) != 0, (i & 2) != 0);
}

/* The bytes of bulk data are written in place, and still compressed. */
Test(compress, bulk_data_too)
{
	struct pair p;
	REQUIRE_ZLIB();
	open_with(&p, PAIR_WHOLE, "zlib", "zlib");
	for (int i = 0; i < 200; i++) {
		uint8_t *at = kex_send_begin(&p.client.kex, PAIR_PAYLOAD);
		cr_assert_not_null(at);
		(void)pair_payload(at, PAIR_PAYLOAD, (uint8_t)i);
		cr_assert_eq(kex_send_end(&p.client.kex, PAIR_PAYLOAD), SSH_OK);
		if (i % 50 == 49)
			cr_assert_eq(kex_rekey(&p.server.kex), SSH_OK);
		pair_run(&p);
	}
	cr_assert_eq(p.server.got_bytes, (uint64_t)200 * PAIR_PAYLOAD);
	ssh_bytes got = wire_buf_view(&p.server.got);
	for (int i = 0; i < 200; i++) {
		(void)pair_payload(room, PAIR_PAYLOAD, (uint8_t)i);
		cr_assert_eq(memcmp(got.ptr + 4, room, PAIR_PAYLOAD), 0, "payload %d", i);
		got = wire_bytes_skip(got, 4 + PAIR_PAYLOAD);
	}
	pair_wipe(&p);
}

/* A packet of these bytes, sealed as it is, past the compressor. */
static void inject(struct pair *p, ssh_bytes bytes)
{
	uint8_t *at = kex_frame_begin(&p->client.kex.out, bytes.len);
	cr_assert_not_null(at);
	if (bytes.len > 0)
		memcpy(at, bytes.ptr, bytes.len);
	cr_assert_eq(kex_frame_end(&p->client.kex.out, bytes.len, &p->client.config.rng), SSH_OK);
	pair_run(p);
}

Test(compress, damage_ends_the_connection_with_its_reason)
{
	static const struct {
		ssh_bytes bytes;
		enum ssh_err e;
		uint32_t reason;
	} rows[] = {
	    {{NULL, 0}, SSH_ERR_PADDING, SSH_DISCONNECT_PROTOCOL_ERROR},
	    {{(const uint8_t *)"\xff\xff\xff\xff\xff\xff", 6},
	     SSH_ERR_COMPRESSION,
	     SSH_DISCONNECT_COMPRESSION_ERROR},
	    {{(const uint8_t *)"\0\0\0\1\2\3\4\5\6", 9},
	     SSH_ERR_COMPRESSION,
	     SSH_DISCONNECT_COMPRESSION_ERROR},
	};
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pair p;
		open_with(&p, PAIR_WHOLE, "zlib", "zlib");
		(void)say(&p, &p.client, 100);
		inject(&p, rows[i].bytes);
		cr_expect_eq(p.server.err, rows[i].e, "row %zu: %s", i, ssh_err_name(p.server.err));
		cr_expect_eq(p.client.reason, rows[i].reason, "row %zu", i);
		pair_wipe(&p);
	}
}

Test(compress, a_bomb_is_refused_before_memory_is)
{
	struct pair p;
	struct wire_buf bomb = {0};
	static uint8_t zeros[(size_t)16 << 20];
	REQUIRE_ZLIB();
	open_with(&p, PAIR_WHOLE, "zlib", "zlib");
	zeros[0] = SSH_MSG_IGNORE;
	cr_assert_eq(crypt_compressor_deflate(&p.client.kex.deflate.stream,
	                                      wire_bytes(zeros, sizeof zeros), &bomb),
	             SSH_OK);
	cr_assert_lt(wire_buf_len(&bomb), sizeof zeros / 900);
	alloc_start();
	inject(&p, wire_buf_view(&bomb));
	cr_assert_lt(alloc_peak_bytes(), (size_t)1 << 20, "%zu bytes", alloc_peak_bytes());
	alloc_stop();
	cr_assert_eq(p.server.err, SSH_ERR_COMPRESSION);
	cr_assert_eq(p.client.reason, SSH_DISCONNECT_COMPRESSION_ERROR);
	wire_buf_wipe(&bomb);
	pair_wipe(&p);
}

/* A session with the n-th allocation failing. */
static bool session(struct pair *p)
{
	p->client.forget = true;
	p->server.forget = true;
	if (pair_start(p) != SSH_OK)
		return false;
	pair_run(p);
	(void)kex_send(&p->server.kex, wire_bytes("\x34", 1));
	(void)kex_send(&p->client.kex, pair_payload(room, 40000, 1));
	pair_run(p);
	(void)kex_rekey(&p->client.kex);
	(void)kex_send(&p->client.kex, pair_payload(room, 5000, 2));
	uint8_t *at = kex_send_begin(&p->server.kex, PAIR_PAYLOAD);
	if (at != NULL)
		(void)kex_send_end(&p->server.kex, pair_payload(at, 5000, 4).len);
	pair_run(p);
	return pair_is_open(p) && p->server.got_bytes == 45000 && p->client.got_bytes == 5001;
}

Test(compress, every_allocation_may_fail)
{
	bool failed = true;
	REQUIRE_ZLIB();
	for (size_t n = 1; failed; n++) {
		struct pair p;
		pair_init(&p, PAIR_WHOLE);
		configure(&p, n % 2 ? "zlib" : "zlib@openssh.com", "zlib@openssh.com");
		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(n);
		bool complete = session(&p);
		failed = alloc_failed();
		enum ssh_err client = p.client.kex.err, server = p.server.kex.err;
		pair_wipe(&p);
		alloc_stop();
		cr_assert_eq(complete, !failed, "allocation %zu: %s, %s", n, ssh_err_name(client),
		             ssh_err_name(server));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		cr_assert_eq(alloc_unwiped(), 0, "allocation %zu", n);
	}
}

/* While nothing moves a direction keeps its stream and no more. */
Test(compress, idle_directions_hold_no_payload)
{
	struct pair p;
	REQUIRE_ZLIB();
	open_with(&p, PAIR_WHOLE, "zlib", "zlib");
	(void)say(&p, &p.client, 30000);
	(void)say(&p, &p.server, 30000);
	kex_tick(&p.client.kex, KEX_IDLE_MS);
	kex_tick(&p.server.kex, KEX_IDLE_MS);
	cr_assert_null(p.client.kex.deflate.buf.mem);
	cr_assert_null(p.client.kex.inflate.buf.mem);
	cr_assert_null(p.server.kex.deflate.buf.mem);
	cr_assert_null(p.server.kex.inflate.buf.mem);
	expect_on(&p, true, true, "afterwards");
	pair_wipe(&p);
}
