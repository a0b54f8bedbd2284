/* SPDX-License-Identifier: MIT */
#include "libkex/ident.h"
#include "tests/support/vectors.h"

#include <criterion/criterion.h>

static ssh_bytes line_of(const char *s, size_t len)
{
	return wire_bytes(s, len);
}

#define LINE(s) line_of(s, sizeof(s) - 1)

/* --- A line taken apart --- */

Test(ident, takes_lines_apart)
{
	static const struct {
		const char *line, *version, *software, *comment;
	} rows[] = {
	    {"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "2.0", "OpenSSH_9.2p1", "Debian-2+deb12u3"},
	    {"SSH-2.0-x", "2.0", "x", ""},
	    {"SSH-1.99-OpenSSH_3.9p1", "1.99", "OpenSSH_3.9p1", ""},
	    {"SSH-2.0-dropbear_2022.83", "2.0", "dropbear_2022.83", ""},
	    {"SSH-2.0-a-b c d ", "2.0", "a-b", "c d "},
	    {"SSH-2.0-x ", "2.0", "x", ""},
	    {"SSH-2.0-x \x1b[31m\xff", "2.0", "x", "\x1b[31m\xff"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct kex_ident id;
		ssh_bytes line = wire_bytes_str(rows[i].line);
		cr_assert_eq(kex_ident_parse(line, &id), SSH_OK, "%s", rows[i].line);
		cr_assert(wire_bytes_equal(id.line, line), "%s", rows[i].line);
		cr_assert(wire_bytes_is(id.version, rows[i].version), "%s", rows[i].line);
		cr_assert(wire_bytes_is(id.software, rows[i].software), "%s", rows[i].line);
		cr_assert(wire_bytes_is(id.comment, rows[i].comment), "%s", rows[i].line);
	}
}

Test(ident, refuses_what_is_none)
{
	static const struct {
		const char *line;
		size_t len;
		enum ssh_err e;
	} rows[] = {
	    {"", 0, SSH_ERR_IDENT},
	    {"SSH-", 4, SSH_ERR_IDENT},
	    {"SSH-2.0", 7, SSH_ERR_IDENT},
	    {"SSH-2.0-", 8, SSH_ERR_IDENT},
	    {"SSH-2.0- x", 10, SSH_ERR_IDENT},
	    {"ssh-2.0-x", 9, SSH_ERR_IDENT},
	    {" SSH-2.0-x", 10, SSH_ERR_IDENT},
	    {"SSH-2.0-x\0y", 11, SSH_ERR_IDENT},
	    {"SSH-2.0-x\ry", 11, SSH_ERR_IDENT},
	    {"SSH-1.5-x", 9, SSH_ERR_VERSION},
	    {"SSH-2.1-x", 9, SSH_ERR_VERSION},
	    {"SSH-2.00-x", 10, SSH_ERR_VERSION},
	    {"SSH--x", 6, SSH_ERR_VERSION},
	    {"SSH-3.0-x", 9, SSH_ERR_VERSION},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct kex_ident id;
		cr_assert_eq(kex_ident_parse(line_of(rows[i].line, rows[i].len), &id), rows[i].e,
		             "%s", rows[i].line);
	}
}

/* --- A stream searched --- */

struct found {
	enum ssh_err e;
	bool found;
	size_t used; /* in all */
	char line[300];
};

/* The stream comes `chunk` bytes at a time, and what is used is dropped as an engine would. */
static struct found scan(ssh_bytes in, bool server, size_t chunk)
{
	struct found f = {.e = SSH_OK};
	size_t lines = 0, have = 0;
	struct kex_ident_scan s = {0};
	while (f.e == 0 && !s.found && have < in.len) {
		have = have + chunk < in.len ? have + chunk : in.len;
		ssh_bytes here = wire_bytes(in.ptr + f.used, have - f.used);
		f.e = kex_ident_scan(here, server, &lines, &s);
		f.used += s.used;
	}
	f.found = s.found;
	if (s.found)
		memcpy(f.line, s.line.ptr, s.line.len);
	return f;
}

static void expect_scan(ssh_bytes in, bool server, struct found want, const char *name)
{
	static const size_t chunks[] = {1, 7, SIZE_MAX / 2};
	for (size_t i = 0; i < 3; i++) {
		struct found got = scan(in, server, chunks[i]);
		cr_assert_eq(got.e, want.e, "%s: %s", name, ssh_err_name(got.e));
		cr_assert_eq(got.found, want.found, "%s", name);
		if (!want.found)
			continue;
		cr_assert_str_eq(got.line, want.line, "%s", name);
		cr_assert_eq(got.used, want.used, "%s: %zu used", name, got.used);
	}
}

Test(ident, finds_it_in_a_stream)
{
	static const struct {
		const char *in;
		bool server;
		struct found want;
	} rows[] = {
	    {"SSH-2.0-x\r\nrest", true, {SSH_OK, true, 11, "SSH-2.0-x"}},
	    {"SSH-2.0-x\nrest", true, {SSH_OK, true, 10, "SSH-2.0-x"}},
	    {"SSH-2.0-x \r\n", true, {SSH_OK, true, 12, "SSH-2.0-x "}},
	    {"hello\r\n\r\nSSH- is\nSSH-2.0-x\r\n", false, {SSH_OK, true, 17, "SSH- is"}},
	    {"hello\r\n\nSSH-2.0-x\r\n", false, {SSH_OK, true, 19, "SSH-2.0-x"}},
	    {"SS", true, {SSH_OK, false, 0, ""}},
	    {"SSH-2.0-x", true, {SSH_OK, false, 0, ""}},
	    {"hello", false, {SSH_OK, false, 0, ""}},
	    {"hello\r\n", true, {SSH_ERR_IDENT, false, 0, ""}},
	    {"\r\nSSH-2.0-x\r\n", true, {SSH_ERR_IDENT, false, 0, ""}},
	    {"GET / HTTP/1.1\r\n", true, {SSH_ERR_IDENT, false, 0, ""}},
	    {"\x16\x03\x01\x02", true, {SSH_ERR_IDENT, false, 0, ""}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_scan(wire_bytes_str(rows[i].in), rows[i].server, rows[i].want, rows[i].in);
}

/* `n` times the byte, between two texts. */
static struct wire_buf long_line(const char *head, size_t n, const char *tail)
{
	struct wire_buf b = {0};
	wire_put_raw(&b, wire_bytes_str(head));
	for (size_t i = 0; i < n; i++)
		wire_put_u8(&b, 'x');
	wire_put_raw(&b, wire_bytes_str(tail));
	return b;
}

Test(ident, its_length_is_bounded)
{
	static const struct {
		const char *head, *tail;
		size_t len; /* of the line, line end included */
		bool server, found;
		enum ssh_err e;
	} rows[] = {
	    {"SSH-2.0-", "\r\n", KEX_IDENT_MAX, true, true, SSH_OK},
	    {"SSH-2.0-", "\r\n", KEX_IDENT_MAX, false, true, SSH_OK},
	    {"SSH-2.0-", "\r\n", KEX_IDENT_MAX + 1, true, false, SSH_ERR_IDENT},
	    {"SSH-2.0-", "\r\n", KEX_IDENT_MAX + 1, false, false, SSH_ERR_IDENT},
	    {"SSH-2.0-", "", KEX_IDENT_MAX - 1, true, false, SSH_OK},
	    {"SSH-2.0-", "", KEX_IDENT_MAX, true, false, SSH_ERR_IDENT},
	    {"", "\n", KEX_IDENT_LINE_MAX, false, false, SSH_OK},
	    {"", "\n", KEX_IDENT_LINE_MAX + 1, false, false, SSH_ERR_IDENT},
	    {"", "", KEX_IDENT_LINE_MAX, false, false, SSH_ERR_IDENT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t fixed = strlen(rows[i].head) + strlen(rows[i].tail);
		struct wire_buf b = long_line(rows[i].head, rows[i].len - fixed, rows[i].tail);
		for (size_t chunk = 1; chunk < 10000; chunk *= 99) {
			struct found got = scan(wire_buf_view(&b), rows[i].server, chunk);
			cr_assert_eq(got.e, rows[i].e, "row %zu: %s", i, ssh_err_name(got.e));
			cr_assert_eq(got.found, rows[i].found, "row %zu", i);
		}
		wire_buf_wipe(&b);
	}
}

Test(ident, the_lines_before_it_are_counted)
{
	for (size_t n = KEX_IDENT_LINES_MAX; n <= KEX_IDENT_LINES_MAX + 1; n++) {
		struct wire_buf b = {0};
		for (size_t i = 0; i < n; i++)
			wire_put_raw(&b, LINE("x\r\n"));
		wire_put_raw(&b, LINE("SSH-2.0-x\r\n"));
		struct found got = scan(wire_buf_view(&b), false, 100);
		cr_assert_eq(got.found, n == KEX_IDENT_LINES_MAX);
		cr_assert_eq(got.e, n == KEX_IDENT_LINES_MAX ? SSH_OK : SSH_ERR_IDENT);
		wire_buf_wipe(&b);
	}
}
