/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libcrypt/cert.h"
#include "tests/support/peer.h"

/* Certificates of hosts that we have issued, shown by either server, asked for by name or not. */

static void read_key(struct crypt_key *k, const char *path)
{
	struct wire_buf text = peer_bytes(path);
	cr_assert_eq(auth_keyfile_parse(k, NULL, crypt_keyalgs, wire_buf_view(&text)), SSH_OK);
	wire_buf_wipe(&text);
}

/* Returns the file with the certificate. */
static const char *issue(const struct crypt_keyalg *alg, const char *key, const char *ca)
{
	struct crypt_key subject = {0}, authority = {0};
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf blob = {0}, line = {0};
	read_key(&subject, key);
	read_key(&authority, ca);
	struct crypt_cert_authority by = {&authority, authority.alg->sigs[0], &rng};
	struct crypt_cert fields = {.alg = alg,
	                            .role = CRYPT_CERT_HOST,
	                            .id = wire_bytes_str("a host"),
	                            .valid_after = (uint64_t)time(NULL) - 60,
	                            .valid_before = (uint64_t)time(NULL) + 600};
	cr_assert_eq(crypt_cert_issue(&blob, &fields, &subject, &by), SSH_OK, "%s", alg->name);
	auth_publine_put(&line, wire_buf_view(&blob), wire_bytes_str("ours"));
	wire_put_u8(&line, 0);
	const char *file = peer_write("ours-cert.pub", (const char *)wire_buf_view(&line).ptr);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	crypt_key_wipe(&subject);
	crypt_key_wipe(&authority);
	return file;
}

struct row {
	enum peer client, server;
	const struct crypt_keyalg *alg;
	const char *type;   /* of the host's key */
	const char *option; /* HostKeyAlgorithms of the client; NULL: its default */
	const char *used;   /* the algorithm that the connection has; NULL: it fails */
};

#define NACRE PEER_NACRE
#define THEIR PEER_OPENSSH

/* What -v tells of the negotiation: nacre-ssh in one line of many, ssh in one of its own. */
static bool says(const char *log, const struct row *r)
{
	if (r->client == PEER_OPENSSH)
		return strstr(log, peer_text("host key algorithm: %s\r\n", r->used)) != NULL;
	const char *line = strstr(log, "* negotiated ");
	return line != NULL && strstr(line, peer_text("hostkey=\"%s\" cipher", r->used)) != NULL;
}

static void log_in(const struct row *r, const struct peer_server *s)
{
	struct process p = {0};
	peer_client_with_key(&p, r->client, s);
	words_add(&p.argv, "-v", "-o", "StrictHostKeyChecking=yes", NULL);
	if (r->option != NULL)
		words_add(&p.argv, "-o", peer_text("HostKeyAlgorithms=%s", r->option), NULL);
	peer_run(&p, s, "echo in", "");
	bool in = p.status == 0 && strcmp(process_out(&p), "in\n") == 0;
	cr_expect_eq(in, r->used != NULL, "%s, asked for %s: %s\n%s", r->alg->name,
	             r->option == NULL ? "nothing" : r->option, peer_outcome(&p),
	             peer_server_log(s));
	if (in)
		cr_expect(says(process_err(&p), r), "not %s: %s", r->used, peer_outcome(&p));
	process_wipe(&p);
}

static void each(const struct row *rows, size_t n)
{
	const char *ca = peer_key("ca", "ecdsa-256");
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < n; i++) {
		const char *key = peer_key("host", rows[i].type);
		struct peer_server s = {.kind = rows[i].server};
		words_add(&s.host_keys, key, NULL);
		words_add(&s.options, peer_text("HostCertificate=%s", issue(rows[i].alg, key, ca)),
		          NULL);
		peer_server_start(&s);
		/* Beside its authority the plain key is known, so that one may do without the other. */
		s.known_hosts = peer_write("hosts", peer_text("@cert-authority * %s\n%s",
		                                              peer_read(peer_text("%s.pub", ca)),
		                                              peer_read(s.known_hosts)));
		log_in(&rows[i], &s);
		peer_server_stop(&s);
	}
}

#define EACH(rows) each(rows, sizeof rows / sizeof rows[0])

