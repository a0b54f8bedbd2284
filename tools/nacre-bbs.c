/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "tools/bbs_menu.h"
#include "tools/file.h"
#include "tools/net.h"

/*
 * A bulletin board that any SSH client can call: the demonstration of libchan's sock, server side.
 * A process for each caller; the parent hands out the places in the table of callers.
 */

#define USER     "robey"
#define PASSWORD "foo"
/* To exchange keys and to log in, milliseconds. */
#define GRACE_MS (60 * 1000)
/* For last words to get out. */
#define PART_MS  2000

struct bbs {
	const char *port, *host_key_file, *messages;
	struct crypt_key host_key;
	struct board board;
	pid_t pids[BOARD_CALLERS_MAX]; /* 0: a free place */
	int listening[NET_LISTEN_MAX], listeners;
};

static const char usage[] =
    "usage: nacre-bbs [-p port] [-h host_key_file] [-f messages_file]\n"
    "A bulletin board for SSH clients: user " USER ", password " PASSWORD ".\n"
    "  -p port   listen there; 0: on a free one (default 2200)\n"
    "  -h file   the host key (default: a new one, for this run)\n"
    "  -f file   keep the messages there (default: in memory)\n"
    "  -?        print this\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "nacre-bbs: %s: %s\n", what, why);
	return 1;
}

/* --- A caller --- */

static bool equal(ssh_bytes a, const char *b)
{
	return a.len == strlen(b) && wire_secret_equal(a.ptr, b, a.len);
}

static enum auth_verdict judge_password(void *ctx, ssh_bytes user, ssh_bytes password)
{
	bool known = wire_bytes_is(user, USER), right = equal(password, PASSWORD);
	(void)ctx;
	return known && right ? AUTH_ACCEPT : AUTH_REJECT;
}

/* One program at a time: its process serves nobody else meanwhile. */
static bool may_start(void *ctx, const struct sock_channel *ch, const struct chan_request *r)
{
	bool *busy = ctx;
	(void)ch;
	if (r->type != CHAN_REQUEST_SHELL && r->type != CHAN_REQUEST_EXEC)
		return true;
	bool may = !*busy;
	*busy = true;
	return may;
}

static enum ssh_err serve(struct sock *s, struct bbs *b, struct board_caller *self, bool *busy)
{
	enum ssh_err e;
	struct sock_channel *ch;
	while ((e = sock_accept(s, &ch, GRACE_MS)) == 0) {
		struct visit v = {.term = {.ch = ch}, .board = &b->board, .self = self};
		sock_set_timeout(ch, TERM_IDLE_MS);
		snprintf(self->name, sizeof self->name, "%.*s", (int)sock_user(s).len,
		         (const char *)sock_user(s).ptr);
		uint32_t status = visit_serve(&v);
		(void)sock_send_exit(ch, status);
		(void)sock_eof(ch);
		sock_close(ch);
		*busy = false;
	}
	return e;
}

static void answer_call(struct bbs *b, int fd, struct board_caller *self)
{
	const struct crypt_key *const keys[] = {&b->host_key, NULL};
	struct sock_config config;
	struct sock s;
	char why[SOCK_WHY_SIZE];
	bool busy = false;
	sock_config_init(&config, true);
	config.kex.host_keys = keys;
	config.policy = (struct sock_policy){
	    .ctx = &busy,
	    .password = judge_password,
	    .requests = SOCK_GRANT(PTY) | SOCK_GRANT(SHELL) | SOCK_GRANT(EXEC),
	    .request = may_start,
	    .banner = "This is a Nacre bulletin board: user " USER ", password " PASSWORD ".\r\n",
	};
	enum ssh_err e = sock_start_server(&s, fd, fd, &config, GRACE_MS);
	if (e == 0)
		e = sock_await_login(&s, GRACE_MS);
	if (e == 0) {
		fprintf(stderr, "%s: logged in\n", self->from);
		e = serve(&s, b, self, &busy);
	}
	fprintf(stderr, "%s: %s\n", self->from,
	        e == SSH_ERR_TIMEOUT ? ssh_err_text(e) : sock_why(&s, why));
	sock_disconnect(&s, PART_MS);
	sock_wipe(&s);
}

/* --- The house --- */

