/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/support/peer.h"

/*
 * Sessions with programs of others, each of them at either end that it has: who gets in and who does
 * not, what goes in and comes out, and how commands end. A client's whole life is one test.
 */

#define PASSWORD "correct horse"
#define MIB      ((uint64_t)1 << 20)

struct pair {
	enum peer client;
	struct peer_server server;
};

static void start(struct pair *t, enum peer client, enum peer server)
{
	static const char *const types[] = {"ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521",
	                                    "rsa-2048"};
	t->client = client;
	t->server.kind = server;
	t->server.password = PASSWORD;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		peer_authorize(peer_key("user", types[i]), "");
	/* libssh2 1.10 signs with RSA as of 1995. */
	if (server == PEER_NACRE && client == PEER_LIBSSH2)
		words_add(&t->server.options, "PubkeyAcceptedAlgorithms=+ssh-rsa", NULL);
	peer_server_start(&t->server);
}

/* Run it to its end; the caller wipes. */
static void run(struct process *p, struct pair *t, const struct peer_ask *ask, const char *input)
{
	peer_ask(p, t->client, &t->server, ask);
	process_start(p);
	if (p->pattern == 0)
		process_input(p, wire_bytes_str(input));
	process_wait(p);
}

static const char *told(struct process *p, struct pair *t, const char *what)
{
	return peer_text("%s, %s to %s: %s\n%s", what, peer_name(t->client),
	                 peer_name(t->server.kind), peer_outcome(p), peer_server_log(&t->server));
}

/* That it did not succeed; dbclient calls all success that is no exit status. */
static bool tells(const struct pair *t, const struct process *p)
{
	return p->status != 0 || t->client == PEER_DROPBEAR;
}

/* --- Who gets in --- */

static void by_key(struct pair *t, const char *type)
{
	struct peer_ask ask = {.key = peer_key("user", type), .command = "cat; exit 7"};
	struct process p = {0};
	run(&p, t, &ask, "hello");
	cr_assert(p.status == 7 && strcmp(process_out(&p), "hello") == 0, "%s", told(&p, t, type));
	process_wipe(&p);
}

static void by_password(struct pair *t)
{
	struct peer_ask ask = {.password = PASSWORD, .command = "cat; exit 7"};
	struct process p = {0};
	run(&p, t, &ask, "hello");
	cr_assert(p.status == 7 && strcmp(process_out(&p), "hello") == 0, "%s",
	          told(&p, t, "password"));
	process_wipe(&p);
}

static void refused(struct pair *t, struct peer_ask ask, const char *what)
{
	const char *trace = peer_path(what);
	struct process p = {0};
	ask.command = peer_text("echo inside; echo inside >'%s'", trace);
	run(&p, t, &ask, "");
	cr_assert(tells(t, &p) && wire_buf_len(&p.out) == 0 && access(trace, F_OK) != 0, "%s",
	          told(&p, t, what));
	process_wipe(&p);
}

static void who_gets_in(struct pair *t)
{
	const char *user = peer_key("user", "ed25519");
	by_key(t, "ed25519");
	by_key(t, "ecdsa-256");
	by_key(t, "ecdsa-384");
	by_key(t, "ecdsa-521");
	by_key(t, "rsa-2048");
	if (peer_server_is_whole(t->server.kind))
		by_password(t);
	refused(t, (struct peer_ask){.password = "correct horsf"}, "wrong password");
	refused(t, (struct peer_ask){.key = peer_key("stranger", "ed25519")}, "wrong key");
	refused(t, (struct peer_ask){.key = user, .host_key = peer_key("other", "ed25519")},
	        "wrong host key");
}

/* --- What goes in and comes out --- */

static void transfer(struct pair *t)
{
	struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = "cat; exit 7"};
	struct process p = {.pattern = 3 * MIB + 1, .seed = 3};
	run(&p, t, &ask, "");
	cr_assert(p.status == 7 && p.got == p.pattern, "%llu bytes: %s", (unsigned long long)p.got,
	          told(&p, t, "transfer"));
	process_wipe(&p);
}

