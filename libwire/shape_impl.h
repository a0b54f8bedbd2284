/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_SHAPE_IMPL_H
#define NACRE_LIBWIRE_SHAPE_IMPL_H

#include "libwire/shape.h"

#define COOKIE_LEN 16

/* The value of a field of any kind: one of the two, the other zero. */
struct value {
	uint64_t number; /* U8, BOOL, U32, U64 */
	ssh_bytes bytes; /* the other kinds; a cookie's view points into the message struct */
};

/* Is the field there, as far as its condition goes? */
static inline bool field_present(const struct wire_field *f, const void *msg)
{
	bool there = true;
	if (f->only_if != 0)
		memcpy(&there, (const uint8_t *)msg + f->only_if - 1, sizeof there);
	return there;
}

/* memcpy, because the struct's type is the caller's and not known here. */
static inline struct value field_load(const struct wire_field *f, const void *msg)
{
	const uint8_t *at = (const uint8_t *)msg + f->offset;
	struct value v = {0, {NULL, 0}};
	bool truth;
	uint32_t u32;
	switch (f->kind) {
	case WIRE_U8:
		v.number = *at;
		break;
	case WIRE_BOOL:
		memcpy(&truth, at, sizeof truth);
		v.number = truth;
		break;
	case WIRE_U32:
		memcpy(&u32, at, sizeof u32);
		v.number = u32;
		break;
	case WIRE_U64:
		memcpy(&v.number, at, sizeof v.number);
		break;
	case WIRE_COOKIE:
		v.bytes = wire_bytes(at, COOKIE_LEN);
		break;
	default:
		memcpy(&v.bytes, at, sizeof v.bytes);
		break;
	}
	return v;
}

static inline void field_store(const struct wire_field *f, void *msg, struct value v)
{
	uint8_t *at = (uint8_t *)msg + f->offset;
	bool truth = v.number != 0;
	uint32_t u32 = (uint32_t)v.number;
	switch (f->kind) {
	case WIRE_U8:
		*at = (uint8_t)v.number;
		break;
	case WIRE_BOOL:
		memcpy(at, &truth, sizeof truth);
		break;
	case WIRE_U32:
		memcpy(at, &u32, sizeof u32);
		break;
	case WIRE_U64:
		memcpy(at, &v.number, sizeof v.number);
		break;
	case WIRE_COOKIE:
		if (v.bytes.len == COOKIE_LEN)
			memcpy(at, v.bytes.ptr, COOKIE_LEN);
		break;
	default:
		memcpy(at, &v.bytes, sizeof v.bytes);
		break;
	}
}

/* Room for the struct of any message that is printed or parsed. */
union msg_room {
	max_align_t align;
	uint8_t bytes[WIRE_SHAPE_MAX_SIZE];
};

static inline bool shape_fits(const struct wire_shape *shape)
{
	return shape->size <= WIRE_SHAPE_MAX_SIZE && shape->count <= WIRE_SHAPE_MAX_FIELDS;
}

/* The rest of a head: its last field. */
static inline ssh_bytes shape_rest(const struct wire_shape *head, const void *msg)
{
	return field_load(&head->fields[head->count - 1], msg).bytes;
}

/* A head or a tail with the fields that are to be printed. */
struct shape_part {
	const struct wire_shape *shape;
	size_t count;
	union msg_room msg;
};

struct shape_parts {
	struct shape_part head, tail;
};

/* Take a payload apart; false if it cannot be shown by its fields. */
bool wire_shape_take(struct wire_buf *out, const struct wire_shape *shape, ssh_bytes payload,
                     struct shape_parts *parts);

/* Must a payload that is shown by its bytes be hidden? */
bool wire_shape_raw_hidden(const struct wire_shape *shape, ssh_bytes payload,
                           const struct wire_show *how);

static inline ssh_bytes shape_cut(ssh_bytes v, const struct wire_show *how)
{
	return wire_bytes(v.ptr, how->cut != 0 && how->cut < v.len ? how->cut : v.len);
}

#endif
