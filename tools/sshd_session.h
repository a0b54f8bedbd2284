/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_SESSION_H
#define NACRE_TOOLS_SSHD_SESSION_H

#include <poll.h>

#include "libchan/mux.h"
#include "libchan/session.h"
#include "tools/sshd_auth.h"
#include "tools/sshd_child.h"

/** Entries that one session fills of a list for poll(2). */
#define SSHD_SESSION_POLLS 3

/** What the sessions of one connection have in common. */
struct sshd_host {
	const struct sshd_options *options;
	const struct sshd_peer *peer;
	const struct sshd_grant *grant;
	bool takes_eow; /* the peer knows eow@openssh.com */
};

/** One of the program's outputs. */
struct sshd_output {
	uint32_t ext;         /* 0, or SSH_EXTENDED_DATA_STDERR */
	int fd;               /* -1: ended */
	bool drained;         /* there was nothing to read when last looked at */
	struct wire_buf left; /* read, and not yet taken by the channel */
};

/** A session: a channel, and the program behind it. */
struct sshd_session {
	struct chan_channel ch;
	/* For reading. */
	bool used; /* from the opening to the closing of the channel */
	/* private */
	const struct sshd_host *host;
	struct chan_session seen;
	struct sshd_pty pty;
	struct wire_buf env;  /* NAME=VALUE, each with a NUL */
	struct wire_buf term; /* with a NUL */
	pid_t pid;            /* -1: no program yet */
	bool signals;         /* the peer may send it signals */
	int status;           /* as waitpid has it */
	bool exited;
	bool told; /* the peer knows how it ended */
	int in;    /* the program's input; -1: none, or it takes no more */
	bool in_full;
	bool in_ends;
	struct wire_buf input; /* of the peer's, for the program */
	struct sshd_output out[2];
};

/** Begin a session for a channel that is about to be accepted. */
void sshd_session_begin(struct sshd_session *s, const struct sshd_host *host);

/**
 * The channel is closed, or the connection is gone: descriptors are closed, a program on a terminal
 * gets SIGHUP. The session may be used again. A program without a terminal lives on, as it would if its
 * pipe broke.
 */
void sshd_session_end(struct sshd_session *s);

/** Do what a request asks for. Returns whether it succeeded: the answer, if one is wanted. */
bool sshd_session_request(struct sshd_session *s, const struct chan_event *ev);

/** The peer sent data. */
void sshd_session_data(struct sshd_session *s, const struct chan_event *ev);

/** The peer sends no more. */
void sshd_session_eof(struct sshd_session *s);

/** The program `pid` ended, if it is this session's. */
void sshd_session_exited(struct sshd_session *s, pid_t pid, int status);

/** Tell the peer how the program ended. */
void sshd_session_tell(struct sshd_session *s);

/** Fill in what the session waits for. Returns how many entries, at most SSHD_SESSION_POLLS. */
size_t sshd_session_poll(struct sshd_session *s, struct pollfd *p);

/** What poll(2) said about an entry of sshd_session_poll. */
void sshd_session_polled(struct sshd_session *s, const struct pollfd *p);

/** Carry bytes both ways as far as they go now; at the end tell how the program ended, and close. */
void sshd_session_pump(struct sshd_session *s);

/** Is there more to carry that waits for nothing? */
bool sshd_session_busy(struct sshd_session *s);

#endif
