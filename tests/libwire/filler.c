/* SPDX-License-Identifier: MIT */
#include "tests/libwire/filler.h"

#include <criterion/criterion.h>

#include "libwire/msg.h"

/* More than all values of one message. */
#define POOL 8192

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* `n` bytes in the pool, which has room so that it does not move. */
static ssh_bytes take(struct wire_buf *pool, size_t n, uint32_t *state)
{
	uint8_t *p = wire_buf_room(pool, n);
	cr_assert(p != NULL && pool->cap >= POOL);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)next_random(state);
	wire_buf_took(pool, n);
	return wire_bytes(p, n);
}

static ssh_bytes binary(struct wire_buf *pool, unsigned variant, uint32_t *state)
{
	if (variant == 0)
		return wire_bytes(NULL, 0);
	if (variant > 1)
		return take(pool, next_random(state) % 40, state);
	ssh_bytes all = take(pool, 256, state);
	for (size_t i = 0; i < 256; i++)
		pool->mem[pool->end - 256 + i] = (uint8_t)i;
	return all;
}

static ssh_bytes names(unsigned variant)
{
	static const char *const lists[] = {"", "a,b@example.com,~!\"\\=,a", "none", "zlib,none"};
	return wire_bytes_str(lists[variant % 4]);
}

static ssh_bytes mpint(struct wire_buf *pool, unsigned variant, uint32_t *state)
{
	if (variant < 2)
		return wire_bytes("\x80", variant);
	ssh_bytes v = take(pool, 2 + next_random(state) % 30, state);
	uint8_t *first = pool->mem + pool->end - v.len;
	if (*first == 0 || *first == 0xff)
		*first = 0x55;
	return v;
}

static void fill_field(const struct wire_field *f, uint8_t *at, unsigned variant,
                       struct wire_buf *pool)
{
	uint32_t state = variant * 7919 + (uint32_t)f->offset * 31 + 1;
	uint64_t number = variant == 0 ? 0 : variant == 1 ? UINT64_MAX : next_random(&state);
	bool truth = variant < 2 ? variant != 0 : next_random(&state) % 2;
	uint32_t u32 = (uint32_t)number;
	ssh_bytes v;
	switch (f->kind) {
	case WIRE_U8:
		*at = (uint8_t)number;
		return;
	case WIRE_BOOL:
		memcpy(at, &truth, sizeof truth);
		return;
	case WIRE_U32:
		memcpy(at, &u32, sizeof u32);
		return;
	case WIRE_U64:
		memcpy(at, &number, sizeof number);
		return;
	case WIRE_COOKIE:
		memcpy(at, take(pool, 16, &state).ptr, 16);
		return;
	case WIRE_NAMES:
		v = names(variant);
		break;
	case WIRE_MPINT:
		v = mpint(pool, variant, &state);
		break;
	default:
		v = binary(pool, variant, &state);
		break;
	}
	memcpy(at, &v, sizeof v);
}

void filler_fill(const struct wire_shape *shape, union filler_msg *msg, unsigned variant,
                 struct wire_buf *pool)
{
	memset(msg, 0, sizeof *msg);
	cr_assert_not_null(wire_buf_room(pool, POOL - wire_buf_len(pool)));
	for (size_t i = 0; i < shape->count; i++)
		fill_field(&shape->fields[i], msg->bytes + shape->fields[i].offset, variant, pool);
}

void filler_tail(const struct wire_shape *head, union filler_msg *msg, const struct wire_tail *tail,
                 unsigned variant, struct wire_buf *pool)
{
	union filler_msg inner;
	ssh_bytes key = wire_bytes_str(tail->key);
	struct wire_buf rest = {0};
	uint32_t state = 0;
	filler_fill(tail->shape, &inner, variant, pool);
	wire_msg_encode(&rest, tail->shape, &inner);
	ssh_bytes copy = take(pool, wire_buf_len(&rest), &state);
	if (copy.len != 0)
		memcpy(pool->mem + pool->end - copy.len, wire_buf_view(&rest).ptr, copy.len);
	wire_buf_wipe(&rest);
	memcpy(msg->bytes + head->fields[head->key].offset, &key, sizeof key);
	memcpy(msg->bytes + head->fields[head->count - 1].offset, &copy, sizeof copy);
}

void filler_each(void (*f)(const struct wire_shape *shape, const union filler_msg *msg))
{
	static const struct wire_tail none[] = {{NULL, NULL}};
	union filler_msg msg;
	struct wire_buf pool = {0};
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++) {
		const struct wire_tail *tails = (*s)->tails != NULL ? (*s)->tails : none;
		for (unsigned v = 0; v < FILLER_VARIANTS; v++) {
			wire_buf_reset(&pool);
			filler_fill(*s, &msg, v, &pool);
			f(*s, &msg);
			for (const struct wire_tail *t = tails; t->key != NULL; t++) {
				wire_buf_reset(&pool);
				filler_fill(*s, &msg, v, &pool);
				filler_tail(*s, &msg, t, v, &pool);
				f(*s, &msg);
			}
		}
	}
	wire_buf_wipe(&pool);
}
