/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock.h"
#include "tests/support/alloc.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Long enough for a loaded machine under a sanitizer; a test that waits this long has failed. */
#define LONG  30000
#define SHORT 50

/* --- Two ends: a server in a child process, a client here --- */

struct ends {
	struct crypt_key host, user, stranger;
	const struct crypt_key *host_keys[2];
	struct wire_buf host_blob, user_blob;
	struct sock_config server, client;
	int fd[2]; /* the client's; in and out */
	pid_t child;
};

static bool is_user(ssh_bytes user)
{
	return wire_bytes_is(user, "robey");
}

static bool password_is_right(void *ctx, ssh_bytes user, ssh_bytes password)
{
	(void)ctx;
	return is_user(user) && wire_bytes_is(password, "foo");
}

static bool key_is_right(void *ctx, ssh_bytes user, ssh_bytes key)
{
	const struct ends *t = ctx;
	return is_user(user) && wire_bytes_equal(key, wire_buf_view(&t->user_blob));
}

static bool may_run(void *ctx, const struct sock_channel *ch, const struct chan_request *r)
{
	(void)ctx;
	(void)ch;
	return r->type != CHAN_REQUEST_EXEC || !wire_bytes_is(r->exec.command, "forbidden");
}

static void new_key(struct crypt_key *k, struct wire_buf *blob)
{
	struct crypt_rng rng = crypt_rng_system();
	cr_assert_eq(crypt_key_generate(k, &crypt_key_ed25519, 0, &rng), SSH_OK);
	if (blob != NULL)
		crypt_key_put_public(k, blob);
}

static void set_up(struct ends *t)
{
	*t = (struct ends){0};
	new_key(&t->host, &t->host_blob);
	new_key(&t->user, &t->user_blob);
	new_key(&t->stranger, NULL);
	t->host_keys[0] = &t->host;
	sock_config_init(&t->server, true);
	t->server.kex.host_keys = t->host_keys;
	t->server.policy = (struct sock_policy){
	    .ctx = t,
	    .password = password_is_right,
	    .key = key_is_right,
	    .requests = SOCK_GRANT(EXEC) | SOCK_GRANT(SHELL) | SOCK_GRANT(PTY),
	    .request = may_run,
	    .banner = "Welcome\r\n",
	};
	sock_config_init(&t->client, false);
	t->client.user = "robey";
	t->client.host_key = wire_buf_view(&t->host_blob);
}

/* Run `serve` in a child, at the other end of a socket pair, or of two pipes. */
static void begin(struct ends *t, void (*serve)(const struct ends *t, int in, int out), bool pipes)
{
	int a[2], b[2];
	if (pipes) {
		cr_assert(pipe(a) == 0 && pipe(b) == 0);
	} else {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
		b[0] = a[0];
		b[1] = a[1];
	}
	fflush(NULL);
	t->child = fork();
	cr_assert_geq(t->child, 0);
	if (t->child == 0) {
		close(b[0]);
		if (pipes)
			close(a[1]);
		signal(SIGPIPE, pipes ? SIG_IGN : SIG_DFL);
		serve(t, pipes ? a[0] : b[1], b[1]);
		_exit(0);
	}
	close(b[1]);
	if (pipes)
		close(a[0]);
	t->fd[0] = b[0];
	t->fd[1] = pipes ? a[1] : b[0];
}

static void forget(struct ends *t)
{
	crypt_key_wipe(&t->host);
	crypt_key_wipe(&t->user);
	crypt_key_wipe(&t->stranger);
	wire_buf_wipe(&t->host_blob);
	wire_buf_wipe(&t->user_blob);
}

static void end(struct ends *t)
{
	int status;
	close(t->fd[0]);
	if (t->fd[1] != t->fd[0])
		close(t->fd[1]);
	cr_assert_eq(waitpid(t->child, &status, 0), t->child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "server: status %#x", status);
	forget(t);
}

static void check(bool ok, int where)
{
	if (!ok)
		_exit(where);
}

/* In the child: criterion's assertions are the parent's. */
#define CHECK(x) check((x), 100 + __LINE__ % 100)

/* --- A server for most of them: each command is one session, one after another --- */

static void cat(struct sock_channel *ch)
{
	char buf[4096];
	size_t n;
	while (sock_recv(ch, buf, sizeof buf, &n) == 0 && n > 0)
		CHECK(sock_send_all(ch, wire_bytes(buf, n), NULL) == 0);
}

static void flood(struct sock_channel *ch, size_t total)
{
	static char zeros[100000];
	while (total > 0) {
		size_t n = total < sizeof zeros ? total : sizeof zeros;
		CHECK(sock_send_all(ch, wire_bytes(zeros, n), NULL) == 0);
		total -= n;
	}
}

