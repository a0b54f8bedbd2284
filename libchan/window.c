/* SPDX-License-Identifier: MIT */
#include "libchan/window.h"

/** The part of a window that a peer may exceed it by, in all: a tenth. */
#define TOLERANCE 10

void chan_window_in_init(struct chan_window_in *w, uint32_t max, bool endless)
{
	*w = (struct chan_window_in){.max = max, .left = max, .endless = endless};
}

enum ssh_err chan_window_in_take(struct chan_window_in *w, size_t n, size_t *surplus)
{
	size_t over = n > w->left ? n - w->left : 0;
	*surplus = 0;
	if (w->endless)
		return SSH_OK;
	if (over > w->max / TOLERANCE || w->exceeded > w->max / TOLERANCE - over)
		return SSH_ERR_WINDOW;
	w->left -= (uint32_t)(n - over);
	w->exceeded += (uint32_t)over;
	*surplus = over;
	return SSH_OK;
}

uint32_t chan_window_in_held(const struct chan_window_in *w)
{
	return w->max - w->left - w->owed;
}

enum ssh_err chan_window_in_consume(struct chan_window_in *w, size_t n, uint32_t *adjust)
{
	*adjust = 0;
	if (w->endless)
		return SSH_OK;
	if (n > chan_window_in_held(w))
		return SSH_ERR_ARGUMENT;
	w->owed += (uint32_t)n;
	if (w->owed == 0 || w->owed < w->max - w->max / 2)
		return SSH_OK;
	*adjust = w->owed;
	w->left += w->owed;
	w->owed = 0;
	return SSH_OK;
}

void chan_window_out_init(struct chan_window_out *w, uint32_t left, bool endless)
{
	*w = (struct chan_window_out){endless ? UINT32_MAX : left, endless};
}

enum ssh_err chan_window_out_add(struct chan_window_out *w, uint32_t n)
{
	if (w->endless)
		return SSH_OK;
	if (n > UINT32_MAX - w->left)
		return SSH_ERR_WINDOW;
	w->left += n;
	return SSH_OK;
}

enum ssh_err chan_window_out_spend(struct chan_window_out *w, size_t n)
{
	if (w->endless)
		return SSH_OK;
	if (n > w->left)
		return SSH_ERR_ARGUMENT;
	w->left -= (uint32_t)n;
	return SSH_OK;
}
