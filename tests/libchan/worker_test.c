/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libchan/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/libchan/ends.h"

/* Many threads on many channels are tests/tsan/stress.c's; here is what one can see. */

static struct sock s;
static struct worker w;

static void log_in_with_worker(struct ends *t)
{
	log_in(t, &s);
	cr_assert_eq(worker_start(&w, &s), SSH_OK);
	cr_assert_eq(worker_start(&w, &s), SSH_ERR_STATE, "it has one");
}

static bool polls(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, timeout_ms) == 1;
}

Test(worker, start_that_returns_at_once)
{
	struct ends t;
	int fd;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	enum ssh_err e = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, 0);
	cr_assert_eq(e, SSH_ERR_TIMEOUT);
	cr_assert_eq(worker_start(&w, &s), SSH_OK);
	cr_assert_eq(sock_done_fileno(&s, &fd), SSH_OK);
	cr_assert(polls(fd, LONG), "the start is complete");
	cr_assert(sock_started(&s) && sock_active(&s));
	cr_assert_eq(sock_finish_start(&s, 0), SSH_OK);
	cr_assert(!polls(fd, 0), "its outcome was collected");
	e = sock_auth_password(&s, wire_bytes_str("bar"), 0);
	cr_assert_eq(e, SSH_ERR_TIMEOUT, "%s", ssh_err_name(e));
	cr_assert(polls(fd, LONG), "the refusal is there");
	cr_assert_eq(sock_finish_auth(&s, 0), SSH_ERR_AUTH_FAILED);
	cr_assert_eq(sock_finish_auth(&s, 0), SSH_ERR_STATE, "collected once");
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("foo"), LONG), SSH_OK);
	cr_assert(!polls(fd, 0));
	log_out(&t, &s);
}

Test(worker, descriptor_is_in_step)
{
	struct ends t;
	struct sock_channel *ch;
	int fd, err_fd;
	char buf[8];
	size_t n;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_fileno(ch, &fd), SSH_OK);
	cr_assert_eq(sock_fileno_err(ch, &err_fd), SSH_OK);
	cr_assert(!polls(fd, SHORT) && !polls(err_fd, 0));
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("0123456789"), NULL), SSH_OK);
	cr_assert(polls(fd, LONG) && !polls(err_fd, 0), "and nobody has called");
	cr_assert_eq(sock_recv(ch, buf, 8, &n), SSH_OK);
	cr_assert(n == 8 && polls(fd, 0), "two are left: level-triggered");
	cr_assert_eq(sock_recv(ch, buf, 8, &n), SSH_OK);
	cr_assert(n == 2 && !polls(fd, 0));
	cr_assert_eq(sock_rekey(&s), SSH_OK);
	cr_assert(!polls(fd, SHORT), "traffic that is not the channel's");
	while (sock_exchanges(&s) < 2)
		cr_assert(sock_active(&s));
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert(polls(fd, LONG) && polls(err_fd, LONG), "the end is an event, too");
	expect_end(ch);
	cr_assert(polls(fd, 0), "and stays one");
	sock_close(ch);
	log_out(&t, &s);
}

static void *take(void *ch)
{
	char c;
	size_t n;
	enum ssh_err e = sock_recv(ch, &c, 1, &n);
	sock_close(ch);
	return (void *)(uintptr_t)e;
}

static void *take_session(void *arg)
{
	struct sock_channel *ch;
	(void)arg;
	return (void *)(uintptr_t)sock_accept(&s, &ch, LONG);
}

static enum ssh_err joined(pthread_t t)
{
	void *e;
	cr_assert_eq(pthread_join(t, &e), 0);
	return (enum ssh_err)(uintptr_t)e;
}

Test(worker, closed_under_those_who_wait)
{
	struct ends t;
	pthread_t a, b;
	struct sock_channel *ch[2];
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(sock_open_session(&s, &ch[i], LONG), SSH_OK);
		sock_hold(ch[i]);
	}
	cr_assert_eq(pthread_create(&a, NULL, take, ch[0]), 0);
	cr_assert_eq(pthread_create(&b, NULL, take, ch[1]), 0);
	cr_assert_eq(poll(NULL, 0, SHORT), 0);
	sock_close(ch[0]);
	cr_assert_eq(joined(a), SSH_ERR_CHANNEL_CLOSED);
	sock_disconnect(&s, LONG);
	cr_assert_eq(joined(b), SSH_ERR_CHANNEL_CLOSED);
	sock_close(ch[1]);
	log_out(&t, &s);
}

