/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/libchan/pipe.h"

static void check_sum(const struct chan_window_in *w, const char *where)
{
	cr_assert_eq((uint64_t)w->left + w->owed + chan_window_in_held(w), w->max, "%s", where);
}

Test(window, small_reads_make_one_adjust_per_half_window)
{
	struct chan_window_in w;
	size_t surplus, adjusts = 0;
	uint32_t adjust;
	chan_window_in_init(&w, 1000, false);
	for (int i = 0; i < 10000; i++) {
		cr_assert_eq(chan_window_in_take(&w, 1, &surplus), 0);
		cr_assert_eq(surplus, 0);
		cr_assert_eq(chan_window_in_consume(&w, 1, &adjust), 0);
		cr_assert(adjust == 0 || adjust == 500);
		adjusts += adjust != 0;
		check_sum(&w, "one by one");
	}
	cr_assert_eq(adjusts, 20);
}

Test(window, every_size_comes_back_in_full)
{
	static const uint32_t sizes[] = {1, 2, 3, 9, 1000, CHAN_WINDOW, UINT32_MAX - 1, UINT32_MAX};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct chan_window_in w;
		size_t surplus;
		uint32_t adjust;
		chan_window_in_init(&w, sizes[i], false);
		cr_assert_eq(chan_window_in_take(&w, sizes[i], &surplus), 0);
		cr_assert_eq(surplus, 0);
		cr_assert_eq(chan_window_in_held(&w), sizes[i]);
		cr_assert_eq(chan_window_in_consume(&w, sizes[i], &adjust), 0);
		cr_assert_eq(adjust, sizes[i]);
		cr_assert_eq(w.left, sizes[i]);
		check_sum(&w, "whole");
	}
}

Test(window, consuming_more_than_is_held_is_refused)
{
	struct chan_window_in w;
	size_t surplus;
	uint32_t adjust;
	chan_window_in_init(&w, 100, false);
	cr_assert_eq(chan_window_in_take(&w, 10, &surplus), 0);
	cr_assert_eq(chan_window_in_consume(&w, 11, &adjust), SSH_ERR_ARGUMENT);
	cr_assert_eq(chan_window_in_consume(&w, SIZE_MAX, &adjust), SSH_ERR_ARGUMENT);
	cr_assert_eq(chan_window_in_held(&w), 10);
	cr_assert_eq(chan_window_in_consume(&w, 10, &adjust), 0);
	cr_assert_eq(adjust, 0, "10 of 100 are not worth a message");
}

Test(window, a_tenth_may_be_exceeded_in_all)
{
	struct chan_window_in w;
	size_t surplus;
	chan_window_in_init(&w, 100, false);
	cr_assert_eq(chan_window_in_take(&w, 101, &surplus), 0);
	cr_assert_eq(surplus, 1);
	cr_assert_eq(w.left, 0);
	cr_assert_eq(chan_window_in_take(&w, 9, &surplus), 0);
	cr_assert_eq(surplus, 9);
	cr_assert_eq(chan_window_in_take(&w, 0, &surplus), 0);
	cr_assert_eq(chan_window_in_take(&w, 1, &surplus), SSH_ERR_WINDOW);
	cr_assert_eq(chan_window_in_take(&w, SIZE_MAX, &surplus), SSH_ERR_WINDOW);
	check_sum(&w, "exceeded");
}

Test(window, the_peers_window_never_overflows)
{
	struct chan_window_out w = {0};
	cr_assert_eq(chan_window_out_add(&w, 0), 0);
	cr_assert_eq(chan_window_out_add(&w, UINT32_MAX), 0);
	cr_assert_eq(chan_window_out_add(&w, 0), 0);
	cr_assert_eq(chan_window_out_add(&w, 1), SSH_ERR_WINDOW);
	cr_assert_eq(w.left, UINT32_MAX);
	cr_assert_eq(chan_window_out_spend(&w, 7), 0);
	cr_assert_eq(chan_window_out_add(&w, 8), SSH_ERR_WINDOW);
	cr_assert_eq(chan_window_out_add(&w, 7), 0);
	cr_assert_eq(chan_window_out_spend(&w, (size_t)UINT32_MAX + 1), SSH_ERR_ARGUMENT);
	cr_assert_eq(chan_window_out_spend(&w, UINT32_MAX), 0);
	cr_assert_eq(chan_window_out_spend(&w, 1), SSH_ERR_ARGUMENT);
}

/* RFC 8308 section 3.3: nothing is counted, in either direction. */
Test(window, endless_ones_never_end)
{
	struct chan_window_in in;
	struct chan_window_out out;
	size_t surplus;
	uint32_t adjust;
	chan_window_in_init(&in, 10, true);
	chan_window_out_init(&out, 10, true);
	for (int i = 0; i < 300; i++) {
		cr_assert_eq(chan_window_in_take(&in, (size_t)1 << 24, &surplus), SSH_OK);
		cr_assert_eq(surplus, 0);
		cr_assert_eq(chan_window_in_consume(&in, (size_t)1 << 24, &adjust), SSH_OK);
		cr_assert_eq(adjust, 0);
		cr_assert_eq(chan_window_out_spend(&out, (size_t)1 << 24), SSH_OK);
		cr_assert_eq(chan_window_out_add(&out, UINT32_MAX), SSH_OK);
		cr_assert_eq(out.left, UINT32_MAX);
	}
	chan_window_out_init(&out, 10, false);
	cr_assert_eq(out.left, 10);
	cr_assert_eq(chan_window_out_spend(&out, 11), SSH_ERR_ARGUMENT);
}
