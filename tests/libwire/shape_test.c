/* SPDX-License-Identifier: MIT */
#include "libwire/shape.h"

#include <criterion/criterion.h>

#include "libwire/msg.h"
#include "tests/libwire/filler.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

static enum ssh_err parse(struct wire_buf *out, const char *line)
{
	return wire_msg_parse(out, wire_msg_all, wire_bytes_str(line));
}

Test(shape, malformed_lines)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "NONSENSE",
	    "UNKNOWN raw=00",
	    "kexinit",
	    "CHANNEL_EOFx",
	    "CHANNEL_EOF recipient",
	    "CHANNEL_EOF recipient=",
	    "CHANNEL_EOF recipient=x",
	    "CHANNEL_EOF recipient=-1",
	    "CHANNEL_EOF recipient=1x",
	    "CHANNEL_EOF recipient=0x1",
	    "CHANNEL_EOF recipient=4294967296",
	    "CHANNEL_EOF recipient=99999999999999999999999",
	    "CHANNEL_EOF recipient=\"1\"",
	    "CHANNEL_EOF recipient=1 recipient=1",
	    "CHANNEL_EOF recipient=1\n",
	    "CHANNEL_EOF sender=1",
	    "CHANNEL_EOF =1",
	    "IGNORE data=x",
	    "IGNORE data=\"",
	    "IGNORE data=\"x",
	    "IGNORE data=\"x\\\"",
	    "IGNORE data=\"x\"y",
	    "IGNORE data=\"\\",
	    "IGNORE data=\"\\q\"",
	    "IGNORE data=\"\\x\"",
	    "IGNORE data=\"\\x0\"",
	    "IGNORE data=\"\\x0g\"",
	    "DEBUG display=1",
	    "DEBUG display=\"true\"",
	    "DEBUG display=TRUE",
	    "KEXDH_INIT e=1",
	    "KEXDH_INIT e=0g",
	    "KEXDH_INIT e=\"01\"",
	    "KEXINIT cookie=00",
	    "KEXINIT cookie=0000000000000000000000000000000000",
	    "KEXINIT cookie=g0000000000000000000000000000000",
	    "CHANNEL_REQUEST type=\"shell\" term=\"x\"",
	    "CHANNEL_REQUEST type=\"pty-req\" command=\"x\"",
	    "CHANNEL_REQUEST type=\"unheard-of\" term=\"x\"",
	    "CHANNEL_REQUEST term=\"x\"",
	    "CHANNEL_REQUEST type=\"exec\" command=\"x\" rest=\"y\"",
	    "CHANNEL_REQUEST type=\"exec\" command=\"x\" command=\"x\"",
	    "USERAUTH_REQUEST method=\"password\" change=false new_password=\"x\"",
	    "USERAUTH_REQUEST method=\"publickey\" signature=\"x\"",
	    "KEXINIT raw",
	    "KEXINIT raw=0",
	    "KEXINIT raw=xx",
	    "KEXINIT raw=\"00\"",
	    "KEXINIT raw=00 raw=00",
	    "KEXINIT raw=00 reserved=1",
	    "256 raw=00",
	    "1x raw=00",
	    "60",
	    "raw=0",
	    "raw=00 x",
	    "raw=00 raw=00",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf out = {0};
		cr_assert_eq(parse(&out, rows[i]), SSH_ERR_TEXT, "%s", rows[i]);
		cr_assert_eq(wire_buf_len(&out), 0, "%s", rows[i]);
		cr_assert_eq(wire_buf_end(&out), SSH_OK, "%s", rows[i]);
		wire_buf_wipe(&out);
	}
}

