/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tools/sshd_session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* What execve takes besides is large enough for any locale. */
#define ENV_BYTES_MAX ((size_t)128 * 1024)

/* --- Life --- */

void sshd_session_begin(struct sshd_session *s, const struct sshd_host *host)
{
	*s = (struct sshd_session){
	    .used = true,
	    .host = host,
	    .pty = {.master = -1, .slave = -1},
	    .pid = -1,
	    .in = -1,
	    .ch = {.owner = s},
	    .out = {{.ext = 0, .fd = -1}, {.ext = SSH_EXTENDED_DATA_STDERR, .fd = -1}},
	};
}

static void send_signal(const struct sshd_session *s, int number)
{
	/* The group is the program's own as soon as it has run setsid. */
	if (s->pid > 0 && !s->exited && kill(-s->pid, number) != 0)
		(void)kill(s->pid, number);
}

void sshd_session_end(struct sshd_session *s)
{
	bool terminal = s->pty.master >= 0;
	if (terminal)
		send_signal(s, SIGHUP);
	for (size_t i = 0; i < 2; i++) {
		if (s->out[i].fd >= 0 && !terminal)
			close(s->out[i].fd);
		wire_buf_wipe(&s->out[i].left);
	}
	if (s->in >= 0 && !terminal)
		close(s->in);
	sshd_pty_close(&s->pty);
	wire_buf_wipe(&s->env);
	wire_buf_wipe(&s->term);
	wire_buf_wipe(&s->input);
	s->used = false;
}

void sshd_session_exited(struct sshd_session *s, pid_t pid, int status)
{
	if (!s->used || s->pid != pid || s->exited)
		return;
	s->exited = s->seen.exited = true;
	s->status = status;
	/* It may have written since we last looked. */
	s->out[0].drained = s->out[1].drained = false;
}

/* --- Programs --- */

static bool start(struct sshd_session *s, const char *command)
{
	const struct sshd_host *h = s->host;
	const char *forced = h->options->force_command != NULL ? h->options->force_command
	                     : h->grant->forced                ? h->grant->command
	                                                       : NULL;
	struct sshd_child child;
	struct sshd_program program = {
	    .command = forced != NULL ? forced : command,
	    .original = forced != NULL ? command : NULL,
	    .term = wire_buf_len(&s->term) != 0 ? (const char *)wire_buf_view(&s->term).ptr : NULL,
	    .env = wire_buf_view(&s->env),
	    .peer = h->peer,
	};
	if (!sshd_child_start(&child, &program, &s->pty)) {
		sshd_log(h->options->level, SSHD_ERROR, "Cannot start a program: %s",
		         strerror(errno));
		return false;
	}
	s->pid = child.pid;
	s->signals = forced == NULL;
	s->in = child.in;
	s->out[0].fd = child.out;
	s->out[1].fd = child.err;
	return true;
}

static bool start_bytes(struct sshd_session *s, ssh_bytes command)
{
	struct wire_buf text = {0};
	wire_put_raw(&text, command);
	wire_put_u8(&text, 0);
	bool ok = wire_buf_end(&text) == 0 && start(s, (const char *)wire_buf_view(&text).ptr);
	wire_buf_wipe(&text);
	return ok;
}

static bool start_subsystem(struct sshd_session *s, ssh_bytes name)
{
	const struct sshd_subsystem *known = s->host->options->subsystems;
	while (known->name != NULL && !wire_bytes_is(name, known->name))
		known++;
	if (known->name == NULL || !start(s, known->command))
		return false;
	s->signals = false;
	return true;
}

/* --- Requests --- */

static bool open_pty(struct sshd_session *s, const struct ssh_request_pty *pty)
{
	const struct sshd_host *h = s->host;
	if (h->grant->no_pty || !h->options->permit_tty)
		return false;
	wire_put_raw(&s->term, pty->term);
	wire_put_u8(&s->term, 0);
	if (wire_buf_end(&s->term) != 0)
		return false;
	if (sshd_pty_open(&s->pty, pty))
		return true;
	sshd_log(h->options->level, SSHD_ERROR, "Cannot open a terminal: %s", strerror(errno));
	return false;
}

