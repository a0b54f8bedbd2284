/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/sock_file.h"
#include "libwire/reader.h"
#include "tests/interop/sock_kit.h"

/* sock as a server whose decisions paramiko's client asks for. */

static void call(struct process *p, struct house *h, const char *what, const char *more)
{
	start_script(p, "paramiko_calls.py", h->port, peer_key("user", "ed25519"), what, more,
	             NULL);
	process_input(p, wire_bytes_str(""));
}

static void expect_said(struct process *p, const char *text)
{
	process_wait(p);
	cr_assert(p->status == 0 && strcmp(process_out(p), text) == 0, "%s", peer_outcome(p));
	process_wipe(p);
}

static struct sock_channel *next(struct house *h)
{
	struct sock_channel *ch;
	cr_assert_eq(sock_accept(&h->s, &ch, LONG), SSH_OK, "%s", sock_why(&h->s, why));
	sock_set_timeout(ch, LONG);
	return ch;
}

static void expect_nobody(struct house *h)
{
	struct sock_channel *ch;
	enum ssh_err e = sock_accept(&h->s, &ch, LONG);
	cr_assert(e == SSH_ERR_DISCONNECTED || e == SSH_ERR_CONNECTION_LOST, "%s", ssh_err_name(e));
}

/* Say how it ended, and close. */
static void finish(struct sock_channel *ch, uint32_t status)
{
	cr_assert_eq(sock_send_exit(ch, status), SSH_OK);
	cr_assert_eq(sock_eof(ch), SSH_OK);
	sock_close(ch);
}

static void echo(struct sock_channel *ch)
{
	static char buf[40000];
	size_t n = 1;
	while (n > 0) {
		enum ssh_err e = sock_recv(ch, buf, sizeof buf, &n);
		cr_assert_eq(e, SSH_OK, "%s", ssh_err_name(e));
		if (n > 0)
			cr_assert_eq(sock_send_all(ch, wire_bytes(buf, n), NULL), SSH_OK);
	}
}

/* --- Requests and channels, each decided upon --- */

static uint32_t judge_open(void *ctx, ssh_bytes type, ssh_bytes body)
{
	struct wire_reader r;
	(void)ctx;
	if (wire_bytes_is(type, "session"))
		return 0;
	if (!wire_bytes_is(type, "direct-tcpip"))
		return SSH_OPEN_UNKNOWN_CHANNEL_TYPE;
	wire_reader_init(&r, body);
	return wire_bytes_is(wire_get_string(&r), "pearl.example") ? 0 : SSH_OPEN_CONNECT_FAILED;
}

static char language[8];

static bool judge_request(void *ctx, const struct sock_channel *ch, const struct chan_request *r)
{
	(void)ctx;
	(void)ch;
	if (r->type == CHAN_REQUEST_ENV)
		snprintf(language, sizeof language, "%.*s", (int)r->env.value.len,
		         (const char *)r->env.value.ptr);
	if (r->type == CHAN_REQUEST_SUBSYSTEM)
		return wire_bytes_is(r->subsystem.name, "time");
	return r->type != CHAN_REQUEST_EXEC || !wire_bytes_is(r->exec.command, "forbidden");
}

Test(sock_calls, requests, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	struct sock_terminal t;
	char text[128];
	open_house(&h);
	h.config.policy.open = judge_open;
	h.config.policy.request = judge_request;
	h.config.policy.requests = SOCK_GRANT(PTY) | SOCK_GRANT(ENV) | SOCK_GRANT(SHELL) |
	                           SOCK_GRANT(EXEC) | SOCK_GRANT(SUBSYSTEM);
	call(&p, &h, "requests", NULL);
	let_in(&h);
	struct sock_channel *ch = next(&h);
	cr_assert(ch->program == CHAN_REQUEST_SHELL && ch->pty);
	cr_assert_str_eq(ch->type, "session");
	cr_assert_str_eq(language, "C");
	take_text(ch, "x");
	sock_terminal(ch, &t);
	snprintf(text, sizeof text, "%s %ux%u %u", t.term, t.size.cols, t.size.rows, t.resized);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str(text), NULL), SSH_OK);
	finish(ch, 5);
	ch = next(&h);
	cr_assert(ch->program == CHAN_REQUEST_SUBSYSTEM && wire_bytes_is(sock_command(ch), "time"));
	sock_close(ch);
	ch = next(&h);
	cr_assert_str_eq(ch->type, "direct-tcpip");
	echo(ch);
	sock_close(ch);
	expect_nobody(&h);
	expect_said(&p, "pty yes\nLANG yes\nshell yes\nterminal vt220 132x50 1 5\n"
	                "subsystem time yes\nsubsystem space SSHException\n"
	                "exec SSHException\npearl 3 Unknown channel type\n"
	                "ruby 2 Connect failed\npearl Hello\n");
	close_house(&h);
}

