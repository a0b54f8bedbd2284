/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_KEYGEN_H
#define NACRE_TESTS_KEYGEN_H

#include "libwire/buf.h"

/*
 * The real ssh-keygen, at work in a directory of its own. Fails the test if it is not there or does
 * not succeed.
 */
struct keygen {
	char dir[64];
};

void keygen_init(struct keygen *g);
/** Run `ssh-keygen ARGUMENTS`; an @ before a slash stands for the directory. What it prints is returned,
 *  to be wiped. */
struct wire_buf keygen_run(const struct keygen *g, const char *arguments);
/** Run a command of the shell in the same way: other programs that make and read keys. */
struct wire_buf keygen_shell(const struct keygen *g, const char *command);
/** Skip the test if `program` is not installed. */
void keygen_need(const char *program);
/** Read a file of the directory; the caller wipes. */
struct wire_buf keygen_read(const struct keygen *g, const char *name);
/** Write a file into the directory, readable by us alone. */
void keygen_write(const struct keygen *g, const char *name, ssh_bytes text);
/** Remove the directory. */
void keygen_wipe(struct keygen *g);

#endif
