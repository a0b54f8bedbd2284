/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/worker.h"

/*
 * Two ends in one process, each with a worker, and many threads on many channels: for
 * ThreadSanitizer. Every byte is checked; whoever misses a wake-up runs into the time limit.
 *
 *   stress [ROUNDS]
 */

#define WAIT_MS  60000
#define CHANNELS 8
#define BYTES    200000

static struct sock client, server;
static struct worker client_worker, server_worker;
static struct crypt_key host_key;
static atomic_int failures;

static void check(bool ok, int line, enum ssh_err e)
{
	if (ok)
		return;
	fprintf(stderr, "stress: line %d: %s\n", line, ssh_err_name(e));
	failures++;
}
#define CHECK(x, e) check((x), __LINE__, (e))

static enum auth_verdict anybody(void *ctx, ssh_bytes user)
{
	(void)ctx;
	(void)user;
	return AUTH_ACCEPT;
}

/* --- The server: echoes each channel in a thread of its own --- */

static void *echo(void *arg)
{
	struct sock_channel *ch = arg;
	char buf[5000];
	size_t n;
	enum ssh_err e = SSH_OK;
	while (e == 0 && (e = sock_recv(ch, buf, sizeof buf, &n)) == 0 && n != 0)
		e = sock_send_all(ch, wire_bytes(buf, n), NULL);
	CHECK(e == 0, e);
	(void)sock_send_exit(ch, 7);
	(void)sock_eof(ch);
	sock_close(ch);
	return NULL;
}

static void *serve(void *arg)
{
	pthread_t threads[CHANNELS];
	int *rounds = arg;
	struct sock_channel *ch;
	enum ssh_err e;
	for (int r = 0; r < *rounds; r++) {
		int n = 0;
		for (; n < CHANNELS && (e = sock_accept(&server, &ch, WAIT_MS)) == 0; n++) {
			sock_set_timeout(ch, WAIT_MS);
			CHECK(pthread_create(&threads[n], NULL, echo, ch) == 0, 0);
		}
		CHECK(n == CHANNELS, e);
		for (int i = 0; i < n; i++)
			(void)pthread_join(threads[i], NULL);
	}
	/* Blocked when the connection ends: it comes back with an error. */
	e = sock_accept(&server, &ch, WAIT_MS);
	CHECK(e == SSH_ERR_DISCONNECTED || e == SSH_ERR_CONNECTION_LOST, e);
	return NULL;
}

/* --- The client: a thread that writes and one that reads, for each channel --- */

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 31 + (i >> 8));
}

static void *write_all(void *arg)
{
	struct sock_channel *ch = arg;
	uint8_t buf[7001];
	size_t sent = 0;
	while (sent < BYTES) {
		size_t n = BYTES - sent < sizeof buf ? BYTES - sent : sizeof buf;
		for (size_t i = 0; i < n; i++)
			buf[i] = pattern(sent + i);
		enum ssh_err e = sock_send_all(ch, wire_bytes(buf, n), NULL);
		CHECK(e == 0, e);
		if (e != 0)
			break;
		sent += n;
	}
	CHECK(sock_eof(ch) == 0, 0);
	return NULL;
}

static void *read_all(void *arg)
{
	struct sock_channel *ch = arg;
	uint8_t buf[3001];
	size_t got = 0, n = 1;
	uint32_t status = 0;
	enum ssh_err e = SSH_OK;
	while (e == 0 && n != 0) {
		e = sock_recv(ch, buf, sizeof buf, &n);
		for (size_t i = 0; e == 0 && i < n; i++)
			if (buf[i] != pattern(got + i))
				e = SSH_ERR_MALFORMED;
		got += n;
	}
	CHECK(e == 0 && got == BYTES, e);
	e = sock_exit_status(ch, &status);
	CHECK(e == 0 && status == 7, e);
	return NULL;
}

/* The same by plain read and write. */
static void *write_plainly(void *arg)
{
	int fd = *(int *)arg;
	uint8_t buf[7001];
	size_t sent = 0;
	while (sent < BYTES) {
		size_t n = BYTES - sent < sizeof buf ? BYTES - sent : sizeof buf;
		for (size_t i = 0; i < n; i++)
			buf[i] = pattern(sent + i);
		CHECK(write(fd, buf, n) == (ssize_t)n, 0);
		sent += n;
	}
	CHECK(shutdown(fd, SHUT_WR) == 0, 0);
	return NULL;
}

