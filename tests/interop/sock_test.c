/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libchan/sock_file.h"
#include "libchan/sock_net.h"
#include "tests/interop/sock_kit.h"
#include "tests/support/pattern.h"

/* sock as a client of other people's servers. */

/* --- Streams --- */

static void use(struct client *c)
{
	struct sock_channel *ch = run(c, "cat; echo bye >&2; exit 9");
	char text[16];
	uint32_t status;
	size_t n;
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	cr_assert_eq(sock_recv(ch, text, sizeof text, &n), SSH_OK);
	cr_assert(wire_bytes_is(wire_bytes(text, n), "Hello"));
	sock_set_timeout(ch, 30);
	cr_assert_eq(sock_recv(ch, text, sizeof text, &n), SSH_ERR_TIMEOUT);
	sock_set_timeout(ch, LONG);
	cr_assert_eq(sock_shutdown(ch, SOCK_WRITE), SSH_OK);
	cr_assert_eq(take_all(ch), 0);
	cr_assert_eq(sock_recv_err(ch, text, sizeof text, &n), SSH_OK);
	cr_assert(wire_bytes_is(wire_bytes(text, n), "bye\n"));
	cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
	cr_assert_eq(status, 9);
	sock_close(ch);
}

Test(sock, tcp_openssh, .fini = peer_end)
{
	static struct client c;
	connect_to(&c, PEER_OPENSSH);
	use(&c);
	leave(&c);
}

Test(sock, tcp_paramiko, .fini = peer_end)
{
	static struct client c;
	struct sock_channel *ch;
	char text[16];
	size_t n;
	connect_to(&c, PEER_PARAMIKO);
	ch = run(&c, "cat");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	cr_assert_eq(sock_recv(ch, text, sizeof text, &n), SSH_OK);
	cr_assert(wire_bytes_is(wire_bytes(text, n), "Hello"));
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert_eq(take_all(ch), 0);
	sock_close(ch);
	leave(&c);
}

static void run_sshd(const struct client *c)
{
	const char *sshd = peer_program("sshd");
	const char *keys = peer_text("AuthorizedKeysFile=%s", peer_path("authorized_keys"));
	const char *host = peer_text("HostKey=%s", c->server.host_keys.word[0]);
	execl(sshd, sshd, "-i", "-f", "/dev/null", "-o", "UsePAM=no", "-o", "StrictModes=no", "-o",
	      "PermitRootLogin=yes", "-o", keys, "-o", host, (char *)NULL);
}

static void run_paramiko(const struct client *c)
{
	execl("/usr/bin/python3", "python3", "tests/interop/peers/paramiko_server.py", "-i", "-h",
	      c->server.host_keys.word[0], "-k", peer_path("authorized_keys"), (char *)NULL);
}

/* -i on a pair of sockets, or on pipes, which the server gets as standard input and output. */
static pid_t start_inetd(const struct client *c, int in, int out, int other)
{
	const char *log = peer_write("inetd_log", "");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(other);
		(void)freopen(log, "a", stderr);
		dup2(in, 0);
		dup2(out, 1);
		if (c->server.kind == PEER_PARAMIKO)
			run_paramiko(c);
		else
			run_sshd(c);
		_exit(127);
	}
	close(in);
	if (out != in)
		close(out);
	return pid;
}

static void over_descriptors(enum peer kind, bool pipes)
{
	static struct client c;
	int a[2], b[2];
	c.server.kind = kind;
	prepare(&c);
	if (pipes) {
		cr_assert(pipe(a) == 0 && pipe(b) == 0);
	} else {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
		b[0] = a[1];
		b[1] = a[0];
	}
	/* Ours: read b[0], write a[1]; its: read a[0], write b[1]. */
	pid_t pid = start_inetd(&c, a[0], b[1], a[1]);
	enum ssh_err e = sock_connect_auth(&c.s, b[0], a[1], &c.config, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(&c.s, why));
	use(&c);
	c.fd = b[0];
	if (pipes)
		close(a[1]);
	kill(pid, SIGKILL); /* sshd at its end may miss another */
	waitpid(pid, NULL, 0);
	sock_wipe(&c.s);
	close(c.fd);
	crypt_key_wipe(&c.key);
	wire_buf_wipe(&c.known);
	peer_server_stop(&c.server);
}

