/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/libchan/ends.h"
#include "tests/support/alloc.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_up_cat(struct ends *t, struct sock *s, struct sock_channel **ch)
{
	ends_init(t);
	ends_begin(t, serve_commands, false);
	log_in(t, s);
	cr_assert_eq(sock_open_session(s, ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(*ch, "cat"), SSH_OK);
}

/* --- Commands --- */

static void run_cat(bool pipes)
{
	struct ends t;
	struct wire_buf banner = {0};
	struct sock s;
	struct sock_channel *ch;
	uint32_t status = 99;
	ends_init(&t);
	ends_begin(&t, serve_commands, pipes);
	log_in(&t, &s);
	sock_banner(&s, &banner);
	cr_assert(wire_bytes_is(wire_buf_view(&banner), "Welcome\r\n"));
	wire_buf_wipe(&banner);
	cr_assert(wire_bytes_is(sock_user(&s), "robey"));
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello, "), NULL), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("pearl"), NULL), SSH_OK);
	expect(ch, "Hello, pearl");
	cr_assert(!sock_readable(ch, false));
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("more"), NULL), SSH_ERR_STATE);
	expect_end(ch);
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	cr_assert_eq(status, 0);
	cr_assert_str_eq(sock_exit_signal(ch), "");
	sock_close(ch);
	log_out(&t, &s);
}

Test(sock, command_over_a_socket)
{
	run_cat(false);
}

Test(sock, command_over_pipes)
{
	signal(SIGPIPE, SIG_IGN);
	run_cat(true);
}

Test(sock, status_and_stderr)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	uint32_t status = 99;
	char buf[64];
	size_t n;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "forbidden"), SSH_ERR_REQUEST_REFUSED);
	cr_assert_eq(sock_env(ch, "LANG", "C"), SSH_ERR_REQUEST_REFUSED, "the policy has no env");
	cr_assert_eq(sock_exec(ch, "nonsense"), SSH_OK, "a refused program is none");
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	cr_assert_eq(status, 127);
	expect_end(ch);
	cr_assert_eq(sock_recv_err(ch, buf, sizeof buf, &n), SSH_OK);
	cr_assert(wire_bytes_is(wire_bytes(buf, n), "no such command"));
	cr_assert_eq(sock_recv_err(ch, buf, sizeof buf, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_ERR_CHANNEL_CLOSED);
	sock_close(ch);
	log_out(&t, &s);
}

Test(sock, terminal_and_its_size)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_pty(ch, "vt100", 80, 24), SSH_OK);
	cr_assert_eq(sock_shell(ch), SSH_OK);
	expect(ch, "vt100 1 80x24 0.");
	cr_assert_eq(sock_resize(ch, 132, 50), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_OK);
	expect(ch, "vt100 1 132x50 1.");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_OK);
	expect_end(ch);
	sock_close(ch);
	log_out(&t, &s);
}

/* --- Time --- */

Test(sock, timeout_loses_nothing)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	char c;
	size_t n = 7;
	uint32_t status;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	sock_set_timeout(ch, SHORT);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_ERR_TIMEOUT);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_exit_status(ch, &status), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_wait(&ch, 1, 0), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("abc"), NULL), SSH_OK);
	cr_assert_eq(sock_wait(&ch, 1, LONG), SSH_OK);
	sock_set_timeout(ch, 0);
	expect(ch, "abc");
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_ERR_TIMEOUT);
	cr_assert(sock_active(&s));
	sock_close(ch);
	log_out(&t, &s);
}

static void serve_nobody(const struct ends *t, int in, int out)
{
	char c;
	(void)t;
	(void)out;
	while (read(in, &c, 1) > 0)
		continue;
}

Test(sock, silent_peer)
{
	struct ends t;
	struct sock s;
	ends_init(&t);
	ends_begin(&t, serve_nobody, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, SHORT), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_finish_start(&s, 0), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_auth_none(&s, SHORT), SSH_ERR_STATE);
	cr_assert(sock_active(&s));
	sock_wipe(&s);
	cr_assert(!sock_active(&s));
	ends_end(&t);
}

/* --- Host key --- */

