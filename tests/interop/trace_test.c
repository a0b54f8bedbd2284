/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/* The logs of the tools: -v, -E, TraceFile. */

static void expect_in(const char *text, const char *part)
{
	cr_expect_not_null(strstr(text, part), "no %s in\n%.4000s", part, text);
}

static void expect_out_of(const char *text, const char *part)
{
	cr_expect_null(strstr(text, part), "%s in\n%.4000s", part, text);
}

/* What the two tools say of one session, whichever peer each has. */
static void session(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	const char *log = peer_path("log"), *json = peer_path("json"),
	           *served = peer_path("served");
	peer_authorize(peer_key("user", "ed25519"), "");
	if (server == PEER_NACRE)
		words_add(&s.options, peer_text("TraceFile=%s", served), "LogLevel=DEBUG2", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	if (client == PEER_NACRE)
		words_add(&p.argv, "-vv", "-E", log, "-o", peer_text("TraceFile=%s", json), NULL);
	peer_run(&p, &s, "cat; echo problem >&2; exit 6", "lemniscate");
	cr_assert_eq(p.status, 6, "%s", peer_outcome(&p));
	if (client == PEER_NACRE) {
		cr_expect_str_eq(process_err(&p), "problem\n");
		expect_in(peer_read(log), "* negotiated kex=\"");
		expect_in(peer_read(log), "command=\"cat; echo problem >&2; exit 6\"\n");
		expect_out_of(peer_read(log), "lemniscate");
		expect_in(peer_read(json), "\"name\":\"CHANNEL_DATA\",\"len\":");
		expect_in(peer_read(json), "\"status\":6}}\n");
		expect_out_of(peer_read(json), "6c656d6e697363617465");
	}
	if (server == PEER_NACRE) {
		expect_in(peer_read(served), "{\"t\":");
		expect_in(peer_read(served), "\"end\":\"server\",\"type\":\"negotiated\"");
		expect_in(peer_server_log(&s), " 98 CHANNEL_REQUEST recipient=0 type=\"exec\"");
		expect_out_of(peer_server_log(&s), "lemniscate");
	}
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(trace, nacre_to_nacre, .fini = peer_end)
{
	session(PEER_NACRE, PEER_NACRE);
}

Test(trace, nacre_to_openssh, .fini = peer_end)
{
	session(PEER_NACRE, PEER_OPENSSH);
}

Test(trace, openssh_to_nacre, .fini = peer_end)
{
	session(PEER_OPENSSH, PEER_NACRE);
}

/* -vvv shows the data, and it goes to standard error as lines of a raw terminal. */
Test(trace, the_third_v_shows_data, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	peer_client_with_key(&p, PEER_NACRE, &s);
	words_add(&p.argv, "-vvv", NULL);
	peer_run(&p, &s, "cat", "lemniscate");
	expect_in(process_err(&p), "data=\"lemniscate\"\r\n");
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(trace, a_file_that_cannot_be_opened, .fini = peer_end)
{
	static const char *const options[][2] = {{"-E", "/nowhere/log"},
	                                         {"-o", "TraceFile=/nowhere/log"}};
	for (size_t i = 0; i < 2; i++) {
		struct process p = {0};
		words_add(&p.argv, peer_program("nacre-ssh"), options[i][0], options[i][1], "host",
		          NULL);
		process_start(&p);
		process_wait(&p);
		cr_expect_eq(p.status, 255);
		cr_expect_str_eq(process_err(&p),
		                 "nacre-ssh: /nowhere/log: No such file or directory\n");
		process_wipe(&p);
	}
}
