/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_file.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/libchan/ends.h"
#include "tests/support/alloc.h"

/* Files over a channel whose other end echoes. */

static struct sock s;

static struct sock_channel *start(struct ends *t)
{
	struct sock_channel *ch;
	ends_init(t);
	ends_begin(t, serve_commands, false);
	log_in(t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	return ch;
}

static void echo(struct sock_channel *ch, const char *text)
{
	cr_assert_eq(sock_send_all(ch, wire_bytes_str(text), NULL), SSH_OK);
}

static void line_is(struct sock_file *f, const char *text)
{
	char line[16];
	size_t len;
	enum ssh_err e = sock_file_read_line(f, line, sizeof line, &len);
	cr_assert_eq(e, SSH_OK, "%s", ssh_err_name(e));
	cr_assert_str_eq(line, text);
	cr_assert_eq(len, strlen(text));
}

Test(sock_file, lines)
{
	struct ends t;
	struct sock_channel *ch = start(&t);
	struct sock_file f;
	char line[16];
	size_t len;
	sock_file_init(&f, ch);
	echo(ch, "one\n\ntwo\r\nthis line is longer than the room for it\nhalf");
	line_is(&f, "one\n");
	line_is(&f, "\n");
	line_is(&f, "two\r\n");
	line_is(&f, "this line is lo");
	line_is(&f, "nger than the r");
	line_is(&f, "oom for it\n");
	sock_set_timeout(ch, SHORT);
	cr_assert_eq(sock_file_read_line(&f, line, sizeof line, &len), SSH_ERR_TIMEOUT);
	cr_assert_eq(len, 0);
	sock_set_timeout(ch, LONG);
	echo(ch, " more\nlast");
	cr_assert_eq(sock_eof(ch), SSH_OK);
	line_is(&f, "half more\n");
	line_is(&f, "last");
	line_is(&f, "");
	line_is(&f, "");
	cr_assert(f.ended);
	cr_assert_eq(sock_file_read_line(&f, line, 1, &len), SSH_ERR_ARGUMENT);
	sock_file_wipe(&f);
	sock_file_wipe(&f);
	sock_close(ch);
	log_out(&t, &s);
}

/* At every way to cut the stream in two. */
Test(sock_file, universal_newlines)
{
	static const char text[] = "a\rb\r\nc\nd\r\r\n\n";
	struct ends t;
	struct sock_channel *ch = start(&t);
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct sock_file f;
		char got[32];
		size_t at = 0, n;
		sock_file_init(&f, ch);
		f.universal = true;
		cr_assert_eq(sock_send_all(ch, wire_bytes(text, cut), NULL), SSH_OK);
		while (cut > 0 && at == 0) {
			cr_assert_eq(sock_file_read_some(&f, got, sizeof got, &at), SSH_OK);
		}
		cr_assert_eq(sock_send_all(ch, wire_bytes(text + cut, sizeof text - 1 - cut), NULL),
		             SSH_OK);
		/* Ten bytes in all: four letters and six ends of line. */
		cr_assert_eq(sock_file_read(&f, got + at, 10 - at, &n), SSH_OK, "cut %zu", cut);
		cr_assert(memcmp(got, "a\nb\nc\nd\n\n\n", 10) == 0, "cut %zu", cut);
		cr_assert_eq(f.newlines, SOCK_NEWLINE_CR | SOCK_NEWLINE_LF | SOCK_NEWLINE_CRLF,
		             "cut %zu: %u", cut, f.newlines);
		sock_file_wipe(&f);
	}
	sock_close(ch);
	log_out(&t, &s);
}

