/* SPDX-License-Identifier: MIT */
#include "libchan/session.h"

#include "libchan/modes.h"

bool chan_signal_known(ssh_bytes name)
{
	static const char *const names[] = {"ABRT", "ALRM", "FPE",  "HUP",  "ILL",  "INT", "KILL",
	                                    "PIPE", "QUIT", "SEGV", "TERM", "USR1", "USR2"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (wire_bytes_is(name, names[i]))
			return true;
	return false;
}

/* --- What a system could do --- */

static bool is_argument(ssh_bytes s)
{
	return s.len <= CHAN_ARGUMENT_MAX && (s.len == 0 || memchr(s.ptr, 0, s.len) == NULL);
}

static bool is_variable(const struct ssh_request_env *env)
{
	return is_argument(env->name) && is_argument(env->value) && env->name.len > 0 &&
	       memchr(env->name.ptr, '=', env->name.len) == NULL;
}

static bool is_cookie(ssh_bytes cookie)
{
	if (cookie.len == 0 || cookie.len % 2 != 0 || cookie.len > CHAN_COOKIE_MAX)
		return false;
	for (size_t i = 0; i < cookie.len; i++)
		if (cookie.ptr[i] == 0 || strchr("0123456789abcdefABCDEF", cookie.ptr[i]) == NULL)
			return false;
	return true;
}

static uint32_t at_most(uint32_t n, uint32_t max)
{
	return n < max ? n : max;
}

/* --- What the session's course allows --- */

/* Refused unless `may`; otherwise *done becomes true. */
static enum chan_session_verdict once(bool may, bool *done)
{
	if (!may)
		return CHAN_SESSION_REFUSE;
	*done = true;
	return CHAN_SESSION_DO;
}

static enum chan_session_verdict do_or_ignore(bool may)
{
	return may ? CHAN_SESSION_DO : CHAN_SESSION_IGNORE;
}

static enum chan_session_verdict judge_pty(struct chan_session *s, struct ssh_request_pty *pty)
{
	pty->cols = at_most(pty->cols, CHAN_PTY_MAX);
	pty->rows = at_most(pty->rows, CHAN_PTY_MAX);
	pty->width = at_most(pty->width, CHAN_PTY_MAX);
	pty->height = at_most(pty->height, CHAN_PTY_MAX);
	return once(!s->pty && !s->started && is_argument(pty->term) &&
	                chan_modes_check(pty->modes) == 0,
	            &s->pty);
}

static enum chan_session_verdict judge_env(struct chan_session *s,
                                           const struct ssh_request_env *env)
{
	if (s->started || s->env >= CHAN_ENV_MAX || !is_variable(env))
		return CHAN_SESSION_REFUSE;
	s->env++;
	return CHAN_SESSION_DO;
}

static enum chan_session_verdict judge_size(const struct chan_session *s,
                                            struct ssh_request_window_change *size)
{
	size->cols = at_most(size->cols, CHAN_PTY_MAX);
	size->rows = at_most(size->rows, CHAN_PTY_MAX);
	size->width = at_most(size->width, CHAN_PTY_MAX);
	size->height = at_most(size->height, CHAN_PTY_MAX);
	return do_or_ignore(s->pty && !s->exited);
}

static enum chan_session_verdict judge_exit(struct chan_session *s)
{
	bool first = !s->exited;
	s->exited = true;
	return do_or_ignore(first);
}

static enum chan_session_verdict judge_break(const struct chan_session *s,
                                             struct ssh_request_break *b)
{
	b->ms = b->ms < CHAN_BREAK_MIN_MS ? CHAN_BREAK_MIN_MS : at_most(b->ms, CHAN_BREAK_MAX_MS);
	return s->pty && s->started && !s->exited ? CHAN_SESSION_DO : CHAN_SESSION_REFUSE;
}

enum chan_session_verdict chan_session_judge(struct chan_session *s, struct chan_request *r)
{
	switch (r->type) {
	case CHAN_REQUEST_PTY:
		return judge_pty(s, &r->pty);
	case CHAN_REQUEST_X11:
		return once(!s->x11 && !s->started && is_argument(r->x11.protocol) &&
		                is_cookie(r->x11.cookie),
		            &s->x11);
	case CHAN_REQUEST_ENV:
		return judge_env(s, &r->env);
	case CHAN_REQUEST_SHELL:
		return once(!s->started, &s->started);
	case CHAN_REQUEST_EXEC:
		return once(!s->started && is_argument(r->exec.command), &s->started);
	case CHAN_REQUEST_SUBSYSTEM:
		return once(!s->started && is_argument(r->subsystem.name) &&
		                r->subsystem.name.len > 0,
		            &s->started);
	case CHAN_REQUEST_WINDOW_CHANGE:
		return judge_size(s, &r->window_change);
	case CHAN_REQUEST_SIGNAL:
		return do_or_ignore(s->started && !s->exited && chan_signal_known(r->signal.name));
	case CHAN_REQUEST_EXIT_STATUS:
	case CHAN_REQUEST_EXIT_SIGNAL:
		return judge_exit(s);
	case CHAN_REQUEST_BREAK:
		return judge_break(s, &r->brk);
	case CHAN_REQUEST_XON_XOFF:
	case CHAN_REQUEST_AGENT:
	case CHAN_REQUEST_EOW:
		return CHAN_SESSION_DO;
	case CHAN_REQUEST_UNKNOWN:
	default:
		return CHAN_SESSION_REFUSE;
	}
}
