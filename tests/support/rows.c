/* SPDX-License-Identifier: MIT */
#include "tests/support/rows.h"

#include <criterion/criterion.h>

/* Cut `line` at its bars; returns the number of columns, which may be over the bound. */
static size_t split(char *line, const char *column[ROWS_COLUMNS_MAX])
{
	size_t n = 1;
	column[0] = line;
	for (char *bar = line; (bar = strchr(bar, '|')) != NULL; n++) {
		*bar++ = '\0';
		if (n < ROWS_COLUMNS_MAX)
			column[n] = bar;
	}
	return n;
}

void rows_each(const char *file, size_t columns, void (*f)(const char *const *column))
{
	struct wire_buf text = vector_file(file);
	size_t rows = 0;
	wire_put_u8(&text, 0);
	cr_assert_eq(wire_buf_end(&text), SSH_OK);
	char *line = (char *)text.mem + text.start;
	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		char *next = line + len + (line[len] == '\n');
		line[len] = '\0';
		const char *column[ROWS_COLUMNS_MAX];
		if (len > 0 && *line != '#') {
			size_t n = split(line, column);
			cr_assert_eq(n, columns, "%s: %zu columns in '%.40s'", file, n, line);
			f(column);
			rows++;
		}
		line = next;
	}
	cr_assert_gt(rows, 0, "%s has no rows", file);
	wire_buf_wipe(&text);
}
