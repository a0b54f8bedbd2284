/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/* nacre-ssh and the file of known hosts, which it shares with ssh. */

static void start(struct peer_server *s)
{
	s->kind = PEER_OPENSSH;
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

/* Run `true` with these known hosts and one more option. */
static void visit(struct process *p, const struct peer_server *s, enum peer client,
                  const char *known_hosts, const char *option)
{
	struct peer_server as = *s;
	as.known_hosts = known_hosts;
	peer_client_with_key(p, client, &as);
	words_add(&p->argv, "-o", option, NULL);
	peer_run(p, s, "true", "");
}

static void expect_visit(const struct peer_server *s, enum peer client, const char *known_hosts,
                         const char *option)
{
	struct process p = {0};
	visit(&p, s, client, known_hosts, option);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
}

static void expect_refusal(const struct peer_server *s, const char *known_hosts, const char *option,
                           const char *message)
{
	struct process p = {0};
	const char *before = peer_read(known_hosts);
	visit(&p, s, PEER_NACRE, known_hosts, option);
	cr_assert(p.status == 255 && strstr(process_err(&p), message) != NULL, "%s",
	          peer_outcome(&p));
	cr_assert_str_eq(before, peer_read(known_hosts), "known_hosts was touched");
	process_wipe(&p);
}

Test(host_key, changed, .fini = peer_end)
{
	struct peer_server s = {0}, other = {0};
	words_add(&other.host_keys, peer_key("other", "ed25519"), NULL);
	start(&s);
	start(&other);
	const char *theirs = peer_read(peer_text("%s.pub", other.host_keys.word[0]));
	const char *file =
	    peer_write("changed", peer_text("[%s]:%s %s", s.address, s.port, theirs));
	expect_refusal(&s, file, "StrictHostKeyChecking=ask", "CHANGED");
	expect_refusal(&s, file, "StrictHostKeyChecking=yes", "CHANGED");
	expect_refusal(&s, file, "StrictHostKeyChecking=accept-new", "CHANGED");
	peer_server_stop(&s);
	peer_server_stop(&other);
}

Test(host_key, revoked, .fini = peer_end)
{
	struct peer_server s = {0};
	start(&s);
	const char *known = peer_read(s.known_hosts);
	const char *file =
	    peer_write("revoked", peer_text("%s@revoked *%s", known, strchr(known, ' ')));
	expect_refusal(&s, file, "StrictHostKeyChecking=accept-new", "revoked");
	peer_server_stop(&s);
}

Test(host_key, unknown, .fini = peer_end)
{
	struct peer_server s = {0};
	start(&s);
	const char *file = peer_write("unknown", "");
	expect_refusal(&s, file, "StrictHostKeyChecking=yes", "strict checking");
	expect_refusal(&s, file, "StrictHostKeyChecking=ask", "strict checking");
	expect_refusal(&s, file, "BatchMode=yes", "strict checking");
	peer_server_stop(&s);
}

/* What nacre-ssh writes down, ssh takes, plain and hashed; and what ssh writes, nacre-ssh. */
static void accept_new(enum peer writer, enum peer reader, const char *how)
{
	struct peer_server s = {0};
	struct process p = {0};
	start(&s);
	const char *file = peer_write("new", "");
	struct peer_server as = s;
	as.known_hosts = file;
	peer_client_with_key(&p, writer, &as);
	words_add(&p.argv, "-o", "StrictHostKeyChecking=accept-new", "-o", how, NULL);
	peer_run(&p, &s, "true", "");
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	bool hashed = strncmp(peer_read(file), "|1|", 3) == 0;
	cr_assert_eq(hashed, strstr(how, "yes") != NULL, "%s", how);
	expect_visit(&s, reader, file, "StrictHostKeyChecking=yes");
	expect_visit(&s, writer, file, "StrictHostKeyChecking=yes");
	peer_server_stop(&s);
}

Test(host_key, accept_new_nacre_writes, .fini = peer_end)
{
	accept_new(PEER_NACRE, PEER_OPENSSH, "HashKnownHosts=no");
}

Test(host_key, accept_new_nacre_writes_hashed, .fini = peer_end)
{
	accept_new(PEER_NACRE, PEER_OPENSSH, "HashKnownHosts=yes");
}

Test(host_key, accept_new_openssh_writes_hashed, .fini = peer_end)
{
	accept_new(PEER_OPENSSH, PEER_NACRE, "HashKnownHosts=yes");
}

/* ssh-keygen -H hashes what was there. */
Test(host_key, hashed_by_keygen, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	start(&s);
	words_add(&p.argv, peer_program("ssh-keygen"), "-H", "-f", s.known_hosts, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	cr_assert_eq(strncmp(peer_read(s.known_hosts), "|1|", 3), 0);
	expect_visit(&s, PEER_NACRE, s.known_hosts, "StrictHostKeyChecking=yes");
	peer_server_stop(&s);
}

/* --- The question --- */

static const char *fingerprint(const char *key)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("ssh-keygen"), "-l", "-f", key, NULL);
	process_start(&p);
	process_wait(&p);
	const char *at = strstr(process_out(&p), "SHA256:");
	cr_assert_not_null(at, "%s", peer_outcome(&p));
	const char *text = peer_text("%.*s", (int)strcspn(at, " "), at);
	process_wipe(&p);
	return text;
}

static void ask(struct process *p, const struct peer_server *s, const char *file)
{
	struct peer_server as = *s;
	as.known_hosts = file;
	peer_client(p, PEER_NACRE, &as);
	p->terminal = true;
	words_add(&p->argv, "-i", peer_key("user", "ed25519"), s->address, "echo wel''come", NULL);
	process_start(p);
	process_expect(p, fingerprint(s->host_keys.word[0]));
	process_expect(p, "continue connecting");
}

Test(host_key, asked_and_accepted, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	start(&s);
	const char *file = peer_write("asked", "");
	ask(&p, &s, file);
	process_type(&p, "perhaps\r");
	process_expect(&p, "Please type");
	process_expect(&p, "continue connecting");
	process_type(&p, "yes\r");
	process_expect(&p, "welcome");
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	expect_visit(&s, PEER_OPENSSH, file, "StrictHostKeyChecking=yes");
	peer_server_stop(&s);
}

Test(host_key, asked_and_given_the_fingerprint, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	start(&s);
	ask(&p, &s, peer_write("asked", ""));
	process_type(&p, peer_text("%s\r", fingerprint(s.host_keys.word[0])));
	process_expect(&p, "welcome");
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(host_key, asked_and_refused, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	start(&s);
	const char *file = peer_write("asked", "");
	ask(&p, &s, file);
	process_type(&p, "no\r");
	process_wait(&p);
	cr_assert_eq(p.status, 255, "%s", peer_outcome(&p));
	cr_assert_null(strstr(process_out(&p), "welcome"));
	process_wipe(&p);
	cr_assert_str_eq(peer_read(file), "");
	peer_server_stop(&s);
}