Test(sock, unix_socket, .fini = peer_end)
{
	over_descriptors(PEER_OPENSSH, false);
}

Test(sock, unix_socket_paramiko, .fini = peer_end)
{
	over_descriptors(PEER_PARAMIKO, false);
}

Test(sock, pair_of_pipes, .fini = peer_end)
{
	over_descriptors(PEER_OPENSSH, true);
}

static enum ssh_err some_read(void *ctx, uint8_t *buf, size_t cap, size_t *n)
{
	ssize_t got = recv(*(int *)ctx, buf, cap, MSG_DONTWAIT);
	*n = got > 0 ? (size_t)got : 0;
	return got < 0 ? SSH_ERR_AGAIN : SSH_OK;
}

static enum ssh_err some_write(void *ctx, ssh_bytes data, size_t *n)
{
	ssize_t put = send(*(int *)ctx, data.ptr, data.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	*n = put > 0 ? (size_t)put : 0;
	return put < 0 ? SSH_ERR_AGAIN : SSH_OK;
}

static enum ssh_err some_wait(void *ctx, bool in, bool out, int timeout_ms)
{
	struct pollfd p = {*(int *)ctx, (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0)), 0};
	return poll(&p, 1, timeout_ms) < 0 ? SSH_ERR_IO : SSH_OK;
}

Test(sock, stream_of_functions, .fini = peer_end)
{
	static struct client c;
	struct sock_stream stream = {&c.fd, some_read, some_write, some_wait, NULL, -1, -1};
	c.server.kind = PEER_OPENSSH;
	prepare(&c);
	reach(&c);
	cr_assert_eq(sock_start_stream(&c.s, &stream, &c.config, LONG), SSH_OK);
	cr_assert_eq(sock_auth_all(&c.s, LONG), SSH_OK);
	use(&c);
	leave(&c);
}

/* --- Host keys --- */

Test(sock, known_hosts, .fini = peer_end)
{
	static struct client c;
	words_add(&c.server.host_keys, peer_key("host", "ed25519"), peer_key("host", "ecdsa-384"),
	          NULL);
	connect_to(&c, PEER_OPENSSH);
	leave(&c);
	/* Known by a key that is not the first in anybody's order. */
	static struct client d;
	words_add(&d.server.host_keys, peer_key("host", "ed25519"), peer_key("host", "ecdsa-384"),
	          NULL);
	d.server.kind = PEER_OPENSSH;
	prepare(&d);
	wire_buf_reset(&d.known);
	const char *line = peer_text("# one\n[%s]:%s %s", d.server.address, d.server.port,
	                             peer_read(peer_text("%s.pub", peer_key("host", "ecdsa-384"))));
	wire_put_raw(&d.known, wire_bytes_str(line));
	d.config.known_hosts = wire_buf_view(&d.known);
	reach(&d);
	enum ssh_err e = sock_connect_auth(&d.s, d.fd, d.fd, &d.config, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(&d.s, why));
	cr_assert_str_eq(sock_host_key_algorithm(&d.s), "ecdsa-sha2-nistp384");
	cr_assert_eq(sock_host_key_known(&d.s).line, 2);
	leave(&d);
}

Test(sock, known_hosts_changed, .fini = peer_end)
{
	static struct client c;
	c.server.kind = PEER_OPENSSH;
	prepare(&c);
	wire_buf_reset(&c.known);
	const char *line = peer_text("\n\n[%s]:%s %s", c.server.address, c.server.port,
	                             peer_read(peer_text("%s.pub", peer_key("other", "ed25519"))));
	wire_put_raw(&c.known, wire_bytes_str(line));
	c.config.known_hosts = wire_buf_view(&c.known);
	reach(&c);
	cr_assert_eq(sock_connect_auth(&c.s, c.fd, c.fd, &c.config, LONG), SSH_ERR_HOST_KEY);
	cr_assert_neq(strstr(sock_why(&c.s, why), "has another for 127."), NULL, "%s", why);
	cr_assert_neq(strstr(why, "line 3"), NULL, "%s", why);
	leave(&c);
}

