/* SPDX-License-Identifier: MIT */
#include "libwire/num.h"
#include "libwire/shape_impl.h"
#include "libwire/text.h"

/* All of it, for wire_msg_print. */
static const struct wire_show everything = {.bulk = true, .secrets = true};

static void put_length(struct wire_buf *out, size_t len)
{
	wire_text_str(out, "[");
	wire_text_decimal(out, len);
	wire_text_str(out, "]");
}

static void put_bytes(struct wire_buf *out, enum wire_kind kind, ssh_bytes v,
                      const struct wire_show *how)
{
	ssh_bytes head = shape_cut(v, how);
	if (kind == WIRE_COOKIE || kind == WIRE_MPINT)
		wire_text_hex(out, head);
	else
		wire_text_quoted(out, head);
	if (head.len == v.len)
		return;
	wire_text_str(out, "...");
	put_length(out, v.len);
}

static void put_value(struct wire_buf *out, const struct wire_field *f, struct value v,
                      const struct wire_show *how)
{
	switch (f->kind) {
	case WIRE_U8:
	case WIRE_U32:
	case WIRE_U64:
		wire_text_decimal(out, v.number);
		break;
	case WIRE_BOOL:
		wire_text_str(out, v.number != 0 ? "true" : "false");
		break;
	default:
		put_bytes(out, f->kind, v.bytes, how);
		break;
	}
}

static void put_field(struct wire_buf *out, const struct wire_field *f, struct value v,
                      const struct wire_show *how)
{
	wire_text_str(out, " ");
	wire_text_str(out, f->name);
	wire_text_str(out, "=");
	if (f->care == WIRE_SECRET && !how->secrets)
		wire_text_str(out, "hidden");
	else if (f->care == WIRE_BULK && !how->bulk)
		put_length(out, v.bytes.len);
	else
		put_value(out, f, v, how);
}

static void put_fields(struct wire_buf *out, const struct shape_part *part,
                       const struct wire_show *how)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct wire_field *f = &part->shape->fields[i];
		if (field_present(f, &part->msg))
			put_field(out, f, field_load(f, &part->msg), how);
	}
}

/* As raw=HEX, behind the number's name or, if it has none, behind the number. */
static void put_raw_line(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                         const struct wire_show *how)
{
	ssh_bytes body = wire_bytes_skip(payload, 1);
	if (payload.len != 0) {
		uint8_t number = payload.ptr[0];
		const char *name = wire_num_name(number, (struct wire_context){0});
		if (shape != NULL && shape->number == number)
			wire_text_str(out, shape->name);
		else if (strcmp(name, "UNKNOWN") != 0)
			wire_text_str(out, name);
		else
			wire_text_decimal(out, number);
		wire_text_str(out, " ");
	}
	wire_text_str(out, "raw=");
	if (wire_shape_raw_hidden(shape, payload, how))
		wire_text_str(out, "hidden");
	else
		put_bytes(out, WIRE_MPINT, body, how);
}

void wire_msg_show(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                   const struct wire_show *how)
{
	struct shape_parts parts;
	if (!wire_shape_take(out, shape, payload, &parts)) {
		put_raw_line(out, shape, payload, how);
		return;
	}
	wire_text_str(out, shape->name);
	put_fields(out, &parts.head, how);
	put_fields(out, &parts.tail, how);
}

void wire_msg_print(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload)
{
	wire_msg_show(out, shape, payload, &everything);
}