Test(shape, lenient_lines)
{
	static const char *const rows[][2] = {
	    {"CHANNEL_EOF", "6000000000"},
	    {"  CHANNEL_EOF   recipient=007  ", "6000000007"},
	    {"CHANNEL_REQUEST term=\"x\" want_reply=true type=\"pty-req\" recipient=1",
	     "62 00000001 00000007 7074792d726571 01 00000001 78 "
	     "00000000 00000000 00000000 00000000 00000000"},
	    {"CHANNEL_REQUEST type=\"exec\" rest=\"\\xFf\"", "62 00000000 00000004 65786563 00 ff"},
	    {"USERAUTH_FAILURE methods=\",,\"", "33 00000002 2c2c 00"},
	    {"KEXDH_INIT e=0000", "1e 00000002 0000"},
	    {"KEXDH_INIT raw=Ab", "1eab"},
	    {"KEXDH_INIT|KEX_ECDH_INIT|KEX_DH_GEX_REQUEST_OLD raw=", "1e"},
	    {"30 raw=00", "1e00"},
	    {"raw=1e00", "1e00"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf out = {0}, want = {0};
		unhex(&want, rows[i][1]);
		cr_assert_eq(parse(&out, rows[i][0]), SSH_OK, "%s", rows[i][0]);
		cr_assert(wire_bytes_equal(wire_buf_view(&out), wire_buf_view(&want)), "%s",
		          rows[i][0]);
		wire_buf_wipe(&out);
		wire_buf_wipe(&want);
	}
}

/* A line cut anywhere, or with any byte changed, is parsed or refused, never worse. */
Test(shape, damaged_lines)
{
	static const char line[] =
	    "CHANNEL_REQUEST recipient=3 type=\"x11-req\" want_reply=true single=true "
	    "protocol=\"a\\\"\\\\\\x00\" cookie=\"0f\" screen=2";
	char copy[sizeof line];
	for (size_t n = 0; n < sizeof line; n++) {
		for (unsigned c = 0; c < 256; c += n == sizeof line - 1 ? 256 : 1) {
			struct wire_buf out = {0};
			memcpy(copy, line, sizeof line);
			copy[n] = (char)c;
			enum ssh_err e =
			    wire_msg_parse(&out, wire_msg_all, wire_bytes(copy, sizeof line - 1));
			cr_assert(e == SSH_OK || e == SSH_ERR_TEXT);
			wire_buf_wipe(&out);
		}
		struct wire_buf cut = {0}, out = {0};
		wire_put_raw(&cut, wire_bytes(line, n));
		enum ssh_err e = wire_msg_parse(&out, wire_msg_all, wire_buf_view(&cut));
		cr_assert(e == SSH_OK || e == SSH_ERR_TEXT);
		wire_buf_wipe(&cut);
		wire_buf_wipe(&out);
	}
}

/* --- Tables --- */

static void check_shape(const struct wire_shape *s)
{
	cr_assert(s->size <= WIRE_SHAPE_MAX_SIZE && s->count <= WIRE_SHAPE_MAX_FIELDS);
	for (size_t i = 0; i < s->count; i++) {
		cr_assert(s->fields[i].offset < s->size, "%s", s->name);
		cr_assert(s->fields[i].kind != WIRE_REST || i == s->count - 1, "%s", s->name);
		cr_assert(s->fields[i].only_if <= s->size, "%s", s->name);
		for (size_t j = 0; j < i; j++) {
			cr_assert_str_neq(s->fields[i].name, s->fields[j].name, "%s", s->name);
			cr_assert_neq(s->fields[i].offset, s->fields[j].offset, "%s", s->name);
		}
	}
}

Test(shape, tables_are_sound)
{
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++) {
		check_shape(*s);
		for (const struct wire_tail *t = (*s)->tails; t != NULL && t->key != NULL; t++) {
			cr_assert_eq((*s)->fields[(*s)->count - 1].kind, WIRE_REST);
			cr_assert_eq((*s)->fields[(*s)->key].kind, WIRE_TEXT);
			cr_assert_eq(t->shape->number, 0, "%s", t->key);
			check_shape(t->shape);
			for (size_t i = 0; i < t->shape->count; i++)
				for (size_t j = 0; j < (*s)->count; j++)
					cr_assert_str_neq(t->shape->fields[i].name,
					                  (*s)->fields[j].name, "%s", t->key);
		}
	}
}

Test(shape, tail_by_key)
{
	struct ssh_channel_request m = {.type = wire_bytes_str("exec")};
	cr_assert_eq(wire_msg_tail(&ssh_channel_request_shape, &m), &ssh_request_exec_shape);
	m.type = wire_bytes_str("exe");
	cr_assert_null(wire_msg_tail(&ssh_channel_request_shape, &m));
	m.type = wire_bytes("exec\0", 5);
	cr_assert_null(wire_msg_tail(&ssh_channel_request_shape, &m));
	cr_assert_null(wire_msg_tail(&ssh_newkeys_shape, &m));
}

/* Every field counts: change one, and the messages differ. */
Test(shape, equal_sees_every_field)
{
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++) {
		union filler_msg a, b, full;
		struct wire_buf pool = {0}, other = {0};
		filler_fill(*s, &a, 0, &pool);
		filler_fill(*s, &full, 1, &other);
		for (size_t i = 0; i < (*s)->count; i++) {
			size_t from = (*s)->fields[i].offset;
			size_t to = i + 1 < (*s)->count ? (*s)->fields[i + 1].offset : (*s)->size;
			b = a;
			cr_assert(wire_msg_equal(*s, &a, &b), "%s", (*s)->name);
			memcpy(b.bytes + from, full.bytes + from, to - from);
			cr_assert_not(wire_msg_equal(*s, &a, &b), "%s: %s", (*s)->name,
			              (*s)->fields[i].name);
		}
		wire_buf_wipe(&pool);
		wire_buf_wipe(&other);
	}
}

Test(shape, absent_fields_do_not_count)
{
	struct ssh_auth_password a = {.password = wire_bytes_str("p")}, b = a;
	b.new_password = wire_bytes_str("ignored");
	cr_assert(wire_msg_equal(&ssh_auth_password_shape, &a, &b));
	a.change = b.change = true;
	cr_assert_not(wire_msg_equal(&ssh_auth_password_shape, &a, &b));
}

