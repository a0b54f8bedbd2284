/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/worker.h"
#include "tests/libchan/ends.h"

/* What poll(2) sees of channels, without a worker; with one: worker_test.c. */

static struct sock s;

static bool polls(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, timeout_ms) == 1;
}

/* Poll as a program would: wake-ups that are not for the channel are seen to, and do not stay. */
static bool polls_readable(struct sock_channel *ch, int fd, int timeout_ms)
{
	for (int i = 0; i < 1000 && polls(fd, timeout_ms); i++)
		if (sock_readable(ch, false))
			return true;
	return false;
}

Test(sock_fileno, without_a_worker)
{
	struct ends t;
	struct sock_channel *a, *b;
	int fd[2];
	char buf[8];
	size_t n;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &a, LONG), SSH_OK);
	cr_assert_eq(sock_exec(a, "cat"), SSH_OK);
	cr_assert_eq(sock_open_session(&s, &b, LONG), SSH_OK);
	cr_assert_eq(sock_fileno(a, &fd[0]), SSH_OK);
	cr_assert_eq(sock_fileno(b, &fd[1]), SSH_OK);
	cr_assert_neq(fd[0], fd[1]);
	cr_assert(!polls_readable(a, fd[0], SHORT) && !polls_readable(b, fd[1], 0));
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(sock_send_all(a, wire_bytes_str("0123456789"), NULL), SSH_OK);
		cr_assert(polls_readable(a, fd[0], LONG), "round %d", i);
		cr_assert(!polls_readable(b, fd[1], 0), "round %d", i);
		cr_assert_eq(sock_recv(a, buf, 8, &n), SSH_OK);
		cr_assert_eq(n, 8);
		cr_assert(polls(fd[0], 0), "what lies in the engine counts");
		cr_assert_eq(sock_recv(a, buf, 8, &n), SSH_OK);
		cr_assert_eq(n, 2);
		cr_assert(!polls_readable(a, fd[0], 0), "round %d", i);
	}
	cr_assert_eq(sock_eof(a), SSH_OK);
	cr_assert(polls_readable(a, fd[0], LONG));
	expect_end(a);
	cr_assert(polls(fd[0], 0), "the end stays");
	sock_close(a);
	sock_close(b);
	log_out(&t, &s);
}

/* A window of data, none of it taken: the descriptor costs no window and holds none back. */
Test(sock_fileno, costs_no_window)
{
	struct ends t;
	struct sock_channel *ch;
	static char buf[50000];
	int fd;
	size_t n = 1, total = 0;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_fileno(ch, &fd), SSH_OK);
	cr_assert_eq(sock_exec(ch, "flood"), SSH_OK);
	while (chan_window_in_held(&ch->ch.in) < CHAN_WINDOW)
		cr_assert_eq(sock_pump(&s, LONG), SSH_OK);
	sock_set_timeout(ch, 0);
	while (n > 0) {
		cr_assert(polls(fd, LONG));
		enum ssh_err e = sock_recv(ch, buf, sizeof buf, &n);
		cr_assert(e == SSH_OK || e == SSH_ERR_TIMEOUT, "%s", ssh_err_name(e));
		total += n;
		n += e == SSH_ERR_TIMEOUT;
	}
	cr_assert_eq(total, 5000000);
	sock_close(ch);
	log_out(&t, &s);
}

static enum ssh_err begin_exec(struct sock_channel *ch, const char *command)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXEC};
	r.exec.command = wire_bytes_str(command);
	return sock_begin_request(ch, &r);
}

/* Everything begun and asked about; nothing ever waits but poll. */
Test(sock_fileno, begun_and_asked_about)
{
	struct ends t;
	struct sock_channel *ch;
	struct chan_open session = {.type = "session"};
	int fd;
	enum ssh_err e;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	e = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, 0);
	cr_assert_eq(e, SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_done_fileno(&s, &fd), SSH_OK);
	while ((e = sock_finish_start(&s, 0)) == SSH_ERR_TIMEOUT)
		cr_assert(polls(fd, LONG));
	cr_assert_eq(e, SSH_OK);
	cr_assert(sock_started(&s));
	e = sock_auth_password(&s, wire_bytes_str("foo"), 0);
	while (e == SSH_ERR_TIMEOUT) {
		cr_assert(polls(fd, LONG));
		e = sock_finish_auth(&s, 0);
	}
	cr_assert_eq(e, SSH_OK);
	cr_assert_eq(sock_begin_open(&s, &ch, &session), SSH_OK);
	while ((e = sock_finish_open(ch, 0)) == SSH_ERR_TIMEOUT)
		cr_assert(polls(fd, LONG));
	cr_assert_eq(e, SSH_OK);
	cr_assert_eq(sock_finish_request(ch, 0), SSH_ERR_STATE, "none was made");
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(begin_exec(ch, i == 0 ? "forbidden" : "cat"), SSH_OK);
		while ((e = sock_finish_request(ch, 0)) == SSH_ERR_TIMEOUT)
			cr_assert(polls(fd, LONG));
		cr_assert_eq(e, i == 0 ? SSH_ERR_REQUEST_REFUSED : SSH_OK);
	}
	sock_close(ch);
	log_out(&t, &s);
}

/* Two requests at once: each is told its own outcome. */
Test(sock_fileno, outcomes_are_not_mixed_up)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	sock_set_timeout(ch, 0);
	(void)sock_exec(ch, "forbidden");
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	(void)begin_exec(ch, "cat");
	cr_assert_eq(sock_finish_request(ch, LONG), SSH_ERR_REQUEST_REFUSED, "a second program");
	sock_close(ch);
	log_out(&t, &s);
}

Test(sock_fileno, dead_connection_is_readable)
{
	struct ends t;
	struct sock_channel *ch;
	int fd, done;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_fileno(ch, &fd), SSH_OK);
	cr_assert_eq(sock_done_fileno(&s, &done), SSH_OK);
	cr_assert(!polls_readable(ch, fd, 0));
	cr_assert_eq(sock_exec(ch, "cut"), SSH_OK);
	expect(ch, "last words");
	cr_assert(polls_readable(ch, fd, LONG));
	cr_assert(polls(done, 0));
	sock_close(ch);
	sock_wipe(&s);
	ends_end(&t);
}

/* At a server: a session can be accepted. */
static void serve_by_descriptor(const struct ends *t, int in, int out)
{
	static struct sock server;
	struct sock_channel *ch;
	int fd;
	enum ssh_err e = SSH_ERR_TIMEOUT;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) == 0);
	CHECK(sock_done_fileno(&server, &fd) == 0);
	while (e == SSH_ERR_TIMEOUT && polls(fd, LONG))
		e = sock_accept(&server, &ch, 0);
	CHECK(e == 0);
	sock_set_timeout(ch, LONG);
	serve_cat(ch);
	sock_close(ch);
	while ((e = sock_accept(&server, &ch, 0)) == SSH_ERR_TIMEOUT)
		CHECK(polls(fd, LONG));
	sock_wipe(&server);
}

Test(sock_fileno, server_accepts_by_poll)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_by_descriptor, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	expect(ch, "Hello");
	sock_close(ch);
	log_out(&t, &s);
}