/* What each end makes of a signal differs; that it is no success does not. */
#define ANY_FAILURE (-1)

static const struct command {
	const char *command;
	const char *input;
	int status;
	const char *out;
	const char *err;
} commands[] = {
    {"true", "", 0, "", ""},
    {"exit 42", "", 42, "", ""},
    {"echo out; echo err >&2; exit 3", "", 3, "out\n", "err\n"},
    {"head -c 3", "more than it takes", 0, "mor", ""},
    {"printf 'a\\0b' | wc -c", "", 0, "3\n", ""},
    {"exec <&- >&-; exit 3", "never read", 3, "", ""},
    {"exec >&- 2>&-; sleep 0.1; exit 3", "", 3, "", ""},
    {"echo before; kill -KILL $$", "", ANY_FAILURE, "before\n", ""},
};

static void each_command(struct pair *t)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const struct command *c = &commands[i];
		struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = c->command};
		struct process p = {0};
		run(&p, t, &ask, c->input);
		bool ended = c->status == ANY_FAILURE ? tells(t, &p) : p.status == c->status;
		cr_assert(ended && strcmp(process_out(&p), c->out) == 0 &&
		              (c->err[0] == '\0' || strcmp(process_err(&p), c->err) == 0),
		          "%s", told(&p, t, c->command));
		process_wipe(&p);
	}
}

static void channels(struct pair *t)
{
	struct peer_ask ask = {
	    .key = peer_key("user", "ed25519"), .command = "cat; exit 7", .channels = 5};
	struct process p = {0};
	run(&p, t, &ask, "hello");
	cr_assert(p.status == 7 && strcmp(process_out(&p), "hello") == 0, "%s",
	          told(&p, t, "several channels"));
	process_wipe(&p);
}

static void whole_life(enum peer client, enum peer server)
{
	struct pair t = {0};
	/* Other suites have OpenSSH's client in detail. */
	if (client == PEER_OPENSSH && getenv("NACRE_LONG") == NULL)
		return;
	start(&t, client, server);
	who_gets_in(&t);
	transfer(&t);
	each_command(&t);
	if (client == PEER_PARAMIKO || client == PEER_LIBSSH || client == PEER_LIBSSH2)
		channels(&t);
	peer_server_stop(&t.server);
}

Test(peers_sessions, openssh_to_nacre, .fini = peer_end)
{
	whole_life(PEER_OPENSSH, PEER_NACRE);
}

Test(peers_sessions, dropbear_to_nacre, .fini = peer_end)
{
	whole_life(PEER_DROPBEAR, PEER_NACRE);
}

Test(peers_sessions, putty_to_nacre, .fini = peer_end)
{
	whole_life(PEER_PUTTY, PEER_NACRE);
}

Test(peers_sessions, paramiko_to_nacre, .fini = peer_end)
{
	whole_life(PEER_PARAMIKO, PEER_NACRE);
}

Test(peers_sessions, libssh_to_nacre, .fini = peer_end)
{
	whole_life(PEER_LIBSSH, PEER_NACRE);
}

Test(peers_sessions, libssh2_to_nacre, .fini = peer_end)
{
	whole_life(PEER_LIBSSH2, PEER_NACRE);
}

Test(peers_sessions, nacre_to_openssh, .fini = peer_end)
{
	whole_life(PEER_NACRE, PEER_OPENSSH);
}

Test(peers_sessions, nacre_to_dropbear, .fini = peer_end)
{
	whole_life(PEER_NACRE, PEER_DROPBEAR);
}

Test(peers_sessions, nacre_to_paramiko, .fini = peer_end)
{
	whole_life(PEER_NACRE, PEER_PARAMIKO);
}

Test(peers_sessions, nacre_to_libssh, .fini = peer_end)
{
	whole_life(PEER_NACRE, PEER_LIBSSH);
}
