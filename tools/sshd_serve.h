/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_SERVE_H
#define NACRE_TOOLS_SSHD_SERVE_H

#include "libchan/conn.h"
#include "tools/sshd_session.h"

/** One connection that is served. */
struct sshd_serve {
	const struct sshd_options *options;
	struct sshd_peer peer;
	struct sshd_grant grant;
	struct sshd_host host; /* of the sessions */
	struct conn conn;
	struct sshd_session *sessions;
	struct wire_buf banner;
	int in, out;
	int startup;       /* closed when somebody has logged in; -1: nobody waits for that */
	int signals;       /* of sshd_signals_start */
	uint64_t login_by; /* on the clock of now_ms */
};

/**
 * Serve one connection until it ends.
 *
 *   in, out   a connected stream; the same descriptor, or two
 *   startup   closed when somebody has logged in; -1: not wanted
 *
 * Returns the exit status: 0 if the peer said goodbye, or 255.
 */
int sshd_serve(const struct sshd_options *o, int in, int out, int startup);

/** Tell the client every host key. Once, after authentication. */
void sshd_hostkeys_tell(struct sshd_serve *v);
/** Answer hostkeys-prove. */
void sshd_hostkeys_prove(struct sshd_serve *v, const struct chan_event *ev);

/** Answer a question of the authentication, or note its outcome. */
void sshd_login(struct sshd_serve *v, const struct auth_server_event *ev);

#endif
