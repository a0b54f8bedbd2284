/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tools/sshd_child.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/net.h"
#include "tools/sshd_file.h"

/* What log-in programs set before a shell reads its own. */
#define PATH_USER "/usr/local/bin:/usr/bin:/bin:/usr/games"
#define PATH_ROOT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* Room in a pipe: fewer, larger reads. The most that Linux gives without asking. */
#define PIPE_SIZE (1 << 20)

extern char **environ;

/* --- Terminals --- */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool sshd_pty_open(struct sshd_pty *p, const struct ssh_request_pty *request)
{
	const char *name;
	const struct ssh_request_window_change size = {request->cols, request->rows, request->width,
	                                               request->height};
	*p = (struct sshd_pty){.master = posix_openpt(O_RDWR | O_NOCTTY), .slave = -1};
	if (p->master < 0 || grantpt(p->master) != 0 || unlockpt(p->master) != 0 ||
	    (name = ptsname(p->master)) == NULL ||
	    (p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
		sshd_pty_close(p);
		return false;
	}
	snprintf(p->name, sizeof p->name, "%s", name);
	(void)fcntl(p->master, F_SETFD, FD_CLOEXEC);
	net_nonblocking(p->master);
	sshd_pty_resize(p, &size);
	sshd_modes_apply(p->slave, request->modes);
	return true;
}

void sshd_pty_close(struct sshd_pty *p)
{
	close_fd(&p->master);
	close_fd(&p->slave);
}

void sshd_pty_resize(const struct sshd_pty *p, const struct ssh_request_window_change *size)
{
	struct winsize w = {.ws_col = (unsigned short)size->cols,
	                    .ws_row = (unsigned short)size->rows,
	                    .ws_xpixel = (unsigned short)size->width,
	                    .ws_ypixel = (unsigned short)size->height};
	if (p->master >= 0)
		(void)ioctl(p->master, TIOCSWINSZ, &w);
}

/* --- The child's side of fork --- */

/* The peer's variables first: what the server says of itself stands above them. */
static void set_environment(const struct sshd_program *p, const struct passwd *pw,
                            const struct sshd_pty *pty)
{
	static char *none[] = {NULL};
	const char *zone = getenv("TZ");
	char home[4096], text[512];
	snprintf(home, sizeof home, "%s", sshd_home());
	environ = none;
	for (ssh_bytes e = p->env; e.len != 0;) {
		const char *pair = (const char *)e.ptr;
		(void)putenv(strdup(pair)); /* for good: exec follows. NOLINT */
		e = wire_bytes_skip(e, strlen(pair) + 1);
	}
	setenv("USER", pw->pw_name, 1);
	setenv("LOGNAME", pw->pw_name, 1);
	setenv("HOME", home, 1);
	setenv("SHELL", pw->pw_shell, 1);
	setenv("PATH", pw->pw_uid == 0 ? PATH_ROOT : PATH_USER, 1);
	if (zone != NULL)
		setenv("TZ", zone, 1);
	snprintf(text, sizeof text, "%s %s %s", p->peer->address, p->peer->port,
	         p->peer->local_port);
	setenv("SSH_CLIENT", text, 1);
	snprintf(text, sizeof text, "%s %s %s %s", p->peer->address, p->peer->port,
	         p->peer->local_address, p->peer->local_port);
	setenv("SSH_CONNECTION", text, 1);
	if (pty->master >= 0)
		setenv("SSH_TTY", pty->name, 1);
	if (p->term != NULL)
		setenv("TERM", p->term, 1);
	if (p->original != NULL)
		setenv("SSH_ORIGINAL_COMMAND", p->original, 1);
}

static void reset_signals(void)
{
	sigset_t none;
	for (int s = 1; s < NSIG; s++)
		if (s != SIGKILL && s != SIGSTOP)
			(void)signal(s, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void run(const struct sshd_program *p, const struct passwd *pw)
{
	const char *shell = pw->pw_shell;
	const char *slash = strrchr(shell, '/');
	const char *name = slash == NULL ? shell : slash + 1;
	char login[256];
	snprintf(login, sizeof login, "-%s", name);
	if (p->command == NULL)
		execl(shell, login, (char *)NULL);
	else
		execl(shell, name, "-c", p->command, (char *)NULL);
	dprintf(STDERR_FILENO, "%s: %s\n", shell, strerror(errno));
	_exit(127);
}

_Noreturn static void be_child(const struct sshd_program *p, const int fds[3],
                               const struct sshd_pty *pty)
{
	struct passwd *pw = getpwuid(getuid());
	reset_signals();
	setsid();
	if (pty->slave >= 0)
		(void)ioctl(pty->slave, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(126);
	/* Whatever we ourselves have inherited is none of its business. */
	closefrom(STDERR_FILENO + 1);
	if (pw == NULL) {
		dprintf(STDERR_FILENO, "nacre-sshd: no such user\n");
		_exit(126);
	}
	if (pw->pw_shell == NULL || pw->pw_shell[0] == '\0')
		pw->pw_shell = "/bin/sh";
	set_environment(p, pw, pty);
	if (chdir(sshd_home()) != 0)
		dprintf(STDERR_FILENO, "%s: %s\n", sshd_home(), strerror(errno));
	run(p, pw);
}

/* --- Ours --- */

/* Six descriptors: [0] to read from, [1] to write to, for each of the child's three. */
static bool make_pipes(int pipes[3][2])
{
	for (int i = 0; i < 3; i++) {
		int ours = i == 0 ? 1 : 0;
		/* Above 2: the child's dup2 must not run over them. */
		if (pipe(pipes[i]) != 0)
			return false;
		for (int end = 0; end < 2; end++)
			(void)fcntl(pipes[i][end], F_SETFD, FD_CLOEXEC);
		net_nonblocking(pipes[i][ours]);
#ifdef F_SETPIPE_SZ
		(void)fcntl(pipes[i][ours], F_SETPIPE_SZ, PIPE_SIZE);
#endif
	}
	return true;
}

static bool start_on_pipes(struct sshd_child *c, const struct sshd_program *p,
                           const struct sshd_pty *pty)
{
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	bool made = make_pipes(pipes);
	c->pid = made ? fork() : -1;
	if (c->pid == 0)
		be_child(p, (int[]){pipes[0][0], pipes[1][1], pipes[2][1]}, pty);
	int e = errno;
	close_fd(&pipes[0][0]);
	close_fd(&pipes[1][1]);
	close_fd(&pipes[2][1]);
	if (c->pid < 0) {
		close_fd(&pipes[0][1]);
		close_fd(&pipes[1][0]);
		close_fd(&pipes[2][0]);
		errno = e;
		return false;
	}
	c->in = pipes[0][1];
	c->out = pipes[1][0];
	c->err = pipes[2][0];
	return true;
}

static bool start_on_terminal(struct sshd_child *c, const struct sshd_program *p,
                              struct sshd_pty *pty)
{
	c->pid = fork();
	if (c->pid == 0)
		be_child(p, (int[]){pty->slave, pty->slave, pty->slave}, pty);
	if (c->pid < 0)
		return false;
	/* With our copy open, the end of the program would not show. */
	close_fd(&pty->slave);
	c->in = c->out = pty->master;
	c->err = -1;
	return true;
}

bool sshd_child_start(struct sshd_child *c, const struct sshd_program *p, struct sshd_pty *pty)
{
	*c = (struct sshd_child){.pid = -1, .in = -1, .out = -1, .err = -1};
	return pty->master >= 0 ? start_on_terminal(c, p, pty) : start_on_pipes(c, p, pty);
}
