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
/* Seconds since 1970, for certificates. */
uint64_t sock_clock_seconds(void);

/*
 * Every public call is between these: the lock, if there is a worker. The last sees to what the call
 * has left to do, to descriptors, and wakes the worker if it waits for the wrong things.
 */
void sock_enter(struct sock *s);
void sock_leave(struct sock *s);
/* The same for calls on a channel, which is kept as long as one is inside. */
void sock_channel_enter(struct sock_channel *ch);
void sock_channel_leave(struct sock_channel *ch);

/* Before the lock is given up: descriptors, those who wait, and the worker hear what is new. */
void sock_tell(struct sock *s);

/* One event. Returns false if there is none. */
bool sock_step(struct sock *s);

/* All events, the local sockets, and what can be written. Returns whether there was anything. */
bool sock_digest(struct sock *s);

/*
 * One turn: deal with all events, write, and if nothing happened wait for the peer. Returns 0 if
 * anything may have changed; SSH_ERR_TIMEOUT; or what the connection died of, SSH_ERR_STATE if of
 * our own goodbye.
 */
enum ssh_err sock_turn(struct sock *s, struct sock_wait *w);

/* What the connection died of, as calls return it. */
enum ssh_err sock_death(const struct sock *s);

/* The stream of two descriptors. */
struct sock_stream sock_io_stream(struct sock *s, int fd_in, int fd_out);

/* Write what can be written without waiting. Returns whether it was anything. */
bool sock_io_push(struct sock *s);

/* Read what there is, once. Returns false if there was nothing. */
bool sock_io_read(struct sock *s);

/* Wait until more can be written. */
void sock_io_await_room(struct sock *s, uint64_t until_ms);

/* Does the engine take input now? */
bool sock_io_wants_in(const struct sock *s);

/* A wait in three steps; the lock may be given up around the second. */
struct sock_poll {
	void *fds; /* struct pollfd: the stream's two, the worker's, the local sockets' */
	size_t n;
	int timeout_ms;
	bool in, out;
	int result;
};
enum ssh_err sock_poll_begin(struct sock *s, struct sock_poll *p, int extra, uint64_t until_ms);
void sock_poll_wait(const struct sock_stream *stream, struct sock_poll *p);
void sock_poll_end(struct sock *s, struct sock_poll *p);

/* What an event does. */
void sock_on_event(struct sock *s, const struct conn_event *ev);

/* Data that the engine holds for a channel becomes the channel's own. */
void sock_keep_rest(struct sock *s);

/* Append to a buf of the connection; without memory the connection ends, here as anywhere. */
void sock_keep_more(struct sock *s, struct wire_buf *b, ssh_bytes value);

/* A new channel in the list; NULL without memory. */
struct sock_channel *sock_channel_new(struct sock *s);
/* Out of the list and gone; it is not linked to the mux. */
void sock_channel_free(struct sock_channel *ch);
/* The same, if nobody has it any more. */
void sock_channel_settle(struct sock_channel *ch);
/* Why calls on a closed channel fail. */
enum ssh_err sock_channel_why(const struct sock_channel *ch);
/* Would a call of sock_recv come back at once? All events are dealt with. */
bool sock_channel_readable(const struct sock_channel *ch, bool err);

/* Put the data of an event where it is wanted or kept. */
void sock_take_data(struct sock_channel *ch, bool err, ssh_bytes data);

/* The session that sock_accept would return; NULL: none. */
struct sock_channel *sock_find_started(const struct sock *s);

/* Flags. */
enum ssh_err sock_flag_make(struct sock_flag *f);
void sock_flag_set(struct sock_flag *f, bool set);
void sock_flag_drop(struct sock_flag *f);
/* Put all flags in step with the facts. */
void sock_flags_refresh(struct sock *s);
/* A worker has come (or gone): what is polled no longer has to include the stream (or has). */
void sock_groups_renew(struct sock *s, bool worker);
/* Give back a descriptor of sock_fileno. */
void sock_group_drop(int *group);

/* The local sockets: carry what can be carried. Returns whether it was anything. */
bool sock_local_run(struct sock *s);
/* What to poll a local socket for: POLLIN, POLLOUT; 0: nothing. */
short sock_local_events(const struct sock_channel *ch);
/* Give it data that has just come, as much as it takes. */
void sock_local_put(struct sock_channel *ch, ssh_bytes *data);
void sock_local_drop(struct sock_channel *ch);

/* config.known_hosts: lead the host key algorithms by what it holds of the host. */
enum ssh_err sock_known_prefer(struct sock *s);
/* May the key be the host's? s->known tells more. Without memory: no. */
bool sock_known_allows(struct sock *s, ssh_bytes blob, bool is_cert);

/* Copy a name, cut to SOCK_NAME_SIZE - 1 bytes; bytes that do not print become '?'. */
void sock_name_copy(char out[SOCK_NAME_SIZE], ssh_bytes name);

#endif