static void show_size(struct sock_channel *ch)
{
	char text[128], key;
	size_t n;
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof text, "%s %d %ux%u %u.", ch->term, ch->pty, ch->size.cols,
		         ch->size.rows, ch->resized);
		CHECK(sock_send_all(ch, wire_bytes_str(text), NULL) == 0);
		CHECK(sock_recv(ch, &key, 1, &n) == 0);
	}
}

static uint32_t run_command(struct sock_channel *ch, int out)
{
	ssh_bytes command = sock_command(ch);
	if (ch->program == CHAN_REQUEST_SHELL) {
		show_size(ch);
	} else if (wire_bytes_is(command, "cat")) {
		cat(ch);
	} else if (wire_bytes_is(command, "flood")) {
		flood(ch, 5000000);
	} else if (wire_bytes_is(command, "cut")) {
		CHECK(sock_send_all(ch, wire_bytes_str("last words"), NULL) == 0);
		shutdown(out, SHUT_RDWR);
	} else {
		CHECK(sock_send_err(ch, wire_bytes_str("no such command"), NULL) == 0);
		return 127;
	}
	return 0;
}

static void serve_commands(const struct ends *t, int in, int out)
{
	struct sock s;
	struct sock_channel *ch;
	enum ssh_err e;
	CHECK(sock_start_server(&s, in, out, &t->server, LONG) == 0);
	while ((e = sock_accept(&s, &ch, LONG)) == 0) {
		sock_set_timeout(ch, LONG);
		uint32_t status = run_command(ch, out);
		(void)sock_send_exit(ch, status);
		(void)sock_eof(ch);
		sock_close(ch);
	}
	CHECK(e == SSH_ERR_DISCONNECTED || e == SSH_ERR_CONNECTION_LOST || e == SSH_ERR_HOST_KEY);
	sock_wipe(&s);
}

static void log_in(struct ends *t, struct sock *s)
{
	t->client.password = "foo";
	enum ssh_err e = sock_connect_auth(s, t->fd[0], t->fd[1], &t->client, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(s));
	cr_assert(sock_active(s) && sock_authenticated(s));
}

static void log_out(struct ends *t, struct sock *s)
{
	sock_disconnect(s, LONG);
	cr_assert(!sock_active(s));
	sock_wipe(s);
	end(t);
}

static void expect(struct sock_channel *ch, const char *text)
{
	char buf[256];
	size_t at = 0, n;
	while (at < strlen(text)) {
		cr_assert_eq(sock_recv(ch, buf + at, strlen(text) - at, &n), SSH_OK, "%s", text);
		cr_assert_neq(n, 0, "%s", text);
		at += n;
	}
	cr_assert(memcmp(buf, text, at) == 0, "%.*s is not %s", (int)at, buf, text);
}

static void expect_end(struct sock_channel *ch)
{
	char c;
	size_t n = 1;
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK, "the end stays the end");
	cr_assert_eq(n, 0);
}

/* --- Commands --- */

static void run_cat(bool pipes)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	uint32_t status = 99;
	set_up(&t);
	begin(&t, serve_commands, pipes);
	log_in(&t, &s);
	cr_assert(wire_bytes_is(sock_banner(&s), "Welcome\r\n"));
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
	set_up(&t);
	begin(&t, serve_commands, false);
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
	set_up(&t);
	begin(&t, serve_commands, false);
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
	set_up(&t);
	begin(&t, serve_commands, false);
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
	set_up(&t);
	begin(&t, serve_nobody, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, SHORT), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_finish_start(&s, 0), SSH_ERR_TIMEOUT);
	cr_assert_eq(sock_auth_none(&s, SHORT), SSH_ERR_STATE);
	cr_assert(sock_active(&s));
	sock_wipe(&s);
	cr_assert(!sock_active(&s));
	end(&t);
}

/* --- Host key --- */

Test(sock, host_key_is_known_before_anything_secret)
{
	struct ends t;
	struct sock s;
	char shown[CRYPT_FINGERPRINT_SIZE], right[CRYPT_FINGERPRINT_SIZE];
	set_up(&t);
	ssh_bytes blob = t.client.host_key;
	crypt_key_fingerprint(blob, right);
	t.client.host_key = wire_bytes(NULL, 0);
	begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert(wire_bytes_equal(sock_host_key(&s), blob));
	cr_assert_str_eq(sock_host_key_algorithm(&s), "ssh-ed25519");
	cr_assert(sock_host_key_fingerprint(&s, shown));
	cr_assert_str_eq(shown, right);
	cr_assert_neq(strstr(sock_why(&s), right), NULL, "%s", sock_why(&s));
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
	CHECK(strstr(sock_why(&s), "HOST_KEY_NOT_VERIFIABLE") != NULL);
	sock_wipe(&s);
}

