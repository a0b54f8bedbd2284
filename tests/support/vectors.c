/* SPDX-License-Identifier: MIT */
#include "tests/support/vectors.h"

#include <criterion/criterion.h>
#include <stdio.h>

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
	return at == NULL ? -1 : (int)(at - digits);
}

void unhex(struct wire_buf *out, const char *hex)
{
	while (*hex != '\0') {
		if (strchr(" \t\r\n", *hex) != NULL) {
			hex++;
			continue;
		}
		int high = nibble(hex[0]);
		int low = nibble(hex[1]);
		cr_assert(high >= 0 && low >= 0, "bad hex at '%.8s'", hex);
		wire_put_u8(out, (uint8_t)(high << 4 | low));
		hex += 2;
	}
	cr_assert_eq(wire_buf_end(out), SSH_OK);
}

struct wire_buf vector_file(const char *name)
{
	char path[512];
	struct wire_buf b = {0};
	snprintf(path, sizeof path, "tests/vectors/%s", name);
	FILE *f = fopen(path, "rb");
	cr_assert_not_null(f, "cannot open %s (run from the top of the tree)", path);
	uint8_t chunk[4096];
	size_t n;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		wire_put_raw(&b, wire_bytes(chunk, n));
	fclose(f);
	cr_assert_eq(wire_buf_end(&b), SSH_OK);
	return b;
}
