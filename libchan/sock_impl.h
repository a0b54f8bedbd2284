/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_IMPL_H
#define NACRE_LIBCHAN_SOCK_IMPL_H

#include "libchan/sock.h"

/* How long one call may wait. After the deadline one more look is taken, then no more. */
struct sock_wait {
	uint64_t deadline; /* UINT64_MAX: none */
	bool over;
};

/* Begin to wait. */
struct sock_wait sock_wait_for(int timeout_ms);

/* Milliseconds of the monotonic clock. */
uint64_t sock_clock_ms(void);

/* Find out what kind of descriptors they are. */
void sock_io_init(struct sock *s);

/* Write what can be written without waiting. Returns whether it was anything. */
bool sock_io_push(struct sock *s);

/*
 * One turn: deal with all events, write, and if nothing happened wait for the peer. Returns 0 if
 * anything may have changed; SSH_ERR_TIMEOUT; or what the connection died of, SSH_ERR_STATE if of
 * our own goodbye.
 */
enum ssh_err sock_turn(struct sock *s, struct sock_wait *w);

/* What an event does. */
void sock_on_event(struct sock *s, const struct conn_event *ev);

/* What the connection died of, as calls return it. */
enum ssh_err sock_death(const struct sock *s);

/* A new channel in the list; NULL without memory. */
struct sock_channel *sock_channel_new(struct sock *s);
/* Out of the list and gone; it is not linked to the mux. */
void sock_channel_free(struct sock_channel *ch);

/* Copy a name, cut to SOCK_NAME_SIZE - 1 bytes; bytes that do not print become '?'. */
void sock_name_copy(char out[SOCK_NAME_SIZE], ssh_bytes name);

#endif
