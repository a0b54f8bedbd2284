/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/* Compression with programs of others: what goes through `cat` comes back, and was compressed. */

#define SIZE ((uint64_t)3 << 20)

static void transfer(struct peer_server *s, enum peer client, const char *expect)
{
	struct peer_ask ask = {
	    .key = peer_key("user", "ed25519"),
	    .compress = true,
	    .verbose = client == PEER_NACRE,
	    .command = "cat; exit 7",
	};
	struct process p = {.pattern = SIZE + 1, .seed = 3};
	peer_ask(&p, client, s, &ask);
	process_start(&p);
	process_wait(&p);
	const char *log = client == PEER_NACRE ? process_err(&p) : peer_server_log(s);
	cr_assert(p.status == 7 && p.got == p.pattern, "%s to %s: %llu bytes, %s\n%s",
	          peer_name(client), peer_name(s->kind), (unsigned long long)p.got,
	          peer_outcome(&p), peer_server_log(s));
	cr_assert_not_null(strstr(log, expect), "%s to %s: no %s in\n%s", peer_name(client),
	                   peer_name(s->kind), expect, log);
	process_wipe(&p);
}

static void at_nacre(enum peer client, const char *compression)
{
	struct peer_server s = {.kind = PEER_NACRE};
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s.options, peer_text("Compression=%s", compression), "LogLevel=DEBUG", NULL);
	peer_server_start(&s);
	transfer(&s, client, peer_text("compression %s", compression));
	peer_server_stop(&s);
}

static void from_nacre(enum peer server, const char *expect)
{
	struct peer_server s = {.kind = server};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	transfer(&s, PEER_NACRE, expect);
	peer_server_stop(&s);
}

Test(peers_compress, clients, .fini = peer_end)
{
	at_nacre(PEER_PARAMIKO, "zlib@openssh.com");
	at_nacre(PEER_LIBSSH, "zlib@openssh.com");
	at_nacre(PEER_LIBSSH2, "zlib@openssh.com");
	at_nacre(PEER_PUTTY, "zlib@openssh.com");
}

/* Before anybody has logged in; libssh has none of it. */
Test(peers_compress, immediate_clients, .fini = peer_end)
{
	at_nacre(PEER_PARAMIKO, "zlib");
	at_nacre(PEER_LIBSSH2, "zlib");
	at_nacre(PEER_PUTTY, "zlib");
}

Test(peers_compress, servers, .fini = peer_end)
{
	from_nacre(PEER_DROPBEAR, "zlib@openssh.com");
	from_nacre(PEER_PARAMIKO, "zlib@openssh.com");
	from_nacre(PEER_LIBSSH, "zlib@openssh.com");
}
