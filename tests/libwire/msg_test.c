/* SPDX-License-Identifier: MIT */
#include "libwire/msg.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/libwire/filler.h"
#include "tests/support/rows.h"

static const struct wire_shape *shape_named(ssh_bytes name)
{
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++)
		if (wire_bytes_is(name, (*s)->name))
			return *s;
	return NULL;
}

/* Where the rest begins: before it every byte is needed. A message without a rest is all needed. */
static size_t needed(const struct wire_shape *shape, const void *msg, size_t len)
{
	const struct wire_field *last = shape->count == 0 ? NULL : &shape->fields[shape->count - 1];
	ssh_bytes rest;
	if (last == NULL || last->kind != WIRE_REST)
		return len;
	memcpy(&rest, (const uint8_t *)msg + last->offset, sizeof rest);
	return len - rest.len;
}

static bool ends_in_rest(const struct wire_shape *shape)
{
	return shape->count != 0 && shape->fields[shape->count - 1].kind == WIRE_REST;
}

/* --- The definitions, against vectors --- */

static void check_vector(const char *const *column)
{
	struct wire_buf payload = {0}, parsed = {0}, printed = {0};
	ssh_bytes line = wire_bytes_str(column[0]);
	unhex(&payload, column[1]);
	cr_assert_eq(wire_msg_parse(&parsed, wire_msg_all, line), SSH_OK, "%s", column[0]);
	cr_assert(wire_bytes_equal(wire_buf_view(&parsed), wire_buf_view(&payload)), "%s",
	          column[0]);
	ssh_bytes name = wire_bytes(column[0], strcspn(column[0], " "));
	wire_msg_print(&printed, shape_named(name), wire_buf_view(&payload));
	wire_put_u8(&printed, 0);
	cr_assert_eq(wire_buf_end(&printed), SSH_OK);
	cr_assert_str_eq((const char *)wire_buf_view(&printed).ptr, column[0]);
	wire_buf_wipe(&payload);
	wire_buf_wipe(&parsed);
	wire_buf_wipe(&printed);
}

Test(msg, vectors)
{
	rows_each("wire-msg.txt", 2, check_vector);
}

/* Is there `before`, then `what`, then one of the bytes `after`? */
static bool holds(ssh_bytes all, const char *before, const char *what, const char *after)
{
	char wanted[128];
	size_t n = (size_t)snprintf(wanted, sizeof wanted, "%s%s", before, what);
	for (; all.len > n; all = wire_bytes_skip(all, 1))
		if (memcmp(all.ptr, wanted, n) == 0 && strchr(after, all.ptr[n]) != NULL)
			return true;
	return false;
}

/* A vector for every message and every tail: nothing is declared and not checked. */
Test(msg, vectors_are_complete)
{
	struct wire_buf text = vector_file("wire-msg.txt");
	ssh_bytes all = wire_buf_view(&text);
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++) {
		cr_assert(holds(all, "\n", (*s)->name, " |"), "%s", (*s)->name);
		for (const struct wire_tail *t = (*s)->tails; t != NULL && t->key != NULL; t++)
			cr_assert(holds(all, "=\"", t->key, "\""), "%s", t->key);
	}
	wire_buf_wipe(&text);
}

/* --- Every message, every variant --- */

static void round_trip(const struct wire_shape *shape, const union filler_msg *msg)
{
	struct wire_buf x = {0}, again = {0};
	union filler_msg got;
	memset(&got, 0xa5, sizeof got);
	wire_msg_encode(&x, shape, msg);
	cr_assert_eq(wire_msg_decode(shape, wire_buf_view(&x), &got), SSH_OK, "%s", shape->name);
	cr_assert(wire_msg_equal(shape, msg, &got), "%s: decode(encode(m)) != m", shape->name);
	wire_msg_encode(&again, shape, &got);
	cr_assert(wire_bytes_equal(wire_buf_view(&x), wire_buf_view(&again)),
	          "%s: encode(decode(x)) != x", shape->name);
	wire_buf_wipe(&x);
	wire_buf_wipe(&again);
}

Test(msg, round_trips)
{
	filler_each(round_trip);
}

static void cut_and_extend(const struct wire_shape *shape, const union filler_msg *msg)
{
	struct wire_buf x = {0};
	union filler_msg got;
	wire_msg_encode(&x, shape, msg);
	size_t len = wire_buf_len(&x), need = needed(shape, msg, len);
	for (size_t n = 0; n < len; n++) {
		/* A copy of its own, so that sanitizers see a byte read too far. */
		struct wire_buf cut = {0};
		wire_put_raw(&cut, wire_bytes(wire_buf_view(&x).ptr, n));
		cr_assert_eq(wire_msg_decode(shape, wire_buf_view(&cut), &got),
		             n < need ? SSH_ERR_TRUNCATED : SSH_OK, "%s: %zu of %zu bytes",
		             shape->name, n, len);
		wire_buf_wipe(&cut);
	}
	wire_put_u8(&x, 0);
	cr_assert_eq(wire_msg_decode(shape, wire_buf_view(&x), &got),
	             ends_in_rest(shape) ? SSH_OK : SSH_ERR_TRAILING, "%s", shape->name);
	wire_buf_wipe(&x);
}

