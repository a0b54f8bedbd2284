/* SPDX-License-Identifier: MIT */
#include "libwire/text.h"

static const char hex_digits[] = "0123456789abcdef";

void wire_text_str(struct wire_buf *out, const char *s)
{
	wire_put_raw(out, wire_bytes_str(s));
}

void wire_text_decimal(struct wire_buf *out, uint64_t v)
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

void wire_text_hex(struct wire_buf *out, ssh_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		put_hex_byte(out, v.ptr[i]);
}

/* Both kinds of string differ in nothing but what stands before the two digits of a byte. */
static void put_escaped(struct wire_buf *out, ssh_bytes v, const char *before)
{
	wire_put_u8(out, '"');
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.ptr[i];
		if (c < 0x20 || c > 0x7e) {
			wire_text_str(out, before);
			put_hex_byte(out, c);
			continue;
		}
		if (c == '"' || c == '\\')
			wire_put_u8(out, '\\');
		wire_put_u8(out, c);
	}
	wire_put_u8(out, '"');
}

void wire_text_quoted(struct wire_buf *out, ssh_bytes v)
{
	put_escaped(out, v, "\\x");
}

void wire_text_json(struct wire_buf *out, ssh_bytes v)
{
	put_escaped(out, v, "\\u00");
}
