/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libauth/pubfile.h"
#include "tests/interop/sock_kit.h"

/* Begun and asked about, threads, and ends: sock with sshd and with paramiko at the other end. */

static bool polls(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, timeout_ms) == 1;
}

static void become_ready(struct client *c, enum peer kind)
{
	c->server.kind = kind;
	c->server.password = "open sesame";
	prepare(c);
	reach(c);
}

/* --- Everything by event: nothing ever waits but poll --- */

static void await(int fd, bool worker, enum ssh_err *e)
{
	/* Without a worker the descriptor also wakes up for input that changes nothing yet. */
	cr_assert(polls(fd, LONG), "nothing happens");
	cr_assert(!worker || *e == SSH_ERR_TIMEOUT);
}

static enum ssh_err start_by_event(struct client *c, int fd, bool worker)
{
	enum ssh_err e;
	do {
		e = SSH_ERR_TIMEOUT;
		await(fd, worker, &e);
		e = sock_finish_start(&c->s, 0);
	} while (e == SSH_ERR_TIMEOUT);
	return e;
}

static enum ssh_err auth_by_event(struct client *c, int fd, bool worker, enum ssh_err e)
{
	while (e == SSH_ERR_TIMEOUT) {
		await(fd, worker, &e);
		e = sock_finish_auth(&c->s, 0);
	}
	return e;
}

/* Five openings at once, one of them of what no server allows: each outcome is its own. */
static void open_by_event(struct client *c, int fd, struct sock_channel *ch[5])
{
	int left = 5;
	bool known[5] = {false};
	for (int i = 0; i < 5; i++) {
		struct chan_open open = {.type = i == 2 ? "pearl@example.com" : "session"};
		cr_assert_eq(sock_begin_open(&c->s, &ch[i], &open), SSH_OK);
	}
	while (left > 0) {
		cr_assert(polls(fd, LONG));
		for (int i = 0; i < 5; i++) {
			enum ssh_err e = known[i] ? SSH_ERR_TIMEOUT : sock_finish_open(ch[i], 0);
			if (e == SSH_ERR_TIMEOUT)
				continue;
			cr_assert_eq(e, i == 2 ? SSH_ERR_OPEN_REFUSED : SSH_OK, "%d", i);
			known[i] = true;
			left--;
		}
	}
}

static void exec_by_event(struct sock_channel *ch, int fd)
{
	struct chan_request r = {.type = CHAN_REQUEST_EXEC};
	enum ssh_err e;
	r.exec.command = wire_bytes_str("cat");
	cr_assert_eq(sock_begin_request(ch, &r), SSH_OK);
	while ((e = sock_finish_request(ch, 0)) == SSH_ERR_TIMEOUT)
		cr_assert(polls(fd, LONG));
	cr_assert_eq(e, SSH_OK);
}

static void by_event(enum peer kind, bool worker)
{
	static struct client c;
	struct sock_channel *ch[5];
	int fd;
	c = (struct client){0};
	become_ready(&c, kind);
	enum ssh_err e = sock_start_client(&c.s, c.fd, c.fd, &c.config, 0);
	cr_assert_eq(e, SSH_ERR_TIMEOUT, "it returns at once");
	if (worker)
		cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	cr_assert_eq(sock_done_fileno(&c.s, &fd), SSH_OK);
	cr_assert_eq(start_by_event(&c, fd, worker), SSH_OK, "%s", sock_why(&c.s, why));
	e = sock_auth_password(&c.s, wire_bytes_str("wrong"), 0);
	cr_assert_eq(auth_by_event(&c, fd, worker, e), SSH_ERR_AUTH_FAILED);
	e = sock_auth_key(&c.s, &c.key, 0);
	cr_assert_eq(auth_by_event(&c, fd, worker, e), SSH_OK);
	open_by_event(&c, fd, ch);
	exec_by_event(ch[4], fd);
	cr_assert_eq(sock_send_all(ch[4], wire_bytes_str("Hello"), NULL), SSH_OK);
	sock_set_timeout(ch[4], LONG);
	take_text(ch[4], "Hello");
	for (int i = 0; i < 5; i++)
		sock_close(ch[i]);
	leave(&c);
}

