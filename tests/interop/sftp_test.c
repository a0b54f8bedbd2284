/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/support/pattern.h"
#include "tests/support/peer.h"

/*
 * Files over a subsystem: the clients of others against nacre-sshd, which starts OpenSSH's
 * sftp-server for it, and nacre-ssh as the connection under OpenSSH's sftp.
 */

#define PASSWORD   "correct-horse"
#define FILE_BYTES 1000003

static void start(struct peer_server *s, enum peer kind)
{
	s->kind = kind;
	s->password = PASSWORD;
	words_add(&s->options, "Subsystem=sftp /usr/lib/openssh/sftp-server", NULL);
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

static const char *make_file(const char *name)
{
	static uint8_t data[FILE_BYTES];
	const char *path = peer_path(name);
	FILE *f = fopen(path, "wb");
	pattern_fill(data, sizeof data, 0, 7);
	cr_assert(f != NULL && fwrite(data, 1, sizeof data, f) == sizeof data && fclose(f) == 0);
	return path;
}

static void expect_file(const char *path, const char *what)
{
	uint64_t wrong = 0;
	struct wire_buf b = peer_bytes(path);
	ssh_bytes v = wire_buf_view(&b);
	cr_assert(v.len == FILE_BYTES && pattern_equal(v.ptr, v.len, 0, 7, &wrong),
	          "%s: %s has %zu bytes, or others from %llu on", what, path, v.len,
	          (unsigned long long)wrong);
	wire_buf_wipe(&b);
}

static void expect_success(struct process *p, const struct peer_server *s, const char *input)
{
	process_start(p);
	process_input(p, wire_bytes_str(input));
	process_wait(p);
	cr_assert_eq(p->status, 0, "%s\n%s", peer_outcome(p), peer_server_log(s));
}

/* --- OpenSSH --- */

static void add_ssh_options(struct words *w, const struct peer_server *s)
{
	words_add(w, "-F", "none", "-P", s->port, "-i", peer_key("user", "ed25519"), "-o",
	          "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o",
	          peer_text("UserKnownHostsFile=%s", s->known_hosts), NULL);
}

static void by_sftp(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	const char *there = peer_path("there"), *back = peer_path("back");
	const char *batch =
	    peer_text("put %s %s\nls -l %s\nget %s %s\nrename %s %s.2\n-get %s\n",
	              make_file("file"), there, there, there, back, there, there, there);
	start(&s, server);
	words_add(&p.argv, peer_program("sftp"), "-q", "-b", peer_write("batch", batch), NULL);
	if (client == PEER_NACRE)
		words_add(&p.argv, "-S", peer_program("nacre-ssh"), NULL);
	add_ssh_options(&p.argv, &s);
	words_add(&p.argv, peer_text("%s@%s", peer_user(), s.address), NULL);
	expect_success(&p, &s, "");
	expect_file(peer_path("there.2"), "put");
	expect_file(back, "get");
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(sftp, openssh_to_nacre, .fini = peer_end)
{
	by_sftp(PEER_OPENSSH, PEER_NACRE);
}

Test(sftp, nacre_to_openssh, .fini = peer_end)
{
	by_sftp(PEER_NACRE, PEER_OPENSSH);
}

Test(sftp, nacre_to_nacre, .fini = peer_end)
{
	by_sftp(PEER_NACRE, PEER_NACRE);
}

/* The new protocol of scp, which is sftp, and with -O the old one, which is a command. */
static void by_scp(const char *protocol)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process to = {0}, from = {0};
	const char *there = peer_path("there"), *back = peer_path("back");
	start(&s, PEER_NACRE);
	const char *remote = peer_text("%s@%s:%s", peer_user(), s.address, there);
	words_add(&to.argv, peer_program("scp"), "-q", protocol, NULL);
	add_ssh_options(&to.argv, &s);
	from.argv = to.argv;
	words_add(&to.argv, make_file("file"), remote, NULL);
	words_add(&from.argv, remote, back, NULL);
	expect_success(&to, &s, "");
	expect_file(there, "to");
	expect_success(&from, &s, "");
	expect_file(back, "from");
	process_wipe(&to);
	process_wipe(&from);
	peer_server_stop(&s);
}

Test(sftp, scp, .fini = peer_end)
{
	by_scp("-s");
}

Test(sftp, scp_of_old, .fini = peer_end)
{
	by_scp("-O");
}

/* --- PuTTY --- */

/* Take from plink's command line what psftp and pscp have as well: all of it but -T. */
static void putty(struct process *p, const char *program, const struct peer_server *s)
{
	struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = ""};
	struct process plink = {0};
	peer_ask(&plink, PEER_PUTTY, s, &ask);
	p->env = plink.env;
	words_add(&p->argv, peer_program(program), NULL);
	for (size_t i = 1; i + 2 < plink.argv.n; i++)
		if (strcmp(plink.argv.word[i], "-T") != 0)
			words_add(&p->argv, plink.argv.word[i], NULL);
}

