/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#define SUFFIX ".txt"

/* The value of a line `key = value`, NULL if the line is another field's. */
static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);
	if (strncmp(line, key, n) != 0 || strncmp(line + n, " =", 2) != 0)
		return NULL;
	line += n + 2;
	return *line == ' ' ? line + 1 : line;
}

/* Walk the NUL-separated lines: the n-th value of `key`; counts those passed in *seen. */
static const char *nth(const struct golden *g, const char *key, size_t n, size_t *seen)
{
	ssh_bytes text = wire_buf_view(&g->text);
	*seen = 0;
	while (text.len > 0) {
		const char *line = (const char *)text.ptr;
		const char *value = value_of(line, key);
		if (value != NULL && (*seen)++ == n)
			return value;
		text = wire_bytes_skip(text, strlen(line) + 1);
	}
	return NULL;
}

static struct golden load(const char *file, char name[256])
{
	char path[300];
	snprintf(path, sizeof path, "golden/%s", file);
	snprintf(name, 256, "%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
	struct golden g = {.name = name, .text = vector_file(path)};
	wire_put_u8(&g.text, 0);
	cr_assert_eq(wire_buf_end(&g.text), SSH_OK);
	for (char *c = (char *)g.text.mem + g.text.start; *c != '\0'; c++)
		*c = *c == '\n' ? '\0' : *c;
	return g;
}

void golden_each(void (*f)(const struct golden *g))
{
	static const char folder[] = "tests/vectors/golden";
	DIR *d = opendir(folder);
	cr_assert_not_null(d, "cannot open %s (run from the top of the tree)", folder);
	struct dirent *entry;
	size_t sessions = 0;
	while ((entry = readdir(d)) != NULL) {
		size_t n = strlen(entry->d_name);
		if (n < strlen(SUFFIX) || strcmp(entry->d_name + n - strlen(SUFFIX), SUFFIX) != 0)
			continue;
		char name[256];
		struct golden g = load(entry->d_name, name);
		f(&g);
		sessions++;
		wire_buf_wipe(&g.text);
	}
	closedir(d);
	cr_assert_gt(sessions, 0, "no session in %s", folder);
}

size_t golden_count(const struct golden *g, const char *key)
{
	size_t seen;
	nth(g, key, SIZE_MAX, &seen);
	return seen;
}

const char *golden_text(const struct golden *g, const char *key)
{
	size_t seen;
	return nth(g, key, 0, &seen);
}

void golden_hex(const struct golden *g, const char *key, size_t n, struct wire_buf *out)
{
	size_t seen;
	const char *hex = nth(g, key, n, &seen);
	cr_assert_not_null(hex, "%s has no %s number %zu", g->name, key, n);
	unhex(out, hex);
}