Test(sock_begin, by_event_openssh, .fini = peer_end)
{
	by_event(PEER_OPENSSH, false);
	by_event(PEER_OPENSSH, true);
}

Test(sock_begin, by_event_paramiko, .fini = peer_end)
{
	by_event(PEER_PARAMIKO, false);
	by_event(PEER_PARAMIKO, true);
}

/* --- Blocking, with a timeout; and the password alone --- */

static void blocking(enum peer kind)
{
	static struct client c;
	struct sock_channel *ch;
	c = (struct client){0};
	c.server = (struct peer_server){.kind = kind, .password = "open sesame"};
	prepare(&c);
	/* The system takes the connection, nobody accepts it. */
	kill(c.server.process.pid, SIGSTOP);
	reach(&c);
	enum ssh_err e = sock_start_client(&c.s, c.fd, c.fd, &c.config, 100);
	cr_assert_eq(e, SSH_ERR_TIMEOUT, "a server that sleeps");
	cr_assert(sock_active(&c.s) && !sock_started(&c.s));
	kill(c.server.process.pid, SIGCONT);
	cr_assert_eq(sock_finish_start(&c.s, LONG), SSH_OK);
	cr_assert(sock_started(&c.s) && !sock_authenticated(&c.s));
	e = sock_auth_password(&c.s, wire_bytes_str("open sesame"), LONG);
	/* OpenSSH's asks for a password that is hidden: only where root runs the tests. */
	if (peer_server_is_whole(kind))
		cr_assert_eq(e, SSH_OK, "%s", sock_why(&c.s, why));
	else
		cr_assert_eq(sock_auth_key(&c.s, &c.key, LONG), SSH_OK);
	struct chan_open open = {.type = "pearl@example.com"};
	cr_assert_eq(sock_open(&c.s, &ch, &open, LONG), SSH_ERR_OPEN_REFUSED);
	cr_assert_eq(sock_refusal(&c.s, NULL), kind == PEER_OPENSSH
	                                           ? SSH_OPEN_CONNECT_FAILED
	                                           : SSH_OPEN_ADMINISTRATIVELY_PROHIBITED);
	ch = run(&c, "cat");
	sock_close(ch);
	leave(&c);
}

Test(sock_begin, blocking, .fini = peer_end)
{
	blocking(PEER_OPENSSH);
	blocking(PEER_PARAMIKO);
}

/* --- The host key comes first --- */

static const char *keygen_fingerprint(const char *key)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("ssh-keygen"), "-l", "-f", key, NULL);
	process_start(&p);
	process_wait(&p);
	const char *text = peer_text("%s", process_out(&p));
	process_wipe(&p);
	return text;
}

/* Refused, it has heard nothing of a user; accepted, it has. */
static void host_key_first(enum peer kind, const char *asked)
{
	for (int accept = 0; accept < 2; accept++) {
		static struct client c;
		struct crypt_key host = {0};
		struct wire_buf blob = {0};
		char shown[CRYPT_FINGERPRINT_SIZE];
		c = (struct client){0};
		words_add(&c.server.options, "LogLevel=DEBUG", NULL);
		become_ready(&c, kind);
		read_key(&host, c.server.host_keys.word[0]);
		crypt_key_put_public(&host, &blob);
		c.config.known_hosts = wire_bytes(NULL, 0);
		cr_assert_eq(sock_start_client(&c.s, c.fd, c.fd, &c.config, LONG), SSH_OK);
		cr_assert(wire_bytes_equal(sock_host_key(&c.s), wire_buf_view(&blob)));
		cr_assert_str_eq(sock_host_key_algorithm(&c.s), "ssh-ed25519");
		cr_assert(sock_host_key_fingerprint(&c.s, shown));
		cr_assert_not_null(strstr(keygen_fingerprint(c.server.host_keys.word[0]), shown));
		cr_assert_eq(sock_auth_key(&c.s, &c.key, LONG), SSH_ERR_STATE, "not yet");
		enum ssh_err e = sock_accept_host_key(&c.s, accept == 1, LONG);
		cr_assert_eq(e, accept ? SSH_OK : SSH_ERR_HOST_KEY);
		if (accept)
			cr_assert_eq(sock_auth_key(&c.s, &c.key, LONG), SSH_OK);
		sock_disconnect(&c.s, LONG);
		process_stop(&c.server.process);
		bool heard = strstr(peer_server_log(&c.server), asked) != NULL;
		cr_assert_eq(heard, accept == 1, "%s", peer_server_log(&c.server));
		crypt_key_wipe(&host);
		wire_buf_wipe(&blob);
		leave(&c);
	}
}

