/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "tests/interop/sock_kit.h"

/*
 * Algorithms for each connection of its own, the weak ones by name alone: against paramiko in both
 * roles, and plink, which has ciphers that paramiko lost. Keys with passphrases, and the log.
 */

static void echo_hello(struct client *c, const char *row)
{
	uint32_t status;
	struct sock_channel *ch = run(c, "cat; exit 3");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK, "%s", row);
	take_text(ch, "Hello");
	cr_assert_eq(sock_eof(ch), SSH_OK);
	cr_assert(sock_exit_status(ch, &status) == SSH_OK && status == 3, "%s", row);
	sock_close(ch);
}

static void begin(struct client *c, enum peer kind, const char *host_key)
{
	*c = (struct client){.server.kind = kind};
	words_add(&c->server.host_keys, peer_key("host", host_key), NULL);
	prepare(c);
}

/* Another connection to the same server. */
static void again(struct client *c, const struct sock_algorithms *choice, const char *row)
{
	static struct sock_algorithms a;
	struct sock_config config = c->config;
	a = *choice;
	cr_assert_eq(sock_choose(&config, &a, why), SSH_OK, "%s", why);
	reach(c);
	enum ssh_err e = sock_connect_auth(&c->s, c->fd, c->fd, &config, LONG);
	cr_assert_eq(e, SSH_OK, "%s: %s\n%s", row, sock_why(&c->s, why),
	             peer_server_log(&c->server));
}

static void go(struct client *c)
{
	sock_disconnect(&c->s, LONG);
	sock_wipe(&c->s);
	close(c->fd);
}

/* --- One at a time --- */

Test(sock_choice, each_by_name_to_paramiko, .fini = peer_end)
{
	static const struct sock_algorithms rows[] = {
	    {.kex = "diffie-hellman-group1-sha1"},
	    {.kex = "diffie-hellman-group14-sha1"},
	    {.kex = "diffie-hellman-group14-sha256"},
	    {.kex = "diffie-hellman-group-exchange-sha1"},
	    {.kex = "diffie-hellman-group-exchange-sha256"},
	    {.ciphers = "aes128-cbc"},
	    {.ciphers = "3des-cbc"},
	    {.ciphers = "aes128-ctr", .macs = "hmac-sha1"},
	    {.ciphers = "aes192-ctr", .macs = "hmac-md5"},
	    {.ciphers = "aes256-ctr", .macs = "hmac-sha1-96"},
	    {.ciphers = "aes128-ctr", .macs = "hmac-md5-96"},
	    {.host_keys = "ssh-rsa"},
	};
	static struct client c;
	begin(&c, PEER_PARAMIKO, "rsa-2048");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct sock_algorithms *r = &rows[i];
		const char *row = r->kex ? r->kex : r->macs ? r->macs : r->ciphers;
		again(&c, r, row == NULL ? r->host_keys : row);
		const struct kex_algs *algs = &c.s.conn.kex.algs;
		cr_assert(r->kex == NULL || strcmp(algs->agree->name, r->kex) == 0);
		for (int d = 0; d < 2; d++) {
			cr_assert(r->ciphers == NULL ||
			          strcmp(algs->cipher[d]->name, r->ciphers) == 0);
			cr_assert(r->macs == NULL || strcmp(algs->mac[d]->name, r->macs) == 0);
		}
		cr_assert(r->host_keys == NULL || strcmp(algs->host_sig->name, r->host_keys) == 0);
		echo_hello(&c, row);
		go(&c);
	}
	c.fd = -1;
	leave(&c);
}

/* DSA for both of us. */
Test(sock_choice, dss_to_paramiko, .fini = peer_end)
{
	static struct client c;
	static const struct sock_algorithms dss = {.host_keys = "ssh-dss", .pubkeys = "ssh-dss"};
	const char *key = peer_key("dss", "dsa");
	peer_authorize(key, "");
	begin(&c, PEER_PARAMIKO, "dsa");
	crypt_key_wipe(&c.key);
	read_key(&c.key, key);
	again(&c, &dss, "ssh-dss");
	echo_hello(&c, "ssh-dss");
	go(&c);
	c.fd = -1;
	leave(&c);
}

/* The default has nothing weak: a peer that has nothing else is told from a bad one. */
Test(sock_choice, weak_ones_by_name_alone, .fini = peer_end)
{
	static struct client c;
	static const struct sock_algorithms weak = {.ciphers = "+3des-cbc"};
	c.server = (struct peer_server){.kind = PEER_PARAMIKO};
	words_add(&c.server.process.env, "PEER_CIPHERS=3des-cbc", NULL);
	prepare(&c);
	reach(&c);
	enum ssh_err e = sock_connect_auth(&c.s, c.fd, c.fd, &c.config, LONG);
	cr_assert_eq(e, SSH_ERR_NO_COMMON, "%s", ssh_err_name(e));
	cr_assert_not_null(strstr(sock_why(&c.s, why), "the peer offers 3des-cbc;"), "%s", why);
	sock_wipe(&c.s);
	close(c.fd);
	again(&c, &weak, "+3des-cbc");
	echo_hello(&c, "+3des-cbc");
	leave(&c);
}

