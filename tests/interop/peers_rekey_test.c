/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/*
 * New keys in the middle of a transfer, asked for by either end, or by both: with every program at
 * the other one. What is sent comes back whole, and the keys have changed as often as they should.
 */

#define MIB      ((uint64_t)1 << 20)
#define BYTES    (4 * MIB)
#define LIMIT    "262144"
/* Each way, 16 limits are crossed; what arrives meanwhile counts as well. */
#define AT_LEAST 2

static size_t times(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/*
 * paramiko waits for the end of an exchange, which it begins itself, when a channel is closed
 * meanwhile, on the thread that would bring it to its end. So with it the channel outlives them.
 */
static const char *command(enum peer client, enum peer server)
{
	bool waits = client == PEER_PARAMIKO || server == PEER_PARAMIKO;
	return waits ? "cat; sleep 0.3; exit 7" : "cat; exit 7";
}

/* The log has every packet. */
static const char *end_of_log(const struct peer_server *s)
{
	const char *log = peer_server_log(s);
	size_t len = strlen(log);
	return log + (len > 3000 ? len - 3000 : 0);
}

/* How many exchanges Nacre's end tells of, the first not counted. */
static size_t transfer(enum peer client, const struct peer_server *s, const char *limit)
{
	struct process p = {.pattern = BYTES, .seed = 9};
	struct peer_ask ask = {.key = peer_key("user", "ed25519"),
	                       .rekey = limit,
	                       .command = command(client, s->kind),
	                       .verbose = client == PEER_NACRE};
	size_t before = times(peer_server_log(s), "To the client:");
	peer_ask(&p, client, s, &ask);
	process_start(&p);
	process_wait(&p);
	cr_assert(p.status == 7 && p.got == p.pattern, "%s to %s: %llu bytes, %s\n%s",
	          peer_name(client), peer_name(s->kind), (unsigned long long)p.got,
	          peer_outcome(&p), end_of_log(s));
	size_t n = client == PEER_NACRE ? times(process_err(&p), "re-keyed")
	                                : times(peer_server_log(s), "To the client:") - before - 1;
	process_wipe(&p);
	return n;
}

static void begin(struct peer_server *s, enum peer kind, const char *limit)
{
	*s = (struct peer_server){.kind = kind, .rekey = limit};
	if (kind == PEER_NACRE)
		words_add(&s->options, "LogLevel=DEBUG", NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

enum who { CLIENT = 1, SERVER = 2, BOTH = 3 };

static void rekey(enum peer client, enum peer server, enum who who)
{
	static const char *const names[] = {"", "the client", "the server", "both"};
	struct peer_server s;
	begin(&s, server, (who & SERVER) != 0 ? LIMIT : NULL);
	size_t n = transfer(client, &s, (who & CLIENT) != 0 ? LIMIT : NULL);
	cr_assert_geq(n, AT_LEAST, "%s to %s: %zu exchanges asked for by %s", peer_name(client),
	              peer_name(server), n, names[who]);
	peer_server_stop(&s);
}

/* Dropbear begins an exchange after a GiB and not before. */
Test(peers_rekey, dropbear, .fini = peer_end)
{
	rekey(PEER_DROPBEAR, PEER_NACRE, SERVER);
	rekey(PEER_NACRE, PEER_DROPBEAR, CLIENT);
}

Test(peers_rekey, putty, .fini = peer_end)
{
	rekey(PEER_PUTTY, PEER_NACRE, SERVER);
	rekey(PEER_PUTTY, PEER_NACRE, CLIENT);
	rekey(PEER_PUTTY, PEER_NACRE, BOTH);
}

Test(peers_rekey, paramiko_to_nacre, .fini = peer_end)
{
	rekey(PEER_PARAMIKO, PEER_NACRE, SERVER);
	rekey(PEER_PARAMIKO, PEER_NACRE, CLIENT);
	rekey(PEER_PARAMIKO, PEER_NACRE, BOTH);
}

Test(peers_rekey, nacre_to_paramiko, .fini = peer_end)
{
	rekey(PEER_NACRE, PEER_PARAMIKO, SERVER);
	rekey(PEER_NACRE, PEER_PARAMIKO, CLIENT);
	rekey(PEER_NACRE, PEER_PARAMIKO, BOTH);
}

Test(peers_rekey, libssh_to_nacre, .fini = peer_end)
{
	rekey(PEER_LIBSSH, PEER_NACRE, SERVER);
	rekey(PEER_LIBSSH, PEER_NACRE, CLIENT);
	rekey(PEER_LIBSSH, PEER_NACRE, BOTH);
}

Test(peers_rekey, nacre_to_libssh, .fini = peer_end)
{
	rekey(PEER_NACRE, PEER_LIBSSH, SERVER);
	rekey(PEER_NACRE, PEER_LIBSSH, CLIENT);
	rekey(PEER_NACRE, PEER_LIBSSH, BOTH);
}

/* It never begins one. */
Test(peers_rekey, libssh2, .fini = peer_end)
{
	rekey(PEER_LIBSSH2, PEER_NACRE, SERVER);
}
