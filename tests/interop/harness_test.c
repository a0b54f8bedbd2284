/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <signal.h>

#include "tests/support/peer.h"

/* The harness, with programs that are known to work: OpenSSH at both ends. */

Test(harness, programs, .fini = peer_end)
{
	struct process p = {0};
	words_add(&p.argv, "sh", "-c", "cat; echo oops >&2; exit 7", NULL);
	process_start(&p);
	process_input(&p, wire_bytes_str("hello"));
	process_wait(&p);
	cr_assert_eq(p.status, 7);
	cr_assert_str_eq(process_out(&p), "hello");
	cr_assert_str_eq(process_err(&p), "oops\n");
	process_wipe(&p);

	words_add(&p.argv, "sleep", "1000", NULL);
	process_start(&p);
	process_signal(&p, SIGKILL);
	process_wait(&p);
	cr_assert_eq(p.status, 128 + SIGKILL);
	process_wipe(&p);
}

Test(harness, pattern, .fini = peer_end)
{
	struct process p = {.pattern = 1000003, .seed = 1};
	words_add(&p.argv, "cat", NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.got, p.pattern);
	process_wipe(&p);
}

Test(harness, terminal, .fini = peer_end)
{
	struct process p = {.terminal = true};
	words_add(&p.argv, "sh", "-c", "read x; echo \"<$x>\"; stty size; exit 3", NULL);
	process_start(&p);
	process_resize(&p, 101, 33);
	process_type(&p, "abc\n");
	process_expect(&p, "<abc>");
	process_expect(&p, "33 101");
	process_wait(&p);
	cr_assert_eq(p.status, 3);
	process_wipe(&p);
}

Test(harness, openssh, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	peer_client_with_key(&p, PEER_OPENSSH, &s);
	peer_run(&p, &s, "sh -c 'cat; exit 7'", "hello");
	cr_assert(p.status == 7 && strcmp(process_out(&p), "hello") == 0, "%s\n%s",
	          peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}