Test(sock, wrong_host_key)
{
	for (int asked = 0; asked < 2; asked++) {
		struct ends t;
		struct sock s;
		set_up(&t);
		t.client.host_key = wire_buf_view(&t.user_blob);
		if (asked)
			t.client.host_key = wire_bytes(NULL, 0);
		begin(&t, serve_disappointed, false);
		enum ssh_err e = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG);
		if (asked && e == SSH_OK)
			e = sock_accept_host_key(&s, false, LONG);
		cr_assert_eq(e, SSH_ERR_HOST_KEY, "asked %d", asked);
		cr_assert_neq(strstr(sock_why(&s), "SHA256:"), NULL, "%s", sock_why(&s));
		cr_assert(!sock_active(&s));
		sock_wipe(&s);
		end(&t);
	}
}

/* --- Authentication --- */

Test(sock, wrong_and_right_credentials)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	set_up(&t);
	begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert_eq(sock_auth_none(&s, LONG), SSH_ERR_AUTH_FAILED);
	cr_assert(wire_bytes_is(sock_auth_methods(&s), "publickey,password"), "%.*s",
	          (int)sock_auth_methods(&s).len, (const char *)sock_auth_methods(&s).ptr);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("bar"), LONG), SSH_ERR_AUTH_FAILED);
	cr_assert_eq(sock_auth_key(&s, &t.stranger, LONG), SSH_ERR_AUTH_FAILED);
	cr_assert_neq(strstr(sock_why(&s), "password"), NULL, "%s", sock_why(&s));
	cr_assert(!sock_authenticated(&s) && sock_active(&s));
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_ERR_STATE);
	cr_assert_eq(sock_auth_key(&s, &t.user, LONG), SSH_OK);
	cr_assert_str_eq(sock_why(&s), "authenticated as robey");
	log_out(&t, &s);
}

Test(sock, one_call_says_precisely_why)
{
	struct ends t;
	struct sock s;
	set_up(&t);
	t.client.key = &t.stranger;
	t.client.password = "bar";
	begin(&t, serve_commands, false);
	cr_assert_eq(sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_ERR_AUTH_FAILED);
	sock_wipe(&s);
	end(&t);
	set_up(&t);
	t.client.key = &t.stranger;
	t.client.password = "foo";
	begin(&t, serve_commands, false);
	cr_assert_eq(sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	log_out(&t, &s);
	set_up(&t);
	t.client.host_key = wire_bytes(NULL, 0);
	cr_assert_eq(sock_connect_auth(&s, 0, 1, &t.client, LONG), SSH_ERR_ARGUMENT);
	sock_wipe(&s);
	forget(&t);
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
	set_up(&t);
	begin(&t, serve_six_guesses, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	for (n = 0; n < 20 && e == SSH_ERR_AUTH_FAILED; n++)
		e = sock_auth_password(&s, wire_bytes_str("bar"), LONG);
	cr_assert_eq(e, SSH_ERR_DISCONNECTED, "%s", ssh_err_name(e));
	cr_assert_eq(n, AUTH_FAILURES_MAX + 1, "it may have so many, and no more");
	sock_wipe(&s);
	end(&t);
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
	cat(b);
	sock_close(b);
	sock_set_timeout(a, LONG);
	flood(a, 1000000);
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
	set_up(&t);
	begin(&t, serve_two, false);
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
	set_up(&t);
	t.server.kex.rekey_bytes = 300000;
	begin(&t, serve_commands, false);
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
	set_up(&t);
	begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cut"), SSH_OK);
	expect(ch, "last words");
	cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_ERR_CONNECTION_LOST);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_ERR_CONNECTION_LOST);
	cr_assert(!sock_active(&s));
	cr_assert_str_eq(sock_why(&s), ssh_err_text(SSH_ERR_CONNECTION_LOST));
	sock_close(ch);
	sock_wipe(&s);
	end(&t);
}

/* The client goes away with the channel open and data on its way: no signal, a clean error. */
Test(sock, client_vanishes)
{
	struct ends t;
	struct sock s;
	struct sock_channel *ch;
	set_up(&t);
	begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "flood"), SSH_OK);
	sock_wipe(&s);
	cr_assert(!sock_active(&s));
	close(t.fd[0]);
	int status;
	cr_assert_eq(waitpid(t.child, &status, 0), t.child);
	cr_assert(WIFEXITED(status), "the server got a signal: status %#x", status);
	forget(&t);
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
	set_up(&t);
	for (size_t n = 1, failed = 1; failed; n++) {
		begin(&t, serve_commands, false);
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
	forget(&t);
}

Test(sock, not_ssh)
{
	struct ends t;
	struct sock s;
	int fd[2];
	set_up(&t);
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
	forget(&t);
}
