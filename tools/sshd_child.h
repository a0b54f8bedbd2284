/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_CHILD_H
#define NACRE_TOOLS_SSHD_CHILD_H

#include <sys/types.h>

#include "libchan/request.h"
#include "tools/sshd_peer.h"

/** A pseudo-terminal. Descriptors are -1 without one. */
struct sshd_pty {
	int master;
	int slave; /* open until the program has it */
	char name[64];
};

/** Open a pseudo-terminal of the size, and with the modes, that a request asks for. */
bool sshd_pty_open(struct sshd_pty *p, const struct ssh_request_pty *request);
/** Close both ends that are open. A program on it gets SIGHUP. */
void sshd_pty_close(struct sshd_pty *p);
/** Give it another size; the program on it gets SIGWINCH. */
void sshd_pty_resize(const struct sshd_pty *p, const struct ssh_request_window_change *size);

/** Apply the terminal modes of a pty-req (RFC 4254 section 8) to the terminal on `fd`. */
void sshd_modes_apply(int fd, ssh_bytes modes);

/** What to run. */
struct sshd_program {
	const char *command;  /* by the user's shell; NULL: the shell itself, as a log-in shell */
	const char *original; /* what the peer asked for, if something else is run; NULL: nothing */
	const char *term;     /* TERM; NULL: no terminal */
	ssh_bytes env;        /* NAME=VALUE, each with a NUL */
	const struct sshd_peer *peer;
};

/** A program that runs, and our ends of its pipes; with a terminal all are its master, or -1. */
struct sshd_child {
	pid_t pid;
	int in;
	int out;
	int err;
};

/** Start a program. Returns false, with errno set, if it could not be. */
bool sshd_child_start(struct sshd_child *c, const struct sshd_program *p, struct sshd_pty *pty);

#endif