/* A certificate of an authority that known_hosts has, for this host and for another. */
static enum ssh_err by_certificate(const char *principal, const char *reason)
{
	static struct client c;
	struct process p = {0};
	const char *authority = peer_key("authority", "ed25519"),
	           *host = peer_key("host", "ed25519");
	c = (struct client){.server.kind = PEER_OPENSSH};
	words_add(&c.server.options, peer_text("HostCertificate=%s-cert.pub", host), NULL);
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-s", authority, "-I", "id", "-h",
	          "-n", principal, peer_text("%s.pub", host), NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	prepare(&c);
	wire_buf_reset(&c.known);
	const char *line = peer_text("@cert-authority [%s]:%s %s", c.server.address, c.server.port,
	                             peer_read(peer_text("%s.pub", authority)));
	wire_put_raw(&c.known, wire_bytes_str(line));
	c.config.known_hosts = wire_buf_view(&c.known);
	reach(&c);
	enum ssh_err e = sock_connect_auth(&c.s, c.fd, c.fd, &c.config, LONG);
	cr_assert_neq(strstr(sock_why(&c.s, why), reason), NULL, "%s", why);
	leave(&c);
	return e;
}

Test(sock, host_certificate, .fini = peer_end)
{
	cr_assert_eq(by_certificate("elsewhere.example", "whose certificate is not good: "),
	             SSH_ERR_HOST_KEY);
	/* It has to be signed before the server starts: peer_server_start's address of this test. */
	unsigned pid = (unsigned)getpid();
	const char *here =
	    peer_text("127.%u.%u.%u", 1 + (pid >> 16 & 63), pid >> 8 & 255, 1 + (pid & 255) % 254);
	cr_assert_eq(by_certificate(here, "authenticated as "), SSH_OK);
}

Test(sock, algorithms_by_name, .fini = peer_end)
{
	static struct client c;
	static struct sock_algorithms a = {.kex = "ecdh-sha2-nistp384",
	                                   .host_keys = "ssh-ed25519",
	                                   .ciphers = "aes192-ctr",
	                                   .macs = "hmac-sha2-512-etm@openssh.com",
	                                   .pubkeys = "ssh-ed25519"};
	c.server.kind = PEER_OPENSSH;
	prepare(&c);
	cr_assert_eq(sock_choose(&c.config, &a, why), SSH_OK, "%s", why);
	reach(&c);
	cr_assert_eq(sock_connect_auth(&c.s, c.fd, c.fd, &c.config, LONG), SSH_OK);
	cr_assert_str_eq(c.s.conn.kex.algs.cipher[KEX_SC]->name, "aes192-ctr");
	cr_assert_str_eq(c.s.conn.kex.algs.agree->name, "ecdh-sha2-nistp384");
	use(&c);
	leave(&c);
}

/* --- Several channels, descriptors, files --- */

static void stalled_and_busy(bool worker)
{
	static struct client c;
	struct sock_channel *still, *busy;
	const char *command = "head -c 20000000 /dev/zero";
	connect_to(&c, PEER_OPENSSH);
	if (worker)
		cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	still = run(&c, command);
	busy = run(&c, command);
	cr_assert_eq(take_all(busy), 20000000);
	cr_assert_leq(wire_buf_len(&still->in[0]), CHAN_WINDOW);
	cr_assert_eq(take_all(still), 20000000);
	sock_close(still);
	sock_close(busy);
	leave(&c);
}

Test(sock, stalled_and_busy, .fini = peer_end)
{
	stalled_and_busy(false);
}

Test(sock, stalled_and_busy_with_worker, .fini = peer_end)
{
	stalled_and_busy(true);
}

