/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libauth/pubfile.h"
#include "libcrypt/key.h"
#include "tests/support/peer.h"

/* The programs of others: how each is told what all of them can do. */

/* paramiko is installed for the system's python, which may not be the first in PATH. */
#define PYTHON "/usr/bin/python3"

const char *peer_name(enum peer kind)
{
	static const char *const names[] = {"Nacre",    "OpenSSH", "Dropbear", "PuTTY",
	                                    "paramiko", "libssh",  "libssh2"};
	return names[kind];
}

static void run_quietly(struct process *p)
{
	process_start(p);
	process_wait(p);
	cr_assert_eq(p->status, 0, "%s", peer_outcome(p));
	process_wipe(p);
}

static void run_python(struct process *p, const char *script)
{
	const char *path = peer_text("tests/interop/peers/%s", script);
	cr_assert(access(PYTHON, X_OK) == 0, "%s is not there (Debian: python3-paramiko)", PYTHON);
	cr_assert(access(path, R_OK) == 0, "%s is not there", path);
	words_add(&p->argv, PYTHON, path, NULL);
}

const char *peer_algorithms(const char *kind)
{
	struct process p = {0};
	words_add(&p.argv, peer_program("nacre-ssh"), "-Q", kind, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	char *list = (char *)(uintptr_t)peer_text("%s", process_out(&p));
	process_wipe(&p);
	for (char *at = list; (at = strchr(at, '\n')) != NULL;)
		*at = at[1] == '\0' ? '\0' : ',';
	return list;
}

/* --- Keys in others' forms --- */

/* Dropbear's own form, for both its ends. */
static const char *dropbear_key(const char *key)
{
	struct process p = {0};
	const char *path = peer_text("%s.db", key);
	if (access(path, R_OK) == 0)
		return path;
	words_add(&p.argv, peer_program("dropbearconvert"), "openssh", "dropbear", key, path, NULL);
	run_quietly(&p);
	return path;
}

static const char *putty_key(const char *key)
{
	struct process p = {0};
	const char *path = peer_text("%s.ppk", key);
	if (access(path, R_OK) == 0)
		return path;
	words_add(&p.argv, peer_program("puttygen"), key, "-O", "private", "-o", path,
	          "--new-passphrase", "/dev/null", "-q", NULL);
	run_quietly(&p);
	return path;
}

static const char *public_line(const char *key)
{
	const char *text = peer_read(peer_text("%s.pub", key));
	/* Without the comment, which Dropbear takes for a part of the key. */
	size_t type = strcspn(text, " ") + 1;
	return peer_text("%.*s", (int)(type + strcspn(text + type, " \n")), text);
}

static const char *fingerprint(const char *key)
{
	char print[CRYPT_FINGERPRINT_SIZE];
	struct auth_publine line;
	struct wire_buf blob = {0};
	cr_assert_eq(auth_publine_parse(&line, wire_bytes_str(public_line(key))), SSH_OK);
	cr_assert_eq(auth_publine_blob(&line, &blob), SSH_OK);
	crypt_key_fingerprint(wire_buf_view(&blob), print);
	wire_buf_wipe(&blob);
	return peer_text("%s", print);
}

/* --- Servers --- */

/* The user is at home in the test's folder, and has a password there. */
static void make_account(struct peer_server *s)
{
	struct words *env = &s->process.env;
	words_add(env, peer_text("LD_PRELOAD=%s", peer_program("peers/account.so")),
	          peer_text("PEER_HOME=%s", peer_path("")), NULL);
	if (s->password != NULL)
		words_add(env, peer_text("PEER_PASSWORD=%s", s->password), NULL);
}

static void dropbear(struct peer_server *s)
{
	struct words *w = &s->process.argv;
	make_account(s);
	(void)mkdir(peer_path(".ssh"), 0700);
	if (access(peer_path("authorized_keys"), R_OK) == 0)
		peer_write(".ssh/authorized_keys", peer_read(peer_path("authorized_keys")));
	words_add(w, peer_program("dropbear"), "-F", "-E", "-p",
	          peer_text("%s:%s", s->address, s->port), "-P", peer_path("dropbear.pid"), NULL);
	for (size_t i = 0; i < s->host_keys.n; i++)
		words_add(w, "-r", dropbear_key(s->host_keys.word[i]), NULL);
}

/* Ours on paramiko and libssh take the same options. */
static void library(struct peer_server *s)
{
	struct words *w = &s->process.argv;
	if (s->kind == PEER_PARAMIKO)
		run_python(&s->process, "paramiko_server.py");
	else
		words_add(w, peer_program("peers/libssh_server"), "-x", peer_algorithms("kex"),
		          "-c", peer_algorithms("cipher"), "-m", peer_algorithms("mac"), "-s",
		          peer_algorithms("key-sig"), NULL);
	words_add(w, "-a", s->address, "-p", s->port, "-k", peer_path("authorized_keys"), NULL);
	for (size_t i = 0; i < s->host_keys.n; i++)
		words_add(w, "-h", s->host_keys.word[i], NULL);
	if (s->password != NULL)
		words_add(w, "-w", s->password, NULL);
	if (s->rekey != NULL)
		words_add(w, "-r", s->rekey, NULL);
}

void peer_server_command(struct peer_server *s)
{
	if (s->kind == PEER_DROPBEAR)
		dropbear(s);
	else if (s->kind != PEER_OPENSSH)
		library(s);
	else if (s->password != NULL && peer_server_is_whole(s->kind))
		make_account(s);
}

/* --- Clients --- */

static const char *wanted_key(const struct peer_server *s, const struct peer_ask *ask)
{
	return ask->host_key == NULL ? s->host_keys.word[0] : ask->host_key;
}

static const char *user_of(const struct peer_ask *ask)
{
	return ask->user == NULL ? peer_user() : ask->user;
}

static const char *known_hosts(const struct peer_server *s, const struct peer_ask *ask)
{
	return peer_write("known", peer_text("[%s]:%s %s\n", s->address, s->port,
	                                     public_line(wanted_key(s, ask))));
}

static void openssh(struct process *p, enum peer kind, const struct peer_server *s,
                    const struct peer_ask *ask)
{
	struct peer_server seen = *s;
	seen.known_hosts = known_hosts(s, ask);
	peer_client(p, kind, &seen);
	if (ask->key != NULL) {
		words_add(&p->argv, "-i", ask->key, "-o", "BatchMode=yes", NULL);
	} else {
		const char *script =
		    peer_write("askpass", peer_text("#!/bin/sh\necho '%s'\n", ask->password));
		cr_assert_eq(chmod(script, 0700), 0);
		words_add(&p->env, peer_text("SSH_ASKPASS=%s", script), "SSH_ASKPASS_REQUIRE=force",
		          NULL);
		words_add(&p->argv, "-o", "PubkeyAuthentication=no", "-o",
		          "StrictHostKeyChecking=yes", NULL);
	}
	if (ask->rekey != NULL)
		words_add(&p->argv, "-o", peer_text("RekeyLimit=%s", ask->rekey), NULL);
	if (ask->compress)
		words_add(&p->argv, "-C", NULL);
	if (ask->verbose)
		words_add(&p->argv, "-v", NULL);
	words_add(&p->argv, "-l", user_of(ask), s->address, ask->command, NULL);
}

/*
 * It knows hosts by their address alone. Now and then it sleeps on with its last channel closed,
 * having looked for that before it wrote the CLOSE: with -K it looks again a second later.
 */
static void dbclient(struct process *p, const struct peer_server *s, const struct peer_ask *ask)
{
	struct words *w = &p->argv;
	(void)mkdir(peer_path(".ssh"), 0700);
	peer_write(".ssh/known_hosts",
	           peer_text("%s %s\n", s->address, public_line(wanted_key(s, ask))));
	words_add(w, peer_program("dbclient"), ask->terminal ? "-t" : "-T", "-K", "1", "-p",
	          s->port, "-l", user_of(ask), NULL);
	if (ask->key != NULL)
		words_add(w, "-i", dropbear_key(ask->key), NULL);
	else
		words_add(&p->env, peer_text("DROPBEAR_PASSWORD=%s", ask->password), NULL);
	words_add(w, s->address, ask->command, NULL);
}

/* Weak algorithms stand above the mark WARN, under which plink would ask. */
static const char session[] =
    "Protocol=ssh\nAuthGSSAPI=0\nGssapiKex=0\nTryAgent=0\nSSH2DES=1\n"
    "Cipher=aes,aesgcm,chacha20,3des,des,arcfour,blowfish,WARN\n"
    "KEX=ecdh,ntru-curve25519,dh-gex-sha1,dh-group18-sha512,dh-group17-sha512,"
    "dh-group16-sha512,dh-group15-sha512,dh-group14-sha1,dh-group1-sha1,rsa,WARN\n"
    "HostKey=ed448,ed25519,ecdsa,rsa,dsa,WARN\nRekeyTime=0\n";

static void plink(struct process *p, const struct peer_server *s, const struct peer_ask *ask)
{
	struct words *w = &p->argv;
	(void)mkdir(peer_path(".putty"), 0700);
	(void)mkdir(peer_path(".putty/sessions"), 0700);
	peer_write(".putty/sessions/peer",
	           peer_text("%sRekeyBytes=%s\nCompression=%d\n", session,
	                     ask->rekey == NULL ? "1G" : ask->rekey, ask->compress));
	words_add(w, peer_program("plink"), "-batch", ask->terminal ? "-t" : "-T", "-load", "peer",
	          "-P", s->port, "-l", user_of(ask), "-hostkey", fingerprint(wanted_key(s, ask)),
	          NULL);
	if (ask->key != NULL)
		words_add(w, "-i", putty_key(ask->key), NULL);
	else
		words_add(w, "-pw", ask->password, NULL);
	words_add(w, s->address, ask->command, NULL);
}

static const char openssl[] = "openssl_conf = all\n[all]\nproviders = providers\n"
                              "[providers]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n";

static void library_client(struct process *p, enum peer kind, const struct peer_server *s,
                           const struct peer_ask *ask)
{
	struct words *w = &p->argv;
	if (kind == PEER_PARAMIKO)
		run_python(p, "paramiko_client.py");
	else
		words_add(w,
		          peer_program(kind == PEER_LIBSSH ? "peers/libssh_client"
		                                           : "peers/libssh2_client"),
		          NULL);
	/* OpenSSL 3, under libssh2, has the older ciphers in a module of their own. */
	if (kind == PEER_LIBSSH2)
		words_add(&p->env, peer_text("OPENSSL_CONF=%s", peer_write("openssl", openssl)),
		          NULL);
	if (kind == PEER_LIBSSH)
		words_add(w, "-x", peer_algorithms("kex"), "-c", peer_algorithms("cipher"), "-m",
		          peer_algorithms("mac"), "-k", peer_algorithms("key-sig"), NULL);
	words_add(w, "-p", s->port, "-H", known_hosts(s, ask), NULL);
	if (ask->key != NULL)
		words_add(w, "-i", ask->key, NULL);
	else
		words_add(w, "-w", ask->password, NULL);
	if (ask->channels > 0)
		words_add(w, "-n", peer_text("%u", ask->channels), NULL);
	if (ask->rekey != NULL)
		words_add(w, "-r", ask->rekey, NULL);
	if (ask->compress)
		words_add(w, "-z", NULL);
	words_add(w, user_of(ask), s->address, ask->command, NULL);
}

void peer_ask(struct process *p, enum peer client, const struct peer_server *s,
              const struct peer_ask *ask)
{
	/* A name alone takes the variable away. */
	words_add(&p->env, "SSH_AUTH_SOCK", "LC_ALL=C", peer_text("HOME=%s", peer_path("")), NULL);
	if (client == PEER_NACRE || client == PEER_OPENSSH)
		openssh(p, client, s, ask);
	else if (client == PEER_DROPBEAR)
		dbclient(p, s, ask);
	else if (client == PEER_PUTTY)
		plink(p, s, ask);
	else
		library_client(p, client, s, ask);
}
