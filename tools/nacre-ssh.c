/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libauth/known_hosts.h"
#include "tools/net.h"
#include "tools/ssh_client.h"
#include "tools/text.h"

/* Signals only write a byte here; the loop does the work. */
static int signal_pipe[2];

static void on_signal(int number)
{
	int before = errno;
	char c = (char)number;
	ssize_t n = write(signal_pipe[1], &c, 1);
	(void)n; /* a full pipe already says enough */
	errno = before;
}

static void say(const char *format, va_list args)
{
	fprintf(stderr, "nacre-ssh: ");
	vfprintf(stderr, format, args);
	/* In raw mode a newline alone does not return the carriage. */
	fprintf(stderr, "\r\n");
}

void ssh_say(const struct ssh_client *c, const char *format, ...)
{
	va_list args;
	if (c->o.quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void ssh_debug(const struct ssh_client *c, const char *format, ...)
{
	va_list args;
	if (c->o.tracer.verbose == 0)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

/* --- The transport's events --- */

static void show_error(const struct ssh_client *c, enum ssh_err e)
{
	ssh_bytes ours, theirs;
	/* These have been explained already. */
	if (e == SSH_ERR_AUTH_FAILED)
		return;
	if (e != SSH_ERR_NO_COMMON || !kex_failed_offers(&c->conn.kex, &ours, &theirs)) {
		fprintf(stderr, "nacre-ssh: %s: %s\r\n", c->o.host, ssh_err_text(e));
		return;
	}
	fprintf(stderr, "nacre-ssh: %s: no matching %s found. Their offer: ", c->o.host,
	        kex_list_name(kex_failed_list(&c->conn.kex)));
	text_print(stderr, theirs, false);
	fprintf(stderr, "; ours: ");
	text_print(stderr, ours, false);
	fprintf(stderr, "\r\n");
}

static void on_kex(struct ssh_client *c, const struct kex_event *ev)
{
	switch (ev->type) {
	case KEX_EVENT_KEYS:
		if (!ev->first)
			ssh_debug(c, "re-keyed");
		break;
	case KEX_ASK_HOST_KEY:
		(void)kex_answer_host_key(&c->conn.kex, ev->sig->key->plain != NULL
		                                            ? ssh_host_cert_ok(c, ev->host_key)
		                                            : ssh_host_key_ok(c, ev->host_key));
		break;
	case KEX_EVENT_DISCONNECT:
		fprintf(stderr, "nacre-ssh: %s disconnected: ", c->o.host);
		text_print(stderr, ev->text, false);
		fprintf(stderr, " (%s)\r\n", wire_reason_name(ev->reason));
		c->done = true;
		break;
	case KEX_EVENT_ERROR:
		show_error(c, ev->err);
		c->done = true;
		break;
	default:
		break;
	}
}

static void drain(struct ssh_client *c)
{
	struct conn_event ev;
	while (!c->done && conn_next(&c->conn, &ev)) {
		if (ev.layer == CONN_KEX)
			on_kex(c, &ev.kex);
		else if (ev.layer == CONN_AUTH_CLIENT)
			ssh_login_event(c, &ev.auth_client);
		else if (ev.layer == CONN_CHAN)
			ssh_session_event(c, &ev.chan);
	}
}

/* --- The loop --- */

static void write_out(struct ssh_client *c)
{
	for (;;) {
		ssh_bytes out = conn_out(&c->conn);
		if (out.len == 0)
			return;
		ssize_t n = send(c->fd, out.ptr, out.len, 0); /* SIGPIPE is ignored */
		if (n >= 0)
			kex_sent(&c->conn.kex, (size_t)n);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR) {
			kex_recv_end(&c->conn.kex);
			return;
		}
	}
}

static void read_in(struct ssh_client *c)
{
	size_t room;
	uint8_t *p = kex_recv_space(&c->conn.kex, &room);
	if (p == NULL)
		return;
	ssize_t n = recv(c->fd, p, room, 0);
	if (n > 0)
		(void)kex_recv_done(&c->conn.kex, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		kex_recv_end(&c->conn.kex);
}

static void take_signal(struct ssh_client *c)
{
	char number;
	if (read(signal_pipe[0], &number, 1) != 1)
		return;
	if (number == SIGWINCH)
		ssh_session_resize(c);
	else
		c->done = true;
}

enum { AT_NET, AT_SIGNAL, AT_IN, AT_OUT, AT_ERR, AT_COUNT };

static short when(bool wanted, short events)
{
	return wanted ? events : 0;
}

static int timeout(const struct ssh_client *c, uint64_t login_until)
{
	uint64_t due = kex_deadline(&c->conn.kex);
	uint64_t now = now_ms();
	if (!c->conn.authenticated && login_until < due)
		due = login_until;
	if (due == UINT64_MAX)
		return -1;
	uint64_t left = due > now ? due - now : 0;
	return left > 60000 ? 60000 : (int)left;
}

static void poll_once(struct ssh_client *c, uint64_t login_until)
{
	struct ssh_stream *s = c->session.out;
	bool out = conn_out(&c->conn).len != 0;
	struct pollfd p[AT_COUNT] = {
	    [AT_NET] = {c->fd, (short)(POLLIN | when(out, POLLOUT)), 0},
	    [AT_SIGNAL] = {signal_pipe[0], POLLIN, 0},
	    [AT_IN] = {ssh_session_wants_input(c) ? STDIN_FILENO : -1, POLLIN, 0},
	    [AT_OUT] = {wire_buf_len(&s[0].wait) > 0 ? s[0].fd : -1, POLLOUT, 0},
	    [AT_ERR] = {wire_buf_len(&s[1].wait) > 0 ? s[1].fd : -1, POLLOUT, 0},
	};
	if (poll(p, AT_COUNT, timeout(c, login_until)) < 0)
		return;
	kex_tick(&c->conn.kex, now_ms());
	if (!c->conn.authenticated && now_ms() >= login_until)
		kex_fail(&c->conn.kex, SSH_ERR_TIMEOUT);
	if (p[AT_SIGNAL].revents != 0)
		take_signal(c);
	if (p[AT_OUT].revents != 0)
		ssh_session_flush(c, &s[0]);
	if (p[AT_ERR].revents != 0)
		ssh_session_flush(c, &s[1]);
	if (p[AT_IN].revents != 0)
		ssh_session_input(c);
	if ((p[AT_NET].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		read_in(c);
}

static void run(struct ssh_client *c)
{
	uint64_t login_until = now_ms() + c->o.grace_ms;
	while (!c->done) {
		drain(c);
		write_out(c);
		if (!c->done)
			poll_once(c, login_until);
	}
	kex_disconnect(&c->conn.kex, SSH_DISCONNECT_BY_APPLICATION, "disconnected by user");
	write_out(c);
}

/* --- Setting up --- */

static void catch_signals(void)
{
	static const int numbers[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT};
	struct sigaction a = {.sa_handler = on_signal};
	if (pipe(signal_pipe) != 0)
		return;
	net_nonblocking(signal_pipe[0]);
	net_nonblocking(signal_pipe[1]);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
}

static enum ssh_err start(struct ssh_client *c)
{
	auth_known_name_put(&c->host_name, wire_bytes_str(c->o.host),
	                    (uint16_t)strtoul(c->o.port, NULL, 10));
	ssh_host_key_prefer_known(c);
	struct conn_config config = {
	    .kex = c->o.kex,
	    .auth_client = {.user = wire_bytes_str(c->o.user)},
	};
	chan_config_init(&config.chan, false, (struct chan_sink){0});
	ssh_login_init(c);
	return conn_init(&c->conn, &config, now_ms());
}

static int connect_and_run(struct ssh_client *c)
{
	const char *why = "";
	if (c->o.user == NULL) {
		const struct passwd *pw = getpwuid(getuid());
		c->o.user = pw == NULL ? "nobody" : pw->pw_name;
	}
	c->fd = net_connect(c->o.host, c->o.port, c->o.family, c->o.grace_ms, &why);
	if (c->fd < 0) {
		fprintf(stderr, "nacre-ssh: connect to host %s port %s: %s\n", c->o.host, c->o.port,
		        why);
		return SSH_EXIT_FAILURE;
	}
	net_nonblocking(c->fd);
	catch_signals();
	c->status = SSH_EXIT_FAILURE;
	enum ssh_err e = start(c);
	if (e == 0)
		run(c);
	else
		fprintf(stderr, "nacre-ssh: %s\n", ssh_err_text(e));
	ssh_session_end(c);
	ssh_login_wipe(c);
	conn_wipe(&c->conn);
	wire_buf_wipe(&c->host_name);
	close(c->fd);
	return c->status;
}

int main(int argc, char **argv)
{
	/* Large, and used once. */
	static struct ssh_client client;
	int stop = ssh_options_parse(&client.o, argc, argv);
	if (stop != 0)
		return stop - 1;
	client.o.tracer.end_of_line = "\r\n";
	const char *bad = tracer_open(&client.o.tracer, &client.o.kex, &client.stderr_fd);
	if (bad != NULL) {
		fprintf(stderr, "nacre-ssh: %s: %s\n", bad, strerror(errno));
		return SSH_EXIT_FAILURE;
	}
	int status = connect_and_run(&client);
	tracer_wipe(&client.o.tracer);
	return status;
}