/* --- Who gets in --- */

Test(sock_calls, login, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	open_house(&h);
	h.config.policy.password = judge_password;
	h.config.policy.banner = "Who are you?\r\n";
	call(&p, &h, "login", NULL);
	let_in(&h);
	expect_nobody(&h);
	expect_said(&p, "wrong AuthenticationException\nWho are you?\n"
	                "stranger AuthenticationException\nnobody BadAuthenticationType\n"
	                "right yes\n");
	close_house(&h);
}

/* --- Lines, as paramiko writes them --- */

Test(sock_calls, lines, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	struct sock_file f, err;
	char line[32], text[64];
	size_t len;
	open_house(&h);
	call(&p, &h, "lines", NULL);
	let_in(&h);
	struct sock_channel *ch = next(&h);
	sock_file_init(&f, ch);
	sock_file_init(&err, ch);
	f.universal = err.stderr_out = true;
	f.buffering = SOCK_LINES;
	for (int i = 1; sock_file_read_line(&f, line, sizeof line, &len) == 0 && len > 0; i++) {
		int n = snprintf(text, sizeof text, "%d %s", i, line);
		cr_assert_eq(sock_file_write(&f, wire_bytes(text, (size_t)n)), SSH_OK);
	}
	cr_assert_eq(f.newlines, SOCK_NEWLINE_LF | SOCK_NEWLINE_CR | SOCK_NEWLINE_CRLF);
	cr_assert_eq(sock_file_write(&f, wire_bytes_str("\n")), SSH_OK);
	cr_assert_eq(sock_file_write(&err, wire_bytes_str("that was all\n")), SSH_OK);
	cr_assert_eq(sock_file_flush(&err), SSH_OK);
	sock_file_wipe(&f);
	sock_file_wipe(&err);
	finish(ch, 0);
	expect_nobody(&h);
	expect_said(&p, "1 one\n2 two\n3 three\n4 four\nthat was all\n");
	close_house(&h);
}

/* --- Data, while keys change by packets, by time, by a call, and by limits that change --- */

/* Three parts, each with a reason of its own; at the end of each its work is seen. */
static void change_reason(struct house *h, int part)
{
	static uint32_t before = 1;
	static const char *const by[] = {"packets", "time", "a call"};
	while (sock_exchanges(&h->s) == before)
		cr_assert_eq(sock_pump(&h->s, LONG), SSH_OK, "not by %s", by[part - 1]);
	before = sock_exchanges(&h->s);
	sock_set_rekey(&h->s, 0, 0, part == 1 ? 5 : 0);
	if (part == 2)
		cr_assert_eq(sock_rekey(&h->s), SSH_OK);
}

static void echo_and_rekey(struct house *h, struct sock_channel *ch)
{
	static char buf[40000];
	size_t n = 1, total = 0;
	int part = 0;
	sock_set_rekey(&h->s, 0, 10, 0);
	while (n > 0) {
		cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_OK, "%s",
		             sock_why(&h->s, why));
		if (n > 0)
			cr_assert_eq(sock_send_all(ch, wire_bytes(buf, n), NULL), SSH_OK);
		total += n;
		while (part < 3 && total >= (size_t)(part + 1) * 600000)
			change_reason(h, ++part);
	}
	cr_assert_eq(total, 2000000);
}