Test(sock, host_key_is_known_before_anything_secret)
{
	struct ends t;
	struct sock s;
	char shown[CRYPT_FINGERPRINT_SIZE], right[CRYPT_FINGERPRINT_SIZE];
	ends_init(&t);
	ssh_bytes blob = t.client.host_key;
	crypt_key_fingerprint(blob, right);
	t.client.host_key = wire_bytes(NULL, 0);
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert(wire_bytes_equal(sock_host_key(&s), blob));
	cr_assert_str_eq(sock_host_key_algorithm(&s), "ssh-ed25519");
	cr_assert(sock_host_key_fingerprint(&s, shown));
	cr_assert_str_eq(shown, right);
	cr_assert_neq(strstr(sock_why(&s, why), right), NULL, "%s", sock_why(&s, why));
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("foo"), LONG), SSH_ERR_STATE);
	cr_assert_eq(sock_accept_host_key(&s, true, LONG), SSH_OK);
	cr_assert_eq(sock_accept_host_key(&s, true, LONG), SSH_ERR_STATE);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("foo"), LONG), SSH_OK);
	log_out(&t, &s);
}

static void serve_disappointed(const struct ends *t, int in, int out)
{
	struct sock s;
	CHECK(sock_start_server(&s, in, out, &t->server, LONG) == SSH_ERR_DISCONNECTED);
	CHECK(strstr(sock_why(&s, why), "HOST_KEY_NOT_VERIFIABLE") != NULL);
	sock_wipe(&s);
}

Test(sock, wrong_host_key)
{
	for (int asked = 0; asked < 2; asked++) {
		struct ends t;
		struct sock s;
		ends_init(&t);
		t.client.host_key = wire_buf_view(&t.user_blob);
		if (asked)
			t.client.host_key = wire_bytes(NULL, 0);
		ends_begin(&t, serve_disappointed, false);
		enum ssh_err e = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG);
		if (asked && e == SSH_OK)
			e = sock_accept_host_key(&s, false, LONG);
		cr_assert_eq(e, SSH_ERR_HOST_KEY, "asked %d", asked);
		cr_assert_neq(strstr(sock_why(&s, why), "SHA256:"), NULL, "%s", sock_why(&s, why));
		cr_assert(!sock_active(&s));
		sock_wipe(&s);
		ends_end(&t);
	}
}

/* --- Authentication --- */

Test(sock, wrong_and_right_credentials)
{
	struct ends t;
	struct wire_buf methods = {0};
	struct sock s;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert_eq(sock_auth_none(&s, LONG), SSH_ERR_AUTH_FAILED);
	sock_auth_methods(&s, &methods);
	cr_assert(wire_bytes_is(wire_buf_view(&methods), "publickey,password"));
	wire_buf_wipe(&methods);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("bar"), LONG), SSH_ERR_AUTH_FAILED);
	cr_assert_eq(sock_auth_key(&s, &t.stranger, LONG), SSH_ERR_AUTH_FAILED);
	cr_assert_neq(strstr(sock_why(&s, why), "password"), NULL, "%s", sock_why(&s, why));
	cr_assert(!sock_authenticated(&s) && sock_active(&s));
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_ERR_STATE);
	cr_assert_eq(sock_auth_key(&s, &t.user, LONG), SSH_OK);
	cr_assert_str_eq(sock_why(&s, why), "authenticated as robey");
	log_out(&t, &s);
}

Test(sock, one_call_says_precisely_why)
{
	struct ends t;
	struct sock s;
	ends_init(&t);
	t.client.key = &t.stranger;
	t.client.password = "bar";
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_ERR_AUTH_FAILED);
	sock_wipe(&s);
	ends_end(&t);
	ends_init(&t);
	t.client.key = &t.stranger;
	t.client.password = "foo";
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	log_out(&t, &s);
	ends_init(&t);
	t.client.host_key = wire_bytes(NULL, 0);
	cr_assert_eq(sock_connect_auth(&s, 0, 1, &t.client, LONG), SSH_ERR_ARGUMENT);
	sock_wipe(&s);
	ends_forget(&t);
}

static void serve_six_guesses(const struct ends *t, int in, int out)
{
	struct sock s;
	CHECK(sock_start_server(&s, in, out, &t->server, LONG) == 0);
	CHECK(sock_await_login(&s, LONG) == SSH_ERR_AUTH_TRIES);
	CHECK(!sock_active(&s) && !sock_authenticated(&s));
	sock_wipe(&s);
}

