/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libchan/worker.h"
#include "tests/libchan/ends.h"

/* A channel as a socket of the system's, carried by a worker or by calls. */

static struct sock s;
static struct worker w;

static struct sock_channel *start(struct ends *t, const char *command, bool worker)
{
	struct sock_channel *ch;
	ends_init(t);
	ends_begin(t, serve_commands, false);
	log_in(t, &s);
	if (worker)
		cr_assert_eq(worker_start(&w, &s), SSH_OK);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	cr_assert_eq(sock_exec(ch, command), SSH_OK);
	return ch;
}

/* Without a worker calls carry the data: one is made before each read. */
static ssize_t get(int fd, void *buf, size_t n, bool worker)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (!worker && poll(&p, 1, 0) == 0)
		(void)sock_pump(&s, SHORT);
	cr_assert_eq(poll(&p, 1, LONG), 1);
	return read(fd, buf, n);
}

Test(sock_local, both_directions_and_their_ends)
{
	for (int worker = 0; worker < 2; worker++) {
		struct ends t;
		struct sock_channel *ch = start(&t, "cat", worker);
		char buf[64];
		int fd, other;
		size_t n;
		cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
		cr_assert_eq(sock_channel_socket(ch, &other), SSH_ERR_STATE);
		cr_assert_eq(sock_recv(ch, buf, 1, &n), SSH_ERR_STATE);
		cr_assert_eq(sock_send(ch, wire_bytes_str("x"), &n), SSH_ERR_STATE);
		for (int i = 0; i < 10; i++) {
			cr_assert_eq(write(fd, "Hello", 5), 5);
			for (size_t at = 0; at < 5; at += n) {
				n = (size_t)get(fd, buf + at, 5 - at, worker);
				cr_assert(n >= 1 && n <= 5);
			}
			cr_assert(memcmp(buf, "Hello", 5) == 0);
		}
		cr_assert_eq(shutdown(fd, SHUT_WR), 0);
		cr_assert_eq(get(fd, buf, sizeof buf, worker), 0, "cat's end");
		uint32_t status;
		sock_set_timeout(ch, LONG);
		cr_assert_eq(sock_exit_status(ch, &status), SSH_OK);
		sock_close(ch);
		close(fd);
		log_out(&t, &s);
	}
}

/* Nothing is read at first: the window stops the sender; then all of it is there. */
Test(sock_local, slow_reader)
{
	for (int worker = 0; worker < 2; worker++) {
		struct ends t;
		struct sock_channel *ch = start(&t, "flood", worker);
		static char buf[60000];
		int fd;
		size_t total = 0;
		ssize_t n;
		cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
		for (int i = 0; i < 20; i++)
			(void)sock_pump(&s, 10);
		cr_assert_leq(wire_buf_len(&ch->in[0]), CHAN_WINDOW);
		while ((n = get(fd, buf, sizeof buf, worker)) > 0)
			total += (size_t)n;
		cr_assert_eq(total, 5000000);
		sock_close(ch);
		close(fd);
		log_out(&t, &s);
	}
}

/* The program that had the socket has gone: the channel ends, nobody gets a signal. */
Test(sock_local, closed_without_a_word)
{
	for (int worker = 0; worker < 2; worker++) {
		struct ends t;
		struct sock_channel *ch = start(&t, "flood", worker);
		uint32_t status;
		int fd;
		cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
		cr_assert_eq(close(fd), 0);
		sock_set_timeout(ch, LONG);
		cr_assert_eq(sock_exit_status(ch, &status), SSH_OK, "it goes on, to nobody");
		sock_close(ch);
		log_out(&t, &s);
	}
}

/* sock_close ends the socket, too. */
Test(sock_local, channel_is_closed)
{
	struct ends t;
	struct sock_channel *ch = start(&t, "cat", true);
	char c;
	int fd;
	cr_assert_eq(sock_channel_socket(ch, &fd), SSH_OK);
	sock_close(ch);
	cr_assert_eq(get(fd, &c, 1, true), 0);
	close(fd);
	log_out(&t, &s);
}
