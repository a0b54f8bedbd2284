/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libchan/sock_choose.h"
#include "libchan/worker.h"
#include "tests/libchan/ends.h"
#include "tests/support/alloc.h"

/* Several steps, prompts, known hosts, names of algorithms, the log. */

static struct sock s;

/* --- Several steps --- */

static enum auth_verdict password_is_half(void *ctx, ssh_bytes user, ssh_bytes password)
{
	(void)ctx, (void)user;
	return wire_bytes_is(password, "foo") ? AUTH_PARTIAL : AUTH_REJECT;
}

Test(sock_auth, partial_by_the_policy)
{
	struct ends t;
	ends_init(&t);
	t.server.policy.password = password_is_half;
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("bar"), LONG), SSH_ERR_AUTH_FAILED);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("foo"), LONG), SSH_ERR_AGAIN);
	cr_assert_str_eq(sock_why(&s, why), "accepted, but the server also wants publickey");
	cr_assert_eq(sock_auth_key(&s, &t.user, LONG), SSH_OK);
	log_out(&t, &s);
}

/* The same questions in two rounds, whoever it is. */
static enum auth_verdict quiz(void *ctx, struct sock_round *r)
{
	static const struct auth_prompt first[] = {{{(const uint8_t *)"Name: ", 6}, true},
	                                           {{(const uint8_t *)"Colour: ", 8}, false}};
	static const struct auth_prompt second[] = {{{(const uint8_t *)"Sure? ", 6}, true}};
	(void)ctx;
	r->ask = r->rounds < 2;
	if (r->rounds == 0) {
		r->challenge.instruction = wire_bytes_str("What is");
		r->challenge.prompts = first;
		r->challenge.count = 2;
		return AUTH_REJECT;
	}
	if (r->rounds == 1) {
		bool right = wire_bytes_is(r->user, "robey") && r->count == 2 &&
		             wire_bytes_is(r->answers[0], "Robert") &&
		             wire_bytes_is(r->answers[1], "blue");
		r->challenge.prompts = second;
		r->challenge.count = 1;
		r->ask = right;
		return AUTH_REJECT;
	}
	return r->count == 1 && wire_bytes_is(r->answers[0], "yes") ? AUTH_ACCEPT : AUTH_REJECT;
}

struct knight {
	const char *colour;
	int asked, hidden;
	enum ssh_err refuse;
};

static enum ssh_err answer(void *ctx, const struct auth_challenge *c, struct wire_buf *answers)
{
	struct knight *k = ctx;
	if (k->refuse != 0)
		return k->refuse;
	for (size_t i = 0; i < c->count; i++) {
		k->asked++;
		k->hidden += !c->prompts[i].echo;
		if (wire_bytes_is(c->prompts[i].text, "Name: "))
			wire_put_str(answers, "Robert");
		else
			wire_put_str(answers, c->prompts[i].echo ? "yes" : k->colour);
	}
	return SSH_OK;
}

Test(sock_auth, prompts)
{
	for (int threads = 0; threads < 2; threads++) {
		struct ends t;
		struct worker w;
		struct knight wrong = {.colour = "green"}, right = {.colour = "blue"},
		              none = {.refuse = SSH_ERR_AUTH_CANCELLED};
		ends_init(&t);
		t.server.policy.interactive = quiz;
		ends_begin(&t, serve_commands, false);
		cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
		if (threads)
			cr_assert_eq(worker_start(&w, &s), SSH_OK);
		cr_assert_eq(sock_auth_interactive(&s, answer, &wrong, LONG), SSH_ERR_AUTH_FAILED);
		cr_assert(wrong.asked == 2 && wrong.hidden == 1);
		cr_assert_eq(sock_auth_interactive(&s, answer, &none, LONG),
		             SSH_ERR_AUTH_CANCELLED);
		cr_assert_eq(sock_auth_password(&s, wire_bytes_str("bar"), LONG),
		             SSH_ERR_AUTH_FAILED, "after a method that was given up");
		cr_assert_eq(sock_auth_interactive(&s, answer, &right, LONG), SSH_OK);
		cr_assert_eq(right.asked, 3);
		log_out(&t, &s);
	}
}

/* All three, in whatever order the server has it; credentials stand in one order. */
Test(sock_auth, every_order_of_three)
{
	static const char *const chains[] = {
	    "publickey,password,keyboard-interactive", "publickey,keyboard-interactive,password",
	    "password,publickey,keyboard-interactive", "password,keyboard-interactive,publickey",
	    "keyboard-interactive,publickey,password", "keyboard-interactive,password,publickey",
	};
	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		struct ends t;
		struct knight knight = {.colour = "blue"};
		ends_init(&t);
		const struct sock_credential all[] = {
		    {.key = &t.stranger},
		    {.password = "bar"},
		    {.key = &t.user},
		    {.password = "foo"},
		    {.answer = answer, .answer_ctx = &knight},
		};
		t.server.policy.interactive = quiz;
		t.server.policy.chains = chains[i];
		t.client.credentials = all;
		t.client.credential_count = 5;
		ends_begin(&t, serve_commands, false);
		enum ssh_err e = sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG);
		cr_assert_eq(e, SSH_OK, "%s: %s: %s", chains[i], ssh_err_name(e),
		             sock_why(&s, why));
		log_out(&t, &s);
	}
}

