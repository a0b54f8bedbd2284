/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/* The bulletin board, called by clients of several makes, one after the other and at once. */

struct board {
	struct process process;
	struct peer_server as_server; /* where it is, for the clients */
};

static void start(struct board *b)
{
	struct peer_server *s = &b->as_server;
	struct words *w = &b->process.argv;
	const char *log = peer_path("board_log");
	words_add(&s->host_keys, peer_key("host", "ed25519"), NULL);
	words_add(w, peer_program("nacre-bbs"), "-p", "0", "-h", s->host_keys.word[0], NULL);
	b->process.log = peer_write("board_log", "");
	process_start(&b->process);
	*s = (struct peer_server){
	    .address = "127.0.0.1", .host_keys = s->host_keys, .log = log, .process = b->process};
	peer_server_expect(s, "Listening on port");
	const char *said = strstr(peer_read(log), "Listening on port ");
	s->port = peer_text("%d", atoi(said + strlen("Listening on port ")));
}

/* A guest's name is everybody's. */
static void call(struct process *p, enum peer client, const struct board *b, const char *command)
{
	struct peer_ask ask = {.user = "robey", .password = "foo", .command = command};
	peer_ask(p, client, &b->as_server, &ask);
	process_start(p);
}

static const enum peer callers[] = {PEER_OPENSSH,  PEER_NACRE,  PEER_PUTTY,  PEER_DROPBEAR,
                                    PEER_PARAMIKO, PEER_LIBSSH, PEER_LIBSSH2};
#define CALLERS (sizeof callers / sizeof callers[0])

static void expect(struct process *p, enum peer client, const char *text)
{
	cr_assert(p->status == 0 && strstr(process_out(p), text) != NULL,
	          "%s does not see '%s': %s", peer_name(client), text, peer_outcome(p));
}

/* One command of the board instead of a visit. */
Test(bbs, commands, .fini = peer_end)
{
	struct board b = {0};
	start(&b);
	for (size_t i = 0; i < CALLERS; i++) {
		struct process help = {0}, none = {0};
		call(&help, callers[i], &b, "help");
		process_input(&help, wire_bytes_str(""));
		process_wait(&help);
		expect(&help, callers[i], "post");
		expect(&help, callers[i], "who");
		call(&none, callers[i], &b, "read 1000");
		process_input(&none, wire_bytes_str(""));
		process_wait(&none);
		cr_assert(strstr(process_out(&none), "post") == NULL, "%s", peer_outcome(&none));
		process_wipe(&help);
		process_wipe(&none);
	}
	process_wipe(&b.process);
}

/* Each of them leaves a message, and the last sees them all. */
Test(bbs, messages, .fini = peer_end)
{
	struct board b = {0};
	start(&b);
	for (size_t i = 0; i < CALLERS; i++) {
		struct process p = {0};
		call(&p, callers[i], &b, peer_text("post from %s", peer_name(callers[i])));
		process_input(&p, wire_bytes_str("Layer upon layer.\n.\n"));
		process_wait(&p);
		cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
		process_wipe(&p);
	}
	struct process list = {0};
	call(&list, PEER_OPENSSH, &b, "list");
	process_input(&list, wire_bytes_str(""));
	process_wait(&list);
	for (size_t i = 0; i < CALLERS; i++)
		expect(&list, PEER_OPENSSH, peer_text("from %s", peer_name(callers[i])));
	process_wipe(&list);
	process_wipe(&b.process);
}

/* A visit on a terminal: the menu, a message, good-bye. */
static void visit(struct process *p, enum peer client, const struct board *b, const char *name)
{
	p->terminal = true;
	struct peer_ask ask = {.user = "robey", .password = "foo", .terminal = true};
	peer_ask(p, client, &b->as_server, &ask);
	process_start(p);
	process_expect(p, "call you?");
	process_type(p, peer_text("%s\r", name));
	process_expect(p, peer_text("Hello, %s.", name));
}

/* Three programs that have terminals, on line at the same time. */
Test(bbs, several_callers, .fini = peer_end)
{
	static const enum peer visitors[] = {PEER_OPENSSH, PEER_NACRE, PEER_PUTTY, PEER_DROPBEAR};
	static const char *const names[] = {"Arronax", "Conseil", "Ned", "Nemo"};
	struct process p[4];
	struct board b = {0};
	memset(p, 0, sizeof p);
	start(&b);
	for (size_t i = 0; i < 4; i++)
		visit(&p[i], visitors[i], &b, names[i]);
	process_type(&p[0], "who\r");
	for (size_t i = 0; i < 4; i++)
		process_expect(&p[0], names[i]);
	process_type(&p[3], "post The Maelstrom\rWe are coming near it.\r.\r");
	process_type(&p[3], "quit\r");
	process_expect(&p[3], "Good-bye.");
	process_type(&p[2], "list\r");
	process_expect(&p[2], "Nemo: The Maelstrom");
	process_type(&p[1], "read 1\r");
	process_expect(&p[1], "We are coming near it.");
	for (size_t i = 0; i < 3; i++) {
		process_type(&p[i], "quit\r");
		process_expect(&p[i], "Good-bye.");
	}
	for (size_t i = 0; i < 4; i++) {
		process_wait(&p[i]);
		cr_assert_eq(p[i].status, 0, "%s", peer_outcome(&p[i]));
		process_wipe(&p[i]);
	}
	process_wipe(&b.process);
}

/* One port, whichever family a caller comes by; one of each is on line at the same time. */
Test(bbs, both_families, .fini = peer_end)
{
	struct board b = {0};
	struct process four = {0};
	start(&b);
	visit(&four, PEER_OPENSSH, &b, "Four");
	b.as_server.address = "::1";
	for (size_t i = 0; i < CALLERS; i++) {
		struct process p = {0};
		/* libssh2's program is for IPv4 alone. */
		if (callers[i] == PEER_LIBSSH2)
			continue;
		call(&p, callers[i], &b, "who");
		process_input(&p, wire_bytes_str(""));
		process_wait(&p);
		expect(&p, callers[i], "Four");
		process_wipe(&p);
	}
	peer_server_expect(&b.as_server, "127.0.0.1 port ");
	peer_server_expect(&b.as_server, "::1 port ");
	process_type(&four, "quit\r");
	process_wait(&four);
	cr_assert_eq(four.status, 0, "%s", peer_outcome(&four));
	process_wipe(&four);
	process_wipe(&b.process);
}

/* Strangers stay outside, and the board goes on. */
Test(bbs, wrong_password, .fini = peer_end)
{
	static const struct peer_ask wrong[] = {
	    {.user = "robey", .password = "fop", .command = "list"},
	    {.user = "robin", .password = "foo", .command = "list"},
	    {.user = "robey", .password = "", .command = "list"},
	};
	struct board b = {0};
	start(&b);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct process p = {0};
		peer_ask(&p, PEER_NACRE, &b.as_server, &wrong[i]);
		process_start(&p);
		process_input(&p, wire_bytes_str(""));
		process_wait(&p);
		cr_assert(p.status == 255 && wire_buf_len(&p.out) == 0, "%s", peer_outcome(&p));
		process_wipe(&p);
	}
	struct process p = {0};
	call(&p, PEER_OPENSSH, &b, "help");
	process_input(&p, wire_bytes_str(""));
	process_wait(&p);
	expect(&p, PEER_OPENSSH, "post");
	process_wipe(&p);
	process_wipe(&b.process);
}