/* Every turn is poll's, and recv never waits. */
static void polled(bool worker)
{
	static struct client c;
	static char buf[50000];
	struct sock_channel *ch;
	size_t n = 1, total = 0;
	int fd;
	connect_to(&c, PEER_OPENSSH);
	if (worker)
		cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	ch = run(&c, "for i in 1 2 3 4 5; do head -c 1000000 /dev/zero; sleep 0.01; done");
	cr_assert_eq(sock_fileno(ch, &fd), SSH_OK);
	sock_set_timeout(ch, 0);
	while (n > 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		cr_assert_eq(poll(&p, 1, LONG), 1, "after %zu bytes", total);
		enum ssh_err e = sock_recv(ch, buf, sizeof buf, &n);
		cr_assert(e == SSH_OK || (e == SSH_ERR_TIMEOUT && !worker), "%s", ssh_err_name(e));
		total += n;
		n += e == SSH_ERR_TIMEOUT;
	}
	cr_assert_eq(total, 5000000);
	sock_close(ch);
	leave(&c);
}

Test(sock, polled, .fini = peer_end)
{
	polled(false);
}

Test(sock, polled_with_worker, .fini = peer_end)
{
	polled(true);
}

Test(sock, channel_as_a_socket, .fini = peer_end)
{
	static struct client c;
	static uint8_t buf[30000];
	struct sock_channel *ch;
	uint64_t wrong, total = 10000000, sent = 0, got = 0;
	int fd;
	connect_to(&c, PEER_OPENSSH);
	cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	ch = run(&c, "cat");
	cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
	while (got < total) {
		struct pollfd p = {.fd = fd,
		                   .events = (short)(POLLIN | (sent < total ? POLLOUT : 0))};
		cr_assert_eq(poll(&p, 1, LONG), 1);
		if ((p.revents & POLLOUT) != 0) {
			size_t n = total - sent < sizeof buf ? (size_t)(total - sent) : sizeof buf;
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
			cr_assert(pattern_equal(buf, (size_t)n, got, 5, &wrong), "at %zu",
			          (size_t)wrong);
			got += (uint64_t)n;
		}
	}
	cr_assert_eq(read(fd, buf, 1), 0);
	close(fd);
	sock_close(ch);
	leave(&c);
}

Test(sock, lines_of_a_program, .fini = peer_end)
{
	static struct client c;
	struct sock_channel *ch;
	struct sock_file f;
	char line[64];
	size_t len;
	connect_to(&c, PEER_OPENSSH);
	ch = run(&c, "while read -r l; do printf 'you said %s\\r\\n' \"$l\"; done");
	sock_file_init(&f, ch);
	f.universal = true;
	f.buffering = SOCK_LINES;
	for (int i = 0; i < 20; i++) {
		const char *text = peer_text("line %d", i);
		cr_assert_eq(sock_file_write(&f, wire_bytes_str(text)), SSH_OK);
		cr_assert_eq(sock_file_write(&f, wire_bytes_str("\n")), SSH_OK);
		cr_assert_eq(sock_file_read_line(&f, line, sizeof line, &len), SSH_OK);
		cr_assert_str_eq(line, peer_text("you said %s\n", text));
	}
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert_eq(sock_file_read_line(&f, line, sizeof line, &len), SSH_OK);
	cr_assert_eq(len, 0);
	/* The LF of the last CRLF was read with it or waits for the next byte: none came. */
	cr_assert_eq(f.newlines, SOCK_NEWLINE_CRLF);
	sock_file_wipe(&f);
	sock_close(ch);
	leave(&c);
}

/* --- Re-keying, while both sides send --- */

struct flow {
	struct sock_channel *ch;
	uint64_t total;
};

static void *send_pattern(void *arg)
{
	struct flow *f = arg;
	static uint8_t buf[40000];
	enum ssh_err e = SSH_OK;
	for (uint64_t sent = 0; e == 0 && sent < f->total; sent += sizeof buf) {
		pattern_fill(buf, sizeof buf, sent, 3);
		e = sock_send_all(f->ch, wire_bytes(buf, sizeof buf), NULL);
	}
	if (e == 0)
		e = sock_eof(f->ch);
	return (void *)(uintptr_t)e;
}