Test(sock_calls, rekeyed, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	open_house(&h);
	call(&p, &h, "echo", "2000000");
	let_in(&h);
	struct sock_channel *ch = next(&h);
	echo_and_rekey(&h, ch);
	/* paramiko closes a channel while it exchanges keys only when that is over. */
	sock_set_rekey(&h.s, 0, 0, 0);
	finish(ch, 6);
	expect_nobody(&h);
	expect_said(&p, "got 2000000 status 6\n");
	close_house(&h);
}

/* --- By poll alone; as a socket; and a client that is gone --- */

Test(sock_calls, polled, .fini = peer_end)
{
	static struct house h;
	struct process p = {0};
	struct pollfd fd = {.events = POLLIN};
	struct sock_channel *ch;
	static char buf[20000];
	size_t n = 1, total = 0;
	enum ssh_err e;
	open_house(&h);
	call(&p, &h, "echo", "300000");
	let_in(&h);
	cr_assert_eq(sock_done_fileno(&h.s, &fd.fd), SSH_OK);
	while ((e = sock_accept(&h.s, &ch, 0)) == SSH_ERR_TIMEOUT)
		cr_assert_eq(poll(&fd, 1, LONG), 1);
	cr_assert_eq(e, SSH_OK);
	cr_assert_eq(sock_fileno(ch, &fd.fd), SSH_OK);
	while (n > 0) {
		cr_assert_eq(poll(&fd, 1, LONG), 1);
		sock_set_timeout(ch, 0);
		e = sock_recv(ch, buf, sizeof buf, &n);
		total += n;
		cr_assert(e == SSH_OK || e == SSH_ERR_TIMEOUT);
		sock_set_timeout(ch, LONG);
		if (n > 0)
			cr_assert_eq(sock_send_all(ch, wire_bytes(buf, n), NULL), SSH_OK);
		n += e == SSH_ERR_TIMEOUT;
	}
	cr_assert_eq(total, 300000);
	finish(ch, 8);
	expect_nobody(&h);
	expect_said(&p, "got 300000 status 8\n");
	close_house(&h);
}

Test(sock_calls, as_a_socket, .fini = peer_end)
{
	static struct house h;
	static char buf[20000];
	struct process p = {0};
	ssize_t n;
	int fd;
	open_house(&h);
	call(&p, &h, "echo", "300000");
	let_in(&h);
	cr_assert_eq(worker_start(&h.w, &h.s), SSH_OK);
	struct sock_channel *ch = next(&h);
	cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (ssize_t put = 0, done; put < n; put += done) {
			done = write(fd, buf + put, (size_t)(n - put));
			cr_assert_gt(done, 0);
		}
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_send_exit(ch, 9), SSH_OK);
	close(fd);
	expect_said(&p, "got 300000 status 9\n");
	sock_close(ch);
	close_house(&h);
}

/* No signal: SIGPIPE is as it was. Whoever sends hears of it, and so does who waits. */
static void vanished(bool worker)
{
	static struct house h;
	static const char zeros[30000];
	struct process p = {0};
	enum ssh_err e = SSH_OK;
	h = (struct house){0};
	open_house(&h);
	call(&p, &h, "vanish", NULL);
	let_in(&h);
	if (worker)
		cr_assert_eq(worker_start(&h.w, &h.s), SSH_OK);
	struct sock_channel *ch = next(&h);
	while (e == SSH_OK)
		e = sock_send_all(ch, wire_bytes(zeros, sizeof zeros), NULL);
	cr_assert_eq(e, SSH_ERR_CONNECTION_LOST, "%s", ssh_err_name(e));
	expect_nobody(&h);
	cr_assert(!sock_active(&h.s));
	sock_close(ch);
	process_wait(&p);
	cr_assert_eq(p.status, 5, "%s", peer_outcome(&p));
	process_wipe(&p);
	close_house(&h);
}

Test(sock_calls, vanished, .fini = peer_end)
{
	vanished(false);
	vanished(true);
}
