/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "libchan/sock_impl.h"

#include <fcntl.h>
#include <unistd.h>

/* NACRE_NO_EPOLL: as on a system that has neither. */
#if defined(NACRE_NO_EPOLL)
#elif defined(__linux__)
#define HAVE_EPOLL
#include <sys/epoll.h>
#include <sys/eventfd.h>
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__)
#define HAVE_KQUEUE
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>
#endif

/* Facts as descriptors that poll(2) sees. */

/* --- A flag: an eventfd, or a pipe with a byte in it --- */

static enum ssh_err make_pair(int fd[2])
{
#ifdef HAVE_EPOLL
	fd[0] = fd[1] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd[0] < 0 ? SSH_ERR_IO : SSH_OK;
#else
	if (pipe(fd) != 0)
		return SSH_ERR_IO;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(fd[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	return SSH_OK;
#endif
}

enum ssh_err sock_flag_make(struct sock_flag *f)
{
	int fd[2];
	if (f->made)
		return SSH_OK;
	if (make_pair(fd) != 0)
		return SSH_ERR_IO;
	*f = (struct sock_flag){.rd = fd[0], .wr = fd[1], .made = true};
	return SSH_OK;
}

void sock_flag_set(struct sock_flag *f, bool set)
{
	uint64_t one = 1;
	if (!f->made || f->set == set)
		return;
	/* An eventfd takes and gives eight bytes, a pipe does too. */
	if (set ? write(f->wr, &one, sizeof one) > 0 : read(f->rd, &one, sizeof one) > 0)
		f->set = set;
}

void sock_flag_drop(struct sock_flag *f)
{
	if (!f->made)
		return;
	(void)close(f->rd);
	if (f->wr != f->rd)
		(void)close(f->wr);
	*f = (struct sock_flag){0};
}

/* --- A group: a flag, and the stream as long as there is no worker --- */

#if defined(HAVE_EPOLL)
static int group_make(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static bool group_set(int group, int fd, bool in, bool out)
{
	struct epoll_event ev = {.events = (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u)};
	if (!in && !out)
		return epoll_ctl(group, EPOLL_CTL_DEL, fd, NULL) == 0;
	return epoll_ctl(group, EPOLL_CTL_MOD, fd, &ev) == 0 ||
	       epoll_ctl(group, EPOLL_CTL_ADD, fd, &ev) == 0;
}
#elif defined(HAVE_KQUEUE)
static int group_make(void)
{
	return kqueue();
}

static bool group_set(int group, int fd, bool in, bool out)
{
	struct kevent ev;
	EV_SET(&ev, fd, EVFILT_READ, in ? EV_ADD : EV_DELETE, 0, 0, 0);
	bool ok = kevent(group, &ev, 1, NULL, 0, NULL) == 0;
	EV_SET(&ev, fd, EVFILT_WRITE, out ? EV_ADD : EV_DELETE, 0, 0, 0);
	return (kevent(group, &ev, 1, NULL, 0, NULL) == 0 || !out) && (ok || !in);
}
#else
static int group_make(void)
{
	return -1;
}

static bool group_set(int group, int fd, bool in, bool out)
{
	(void)group, (void)fd, (void)in, (void)out;
	return false;
}
#endif

void sock_group_drop(int *group)
{
	if (*group >= 0)
		(void)close(*group);
	*group = -1;
}

/* Input always; room for output while something waits for it. */
static bool watch_stream(struct sock *s, int group, bool watch)
{
	bool out = watch && conn_out(&s->conn).len != 0 && !s->broken;
	if (s->stream.fd_in == s->stream.fd_out)
		return group_set(group, s->stream.fd_in, watch, out) || !watch;
	(void)group_set(group, s->stream.fd_out, false, out);
	return group_set(group, s->stream.fd_in, watch, false) || !watch;
}

static enum ssh_err make_group(struct sock *s, const struct sock_flag *f, int *group)
{
	if (*group >= 0)
		return SSH_OK;
	if (s->stream.fd_in < 0)
		return s->hands.lock != NULL ? SSH_OK : SSH_ERR_UNSUPPORTED;
#if !defined(HAVE_EPOLL) && !defined(HAVE_KQUEUE)
	return s->hands.lock != NULL ? SSH_OK : SSH_ERR_UNSUPPORTED;
#endif
	if ((*group = group_make()) < 0)
		return SSH_ERR_IO;
	if (group_set(*group, f->rd, true, false) && watch_stream(s, *group, s->hands.lock == NULL))
		return SSH_OK;
	sock_group_drop(group);
	return s->hands.lock != NULL ? SSH_OK : SSH_ERR_UNSUPPORTED;
}

static enum ssh_err get_descriptor(struct sock *s, struct sock_flag *f, int *group, int *fd)
{
	bool new = !f->made;
	enum ssh_err e = sock_flag_make(f);
	if (e == 0)
		e = make_group(s, f, group);
	if (e != 0 && new)
		sock_flag_drop(f);
	if (e != 0)
		return e;
	s->watched += new;
	*fd = *group >= 0 ? *group : f->rd;
	return SSH_OK;
}

/* --- What the flags say --- */

static bool channel_is_done(const struct sock_channel *ch)
{
	if (ch->abandoned)
		return false;
	return (ch->opening && (ch->opened || ch->closed)) ||
	       (ch->asked && (ch->replies > ch->nth || ch->closed));
}

static bool is_done(const struct sock *s)
{
	bool dead = s->conn.kex.state == KEX_DEAD;
	bool done = dead || (s->starting && (s->started || s->host_key_asked)) ||
	            (s->auth_open && (s->auth_asked || s->prompted || s->conn.authenticated)) ||
	            sock_find_started(s) != NULL;
	for (const struct sock_channel *ch = s->channels; ch != NULL && !done; ch = ch->next)
		done = channel_is_done(ch);
	return done;
}

static void renew(struct sock *s, int group, bool worker)
{
	if (group >= 0)
		(void)watch_stream(s, group, !worker);
}

void sock_groups_renew(struct sock *s, bool worker)
{
	renew(s, s->group, worker);
	for (struct sock_channel *ch = s->channels; ch != NULL; ch = ch->next)
		for (int i = 0; i < 2; i++)
			renew(s, ch->group[i], worker);
}

void sock_flags_refresh(struct sock *s)
{
	if (s->watched == 0)
		return;
	bool out = conn_out(&s->conn).len != 0 && !s->broken;
	if (s->hands.lock == NULL && out != s->seen_out) {
		s->seen_out = out;
		sock_groups_renew(s, false);
	}
	if (s->done.made)
		sock_flag_set(&s->done, is_done(s));
	for (struct sock_channel *ch = s->channels; ch != NULL; ch = ch->next)
		for (int i = 0; i < 2; i++)
			sock_flag_set(&ch->flag[i], sock_channel_readable(ch, i == 1));
}

static enum ssh_err channel_descriptor(struct sock_channel *ch, int i, int *fd)
{
	sock_channel_enter(ch);
	enum ssh_err e = ch->abandoned ? SSH_ERR_CHANNEL_CLOSED
	                               : get_descriptor(ch->sock, &ch->flag[i], &ch->group[i], fd);
	sock_channel_leave(ch);
	return e;
}

enum ssh_err sock_fileno(struct sock_channel *ch, int *fd)
{
	return channel_descriptor(ch, 0, fd);
}

enum ssh_err sock_fileno_err(struct sock_channel *ch, int *fd)
{
	return channel_descriptor(ch, 1, fd);
}

enum ssh_err sock_done_fileno(struct sock *s, int *fd)
{
	sock_enter(s);
	enum ssh_err e = get_descriptor(s, &s->done, &s->group, fd);
	sock_leave(s);
	return e;
}
