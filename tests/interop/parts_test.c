/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/interop/answers.h"
#include "tests/support/peer.h"

/* keyboard-interactive, and log-ins of several parts. */

#define PASSWORD "correct horse"
#define CODE     "1234"
#define BOTH     PASSWORD "\n" CODE "\n"

/* Nacre's server with a password and two questions, which wants this chain of methods. */
static void start_nacre(struct peer_server *s, const char *chain)
{
	const char *user = peer_user();
	const char *passwords = peer_write("passwords", peer_text("%s:" PASSWORD "\n", user));
	const char *questions =
	    peer_write("questions", peer_text("%s:Password:" PASSWORD "\n"
	                                      "other:Name:x\n%s:+Code:" CODE "\n",
	                                      user, user));
	s->kind = PEER_NACRE;
	words_add(&s->options, peer_text("PasswordFile=%s", passwords),
	          peer_text("QuestionsFile=%s", questions),
	          peer_text("AuthenticationMethods=%s", chain), NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

static void start_other(struct peer_server *s, enum peer kind, const char *chain)
{
	s->kind = kind;
	s->password = PASSWORD;
	words_add(&s->process.env, peer_text("PEER_CHAIN=%s", chain), NULL);
	if (kind == PEER_OPENSSH)
		words_add(&s->options, peer_text("AuthenticationMethods=%s", chain), NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

static void log_in(struct peer_server *s, enum peer client, const char *answers, int status)
{
	struct process p = {0};
	peer_client(&p, client, s);
	answers_give(&p, answers);
	words_add(&p.argv, "-i", peer_key("user", "ed25519"), NULL);
	peer_run(&p, s, "exit 7", "");
	cr_assert_eq(p.status, status, "%s\n%s", peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

static const struct {
	const char *chain, *answers;
	int status;
} chains[] = {
    {"publickey,password", PASSWORD "\n", 7},
    {"password,publickey", PASSWORD "\n", 7},
    {"publickey,keyboard-interactive", BOTH, 7},
    {"keyboard-interactive,publickey,password", BOTH PASSWORD "\n", 7},
    {"password,keyboard-interactive", PASSWORD "\n" BOTH, 7},
    {"publickey,password,keyboard-interactive", PASSWORD "\n" BOTH, 7},
    {"publickey,password", "a\nb\nc\n", 255},
    {"publickey,keyboard-interactive", PASSWORD "\n12345\n", 255},
};
#define CHAINS (sizeof chains / sizeof chains[0])

static void all_chains(enum peer client, enum peer server)
{
	for (size_t i = 0; i < CHAINS; i++) {
		struct peer_server s = {0};
		(void)unlink(peer_path("authorized_keys"));
		if (server == PEER_NACRE)
			start_nacre(&s, chains[i].chain);
		else
			start_other(&s, server, chains[i].chain);
		log_in(&s, client, chains[i].answers, chains[i].status);
		peer_server_stop(&s);
	}
}

Test(parts, nacre_to_nacre, .fini = peer_end)
{
	all_chains(PEER_NACRE, PEER_NACRE);
}

Test(parts, openssh_to_nacre, .fini = peer_end)
{
	all_chains(PEER_OPENSSH, PEER_NACRE);
}

Test(parts, nacre_to_paramiko, .fini = peer_end)
{
	all_chains(PEER_NACRE, PEER_PARAMIKO);
}

Test(parts, nacre_to_openssh, .fini = peer_end)
{
	static const char *const orders[] = {"publickey,password", "password,publickey"};
	for (size_t i = 0; i < 2; i++) {
		struct peer_server s = {0};
		(void)unlink(peer_path("authorized_keys"));
		start_other(&s, PEER_OPENSSH, orders[i]);
		log_in(&s, PEER_NACRE, PASSWORD "\n", 7);
		log_in(&s, PEER_NACRE, "\n", 255);
		peer_server_stop(&s);
	}
}

/* Of two chains the client takes the one that it prefers; the key's command holds for both. */
static void by_choice(enum peer client, const char *preferred, const char *answers)
{
	struct peer_server s = {0};
	struct process p = {0};
	peer_authorize(peer_key("forced", "ed25519"), "command=\"echo forced\"");
	start_nacre(&s, "publickey,password publickey,keyboard-interactive");
	peer_client(&p, client, &s);
	answers_give(&p, answers);
	words_add(&p.argv, "-i", peer_key("forced", "ed25519"), "-o",
	          peer_text("PreferredAuthentications=%s", preferred), NULL);
	peer_run(&p, &s, "echo free", "");
	cr_assert(p.status == 0 && strcmp(process_out(&p), "forced\n") == 0, "%s\n%s",
	          peer_outcome(&p), peer_server_log(&s));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(parts, choice_nacre, .fini = peer_end)
{
	by_choice(PEER_NACRE, "password,publickey", PASSWORD "\n");
	by_choice(PEER_NACRE, "keyboard-interactive,publickey,password", BOTH);
}

Test(parts, choice_openssh, .fini = peer_end)
{
	by_choice(PEER_OPENSSH, "password,publickey", PASSWORD "\n");
	by_choice(PEER_OPENSSH, "keyboard-interactive,publickey,password", BOTH);
}

/* A chain of what is not offered, and one that is none. */
Test(parts, bad_chains, .fini = peer_end)
{
	static const char *const bad[] = {"publickey,password", "keyboard-interactive", "x", ","};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct process p = {0};
		words_add(&p.argv, peer_program("nacre-sshd"), "-t", "-h",
		          peer_key("host", "ed25519"), "-o",
		          peer_text("AuthenticationMethods=%s", bad[i]), NULL);
		process_start(&p);
		process_wait(&p);
		cr_expect(p.status == 1 && strstr(process_err(&p), bad[i]) != NULL, "%s",
		          peer_outcome(&p));
		process_wipe(&p);
	}
}

/* --- keyboard-interactive by itself --- */

static void questions(enum peer client, const char *answers, int status)
{
	struct peer_server s = {0};
	start_nacre(&s, "keyboard-interactive");
	log_in(&s, client, answers, status);
	cr_assert_null(strstr(peer_server_log(&s), "horse"), "an answer is in the log");
	peer_server_stop(&s);
}

Test(questions, nacre, .fini = peer_end)
{
	questions(PEER_NACRE, BOTH, 7);
	questions(PEER_NACRE, "wrong\n" CODE "\n" BOTH, 7);
}

Test(questions, openssh, .fini = peer_end)
{
	questions(PEER_OPENSSH, BOTH, 7);
	questions(PEER_OPENSSH, PASSWORD "\n4321\n" PASSWORD "\n\n" CODE "\n" CODE "\n", 255);
}

Test(questions, paramiko, .fini = peer_end)
{
	static const char *const answers[] = {PASSWORD "\n" CODE, PASSWORD "\n4321"};
	struct peer_server s = {0};
	start_nacre(&s, "keyboard-interactive");
	for (int i = 0; i < 2; i++) {
		struct process p = {0};
		words_add(&p.argv, "/usr/bin/python3", "tests/interop/peers/paramiko_answers.py",
		          "-p", s.port, "-H", s.known_hosts, "-w", answers[i], peer_user(),
		          s.address, "exit 7", NULL);
		process_start(&p);
		process_input(&p, wire_bytes_str(""));
		process_wait(&p);
		cr_assert_eq(p.status, i == 0 ? 7 : 255, "%s\n%s", peer_outcome(&p),
		             peer_server_log(&s));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

/* plink takes a password from its command line for a single question. */
Test(questions, putty, .fini = peer_end)
{
	static const char *const answers[] = {PASSWORD, "wrong"};
	struct peer_server s = {.kind = PEER_NACRE};
	const char *file =
	    peer_write("questions", peer_text("%s:Password:" PASSWORD "\n", peer_user()));
	words_add(&s.options, peer_text("QuestionsFile=%s", file),
	          "AuthenticationMethods=keyboard-interactive", NULL);
	peer_server_start(&s);
	for (int i = 0; i < 2; i++) {
		struct process p = {0};
		struct peer_ask ask = {.password = answers[i], .command = "exit 7"};
		peer_ask(&p, PEER_PUTTY, &s, &ask);
		process_start(&p);
		process_input(&p, wire_bytes_str(""));
		process_wait(&p);
		cr_assert((p.status == 7) == (i == 0) && p.status != 0, "%s\n%s", peer_outcome(&p),
		          peer_server_log(&s));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

/* At a terminal: who asks what, and only what may be shown is shown. */
Test(questions, at_the_terminal, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {.terminal = true};
	start_nacre(&s, "keyboard-interactive");
	peer_client(&p, PEER_NACRE, &s);
	words_add(&p.argv, s.address, "echo wel''come", NULL);
	process_start(&p);
	process_expect(&p, peer_text("(%s@%s) Password: ", peer_user(), s.address));
	process_type(&p, PASSWORD "\r");
	process_expect(&p, peer_text("(%s@%s) Code: ", peer_user(), s.address));
	process_type(&p, CODE "\r");
	process_expect(&p, CODE);
	process_expect(&p, "welcome");
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	cr_assert_null(strstr(process_out(&p), "horse"), "the password is shown");
	process_wipe(&p);
	peer_server_stop(&s);
}

/* A user who is not there is asked the same, and hears the same. */
Test(questions, unknown_user, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	start_nacre(&s, "keyboard-interactive");
	peer_client(&p, PEER_NACRE, &s);
	answers_give(&p, BOTH BOTH BOTH);
	words_add(&p.argv, "-l", "nobody-at-all", NULL);
	peer_run(&p, &s, "true", "");
	cr_assert(p.status == 255 && strstr(process_err(&p), "(keyboard-interactive)") != NULL,
	          "%s\n%s", peer_outcome(&p), peer_server_log(&s));
	cr_assert_str_eq(peer_read(peer_path("answers")), "", "not all questions were asked");
	process_wipe(&p);
	peer_server_stop(&s);
}
