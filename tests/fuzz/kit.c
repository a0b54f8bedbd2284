/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

uint8_t fuzz_u8(ssh_bytes *in)
{
	uint8_t v = in->len > 0 ? in->ptr[0] : 0;
	*in = wire_bytes_skip(*in, in->len > 0);
	return v;
}

uint16_t fuzz_u16(ssh_bytes *in)
{
	unsigned high = fuzz_u8(in);
	return (uint16_t)(high << 8 | fuzz_u8(in));
}

static ssh_bytes take(ssh_bytes *in, size_t n)
{
	ssh_bytes v = wire_bytes(in->ptr, n < in->len ? n : in->len);
	*in = wire_bytes_skip(*in, v.len);
	return v;
}

ssh_bytes fuzz_short(ssh_bytes *in)
{
	size_t n = fuzz_u8(in);
	return take(in, n);
}

ssh_bytes fuzz_long(ssh_bytes *in)
{
	size_t n = fuzz_u16(in);
	return take(in, n);
}

void fuzz_seed_text(const char *text)
{
	fuzz_seed(wire_bytes_str(text));
}

void fuzz_seed_buf(struct wire_buf *b)
{
	FUZZ_MUST(wire_buf_end(b) == 0);
	fuzz_seed(wire_buf_view(b));
	wire_buf_wipe(b);
}

struct wire_buf fuzz_file(const char *name)
{
	char path[256];
	struct wire_buf b = {0};
	uint8_t piece[4096];
	size_t n;
	snprintf(path, sizeof path, "tests/vectors/%s", name);
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		exit(2);
	}
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		wire_put_raw(&b, wire_bytes(piece, n));
	fclose(f);
	return b;
}

static int digit(int c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == 0 ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits);
}

static void unhex(struct wire_buf *out, ssh_bytes hex)
{
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		int high = digit(hex.ptr[i]), low = digit(hex.ptr[i + 1]);
		if (high < 0 || low < 0)
			return;
		wire_put_u8(out, (uint8_t)(high << 4 | low));
	}
}

/* What stands before `end`, which is taken off as well. */
static ssh_bytes until(ssh_bytes *text, char end)
{
	const uint8_t *at = text->len == 0 ? NULL : memchr(text->ptr, end, text->len);
	size_t n = at == NULL ? text->len : (size_t)(at - text->ptr);
	ssh_bytes v = wire_bytes(text->ptr, n);
	*text = wire_bytes_skip(*text, at == NULL ? n : n + 1);
	return v;
}

void fuzz_rows(const char *name, size_t column, void (*f)(ssh_bytes value))
{
	struct wire_buf file = fuzz_file(name);
	ssh_bytes text = wire_buf_view(&file);
	while (text.len > 0) {
		ssh_bytes line = until(&text, '\n');
		struct wire_buf value = {0};
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		for (size_t i = 0; i < column; i++)
			(void)until(&line, '|');
		unhex(&value, until(&line, '|'));
		f(wire_buf_view(&value));
		wire_buf_wipe(&value);
	}
	wire_buf_wipe(&file);
}

void fuzz_put_short(struct wire_buf *b, ssh_bytes v)
{
	size_t n = v.len < UINT8_MAX ? v.len : UINT8_MAX;
	wire_put_u8(b, (uint8_t)n);
	wire_put_raw(b, wire_bytes(v.ptr, n));
}

void fuzz_put_long(struct wire_buf *b, ssh_bytes v)
{
	size_t n = v.len < UINT16_MAX ? v.len : UINT16_MAX;
	wire_put_u8(b, (uint8_t)(n >> 8));
	wire_put_u8(b, (uint8_t)n);
	wire_put_raw(b, wire_bytes(v.ptr, n));
}
