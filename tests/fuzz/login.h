/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_FUZZ_LOGIN_H
#define NACRE_TESTS_FUZZ_LOGIN_H

#include "libauth/auth.h"
#include "libwire/msg.h"
#include "tests/fuzz/fuzz.h"

/* Who logs in, for the targets of authentication and of whole sessions. */

#define LOGIN_USER     "nemo"
#define LOGIN_PASSWORD "nautilus"
#define LOGIN_ANSWER   "code" /* to the one prompt of keyboard-interactive */
/** The client's host, which has the user's key, and whose user is called as here. */
#define LOGIN_HOST     "reef.example"
/** The session id where there is no key exchange. */
#define LOGIN_SESSION  "0123456789abcdef0123456789abcdef"

/** The user's key, an Ed25519 one made once; and its blob. */
const struct crypt_key *login_key(void);
ssh_bytes login_blob(void);

/** Sign as the key would; always the same for the same data. */
void login_sign(struct wire_buf *out, ssh_bytes data);

/** Append the payload of a request: none, password, a query of the key, a signed one, or keyboard-interactive. */
void login_put_none(struct wire_buf *out);
void login_put_password(struct wire_buf *out, const char *password);
void login_put_key(struct wire_buf *out, bool is_signed);
void login_put_interactive(struct wire_buf *out);
/** The same of a hostbased one. */
void login_put_host(struct wire_buf *out);
/** Append INFO_RESPONSE with one answer. */
void login_put_answer(struct wire_buf *out, const char *answer);
/** Append SERVICE_REQUEST or SERVICE_ACCEPT. */
void login_put_service(struct wire_buf *out, uint8_t number);

#endif
