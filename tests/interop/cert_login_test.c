/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "libcrypt/cert.h"
#include "tests/support/peer.h"

/* Logging in with certificates, of ssh-keygen's and of ours. */

static const char *const types[] = {"ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048"};
#define TYPES (sizeof types / sizeof types[0])

/* Certify a key, beside it, as KEY-cert.pub. */
struct certify {
	const char *key, *authority;
	const char *names;    /* NULL: the user */
	const char *validity; /* NULL: an hour */
	const char *options[3];
};

static void certify(const struct certify *c)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-s", c->authority, "-I", "the id",
	          "-n", c->names == NULL ? peer_user() : c->names, "-z", "42", "-V",
	          c->validity == NULL ? "-1h:+1h" : c->validity, NULL);
	for (size_t i = 0; i < 3 && c->options[i] != NULL; i++)
		words_add(&p.argv, "-O", c->options[i], NULL);
	words_add(&p.argv, peer_text("%s.pub", c->key), NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
}

static void start(struct peer_server *s, enum peer kind, const char *authority)
{
	s->kind = kind;
	words_add(&s->options, peer_text("TrustedUserCAKeys=%s.pub", authority), NULL);
	peer_server_start(s);
}

/* The key by itself opens nothing: what lets it in is the certificate. */
static void log_in(struct peer_server *s, enum peer client, const char *key, const char *said)
{
	struct process p = {0};
	peer_client(&p, client, s);
	words_add(&p.argv, "-o", "BatchMode=yes", "-i", key, NULL);
	peer_run(&p, s, "echo inside", "");
	bool in = p.status == 0 && strcmp(process_out(&p), said) == 0;
	bool out = p.status == 255 && wire_buf_len(&p.out) == 0 &&
	           strstr(process_err(&p), "Permission denied (") != NULL;
	cr_assert(said[0] == '\0' ? out : in, "%s\n%s", peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

/* --- Every type --- */

static void every_type(enum peer client, enum peer server)
{
	struct peer_server s = {0};
	const char *authority = peer_key("authority", "ed25519");
	start(&s, server, authority);
	for (size_t i = 0; i < TYPES; i++) {
		struct certify c = {.key = peer_key("user", types[i]), .authority = authority};
		log_in(&s, client, c.key, "");
		certify(&c);
		log_in(&s, client, c.key, "inside\n");
	}
	peer_server_stop(&s);
}

Test(cert_login, every_type_openssh_to_nacre, .fini = peer_end)
{
	every_type(PEER_OPENSSH, PEER_NACRE);
}

Test(cert_login, every_type_nacre_to_openssh, .fini = peer_end)
{
	every_type(PEER_NACRE, PEER_OPENSSH);
}

Test(cert_login, every_type_nacre_to_nacre, .fini = peer_end)
{
	every_type(PEER_NACRE, PEER_NACRE);
}

/* Authorities of every type, one trusted beside the others. */
Test(cert_login, every_authority, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	const char *all = "";
	for (size_t i = 0; i < TYPES; i++)
		all = peer_text("%s%s", all,
		                peer_read(peer_text("%s.pub", peer_key("authority", types[i]))));
	words_add(&s.options, peer_text("TrustedUserCAKeys=%s", peer_write("all", all)), NULL);
	peer_server_start(&s);
	for (size_t i = 0; i < TYPES; i++) {
		struct certify c = {.key = peer_key("user", "ed25519"),
		                    .authority = peer_key("authority", types[i])};
		certify(&c);
		log_in(&s, PEER_OPENSSH, c.key, "inside\n");
	}
	peer_server_expect(&s, "ID the id (serial 42) CA SHA256:");
	peer_server_stop(&s);
}

/* --- Good and bad --- */

static const struct {
	const char *name, *names, *validity, *option;
	const char *said; /* empty: refused */
	bool stranger;    /* another authority */
} rows[] = {
    {"good", NULL, NULL, NULL, "inside\n", false},
    {"another authority", NULL, NULL, NULL, "", true},
    {"another user's", "nobody-at-all", NULL, NULL, "", false},
    {"expired", NULL, "-2h:-1h", NULL, "", false},
    {"not valid yet", NULL, "+1h:+2h", NULL, "", false},
    {"from elsewhere", NULL, NULL, "source-address=192.0.2.0/24", "", false},
    {"from here", NULL, NULL, "source-address=192.0.2.1/32,127.0.0.0/8", "inside\n", false},
    {"a command", NULL, NULL, "force-command=echo forced", "forced\n", false},
    {"an option that nobody knows", NULL, NULL, "critical:moon@example.com=full", "", false},
    {"an extension that nobody knows", NULL, NULL, "extension:moon@example.com=full", "inside\n",
     false},
};

static void good_and_bad(enum peer client, enum peer server)
{
	struct peer_server s = {0};
	start(&s, server, peer_key("authority", "ed25519"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct certify c = {
		    .key = peer_key("user", "ed25519"),
		    .authority = peer_key(rows[i].stranger ? "stranger" : "authority", "ed25519"),
		    .names = rows[i].names,
		    .validity = rows[i].validity,
		    .options = {rows[i].option}};
		certify(&c);
		log_in(&s, client, c.key, rows[i].said);
	}
	peer_server_stop(&s);
}

Test(cert_login, good_and_bad_openssh_to_nacre, .fini = peer_end)
{
	good_and_bad(PEER_OPENSSH, PEER_NACRE);
}

Test(cert_login, good_and_bad_nacre_to_openssh, .fini = peer_end)
{
	good_and_bad(PEER_NACRE, PEER_OPENSSH);
}

/* A host's certificate lets no user in. */
Test(cert_login, of_a_host, .fini = peer_end)
{
	struct peer_server s = {0};
	struct process p = {0};
	const char *key = peer_key("user", "ed25519"),
	           *authority = peer_key("authority", "ed25519");
	start(&s, PEER_NACRE, authority);
	words_add(&p.argv, peer_program("ssh-keygen"), "-q", "-h", "-s", authority, "-I", "id",
	          "-n", peer_user(), peer_text("%s.pub", key), NULL);
	process_start(&p);
	process_wait(&p);
	process_wipe(&p);
	log_in(&s, PEER_NACRE, key, ""); /* ssh does not offer it */
	peer_server_expect(&s, "not a user's certificate");
	peer_server_stop(&s);
}

/* --- Ours --- */

static void issue(const char *subject_file, const char *authority_file)
{
	struct crypt_key k[2] = {{0}};
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf names = {0}, extensions = {0}, blob = {0}, line = {0};
	const char *files[] = {subject_file, authority_file};
	for (int i = 0; i < 2; i++) {
		struct wire_buf text = peer_bytes(files[i]);
		cr_assert_eq(auth_keyfile_parse(&k[i], NULL, crypt_keyalgs, wire_buf_view(&text)),
		             SSH_OK);
		wire_buf_wipe(&text);
	}
	crypt_cert_put_principal(&names, peer_user());
	crypt_cert_put_option(&extensions, "permit-pty", NULL);
	struct crypt_cert_authority by = {&k[1], k[1].alg->sigs[0], &rng};
	struct crypt_cert fields = {.alg = &crypt_cert_ed25519,
	                            .role = CRYPT_CERT_USER,
	                            .id = wire_bytes_str("made here"),
	                            .principals = wire_buf_view(&names),
	                            .valid_after = (uint64_t)time(NULL) - 60,
	                            .valid_before = (uint64_t)time(NULL) + 60,
	                            .extensions = wire_buf_view(&extensions)};
	cr_assert_eq(crypt_cert_issue(&blob, &fields, &k[0], &by), SSH_OK);
	auth_publine_put(&line, wire_buf_view(&blob), wire_bytes_str("ours"));
	wire_put_u8(&line, 0);
	const char *beside = peer_write("ours-cert.pub", (const char *)wire_buf_view(&line).ptr);
	cr_assert_eq(rename(beside, peer_text("%s-cert.pub", subject_file)), 0);
	struct wire_buf *all[] = {&names, &extensions, &blob, &line};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		wire_buf_wipe(all[i]);
	crypt_key_wipe(&k[0]);
	crypt_key_wipe(&k[1]);
}

Test(cert_login, issued_by_us, .fini = peer_end)
{
	static const enum peer both[] = {PEER_OPENSSH, PEER_NACRE};
	for (size_t i = 0; i < TYPES; i++) {
		struct peer_server s = {0};
		const char *key = peer_key("user", "ed25519");
		issue(key, peer_key("authority", types[i]));
		start(&s, PEER_OPENSSH, peer_key("authority", types[i]));
		for (int c = 0; c < 2; c++)
			log_in(&s, both[c], key, "inside\n");
		peer_server_stop(&s);
	}
}

/* --- Lines of authorized_keys, and files of principals --- */

static const struct {
	const char *options, *names;
	const char *said;
} lines[] = {
    {"cert-authority", NULL, "inside\n"},
    {"cert-authority", "fleet", ""},
    {"cert-authority,principals=\"crew,fleet\"", "fleet,other", "inside\n"},
    {"cert-authority,principals=\"crew,fleet\"", NULL, ""},
    {"cert-authority,command=\"echo forced\"", NULL, "forced\n"},
    {"cert-authority,from=\"192.0.2.0/24\"", NULL, ""},
    {"cert-authority,no-such-option", NULL, ""},
    {"", NULL, ""},
};

static void by_line(enum peer client, enum peer server)
{
	const char *authority = peer_key("authority", "ed25519");
	struct peer_server s = {.kind = server};
	peer_server_start(&s);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct certify c = {.key = peer_key("user", "ed25519"),
		                    .authority = authority,
		                    .names = lines[i].names};
		(void)unlink(peer_path("authorized_keys"));
		peer_authorize(authority, lines[i].options);
		certify(&c);
		log_in(&s, client, c.key, lines[i].said);
	}
	peer_server_stop(&s);
}

Test(cert_login, by_line_nacre, .fini = peer_end)
{
	by_line(PEER_OPENSSH, PEER_NACRE);
}

/* So that the rows above say what OpenSSH does, too. */
Test(cert_login, by_line_openssh, .fini = peer_end)
{
	by_line(PEER_NACRE, PEER_OPENSSH);
}

Test(cert_login, file_of_principals, .fini = peer_end)
{
	const char *authority = peer_key("authority", "ed25519");
	struct certify c = {.key = peer_key("user", "ed25519"), .authority = authority};
	struct peer_server s = {0};
	words_add(&s.options,
	          peer_text("AuthorizedPrincipalsFile=%s",
	                    peer_write("principals", "# who\n\n  fleet\ncrew\n")),
	          NULL);
	start(&s, PEER_NACRE, authority);
	certify(&c);
	log_in(&s, PEER_OPENSSH, c.key, "");
	c.names = "other,crew";
	certify(&c);
	log_in(&s, PEER_OPENSSH, c.key, "inside\n");
	c.names = "# who";
	certify(&c);
	log_in(&s, PEER_OPENSSH, c.key, "");
	peer_server_stop(&s);
}

/* --- The client --- */

Test(cert_login, certificate_file, .fini = peer_end)
{
	const char *authority = peer_key("authority", "ed25519");
	struct certify c = {.key = peer_key("user", "ed25519"), .authority = authority};
	const char *elsewhere = peer_path("elsewhere.pub");
	struct peer_server s = {0};
	start(&s, PEER_OPENSSH, authority);
	certify(&c);
	cr_assert_eq(rename(peer_text("%s-cert.pub", c.key), elsewhere), 0);
	log_in(&s, PEER_NACRE, c.key, "");
	for (int i = 0; i < 2; i++) {
		struct process p = {0};
		const char *key = i == 0 ? c.key : peer_key("stranger", "ed25519");
		peer_client(&p, PEER_NACRE, &s);
		words_add(&p.argv, "-o", "BatchMode=yes", "-i", key, "-o",
		          peer_text("CertificateFile=%s", elsewhere), NULL);
		peer_run(&p, &s, "exit 7", "");
		cr_assert_eq(p.status, i == 0 ? 7 : 255, "%s\n%s", peer_outcome(&p),
		             peer_server_log(&s));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

/* --- Bound to the host --- */

Test(cert_login, bound_to_openssh, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_OPENSSH};
	const char *key = peer_key("user", "ed25519");
	words_add(&s.options, "LogLevel=DEBUG2", NULL);
	peer_authorize(key, "");
	peer_server_start(&s);
	log_in(&s, PEER_NACRE, key, "inside\n");
	peer_server_expect(&s, "method publickey-hostbound-v00@openssh.com");
	peer_server_stop(&s);
}

Test(cert_login, bound_to_nacre, .fini = peer_end)
{
	struct peer_server s = {.kind = PEER_NACRE};
	const char *key = peer_key("user", "ed25519");
	words_add(&s.options, "LogLevel=DEBUG2", NULL);
	peer_authorize(key, "");
	peer_server_start(&s);
	log_in(&s, PEER_OPENSSH, key, "inside\n");
	peer_server_expect(&s, "method=\"publickey-hostbound-v00@openssh.com\"");
	peer_server_stop(&s);
}