Test(msg, every_truncation_and_a_trailing_byte)
{
	filler_each(cut_and_extend);
}

Test(msg, tails_cut_and_extended)
{
	union filler_msg msg, got;
	struct wire_buf pool = {0};
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++)
		for (const struct wire_tail *t = (*s)->tails; t != NULL && t->key != NULL; t++)
			for (unsigned v = 0; v < FILLER_VARIANTS; v++) {
				filler_fill(t->shape, &msg, v, &pool);
				cut_and_extend(t->shape, &msg);
				round_trip(t->shape, &msg);
				wire_buf_reset(&pool);
			}
	cr_assert_eq(wire_msg_decode(&ssh_open_empty_shape, wire_bytes("", 1), &got),
	             SSH_ERR_TRAILING);
	wire_buf_wipe(&pool);
}

static void print_and_parse(const struct wire_shape *shape, ssh_bytes x)
{
	struct wire_buf line = {0}, back = {0};
	wire_msg_print(&line, shape, x);
	cr_assert_eq(wire_buf_end(&line), SSH_OK);
	ssh_bytes text = wire_buf_view(&line);
	for (size_t i = 0; i < text.len; i++)
		cr_assert(text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f, "unprintable at %zu", i);
	cr_assert_eq(wire_msg_parse(&back, wire_msg_all, text), SSH_OK, "%.*s", (int)text.len,
	             (const char *)text.ptr);
	cr_assert(wire_bytes_equal(wire_buf_view(&back), x), "%.*s", (int)text.len,
	          (const char *)text.ptr);
	wire_buf_wipe(&line);
	wire_buf_wipe(&back);
}

static void text_round_trip(const struct wire_shape *shape, const union filler_msg *msg)
{
	struct wire_buf x = {0};
	wire_msg_encode(&x, shape, msg);
	ssh_bytes whole = wire_buf_view(&x);
	print_and_parse(shape, whole);
	print_and_parse(NULL, whole);
	for (size_t n = 0; n < whole.len; n += 1 + n / 8)
		print_and_parse(shape, wire_bytes(whole.ptr, n));
	/* A damaged byte: another value, or a payload that no longer decodes. */
	for (size_t n = 0; n < whole.len; n += 1 + n / 8) {
		x.mem[x.start + n] ^= 2;
		print_and_parse(shape, whole);
		x.mem[x.start + n] ^= 2;
	}
	wire_buf_wipe(&x);
}

Test(msg, text_loses_nothing)
{
	filler_each(text_round_trip);
}

Test(msg, text_of_every_number)
{
	for (unsigned n = 0; n < 256; n++) {
		uint8_t x[3] = {(uint8_t)n, 0xab, 0};
		print_and_parse(NULL, wire_bytes(x, 3));
		print_and_parse(wire_msg_find(x[0], (struct wire_context){0}), wire_bytes(x, 3));
		print_and_parse(&ssh_debug_shape, wire_bytes(x, 1));
	}
	print_and_parse(NULL, wire_bytes(NULL, 0));
}

/* --- Fields that decoding checks --- */

