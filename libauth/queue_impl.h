/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_QUEUE_IMPL_H
#define NACRE_LIBAUTH_QUEUE_IMPL_H

#include "libwire/buf.h"

/*
 * Payloads that wait to be sent, each as a string behind the other in one buf: append with
 * wire_put_string_begin and wire_put_string_end.
 */

/** Bytes that may wait; an engine has one reply and a banner under way at most. */
#define AUTH_QUEUE_MAX ((size_t)512 * 1024)

/** The first payload; empty: none. Lives until the queue changes. */
ssh_bytes auth_queue_first(const struct wire_buf *q);

/** Drop the first payload and wipe it. */
void auth_queue_drop(struct wire_buf *q);

#endif
