/* SPDX-License-Identifier: MIT */
#include "libchan/sock_choose.h"
#include "libcrypt/cert.h"
#include "tests/libchan/ends.h"

/* Which algorithms a sock asks for: by the key that is expected, by name, by policy. */

static struct sock s;

/* Is given up by a client; never mind of what. */
static void serve_in_vain(const struct ends *t, int in, int out)
{
	static struct sock server;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) != SSH_OK);
	sock_wipe(&server);
}

/* --- The host's key --- */

/* The server has two keys, and the expected one is last in the default order: that is shown. */
Test(sock_choose, the_expected_key_leads_the_algorithms)
{
	struct ends t;
	struct crypt_key rsa = {0};
	struct wire_buf blob = {0};
	struct crypt_rng rng = crypt_rng_system();
	ends_init(&t);
	cr_assert_eq(crypt_key_generate(&rsa, &crypt_key_rsa, 2048, &rng), SSH_OK);
	crypt_key_put_public(&rsa, &blob);
	const struct crypt_key *keys[] = {&t.host, &rsa, NULL};
	t.server.kex.host_keys = keys;
	t.client.host_key = wire_buf_view(&blob);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(strncmp(sock_host_key_algorithm(&s), "rsa-sha2-", 9), 0);
	log_out(&t, &s);
	wire_buf_wipe(&blob);
	crypt_key_wipe(&rsa);
}

/* --- Certificates --- */

struct certified {
	struct crypt_key key, authority;
	const struct crypt_key *keys[3];
	struct wire_buf known; /* names the authority, or not */
};

/* A server with its key, and that key certified. */
static void certify(struct certified *c, struct ends *t, const struct crypt_keyalg *alg,
                    bool trusted)
{
	struct crypt_rng rng = crypt_rng_system();
	struct wire_buf cert = {0}, blob = {0};
	*c = (struct certified){0};
	cr_assert_eq(crypt_key_generate(&c->authority, &crypt_key_ed25519, 0, &rng), SSH_OK);
	cr_assert_eq(crypt_key_generate(&c->key, &crypt_key_ed25519, 0, &rng), SSH_OK);
	struct crypt_cert_authority by = {&c->authority, &crypt_sig_ed25519, &rng};
	struct crypt_cert fields = {
	    .alg = alg, .role = CRYPT_CERT_HOST, .valid_before = UINT64_MAX};
	cr_assert_eq(crypt_cert_issue(&cert, &fields, &c->key, &by), SSH_OK);
	cr_assert_eq(crypt_cert_attach(&c->key, crypt_cert_keyalgs, wire_buf_view(&cert)), SSH_OK);
	c->keys[0] = &t->host;
	c->keys[1] = &c->key;
	t->server.kex.host_keys = c->keys;
	if (trusted)
		wire_put_raw(&c->known, wire_bytes_str("@cert-authority "));
	crypt_key_put_public(trusted ? &c->authority : &t->host, &blob);
	cr_assert_eq(
	    auth_known_put(&c->known, wire_bytes_str("pearl.example"), wire_buf_view(&blob), NULL),
	    SSH_OK);
	t->client.host_key = wire_bytes(NULL, 0);
	t->client.known_hosts = wire_buf_view(&c->known);
	t->client.host = "pearl.example";
	wire_buf_wipe(&cert);
	wire_buf_wipe(&blob);
}

static void forget(struct certified *c)
{
	crypt_key_wipe(&c->key);
	crypt_key_wipe(&c->authority);
	wire_buf_wipe(&c->known);
}

struct row {
	const struct crypt_keyalg *alg;
	bool trusted;
	const char *text; /* sock_algorithms.host_keys */
	const char *used; /* NULL: refused */
};

static void try(const struct row *r)
{
	struct ends t;
	struct certified c;
	static struct sock_algorithms of_client, of_server;
	of_client = (struct sock_algorithms){.host_keys = r->text};
	of_server = (struct sock_algorithms){.host_keys = "+ssh-rsa"};
	ends_init(&t);
	certify(&c, &t, r->alg, r->trusted);
	cr_assert_eq(sock_choose(&t.client, &of_client, why), SSH_OK, "%s", why);
	cr_assert_eq(sock_choose(&t.server, &of_server, why), SSH_OK, "%s", why);
	ends_begin(&t, r->used != NULL ? serve_commands : serve_in_vain, false);
	if (r->used != NULL) {
		log_in(&t, &s);
		cr_expect_str_eq(sock_host_key_algorithm(&s), r->used, "%s", r->text);
		log_out(&t, &s);
	} else {
		t.client.password = "foo";
		cr_expect_neq(sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK,
		              "%s", r->text);
		cr_expect_neq(sock_why(&s, why)[0], '\0');
		sock_wipe(&s);
		ends_end(&t);
	}
	forget(&c);
}