static bool put_env(struct sshd_session *s, const struct ssh_request_env *env)
{
	char name[256];
	bool accepted = false;
	if (env->name.len >= sizeof name ||
	    wire_buf_len(&s->env) + env->name.len + env->value.len > ENV_BYTES_MAX)
		return false;
	memcpy(name, env->name.ptr, env->name.len);
	name[env->name.len] = '\0';
	for (size_t i = 0; s->host->options->accept_env[i] != NULL && !accepted; i++)
		accepted = sshd_match(s->host->options->accept_env[i], name);
	if (!accepted)
		return false;
	wire_put_raw(&s->env, env->name);
	wire_put_u8(&s->env, '=');
	wire_put_raw(&s->env, env->value);
	wire_put_u8(&s->env, 0);
	return wire_buf_end(&s->env) == 0;
}

static const struct {
	const char *name;
	int number;
} signals[] = {{"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},   {"HUP", SIGHUP},
               {"ILL", SIGILL},   {"INT", SIGINT},   {"KILL", SIGKILL}, {"PIPE", SIGPIPE},
               {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV}, {"TERM", SIGTERM}, {"USR1", SIGUSR1},
               {"USR2", SIGUSR2}};
#define SIGNALS (sizeof signals / sizeof signals[0])

static bool deliver(const struct sshd_session *s, ssh_bytes name)
{
	for (size_t i = 0; i < SIGNALS && s->signals; i++)
		if (wire_bytes_is(name, signals[i].name)) {
			send_signal(s, signals[i].number);
			return true;
		}
	return false;
}

static bool perform(struct sshd_session *s, const struct chan_request *r)
{
	switch (r->type) {
	case CHAN_REQUEST_PTY:
		return s->seen.pty = open_pty(s, &r->pty);
	case CHAN_REQUEST_ENV:
		return put_env(s, &r->env);
	case CHAN_REQUEST_SHELL:
		return s->seen.started = start(s, NULL);
	case CHAN_REQUEST_EXEC:
		return s->seen.started = start_bytes(s, r->exec.command);
	case CHAN_REQUEST_SUBSYSTEM:
		return s->seen.started = start_subsystem(s, r->subsystem.name);
	case CHAN_REQUEST_WINDOW_CHANGE:
		sshd_pty_resize(&s->pty, &r->window_change);
		return true;
	case CHAN_REQUEST_SIGNAL:
		return deliver(s, r->signal.name);
	case CHAN_REQUEST_BREAK:
		return s->pty.master >= 0 && tcsendbreak(s->pty.master, 0) == 0;
	default:
		return false;
	}
}

bool sshd_session_request(struct sshd_session *s, const struct chan_event *ev)
{
	struct chan_request r;
	char shown[SSHD_SHOWN];
	bool ok = chan_request_decode(&r, ev->name, ev->body) == 0 &&
	          chan_session_judge(&s->seen, &r) == CHAN_SESSION_DO && perform(s, &r);
	sshd_log(s->host->options->level, SSHD_DEBUG, "Channel %u: request %s%s", s->ch.local,
	         sshd_shown(ev->name, shown), ok ? "" : " refused");
	return ok;
}

/* --- The end of a program --- */

/* A signal that the protocol does not know goes by the name that OpenSSH gives it. */
static const char *signal_name(int number)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "SIG@openssh.com";
}

void sshd_session_tell(struct sshd_session *s)
{
	s->told = true;
	if (WIFEXITED(s->status)) {
		(void)chan_request_exit_status(&s->ch, (uint32_t)WEXITSTATUS(s->status));
		return;
	}
	int number = WTERMSIG(s->status);
#ifdef WCOREDUMP
	bool core = WCOREDUMP(s->status);
#else
	bool core = false;
#endif
	(void)chan_request_exit_signal(&s->ch, signal_name(number), core, "");
}
