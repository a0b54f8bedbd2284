/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#include "libchan/worker.h"

#include <signal.h>
#include <time.h>

#include "libchan/sock_impl.h"

/* --- The hands that a sock is given --- */

static void lock(void *ctx)
{
	struct worker *w = ctx;
	(void)pthread_mutex_lock(&w->mutex);
}

static void unlock(void *ctx)
{
	struct worker *w = ctx;
	(void)pthread_mutex_unlock(&w->mutex);
}

/* The condition's clock is the monotonic one, where there is a choice. */
static void wait_until(struct worker *w, uint64_t until_ms)
{
	struct timespec t = {.tv_sec = (time_t)(until_ms / 1000),
	                     .tv_nsec = (long)(until_ms % 1000) * 1000000};
#ifdef __APPLE__
	uint64_t now = sock_clock_ms(), left = until_ms > now ? until_ms - now : 0;
	t.tv_sec = (time_t)(left / 1000);
	t.tv_nsec = (long)(left % 1000) * 1000000;
	(void)pthread_cond_timedwait_relative_np(&w->changed, &w->mutex, &t);
#else
	(void)pthread_cond_timedwait(&w->changed, &w->mutex, &t);
#endif
}

static void wait_for_change(void *ctx, uint64_t until_ms)
{
	struct worker *w = ctx;
	if (until_ms == UINT64_MAX)
		(void)pthread_cond_wait(&w->changed, &w->mutex);
	else
		wait_until(w, until_ms);
}

static void changed(void *ctx)
{
	struct worker *w = ctx;
	(void)pthread_cond_broadcast(&w->changed);
}

static void wake(void *ctx)
{
	struct worker *w = ctx;
	const struct sock_stream *stream = &w->sock->stream;
	sock_flag_set(&w->wake, true);
	if (stream->fd_in < 0 && stream->wake != NULL)
		stream->wake(stream->ctx);
}

static void stop(void *ctx)
{
	worker_stop(ctx);
}

/* --- The thread --- */

/* One wait. The lock is given up for it, and the sock is told what it waits for. */
static void wait_for_peer(struct worker *w)
{
	struct sock *s = w->sock;
	struct sock_poll p;
	if (sock_poll_begin(s, &p, w->wake.rd, UINT64_MAX) != 0) {
		kex_fail(&s->conn.kex, SSH_ERR_NO_MEMORY);
		return;
	}
	s->waiting = true;
	unlock(w);
	sock_poll_wait(&s->stream, &p);
	lock(w);
	s->waiting = false;
	sock_flag_set(&w->wake, false);
	sock_poll_end(s, &p);
}

static void *run(void *ctx)
{
	struct worker *w = ctx;
	struct sock *s = w->sock;
	lock(w);
	while (!w->stopping) {
		if (!sock_digest(s) && !s->wiping) {
			sock_tell(s);
			wait_for_peer(w);
		} else if (s->wiping) {
			wait_for_change(w, UINT64_MAX);
		}
	}
	unlock(w);
	return NULL;
}

/* --- Start and stop --- */

static enum ssh_err make_condition(struct worker *w)
{
	pthread_condattr_t attr;
	if (pthread_condattr_init(&attr) != 0)
		return SSH_ERR_IO;
#ifndef __APPLE__
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
#endif
	int failed = pthread_cond_init(&w->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	return failed ? SSH_ERR_IO : SSH_OK;
}

/* Signals are for the threads that the program made: SIGPIPE, too, of a pipe without a reader. */
static enum ssh_err make_thread(struct worker *w)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return SSH_ERR_IO;
	int failed = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? SSH_ERR_IO : SSH_OK;
}

static void give_back(struct worker *w)
{
	w->sock->hands = (struct sock_hands){0};
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->mutex);
	sock_flag_drop(&w->wake);
	w->running = false;
}

enum ssh_err worker_start(struct worker *w, struct sock *s)
{
	enum ssh_err e;
	if (s->hands.lock != NULL)
		return SSH_ERR_STATE;
	*w = (struct worker){.sock = s};
	if ((e = sock_flag_make(&w->wake)) != 0)
		return e;
	if (pthread_mutex_init(&w->mutex, NULL) != 0) {
		sock_flag_drop(&w->wake);
		return SSH_ERR_IO;
	}
	if ((e = make_condition(w)) != 0) {
		(void)pthread_mutex_destroy(&w->mutex);
		sock_flag_drop(&w->wake);
		return e;
	}
	s->hands = (struct sock_hands){.ctx = w,
	                               .lock = lock,
	                               .unlock = unlock,
	                               .wait = wait_for_change,
	                               .changed = changed,
	                               .wake = wake,
	                               .stop = stop};
	sock_groups_renew(s, true);
	w->running = true;
	if ((e = make_thread(w)) != 0) {
		sock_groups_renew(s, false);
		give_back(w);
	}
	return e;
}

void worker_stop(struct worker *w)
{
	if (!w->running)
		return;
	lock(w);
	w->stopping = true;
	wake(w);
	changed(w);
	unlock(w);
	(void)pthread_join(w->thread, NULL);
	sock_groups_renew(w->sock, false);
	give_back(w);
}
