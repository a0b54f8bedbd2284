/* SPDX-License-Identifier: MIT */
#include "libwire/names.h"
#include "libwire/shape_impl.h"
#include "libwire/text.h"

static void put_names(struct wire_buf *out, ssh_bytes list)
{
	struct wire_names w = wire_names_of(list);
	const char *before = "[";
	ssh_bytes name;
	while (wire_names_next(&w, &name)) {
		wire_text_str(out, before);
		wire_text_json(out, name);
		before = ",";
	}
	wire_text_str(out, before[0] == '[' ? "[]" : "]");
}

static void put_hex_string(struct wire_buf *out, ssh_bytes v)
{
	wire_text_str(out, "\"");
	wire_text_hex(out, v);
	wire_text_str(out, "\"");
}

static void put_whole(struct wire_buf *out, enum wire_kind kind, ssh_bytes v)
{
	if (kind == WIRE_NAMES)
		put_names(out, v);
	else if (kind == WIRE_TEXT)
		wire_text_json(out, v);
	else
		put_hex_string(out, v);
}

static void put_bytes(struct wire_buf *out, enum wire_kind kind, ssh_bytes v,
                      const struct wire_show *how)
{
	ssh_bytes head = shape_cut(v, how);
	if (head.len == v.len) {
		put_whole(out, kind, v);
		return;
	}
	wire_text_str(out, "{\"len\":");
	wire_text_decimal(out, v.len);
	wire_text_str(out, ",\"head\":");
	/* Half a list is a text and no array. */
	put_whole(out, kind == WIRE_NAMES ? WIRE_TEXT : kind, head);
	wire_text_str(out, "}");
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
	wire_text_json(out, wire_bytes_str(f->name));
	wire_text_str(out, ":");
	if (f->care == WIRE_SECRET && !how->secrets) {
		wire_text_str(out, "null");
	} else if (f->care == WIRE_BULK && !how->bulk) {
		wire_text_str(out, "{\"len\":");
		wire_text_decimal(out, v.bytes.len);
		wire_text_str(out, "}");
	} else {
		put_value(out, f, v, how);
	}
}

static void put_fields(struct wire_buf *out, const struct shape_part *part, bool *first,
                       const struct wire_show *how)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct wire_field *f = &part->shape->fields[i];
		if (!field_present(f, &part->msg))
			continue;
		wire_text_str(out, *first ? "" : ",");
		*first = false;
		put_field(out, f, field_load(f, &part->msg), how);
	}
}

void wire_msg_json(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                   const struct wire_show *how)
{
	struct shape_parts parts;
	bool first = true;
	if (wire_shape_take(out, shape, payload, &parts)) {
		wire_text_str(out, "\"fields\":{");
		put_fields(out, &parts.head, &first, how);
		put_fields(out, &parts.tail, &first, how);
		wire_text_str(out, "}");
		return;
	}
	wire_text_str(out, "\"raw\":");
	if (wire_shape_raw_hidden(shape, payload, how))
		wire_text_str(out, "null");
	else
		put_bytes(out, WIRE_STRING, wire_bytes_skip(payload, 1), how);
}
