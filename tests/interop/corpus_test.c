/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>

#include "tests/support/peer.h"

/*
 * The negative corpus over sockets, on programs: ours have to do as a connection in memory does, down
 * to the reason of a goodbye; OpenSSH's only shows that the form works on what we have not written.
 * Where a program does otherwise is on record in tests/corpus/known.
 */

/* What some cases are about, and nobody has by default. */
static const char cbc[] = "Ciphers=+aes128-cbc";

static void add_files(struct process *p, const char *pattern)
{
	glob_t g;
	cr_assert_eq(glob(pattern, 0, NULL, &g), 0, "no cases");
	for (size_t i = 0; i < g.gl_pathc; i++)
		words_add(&p->argv, peer_text("%s", g.gl_pathv[i]), NULL);
	globfree(&g);
}

/* At least so many runs, since cases out of reach are left out in silence. */
static void play(struct process *p, const char *pattern, unsigned long least)
{
	add_files(p, pattern);
	process_start(p);
	process_wait(p);
	cr_expect_eq(p->status, 0, "%s", peer_outcome(p));
	const char *runs = strstr(process_out(p), "cases, ");
	cr_assert_not_null(runs, "%s", peer_outcome(p));
	cr_expect_geq(strtoul(runs + 7, NULL, 10), least, "%s", runs);
	process_wipe(p);
}

static void play_server(struct peer_server *s, const char *known, const char *pattern,
                        unsigned long least)
{
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s->options, cbc, NULL);
	peer_server_start(s);
	words_add(&p.argv, peer_program("corpus"), "-j", "32", "-h", s->address, "-p", s->port,
	          "-l", peer_user(), "-i", peer_key("user", "ed25519"), NULL);
	if (s->kind == PEER_NACRE)
		words_add(&p.argv, "-r", NULL);
	if (known != NULL)
		words_add(&p.argv, "-k", known, NULL);
	play(&p, pattern, least);
	peer_server_stop(s);
}

static void play_client(enum peer kind, const char *known, const char *pattern, unsigned long least)
{
	struct process p = {0};
	const char *command =
	    peer_text("%s -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
	              "-o BatchMode=yes -o %s -p %%p nemo@127.0.0.1 true",
	              peer_program(kind == PEER_NACRE ? "nacre-ssh" : "ssh"), cbc);
	words_add(&p.env, "SSH_AUTH_SOCK=", peer_text("HOME=%s", peer_path("")), NULL);
	words_add(&p.argv, peer_program("corpus"), "-j", "32", "-k", known, "-x", command, NULL);
	if (kind == PEER_NACRE)
		words_add(&p.argv, "-r", NULL);
	play(&p, pattern, least);
}

static const char all[] = "tests/corpus/*.case";
/* Key exchange. The rest is logins for the most part, which take OpenSSH some time. */
static const char some[] = "tests/corpus/[ksw]-*.case";

/* KEXINIT and what may come when: a client is begun for each case, and OpenSSH's is slow at that. */
static const char order[] = "tests/corpus/k-[on]*.case";

Test(corpus, nacre_sshd, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE, .password = "nautilus"};
	const char *questions = peer_write("questions", peer_text("%s:Word:fish\n", peer_user()));
	words_add(&s.options, peer_text("QuestionsFile=%s", questions), NULL);
	play_server(&s, NULL, all, 610);
}

/* A sanitized program takes its time to begin, and here it begins once a case. */
Test(corpus, nacre_ssh, .fini = peer_end)
{
	const char *build = getenv("NACRE_BUILD");
	bool slow = build != NULL && strstr(build, "san") != NULL;
	play_client(PEER_NACRE, "tests/corpus/known/nacre-ssh", slow ? some : all,
	            slow ? 350 : 500);
}

Test(corpus, openssh_sshd, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	bool whole = getenv("NACRE_LONG") != NULL;
	play_server(&s, "tests/corpus/known/openssh-sshd", whole ? all : some, whole ? 610 : 390);
}

Test(corpus, openssh_ssh, .fini = peer_end)
{
	if (getenv("NACRE_LONG") != NULL)
		play_client(PEER_OPENSSH, "tests/corpus/known/openssh-ssh", order, 150);
}