/* Two connections at once, each with lists of its own: by an array, by names. */
Test(sock_choice, each_connection_has_its_own, .fini = peer_end)
{
	static const struct crypt_cipher *const ciphers[] = {&crypt_aes256_ctr, &crypt_aes192_ctr,
	                                                     NULL};
	static struct client c, d;
	static struct sock_algorithms names = {.ciphers = "-aes128*,chacha*", .kex = "^ecdh-sha2*"};
	begin(&c, PEER_PARAMIKO, "ed25519");
	d.config = c.config;
	d.server = c.server;
	c.config.kex.ciphers[KEX_CS] = c.config.kex.ciphers[KEX_SC] = ciphers;
	cr_assert_eq(sock_choose(&d.config, &names, why), SSH_ERR_UNSUPPORTED);
	cr_assert_str_eq(why, "key exchange: no algorithm is called ecdh-sha2*");
	names.kex = "^ecdh-sha2-nistp521";
	cr_assert_eq(sock_choose(&d.config, &names, why), SSH_OK, "%s", why);
	reach(&c);
	reach(&d);
	cr_assert_eq(sock_connect_auth(&c.s, c.fd, c.fd, &c.config, LONG), SSH_OK);
	cr_assert_eq(sock_connect_auth(&d.s, d.fd, d.fd, &d.config, LONG), SSH_OK);
	cr_assert_str_eq(c.s.conn.kex.algs.cipher[KEX_CS]->name, "aes256-ctr");
	cr_assert_str_eq(c.s.conn.kex.algs.agree->name, "curve25519-sha256@libssh.org");
	cr_assert_str_eq(d.s.conn.kex.algs.cipher[KEX_CS]->name, "aes192-ctr");
	cr_assert_str_eq(d.s.conn.kex.algs.agree->name, "ecdh-sha2-nistp521");
	echo_hello(&c, "an array");
	echo_hello(&d, "names");
	go(&d);
	leave(&c);
}

/* --- As a server --- */

/* Answers five bytes; plink's input comes only when its end is waited for. */
static void serve_hello(struct house *h, const char *row, bool echo)
{
	struct sock_channel *ch;
	let_in(h);
	cr_assert_eq(sock_accept(&h->s, &ch, LONG), SSH_OK, "%s", row);
	sock_set_timeout(ch, LONG);
	if (echo)
		take_text(ch, "Hello");
	cr_assert_eq(sock_send_all(ch, wire_bytes_str("Hello"), NULL), SSH_OK);
	cr_assert_eq(sock_send_exit(ch, 3), SSH_OK);
	sock_close(ch);
	(void)sock_accept(&h->s, &ch, LONG); /* until it has gone */
}

/* One process makes all connections; each offers one name, and so do we. */
static void each_of(const char *list, const char *names)
{
	static struct house h;
	static struct sock_algorithms a;
	struct process p = {0};
	const char *said = "", *at = names;
	h = (struct house){0};
	open_house(&h);
	words_add(&p.argv, "/usr/bin/python3", "tests/interop/peers/paramiko_calls.py", h.port,
	          peer_key("user", "ed25519"), "offer", list, NULL);
	for (size_t n; *at != '\0'; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		words_add(&p.argv, peer_text("%.*s", (int)n, at), NULL);
		said = peer_text("%s%.*s Hello 3\n", said, (int)n, at);
	}
	process_start(&p);
	a = (struct sock_algorithms){0};
	const char **ours = strcmp(list, "kex") == 0       ? &a.kex
	                    : strcmp(list, "ciphers") == 0 ? &a.ciphers
	                                                   : &a.macs;
	*ours = names;
	if (strcmp(list, "digests") == 0)
		a.ciphers = "aes128-ctr,aes256-ctr";
	cr_assert_eq(sock_choose(&h.config, &a, why), SSH_OK, "%s", why);
	for (at = names; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		serve_hello(&h, at, true);
		show_out(&h);
	}
	process_wait(&p);
	cr_assert(p.status == 0 && strcmp(process_out(&p), said) == 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	h.fd = -1;
	close_house(&h);
}

Test(sock_choice, each_by_name_from_paramiko, .fini = peer_end)
{
	each_of("kex", "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,"
	               "diffie-hellman-group-exchange-sha1,diffie-hellman-group-exchange-sha256");
	each_of("ciphers", "aes128-cbc,3des-cbc,aes192-ctr");
	each_of("digests", "hmac-sha1,hmac-md5,hmac-sha1-96,hmac-md5-96");
}

/* Ciphers that plink has, and neither OpenSSH nor paramiko. */
Test(sock_choice, each_cipher_from_plink, .fini = peer_end)
{
	static const char *const ciphers[] = {"blowfish-ctr", "blowfish-cbc", "3des-ctr"};
	static struct house h;
	static struct sock_algorithms a;
	open_house(&h);
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		struct peer_server at = {.address = "127.0.0.1", .port = h.port};
		struct process p = {0};
		struct peer_ask ask = {.user = "robey",
		                       .key = peer_key("user", "ed25519"),
		                       .host_key = peer_key("host", "ed25519"),
		                       .command = "hello"};
		a = (struct sock_algorithms){.ciphers = ciphers[i]};
		cr_assert_eq(sock_choose(&h.config, &a, why), SSH_OK, "%s", why);
		peer_ask(&p, PEER_PUTTY, &at, &ask);
		process_start(&p);
		serve_hello(&h, ciphers[i], false);
		process_wait(&p);
		cr_assert(p.status == 3 && strcmp(process_out(&p), "Hello") == 0, "%s: %s",
		          ciphers[i], peer_outcome(&p));
		process_wipe(&p);
		show_out(&h);
	}
	h.fd = -1;
	close_house(&h);
}

