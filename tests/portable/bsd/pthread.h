/* SPDX-License-Identifier: MIT */
/* The system's, and what macOS has in the place of a condition's clock. */
#include_next <pthread.h>
#ifndef NACRE_TESTS_PORTABLE_PTHREAD_H
#define NACRE_TESTS_PORTABLE_PTHREAD_H
#include <time.h>

static inline int pthread_cond_timedwait_relative_np(pthread_cond_t *c, pthread_mutex_t *m,
                                                     const struct timespec *left)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += left->tv_sec + (t.tv_nsec + left->tv_nsec) / 1000000000;
	t.tv_nsec = (t.tv_nsec + left->tv_nsec) % 1000000000;
	return pthread_cond_timedwait(c, m, &t);
}
#endif