Test(sock_auth, one_of_three_is_missing)
{
	struct ends t;
	ends_init(&t);
	t.server.policy.chains = "publickey,password";
	t.client.key = &t.user;
	ends_begin(&t, serve_commands, false);
	enum ssh_err e = sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG);
	cr_assert_eq(e, SSH_ERR_AGAIN, "%s", ssh_err_name(e));
	cr_assert_str_eq(sock_why(&s, why), "accepted, but the server also wants password");
	sock_wipe(&s);
	ends_end(&t);
}

/* --- Known hosts --- */

static struct wire_buf known(const char *host, ssh_bytes blob)
{
	struct wire_buf text = {0};
	wire_put_raw(&text, wire_bytes_str("# a comment\n"));
	cr_assert_eq(auth_known_put(&text, wire_bytes_str(host), blob, NULL), SSH_OK);
	return text;
}

Test(sock_auth, known_hosts_matches)
{
	struct ends t;
	ends_init(&t);
	struct wire_buf text = known("[pearl.example]:2200", wire_buf_view(&t.host_blob));
	t.client.host_key = wire_bytes(NULL, 0);
	t.client.known_hosts = wire_buf_view(&text);
	t.client.host = "Pearl.example";
	t.client.port = 2200;
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(sock_host_key_known(&s).known, AUTH_KNOWN_MATCH);
	cr_assert_eq(sock_host_key_known(&s).line, 2);
	log_out(&t, &s);
	wire_buf_wipe(&text);
}

static void serve_disappointed(const struct ends *t, int in, int out)
{
	static struct sock server;
	CHECK(sock_start_server(&server, in, out, &t->server, LONG) == SSH_ERR_DISCONNECTED);
	sock_wipe(&server);
}

static void expect_refusal(const char *host, const char *reason)
{
	struct ends t;
	ends_init(&t);
	struct wire_buf text = known("pearl.example", wire_buf_view(&t.user_blob));
	if (strcmp(host, "revoked.example") == 0) {
		wire_put_raw(&text, wire_bytes_str("@revoked "));
		cr_assert_eq(
		    auth_known_put(&text, wire_bytes_str(host), wire_buf_view(&t.host_blob), NULL),
		    SSH_OK);
	}
	t.client.host_key = wire_bytes(NULL, 0);
	t.client.known_hosts = wire_buf_view(&text);
	t.client.host = host;
	t.client.password = "foo";
	ends_begin(&t, serve_disappointed, false);
	enum ssh_err e = sock_connect_auth(&s, t.fd[0], t.fd[1], &t.client, LONG);
	cr_assert_eq(e, SSH_ERR_HOST_KEY, "%s", ssh_err_name(e));
	cr_assert_neq(strstr(sock_why(&s, why), reason), NULL, "%s", why);
	sock_wipe(&s);
	ends_end(&t);
	wire_buf_wipe(&text);
}

Test(sock_auth, known_hosts_refuses)
{
	expect_refusal("pearl.example", "known_hosts has another for pearl.example, line 2");
	expect_refusal("revoked.example", "known_hosts revokes it for revoked.example, line 3");
	expect_refusal("other.example", "known_hosts has none for other.example");
}

/* Step by step, a host that is not known is asked about. */
Test(sock_auth, known_hosts_asks)
{
	struct ends t;
	ends_init(&t);
	struct wire_buf text = known("pearl.example", wire_buf_view(&t.user_blob));
	t.client.host_key = wire_bytes(NULL, 0);
	t.client.known_hosts = wire_buf_view(&text);
	t.client.host = "other.example";
	ends_begin(&t, serve_commands, false);
	cr_assert_eq(sock_start_client(&s, t.fd[0], t.fd[1], &t.client, LONG), SSH_OK);
	cr_assert(!sock_started(&s));
	cr_assert_eq(sock_host_key_known(&s).known, AUTH_KNOWN_NOTHING);
	cr_assert_eq(sock_accept_host_key(&s, true, LONG), SSH_OK);
	cr_assert_eq(sock_auth_password(&s, wire_bytes_str("foo"), LONG), SSH_OK);
	log_out(&t, &s);
	wire_buf_wipe(&text);
}