/* --- Keys with passphrases: paramiko's files for us, ours for paramiko --- */

static enum ssh_err open_key(struct crypt_key *k, const char *path, const char *passphrase)
{
	struct wire_buf text = peer_bytes(path);
	enum ssh_err e = auth_keyfile_open(k, NULL, crypt_keyalgs_legacy, wire_buf_view(&text),
	                                   wire_bytes_str(passphrase));
	wire_buf_wipe(&text);
	return e;
}

static void make_ours(const char *type)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("nacre-keygen"), "-q", "-t", type, "-N", "open sesame",
	          "-f", peer_path(peer_text("ours_%s", type)), NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
}

Test(sock_choice, passphrases, .fini = peer_end)
{
	static const char *const ours[] = {"ed25519", "ecdsa", "rsa"};
	static const char *const made[] = {"made_rsa", "made_ecdsa"};
	struct crypt_key k = {0};
	struct process p = {0};
	for (size_t i = 0; i < 3; i++)
		make_ours(ours[i]);
	start_script(&p, "paramiko_keys.py", peer_path(""), NULL);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	process_wipe(&p);
	for (size_t i = 0; i < 2; i++) {
		const char *path = peer_path(made[i]);
		cr_assert_not_null(strstr(peer_read(path), "DEK-Info: "));
		cr_assert_eq(open_key(&k, path, ""), SSH_ERR_PASSPHRASE);
		cr_assert_eq(open_key(&k, path, "sesame open"), SSH_ERR_PASSPHRASE);
		cr_assert_eq(open_key(&k, path, "open sesame"), SSH_OK, "%s", made[i]);
		crypt_key_wipe(&k);
	}
}

/* --- The log --- */

struct tale {
	size_t lines;
	struct wire_buf text;
};

static void on_line(void *ctx, const char *line)
{
	struct tale *t = ctx;
	t->lines++;
	wire_put_raw(&t->text, wire_bytes_str(line));
	wire_put_u8(&t->text, '\n');
}

static struct tale tell(struct client *c, enum kex_log_level level)
{
	struct tale t = {0};
	struct sock_config config = c->config;
	struct sock_log log = {.line = on_line, .ctx = &t, .level = level};
	config.key = NULL;
	config.password = "open sesame";
	sock_log_init(&log, &config);
	reach(c);
	cr_assert_eq(sock_connect_auth(&c->s, c->fd, c->fd, &config, LONG), SSH_OK);
	echo_hello(c, "log");
	go(c);
	sock_log_wipe(&log);
	wire_put_u8(&t.text, '\0');
	cr_assert_eq(wire_buf_end(&t.text), SSH_OK);
	return t;
}

/* Every message by its name; less or more by level; the password never. */
Test(sock_choice, log, .fini = peer_end)
{
	static const char *const words[] = {"KEXINIT",
	                                    "NEWKEYS",
	                                    "USERAUTH_REQUEST",
	                                    "USERAUTH_SUCCESS",
	                                    "CHANNEL_OPEN_CONFIRMATION",
	                                    "exit-status",
	                                    "CHANNEL_CLOSE",
	                                    "Hello"};
	static const size_t least[] = {0, 0, 2, 2, 2, 2, 2, 3};
	static struct client c;
	struct tale t[3];
	c.server.kind = PEER_PARAMIKO;
	c.server.password = "open sesame";
	prepare(&c);
	for (size_t level = 0; level < 3; level++) {
		t[level] = tell(&c, (enum kex_log_level)level);
		const char *text = (const char *)wire_buf_view(&t[level].text).ptr;
		cr_assert_null(strstr(text, "sesame"), "level %zu:\n%s", level, text);
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			cr_assert_eq(strstr(text, words[i]) != NULL, level + 1 >= least[i],
			             "level %zu, %s:\n%s", level, words[i], text);
	}
	cr_assert(t[0].lines < t[1].lines && t[1].lines == t[2].lines);
	for (size_t level = 0; level < 3; level++)
		wire_buf_wipe(&t[level].text);
	c.fd = -1;
	leave(&c);
}
