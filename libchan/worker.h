/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_WORKER_H
#define NACRE_LIBCHAN_WORKER_H

#include <pthread.h>

#include "libchan/sock.h"

/**
 * A thread that runs a connection in the background.
 *
 * From worker_start to worker_stop or sock_wipe every sock_... call on the connection and its
 * channels may be made from any thread; re-keying, keepalives and other channels are seen to
 * while nobody calls, and what sock_fileno gives is in step by itself. One lock guards a connection:
 * calls hold it while they compute, and give it up while they wait. Views that calls return
 * are good as long as they say, whatever other threads do.
 *
 * The thread blocks all signals: they are for the program's own threads. A process that exits
 * without a stop exits all the same. After a fork the child has no worker: it must not touch the sock.
 */
struct worker {
	/* private */
	struct sock *sock;
	struct sock_flag wake;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool running;
	bool stopping;
};

/**
 * Start.
 *
 *   w   any; must not move until the worker is stopped
 *   s   has been given to a sock_start_...; no other thread is inside a call on it
 *
 * Returns 0; SSH_ERR_STATE if s has a worker; SSH_ERR_IO if there is no descriptor or no thread to be had.
 */
enum ssh_err worker_start(struct worker *w, struct sock *s);

/**
 * Stop, and wait for the thread to end: the sock is one for one thread again. No other thread may be
 * inside a call. Nothing is lost. Harmless on a worker that has stopped, by sock_wipe for one, or
 * was never started and is all zero. Not to be called by a policy's functions.
 */
void worker_stop(struct worker *w);

#endif
