/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_ENDS_H
#define NACRE_TESTS_ENDS_H

#include <criterion/criterion.h>
#include <sys/types.h>

#include "libchan/sock.h"

/* Long enough for a loaded machine under a sanitizer; a test that waits this long has failed. */
#define LONG  30000
#define SHORT 50

/* Two ends: a server in a child process, a client here. */
struct ends {
	struct crypt_key host, user, stranger;
	const struct crypt_key *host_keys[2];
	struct wire_buf host_blob, user_blob;
	struct sock_config server, client;
	int fd[2]; /* the client's; in and out */
	pid_t child;
};

/* For sock_why. */
extern char why[SOCK_WHY_SIZE];

/* Keys and configurations: user robey, password foo; exec, shell and pty. */
void ends_init(struct ends *t);
/* Run `serve` in a child, at the other end of a socket pair, or of two pipes. */
void ends_begin(struct ends *t, void (*serve)(const struct ends *t, int in, int out), bool pipes);
/* Wait for the child, which must have been content. */
void ends_end(struct ends *t);
void ends_forget(struct ends *t);

/* In the child: criterion's assertions are the parent's. */
void ends_check(bool ok, int where);
#define CHECK(x) ends_check((x), 100 + __LINE__ % 100)

/* A server for most tests: each command is one session, one after another. */
void serve_commands(const struct ends *t, int in, int out);
void serve_cat(struct sock_channel *ch);
void serve_flood(struct sock_channel *ch, size_t total);

/* The client. */
void log_in(struct ends *t, struct sock *s);
void log_out(struct ends *t, struct sock *s);
void expect(struct sock_channel *ch, const char *text);
void expect_end(struct sock_channel *ch);

#endif