/* The server has two keys, known_hosts the one that is last in the default order: that is shown. */
Test(sock_auth, known_hosts_leads_the_algorithms)
{
	struct ends t;
	struct crypt_key rsa = {0};
	struct wire_buf blob = {0};
	struct crypt_rng rng = crypt_rng_system();
	ends_init(&t);
	cr_assert_eq(crypt_key_generate(&rsa, &crypt_key_rsa, 2048, &rng), SSH_OK);
	crypt_key_put_public(&rsa, &blob);
	const struct crypt_key *keys[] = {&t.host, &rsa, NULL};
	struct wire_buf text = known("pearl.example", wire_buf_view(&blob));
	t.server.kex.host_keys = keys;
	t.client.host_key = wire_bytes(NULL, 0);
	t.client.known_hosts = wire_buf_view(&text);
	t.client.host = "pearl.example";
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_eq(strncmp(sock_host_key_algorithm(&s), "rsa-sha2-", 9), 0);
	log_out(&t, &s);
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	crypt_key_wipe(&rsa);
}

/* --- Names, and the log --- */

static void count_line(void *ctx, const char *line)
{
	size_t *lines = ctx;
	cr_assert_eq(strchr(line, '\n'), NULL);
	cr_assert_eq(strstr(line, "foo"), NULL, "a password: %s", line);
	*lines += strstr(line, "KEXINIT") != NULL;
}

Test(sock_auth, chosen_by_name_and_logged)
{
	struct ends t;
	struct sock_algorithms a = {.ciphers = "aes256-ctr", .macs = "hmac-sha2-512"};
	size_t lines = 0;
	struct sock_log log = {.line = count_line, .ctx = &lines};
	ends_init(&t);
	cr_assert_eq(sock_choose(&t.client, &a, why), SSH_OK);
	cr_assert_str_eq(why, "");
	sock_log_init(&log, &t.client);
	ends_begin(&t, serve_commands, false);
	log_in(&t, &s);
	cr_assert_str_eq(s.conn.kex.algs.cipher[KEX_CS]->name, "aes256-ctr");
	cr_assert_str_eq(s.conn.kex.algs.mac[KEX_SC]->name, "hmac-sha2-512");
	cr_assert_eq(lines, 2, "%zu", lines);
	log_out(&t, &s);
	sock_log_wipe(&log);
}

Test(sock_auth, unknown_names_are_told)
{
	struct sock_config c;
	struct sock_algorithms a = {.kex = "curve25519-sha256", .ciphers = "aes128-ctr,rot13"};
	sock_config_init(&c, false);
	cr_assert_eq(sock_choose(&c, &a, why), SSH_ERR_UNSUPPORTED);
	cr_assert_str_eq(why, "ciphers: no algorithm is called rot13");
	a.ciphers = NULL;
	a.macs = "-*";
	cr_assert_eq(sock_choose(&c, &a, why), SSH_ERR_ARGUMENT);
	cr_assert_str_eq(why, "MACs: nothing is left of -*");
}

/* --- Memory --- */

static enum ssh_err everything(struct ends *t)
{
	enum ssh_err e = sock_connect_auth(&s, t->fd[0], t->fd[1], &t->client, LONG);
	return e == 0 && !sock_active(&s) ? conn_err(&s.conn) : e;
}

/* With a host that is known and prompts to be answered; the first allocations are sock's own. */
Test(sock_auth, every_allocation_may_fail)
{
	struct ends t;
	struct knight knight = {.colour = "blue"};
	const struct sock_credential all[] = {{.answer = answer, .answer_ctx = &knight},
	                                      {.password = "foo"}};
	ends_init(&t);
	struct wire_buf text = known("pearl.example", wire_buf_view(&t.host_blob));
	t.server.policy.interactive = quiz;
	t.server.policy.chains = "password,keyboard-interactive";
	t.client.host_key = wire_bytes(NULL, 0);
	t.client.known_hosts = wire_buf_view(&text);
	t.client.host = "pearl.example";
	t.client.credentials = all;
	t.client.credential_count = 2;
	for (size_t n = 1, failed = 1; failed; n++) {
		ends_begin(&t, serve_commands, false);
		alloc_start();
		alloc_fail_at(n);
		enum ssh_err e = everything(&t);
		sock_wipe(&s);
		alloc_stop();
		failed = alloc_failed();
		cr_assert_eq(e, failed ? SSH_ERR_NO_MEMORY : SSH_OK, "allocation %zu: %s", n,
		             ssh_err_name(e));
		cr_assert_eq(alloc_live_bytes(), 0, "allocation %zu", n);
		close(t.fd[0]);
		cr_assert_eq(waitpid(t.child, NULL, 0), t.child);
	}
	wire_buf_wipe(&text);
	ends_forget(&t);
}
