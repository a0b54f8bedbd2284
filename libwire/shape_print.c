/* SPDX-License-Identifier: MIT */
#include "libwire/num.h"
#include "libwire/shape_impl.h"

static const char hex_digits[] = "0123456789abcdef";

static void put_text(struct wire_buf *out, const char *s)
{
	wire_put_raw(out, wire_bytes_str(s));
}

static void put_decimal(struct wire_buf *out, uint64_t v)
{
	char digits[20]; /* of 2^64 - 1 */
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	wire_put_raw(out, wire_bytes(digits + at, sizeof digits - at));
}

static void put_hex_byte(struct wire_buf *out, uint8_t c)
{
	char pair[2] = {hex_digits[c >> 4], hex_digits[c & 15]};
	wire_put_raw(out, wire_bytes(pair, sizeof pair));
}

static void put_hex(struct wire_buf *out, ssh_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		put_hex_byte(out, v.ptr[i]);
}

static void put_quoted(struct wire_buf *out, ssh_bytes v)
{
	put_text(out, "\"");
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.ptr[i];
		if (c < 0x20 || c > 0x7e) {
			put_text(out, "\\x");
			put_hex_byte(out, c);
			continue;
		}
		if (c == '"' || c == '\\')
			put_text(out, "\\");
		wire_put_u8(out, c);
	}
	put_text(out, "\"");
}

static void put_field(struct wire_buf *out, const struct wire_field *f, struct value v)
{
	put_text(out, " ");
	put_text(out, f->name);
	put_text(out, "=");
	switch (f->kind) {
	case WIRE_U8:
	case WIRE_U32:
	case WIRE_U64:
		put_decimal(out, v.number);
		break;
	case WIRE_BOOL:
		put_text(out, v.number != 0 ? "true" : "false");
		break;
	case WIRE_COOKIE:
	case WIRE_MPINT:
		put_hex(out, v.bytes);
		break;
	case WIRE_STRING:
	case WIRE_TEXT:
	case WIRE_NAMES:
	case WIRE_REST:
		put_quoted(out, v.bytes);
		break;
	}
}

static void put_fields(struct wire_buf *out, const struct wire_shape *shape, size_t count,
                       const void *msg)
{
	for (size_t i = 0; i < count; i++)
		if (field_present(&shape->fields[i], msg))
			put_field(out, &shape->fields[i], field_load(&shape->fields[i], msg));
}

/* As raw=HEX, behind the number's name or, if it has none, behind the number. */
static void put_raw_line(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload)
{
	if (payload.len != 0) {
		uint8_t number = payload.ptr[0];
		const char *name = wire_num_name(number, (struct wire_context){0});
		if (shape != NULL && shape->number == number)
			put_text(out, shape->name);
		else if (strcmp(name, "UNKNOWN") != 0)
			put_text(out, name);
		else
			put_decimal(out, number);
		put_text(out, " ");
	}
	put_text(out, "raw=");
	put_hex(out, wire_bytes_skip(payload, 1));
}

/*
 * Decode, if the message would encode to the same bytes again: what is printed must not hide
 * that a boolean was 2. The end of `out` is the room to try it in; the text needs more anyway.
 */
static bool faithful(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes in, void *msg)
{
	size_t mark = wire_buf_len(out);
	if (!shape_fits(shape) || wire_msg_decode(shape, in, msg) != 0)
		return false;
	wire_msg_encode(out, shape, msg);
	bool same = wire_bytes_equal(wire_bytes_skip(wire_buf_view(out), mark), in);
	wire_buf_cut(out, mark);
	return same;
}

void wire_msg_print(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload)
{
	union msg_room head, tail;
	if (shape == NULL || shape->number == 0 || !faithful(out, shape, payload, &head)) {
		put_raw_line(out, shape, payload);
		return;
	}
	put_text(out, shape->name);
	const struct wire_shape *rest = wire_msg_tail(shape, &head);
	if (rest != NULL && faithful(out, rest, shape_rest(shape, &head), &tail)) {
		put_fields(out, shape, shape->count - 1, &head);
		put_fields(out, rest, rest->count, &tail);
	} else {
		put_fields(out, shape, shape->count, &head);
	}
}
