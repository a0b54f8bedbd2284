/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include "tests/support/peer.h"

/* RFC 4252 section 9 with others: libssh2 as a client of ours, OpenSSH as a server. */

static const char *public_of(const char *key)
{
	return peer_read(peer_text("%s.pub", key));
}

static void client(struct process *p, enum peer kind, const struct peer_server *s, const char *host,
                   const char *key)
{
	if (kind == PEER_LIBSSH2) {
		words_add(&p->argv, peer_program("peers/libssh2_client"), "-p", s->port, "-H",
		          s->known_hosts, "-i", key, "-B", host, peer_user(), s->address, "exit 4",
		          NULL);
		return;
	}
	peer_client(p, kind, s);
	words_add(&p->argv, "-o", "BatchMode=yes", "-o", "PreferredAuthentications=hostbased", "-o",
	          "HostbasedAuthentication=yes", "-o", peer_text("HostbasedKeyFile=%s", key), "-o",
	          peer_text("HostbasedHostName=%s", host), s->address, "exit 4", NULL);
}

static void expect(enum peer kind, const struct peer_server *s, const char *host, const char *key,
                   bool in)
{
	struct process p = {0};
	client(&p, kind, s, host, key);
	process_start(&p);
	process_wait(&p);
	cr_expect_eq(p.status, in ? 4 : 255, "%s as %s: %s\n%s", peer_name(kind), host,
	             peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

/* --- Our server --- */

static const struct row {
	const char *host, *users, *option; /* what the client says; $: who it is */
	const char *why;                   /* NULL: it comes in */
} rows[] = {
    {"localhost", "localhost", NULL, NULL},
    {"LocalHost.", "localhost", NULL, NULL},
    {"localhost", "# these\nother.example\nlocalhost $\n", NULL, NULL},
    {"localhost", "localhost nobody", NULL, "its user is not let in"},
    {"localhost", "other.example", NULL, "its user is not let in"},
    {"localhost", "localhost $ more", NULL, "its user is not let in"},
    {"stranger", "stranger", "HostbasedUsesNameFromPacketOnly=yes", "it is not known by that key"},
    {"reef.invalid", "reef.invalid", NULL, "the client has another address"},
    {"reef.invalid", "reef.invalid", "HostbasedUsesNameFromPacketOnly=yes", NULL},
};

static const char *with_user(const char *text)
{
	const char *at = strchr(text, '$');
	return at == NULL ? text
	                  : peer_text("%.*s%s%s", (int)(at - text), text, peer_user(), at + 1);
}

static void try_row(enum peer kind, const struct row *r, const char *key, const char *known)
{
	struct peer_server s = {.kind = PEER_NACRE};
	if (r->option != NULL)
		words_add(&s.options, r->option, NULL);
	words_add(&s.options, "HostbasedAuthentication=yes", "StrictModes=no",
	          peer_text("HostbasedKnownHosts=%s", known),
	          peer_text("HostbasedUsers=%s", peer_write("shosts", with_user(r->users))), NULL);
	peer_server_start(&s);
	expect(kind, &s, r->host, key, r->why == NULL);
	if (r->why != NULL && r->why[0] != '\0')
		peer_server_expect(&s, r->why);
	peer_server_stop(&s);
}

static void to_nacre(enum peer kind, const char *type)
{
	const char *key = peer_key("reef", type), *other = peer_key("other", type);
	const char *known = peer_write("known", peer_text("localhost,reef.invalid %sstranger %s",
	                                                  public_of(key), public_of(other)));
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		try_row(kind, &rows[i], key, known);
}

Test(hostbased, nacre_to_nacre, .fini = peer_end)
{
	to_nacre(PEER_NACRE, "ed25519");
}

Test(hostbased, libssh2_to_nacre, .fini = peer_end)
{
	to_nacre(PEER_LIBSSH2, "ecdsa-256");
}

/* A revoked key, and one that is too small for the server. */
Test(hostbased, keys_that_are_not_taken, .fini = peer_end)
{
	const char *key = peer_key("reef", "rsa-2048");
	const char *known = peer_write("known", peer_text("localhost %s", public_of(key)));
	const struct row r[] = {
	    {"localhost", "localhost", NULL, NULL},
	    {"localhost", "localhost", "RequiredRSASize=3072", ""},
	    {"localhost", "localhost",
	     peer_text("RevokedKeys=%s", peer_write("revoked", public_of(key))),
	     "its key is revoked"},
	};
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < sizeof r / sizeof r[0]; i++)
		try_row(PEER_NACRE, &r[i], key, known);
}

/* --- OpenSSH's --- */

Test(hostbased, nacre_to_openssh, .fini = peer_end)
{
	static const char *const types[] = {"ed25519", "ecdsa-384", "rsa-2048"};
	struct peer_server s = {.kind = PEER_OPENSSH, .password = "unused"};
	const char *lines = "";
	for (size_t i = 0; i < 3; i++)
		lines = peer_text("%sreef%zu.example %s", lines, i,
		                  public_of(peer_key(peer_text("reef%zu", i), types[i])));
	(void)mkdir(peer_path(".ssh"), 0700);
	peer_write(".ssh/known_hosts", lines);
	peer_write(".shosts", "reef0.example\nreef1.example\nreef2.example\n");
	words_add(&s.options, "HostbasedAuthentication=yes", "HostbasedUsesNameFromPacketOnly=yes",
	          "IgnoreRhosts=no", "IgnoreUserKnownHosts=no", NULL);
	peer_server_start(&s);
	if (!peer_server_is_whole(PEER_OPENSSH)) {
		peer_server_stop(&s);
		return; /* its files would be in the user's real home */
	}
	for (size_t i = 0; i < 3; i++)
		expect(PEER_NACRE, &s, peer_text("reef%zu.example", i),
		       peer_key(peer_text("reef%zu", i), types[i]), true);
	expect(PEER_NACRE, &s, "reef1.example", peer_key("reef0", types[0]), false);
	expect(PEER_NACRE, &s, "ship.example", peer_key("reef0", types[0]), false);
	peer_server_stop(&s);
}
