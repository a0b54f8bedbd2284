/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/interop/middleman.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libchan/sock_net.h"
#include "libwire/num.h"

/* A server that has been silent for so long behind its NEWKEYS has sent what follows it, ms. */
#define SILENCE_MS 300

/* One direction. */
struct flow {
	int from, to;
	struct wire_buf in;
	bool cut;   /* this one is attacked */
	bool ident; /* the line has passed */
	bool keys;  /* NEWKEYS has */
	bool hold;  /* what is under keys stays here */
	size_t packets;
	size_t drop; /* bytes under keys to be taken away */
};

static void put(const struct flow *f, ssh_bytes out)
{
	while (out.len > 0) {
		ssize_t n = send(f->to, out.ptr, out.len, MSG_NOSIGNAL);
		if (n <= 0)
			_exit(0);
		out = wire_bytes_skip(out, (size_t)n);
	}
}

static void pass(struct flow *f, size_t n)
{
	put(f, wire_bytes(wire_buf_view(&f->in).ptr, n));
	wire_buf_drop(&f->in, n);
}

static bool pass_ident(struct flow *f)
{
	ssh_bytes in = wire_buf_view(&f->in);
	const uint8_t *lf = in.len == 0 ? NULL : memchr(in.ptr, '\n', in.len);
	f->ident = lf != NULL;
	if (f->ident)
		pass(f, (size_t)(lf - in.ptr) + 1);
	return f->ident;
}

static bool pass_packet(struct flow *f)
{
	static const uint8_t ignore[] = {0, 0, 0, 12, 6, SSH_MSG_IGNORE, 0, 0, 0, 0, 0,
	                                 0, 0, 0, 0,  0};
	ssh_bytes in = wire_buf_view(&f->in);
	size_t size = in.len < 6 ? 6 : 4 + (size_t)wire_load_u32(in.ptr);
	if (in.len < size)
		return false;
	f->keys = in.ptr[5] == SSH_MSG_NEWKEYS;
	pass(f, size);
	if (f->cut && f->packets++ == 0)
		put(f, wire_bytes(ignore, sizeof ignore));
	return true;
}

static void pass_what_is_there(struct flow *f)
{
	bool moved = f->ident || pass_ident(f);
	while (moved && f->ident && !f->keys)
		moved = pass_packet(f);
	if (!f->keys || f->hold)
		return;
	size_t n = wire_buf_len(&f->in), gone = n < f->drop ? n : f->drop;
	wire_buf_drop(&f->in, gone);
	f->drop -= gone;
	pass(f, n - gone);
}

static void hear(struct flow *f)
{
	uint8_t room[4096];
	ssize_t n = recv(f->from, room, sizeof room, 0);
	if (n <= 0)
		_exit(0);
	wire_put_raw(&f->in, wire_bytes(room, (size_t)n));
	pass_what_is_there(f);
}

/* The client's side waits until the server's EXT_INFO is here, and nothing else can be. */
static void cut_now(struct flow flows[2])
{
	if (!flows[1].hold || !flows[1].keys || wire_buf_len(&flows[1].in) == 0)
		return;
	wire_buf_reset(&flows[1].in);
	flows[0].hold = flows[1].hold = false;
	pass_what_is_there(&flows[0]);
}

static void relay(int client, int server, enum middle what)
{
	struct flow flows[2] = {{.from = client, .to = server}, {.from = server, .to = client}};
	flows[0].cut = what == MIDDLE_TO_SERVER;
	flows[0].drop = what == MIDDLE_TO_SERVER ? MIDDLE_EXT_INFO_SIZE : 0;
	flows[0].hold = flows[1].hold = flows[1].cut = what == MIDDLE_TO_CLIENT;
	for (;;) {
		struct pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
		int n = poll(p, 2, SILENCE_MS);
		for (int i = 0; i < 2 && n > 0; i++)
			if (p[i].revents != 0)
				hear(&flows[i]);
		if (n == 0)
			cut_now(flows);
	}
}

static void work(int listening, const struct peer_server *s, enum middle what)
{
	struct sock_address to = {s->address, (uint16_t)atoi(s->port), PROCESS_PATIENCE};
	char why[SOCK_WHY_SIZE];
	int server = -1;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	int client = accept(listening, NULL, NULL);
	if (client >= 0 && sock_connect(&to, &server, why) == SSH_OK)
		relay(client, server, what);
	_exit(1);
}

void middleman_start(struct middleman *m, const struct peer_server *s, enum middle what)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 1) == 0 &&
	          getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	snprintf(m->port, sizeof m->port, "%u", (unsigned)ntohs(a.sin_port));
	fflush(NULL);
	m->pid = fork();
	cr_assert_geq(m->pid, 0);
	if (m->pid == 0)
		work(fd, s, what);
	close(fd);
}

void middleman_stop(struct middleman *m)
{
	(void)kill(m->pid, SIGKILL);
	(void)waitpid(m->pid, NULL, 0);
	m->pid = 0;
}