/* The other end is killed: whoever waits for it hears so. */
Test(worker, connection_lost_under_those_who_wait)
{
	struct ends t;
	pthread_t a;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(pthread_create(&a, NULL, take, ch), 0);
	cr_assert_eq(poll(NULL, 0, SHORT), 0);
	cr_assert_eq(kill(t.child, SIGKILL), 0);
	cr_assert_eq(joined(a), SSH_ERR_CONNECTION_LOST);
	cr_assert(!sock_active(&s));
	sock_wipe(&s);
	close(t.fd[0]);
	cr_assert_eq(waitpid(t.child, NULL, 0), t.child);
	ends_forget(&t);
}

Test(worker, wiped_under_those_who_wait)
{
	struct ends t;
	pthread_t a;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	(void)ch;
	cr_assert_eq(pthread_create(&a, NULL, take_session, NULL), 0);
	cr_assert_eq(joined(a), SSH_ERR_STATE, "this is no server");
	sock_wipe(&s);
	worker_stop(&w);
	worker_stop(&w);
	ends_end(&t);
}

Test(worker, stop_and_go_on_alone)
{
	struct ends t;
	struct sock_channel *ch;
	int fd;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_fileno(ch, &fd), SSH_OK);
	for (int i = 0; i < 3; i++) {
		worker_stop(&w);
		if (i == 0)
			cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("alone"), NULL), SSH_OK);
		cr_assert(polls(fd, LONG));
		expect(ch, "alone");
		cr_assert_eq(worker_start(&w, &s), SSH_OK);
		cr_assert(!polls(fd, SHORT));
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("not alone"), NULL), SSH_OK);
		cr_assert(polls(fd, LONG));
		expect(ch, "not alone");
	}
	sock_close(ch);
	log_out(&t, &s);
}

/* Nobody stops it, nobody wipes anything. */
Test(worker, forgotten_worker_holds_up_no_exit, .timeout = 30)
{
	struct ends t;
	int status;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct sock_channel *ch;
		log_in_with_worker(&t);
		CHECK(sock_open_session(&s, &ch, LONG) == 0);
		exit(33); /* with all that is registered to run then */
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 33, "%#x", status);
	ends_end(&t);
}

/* A reader that goes away: with a worker there is no signal, whatever the program does. */
Test(worker, pipe_without_reader)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, true);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(kill(t.child, SIGKILL), 0);
	cr_assert_eq(waitpid(t.child, NULL, 0), t.child);
	enum ssh_err e = sock_send_all(ch, wire_bytes_str("hello?"), NULL);
	for (int i = 0; i < 100 && e == SSH_OK; i++)
		e = sock_send_all(ch, wire_bytes_str("hello?"), NULL);
	cr_assert(e == SSH_ERR_CONNECTION_LOST || e == SSH_ERR_CHANNEL_CLOSED, "%s",
	          ssh_err_name(e));
	sock_wipe(&s);
	close(t.fd[0]);
	close(t.fd[1]);
	ends_forget(&t);
}

/* By packets, then by time; the limits change on a live connection, and nobody calls for it. */
Test(worker, rekeys_by_limits_that_change)
{
	struct ends t;
	struct sock_channel *ch;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in_with_worker(&t);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_exchanges(&s), 1);
	sock_set_rekey(&s, 0, 20, 0);
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(sock_send_all(ch, wire_bytes_str("x"), NULL), SSH_OK);
		expect(ch, "x");
	}
	uint32_t by_packets = sock_exchanges(&s);
	cr_assert(by_packets >= 4 && by_packets <= 12, "%u", by_packets);
	sock_set_rekey(&s, 0, 0, 50);
	uint32_t n = sock_exchanges(&s);
	for (int i = 0; i < 600 && n < by_packets + 3; i++) {
		(void)poll(NULL, 0, 50);
		n = sock_exchanges(&s);
	}
	cr_assert_geq(n, by_packets + 3, "by time");
	sock_set_rekey(&s, 0, 0, 0);
	(void)poll(NULL, 0, 100); /* what is under way ends */
	n = sock_exchanges(&s);
	(void)poll(NULL, 0, 200);
	cr_assert_eq(sock_exchanges(&s), n, "never");
	sock_close(ch);
	log_out(&t, &s);
}
