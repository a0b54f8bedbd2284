/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tools/sshd_signal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/net.h"

/* A handler has nothing but globals to work with. */
static int ends[2] = {-1, -1};

static void on_signal(int number)
{
	int saved = errno;
	uint8_t byte = (uint8_t)number;
	/* A full pipe is as good as another byte in it. */
	if (write(ends[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

int sshd_signals_start(void)
{
	static const int caught[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
	struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (pipe(ends) != 0) {
		ends[0] = ends[1] = -1;
		return -1;
	}
	for (int i = 0; i < 2; i++) {
		net_nonblocking(ends[i]);
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	}
	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
		(void)sigaction(caught[i], &a, NULL);
	a.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &a, NULL);
	return ends[0];
}

int sshd_signals_next(int fd)
{
	uint8_t byte;
	return read(fd, &byte, 1) == 1 ? byte : 0;
}

pid_t sshd_signals_reap(int *status)
{
	pid_t pid = waitpid(-1, status, WNOHANG);
	return pid < 0 ? 0 : pid;
}
