/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_SIGNAL_H
#define NACRE_TOOLS_SSHD_SIGNAL_H

#include <sys/types.h>

/**
 * Turn SIGCHLD, SIGTERM, SIGINT and SIGHUP into bytes in a pipe, and ignore SIGPIPE. A forked process calls it
 * again, to have a pipe of its own.
 *
 * Returns the descriptor to poll, non-blocking; -1 if there is none to be had.
 */
int sshd_signals_start(void);

/** The next signal that came, or 0. */
int sshd_signals_next(int fd);

/** A child of this process that has ended, with its status; 0: none. */
pid_t sshd_signals_reap(int *status);

#endif