Test(sock, server_cuts_off_guessing)
{
	struct ends t;
	struct sock s;
	enum ssh_err e = SSH_ERR_AUTH_FAILED;
	int n;
	ends_init(&t);
	ends_begin(&t, serve_six_guesses, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	for (n = 0; n < 20 && e == SSH_ERR_AUTH_FAILED; n++)
		e = sock_auth_password(&s, wire_bytes_str("bar"), LONG);
	cr_assert_eq(e, SSH_ERR_DISCONNECTED, "%s", ssh_err_name(e));
	cr_assert_eq(n, AUTH_FAILURES_MAX + 1, "it may have so many, and no more");
	sock_wipe(&s);
	ends_end(&t);
}

/* --- Several channels --- */

/* Fills the first channel until its client's window is shut, then works on the second. */
static void serve_two(const struct ends *t, int in, int out)
{
	static char block[32768];
	struct sock s;
	struct sock_channel *a, *b;
	size_t n, total = 0;
	enum ssh_err e;
	CHECK(sock_start_server(&s, in, out, &t->server, LONG) == 0);
	CHECK(sock_accept(&s, &a, LONG) == 0);
	CHECK(sock_accept(&s, &b, LONG) == 0);
	sock_set_timeout(a, SHORT);
	while ((e = sock_send(a, wire_bytes(block, sizeof block), &n)) == 0)
		total += n;
	CHECK(e == SSH_ERR_TIMEOUT && total == CHAN_WINDOW);
	sock_set_timeout(b, LONG);
	serve_cat(b);
	sock_close(b);
	sock_set_timeout(a, LONG);
	serve_flood(a, 1000000);
	(void)sock_eof(a);
	sock_close(a);
	CHECK(sock_accept(&s, &a, LONG) == SSH_ERR_DISCONNECTED);
	sock_wipe(&s);
}

Test(sock, unread_channel_stops_its_own_sender_only)
{
	struct ends t;
	struct sock s;
	struct sock_channel *a, *b;
	static char buf[70000];
	size_t n = 1, total = 0;
	ends_init(&t);
	ends_begin(&t, serve_two, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &a, LONG), SSH_OK);
	cr_assert_eq(sock_open_session(&s, &b, LONG), SSH_OK);
	cr_assert_eq(sock_exec(a, "flood"), SSH_OK);
	cr_assert_eq(sock_exec(b, "cat"), SSH_OK);
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(sock_send_all(b, wire_bytes_str("ping"), NULL), SSH_OK);
		expect(b, "ping");
	}
	cr_assert_eq(sock_eof(b), SSH_OK);
	expect_end(b);
	while (n > 0) {
		enum ssh_err e = sock_recv(a, buf, sizeof buf, &n);
		cr_assert_eq(e, SSH_OK, "%s after %zu bytes", ssh_err_name(e), total);
		total += n;
	}
	cr_assert_eq(total, CHAN_WINDOW + 1000000);
	sock_close(a);
	sock_close(b);
	log_out(&t, &s);
}

Test(sock, many_bytes_across_many_rekeys)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	static char buf[70000];
	size_t n = 1, total = 0;
	ends_init(&t);
	t.server.kex.rekey_bytes = 300000;
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "flood"), SSH_OK);
	while (n > 0) {
		cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_OK);
		total += n;
	}
	cr_assert_eq(total, 5000000);
	/* The server sends on while the client finishes an exchange, by a window at most. */
	cr_assert_gt(s.conn.kex.exchanges, 2, "%u", s.conn.kex.exchanges);
	sock_close(ch);
	log_out(&t, &s);
}

/* --- Ends --- */

Test(sock, cut_off_after_last_words)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	char buf[64];
	size_t n;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cut"), SSH_OK);
	expect(ch, "last words");
	cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_ERR_CONNECTION_LOST);
	cr_assert(!sock_active(&s));
	cr_assert_str_eq(sock_why(&s, why), ssh_err_text(SSH_ERR_CONNECTION_LOST));
	sock_close(ch);
	sock_wipe(&s);
	ends_end(&t);
}

/* The client goes away with the channel open and data on its way: no signal, a clean error. */
Test(sock, client_vanishes)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "flood"), SSH_OK);
	sock_wipe(&s);
	cr_assert(!sock_active(&s));
	close(t.fd[0]);
	int status;
	cr_assert_eq(waitpid(t.child, &status, 0), t.child);
	cr_assert(WIFEXITED(status), "the server got a signal: status %#x", status);
	ends_forget(&t);
}

Test(sock, wipes_nothing_that_is_not_its_own)
{
	static struct sock zero;
	int before = dup(0);
	cr_assert_eq(close(0), 0);
	cr_assert_eq(dup2(before, 0), 0);
	sock_wipe(&zero);
	sock_wipe(&zero);
	int again = dup(0);
	cr_assert_geq(again, 0, "standard input is closed");
	close(again);
	close(before);
}

/* --- Directions --- */

