/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/sock_file.h"
#include "tests/interop/sock_kit.h"
#include "tests/support/pattern.h"

/* What a channel can do, with sshd and with paramiko at the other end. */

#define SHORT 50

/* --- Receive, send, time --- */

/* A timeout is an error of its own, and nothing is lost by it, however often it comes. */
static void timeouts(enum peer kind)
{
	static struct client c;
	char buf[64];
	size_t n, at = 0, timeouts = 0;
	c = (struct client){0};
	connect_to(&c, kind);
	struct sock_channel *ch =
	    run(&c, "for i in 1 2 3 4 5; do sleep 0.1; printf 'part %d.' $i; done");
	sock_set_timeout(ch, 20);
	while (at < 35) {
		enum ssh_err e = sock_recv(ch, buf + at, 3, &n);
		cr_assert(e == SSH_OK || (e == SSH_ERR_TIMEOUT && n == 0), "%s", ssh_err_name(e));
		timeouts += e == SSH_ERR_TIMEOUT;
		at += n;
	}
	cr_assert(wire_bytes_is(wire_bytes(buf, at), "part 1.part 2.part 3.part 4.part 5."));
	cr_assert_geq(timeouts, 1);
	sock_set_timeout(ch, LONG);
	cr_assert_eq(take_all(ch), 0);
	sock_close(ch);
	leave(&c);
}

Test(sock_use, timeouts, .fini = peer_end)
{
	timeouts(PEER_PARAMIKO);
	timeouts(PEER_OPENSSH);
}

/* exec: both outputs, and the status; a signal's name; a program that is told of no more input. */
static void programs(enum peer kind)
{
	static struct client c;
	uint32_t status;
	char buf[64];
	size_t n;
	c = (struct client){0};
	connect_to(&c, kind);
	struct sock_channel *ch = run(&c, "cat; echo bye >&2; exit 9");
	cr_assert_eq(sock_send(ch, wire_bytes_str("Hello"), &n), SSH_OK);
	cr_assert_eq(n, 5);
	take_text(ch, "Hello");
	cr_assert_eq(sock_shutdown(ch, SOCK_WRITE), SSH_OK);
	cr_assert_eq(sock_send(ch, wire_bytes_str("x"), &n), SSH_ERR_STATE);
	cr_assert_eq(take_all(ch), 0);
	cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_OK, "and again: the end stays");
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_recv_err(ch, buf, sizeof buf, &n), SSH_OK);
	cr_assert(wire_bytes_is(wire_bytes(buf, n), "bye\n"));
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	cr_assert_eq(status, 9);
	sock_close(ch);
	/* paramiko's servers have no word for it. */
	ch = run(&c, "kill -TERM $$");
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	if (kind == PEER_OPENSSH) {
		cr_assert_eq(status, 255);
		cr_assert_str_eq(sock_exit_signal(ch), "TERM");
	}
	sock_close(ch);
	leave(&c);
}

Test(sock_use, programs, .fini = peer_end)
{
	programs(PEER_PARAMIKO);
	programs(PEER_OPENSSH);
}

