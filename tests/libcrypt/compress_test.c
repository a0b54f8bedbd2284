/* SPDX-License-Identifier: MIT */
#include "libcrypt/compress.h"

#include <criterion/criterion.h>

#include "tests/support/alloc.h"

#define MAX ((size_t)262144)

static uint8_t room[4 * MAX];

static const struct crypt_compress *find(const char *name)
{
	const struct crypt_compress *const *c = crypt_compresses_legacy;
	while (*c != NULL && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

/* A build without zlib has `none` alone, and nothing to test but that. */
#define REQUIRE_ZLIB()                                                                             \
	do {                                                                                       \
		if (find("zlib") == NULL)                                                          \
			return;                                                                    \
	} while (0)

Test(compress, none_is_always_there_and_zlib_in_no_default)
{
	cr_assert_str_eq(crypt_compresses[0]->name, "none");
	cr_assert_null(crypt_compresses[0]->init);
	for (size_t i = 0; crypt_compresses[i] != NULL; i++)
		cr_assert(i == 0 || crypt_compresses[i]->delayed, "%s", crypt_compresses[i]->name);
	cr_assert_eq(find("zlib") == NULL, find("zlib@openssh.com") == NULL);
}

/* A pair of streams. */
struct streams {
	struct crypt_compressor deflate, inflate;
	struct wire_buf small, large;
};

static enum ssh_err streams_init(struct streams *s)
{
	enum ssh_err e = crypt_compressor_init(&s->deflate, find("zlib"), false);
	return e != 0 ? e : crypt_compressor_init(&s->inflate, find("zlib"), true);
}

static void streams_wipe(struct streams *s)
{
	crypt_compressor_wipe(&s->deflate);
	crypt_compressor_wipe(&s->inflate);
	wire_buf_wipe(&s->small);
	wire_buf_wipe(&s->large);
}

/* One payload there and back. */
static enum ssh_err pass(struct streams *s, ssh_bytes in)
{
	enum ssh_err e;
	wire_buf_reset(&s->small);
	wire_buf_reset(&s->large);
	if ((e = crypt_compressor_deflate(&s->deflate, in, &s->small)) != 0)
		return e;
	return crypt_compressor_inflate(&s->inflate, wire_buf_view(&s->small), &s->large, MAX);
}

/* `kind` 0: all the same; 1: text-like; 2: noise. */
static ssh_bytes sample(size_t len, unsigned kind)
{
	uint32_t x = 1;
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		uint8_t noise = (uint8_t)(x >> 24);
		room[i] = kind == 0   ? 'a'
		          : kind == 1 ? (uint8_t) "etaoin shrdlu\n"[noise % 14]
		                      : noise;
	}
	return wire_bytes(room, len);
}

Test(compress, every_length_goes_there_and_back)
{
	static const size_t sizes[] = {1,     2,     3,     100,    16383, 16384,
	                               16385, 32768, 65536, 131072, MAX};
	struct streams s = {0};
	REQUIRE_ZLIB();
	cr_assert_eq(streams_init(&s), SSH_OK);
	for (unsigned kind = 0; kind < 3; kind++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			ssh_bytes in = sample(sizes[i], kind);
			cr_assert_eq(pass(&s, in), SSH_OK, "%zu of kind %u", in.len, kind);
			cr_assert(wire_bytes_equal(wire_buf_view(&s.large), in), "%zu of kind %u",
			          in.len, kind);
			cr_assert(kind == 2 || in.len < 100 || wire_buf_len(&s.small) < in.len);
		}
	for (size_t len = 1; len < 700; len++) {
		ssh_bytes in = sample(len, 1);
		cr_assert(pass(&s, in) == SSH_OK && wire_bytes_equal(wire_buf_view(&s.large), in),
		          "%zu", len);
	}
	streams_wipe(&s);
}

/* The second time the same bytes are a reference to the first: the stream goes on. */
Test(compress, a_stream_remembers_and_a_new_one_does_not)
{
	struct streams s = {0};
	REQUIRE_ZLIB();
	cr_assert_eq(streams_init(&s), SSH_OK);
	ssh_bytes in = sample(4000, 2);
	cr_assert_eq(pass(&s, in), SSH_OK);
	cr_assert_gt(wire_buf_len(&s.small), 3900);
	cr_assert(s.inflate.alg->opens(wire_buf_view(&s.small)));
	cr_assert_eq(pass(&s, in), SSH_OK);
	cr_assert_lt(wire_buf_len(&s.small), 200);
	cr_assert_eq(streams_init(&s), SSH_OK);
	cr_assert_eq(pass(&s, in), SSH_OK);
	cr_assert_gt(wire_buf_len(&s.small), 3900);
	streams_wipe(&s);
}

Test(compress, hostile_streams_are_refused)
{
	static const struct {
		const char *what;
		ssh_bytes bytes;
		enum ssh_err e;
	} rows[] = {
#define ROW(what, text, e) {what, {(const uint8_t *)(text), sizeof(text) - 1}, e}
	    ROW("nothing", "", SSH_ERR_COMPRESSION),
	    ROW("no header", "hello", SSH_ERR_COMPRESSION),
	    ROW("header's check is wrong", "\x78\x9d\x02", SSH_ERR_COMPRESSION),
	    ROW("another method", "\x77\x85", SSH_ERR_COMPRESSION),
	    ROW("window too large", "\x88\x1c", SSH_ERR_COMPRESSION),
	    ROW("header alone", "\x78\x9c", SSH_ERR_COMPRESSION),
	    ROW("wants a dictionary", "\x78\xbb\0\0\0\1", SSH_ERR_COMPRESSION),
	    ROW("block type 3", "\x78\x9c\x06", SSH_ERR_COMPRESSION),
	    ROW("stored length and its complement", "\x78\x9c\0\1\0\1\0", SSH_ERR_COMPRESSION),
	    ROW("refers to before the beginning", "\x78\x9c\x02\x02\0", SSH_ERR_COMPRESSION),
	    ROW("too many codes", "\x78\x9c\xfc\0\0\0", SSH_ERR_COMPRESSION),
	    ROW("stored block cut short", "\x78\x9c\0\5\0\xfa\xff", SSH_ERR_COMPRESSION),
	    ROW("the stream ends",
	        "\x78\x9c\1\1\0\xfe\xff"
	        "a"
	        "\0\x62\0\x62",
	        SSH_ERR_COMPRESSION),
	    ROW("the sum is wrong",
	        "\x78\x9c\1\1\0\xfe\xff"
	        "a"
	        "\0\x62\0\x63",
	        SSH_ERR_COMPRESSION),
	    ROW("good",
	        "\x78\x9c\0\1\0\xfe\xff"
	        "a",
	        SSH_OK),
	};
	REQUIRE_ZLIB();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct streams s = {0};
		cr_assert_eq(streams_init(&s), SSH_OK);
		enum ssh_err e = crypt_compressor_inflate(&s.inflate, rows[i].bytes, &s.large, MAX);
		cr_expect_eq(e, rows[i].e, "%s: %s", rows[i].what, ssh_err_name(e));
		streams_wipe(&s);
	}
}

