/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>

#include "tests/libchan/ends.h"

/* Poll and pump, for programs with a loop of their own, and systems without epoll or kqueue. */

static struct sock s;

/* A turn as the pages describe it. */
static void turn(void)
{
	struct pollfd p = {.fd = sock_descriptor(&s), .events = POLLIN};
	if (sock_wants_out(&s))
		p.events |= POLLOUT;
	int left = sock_time_left(&s);
	cr_assert_geq(poll(&p, 1, left < 0 || left > LONG ? LONG : left), 0);
	enum ssh_err e = sock_pump(&s, 0);
	cr_assert(e == SSH_OK || e == SSH_ERR_TIMEOUT, "%s", ssh_err_name(e));
}

Test(sock_by_hand, a_session)
{
	struct ends t;
	struct sock_channel *ch;
	struct chan_open session = {.type = "session"};
	static char buf[50000];
	size_t n = 1, total = 0;
	enum ssh_err e;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	t.client.kex.rekey_ms = 20;
	e = sock_start_client(&s, t.fd[0], t.fd[1], &t.client, 0);
	for (; e == SSH_ERR_TIMEOUT; e = sock_finish_start(&s, 0))
		turn();
	cr_assert_eq(e, SSH_OK);
	for (e = sock_auth_password(&s, wire_bytes_str("foo"), 0); e == SSH_ERR_TIMEOUT;
	     e = sock_finish_auth(&s, 0))
		turn();
	cr_assert_eq(e, SSH_OK);
	cr_assert_eq(sock_begin_open(&s, &ch, &session), SSH_OK);
	while ((e = sock_finish_open(ch, 0)) == SSH_ERR_TIMEOUT)
		turn();
	cr_assert_eq(e, SSH_OK);
	sock_set_timeout(ch, 0);
	for (e = sock_exec(ch, "flood"); e == SSH_ERR_TIMEOUT; e = sock_finish_request(ch, 0))
		turn();
	cr_assert_eq(e, SSH_OK);
	while (n > 0) {
		e = sock_recv(ch, buf, sizeof buf, &n);
		if (e == SSH_ERR_TIMEOUT) {
			turn();
			n = 1;
			continue;
		}
		cr_assert_eq(e, SSH_OK, "%s", ssh_err_name(e));
		total += n;
	}
	cr_assert_eq(total, 5000000);
	/* The time of the next exchange is told, and it comes by that alone. */
	uint32_t exchanges = sock_exchanges(&s);
	while (sock_exchanges(&s) < exchanges + 2)
		turn();
	sock_close(ch);
	log_out(&t, &s);
}

/* Not supported, or a descriptor; but never half of it. */
Test(sock_by_hand, no_descriptor_where_there_is_none)
{
	struct ends t;
	struct sock_channel *ch;
	int fd = -1;
	ends_init(&t);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_open_session(&s, &ch, LONG), SSH_OK);
	enum ssh_err e = sock_fileno(ch, &fd);
	cr_assert_eq(e == SSH_OK, fd >= 0);
	cr_assert(e == SSH_OK || e == SSH_ERR_UNSUPPORTED, "%s", ssh_err_name(e));
	cr_assert_eq(s.watched, e == SSH_OK);
	cr_assert_eq(sock_exec(ch, "cat"), SSH_OK);
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	expect(ch, "Hello");
	sock_close(ch);
	log_out(&t, &s);
}
