/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "libchan/sock_net.h"
#include "libkex/persona.h"
#include "tests/interop/middleman.h"
#include "tests/interop/sock_kit.h"

/*
 * Terrapin (CVE-2023-48795) over sockets, on programs: tests/libkex/terrapin_test.c has it in memory,
 * with CBC as well. Programs are strict, so there the connection has to end; that the attack works is
 * shown by a client of ours that does not say so, on the same servers.
 */

static const char cipher[] = "Ciphers=chacha20-poly1305@openssh.com";

/* --- Strict on both sides --- */

/* What the one that is cheated says. */
static const char *strict_words(enum peer kind)
{
	return kind == PEER_NACRE ? "not allowed in a strict key exchange" : "strict KEX violation";
}

static void strict(enum peer client, enum peer server, enum middle what)
{
	struct peer_server s = {.kind = server}, middle;
	struct middleman m;
	struct process p = {0};
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	middleman_start(&m, &s, what);
	middle = s;
	middle.port = m.port;
	peer_client_with_key(&p, client, &middle);
	words_add(&p.argv, "-o", "StrictHostKeyChecking=no", "-o", cipher, "127.0.0.1", "exit 7",
	          NULL);
	process_start(&p);
	process_input(&p, wire_bytes_str(""));
	process_wait(&p);
	cr_expect_eq(p.status, what == MIDDLE_PASS ? 7 : 255, "%s to %s, %d: %s", peer_name(client),
	             peer_name(server), what, peer_outcome(&p));
	if (what == MIDDLE_TO_SERVER)
		peer_server_expect(&s, strict_words(server));
	else
		cr_expect_eq(strstr(process_err(&p), strict_words(client)) != NULL,
		             what == MIDDLE_TO_CLIENT, "%s to %s: %s", peer_name(client),
		             peer_name(server), process_err(&p));
	process_wipe(&p);
	middleman_stop(&m);
	peer_server_stop(&s);
}

Test(terrapin, programs_notice, .fini = peer_end)
{
	static const enum peer pairs[][2] = {
	    {PEER_NACRE, PEER_NACRE}, {PEER_NACRE, PEER_OPENSSH}, {PEER_OPENSSH, PEER_NACRE}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		for (enum middle what = MIDDLE_PASS; what <= MIDDLE_TO_SERVER; what++)
			strict(pairs[i][0], pairs[i][1], what);
}

/* --- A client that is not --- */

static const struct kex_persona looks = {
    .ext_info = {(const uint8_t *)MIDDLE_EXT_INFO, sizeof MIDDLE_EXT_INFO - 1}};

static void log_in(struct client *c, const char *port)
{
	static const struct crypt_cipher *const chacha[] = {&crypt_chacha20_poly1305, NULL};
	static const struct kex_agree *const agrees[] = {&kex_curve25519_sha256, NULL};
	struct sock_address to = {"127.0.0.1", (uint16_t)atoi(port), LONG};
	c->config.kex.strict = KEX_STRICT_OFF;
	c->config.kex.persona = &looks;
	c->config.kex.agrees = agrees;
	c->config.kex.ciphers[KEX_CS] = c->config.kex.ciphers[KEX_SC] = chacha;
	cr_assert_eq(sock_connect(&to, &c->fd, why), SSH_OK, "%s", why);
	enum ssh_err e = sock_connect_auth(&c->s, c->fd, c->fd, &c->config, LONG);
	cr_assert_eq(e, SSH_OK, "%s\n%s", sock_why(&c->s, why), peer_server_log(&c->server));
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		n++;
	return n;
}

/* Which of the two EXT_INFOs have come: the server's by what we know, ours by the server's log. */
static void lax(enum peer server, enum middle what, bool to_client, bool to_server)
{
	static struct client c;
	struct middleman m;
	c = (struct client){.server = {.kind = server}};
	words_add(&c.server.options, server == PEER_NACRE ? "LogLevel=DEBUG2" : "LogLevel=DEBUG3",
	          NULL);
	prepare(&c);
	middleman_start(&m, &c.server, what);
	log_in(&c, m.port);
	struct sock_channel *ch = run(&c, "echo lemniscate");
	take_text(ch, "lemniscate\n");
	sock_close(ch);
	cr_expect_eq(kex_peer_sig_algs(&c.s.conn.kex).len > 0, to_client, "%s, %d",
	             peer_name(server), what);
	const char *log = peer_server_log(&c.server);
	if (server == PEER_NACRE)
		cr_expect_eq(count(log, " 7 EXT_INFO count=1 "), to_server ? 1 : 0, "%d:\n%s", what,
		             log);
	leave(&c);
	middleman_stop(&m);
}

Test(terrapin, nobody_notices_without_strict_key_exchange, .fini = peer_end)
{
	lax(PEER_NACRE, MIDDLE_PASS, true, true);
	lax(PEER_NACRE, MIDDLE_TO_CLIENT, false, true);
	lax(PEER_NACRE, MIDDLE_TO_SERVER, true, false);
	lax(PEER_OPENSSH, MIDDLE_PASS, true, false);
	lax(PEER_OPENSSH, MIDDLE_TO_CLIENT, false, false);
}
