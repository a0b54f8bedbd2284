/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_WINDOW_H
#define NACRE_LIBCHAN_WINDOW_H

#include <stdbool.h>

#include "libwire/bytes.h"
#include "libwire/err.h"

/**
 * The window that we gave the peer: how much it may send us.
 *
 * Pure arithmetic. Every byte of the window is in one of three places, and they always sum to
 * `max`: free for the peer (`left`), received and not yet taken by the application (held), taken
 * and not yet given back to the peer (`owed`).
 */
struct chan_window_in {
	uint32_t max;
	uint32_t left;
	uint32_t owed;
	uint32_t exceeded; /* bytes that the peer sent beyond its window, in all */
	bool endless;      /* RFC 8308 section 3.3, no-flow-control: nothing is counted */
};

/** The window that the peer gave us: how much we may send. */
struct chan_window_out {
	uint32_t left;
	bool endless; /* nothing is counted; left is 2^32-1 */
};

/** Start a window of `max` bytes, all of them free; `endless`: no data is ever too much. */
void chan_window_in_init(struct chan_window_in *w, uint32_t max, bool endless);

/**
 * The peer sent `n` bytes.
 *
 * A peer that miscounts a little is borne with: what exceeds the window is to be dropped, until a
 * tenth of `max` has been dropped in all.
 *
 *   surplus   set to how many of the n bytes, at the end, must be dropped: 0 for a correct peer
 *
 * Returns 0, or SSH_ERR_WINDOW if too much was exceeded; then nothing has changed.
 *
 * Secrets: none.   RFC 4254 section 5.2.
 */
enum ssh_err chan_window_in_take(struct chan_window_in *w, size_t n, size_t *surplus);

/** Bytes that were received and that the application has not taken. */
uint32_t chan_window_in_held(const struct chan_window_in *w);

/**
 * The application has taken `n` bytes.
 *
 * What is owed to the peer is saved up until it is half a window, so that a thousand small reads
 * make one WINDOW_ADJUST.
 *
 *   adjust   set to the bytes to give back to the peer now: 0 for "not yet"
 *
 * Returns 0, or SSH_ERR_ARGUMENT if fewer are held; then nothing has changed.
 *
 * Secrets: none.   RFC 4254 section 5.2.
 */
enum ssh_err chan_window_in_consume(struct chan_window_in *w, size_t n, uint32_t *adjust);

/** The window that the peer gives us at first; `endless`: whatever it says. */
void chan_window_out_init(struct chan_window_out *w, uint32_t left, bool endless);

/** The peer gives us `n` bytes more. Returns 0, or SSH_ERR_WINDOW if the sum is over 2^32-1. */
enum ssh_err chan_window_out_add(struct chan_window_out *w, uint32_t n);

/** We send `n` bytes. Returns 0, or SSH_ERR_ARGUMENT if they are more than are left. */
enum ssh_err chan_window_out_spend(struct chan_window_out *w, size_t n);

#endif