/* Nothing is heard any more, and the sender's window goes on being filled. */
static void shut_both_ways(enum peer kind)
{
	static struct client c;
	uint32_t status;
	char b;
	size_t n = 1;
	c = (struct client){0};
	connect_to(&c, kind);
	struct sock_channel *ch = run(&c, "head -c 4000000 /dev/zero; exit 3");
	cr_assert_eq(sock_recv(ch, &b, 1, &n), SSH_OK);
	cr_assert_eq(sock_shutdown(ch, SOCK_READ), SSH_OK);
	cr_assert_eq(sock_recv(ch, &b, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK, "it could send all");
	cr_assert_eq(status, 3);
	sock_close(ch);
	ch = run(&c, "cat; exit 4");
	cr_assert_eq(sock_shutdown(ch, SOCK_BOTH), SSH_OK);
	cr_assert_eq(sock_recv(ch, &b, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_send(ch, wire_bytes_str("x"), &n), SSH_ERR_STATE);
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK, "cat has heard the end");
	cr_assert_eq(status, 4);
	sock_close(ch);
	leave(&c);
}

Test(sock_use, shut_both_ways, .fini = peer_end)
{
	shut_both_ways(PEER_PARAMIKO);
	shut_both_ways(PEER_OPENSSH);
}

Test(sock_use, subsystem_paramiko, .fini = peer_end)
{
	static struct client c;
	struct sock_channel *ch;
	uint32_t status;
	connect_to(&c, PEER_PARAMIKO);
	cr_assert_eq(sock_open_session(&c.s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_subsystem(ch, "lower"), SSH_ERR_REQUEST_REFUSED);
	sock_close(ch);
	cr_assert_eq(sock_open_session(&c.s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_subsystem(ch, "upper"), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	take_text(ch, "HELLO");
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	cr_assert_eq(status, 4);
	sock_close(ch);
	leave(&c);
}

/* SSH_FXP_INIT, and the server's SSH_FXP_VERSION. */
Test(sock_use, subsystem_openssh, .fini = peer_end)
{
	static struct client c;
	static const uint8_t init[] = {0, 0, 0, 5, 1, 0, 0, 0, 3};
	struct sock_channel *ch;
	struct sock_file f;
	uint8_t head[9];
	size_t n;
	words_add(&c.server.options, "Subsystem=sftp internal-sftp", NULL);
	connect_to(&c, PEER_OPENSSH);
	cr_assert_eq(sock_open_session(&c.s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_subsystem(ch, "sftp"), SSH_OK);
	sock_file_init(&f, ch);
	cr_assert_eq(sock_file_write(&f, wire_bytes(init, sizeof init)), SSH_OK);
	cr_assert_eq(sock_file_flush(&f), SSH_OK);
	cr_assert_eq(sock_file_read(&f, head, sizeof head, &n), SSH_OK);
	cr_assert(n == sizeof head && head[4] == 2 && head[8] == 3);
	sock_file_wipe(&f);
	sock_close(ch);
	leave(&c);
}

/* --- Files --- */

/* All three kinds of line ends, and a line that is longer than the room for it. */
static void lines(enum peer kind)
{
	static const char *const expected[] = {"one\n",   "two\n",  "three\n", "\n",
	                                       "a long ", "line\n", "no end",  ""};
	static struct client c;
	struct sock_file f;
	char line[8];
	size_t len;
	c = (struct client){0};
	connect_to(&c, kind);
	struct sock_channel *ch = run(&c, "printf 'one\\rtwo\\r'; sleep 0.05; "
	                                  "printf '\\nthree\\n\\ra long line\\nno end'");
	sock_file_init(&f, ch);
	f.universal = true;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		cr_assert_eq(sock_file_read_line(&f, line, sizeof line, &len), SSH_OK);
		cr_assert(len == strlen(expected[i]) && strcmp(line, expected[i]) == 0,
		          "line %zu: %s", i, line);
	}
	cr_assert_eq(f.newlines, SOCK_NEWLINE_LF | SOCK_NEWLINE_CR | SOCK_NEWLINE_CRLF);
	sock_file_wipe(&f);
	sock_close(ch);
	leave(&c);
}

Test(sock_use, lines, .fini = peer_end)
{
	lines(PEER_PARAMIKO);
	lines(PEER_OPENSSH);
}

/* What has not been sent does not come back. */
static bool comes_back(struct sock_file *f, struct sock_channel *ch, const char *text)
{
	char buf[32];
	size_t n;
	sock_set_timeout(ch, text[0] == '\0' ? SHORT : LONG);
	enum ssh_err e = sock_file_read_some(f, buf, sizeof buf, &n);
	return text[0] == '\0' ? e == SSH_ERR_TIMEOUT
	                       : e == SSH_OK && wire_bytes_is(wire_bytes(buf, n), text);
}

Test(sock_use, buffers, .fini = peer_end)
{
	static struct client c;
	static const struct {
		enum sock_buffering buffering;
		const char *first, *second, *flushed;
	} rows[] = {
	    {SOCK_UNBUFFERED, "one\n", "two", ""},
	    {SOCK_LINES, "one\n", "", "two"},
	    {SOCK_FULLY, "", "", "one\ntwo"},
	};
	connect_to(&c, PEER_PARAMIKO);
	for (size_t i = 0; i < 3; i++) {
		struct sock_file f;
		struct sock_channel *ch = run(&c, "cat");
		sock_file_init(&f, ch);
		f.buffering = rows[i].buffering;
		cr_assert_eq(sock_file_write(&f, wire_bytes_str("one\n")), SSH_OK);
		cr_assert(comes_back(&f, ch, rows[i].first), "row %zu", i);
		cr_assert_eq(sock_file_write(&f, wire_bytes_str("two")), SSH_OK);
		cr_assert(comes_back(&f, ch, rows[i].second), "row %zu", i);
		cr_assert_eq(sock_file_flush(&f), SSH_OK);
		cr_assert(comes_back(&f, ch, rows[i].flushed), "row %zu", i);
		sock_file_wipe(&f);
		sock_close(ch);
	}
	leave(&c);
}

/* --- Descriptors --- */

/* Two channels, polled both: each is readable for its own data, and costs no window. */
static void polled(bool worker)
{
	static struct client c;
	static char buf[30000];
	struct sock_channel *ch[2];
	struct pollfd p[2];
	size_t n, total[2] = {0};
	c = (struct client){0};
	connect_to(&c, PEER_PARAMIKO);
	if (worker)
		cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	for (int i = 0; i < 2; i++) {
		ch[i] = run(&c, i == 0 ? "head -c 300000 /dev/zero" : "sleep 0.2; echo late");
		cr_assert_eq(sock_fileno(ch[i], &p[i].fd), SSH_OK);
		p[i].events = POLLIN;
		sock_set_timeout(ch[i], 0);
	}
	for (int left = 2; left > 0;) {
		cr_assert_geq(poll(p, 2, LONG), 1);
		for (int i = 0; i < 2; i++) {
			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			enum ssh_err e = sock_recv(ch[i], buf, sizeof buf, &n);
			cr_assert(e == SSH_OK || (e == SSH_ERR_TIMEOUT && !worker));
			total[i] += n;
			if (e == SSH_OK && n == 0) {
				p[i].fd = -1;
				left--;
			}
		}
	}
	cr_assert(total[0] == 300000 && total[1] == 5);
	sock_close(ch[0]);
	sock_close(ch[1]);
	leave(&c);
}

Test(sock_use, polled_paramiko, .fini = peer_end)
{
	polled(false);
	polled(true);
}

/* Plain read and write; without a worker, calls carry the data. */
static void as_a_socket(enum peer kind, bool worker)
{
	static struct client c;
	static uint8_t buf[20000];
	uint64_t total = 500000, sent = 0, got = 0, wrong;
	int fd;
	c = (struct client){0};
	connect_to(&c, kind);
	if (worker)
		cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	struct sock_channel *ch = run(&c, "cat");
	cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
	while (got < total) {
		struct pollfd p = {.fd = fd,
		                   .events = (short)(POLLIN | (sent < total ? POLLOUT : 0))};
		if (poll(&p, 1, worker ? LONG : 0) == 0 || !worker)
			(void)sock_pump(&c.s, p.revents == 0 ? LONG : 0);
		if ((p.revents & POLLOUT) != 0) {
			size_t n = total - sent < 10000 ? (size_t)(total - sent) : 10000;
			pattern_fill(buf, n, sent, 5);
			ssize_t put = send(fd, buf, n, MSG_DONTWAIT);
			cr_assert_geq(put, 0);
			sent += (uint64_t)put;
			if (sent == total)
				cr_assert_eq(shutdown(fd, SHUT_WR), 0);
		}
		if ((p.revents & POLLIN) != 0) {
			ssize_t n = read(fd, buf, sizeof buf);
			cr_assert_gt(n, 0, "the end after %zu bytes", (size_t)got);
			cr_assert(pattern_equal(buf, (size_t)n, got, 5, &wrong));
			got += (uint64_t)n;
		}
	}
	while (!worker && !ch->local_shut)
		(void)sock_pump(&c.s, SHORT);
	cr_assert_eq(read(fd, buf, 1), 0, "cat's end");
	close(fd);
	sock_close(ch);
	leave(&c);
}

Test(sock_use, as_a_socket, .fini = peer_end)
{
	as_a_socket(PEER_PARAMIKO, false);
	as_a_socket(PEER_PARAMIKO, true);
	as_a_socket(PEER_OPENSSH, false);
}

/* --- One that is not read, and one that is --- */

Test(sock_use, stalled_and_busy_paramiko, .fini = peer_end)
{
	static struct client c;
	const char *command = "head -c 4000000 /dev/zero";
	connect_to(&c, PEER_PARAMIKO);
	struct sock_channel *still = run(&c, command), *busy = run(&c, command);
	cr_assert_eq(take_all(busy), 4000000);
	cr_assert_leq(wire_buf_len(&still->in[0]), CHAN_WINDOW);
	cr_assert_eq(take_all(still), 4000000);
	sock_close(still);
	sock_close(busy);
	leave(&c);
}

/* --- New keys: by packets, by time, by a call, changed on the way --- */

static void rekeyed(enum peer kind)
{
	static struct client c;
	c = (struct client){0};
	connect_to(&c, kind);
	struct sock_channel *ch = run(&c, "cat");
	cr_assert_eq(sock_exchanges(&c.s), 1);
	cr_assert_eq(sock_rekey(&c.s), SSH_OK);
	while (sock_exchanges(&c.s) < 2)
		cr_assert_eq(sock_pump(&c.s, LONG), SSH_OK);
	sock_set_rekey(&c.s, 0, 30, 0);
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_OK);
		take_text(ch, "x");
	}
	uint32_t n = sock_exchanges(&c.s);
	cr_assert(n >= 4 && n <= 12, "by packets: %u", n);
	sock_set_rekey(&c.s, 0, 0, 30);
	cr_assert(sock_time_left(&c.s) >= 0 && sock_time_left(&c.s) <= 30);
	while (sock_exchanges(&c.s) < n + 2)
		cr_assert(sock_pump(&c.s, LONG) == SSH_OK, "%s", sock_why(&c.s, why));
	sock_set_rekey(&c.s, 0, 0, 0);
	cr_assert_eq(sock_time_left(&c.s), -1, "never");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("still here"), NULL), SSH_OK);
	take_text(ch, "still here");
	sock_close(ch);
	leave(&c);
}

Test(sock_use, rekeyed, .fini = peer_end)
{
	rekeyed(PEER_PARAMIKO);
	rekeyed(PEER_OPENSSH);
}
