/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/interop/sock_kit.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libchan/sock_net.h"

char why[SOCK_WHY_SIZE];

/* --- A client --- */

void read_key(struct crypt_key *key, const char *file)
{
	struct wire_buf text = peer_bytes(file);
	cr_assert_eq(auth_keyfile_parse(key, NULL, crypt_keyalgs_legacy, wire_buf_view(&text)),
	             SSH_OK);
	wire_buf_wipe(&text);
}

void prepare(struct client *c)
{
	const char *key = peer_key("user", "ed25519");
	peer_authorize(key, "");
	peer_server_start(&c->server);
	read_key(&c->key, key);
	c->known = peer_bytes(c->server.known_hosts);
	sock_config_init(&c->config, false);
	c->config.known_hosts = wire_buf_view(&c->known);
	c->config.host = c->server.address;
	c->config.port = (uint16_t)atoi(c->server.port);
	c->config.user = peer_user();
	c->config.key = &c->key;
}

void reach(struct client *c)
{
	struct sock_address to = {c->server.address, c->config.port, LONG};
	cr_assert_eq(sock_connect(&to, &c->fd, why), SSH_OK, "%s", why);
}

void connect_to(struct client *c, enum peer kind)
{
	c->server.kind = kind;
	prepare(c);
	reach(c);
	enum ssh_err e = sock_connect_auth(&c->s, c->fd, c->fd, &c->config, LONG);
	cr_assert_eq(e, SSH_OK, "%s\n%s", sock_why(&c->s, why), peer_server_log(&c->server));
}

void leave(struct client *c)
{
	sock_disconnect(&c->s, LONG);
	sock_wipe(&c->s);
	close(c->fd);
	crypt_key_wipe(&c->key);
	wire_buf_wipe(&c->known);
	peer_server_stop(&c->server);
}

struct sock_channel *run(struct client *c, const char *command)
{
	struct sock_channel *ch;
	cr_assert_eq(sock_open_session(&c->s, &ch, LONG), SSH_OK, "%s", sock_why(&c->s, why));
	enum ssh_err e = sock_exec(ch, command);
	cr_assert_eq(e, SSH_OK, "%s: %s\n%s", command, ssh_err_name(e),
	             peer_server_log(&c->server));
	return ch;
}

size_t take_all(struct sock_channel *ch)
{
	static char buf[100000];
	size_t n = 1, total = 0;
	while (n > 0) {
		enum ssh_err e = sock_recv(ch, buf, sizeof buf, &n);
		cr_assert_eq(e, SSH_OK, "%s after %zu bytes", ssh_err_name(e), total);
		total += n;
	}
	return total;
}

void take_text(struct sock_channel *ch, const char *text)
{
	char buf[256];
	size_t n, at = 0, len = strlen(text);
	for (; at < len; at += n) {
		enum ssh_err e = sock_recv(ch, buf + at, len - at, &n);
		cr_assert(e == SSH_OK && n != 0, "%s: %s after %zu bytes", text, ssh_err_name(e),
		          at);
	}
	cr_assert(memcmp(buf, text, len) == 0, "%.*s is not %s", (int)len, buf, text);
}

/* --- A server --- */

static enum auth_verdict judge_key(void *ctx, ssh_bytes user, ssh_bytes key)
{
	const struct house *h = ctx;
	bool right =
	    wire_bytes_is(user, "robey") && wire_bytes_equal(key, wire_buf_view(&h->user_blob));
	return right ? AUTH_ACCEPT : AUTH_REJECT;
}

enum auth_verdict judge_password(void *ctx, ssh_bytes user, ssh_bytes password)
{
	(void)ctx;
	bool right = wire_bytes_is(user, "robey") && wire_bytes_is(password, "open sesame");
	return right ? AUTH_ACCEPT : AUTH_REJECT;
}

enum auth_verdict judge_answers(void *ctx, struct sock_round *r)
{
	static const struct auth_prompt prompts[] = {{{(const uint8_t *)"Name: ", 6}, true},
	                                             {{(const uint8_t *)"Colour: ", 8}, false}};
	(void)ctx;
	if (r->rounds == 0) {
		r->ask = true;
		r->challenge.prompts = prompts;
		r->challenge.count = 2;
		return AUTH_REJECT;
	}
	bool right = r->count == 2 && wire_bytes_is(r->answers[0], "Robert") &&
	             wire_bytes_is(r->answers[1], "blue");
	return right ? AUTH_ACCEPT : AUTH_REJECT;
}

void open_house(struct house *h)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	read_key(&h->host, peer_key("host", "ed25519"));
	read_key(&h->user, peer_key("user", "ed25519"));
	crypt_key_put_public(&h->user, &h->user_blob);
	h->host_keys[0] = &h->host;
	sock_config_init(&h->config, true);
	h->config.kex.host_keys = h->host_keys;
	h->config.policy =
	    (struct sock_policy){.ctx = h, .key = judge_key, .requests = SOCK_GRANT(EXEC)};
	h->listening = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert(bind(h->listening, (struct sockaddr *)&a, sizeof a) == 0 &&
	          listen(h->listening, 1) == 0 &&
	          getsockname(h->listening, (struct sockaddr *)&a, &len) == 0);
	snprintf(h->port, sizeof h->port, "%u", ntohs(a.sin_port));
}

void open_door(struct house *h)
{
	struct pollfd p = {.fd = h->listening, .events = POLLIN};
	cr_assert_eq(poll(&p, 1, LONG), 1, "nobody comes");
	h->fd = accept(h->listening, NULL, NULL);
	enum ssh_err e = sock_start_server(&h->s, h->fd, h->fd, &h->config, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(&h->s, why));
}

void let_in(struct house *h)
{
	open_door(h);
	enum ssh_err e = sock_await_login(&h->s, LONG);
	cr_assert_eq(e, SSH_OK, "%s", sock_why(&h->s, why));
	cr_assert(wire_bytes_is(sock_user(&h->s), "robey"));
}

void show_out(struct house *h)
{
	sock_wipe(&h->s);
	close(h->fd);
}

void close_house(struct house *h)
{
	show_out(h);
	close(h->listening);
	crypt_key_wipe(&h->host);
	crypt_key_wipe(&h->user);
	wire_buf_wipe(&h->user_blob);
}

void start_script(struct process *p, const char *script, ...)
{
	va_list args;
	const char *word;
	words_add(&p->argv, "/usr/bin/python3", peer_text("tests/interop/peers/%s", script), NULL);
	va_start(args, script);
	while ((word = va_arg(args, const char *)) != NULL)
		words_add(&p->argv, word, NULL);
	va_end(args);
	process_start(p);
}