static void rekey(enum peer kind, const char *server_limit, uint64_t total)
{
	static struct client c;
	static uint8_t buf[50000];
	struct flow f = {.total = total};
	pthread_t sender;
	uint64_t got = 0, wrong;
	size_t n = 1;
	void *e;
	c.server.rekey = server_limit;
	connect_to(&c, kind);
	cr_assert_eq(worker_start(&c.w, &c.s), SSH_OK);
	f.ch = run(&c, "cat");
	sock_set_rekey(&c.s, 1000000, 0, 0);
	cr_assert_eq(pthread_create(&sender, NULL, send_pattern, &f), 0);
	while (n > 0) {
		enum ssh_err r = sock_recv(f.ch, buf, sizeof buf, &n);
		cr_assert_eq(r, SSH_OK, "%s after %zu", sock_why(&c.s, why), (size_t)got);
		cr_assert(pattern_equal(buf, n, got, 3, &wrong), "at %zu", (size_t)wrong);
		if (got / 3000000 != (got + n) / 3000000)
			cr_assert_eq(sock_rekey(&c.s), SSH_OK);
		got += n;
	}
	cr_assert_eq(pthread_join(sender, &e), 0);
	cr_assert_eq((enum ssh_err)(uintptr_t)e, SSH_OK);
	cr_assert_eq(got, total);
	cr_assert_gt(sock_exchanges(&c.s), total / 1000000, "%u", sock_exchanges(&c.s));
	sock_close(f.ch);
	leave(&c);
}

Test(sock, rekey_openssh, .fini = peer_end)
{
	rekey(PEER_OPENSSH, "2M", 8000000);
}

Test(sock, rekey_paramiko, .fini = peer_end)
{
	rekey(PEER_PARAMIKO, NULL, 2000000);
}

/* --- Several steps, and questions --- */

static enum ssh_err answer(void *ctx, const struct auth_challenge *c, struct wire_buf *answers)
{
	int *asked = ctx;
	for (size_t i = 0; i < c->count; i++) {
		ssh_bytes text = c->prompts[i].text;
		const char *reply = "yes";
		if (wire_bytes_is(text, "Name: "))
			reply = "Robert";
		else if (wire_bytes_is(text, "Colour: "))
			reply = "blue";
		cr_assert_eq(c->prompts[i].echo, !wire_bytes_is(text, "Colour: "));
		wire_put_str(answers, reply);
		++*asked;
	}
	return SSH_OK;
}

Test(sock, three_steps_paramiko, .fini = peer_end)
{
	static struct sock s;
	struct process p = {0};
	struct sock_config config;
	struct crypt_key host = {0}, user = {0};
	struct wire_buf host_blob = {0};
	struct sock_address to = {.host = "127.0.0.1", .timeout_ms = LONG};
	int fd, asked = 0;
	const char *user_key = peer_key("user", "ed25519"), *host_key = peer_key("host", "ed25519");
	/* Whatever the order here: the server takes each of the three when it comes. */
	const struct sock_credential all[] = {
	    {.answer = answer, .answer_ctx = &asked}, {.password = "open sesame"}, {.key = &user}};
	read_key(&host, host_key);
	read_key(&user, user_key);
	crypt_key_put_public(&host, &host_blob);
	words_add(&p.argv, "/usr/bin/python3", "tests/interop/peers/paramiko_quiz.py", to.host, "0",
	          host_key, peer_text("%s.pub", user_key), NULL);
	process_start(&p);
	process_expect(&p, "listening on ");
	process_expect(&p, "\n");
	to.port = (uint16_t)atoi(strstr(process_out(&p), "listening on ") + 13);
	sock_config_init(&config, false);
	config.user = "robey";
	config.host_key = wire_buf_view(&host_blob);
	config.credentials = all;
	config.credential_count = 3;
	cr_assert_eq(sock_connect(&to, &fd, why), SSH_OK, "%s", why);
	enum ssh_err e = sock_connect_auth(&s, fd, fd, &config, LONG);
	cr_assert_eq(e, SSH_OK, "%s\n%s", sock_why(&s, why), process_err(&p));
	cr_assert_eq(asked, 3);
	sock_disconnect(&s, LONG);
	sock_wipe(&s);
	close(fd);
	process_stop(&p);
	process_wipe(&p);
	wire_buf_wipe(&host_blob);
	crypt_key_wipe(&host);
	crypt_key_wipe(&user);
}