/* --- Shapes of one's own --- */

struct odd {
	uint8_t small;
	uint64_t large;
	ssh_bytes rest;
};

static const struct wire_field odd_fields[] = {
    {"small", WIRE_U8, offsetof(struct odd, small), 0, WIRE_OPEN},
    {"large", WIRE_U64, offsetof(struct odd, large), 0, WIRE_OPEN},
};
static const struct wire_shape odd_shape = {"ODD", 222, sizeof(struct odd), odd_fields, 2, 0, NULL};

Test(shape, of_ones_own)
{
	static const struct wire_shape *const mine[] = {&odd_shape, NULL};
	struct odd m = {.small = 255, .large = UINT64_MAX};
	struct wire_buf x = {0}, line = {0}, back = {0};
	wire_msg_encode(&x, &odd_shape, &m);
	wire_msg_print(&line, &odd_shape, wire_buf_view(&x));
	cr_assert(wire_bytes_is(wire_buf_view(&line), "ODD small=255 large=18446744073709551615"));
	cr_assert_eq(wire_msg_parse(&back, mine, wire_buf_view(&line)), SSH_OK);
	cr_assert(wire_bytes_equal(wire_buf_view(&back), wire_buf_view(&x)));
	cr_assert_eq(wire_msg_parse(&back, mine, wire_bytes_str("ODD small=256")), SSH_ERR_TEXT);
	cr_assert_eq(wire_msg_parse(&back, mine, wire_bytes_str("ODD large=18446744073709551616")),
	             SSH_ERR_TEXT);
	wire_buf_wipe(&x);
	wire_buf_wipe(&line);
	wire_buf_wipe(&back);
}

Test(shape, over_the_limits)
{
	struct wire_shape huge = odd_shape;
	const struct wire_shape *const mine[] = {&huge, NULL};
	struct wire_buf out = {0};
	huge.size = WIRE_SHAPE_MAX_SIZE + 1;
	cr_assert_eq(wire_msg_parse(&out, mine, wire_bytes_str("ODD")), SSH_ERR_TOO_LONG);
	wire_msg_print(&out, &huge, wire_bytes("\xde\1", 2));
	cr_assert(wire_bytes_is(wire_buf_view(&out), "ODD raw=01"));
	wire_buf_wipe(&out);
}

/* --- Errors of the buf --- */

Test(shape, a_full_buf_sticks)
{
	struct ssh_channel_data m = {.data = wire_bytes_str("data")};
	struct wire_buf x = {0}, line = {0};
	wire_msg_encode(&x, &ssh_channel_data_shape, &m);
	wire_msg_print(&line, &ssh_channel_data_shape, wire_buf_view(&x));
	for (size_t max = 1; max <= wire_buf_len(&line); max++) {
		struct wire_buf b;
		wire_buf_init(&b, max);
		wire_msg_print(&b, &ssh_channel_data_shape, wire_buf_view(&x));
		cr_assert_eq(wire_buf_end(&b),
		             max < wire_buf_len(&line) ? SSH_ERR_TOO_LONG : SSH_OK, "max %zu", max);
		wire_buf_wipe(&b);
		wire_buf_init(&b, max);
		cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_buf_view(&line)),
		             max < wire_buf_len(&x) ? SSH_ERR_TOO_LONG : SSH_OK, "max %zu", max);
		wire_buf_wipe(&b);
	}
	wire_buf_wipe(&x);
	wire_buf_wipe(&line);
}

/* Encode, print and parse back. */
static enum ssh_err work(struct wire_buf *x, struct wire_buf *line, struct wire_buf *back)
{
	uint8_t data[1000] = {0};
	struct ssh_channel_data m = {.data = wire_bytes(data, sizeof data)};
	enum ssh_err e;
	wire_msg_encode(x, &ssh_channel_data_shape, &m);
	if ((e = wire_buf_end(x)) != 0)
		return e;
	wire_msg_print(line, &ssh_channel_data_shape, wire_buf_view(x));
	if ((e = wire_buf_end(line)) != 0)
		return e;
	return wire_msg_parse(back, wire_msg_all, wire_buf_view(line));
}

Test(shape, every_allocation_may_fail)
{
	bool failed = true;
	size_t n = 0;
	while (failed) {
		struct wire_buf x = {0}, line = {0}, back = {0};
		alloc_start();
		alloc_watch_wipes();
		alloc_fail_at(++n);
		enum ssh_err e = work(&x, &line, &back);
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu", n);
		wire_buf_wipe(&x);
		wire_buf_wipe(&line);
		wire_buf_wipe(&back);
		alloc_stop();
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		cr_assert_eq(alloc_unwiped(), 0, "allocation %zu", n);
	}
	cr_assert_gt(n, 6);
}