static size_t free_place(const struct bbs *b)
{
	size_t i = 0;
	while (i < BOARD_CALLERS_MAX && b->pids[i] != 0)
		i++;
	return i;
}

static void take_call(struct bbs *b, int listening)
{
	size_t place = free_place(b);
	int fd = accept(listening, NULL, NULL);
	if (fd < 0)
		return;
	if (place < BOARD_CALLERS_MAX) {
		struct board_caller *self = &b->board.callers[place];
		*self = (struct board_caller){.since = time(NULL)};
		net_peer_name(fd, self->from, sizeof self->from);
		fprintf(stderr, "%s: calling\n", self->from);
		pid_t pid = fork();
		if (pid == 0) {
			for (int i = 0; i < b->listeners; i++)
				close(b->listening[i]);
			answer_call(b, fd, self);
			_exit(0);
		}
		b->pids[place] = pid > 0 ? pid : 0;
	}
	close(fd);
}

/* However a caller's process has ended, its place is free again. */
static void clear_places(struct bbs *b)
{
	pid_t pid;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < BOARD_CALLERS_MAX; i++)
			if (b->pids[i] == pid) {
				b->pids[i] = 0;
				b->board.callers[i].here = false;
			}
}

static void on_child(int number)
{
	(void)number; /* it is there to wake poll up */
}

static int run(struct bbs *b)
{
	int n = 0;
	struct pollfd p[NET_LISTEN_MAX];
	struct sigaction wake = {.sa_handler = on_child};
	(void)sigaction(SIGCHLD, &wake, NULL);
	while (n >= 0 || errno == EINTR) {
		for (int i = 0; i < b->listeners; i++)
			p[i] = (struct pollfd){.fd = b->listening[i], .events = POLLIN};
		/* A second: a child that ends just before poll is not forgotten. */
		n = poll(p, (nfds_t)b->listeners, 1000);
		int error = errno;
		clear_places(b);
		for (int i = 0; i < b->listeners && n > 0; i++)
			if ((p[i].revents & POLLIN) != 0)
				take_call(b, b->listening[i]);
		errno = error;
	}
	return fail("poll", strerror(errno));
}

/* --- Start --- */

static int read_host_key(struct bbs *b)
{
	struct wire_buf text = {0};
	int error = file_read(b->host_key_file, &text);
	if (error != 0)
		return fail(b->host_key_file, strerror(error));
	enum ssh_err e =
	    auth_keyfile_parse(&b->host_key, NULL, crypt_keyalgs, wire_buf_view(&text));
	wire_buf_wipe(&text);
	return e == 0 ? 0 : fail(b->host_key_file, ssh_err_text(e));
}

static int find_host_key(struct bbs *b)
{
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf blob = {0};
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	enum ssh_err e;
	if (b->host_key_file != NULL && read_host_key(b) != 0)
		return 1;
	if (b->host_key_file == NULL &&
	    (e = crypt_key_generate(&b->host_key, &crypt_key_ed25519, 0, &rng)) != 0)
		return fail("host key", ssh_err_text(e));
	crypt_key_put_public(&b->host_key, &blob);
	crypt_key_fingerprint(wire_buf_view(&blob), fingerprint);
	fprintf(stderr, "Host key %s (%s)\n", fingerprint, b->host_key.alg->kind);
	wire_buf_wipe(&blob);
	return 0;
}

static int open_house(struct bbs *b)
{
	const char *why = "no address";
	int error = board_open(&b->board, b->messages);
	if (error != 0)
		return fail(b->messages == NULL ? "messages" : b->messages, strerror(error));
	if (find_host_key(b) != 0)
		return 1;
	if ((b->listeners = net_listen(NULL, b->port, b->listening, &why)) == 0)
		return fail(b->port, why);
	fprintf(stderr, "Listening on port %u\n", net_local_port(b->listening[0]));
	return run(b);
}

int main(int argc, char **argv)
{
	struct bbs b = {.port = "2200"};
	int c;
	if (argc == 2 && (strcmp(argv[1], "-?") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	while ((c = getopt(argc, argv, "p:h:f:")) != -1) {
		if (c == 'p')
			b.port = optarg;
		else if (c == 'h')
			b.host_key_file = optarg;
		else if (c == 'f')
			b.messages = optarg;
		else
			optind = argc + 1;
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	return open_house(&b);
}
