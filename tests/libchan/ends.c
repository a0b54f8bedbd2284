/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/libchan/ends.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

char why[SOCK_WHY_SIZE];

/* --- Two ends: a server in a child process, a client here --- */

static bool is_user(ssh_bytes user)
{
	return wire_bytes_is(user, "robey");
}

static enum auth_verdict password_is_right(void *ctx, ssh_bytes user, ssh_bytes password)
{
	(void)ctx;
	return is_user(user) && wire_bytes_is(password, "foo") ? AUTH_ACCEPT : AUTH_REJECT;
}

static enum auth_verdict key_is_right(void *ctx, ssh_bytes user, ssh_bytes key)
{
	const struct ends *t = ctx;
	bool right = is_user(user) && wire_bytes_equal(key, wire_buf_view(&t->user_blob));
	return right ? AUTH_ACCEPT : AUTH_REJECT;
}

static bool may_run(void *ctx, const struct sock_channel *ch, const struct chan_request *r)
{
	(void)ctx;
	(void)ch;
	return r->type != CHAN_REQUEST_EXEC || !wire_bytes_is(r->exec.command, "forbidden");
}

void new_key(struct crypt_key *k, struct wire_buf *blob)
{
	struct crypt_rng rng = crypt_rng_system();
	cr_assert_eq(crypt_key_generate(k, &crypt_key_ed25519, 0, &rng), SSH_OK);
	if (blob != NULL)
		crypt_key_put_public(k, blob);
}

void ends_init(struct ends *t)
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
void ends_begin(struct ends *t, void (*serve)(const struct ends *t, int in, int out), bool pipes)
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

void ends_forget(struct ends *t)
{
	crypt_key_wipe(&t->host);
	crypt_key_wipe(&t->user);
	crypt_key_wipe(&t->stranger);
	wire_buf_wipe(&t->host_blob);
	wire_buf_wipe(&t->user_blob);
}

void ends_end(struct ends *t)
{
	int status;
	close(t->fd[0]);
	if (t->fd[1] != t->fd[0])
		close(t->fd[1]);
	cr_assert_eq(waitpid(t->child, &status, 0), t->child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "server: status %#x", status);
	ends_forget(t);
}

void ends_check(bool ok, int where)
{
	if (!ok)
		_exit(where);
}

/* --- A server for most of them: each command is one session, one after another --- */

void serve_cat(struct sock_channel *ch)
{
	char buf[4096];
	size_t n;
	while (sock_recv(ch, buf, sizeof buf, &n) == 0 && n > 0)
		CHECK(sock_send_all(ch, wire_bytes(buf, n), NULL) == 0);
}

void serve_flood(struct sock_channel *ch, size_t total)
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
	struct sock_terminal now;
	char text[128], key;
	size_t n;
	for (int i = 0; i < 2; i++) {
		sock_terminal(ch, &now);
		snprintf(text, sizeof text, "%s %d %ux%u %u.", now.term, ch->pty, now.size.cols,
		         now.size.rows, now.resized);
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
		serve_cat(ch);
	} else if (wire_bytes_is(command, "flood")) {
		serve_flood(ch, 5000000);
	} else if (wire_bytes_is(command, "cut")) {
		CHECK(sock_send_all(ch, wire_bytes_str("last words"), NULL) == 0);
		shutdown(out, SHUT_RDWR);
	} else {
		CHECK(sock_send_err(ch, wire_bytes_str("no such command"), NULL) == 0);
		return 127;
	}
	return 0;
}

void serve_commands(const struct ends *t, int in, int out)
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

void log_in(struct ends *t, struct sock *s)
{
	t->client.password = "foo";
	enum ssh_err e = sock_connect_auth(s, t->fd[0], t->fd[1], &t->client, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(s, why));
	cr_assert(sock_active(s) && sock_authenticated(s), "%s", sock_why(s, why));
}

void log_out(struct ends *t, struct sock *s)
{
	sock_disconnect(s, LONG);
	cr_assert(!sock_active(s));
	sock_wipe(s);
	ends_end(t);
}

void expect(struct sock_channel *ch, const char *text)
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

void expect_end(struct sock_channel *ch)
{
	char c;
	size_t n = 1;
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK);
	cr_assert_eq(n, 0);
	cr_assert_eq(sock_recv(ch, &c, 1, &n), SSH_OK, "the end stays the end");
	cr_assert_eq(n, 0);
}
