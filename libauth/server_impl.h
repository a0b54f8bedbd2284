/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SERVER_IMPL_H
#define NACRE_LIBAUTH_SERVER_IMPL_H

#include "libauth/server.h"
#include "libwire/msg.h"

/* What server.c (life, verbs, replies), server_rules.c and server_request.c share. */

/** Die of `e`: nothing is sent any more, AUTH_EVENT_ERROR is told. Returns e. */
enum ssh_err auth_server_fail(struct auth_server *s, enum ssh_err e);

/** Queue a message. Returns 0 or the queue's error. */
enum ssh_err auth_server_put(struct auth_server *s, const struct wire_shape *shape,
                             const void *msg);

/** Queue FAILURE and count it. Returns 0, SSH_ERR_AUTH_TRIES or the queue's error. */
enum ssh_err auth_server_refuse(struct auth_server *s);

/** Has this key counted as a factor already? */
bool auth_server_key_counted(const struct auth_server *s, ssh_bytes key);

/** Handle a USERAUTH_REQUEST: parse it whole, then ask or refuse. */
enum ssh_err auth_server_on_request(struct auth_server *s, ssh_bytes payload);

#endif
