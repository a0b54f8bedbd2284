/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/net.h"
#include "tools/sshd_keys.h"
#include "tools/sshd_serve.h"
#include "tools/sshd_signal.h"

/* An SSH server for the user who starts it: each connection is a process of its own. */

/* Sockets to listen on: several ports, each with its addresses. */
#define SOCKETS_MAX (NET_LISTEN_MAX * 4)

struct listener {
	const struct sshd_options *options;
	int sockets[SOCKETS_MAX];
	size_t count;
	int signals;
	int *startups; /* one for each connection that has not logged in: ends when it has */
	size_t pending;
	struct pollfd *polls;
	bool stopping;
};

static bool listen_on(struct listener *l, const char *address, const char *port)
{
	int fds[NET_LISTEN_MAX];
	const char *why = "";
	int n = net_listen(address, port, fds, &why);
	for (int i = 0; i < n && l->count < SOCKETS_MAX; i++) {
		struct sshd_peer p;
		l->sockets[l->count++] = fds[i];
		net_nonblocking(fds[i]);
		sshd_peer_of(&p, fds[i]);
		sshd_log(l->options->level, SSHD_INFO, "Server listening on %s port %s.",
		         p.local_address, p.local_port);
	}
	if (n == 0)
		sshd_log(l->options->level, SSHD_ERROR, "Cannot listen on %s port %s: %s",
		         address == NULL ? "any address" : address, port, why);
	return n > 0;
}

static bool listen_everywhere(struct listener *l)
{
	const struct sshd_options *o = l->options;
	bool any = false;
	for (size_t p = 0; o->ports[p] != NULL; p++) {
		if (o->addresses[0] == NULL)
			any = listen_on(l, NULL, o->ports[p]) || any;
		for (size_t a = 0; o->addresses[a] != NULL; a++)
			any = listen_on(l, o->addresses[a], o->ports[p]) || any;
	}
	return any;
}

static void close_all(struct listener *l)
{
	for (size_t i = 0; i < l->count; i++)
		close(l->sockets[i]);
	for (size_t i = 0; i < l->pending; i++)
		close(l->startups[i]);
	l->count = l->pending = 0;
}

static void refuse(const struct listener *l, int fd)
{
	static const char words[] = "Exceeded MaxStartups\r\n";
	struct sshd_peer p;
	sshd_peer_of(&p, fd);
	sshd_log(l->options->level, SSHD_INFO, "drop connection from %s port %s past MaxStartups",
	         p.address, p.port);
	if (write(fd, words, sizeof words - 1) < 0)
		errno = 0;
}

/* Both processes come back from here; the child with its work done, and its exit status in *status. */
static bool fork_server(struct listener *l, int fd, int *status)
{
	int ends[2];
	if (pipe(ends) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close_all(l);
		close(ends[0]);
		(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
		*status = sshd_serve(l->options, fd, fd, ends[1]);
		return true;
	}
	close(ends[1]);
	if (pid < 0) {
		sshd_log(l->options->level, SSHD_ERROR, "Cannot fork: %s", strerror(errno));
		close(ends[0]);
		return false;
	}
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	l->startups[l->pending++] = ends[0];
	return false;
}

/* Returns whether this process has nothing more to do. */
static bool take(struct listener *l, int socket, int *status)
{
	int on = 1;
	bool done = false;
	int fd = accept(socket, NULL, NULL);
	if (fd < 0)
		return false;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (l->options->debug) {
		close_all(l);
		*status = sshd_serve(l->options, fd, fd, -1);
		done = true;
	} else if (l->pending >= l->options->max_startups) {
		refuse(l, fd);
	} else {
		done = fork_server(l, fd, status);
	}
	close(fd);
	return done;
}

static void hear_signals(struct listener *l)
{
	int number, status;
	while ((number = sshd_signals_next(l->signals)) != 0)
		if (number != SIGCHLD) {
			sshd_log(l->options->level, SSHD_INFO, "Received signal %d; terminating.",
			         number);
			l->stopping = true;
		}
	while (sshd_signals_reap(&status) != 0)
		continue;
}

/* From the last to the first, so that what takes the place of one that goes was looked at already. */
static void count_startups(struct listener *l, const struct pollfd *polls)
{
	for (size_t i = l->pending; i-- > 0;) {
		if (polls[i].revents == 0)
			continue;
		close(l->startups[i]);
		l->startups[i] = l->startups[--l->pending];
	}
}

static int accept_loop(struct listener *l)
{
	int status = 0;
	while (!l->stopping) {
		size_t n = 0;
		l->polls[n++] = (struct pollfd){.fd = l->signals, .events = POLLIN};
		for (size_t i = 0; i < l->count; i++)
			l->polls[n++] = (struct pollfd){.fd = l->sockets[i], .events = POLLIN};
		for (size_t i = 0; i < l->pending; i++)
			l->polls[n++] = (struct pollfd){.fd = l->startups[i], .events = POLLIN};
		if (poll(l->polls, n, -1) < 0)
			continue;
		if (l->polls[0].revents != 0)
			hear_signals(l);
		count_startups(l, l->polls + 1 + l->count);
		/* The arrays are freed by listen_and_serve, which the analyzer loses: NOLINTNEXTLINE */
		for (size_t i = 0; i < l->count && !l->stopping; i++)
			if (l->polls[1 + i].revents != 0 && take(l, l->sockets[i], &status))
				return status;
	}
	return status;
}

static int listen_and_serve(const struct sshd_options *o)
{
	struct listener l = {.options = o, .signals = sshd_signals_start()};
	int status = 255;
	l.startups = calloc(o->max_startups, sizeof *l.startups);
	l.polls = calloc(1 + SOCKETS_MAX + o->max_startups, sizeof *l.polls);
	if (l.signals >= 0 && l.startups != NULL && l.polls != NULL && listen_everywhere(&l))
		status = accept_loop(&l);
	close_all(&l);
	free(l.startups);
	free(l.polls);
	return status;
}

/* Pipes and sockets must not take the places of standard input, output and error. */
static void open_standard(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static bool open_tracer(struct sshd_options *o)
{
	int stderr_fd; /* nothing goes there but the log */
	o->tracer.verbose = (int)o->level - SSHD_DEBUG;
	const char *bad = tracer_open(&o->tracer, &o->kex, &stderr_fd);
	if (bad != NULL)
		fprintf(stderr, "nacre-sshd: %s: %s\n", bad, strerror(errno));
	return bad == NULL;
}

static int start(struct sshd_options *o)
{
	struct sshd_keys keys = {0};
	int status = 0;
	if (!open_tracer(o) || !sshd_keys_load(&keys, o)) {
		sshd_keys_wipe(&keys);
		return 1;
	}
	o->kex.host_keys = keys.list;
	if (!o->test)
		status =
		    o->inetd ? sshd_serve(o, STDIN_FILENO, STDOUT_FILENO, -1) : listen_and_serve(o);
	o->kex.host_keys = NULL;
	sshd_keys_wipe(&keys);
	return status;
}

int main(int argc, char **argv)
{
	struct sshd_options o;
	open_standard();
	int status = sshd_options_parse(&o, argc, argv);
	status = status == 0 ? start(&o) : status - 1;
	sshd_options_wipe(&o);
	return status;
}
