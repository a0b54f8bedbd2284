/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

#include "tests/support/pattern.h"
#include "tests/support/peer.h"

/* What a server does beside running commands. */

/* --- authorized_keys --- */

static void expect_forced(struct process *p)
{
	cr_assert(p->status == 3 && strstr(process_out(p), "forced: tty; echo asked") != NULL, "%s",
	          peer_outcome(p));
}

/* ssh that was told twice to have a terminal gives up without. */
static void expect_no_terminal(struct process *p, enum peer client)
{
	const char *message =
	    client == PEER_NACRE ? "no terminal" : "PTY allocation request failed";
	cr_assert(strstr(process_err(p), message) != NULL &&
	              strstr(process_out(p), "/dev/pts") == NULL,
	          "%s", peer_outcome(p));
	if (client == PEER_NACRE)
		cr_assert_not_null(strstr(process_out(p), "not a tty"), "%s", peer_outcome(p));
}

static void with_options(enum peer client, enum peer server, const char *options)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	if (!peer_server_is_whole(server))
		return;
	peer_authorize(peer_key("user", "ed25519"), options);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	words_add(&p.argv, "-tt", NULL);
	peer_run(&p, &s, "tty; echo asked", "");
	if (strstr(options, "command") != NULL)
		expect_forced(&p);
	else
		expect_no_terminal(&p, client);
	process_wipe(&p);
	peer_server_stop(&s);
}

static const char forced[] = "command=\"echo \\\"forced: $SSH_ORIGINAL_COMMAND\\\"; exit 3\"";

Test(server, forced_command_nacre_to_openssh, .fini = peer_end)
{
	with_options(PEER_NACRE, PEER_OPENSSH, forced);
}

Test(server, forced_command_openssh_to_nacre, .fini = peer_end)
{
	with_options(PEER_OPENSSH, PEER_NACRE, forced);
}

Test(server, no_pty_nacre_to_openssh, .fini = peer_end)
{
	with_options(PEER_NACRE, PEER_OPENSSH, "no-pty");
}

Test(server, no_pty_openssh_to_nacre, .fini = peer_end)
{
	with_options(PEER_OPENSSH, PEER_NACRE, "no-pty");
}

Test(server, restrict_openssh_to_nacre, .fini = peer_end)
{
	with_options(PEER_OPENSSH, PEER_NACRE, "restrict");
}

/* --- Files, by the sftp subsystem --- */

#define FILE_BYTES ((size_t)32 << 20)

static void make_file(const char *path)
{
	static uint8_t chunk[1 << 20];
	FILE *f = fopen(path, "wb");
	cr_assert_not_null(f);
	for (size_t at = 0; at < FILE_BYTES; at += sizeof chunk) {
		pattern_fill(chunk, sizeof chunk, at, 11);
		cr_assert_eq(fwrite(chunk, 1, sizeof chunk, f), sizeof chunk);
	}
	cr_assert_eq(fclose(f), 0);
}

static void expect_file(const char *path)
{
	uint64_t wrong = 0;
	struct wire_buf b = peer_bytes(path);
	ssh_bytes v = wire_buf_view(&b);
	cr_assert_eq(v.len, FILE_BYTES, "%s: %zu bytes", path, v.len);
	cr_assert(pattern_equal(v.ptr, v.len, 0, 11, &wrong), "%s: byte %llu differs", path,
	          (unsigned long long)wrong);
	wire_buf_wipe(&b);
}

static void sftp(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	const char *here = peer_path("here"), *there = peer_path("there"),
	           *back = peer_path("back");
	if (server == PEER_OPENSSH)
		words_add(&s.options, "Subsystem=sftp internal-sftp", NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	make_file(here);
	const char *batch = peer_write("batch", peer_text("put %s %s\nget %s %s\nls -l %s\n", here,
	                                                  there, there, back, there));
	words_add(&p.argv, peer_program("sftp"), "-q", "-F", "none", "-P", s.port, "-i",
	          peer_key("user", "ed25519"), "-b", batch, "-o", "IdentitiesOnly=yes", "-o",
	          peer_text("UserKnownHostsFile=%s", s.known_hosts), NULL);
	if (client == PEER_NACRE)
		words_add(&p.argv, "-S", peer_program("nacre-ssh"), NULL);
	words_add(&p.argv, s.address, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	expect_file(there);
	expect_file(back);
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(server, sftp_nacre_to_openssh, .fini = peer_end)
{
	sftp(PEER_NACRE, PEER_OPENSSH);
}

Test(server, sftp_openssh_to_nacre, .fini = peer_end)
{
	sftp(PEER_OPENSSH, PEER_NACRE);
}

static void no_subsystem(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	words_add(&p.argv, "-s", NULL);
	peer_run(&p, &s, "no-such-subsystem", "");
	cr_assert(p.status != 0 && wire_buf_len(&p.err) > 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(server, no_subsystem_nacre_to_openssh, .fini = peer_end)
{
	no_subsystem(PEER_NACRE, PEER_OPENSSH);
}

Test(server, no_subsystem_openssh_to_nacre, .fini = peer_end)
{
	no_subsystem(PEER_OPENSSH, PEER_NACRE);
}

/* --- Coming and going --- */

static void expect_status(const struct peer_server *s, enum peer client, const char *command,
                          int status)
{
	struct process p = {0};
	peer_client_with_key(&p, client, s);
	peer_run(&p, s, command, "");
	cr_assert_eq(p.status, status, "%s\n%s", peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

/* A connection without a session stays until it is ended, and the server goes on without it. */
static void no_command(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s.options, "LogLevel=VERBOSE", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	words_add(&p.argv, "-v", "-N", s.address, NULL);
	process_start(&p);
	peer_server_expect(&s, "Accepted publickey for");
	process_signal(&p, SIGTERM);
	process_wait(&p);
	process_wipe(&p);
	expect_status(&s, client, "exit 4", 4);
	peer_server_stop(&s);
}

Test(server, no_command_nacre_to_openssh, .fini = peer_end)
{
	no_command(PEER_NACRE, PEER_OPENSSH);
}

Test(server, no_command_openssh_to_nacre, .fini = peer_end)
{
	no_command(PEER_OPENSSH, PEER_NACRE);
}

#define CROWD 20

static void crowd(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p[CROWD] = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	for (int i = 0; i < CROWD; i++) {
		p[i].pattern = 1 << 20;
		p[i].seed = (uint64_t)i;
		peer_client_with_key(&p[i], client, &s);
		words_add(&p[i].argv, s.address, peer_text("cat; exit %d", i), NULL);
		process_start(&p[i]);
	}
	process_wait_all(p, CROWD);
	for (int i = 0; i < CROWD; i++) {
		cr_assert(p[i].status == i && p[i].got == p[i].pattern, "%d: %s\n%s", i,
		          peer_outcome(&p[i]), peer_server_log(&s));
		process_wipe(&p[i]);
	}
	peer_server_stop(&s);
}

Test(server, crowd_nacre_to_openssh, .fini = peer_end)
{
	crowd(PEER_NACRE, PEER_OPENSSH);
}

Test(server, crowd_openssh_to_nacre, .fini = peer_end)
{
	crowd(PEER_OPENSSH, PEER_NACRE);
}

Test(server, crowd_nacre_to_nacre, .fini = peer_end)
{
	crowd(PEER_NACRE, PEER_NACRE);
}