static void use_socket(struct sock_channel *ch)
{
	int fd = -1;
	uint8_t buf[3001];
	ssize_t n = 1;
	size_t got = 0, wrong = 0;
	pthread_t writer;
	enum ssh_err e = sock_channel_socket(ch, &fd);
	CHECK(e == 0, e);
	CHECK(pthread_create(&writer, NULL, write_plainly, &fd) == 0, 0);
	while (n > 0) {
		n = read(fd, buf, sizeof buf);
		for (size_t i = 0; n > 0 && i < (size_t)n; i++)
			wrong += buf[i] != pattern(got + i);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK(got == BYTES && wrong == 0, 0);
	(void)pthread_join(writer, NULL);
	close(fd);
}

/* Somebody who asks all the time. */
static atomic_bool curious;
static void *ask(void *arg)
{
	char why[SOCK_WHY_SIZE], fingerprint[CRYPT_FINGERPRINT_SIZE];
	struct timespec pause = {.tv_nsec = 200000};
	int fd;
	(void)arg;
	CHECK(sock_done_fileno(&client, &fd) == 0, 0);
	while (curious) {
		CHECK(sock_active(&client) && sock_authenticated(&client), 0);
		CHECK(strcmp(sock_why(&client, why), "authenticated as anybody") == 0, 0);
		CHECK(sock_host_key_fingerprint(&client, fingerprint), 0);
		CHECK(wire_bytes_is(sock_user(&client), "anybody"), 0);
		sock_set_rekey(&client, 500000 + sock_exchanges(&client), 0, 0);
		(void)sock_time_left(&client);
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

static void *use(void *arg)
{
	struct sock_channel *ch;
	pthread_t writer, reader;
	int fd;
	enum ssh_err e = sock_open_session(&client, &ch, WAIT_MS);
	CHECK(e == 0, e);
	if (e != 0)
		return NULL;
	e = sock_exec(ch, "echo");
	CHECK(e == 0, e);
	if (*(int *)arg == 0) {
		use_socket(ch);
		sock_close(ch);
		return NULL;
	}
	e = sock_fileno(ch, &fd);
	CHECK(e == 0, e);
	CHECK(pthread_create(&writer, NULL, write_all, ch) == 0, 0);
	CHECK(pthread_create(&reader, NULL, read_all, ch) == 0, 0);
	(void)sock_readable(ch, false);
	(void)sock_rekey(&client);
	(void)pthread_join(writer, NULL);
	(void)pthread_join(reader, NULL);
	sock_close(ch);
	return NULL;
}

/* --- Ends in the middle of things --- */

static void *wait_in_vain(void *arg)
{
	char c;
	size_t n;
	enum ssh_err e = sock_recv(arg, &c, 1, &n);
	CHECK(e != 0 && e != SSH_ERR_TIMEOUT, e);
	sock_close(arg);
	return NULL;
}

static void *open_in_vain(void *arg)
{
	struct sock_channel *ch;
	(void)arg;
	while (sock_open_session(&client, &ch, WAIT_MS) == 0)
		sock_close(ch);
	return NULL;
}

/* A channel is closed, then the connection, each under somebody who waits. */
static void close_under_them(void)
{
	pthread_t threads[4];
	struct sock_channel *ch[3];
	struct timespec pause = {.tv_nsec = 20000000};
	for (int i = 0; i < 3; i++) {
		enum ssh_err e = sock_open_session(&client, &ch[i], WAIT_MS);
		CHECK(e == 0, e);
		if (e != 0)
			return;
		sock_hold(ch[i]);
		CHECK(pthread_create(&threads[i], NULL, wait_in_vain, ch[i]) == 0, 0);
	}
	CHECK(pthread_create(&threads[3], NULL, open_in_vain, NULL) == 0, 0);
	(void)nanosleep(&pause, NULL);
	sock_close(ch[0]);
	(void)nanosleep(&pause, NULL);
	sock_disconnect(&client, WAIT_MS);
	sock_close(ch[1]);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	sock_close(ch[2]);
}

static bool start(int fd[2], pthread_t *serving, int *rounds)
{
	static const struct crypt_key *keys[] = {&host_key, NULL};
	struct sock_config config;
	enum ssh_err e;
	sock_config_init(&config, true);
	config.kex.host_keys = keys;
	config.policy.none = anybody;
	config.policy.requests = SOCK_GRANT(EXEC);
	config.kex.rekey_bytes = 1000000;
	(void)sock_start_server(&server, fd[1], fd[1], &config, 0);
	CHECK(worker_start(&server_worker, &server) == 0, 0);
	CHECK(pthread_create(serving, NULL, serve, rounds) == 0, 0);
	sock_config_init(&config, false);
	config.user = "anybody";
	(void)sock_start_client(&client, fd[0], fd[0], &config, 0);
	CHECK(worker_start(&client_worker, &client) == 0, 0);
	e = sock_finish_start(&client, WAIT_MS);
	CHECK(e == 0, e);
	if ((e = sock_accept_host_key(&client, true, WAIT_MS)) == 0)
		e = sock_auth_none(&client, WAIT_MS);
	CHECK(e == 0, e);
	return e == 0;
}

int main(int argc, char **argv)
{
	int fd[2], rounds = argc > 1 ? atoi(argv[1]) : 1;
	struct crypt_rng rng = crypt_rng_system();
	pthread_t threads[CHANNELS], serving, asking;
	static int numbers[CHANNELS];
	if (crypt_key_generate(&host_key, &crypt_key_ed25519, 0, &rng) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return 1;
	for (int i = 0; i < CHANNELS; i++)
		numbers[i] = i;
	if (start(fd, &serving, &rounds)) {
		curious = true;
		CHECK(pthread_create(&asking, NULL, ask, NULL) == 0, 0);
		for (int r = 0; r < rounds; r++) {
			for (int i = 0; i < CHANNELS; i++)
				CHECK(pthread_create(&threads[i], NULL, use, &numbers[i]) == 0, 0);
			for (int i = 0; i < CHANNELS; i++)
				(void)pthread_join(threads[i], NULL);
		}
		curious = false;
		(void)pthread_join(asking, NULL);
		close_under_them();
	}
	(void)pthread_join(serving, NULL);
	sock_wipe(&client);
	sock_wipe(&server);
	crypt_key_wipe(&host_key);
	close(fd[0]);
	close(fd[1]);
	if (failures == 0)
		printf("stress: %d threads on %d channels, %d rounds: ok\n", 2 * CHANNELS, CHANNELS,
		       rounds);
	return failures != 0;
}
