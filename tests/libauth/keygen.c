/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "tests/libauth/keygen.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct wire_buf read_all(FILE *f)
{
	struct wire_buf b = {0};
	uint8_t chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		wire_put_raw(&b, wire_bytes(chunk, n));
	return b;
}

void keygen_init(struct keygen *g)
{
	snprintf(g->dir, sizeof g->dir, "/tmp/nacre-keygen-XXXXXX");
	cr_assert_not_null(mkdtemp(g->dir));
}

/* Append `arguments` to `command`, each @ before a slash replaced by the directory. */
static void spell(const struct keygen *g, const char *arguments, struct wire_buf *command)
{
	for (; *arguments != '\0'; arguments++)
		if (arguments[0] == '@' && arguments[1] == '/')
			wire_put_raw(command, wire_bytes_str(g->dir));
		else
			wire_put_u8(command, (uint8_t)*arguments);
}

/* Run `program`, a blank and the arguments. */
static struct wire_buf run(const struct keygen *g, const char *program, const char *arguments)
{
	struct wire_buf command = {0}, out;
	FILE *p;

	wire_put_raw(&command, wire_bytes_str(program));
	spell(g, arguments, &command);
	wire_put_raw(&command, wire_bytes_str(" 2>&1 </dev/null"));
	wire_put_u8(&command, 0);
	p = popen((const char *)wire_buf_view(&command).ptr, "r");
	cr_assert_not_null(p);
	out = read_all(p);
	wire_buf_wipe(&command);
	cr_assert_eq(pclose(p), 0, "%s%s: %.*s", program, arguments, (int)wire_buf_len(&out),
	             (const char *)wire_buf_view(&out).ptr);
	return out;
}

struct wire_buf keygen_run(const struct keygen *g, const char *arguments)
{
	return run(g, "ssh-keygen ", arguments);
}

struct wire_buf keygen_shell(const struct keygen *g, const char *command)
{
	return run(g, "", command);
}

void keygen_need(const char *program)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	if (system(command) != 0)
		cr_skip_test("%s is not installed", program);
}

struct wire_buf keygen_read(const struct keygen *g, const char *name)
{
	char path[256];
	struct wire_buf b;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", g->dir, name);
	f = fopen(path, "rb");
	cr_assert_not_null(f, "%s", path);
	b = read_all(f);
	fclose(f);
	return b;
}

void keygen_write(const struct keygen *g, const char *name, ssh_bytes text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", g->dir, name);
	f = fopen(path, "wb");
	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(chmod(path, 0600), 0);
	if (text.len != 0)
		cr_assert_eq(fwrite(text.ptr, 1, text.len, f), text.len);
	cr_assert_eq(fclose(f), 0);
}

void keygen_wipe(struct keygen *g)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", g->dir);
	cr_assert_eq(system(command), 0);
}
