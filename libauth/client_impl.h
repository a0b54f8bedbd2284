/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_CLIENT_IMPL_H
#define NACRE_LIBAUTH_CLIENT_IMPL_H

#include "libauth/client.h"

/* What client.c (life, verbs), client_rules.c (handlers) and client_request.c (answers) share. */

/** Die of `e`: nothing is sent any more, AUTH_EVENT_ERROR is told. Returns e. */
enum ssh_err auth_client_fail(struct auth_client *c, enum ssh_err e);

/** Let `type` be told. */
void auth_client_tell(struct auth_client *c, enum auth_event_type type);

/** Let `type` be asked; no request is out. */
void auth_client_ask(struct auth_client *c, enum auth_event_type type);

/** Ask for the signature over the request with the present key. */
enum ssh_err auth_client_ask_sign(struct auth_client *c);

#endif