Test(sftp, psftp, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process p = {0};
	const char *there = peer_path("there"), *back = peer_path("back");
	start(&s, PEER_NACRE);
	putty(&p, "psftp", &s);
	words_add(&p.argv, "-b",
	          peer_write("batch", peer_text("put %s %s\nget %s %s\nquit\n", make_file("file"),
	                                        there, there, back)),
	          s.address, NULL);
	expect_success(&p, &s, "");
	expect_file(there, "put");
	expect_file(back, "get");
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(sftp, pscp, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process to = {0}, from = {0};
	const char *there = peer_path("there"), *back = peer_path("back");
	start(&s, PEER_NACRE);
	putty(&to, "pscp", &s);
	putty(&from, "pscp", &s);
	words_add(&to.argv, "-q", make_file("file"), peer_text("%s:%s", s.address, there), NULL);
	words_add(&from.argv, "-q", peer_text("%s:%s", s.address, there), back, NULL);
	expect_success(&to, &s, "");
	expect_file(there, "to");
	expect_success(&from, &s, "");
	expect_file(back, "from");
	process_wipe(&to);
	process_wipe(&from);
	peer_server_stop(&s);
}

/* --- curl, on libssh2: sftp:// and scp:// --- */

static void by_curl(const char *scheme)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process to = {0}, from = {0};
	const char *there = peer_path("there"), *back = peer_path("back");
	start(&s, PEER_NACRE);
	/* It knows hosts by ~/.ssh/known_hosts alone. */
	(void)mkdir(peer_path(".ssh"), 0700);
	peer_write(".ssh/known_hosts", peer_read(s.known_hosts));
	words_add(&to.env, peer_text("HOME=%s", peer_path("")), NULL);
	words_add(&to.argv, peer_program("curl"), "-q", "-sS", "-u",
	          peer_text("%s:" PASSWORD, peer_user()),
	          peer_text("%s://%s:%s%s", scheme, s.address, s.port, there), NULL);
	from.env = to.env;
	from.argv = to.argv;
	words_add(&to.argv, "-T", make_file("file"), NULL);
	words_add(&from.argv, "-o", back, NULL);
	expect_success(&to, &s, "");
	expect_file(there, "to");
	expect_success(&from, &s, "");
	expect_file(back, "from");
	process_wipe(&to);
	process_wipe(&from);
	peer_server_stop(&s);
}

Test(sftp, curl_sftp, .fini = peer_end)
{
	by_curl("sftp");
}

Test(sftp, curl_scp, .fini = peer_end)
{
	by_curl("scp");
}

/* --- A subsystem that is not there --- */

Test(sftp, no_such_subsystem, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct process p = {0};
	start(&s, PEER_NACRE);
	peer_client_with_key(&p, PEER_NACRE, &s);
	words_add(&p.argv, "-s", NULL);
	peer_run(&p, &s, "nonesuch", "");
	cr_assert(p.status == 255 && wire_buf_len(&p.out) == 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}
