/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/interop/answers.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

#include "tests/support/peer.h"

void answers_give(struct process *p, const char *lines)
{
	const char *left = peer_write("answers", lines);
	const char *script = peer_write(
	    "askpass", peer_text("#!/bin/sh\nsed -n 1p '%s'\nsed -i 1d '%s'\n", left, left));
	cr_assert_eq(chmod(script, 0700), 0);
	words_add(&p->env, peer_text("SSH_ASKPASS=%s", script), "SSH_ASKPASS_REQUIRE=force", NULL);
}