Test(sock_begin, host_key_first, .fini = peer_end)
{
	host_key_first(PEER_PARAMIKO, "Auth request");
	host_key_first(PEER_OPENSSH, "userauth-request");
}

/* --- No thread unless asked; a forgotten one is in nobody's way --- */

static int threads(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/task");
	cr_assert_not_null(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

Test(sock_begin, threads_by_request_alone, .fini = peer_end)
{
	static struct client c;
	int before = threads(), status;
	connect_to(&c, PEER_PARAMIKO);
	struct sock_channel *ch = run(&c, "cat");
	cr_assert_eq(threads(), before);
	cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	cr_assert_eq(threads(), before + 1);
	worker_stop(&c.w);
	cr_assert_eq(threads(), before);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		/* Nothing is closed: the worker runs, the channel is open. */
		if (worker_start(&c.w, &c.s) != 0)
			_exit(1);
		exit(33);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 33, "%#x", status);
	sock_close(ch);
	leave(&c);
}

/* --- Ends under those who wait --- */

static void *take_one(void *ch)
{
	char b;
	size_t n;
	enum ssh_err e = sock_recv(ch, &b, 1, &n);
	sock_close(ch);
	return (void *)(uintptr_t)e;
}

static enum ssh_err joined(pthread_t t)
{
	void *e;
	cr_assert_eq(pthread_join(t, &e), 0);
	return (enum ssh_err)(uintptr_t)e;
}

/* One channel is closed by another thread; then the server is killed under the second. */
static void ends_under_them(enum peer kind)
{
	static struct client c;
	pthread_t t[2];
	struct sock_channel *ch[2];
	c = (struct client){0};
	connect_to(&c, kind);
	cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	for (int i = 0; i < 2; i++) {
		ch[i] = run(&c, "cat");
		sock_hold(ch[i]);
		cr_assert_eq(pthread_create(&t[i], NULL, take_one, ch[i]), 0);
	}
	cr_assert_eq(poll(NULL, 0, 50), 0);
	sock_close(ch[0]);
	cr_assert_eq(joined(t[0]), SSH_ERR_CHANNEL_CLOSED);
	cr_assert(sock_active(&c.s));
	process_stop_all(); /* sshd's child for the session, too */
	cr_assert_eq(joined(t[1]), SSH_ERR_CONNECTION_LOST);
	cr_assert(!sock_active(&c.s));
	sock_close(ch[1]);
	cr_assert_eq(sock_open_session(&c.s, &ch[1], LONG), SSH_ERR_CONNECTION_LOST);
	leave(&c);
}

Test(sock_begin, ends_under_those_who_wait, .fini = peer_end)
{
	ends_under_them(PEER_PARAMIKO);
	ends_under_them(PEER_OPENSSH);
}

/* The same without a worker, in the middle of a transfer. */
Test(sock_begin, killed_while_it_sends, .fini = peer_end)
{
	static struct client c;
	static char buf[10000];
	size_t n = 1, total = 0;
	enum ssh_err e = SSH_OK;
	connect_to(&c, PEER_PARAMIKO);
	struct sock_channel *ch = run(&c, "head -c 100000000 /dev/zero");
	while (total < 500000) {
		cr_assert_eq(sock_recv(ch, buf, sizeof buf, &n), SSH_OK);
		total += n;
	}
	process_stop(&c.server.process);
	while (e == SSH_OK && n != 0)
		e = sock_recv(ch, buf, sizeof buf, &n);
	cr_assert_eq(e, SSH_ERR_CONNECTION_LOST, "%s", ssh_err_name(e));
	/* SIGPIPE is as it was: it would be the end of this. */
	for (int i = 0; i < 3; i++)
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_ERR_CONNECTION_LOST);
	sock_close(ch);
	leave(&c);
}
