/* SPDX-License-Identifier: MIT */
#include "libauth/der.h"

/* A length below is its own octet; one above follows in as many octets as the low bits say. */
#define LONG_FORM 0x80

static size_t get_length(struct wire_reader *r)
{
	uint8_t first = wire_get_u8(r);
	size_t n = 0;

	if (first < LONG_FORM)
		return first;
	if (first != (LONG_FORM | 1) && first != (LONG_FORM | 2)) {
		wire_reader_fail(r, SSH_ERR_MALFORMED);
		return 0;
	}
	for (int i = first & 3; i > 0; i--)
		n = n << 8 | wire_get_u8(r);
	/* What fits a shorter form must be in it. */
	if (n < (first == (LONG_FORM | 1) ? LONG_FORM : 256))
		wire_reader_fail(r, SSH_ERR_MALFORMED);
	return n;
}

bool auth_der_is(const struct wire_reader *r, uint8_t tag)
{
	struct wire_reader peek = *r;

	return wire_get_u8(&peek) == tag;
}

ssh_bytes auth_der_get(struct wire_reader *r, uint8_t tag)
{
	if (wire_get_u8(r) != tag)
		wire_reader_fail(r, SSH_ERR_MALFORMED);
	return wire_get_raw(r, get_length(r));
}

struct wire_reader auth_der_enter(struct wire_reader *r, uint8_t tag)
{
	struct wire_reader inner;

	wire_reader_init(&inner, auth_der_get(r, tag));
	return inner;
}

ssh_bytes auth_der_get_number(struct wire_reader *r)
{
	ssh_bytes v = auth_der_get(r, AUTH_DER_INTEGER);
	bool zero_first = v.len > 0 && v.ptr[0] == 0;

	if (v.len == 0 || v.ptr[0] >= 0x80 || (zero_first && v.len > 1 && v.ptr[1] < 0x80)) {
		wire_reader_fail(r, SSH_ERR_MALFORMED);
		return wire_bytes(NULL, 0);
	}
	return wire_bytes_skip(v, zero_first);
}

uint32_t auth_der_get_u32(struct wire_reader *r)
{
	ssh_bytes v = auth_der_get_number(r);
	uint32_t n = 0;

	if (v.len > sizeof n)
		wire_reader_fail(r, SSH_ERR_MALFORMED);
	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.ptr[i];
	return n;
}

ssh_bytes auth_der_get_bits(struct wire_reader *r)
{
	ssh_bytes v = auth_der_get(r, AUTH_DER_BITS);

	/* The first octet counts the bits of the last one that are not used. */
	if (v.len == 0 || v.ptr[0] != 0)
		wire_reader_fail(r, SSH_ERR_MALFORMED);
	return wire_bytes_skip(v, 1);
}

void auth_der_put(struct wire_buf *b, uint8_t tag, ssh_bytes content)
{
	size_t mark = auth_der_begin(b, tag);

	wire_put_raw(b, content);
	auth_der_end(b, mark);
}

void auth_der_put_number(struct wire_buf *b, ssh_bytes magnitude)
{
	size_t mark = auth_der_begin(b, AUTH_DER_INTEGER);

	while (magnitude.len > 0 && magnitude.ptr[0] == 0)
		magnitude = wire_bytes_skip(magnitude, 1);
	if (magnitude.len == 0 || magnitude.ptr[0] >= 0x80)
		wire_put_u8(b, 0);
	wire_put_raw(b, magnitude);
	auth_der_end(b, mark);
}

void auth_der_put_u32(struct wire_buf *b, uint32_t v)
{
	uint8_t bytes[4];

	wire_store_u32(bytes, v);
	auth_der_put_number(b, wire_bytes(bytes, sizeof bytes));
}

void auth_der_put_bits(struct wire_buf *b, ssh_bytes bytes)
{
	size_t mark = auth_der_begin(b, AUTH_DER_BITS);

	wire_put_u8(b, 0);
	wire_put_raw(b, bytes);
	auth_der_end(b, mark);
}

/* Room for the short form: most elements are short. */
size_t auth_der_begin(struct wire_buf *b, uint8_t tag)
{
	wire_put_u8(b, tag);
	wire_put_u8(b, 0);
	return wire_buf_len(b);
}

/* The content moves up if its length turns out to need the long form. */
void auth_der_end(struct wire_buf *b, size_t mark)
{
	size_t n, more;
	uint8_t *end;

	if (wire_buf_end(b) != 0)
		return;
	n = wire_buf_len(b) - mark;
	more = n < LONG_FORM ? 0 : n < 256 ? 1 : 2;
	if (n > AUTH_DER_LENGTH_MAX)
		wire_buf_fail(b, SSH_ERR_TOO_LONG);
	/* One byte at least, for a room of none has no address. */
	if ((end = wire_buf_room(b, more + 1)) == NULL)
		return;
	memmove(end - n + more, end - n, n);
	end[-(ptrdiff_t)n - 1] = (uint8_t)(more == 0 ? n : LONG_FORM | more);
	for (size_t i = 0; i < more; i++)
		*(end - n + i) = (uint8_t)(n >> 8 * (more - 1 - i));
	wire_buf_took(b, more);
}
