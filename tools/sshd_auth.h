/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_AUTH_H
#define NACRE_TOOLS_SSHD_AUTH_H

#include "libauth/server.h"
#include "tools/sshd_grant.h"
#include "tools/sshd_options.h"

/** A key that somebody would log in with. */
struct sshd_ask {
	const struct sshd_options *options;
	const struct sshd_peer *peer;
	struct auth_server *server;
	const struct auth_server_event *ev; /* AUTH_ASK_KEY */
	struct sshd_grant *grant;           /* set if the key will do; wiped first */
};

/**
 * May whoever holds this key log in?
 *
 * A line whose options are not all known, or that is for other peers (from=), lets nobody in; the next
 * line with the same key may. A certificate needs an authority: see sshd_auth_cert.
 */
bool sshd_auth_key(const struct sshd_ask *a);

/** The same of a certificate, by TrustedUserCAKeys or a line with cert-authority. */
bool sshd_auth_cert(const struct sshd_ask *a);

/**
 * Is the key the client's host's, is that the peer, and may its user log in? RFC 4252 section 9. The
 * grant is not used.
 */
bool sshd_auth_host(const struct sshd_ask *a);

/**
 * Does the security key, if it is one, satisfy the grant? Returns NULL, or why not.
 * Presence is waived where the grant does without.
 */
const char *sshd_auth_token(const struct sshd_ask *a);

/** Read the next of the files in AuthorizedKeysFile that can be read. False: there are no more. */
bool sshd_auth_next_file(const struct sshd_options *o, const char **list, struct wire_buf *text);

/**
 * Is this the user's password by the password file, whose lines are user:password?
 *
 * Secrets: the password and the file, which is wiped; they are compared in constant time.
 */
bool sshd_auth_password(const struct sshd_options *o, ssh_bytes user, ssh_bytes password);

/**
 * Put the user's questions of the file of questions, whose lines are user:question:answer; a
 * question behind a plus sign is answered visibly. Without any, the request is rejected.
 */
void sshd_auth_ask(const struct sshd_options *o, struct auth_server *s);

/** Are these the answers? Secrets: as sshd_auth_password. */
bool sshd_auth_responses(const struct sshd_options *o, ssh_bytes user,
                         const struct ssh_userauth_info_response *m);

/** Are two secrets the same? Compared in constant time. */
bool sshd_auth_same(ssh_bytes a, ssh_bytes b);

/** Is this the user that the server serves? */
bool sshd_auth_user(ssh_bytes user);

#endif