Test(host_cert, of_ours_by_either_server, .fini = peer_end)
{
	static const struct row rows[] = {
	    {THEIR, NACRE, &crypt_cert_ed25519, "ed25519", NULL,
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {THEIR, NACRE, &crypt_cert_rsa, "rsa-2048", NULL, "rsa-sha2-512-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", NULL,
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_rsa, "rsa-2048", NULL, "rsa-sha2-512-cert-v01@openssh.com"},
	    {NACRE, NACRE, &crypt_cert_ecdsa_nistp256, "ecdsa-256", NULL,
	     "ecdsa-sha2-nistp256-cert-v01@openssh.com"},
	};
	EACH(rows);
}

Test(host_cert, under_the_names_of_the_ietf, .fini = peer_end)
{
	static const struct row rows[] = {
	    {NACRE, NACRE, &crypt_cert_ietf_ed25519, "ed25519", NULL, "ssh-ed25519-cert"},
	    {NACRE, NACRE, &crypt_cert_ietf_ed25519, "ed25519", "ssh-ed25519-cert",
	     "ssh-ed25519-cert"},
	    {NACRE, NACRE, &crypt_cert_ietf_rsa, "rsa-2048", "rsa-sha2-256-cert",
	     "rsa-sha2-256-cert"},
	    /* The two spellings are two algorithms. */
	    {NACRE, NACRE, &crypt_cert_ietf_ed25519, "ed25519", "ssh-ed25519-cert-v01@openssh.com",
	     NULL},
	    {NACRE, NACRE, &crypt_cert_ed25519, "ed25519", "ssh-ed25519-cert", NULL},
	    /* OpenSSH does not know these. */
	    {THEIR, NACRE, &crypt_cert_ietf_ed25519, "ed25519", NULL, "ssh-ed25519"},
	};
	EACH(rows);
}

Test(host_cert, asked_for_by_name, .fini = peer_end)
{
	static const struct row rows[] = {
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "ssh-ed25519-cert-v01@openssh.com",
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_rsa, "rsa-2048", "rsa-sha2-256-cert-v01@openssh.com",
	     "rsa-sha2-256-cert-v01@openssh.com"},
	    {THEIR, NACRE, &crypt_cert_rsa, "rsa-2048", "rsa-sha2-256-cert-v01@openssh.com",
	     "rsa-sha2-256-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "ssh-ed25519", "ssh-ed25519"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "-*-cert*", "ssh-ed25519"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "+ssh-rsa",
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "^rsa-sha2-512",
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {NACRE, THEIR, &crypt_cert_ed25519, "ed25519", "rsa-sha2-512-cert-v01@openssh.com",
	     NULL},
	};
	EACH(rows);
}

/* --- PuTTY, which keeps its authorities in a folder --- */

static void trust(const char *ca)
{
	const char *line = peer_read(peer_text("%s.pub", ca));
	const char *base64 = strchr(line, ' ') + 1;
	(void)mkdir(peer_path(".putty"), 0700);
	(void)mkdir(peer_path(".putty/sshhostcas"), 0700);
	peer_write(".putty/sshhostcas/ca",
	           peer_text("PublicKey=%.*s\nValidity=*\nPermitRSASHA1=0\nPermitRSASHA256=1\n"
	                     "PermitRSASHA512=1\n",
	                     (int)strcspn(base64, " \n"), base64));
}

static void plink(const struct peer_server *s, const struct row *r)
{
	struct process p = {0};
	struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = "exit 4"};
	peer_ask(&p, PEER_PUTTY, s, &ask);
	/* Nobody tells it which key to expect: an authority has to. */
	size_t at = 0;
	while (at < p.argv.n && strcmp(p.argv.word[at], "-hostkey") != 0)
		at++;
	cr_assert_lt(at + 2, p.argv.n);
	p.argv.n -= 2;
	for (; at <= p.argv.n; at++)
		p.argv.word[at] = p.argv.word[at + 2];
	process_start(&p);
	process_wait(&p);
	cr_expect_eq(p.status == 4, r->used != NULL, "%s: %s\n%s", r->alg->name, peer_outcome(&p),
	             peer_server_log(s));
	process_wipe(&p);
}

Test(host_cert, putty_to_nacre, .fini = peer_end)
{
	static const struct row rows[] = {
	    {PEER_PUTTY, NACRE, &crypt_cert_ed25519, "ed25519", "ca", "trusted"},
	    {PEER_PUTTY, NACRE, &crypt_cert_rsa, "rsa-2048", "ca", "trusted"},
	    {PEER_PUTTY, NACRE, &crypt_cert_ecdsa_nistp384, "ecdsa-384", "ca", "trusted"},
	    {PEER_PUTTY, NACRE, &crypt_cert_ed25519, "ed25519", "stranger", NULL},
	};
	peer_authorize(peer_key("user", "ed25519"), "");
	trust(peer_key("ca", "ed25519"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct peer_server s = {.kind = NACRE};
		const char *key = peer_key("host", rows[i].type);
		const char *cert = issue(rows[i].alg, key, peer_key(rows[i].option, "ed25519"));
		words_add(&s.host_keys, key, NULL);
		words_add(&s.options, peer_text("HostCertificate=%s", cert), NULL);
		peer_server_start(&s);
		plink(&s, &rows[i]);
		peer_server_stop(&s);
	}
}
