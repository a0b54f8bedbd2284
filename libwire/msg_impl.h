/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_IMPL_H
#define NACRE_LIBWIRE_MSG_IMPL_H

#include "libwire/shape.h"

/* The rows of the message tables. `tag` is the struct, e.g. ssh_ping. */

/* clang-format off */
#define FIELD_ALL(tag, kind, member, only_if, care)                                                \
	{#member, WIRE_##kind, offsetof(struct tag, member), only_if, WIRE_##care}
/* clang-format on */

#define FIELD(tag, kind, member)        FIELD_ALL(tag, kind, member, 0, OPEN)
#define FIELD_BULK(tag, kind, member)   FIELD_ALL(tag, kind, member, 0, BULK)
#define FIELD_SECRET(tag, kind, member) FIELD_ALL(tag, kind, member, 0, SECRET)

/* A field that is absent unless the bool member `condition` is true. */
#define PRESENT(tag, condition)         (offsetof(struct tag, condition) + 1)
#define FIELD_IF(tag, condition, kind, member)                                                     \
	FIELD_ALL(tag, kind, member, PRESENT(tag, condition), OPEN)
#define FIELD_SECRET_IF(tag, condition, kind, member)                                              \
	FIELD_ALL(tag, kind, member, PRESENT(tag, condition), SECRET)

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A message, or with number 0 a tail, without variants. */
#define SHAPE(tag, name, number, fields)                                                           \
	{                                                                                          \
		name, number, sizeof(struct tag), fields, COUNT(fields), 0, NULL                   \
	}

/* The same without any field. */
#define EMPTY(tag, name, number)                                                                   \
	{                                                                                          \
		name, number, sizeof(struct tag), NULL, 0, 0, NULL                                 \
	}

/* A head: the field with index `key` chooses among `tails`. */
#define HEAD(tag, name, number, fields, key, tails)                                                \
	{                                                                                          \
		name, number, sizeof(struct tag), fields, COUNT(fields), key, tails                \
	}

#define TAIL 0

#endif