Test(sock_file, one_kind_of_newline)
{
	static const struct {
		const char *text;
		uint32_t kinds;
	} rows[] = {{"a\n", SOCK_NEWLINE_LF},
	            {"a\r\n", SOCK_NEWLINE_CRLF},
	            {"a\rb\r", SOCK_NEWLINE_CR},
	            {"a", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ends t;
		struct sock_channel *ch = start(&t);
		struct sock_file f;
		char line[8];
		size_t len = 1;
		sock_file_init(&f, ch);
		f.universal = true;
		echo(ch, rows[i].text);
		cr_assert_eq(sock_eof(ch), SSH_OK);
		while (len > 0) {
			cr_assert_eq(sock_file_read_line(&f, line, sizeof line, &len), SSH_OK);
			cr_assert_eq(strchr(line, '\r'), NULL);
		}
		cr_assert_eq(f.newlines, rows[i].kinds, "%zu: %u", i, f.newlines);
		sock_file_wipe(&f);
		sock_close(ch);
		log_out(&t, &s);
	}
}

Test(sock_file, exactly_so_many)
{
	struct ends t;
	struct sock_channel *ch = start(&t);
	struct sock_file f;
	char buf[32];
	size_t n = 7;
	sock_file_init(&f, ch);
	echo(ch, "0123456789");
	sock_set_timeout(ch, SHORT);
	cr_assert_eq(sock_file_read(&f, buf, 12, &n), SSH_ERR_TIMEOUT);
	cr_assert_eq(n, 0, "nothing is taken");
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_file_read_some(&f, buf, 3, &n), SSH_OK);
	cr_assert(n == 3 && memcmp(buf, "012", 3) == 0);
	echo(ch, "abcdef");
	cr_assert_eq(sock_file_read(&f, buf, 12, &n), SSH_OK);
	cr_assert(n == 12 && memcmp(buf, "3456789abcde", 12) == 0);
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert_eq(sock_file_read(&f, buf, 12, &n), SSH_OK);
	cr_assert(n == 1 && buf[0] == 'f', "fewer at the end");
	cr_assert_eq(sock_file_read(&f, buf, 12, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_file_read(&f, buf, WIRE_BUF_DEFAULT_MAX, &n), SSH_ERR_TOO_LONG);
	sock_file_wipe(&f);
	sock_close(ch);
	log_out(&t, &s);
}

static void nothing_comes(struct sock_channel *ch)
{
	char c;
	size_t n;
	sock_set_timeout(ch, SHORT);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_ERR_TIMEOUT);
	sock_set_timeout(ch, LONG);
}

static void write_text(struct sock_file *f, const char *text)
{
	cr_assert_eq(sock_file_write(f, wire_bytes_str(text)), SSH_OK);
}

Test(sock_file, buffering)
{
	struct ends t;
	struct sock_channel *ch = start(&t);
	struct sock_file f;
	static char block[SOCK_FILE_SIZE];
	size_t n, got = 0;
	sock_file_init(&f, ch);
	write_text(&f, "fully\n");
	nothing_comes(ch);
	cr_assert_eq(sock_file_flush(&f), SSH_OK);
	expect(ch, "fully\n");
	cr_assert_eq(sock_file_write(&f, wire_bytes(block, sizeof block)), SSH_OK);
	while (got < sizeof block) {
		cr_assert_eq(sock_recv(ch, block, sizeof block, &n), SSH_OK);
		got += n;
	}
	f.buffering = SOCK_LINES;
	write_text(&f, "line\nha");
	expect(ch, "line\n");
	nothing_comes(ch);
	write_text(&f, "lf\n");
	expect(ch, "half\n");
	f.buffering = SOCK_UNBUFFERED;
	write_text(&f, "x");
	expect(ch, "x");
	sock_file_wipe(&f);
	sock_close(ch);
	log_out(&t, &s);
}

static enum ssh_err round_trip(struct sock_file *f, char line[16])
{
	size_t len;
	enum ssh_err e;
	while ((e = sock_file_write(f, wire_bytes_str("line\n"))) == SSH_ERR_NO_MEMORY &&
	       sock_active(&s))
		continue;
	if (e == 0)
		e = sock_file_flush(f);
	while (e == 0 && (e = sock_file_read_line(f, line, 16, &len)) == SSH_ERR_NO_MEMORY &&
	       sock_active(&s))
		e = SSH_OK;
	return e;
}

/*
 * Without memory a call says so, and the next one goes on where it was; but a connection that gets
 * none itself dies of it.
 */
Test(sock_file, every_allocation_may_fail)
{
	size_t survived = 0;
	for (size_t n = 1, failed = 1; failed; n++) {
		struct ends t;
		struct sock_file f;
		char line[16];
		sock_file_init(&f, start(&t));
		f.universal = true;
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = round_trip(&f, line);
		alloc_stop();
		failed = alloc_failed();
		if (sock_active(&s)) {
			cr_assert_eq(e, SSH_OK, "allocation %zu: %s", n, ssh_err_name(e));
			cr_assert_str_eq(line, "line\n", "allocation %zu", n);
			survived += failed;
		} else {
			cr_assert_eq(e, SSH_ERR_NO_MEMORY, "allocation %zu: %s", n,
			             ssh_err_name(e));
		}
		sock_file_wipe(&f);
		sock_wipe(&s);
		close(t.fd[0]);
		cr_assert_eq(waitpid(t.child, NULL, 0), t.child);
		ends_forget(&t);
	}
	cr_assert_geq(survived, 2, "%zu: those of the file's own two buffers", survived);
}
