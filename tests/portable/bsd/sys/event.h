/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PORTABLE_EVENT_H
#define NACRE_TESTS_PORTABLE_EVENT_H

#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

/* As much of kqueue as sock asks of it, made of epoll: one set of filters for each descriptor. */

#define EVFILT_READ  (-1)
#define EVFILT_WRITE (-2)
#define EV_ADD       1
#define EV_DELETE    2

struct kevent {
	uintptr_t ident;
	int filter;
	unsigned flags;
};
#define EV_SET(ev, fd, what, how, a, b, c)                                                         \
	(*(ev) = (struct kevent){(uintptr_t)(fd), (what), (how)}, (void)(a), (void)(b), (void)(c))

#define KQUEUE_FDS 1024
static uint32_t kqueue_filters[KQUEUE_FDS][KQUEUE_FDS];

static inline int kqueue(void)
{
	int kq = epoll_create1(EPOLL_CLOEXEC);
	for (int fd = 0; kq >= 0 && kq < KQUEUE_FDS && fd < KQUEUE_FDS; fd++)
		kqueue_filters[kq][fd] = 0;
	return kq;
}

/* One change, no events. Deleting what is not there is an error, as it is in the original. */
static inline int kevent(int kq, const struct kevent *change, int n, void *events, int room,
                         const struct timespec *timeout)
{
	int fd = (int)change->ident;
	(void)n, (void)events, (void)room, (void)timeout;
	if (kq < 0 || kq >= KQUEUE_FDS || fd < 0 || fd >= KQUEUE_FDS)
		return -1;
	uint32_t before = kqueue_filters[kq][fd];
	uint32_t bit = change->filter == EVFILT_READ ? (uint32_t)EPOLLIN : (uint32_t)EPOLLOUT;
	uint32_t after = change->flags == EV_ADD ? before | bit : before & ~bit;
	struct epoll_event ev = {.events = after};
	int how = after == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	if (change->flags == EV_DELETE && (before & bit) == 0)
		return -1;
	kqueue_filters[kq][fd] = after;
	return epoll_ctl(kq, how, fd, &ev);
}

#endif
