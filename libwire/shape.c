/* SPDX-License-Identifier: MIT */
#include "libwire/shape.h"

#include "libwire/mpint.h"
#include "libwire/shape_impl.h"

static ssh_bytes get_mpint_content(struct wire_reader *r)
{
	ssh_bytes content = wire_get_string(r);
	wire_reader_fail(r, wire_mpint_check(content));
	return content;
}

static struct value get_value(struct wire_reader *r, enum wire_kind kind)
{
	struct value v = {0, {NULL, 0}};
	switch (kind) {
	case WIRE_U8:
		v.number = wire_get_u8(r);
		break;
	case WIRE_BOOL:
		v.number = wire_get_bool(r);
		break;
	case WIRE_U32:
		v.number = wire_get_u32(r);
		break;
	case WIRE_U64:
		v.number = wire_get_u64(r);
		break;
	case WIRE_COOKIE:
		v.bytes = wire_get_raw(r, COOKIE_LEN);
		break;
	case WIRE_STRING:
	case WIRE_TEXT:
		v.bytes = wire_get_string(r);
		break;
	case WIRE_NAMES:
		v.bytes = wire_get_names(r);
		break;
	case WIRE_MPINT:
		v.bytes = get_mpint_content(r);
		break;
	case WIRE_REST:
		v.bytes = wire_get_rest(r);
		break;
	}
	return v;
}

enum ssh_err wire_msg_decode(const struct wire_shape *shape, ssh_bytes payload, void *msg)
{
	struct wire_reader r;
	wire_reader_init(&r, payload);
	memset(msg, 0, shape->size);
	if (shape->number != 0 && wire_get_u8(&r) != shape->number)
		wire_reader_fail(&r, SSH_ERR_MALFORMED);
	for (size_t i = 0; i < shape->count; i++)
		if (field_present(&shape->fields[i], msg))
			field_store(&shape->fields[i], msg, get_value(&r, shape->fields[i].kind));
	return wire_reader_end(&r);
}

static void put_value(struct wire_buf *b, enum wire_kind kind, struct value v)
{
	switch (kind) {
	case WIRE_U8:
		wire_put_u8(b, (uint8_t)v.number);
		break;
	case WIRE_BOOL:
		wire_put_bool(b, v.number != 0);
		break;
	case WIRE_U32:
		wire_put_u32(b, (uint32_t)v.number);
		break;
	case WIRE_U64:
		wire_put_u64(b, v.number);
		break;
	case WIRE_COOKIE:
	case WIRE_REST:
		wire_put_raw(b, v.bytes);
		break;
	case WIRE_STRING:
	case WIRE_TEXT:
	case WIRE_NAMES:
	case WIRE_MPINT:
		wire_put_string(b, v.bytes);
		break;
	}
}

void wire_msg_encode(struct wire_buf *b, const struct wire_shape *shape, const void *msg)
{
	if (shape->number != 0)
		wire_put_u8(b, shape->number);
	for (size_t i = 0; i < shape->count; i++) {
		const struct wire_field *f = &shape->fields[i];
		if (field_present(f, msg))
			put_value(b, f->kind, field_load(f, msg));
	}
}

const struct wire_shape *wire_msg_tail(const struct wire_shape *head, const void *msg)
{
	if (head->tails == NULL)
		return NULL;
	ssh_bytes key = field_load(&head->fields[head->key], msg).bytes;
	for (const struct wire_tail *t = head->tails; t->key != NULL; t++)
		if (wire_bytes_is(key, t->key))
			return t->shape;
	return NULL;
}

bool wire_msg_equal(const struct wire_shape *shape, const void *a, const void *b)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct wire_field *f = &shape->fields[i];
		/* A field absent from one only: its condition, a field too, told them apart. */
		if (!field_present(f, a) || !field_present(f, b))
			continue;
		struct value x = field_load(f, a);
		struct value y = field_load(f, b);
		if (x.number != y.number || !wire_bytes_equal(x.bytes, y.bytes))
			return false;
	}
	return true;
}