Test(msg, decoding_refuses)
{
	static const struct {
		const char *hex;
		const struct wire_shape *shape;
		enum ssh_err e;
	} rows[] = {
	    {"", &ssh_newkeys_shape, SSH_ERR_TRUNCATED},
	    {"14", &ssh_newkeys_shape, SSH_ERR_MALFORMED},
	    {"1e 00000001 00", &ssh_kexdh_init_shape, SSH_ERR_MPINT},
	    {"1e 00000002 007f", &ssh_kexdh_init_shape, SSH_ERR_MPINT},
	    {"1e 00000001 80", &ssh_kexdh_init_shape, SSH_OK},
	    {"33 00000002 612c 00", &ssh_userauth_failure_shape, SSH_OK},
	    {"33 00000002 2061 00", &ssh_userauth_failure_shape, SSH_ERR_NAME_LIST},
	    {"33 00000002 6100 00", &ssh_userauth_failure_shape, SSH_ERR_NAME_LIST},
	    {"33 00000000 00", &ssh_userauth_failure_shape, SSH_OK},
	    {"02 ffffffff", &ssh_ignore_shape, SSH_ERR_TRUNCATED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_buf in = {0};
		union filler_msg msg;
		unhex(&in, rows[i].hex);
		cr_assert_eq(wire_msg_decode(rows[i].shape, wire_buf_view(&in), &msg), rows[i].e,
		             "%s", rows[i].hex);
		wire_buf_wipe(&in);
	}
}

/* --- Repeated parts --- */

Test(msg, ext_info_pairs)
{
	struct ssh_ext_info m = {.count = 2};
	struct wire_buf b = {0};
	ssh_bytes name, value;
	wire_put_str(&b, "server-sig-algs");
	wire_put_str(&b, "a,b");
	wire_put_str(&b, "x");
	wire_put_str(&b, "");
	m.rest = wire_buf_view(&b);
	cr_assert_eq(ssh_ext_info_check(&m), SSH_OK);
	ssh_bytes rest = m.rest;
	cr_assert(ssh_ext_info_next(&rest, &name, &value));
	cr_assert(wire_bytes_is(name, "server-sig-algs") && wire_bytes_is(value, "a,b"));
	cr_assert(ssh_ext_info_next(&rest, &name, &value));
	cr_assert(wire_bytes_is(name, "x") && value.len == 0);
	cr_assert_not(ssh_ext_info_next(&rest, &name, &value));
	m.count = 1;
	cr_assert_eq(ssh_ext_info_check(&m), SSH_ERR_TRAILING);
	m.count = 3;
	cr_assert_eq(ssh_ext_info_check(&m), SSH_ERR_TRUNCATED);
	m.count = SSH_EXT_INFO_MAX + 1;
	cr_assert_eq(ssh_ext_info_check(&m), SSH_ERR_TOO_LONG);
	m.count = 2;
	for (m.rest.len = 0; m.rest.len < wire_buf_len(&b); m.rest.len++)
		cr_assert_eq(ssh_ext_info_check(&m), SSH_ERR_TRUNCATED, "%zu", m.rest.len);
	wire_buf_wipe(&b);
}

Test(msg, prompts_and_responses)
{
	struct ssh_userauth_info_request q = {.count = 2};
	struct ssh_userauth_info_response a = {.count = 1};
	struct wire_buf b = {0};
	ssh_bytes v, rest;
	bool echo = true;
	wire_put_str(&b, "Password: ");
	wire_put_bool(&b, false);
	wire_put_str(&b, "Code: ");
	wire_put_bool(&b, true);
	q.rest = rest = wire_buf_view(&b);
	cr_assert_eq(ssh_info_request_check(&q), SSH_OK);
	cr_assert(ssh_info_prompt_next(&rest, &v, &echo));
	cr_assert(wire_bytes_is(v, "Password: ") && !echo);
	cr_assert(ssh_info_prompt_next(&rest, &v, &echo));
	cr_assert(wire_bytes_is(v, "Code: ") && echo);
	cr_assert_not(ssh_info_prompt_next(&rest, &v, &echo));
	for (q.rest.len = 0; q.rest.len < wire_buf_len(&b); q.rest.len++)
		cr_assert_eq(ssh_info_request_check(&q), SSH_ERR_TRUNCATED, "%zu", q.rest.len);
	q.count = 1;
	cr_assert_eq(ssh_info_request_check(&q), SSH_ERR_TRAILING);
	q.count = SSH_INFO_MAX + 1;
	cr_assert_eq(ssh_info_request_check(&q), SSH_ERR_TOO_LONG);

	wire_buf_reset(&b);
	wire_put_str(&b, "secret");
	a.rest = rest = wire_buf_view(&b);
	cr_assert_eq(ssh_info_response_check(&a), SSH_OK);
	cr_assert(ssh_info_response_next(&rest, &v));
	cr_assert(wire_bytes_is(v, "secret"));
	cr_assert_not(ssh_info_response_next(&rest, &v));
	a.count = 0;
	cr_assert_eq(ssh_info_response_check(&a), SSH_ERR_TRAILING);
	a.count = 2;
	cr_assert_eq(ssh_info_response_check(&a), SSH_ERR_TRUNCATED);
	a.count = SSH_INFO_MAX + 1;
	cr_assert_eq(ssh_info_response_check(&a), SSH_ERR_TOO_LONG);
	wire_buf_wipe(&b);
}

Test(msg, blobs)
{
	ssh_bytes blob, rest = wire_bytes("\0\0\0\2k1\0\0\0\0\0\0\0\1", 14);
	cr_assert(ssh_blob_next(&rest, &blob));
	cr_assert(wire_bytes_is(blob, "k1"));
	cr_assert(ssh_blob_next(&rest, &blob));
	cr_assert_eq(blob.len, 0);
	cr_assert_not(ssh_blob_next(&rest, &blob));
	cr_assert_eq(rest.len, 4, "a cut rest is not advanced");
}