/* Every byte of a stream changed, and every length cut: an error or other bytes, never more. */
Test(compress, damage_is_survived)
{
	struct streams s = {0};
	struct wire_buf good = {0};
	REQUIRE_ZLIB();
	cr_assert_eq(streams_init(&s), SSH_OK);
	ssh_bytes in = sample(600, 1);
	cr_assert_eq(crypt_compressor_deflate(&s.deflate, in, &good), SSH_OK);
	size_t len = wire_buf_len(&good), refused = 0;
	for (size_t at = 0; at < 2 * len; at++) {
		uint8_t copy[1024];
		memcpy(copy, wire_buf_view(&good).ptr, len);
		copy[at % len] ^= at < len ? 0x10 : 0xff;
		wire_buf_reset(&s.large);
		cr_assert_eq(crypt_compressor_init(&s.inflate, find("zlib"), true), SSH_OK);
		enum ssh_err e =
		    crypt_compressor_inflate(&s.inflate, wire_bytes(copy, len), &s.large, MAX);
		cr_assert(e == SSH_OK || e == SSH_ERR_COMPRESSION, "byte %zu: %s", at,
		          ssh_err_name(e));
		cr_assert_leq(wire_buf_len(&s.large), MAX + 1);
		refused += e != SSH_OK;
	}
	cr_assert_gt(refused, 10);
	for (size_t cut = 0; cut < len; cut++) {
		wire_buf_reset(&s.large);
		cr_assert_eq(crypt_compressor_init(&s.inflate, find("zlib"), true), SSH_OK);
		(void)crypt_compressor_inflate(
		    &s.inflate, wire_bytes(wire_buf_view(&good).ptr, cut), &s.large, MAX);
		cr_assert_lt(wire_buf_len(&s.large), in.len + 1, "cut at %zu", cut);
	}
	wire_buf_wipe(&good);
	streams_wipe(&s);
}

/* A thousand bytes for one: refused when the limit is passed by a byte, not when memory is full. */
Test(compress, a_bomb_ends_at_the_limit)
{
	struct streams s = {0};
	REQUIRE_ZLIB();
	cr_assert_eq(streams_init(&s), SSH_OK);
	for (size_t len = MAX; len <= 4 * MAX; len += len == MAX ? 1 : MAX - 1) {
		wire_buf_wipe(&s.small);
		wire_buf_wipe(&s.large);
		cr_assert_eq(streams_init(&s), SSH_OK);
		cr_assert_eq(crypt_compressor_deflate(&s.deflate, sample(len, 0), &s.small),
		             SSH_OK);
		cr_assert_lt(wire_buf_len(&s.small), len / 500);
		alloc_start();
		enum ssh_err e =
		    crypt_compressor_inflate(&s.inflate, wire_buf_view(&s.small), &s.large, MAX);
		cr_assert_eq(e, len == MAX ? SSH_OK : SSH_ERR_COMPRESSION, "%zu: %s", len,
		             ssh_err_name(e));
		cr_assert_leq(wire_buf_len(&s.large), MAX + 1);
		cr_assert_lt(alloc_peak_bytes(), 4 * MAX, "%zu bytes", alloc_peak_bytes());
		alloc_stop();
	}
	streams_wipe(&s);
}

Test(compress, memory_is_one_piece_and_wiped)
{
	struct streams s = {0};
	REQUIRE_ZLIB();
	alloc_start();
	alloc_watch_wipes();
	cr_assert_eq(streams_init(&s), SSH_OK);
	cr_assert_eq(alloc_count(), 2);
	for (int i = 0; i < 20; i++)
		cr_assert_eq(pass(&s, sample(65536, (unsigned)i % 3)), SSH_OK);
	streams_wipe(&s);
	alloc_stop();
	cr_assert_eq(alloc_unwiped(), 0);
	cr_assert_eq(alloc_live_bytes(), 0);
	streams_wipe(&s); /* twice is harmless */
}

static enum ssh_err work(struct streams *s)
{
	enum ssh_err e = streams_init(s);
	return e != 0 ? e : pass(s, sample(100000, 1));
}

Test(compress, every_allocation_may_fail)
{
	bool failed = true;
	REQUIRE_ZLIB();
	for (size_t n = 1; failed; n++) {
		struct streams s = {0};
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = work(&s);
		failed = alloc_failed();
		streams_wipe(&s);
		alloc_stop();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu", n);
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	}
}
