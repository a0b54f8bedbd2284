/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SERVER_IMPL_H
#define NACRE_LIBAUTH_SERVER_IMPL_H

#include "libauth/server.h"
#include "libwire/msg.h"

/*
 * What server.c (life, verbs, replies), server_rules.c, server_request.c, server_prompt.c,
 * server_key.c and server_host.c share.
 */

/** Die of `e`: nothing is sent any more, AUTH_EVENT_ERROR is told. Returns e. */
enum ssh_err auth_server_fail(struct auth_server *s, enum ssh_err e);

/** Queue a message. Returns 0 or the queue's error. */
enum ssh_err auth_server_put(struct auth_server *s, const struct wire_shape *shape,
                             const void *msg);

/** Queue FAILURE and count it. Returns 0, SSH_ERR_AUTH_TRIES or the queue's error. */
enum ssh_err auth_server_refuse(struct auth_server *s);

/** Can the method continue, after what has succeeded? If not, it is refused. */
bool auth_server_offers(const struct auth_server *s, enum auth_method method);

/** Count the key in question as a factor. False: there are too many. */
bool auth_server_count_key(struct auth_server *s);

/** May the key in question be accepted? Not an unchecked certificate, nor an absent user's. */
bool auth_server_key_acceptable(const struct auth_server *s);

/** Handle a publickey request; `bound`: to a host key. */
enum ssh_err auth_server_try_key(struct auth_server *s, ssh_bytes rest, bool bound);

/** Is the key, certified or not, as large as the configuration has it? */
bool auth_server_key_large(const struct auth_server *s, const struct crypt_key *key);

/** Handle a hostbased request. */
enum ssh_err auth_server_try_host(struct auth_server *s, ssh_bytes rest);

/** Put the question about the present request, without its particulars. */
struct auth_server_event *auth_server_ask(struct auth_server *s, enum auth_event_type type,
                                          enum auth_method method);

/** The reply to a question is queued, or failed with `e`: forget the secrets. Returns e. */
enum ssh_err auth_server_settle(struct auth_server *s, enum ssh_err e);

/** Can anybody have this name? If not, nobody is asked. */
bool auth_server_name_possible(ssh_bytes name);
/** The same of the present request's user. */
bool auth_server_user_possible(const struct auth_server *s);

/** Can this be a secret that somebody has? If not, nobody is asked. */
bool auth_server_secret_possible(ssh_bytes secret);

/** Handle a keyboard-interactive request, and a response. */
enum ssh_err auth_server_try_interactive(struct auth_server *s, ssh_bytes rest);
enum ssh_err auth_server_on_response(struct auth_server *s, ssh_bytes payload);

/** Handle a USERAUTH_REQUEST: parse it whole, then ask or refuse. */
enum ssh_err auth_server_on_request(struct auth_server *s, ssh_bytes payload);

#endif
