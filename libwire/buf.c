/* SPDX-License-Identifier: MIT */
#include "libwire/buf.h"

#include <stdlib.h>

/* Small messages fit the first allocation, so most bufs allocate once. */
#define FIRST_CAP 256

void wire_buf_init(struct wire_buf *b, size_t max)
{
	*b = (struct wire_buf){.max = max};
}

void wire_buf_wipe(struct wire_buf *b)
{
	wire_wipe(b->mem, b->dirty);
	free(b->mem);
	*b = (struct wire_buf){.max = b->max};
}

void wire_buf_reset(struct wire_buf *b)
{
	wire_wipe(b->mem, b->dirty);
	b->dirty = 0;
	b->start = 0;
	b->end = 0;
	b->err = SSH_OK;
}

void wire_buf_fail(struct wire_buf *b, enum ssh_err e)
{
	if (b->err == SSH_OK)
		b->err = e;
}

/*
 * Double up to `need`. A queue, whose front is being dropped, gets as much again, so that the
 * bytes in use are moved once per so many bytes put and not once per put.
 */
static size_t grown(const struct wire_buf *b, size_t need)
{
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
	size_t goal = b->start != 0 && need <= SIZE_MAX / 2 ? need * 2 : need;
	while (cap < goal)
		cap = cap > SIZE_MAX / 2 ? goal : cap * 2;
	return cap;
}

/* Move the bytes in use to the front of fresh memory; realloc would leave an unwiped copy. */
static bool regrow(struct wire_buf *b, size_t need)
{
	size_t cap = grown(b, need);
	uint8_t *mem = malloc(cap);
	if (mem == NULL) {
		wire_buf_fail(b, SSH_ERR_NO_MEMORY);
		return false;
	}
	size_t len = wire_buf_len(b);
	if (len != 0)
		memcpy(mem, b->mem + b->start, len);
	wire_wipe(b->mem, b->dirty);
	free(b->mem);
	b->mem = mem;
	b->cap = cap;
	b->dirty = len;
	b->start = 0;
	b->end = len;
	return true;
}

static void slide(struct wire_buf *b)
{
	size_t len = wire_buf_len(b);
	memmove(b->mem, b->mem + b->start, len);
	b->start = 0;
	b->end = len;
}

uint8_t *wire_buf_room(struct wire_buf *b, size_t n)
{
	size_t max = b->max == 0 ? WIRE_BUF_DEFAULT_MAX : b->max;
	size_t len = wire_buf_len(b);
	if (b->err != SSH_OK)
		return NULL;
	if (n > max || len > max - n) {
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
		return NULL;
	}
	if (b->mem == NULL || n > b->cap - b->end) {
		/* Sliding pays only when it moves less than it frees. */
		if (b->mem != NULL && len + n <= b->cap && len <= b->start)
			slide(b);
		else if (!regrow(b, len + n))
			return NULL;
	}
	if (b->end + n > b->dirty)
		b->dirty = b->end + n;
	return b->mem + b->end;
}

void wire_buf_took(struct wire_buf *b, size_t n)
{
	b->end += n;
}

void wire_buf_drop(struct wire_buf *b, size_t n)
{
	b->start += n < wire_buf_len(b) ? n : wire_buf_len(b);
	if (b->start == b->end) {
		b->start = 0;
		b->end = 0;
	}
}

void wire_buf_cut(struct wire_buf *b, size_t len)
{
	size_t now = wire_buf_len(b);
	if (len >= now)
		return;
	wire_wipe(b->mem + b->start + len, now - len);
	b->end = b->start + len;
}

void wire_put_raw(struct wire_buf *b, ssh_bytes v)
{
	uint8_t *p = v.len == 0 ? NULL : wire_buf_room(b, v.len);
	if (p == NULL)
		return;
	memcpy(p, v.ptr, v.len);
	wire_buf_took(b, v.len);
}

void wire_put_u8(struct wire_buf *b, uint8_t v)
{
	wire_put_raw(b, wire_bytes(&v, 1));
}

void wire_put_bool(struct wire_buf *b, bool v)
{
	wire_put_u8(b, v ? 1 : 0);
}

void wire_put_u32(struct wire_buf *b, uint32_t v)
{
	uint8_t p[4];
	wire_store_u32(p, v);
	wire_put_raw(b, wire_bytes(p, sizeof p));
}

void wire_put_u64(struct wire_buf *b, uint64_t v)
{
	uint8_t p[8];
	wire_store_u32(p, (uint32_t)(v >> 32));
	wire_store_u32(p + 4, (uint32_t)v);
	wire_put_raw(b, wire_bytes(p, sizeof p));
}

void wire_put_string(struct wire_buf *b, ssh_bytes v)
{
	/* One room for both parts: a string is put whole or not at all. */
	if (v.len > UINT32_MAX - 4) {
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
		return;
	}
	uint8_t *p = wire_buf_room(b, v.len + 4);
	if (p == NULL)
		return;
	wire_store_u32(p, (uint32_t)v.len);
	if (v.len != 0)
		memcpy(p + 4, v.ptr, v.len);
	wire_buf_took(b, v.len + 4);
}

void wire_put_str(struct wire_buf *b, const char *v)
{
	wire_put_string(b, wire_bytes_str(v));
}

void wire_put_mpint(struct wire_buf *b, ssh_bytes m)
{
	while (m.len > 0 && m.ptr[0] == 0)
		m = wire_bytes(m.ptr + 1, m.len - 1);
	size_t sign = m.len > 0 ? m.ptr[0] >> 7 : 0;
	if (m.len > UINT32_MAX - 5) {
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
		return;
	}
	uint8_t *p = wire_buf_room(b, 4 + sign + m.len);
	if (p == NULL)
		return;
	wire_store_u32(p, (uint32_t)(sign + m.len));
	if (sign != 0)
		p[4] = 0;
	if (m.len != 0)
		memcpy(p + 4 + sign, m.ptr, m.len);
	wire_buf_took(b, 4 + sign + m.len);
}

size_t wire_put_string_begin(struct wire_buf *b)
{
	size_t mark = wire_buf_len(b);
	wire_put_u32(b, 0);
	return mark;
}

void wire_put_string_end(struct wire_buf *b, size_t mark)
{
	if (b->err != SSH_OK)
		return;
	size_t len = wire_buf_len(b) - mark - 4;
	if (len > UINT32_MAX)
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
	else
		wire_store_u32(b->mem + b->start + mark, (uint32_t)len);
}
