/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <signal.h>
#include <termios.h>

#include "tests/support/peer.h"

/*
 * A shell in a terminal. What is typed is echoed, so that the words to be expected are written in
 * two pieces where they are typed.
 */

static void begin(struct process *p, struct peer_server *s, enum peer client)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
	peer_client_with_key(p, client, s);
	p->terminal = true;
}

static void end(struct process *p, struct peer_server *s, int status)
{
	process_wait(p);
	cr_assert_eq(p->status, status, "%s\n%s", peer_outcome(p), peer_server_log(s));
	process_wipe(p);
	peer_server_stop(s);
}

static void resize_and_interrupt(struct process *p)
{
	process_type(p, "sh -c 'trap \"stty size; exit\" WINCH; echo rea\"\"dy; "
	                "while :; do sleep 0.02; done'\r");
	process_expect(p, "ready");
	process_resize(p, 101, 33);
	process_expect(p, "33 101");
	process_type(p, "sh -c 'trap \"echo caught\"_it\"; exit 5\" INT; echo set\"\"tled; "
	                "while :; do sleep 0.02; done'\r");
	process_expect(p, "settled");
	process_type(p, "\003");
	process_expect(p, "caught_it");
	process_type(p, "echo stat\"\"us=$?\r");
	process_expect(p, "status=5");
}

static void shell(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	if (!peer_server_is_whole(server))
		return;
	struct termios before, during, after;
	begin(&p, &s, client);
	words_add(&p.argv, s.address, NULL);
	process_start(&p);
	process_resize(&p, 91, 29);
	cr_assert_eq(tcgetattr(p.fd, &before), 0);
	process_type(&p, "stty size; echo term\"\"inal=$TERM; tty\r");
	process_expect(&p, "29 91");
	process_expect(&p, "terminal=vt100");
	process_expect(&p, "/dev/pts/");
	cr_assert_eq(tcgetattr(p.fd, &during), 0);
	cr_assert_eq(during.c_lflag & (ICANON | ECHO | ISIG), 0, "the terminal is not raw");
	resize_and_interrupt(&p);
	process_type(&p, "exit 9\r");
	process_wait(&p);
	cr_assert_eq(tcgetattr(p.fd, &after), 0);
	cr_assert(before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag &&
	              before.c_oflag == after.c_oflag,
	          "the terminal is not as it was");
	end(&p, &s, 9);
}

Test(terminal, shell_nacre_to_openssh, .fini = peer_end)
{
	shell(PEER_NACRE, PEER_OPENSSH);
}

Test(terminal, shell_openssh_to_nacre, .fini = peer_end)
{
	shell(PEER_OPENSSH, PEER_NACRE);
}

Test(terminal, shell_nacre_to_nacre, .fini = peer_end)
{
	shell(PEER_NACRE, PEER_NACRE);
}

/* A command gets a terminal if asked to, and its line discipline is the client's. */
static void forced(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	if (!peer_server_is_whole(server))
		return;
	begin(&p, &s, client);
	p.terminal = false;
	words_add(&p.argv, "-tt", NULL);
	peer_run(&p, &s, "tty; echo typed; exit 6", "");
	cr_assert_not_null(strstr(process_out(&p), "/dev/pts/"), "%s", peer_outcome(&p));
	cr_assert_not_null(strstr(process_out(&p), "typed\r\n"), "%s", peer_outcome(&p));
	end(&p, &s, 6);
}

Test(terminal, forced_nacre_to_openssh, .fini = peer_end)
{
	forced(PEER_NACRE, PEER_OPENSSH);
}

Test(terminal, forced_openssh_to_nacre, .fini = peer_end)
{
	forced(PEER_OPENSSH, PEER_NACRE);
}

static void none(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	begin(&p, &s, client);
	words_add(&p.argv, "-T", s.address, NULL);
	process_start(&p);
	process_type(&p, "tty; echo \"<$((6 * 7))>\"; exit 4\n");
	process_expect(&p, "not a tty");
	process_expect(&p, "<42>");
	end(&p, &s, 4);
}

Test(terminal, none_nacre_to_openssh, .fini = peer_end)
{
	none(PEER_NACRE, PEER_OPENSSH);
}

Test(terminal, none_openssh_to_nacre, .fini = peer_end)
{
	none(PEER_OPENSSH, PEER_NACRE);
}

/* The user has gone: what runs there is told so. */
static void hung_up(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0}, there = {0};
	if (!peer_server_is_whole(server))
		return;
	const char *mark = peer_path("hung_up");
	begin(&p, &s, client);
	words_add(&p.argv, "-t", s.address,
	          peer_text("trap 'echo gone >%s; exit' HUP; echo settled; "
	                    "while :; do sleep 0.02; done",
	                    mark),
	          NULL);
	process_start(&p);
	process_expect(&p, "settled");
	process_signal(&p, SIGTERM);
	process_wait(&p);
	process_wipe(&p);
	words_add(&there.argv, "sh", "-c", peer_text("until test -s %s; do sleep 0.02; done", mark),
	          NULL);
	process_start(&there);
	process_wait(&there);
	process_wipe(&there);
	peer_server_stop(&s);
}

Test(terminal, hung_up_nacre_to_openssh, .fini = peer_end)
{
	hung_up(PEER_NACRE, PEER_OPENSSH);
}

Test(terminal, hung_up_openssh_to_nacre, .fini = peer_end)
{
	hung_up(PEER_OPENSSH, PEER_NACRE);
}
