/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/support/process.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/pattern.h"

/* Bytes moved at a time. */
#define CHUNK      65536
/* Output that is kept; a program that says more is out of its mind. */
#define OUTPUT_MAX ((size_t)64 << 20)

enum { IN, OUT, ERR };

uint64_t process_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void words_add(struct words *w, ...)
{
	va_list args;
	const char *word;
	va_start(args, w);
	while ((word = va_arg(args, const char *)) != NULL) {
		cr_assert(w->n < WORDS_MAX, "too many words for one command");
		w->word[w->n++] = word;
	}
	va_end(args);
}

/* --- Starting --- */

static void make_terminal(struct process *p, int theirs[3])
{
	p->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(p->fd >= 0 && grantpt(p->fd) == 0 && unlockpt(p->fd) == 0, "no terminal: %s",
	          strerror(errno));
	int slave = open(ptsname(p->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(slave >= 0, "no terminal: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		theirs[i] = slave;
	p->pipes[IN] = p->pipes[OUT] = p->fd;
	process_resize(p, 80, 24);
}

static void make_log(struct process *p, int theirs[3])
{
	theirs[IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	theirs[OUT] = theirs[ERR] = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	cr_assert(theirs[IN] >= 0 && theirs[OUT] >= 0, "%s: %s", p->log, strerror(errno));
	p->in_end = true;
}

static void make_pipes(struct process *p, int theirs[3])
{
	for (int i = 0; i < 3; i++) {
		int ends[2];
		cr_assert(pipe2(ends, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
		p->pipes[i] = ends[i == IN];
		theirs[i] = ends[i != IN];
	}
}

static void become(const struct process *p, const int theirs[3], int failure)
{
	if (p->terminal || p->log != NULL)
		setsid();
	for (int i = 0; i < 3; i++)
		dup2(theirs[i], i);
	if (p->terminal)
		ioctl(0, TIOCSCTTY, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < p->env.n; i++)
		putenv((char *)(uintptr_t)p->env.word[i]);
	execvp(p->argv.word[0], (char *const *)(uintptr_t)p->argv.word);
	int e = errno;
	_exit(write(failure, &e, sizeof e) == sizeof e ? 127 : 126);
}

/* The program tells through a pipe that closes on exec if it could not be run. */
static void launch(struct process *p, const int theirs[3])
{
	int report[2], e = 0;
	cr_assert(pipe2(report, O_CLOEXEC) == 0);
	p->pid = fork();
	cr_assert(p->pid >= 0, "fork: %s", strerror(errno));
	if (p->pid == 0)
		become(p, theirs, report[1]);
	close(report[1]);
	ssize_t n = read(report[0], &e, sizeof e);
	close(report[0]);
	cr_assert(n == 0, "cannot run %s: %s", p->argv.word[0], strerror(e));
	p->pidfd = pidfd_open(p->pid, 0);
	cr_assert(p->pidfd >= 0, "pidfd_open: %s", strerror(errno));
}

void process_start(struct process *p)
{
	int theirs[3];
	signal(SIGPIPE, SIG_IGN);
	/* What our programs leave behind becomes ours to end. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	p->ended = false;
	p->fd = p->pipes[IN] = p->pipes[OUT] = p->pipes[ERR] = -1;
	wire_buf_init(&p->in, OUTPUT_MAX);
	wire_buf_init(&p->out, OUTPUT_MAX);
	wire_buf_init(&p->err, OUTPUT_MAX);
	if (p->terminal)
		make_terminal(p, theirs);
	else if (p->log != NULL)
		make_log(p, theirs);
	else
		make_pipes(p, theirs);
	launch(p, theirs);
	for (int i = 0; i < 3; i++) {
		if (i == 0 || theirs[i] != theirs[i - 1])
			close(theirs[i]);
		if (p->pipes[i] >= 0)
			fcntl(p->pipes[i], F_SETFL, O_NONBLOCK);
	}
}

/* --- Moving bytes --- */

static void shut(struct process *p, int which)
{
	if (p->pipes[which] >= 0 && !p->terminal)
		close(p->pipes[which]);
	p->pipes[which] = -1;
}

static bool has_input(const struct process *p)
{
	return wire_buf_len(&p->in) > 0 || p->sent < p->pattern;
}

static void write_input(struct process *p)
{
	uint8_t chunk[CHUNK];
	if (wire_buf_len(&p->in) == 0 && p->sent < p->pattern) {
		uint64_t left = p->pattern - p->sent;
		size_t n = left < sizeof chunk ? (size_t)left : sizeof chunk;
		pattern_fill(chunk, n, p->sent, p->seed);
		wire_put_raw(&p->in, wire_bytes(chunk, n));
		p->sent += n;
	}
	ssh_bytes v = wire_buf_view(&p->in);
	ssize_t n = write(p->pipes[IN], v.ptr, v.len);
	if (n > 0)
		wire_buf_drop(&p->in, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		wire_buf_reset(&p->in);
		p->sent = p->pattern;
		shut(p, IN);
	}
}

static void take(struct process *p, int which, const uint8_t *chunk, size_t n)
{
	uint64_t wrong = 0;
	if (which == OUT && p->pattern > 0) {
		cr_assert(pattern_equal(chunk, n, p->got, p->seed, &wrong),
		          "byte %llu is not the one that was sent", (unsigned long long)wrong);
		p->got += n;
		return;
	}
	wire_put_raw(which == OUT ? &p->out : &p->err, wire_bytes(chunk, n));
}

/* False: there was nothing to be had. */
static bool read_output(struct process *p, int which)
{
	uint8_t chunk[CHUNK];
	ssize_t n = read(p->pipes[which], chunk, sizeof chunk);
	if (n > 0)
		take(p, which, chunk, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(p, which);
	return n > 0;
}

static void reap(struct process *p)
{
	int status;
	if (waitpid(p->pid, &status, 0) != p->pid)
		return;
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	p->ended = true;
	p->pid = 0;
	/* A terminal has no end: it is read until it has nothing to show. */
	while (p->terminal && p->pipes[OUT] >= 0 && read_output(p, OUT))
		continue;
	if (p->terminal)
		p->pipes[IN] = p->pipes[OUT] = -1;
	shut(p, IN);
}

enum { AT_PROCESS = 3, AT_COUNT };

static void watch(struct process *p, struct pollfd *at)
{
	if (p->pipes[IN] >= 0 && !has_input(p) && (p->in_end || p->pattern > 0))
		shut(p, IN);
	at[IN] = (struct pollfd){has_input(p) ? p->pipes[IN] : -1, POLLOUT, 0};
	at[OUT] = (struct pollfd){p->pipes[OUT], POLLIN, 0};
	at[ERR] = (struct pollfd){p->pipes[ERR], POLLIN, 0};
	at[AT_PROCESS] = (struct pollfd){p->ended ? -1 : p->pidfd, POLLIN, 0};
}

static void serve(struct process *p, const struct pollfd *at)
{
	if (at[IN].revents != 0 && p->pipes[IN] >= 0)
		write_input(p);
	if (at[OUT].revents != 0)
		(void)read_output(p, OUT);
	if (at[ERR].revents != 0)
		(void)read_output(p, ERR);
	if (at[AT_PROCESS].revents != 0)
		reap(p);
}

static bool is_over(const struct process *p)
{
	return p->ended && p->pipes[OUT] < 0 && p->pipes[ERR] < 0;
}

static void late(struct process *p, const char *what)
{
	const char *out = process_out(p);
	const char *err = process_err(p);
	cr_assert(false, "%s: %s in vain; it says:\n%s%s", p->argv.word[0], what, out, err);
}

/* Let them all go on a little; false if nothing happened until the deadline. */
static bool turn(struct process *p, size_t n, uint64_t deadline)
{
	struct pollfd at[AT_COUNT * 32];
	uint64_t now = process_now();
	cr_assert(n <= 32, "too many programs to wait for");
	for (size_t i = 0; i < n; i++)
		watch(&p[i], at + i * AT_COUNT);
	if (now >= deadline || poll(at, n * AT_COUNT, (int)(deadline - now)) == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		serve(&p[i], at + i * AT_COUNT);
	return true;
}

void process_input(struct process *p, ssh_bytes data)
{
	wire_put_raw(&p->in, data);
	p->in_end = true;
}

void process_type(struct process *p, const char *text)
{
	wire_put_raw(&p->in, wire_bytes_str(text));
}

/* Does `out` hold the text behind what was seen before? */
static bool shows(struct process *p, const char *text)
{
	ssh_bytes v = wire_bytes_skip(wire_buf_view(&p->out), p->seen);
	const uint8_t *found = v.len == 0 ? NULL : memmem(v.ptr, v.len, text, strlen(text));
	if (found == NULL)
		return false;
	p->seen += (size_t)(found - v.ptr) + strlen(text);
	return true;
}

void process_expect(struct process *p, const char *text)
{
	uint64_t deadline = process_now() + PROCESS_PATIENCE;
	while (!shows(p, text))
		if (is_over(p) || !turn(p, 1, deadline))
			late(p, text);
}

void process_wait_all(struct process *p, size_t n)
{
	uint64_t deadline = process_now() + PROCESS_PATIENCE;
	size_t i = 0;
	for (;;) {
		while (i < n && is_over(&p[i]))
			i++;
		if (i == n)
			return;
		if (!turn(p, n, deadline))
			late(&p[i], "waited for its end");
	}
}

void process_wait(struct process *p)
{
	process_wait_all(p, 1);
}

/* --- Ending --- */

void process_signal(struct process *p, int number)
{
	if (p->pid > 0)
		kill(p->pid, number);
}

void process_stop(struct process *p)
{
	struct pollfd at = {p->pidfd, POLLIN, 0};
	if (p->pid <= 0)
		return;
	kill(p->pid, SIGTERM);
	if (poll(&at, 1, PROCESS_PATIENCE) == 0)
		kill(p->pid, SIGKILL);
	reap(p);
}

void process_wipe(struct process *p)
{
	if (p->pidfd <= 0)
		return;
	process_stop(p);
	for (int i = 0; i < 3; i++)
		shut(p, i);
	if (p->fd >= 0)
		close(p->fd);
	if (p->pidfd >= 0)
		close(p->pidfd);
	wire_buf_wipe(&p->in);
	wire_buf_wipe(&p->out);
	wire_buf_wipe(&p->err);
	*p = (struct process){.fd = -1, .pidfd = -1};
}

/* Our children, as the system lists them. */
static void kill_children(int number)
{
	char path[64];
	int pid;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return;
	while (fscanf(f, "%d", &pid) == 1)
		kill(pid, number);
	fclose(f);
}

void process_stop_all(void)
{
	struct timespec pause = {0, 2000000};
	uint64_t began = process_now();
	bool forced = false;
	kill_children(SIGTERM);
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		if (pid < 0)
			return;
		if (pid > 0)
			continue;
		forced = process_now() - began > PROCESS_PATIENCE / 10;
		kill_children(forced ? SIGKILL : SIGTERM);
		nanosleep(&pause, NULL);
	}
}

/* --- Looking --- */

void process_resize(struct process *p, unsigned short cols, unsigned short rows)
{
	struct winsize w = {.ws_col = cols, .ws_row = rows};
	cr_assert(ioctl(p->fd, TIOCSWINSZ, &w) == 0, "TIOCSWINSZ: %s", strerror(errno));
}

static const char *text_of(struct wire_buf *b)
{
	size_t len = wire_buf_len(b);
	wire_put_u8(b, 0);
	const char *text = (const char *)wire_buf_view(b).ptr;
	if (wire_buf_end(b) != SSH_OK)
		return "(too much)";
	/* The NUL stays in memory behind what is in use. */
	wire_buf_cut(b, len);
	return text;
}

const char *process_out(struct process *p)
{
	return text_of(&p->out);
}

const char *process_err(struct process *p)
{
	return text_of(&p->err);
}
