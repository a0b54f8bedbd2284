/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_AUTH_H
#define NACRE_LIBWIRE_MSG_AUTH_H

#include "libwire/num.h"
#include "libwire/shape.h"

/* --- Authentication: RFC 4252, 4256 --- */

/** RFC 4252 section 5; tails: ssh_auth_*. */
struct ssh_userauth_request {
	ssh_bytes user;
	ssh_bytes service;
	ssh_bytes method;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_userauth_request_shape;

/** RFC 4252 section 5.2. */
struct ssh_auth_none {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_auth_none_shape;

/** RFC 4252 section 8; new_password is there if change. */
struct ssh_auth_password {
	bool change;
	ssh_bytes password;
	ssh_bytes new_password;
};
extern const struct wire_shape ssh_auth_password_shape;

/** RFC 4252 section 7; signature is there if signed. */
struct ssh_auth_publickey {
	bool has_signature;
	ssh_bytes algorithm;
	ssh_bytes key;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_auth_publickey_shape;

/** publickey-hostbound-v00@openssh.com. */
struct ssh_auth_publickey_hostbound {
	bool has_signature;
	ssh_bytes algorithm;
	ssh_bytes key;
	ssh_bytes host_key;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_auth_publickey_hostbound_shape;

/** RFC 4252 section 9. */
struct ssh_auth_hostbased {
	ssh_bytes algorithm;
	ssh_bytes key;
	ssh_bytes host;
	ssh_bytes host_user;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_auth_hostbased_shape;

/** RFC 4256 section 3.1. */
struct ssh_auth_kbdint {
	ssh_bytes language;
	ssh_bytes submethods;
};
extern const struct wire_shape ssh_auth_kbdint_shape;

/** RFC 4252 section 5.1. */
struct ssh_userauth_failure {
	ssh_bytes methods;
	bool partial;
};
extern const struct wire_shape ssh_userauth_failure_shape;

/** RFC 4252 section 5.1. */
struct ssh_userauth_success {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_userauth_success_shape;

/** RFC 4252 section 5.4. */
struct ssh_userauth_banner {
	ssh_bytes text;
	ssh_bytes language;
};
extern const struct wire_shape ssh_userauth_banner_shape;

/** RFC 4252 section 7. */
struct ssh_userauth_pk_ok {
	ssh_bytes algorithm;
	ssh_bytes key;
};
extern const struct wire_shape ssh_userauth_pk_ok_shape;

/** RFC 4252 section 8. */
struct ssh_userauth_passwd_changereq {
	ssh_bytes prompt;
	ssh_bytes language;
};
extern const struct wire_shape ssh_userauth_passwd_changereq_shape;

/** RFC 4256 section 3.2; prompts come out with ssh_info_prompt_next. */
struct ssh_userauth_info_request {
	ssh_bytes name;
	ssh_bytes instruction;
	ssh_bytes language;
	uint32_t count;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_userauth_info_request_shape;

/** RFC 4256 section 3.4; responses come out with ssh_info_response_next. */
struct ssh_userauth_info_response {
	uint32_t count;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_userauth_info_response_shape;

/* --- Repeated parts --- */

/** More prompts than anyone would answer, and what OpenSSH takes; bounds the work per message. */
#define SSH_INFO_MAX 100

/**
 * Take one prompt off the rest of an INFO_REQUEST.
 *
 *   rest     advanced past the prompt
 *   prompt   set to a view into rest
 *   echo     set: may the answer be shown?
 *
 * Returns false at the end, and if the rest is cut short: ssh_info_request_check tells which.
 *
 * Secrets: none.   RFC 4256 section 3.2.
 */
bool ssh_info_prompt_next(ssh_bytes *rest, ssh_bytes *prompt, bool *echo);

/**
 * Does the rest hold exactly `count` prompts?
 *
 * Returns 0, SSH_ERR_TRUNCATED or SSH_ERR_TRAILING; SSH_ERR_TOO_LONG for over SSH_INFO_MAX.
 *
 * Secrets: none.   RFC 4256 section 3.2.
 */
enum ssh_err ssh_info_request_check(const struct ssh_userauth_info_request *m);

/**
 * Take one response off the rest of an INFO_RESPONSE.
 *
 *   rest       advanced past the response
 *   response   set to a view into rest
 *
 * Returns false at the end, and if the rest is cut short: ssh_info_response_check tells which.
 *
 * Secrets: the response is one; the payload it lies in is the caller's to wipe.   RFC 4256
 * section 3.4.
 */
bool ssh_info_response_next(ssh_bytes *rest, ssh_bytes *response);

/**
 * Does the rest hold exactly `count` responses?
 *
 * Returns 0, SSH_ERR_TRUNCATED or SSH_ERR_TRAILING; SSH_ERR_TOO_LONG for over SSH_INFO_MAX.
 *
 * Secrets: only the lengths show in the time.   RFC 4256 section 3.4.
 */
enum ssh_err ssh_info_response_check(const struct ssh_userauth_info_response *m);

#endif