Test(sock, shutdown_by_direction)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	char c;
	size_t n = 1;
	set_up_cat(&t, &s, &ch);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("unheard"), NULL), SSH_OK);
	cr_assert_eq(sock_wait(&ch, 1, LONG), SSH_OK);
	cr_assert_eq(sock_shutdown(ch, SOCK_READ), SSH_OK);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert_eq(n, 0, "what came is dropped");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("more"), NULL), SSH_OK, "that goes on");
	cr_assert_eq(sock_shutdown(ch, SOCK_WRITE), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_ERR_STATE);
	uint32_t status;
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	sock_close(ch);
	log_out(&t, &s);
	set_up_cat(&t, &s, &ch);
	cr_assert_eq(sock_shutdown(ch, SOCK_BOTH), SSH_OK);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_send(ch, wire_bytes_str("x"), &n), SSH_ERR_STATE);
	sock_close(ch);
	log_out(&t, &s);
	/* What a call has left in the engine is dropped, too. */
	set_up_cat(&t, &s, &ch);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("half heard"), NULL), SSH_OK);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert(n == 1 && s.rest_of == ch);
	cr_assert_eq(sock_shutdown(ch, SOCK_READ), SSH_OK);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(chan_window_in_held(&ch->ch.in), 0, "and given back");
	sock_close(ch);
	log_out(&t, &s);
}

/* A second owner: the channel is closed for both, and stays a channel until both have said so. */
Test(sock, held_by_two)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	char c;
	size_t n = 1;
	set_up_cat(&t, &s, &ch);
	sock_hold(ch);
	sock_close(ch);
	for (int i = 0; i < 3; i++)
		(void)sock_pump(&s, SHORT); /* until the peer has closed it, too */
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_ERR_CHANNEL_CLOSED);
	cr_assert_eq(sock_send(ch, wire_bytes_str("x"), &n), SSH_ERR_CHANNEL_CLOSED);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_ERR_CHANNEL_CLOSED);
	cr_assert_eq(sock_fileno(ch, &(int){0}), SSH_ERR_CHANNEL_CLOSED);
	sock_close(ch);
	cr_assert_eq(s.channels, NULL, "given back");
	log_out(&t, &s);
}

/* --- Memory --- */

static enum ssh_err short_session(const struct ends *t, struct sock *s)
{
	enum ssh_err e;
	struct sock_channel *ch;
	char buf[16];
	size_t n;
	uint32_t status;
	if ((e = sock_auth_key(s, &t->user, LONG)) != 0 ||
	    (e = sock_open_session(s, &ch, LONG)) != 0 || (e = sock_exec(ch, "cat")) != 0 ||
	    (e = sock_send_all(ch, wire_bytes_str("ping"), NULL)) != 0 ||
	    (e = sock_recv(ch, buf, sizeof buf, &n)) != 0 || (e = sock_eof(ch)) != 0 ||
	    (e = sock_exit_status(ch, &status)) != 0)
		return e;
	sock_close(ch);
	return sock_active(s) ? SSH_OK : conn_err(&s->conn);
}

/* Without memory a call says so; nothing hangs, nothing is left behind.
 * From the first keys on: what comes before is the conn's alone. */
Test(sock, every_allocation_may_fail)
{
	struct ends t;
	struct sock s;
	int status;
	ends_init(&t);
	for (size_t n = 1, failed = 1; failed; n++) {
		ends_begin(&t, serve_commands, false);
		enum ssh_err started = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG);
		cr_assert_eq(started, SSH_OK);
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = short_session(&t, &s);
		sock_wipe(&s);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		close(t.fd[0]);
		cr_assert_eq(waitpid(t.child, &status, 0), t.child);
		cr_assert(WIFEXITED(status), "allocation %zu: server %#x", n, status);
	}
	ends_forget(&t);
}

Test(sock, not_ssh)
{
	struct ends t;
	struct sock s;
	int fd[2];
	ends_init(&t);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	cr_assert_eq(write(fd[1], "HTTP/1.1 400\r\n\r\n", 16), 16);
	close(fd[1]);
	enum ssh_err e = sock_start_client(&s, fd[0], fd[0], &t.client, LONG);
	cr_assert(e == SSH_ERR_CONNECTION_LOST || e == SSH_ERR_IDENT, "%s", ssh_err_name(e));
	sock_wipe(&s);
	close(fd[0]);
	cr_assert_eq(sock_start_client(&s, fd[0], fd[0], &t.client, LONG), SSH_ERR_IO);
	sock_wipe(&s);
	sock_wipe(&s);
	ends_forget(&t);
}