Test(sock_choose, certificates_by_name)
{
	static const struct row rows[] = {
	    {&crypt_cert_ed25519, true, NULL, "ssh-ed25519-cert-v01@openssh.com"},
	    {&crypt_cert_ed25519, true, "+ssh-rsa", "ssh-ed25519-cert-v01@openssh.com"},
	    {&crypt_cert_ed25519, true, "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519",
	     "ssh-ed25519-cert-v01@openssh.com"},
	    {&crypt_cert_ietf_ed25519, true, "ssh-ed25519-cert", "ssh-ed25519-cert"},
	    {&crypt_cert_ietf_ed25519, true, "ssh-ed25519-cert-v01@openssh.com", NULL},
	    {&crypt_cert_ed25519, true, "ssh-ed25519-cert", NULL},
	    /* The plain key is not known, and nobody vouches for it. */
	    {&crypt_cert_ed25519, true, "-*-cert*", NULL},
	    {&crypt_cert_ed25519, false, "+ssh-rsa", "ssh-ed25519"},
	    {&crypt_cert_ed25519, false, "^ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"},
	    {&crypt_cert_ed25519, false, "ssh-ed25519-cert-v01@openssh.com", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		try(&rows[i]);
}

/* --- Compression, and sizes of groups --- */

Test(sock_choose, compression_by_name)
{
	static const char *const names[] = {"zlib@openssh.com", "zlib", "none"};
	for (size_t i = 0; i < 3; i++) {
		struct ends t;
		static struct sock_algorithms a, b;
		ends_init(&t);
		a = b = (struct sock_algorithms){.compress = names[i]};
		if (sock_choose(&t.client, &a, why) == SSH_ERR_UNSUPPORTED) {
			ends_forget(&t); /* there is no zlib in this build */
			continue;
		}
		cr_assert_eq(sock_choose(&t.server, &b, why), SSH_OK, "%s", why);
		ends_begin(&t, serve_commands, false);
		log_in(&t, &s);
		cr_expect_str_eq(s.conn.kex.algs.compress[KEX_CS]->name, names[i]);
		cr_expect_eq(s.conn.kex.deflate.on, i < 2);
		log_out(&t, &s);
	}
}

Test(sock_choose, policy_of_group_exchange)
{
	static const struct {
		struct kex_gex_policy client, server;
		bool open;
	} rows[] = {
	    {{.preferred_bits = 2048}, {0}, true},
	    {{.preferred_bits = 2048, .old_request = true}, {.max_bits = 2048}, true},
	    {{.min_bits = 3072}, {.max_bits = 2048}, false},
	    {{.max_bits = 2048}, {.min_bits = 3072}, false},
	    {{.min_bits = 1024, .preferred_bits = 1024, .max_bits = 1024}, {0}, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ends t;
		static struct sock_algorithms a;
		ends_init(&t);
		a = (struct sock_algorithms){.kex = "diffie-hellman-group-exchange-sha256"};
		cr_assert_eq(sock_choose(&t.client, &a, why), SSH_OK, "%s", why);
		t.client.kex.gex = rows[i].client;
		t.server.kex.gex = rows[i].server;
		ends_begin(&t, rows[i].open ? serve_commands : serve_in_vain, false);
		if (rows[i].open) {
			log_in(&t, &s);
			log_out(&t, &s);
			continue;
		}
		cr_expect_neq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK,
		              "row %zu", i);
		sock_wipe(&s);
		ends_end(&t);
	}
}

/* --- Signatures of a user --- */

static const struct crypt_sigalg *const rsa_alone[] = {&crypt_sig_rsa_sha2_512, NULL};

static const struct crypt_sigalg *const *of_user(void *ctx, ssh_bytes user)
{
	(void)ctx;
	return wire_bytes_is(user, "robey") ? crypt_sigalgs : rsa_alone;
}

/* The client hears it before it offers a key, unless it has not said that it listens. */
Test(sock_choose, signatures_of_a_user)
{
	static const struct {
		const char *user;
		bool listens;
		enum ssh_err outcome;
		const char *told;
	} rows[] = {
	    {"robey", true, SSH_OK, "ssh-ed25519,"},
	    {"robey", false, SSH_OK, "ssh-ed25519,"},
	    {"other", true, SSH_ERR_UNSUPPORTED, "rsa-sha2-512"},
	    {"other", false, SSH_ERR_AUTH_FAILED, "ssh-ed25519,"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ends t;
		ends_init(&t);
		t.server.policy.user_sigs = of_user;
		t.client.user = rows[i].user;
		if (!rows[i].listens)
			t.client.kex.ext[KEX_EXT_IN_AUTH] = NULL;
		ends_begin(&t, serve_commands, false);
		cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
		cr_expect_eq(sock_auth_none(&s, LONG), SSH_ERR_AUTH_FAILED);
		ssh_bytes told = kex_peer_sig_algs(&s.conn.kex);
		cr_expect(told.len >= strlen(rows[i].told) &&
		              memcmp(told.ptr, rows[i].told, strlen(rows[i].told)) == 0,
		          "row %zu: told %.*s", i, (int)told.len, (const char *)told.ptr);
		enum ssh_err e = sock_auth_key(&s, &t.user, LONG);
		cr_expect_eq(e, rows[i].outcome, "row %zu: %s", i, ssh_err_name(e));
		log_out(&t, &s);
	}
}
