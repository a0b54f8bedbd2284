/* SPDX-License-Identifier: MIT */
#include "libwire/msg_auth.h"

#include "libwire/msg_impl.h"

/* --- Authentication: RFC 4252, 4256 --- */

/* RFC 4252 section 5; tails: ssh_auth_*. */
static const struct wire_field userauth_request[] = {
    FIELD(ssh_userauth_request, TEXT, user),
    FIELD(ssh_userauth_request, TEXT, service),
    FIELD(ssh_userauth_request, TEXT, method),
    FIELD_SECRET(ssh_userauth_request, REST, rest),
};

static const struct wire_tail userauth_request_tails[] = {
    {"none", &ssh_auth_none_shape},
    {"password", &ssh_auth_password_shape},
    {"publickey", &ssh_auth_publickey_shape},
    {"publickey-hostbound-v00@openssh.com", &ssh_auth_publickey_hostbound_shape},
    {"hostbased", &ssh_auth_hostbased_shape},
    {"keyboard-interactive", &ssh_auth_kbdint_shape},
    {NULL, NULL},
};
const struct wire_shape ssh_userauth_request_shape =
    HEAD(ssh_userauth_request, "USERAUTH_REQUEST", SSH_MSG_USERAUTH_REQUEST, userauth_request, 2,
         userauth_request_tails);

/* RFC 4252 section 5.2. */
const struct wire_shape ssh_auth_none_shape = EMPTY(ssh_auth_none, "none", TAIL);

/* RFC 4252 section 8; new_password is there if change. */
static const struct wire_field auth_password[] = {
    FIELD(ssh_auth_password, BOOL, change),
    FIELD_SECRET(ssh_auth_password, TEXT, password),
    FIELD_SECRET_IF(ssh_auth_password, change, TEXT, new_password),
};
const struct wire_shape ssh_auth_password_shape =
    SHAPE(ssh_auth_password, "password", TAIL, auth_password);

/* RFC 4252 section 7; signature is there if signed. */
static const struct wire_field auth_publickey[] = {
    FIELD(ssh_auth_publickey, BOOL, has_signature),
    FIELD(ssh_auth_publickey, TEXT, algorithm),
    FIELD(ssh_auth_publickey, STRING, key),
    FIELD_IF(ssh_auth_publickey, has_signature, STRING, signature),
};
const struct wire_shape ssh_auth_publickey_shape =
    SHAPE(ssh_auth_publickey, "publickey", TAIL, auth_publickey);

/* publickey-hostbound-v00@openssh.com. */
static const struct wire_field auth_publickey_hostbound[] = {
    FIELD(ssh_auth_publickey_hostbound, BOOL, has_signature),
    FIELD(ssh_auth_publickey_hostbound, TEXT, algorithm),
    FIELD(ssh_auth_publickey_hostbound, STRING, key),
    FIELD(ssh_auth_publickey_hostbound, STRING, host_key),
    FIELD_IF(ssh_auth_publickey_hostbound, has_signature, STRING, signature),
};
const struct wire_shape ssh_auth_publickey_hostbound_shape =
    SHAPE(ssh_auth_publickey_hostbound, "publickey-hostbound-v00@openssh.com", TAIL,
          auth_publickey_hostbound);

/* RFC 4252 section 9. */
/* clang-format off */
static const struct wire_field auth_hostbased[] = {
    FIELD(ssh_auth_hostbased, TEXT, algorithm),
    FIELD(ssh_auth_hostbased, STRING, key),
    FIELD(ssh_auth_hostbased, TEXT, host),
    FIELD(ssh_auth_hostbased, TEXT, host_user),
    FIELD(ssh_auth_hostbased, STRING, signature),
};
/* clang-format on */
const struct wire_shape ssh_auth_hostbased_shape =
    SHAPE(ssh_auth_hostbased, "hostbased", TAIL, auth_hostbased);

/* RFC 4256 section 3.1. */
static const struct wire_field auth_kbdint[] = {
    FIELD(ssh_auth_kbdint, TEXT, language),
    FIELD(ssh_auth_kbdint, TEXT, submethods),
};
const struct wire_shape ssh_auth_kbdint_shape =
    SHAPE(ssh_auth_kbdint, "keyboard-interactive", TAIL, auth_kbdint);

/* RFC 4252 section 5.1. */
static const struct wire_field userauth_failure[] = {
    FIELD(ssh_userauth_failure, NAMES, methods),
    FIELD(ssh_userauth_failure, BOOL, partial),
};
const struct wire_shape ssh_userauth_failure_shape =
    SHAPE(ssh_userauth_failure, "USERAUTH_FAILURE", SSH_MSG_USERAUTH_FAILURE, userauth_failure);

/* RFC 4252 section 5.1. */
const struct wire_shape ssh_userauth_success_shape =
    EMPTY(ssh_userauth_success, "USERAUTH_SUCCESS", SSH_MSG_USERAUTH_SUCCESS);

/* RFC 4252 section 5.4. */
static const struct wire_field userauth_banner[] = {
    FIELD(ssh_userauth_banner, TEXT, text),
    FIELD(ssh_userauth_banner, TEXT, language),
};
const struct wire_shape ssh_userauth_banner_shape =
    SHAPE(ssh_userauth_banner, "USERAUTH_BANNER", SSH_MSG_USERAUTH_BANNER, userauth_banner);

/* RFC 4252 section 7. */
static const struct wire_field userauth_pk_ok[] = {
    FIELD(ssh_userauth_pk_ok, TEXT, algorithm),
    FIELD(ssh_userauth_pk_ok, STRING, key),
};
const struct wire_shape ssh_userauth_pk_ok_shape =
    SHAPE(ssh_userauth_pk_ok, "USERAUTH_PK_OK", SSH_MSG_USERAUTH_PK_OK, userauth_pk_ok);

/* RFC 4252 section 8. */
static const struct wire_field userauth_passwd_changereq[] = {
    FIELD(ssh_userauth_passwd_changereq, TEXT, prompt),
    FIELD(ssh_userauth_passwd_changereq, TEXT, language),
};
const struct wire_shape ssh_userauth_passwd_changereq_shape =
    SHAPE(ssh_userauth_passwd_changereq, "USERAUTH_PASSWD_CHANGEREQ",
          SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, userauth_passwd_changereq);

/* RFC 4256 section 3.2; prompts come out with ssh_info_prompt_next. */
static const struct wire_field userauth_info_request[] = {
    FIELD(ssh_userauth_info_request, TEXT, name),
    FIELD(ssh_userauth_info_request, TEXT, instruction),
    FIELD(ssh_userauth_info_request, TEXT, language),
    FIELD(ssh_userauth_info_request, U32, count),
    FIELD(ssh_userauth_info_request, REST, rest),
};
const struct wire_shape ssh_userauth_info_request_shape =
    SHAPE(ssh_userauth_info_request, "USERAUTH_INFO_REQUEST", SSH_MSG_USERAUTH_INFO_REQUEST,
          userauth_info_request);

/* RFC 4256 section 3.4; responses come out with ssh_info_response_next. */
static const struct wire_field userauth_info_response[] = {
    FIELD(ssh_userauth_info_response, U32, count),
    FIELD_SECRET(ssh_userauth_info_response, REST, rest),
};
const struct wire_shape ssh_userauth_info_response_shape =
    SHAPE(ssh_userauth_info_response, "USERAUTH_INFO_RESPONSE", SSH_MSG_USERAUTH_INFO_RESPONSE,
          userauth_info_response);

bool ssh_info_prompt_next(ssh_bytes *rest, ssh_bytes *prompt, bool *echo)
{
	struct wire_reader r;
	wire_reader_init(&r, *rest);
	*prompt = wire_get_string(&r);
	*echo = wire_get_bool(&r);
	ssh_bytes after = wire_get_rest(&r);
	if (wire_reader_end(&r) != 0)
		return false;
	*rest = after;
	return true;
}

enum ssh_err ssh_info_request_check(const struct ssh_userauth_info_request *m)
{
	ssh_bytes rest = m->rest, prompt;
	bool echo;
	if (m->count > SSH_INFO_MAX)
		return SSH_ERR_TOO_LONG;
	for (uint32_t i = 0; i < m->count; i++)
		if (!ssh_info_prompt_next(&rest, &prompt, &echo))
			return SSH_ERR_TRUNCATED;
	return rest.len == 0 ? SSH_OK : SSH_ERR_TRAILING;
}

bool ssh_info_response_next(ssh_bytes *rest, ssh_bytes *response)
{
	struct wire_reader r;
	wire_reader_init(&r, *rest);
	*response = wire_get_string(&r);
	ssh_bytes after = wire_get_rest(&r);
	if (wire_reader_end(&r) != 0)
		return false;
	*rest = after;
	return true;
}

enum ssh_err ssh_info_response_check(const struct ssh_userauth_info_response *m)
{
	ssh_bytes rest = m->rest, response;
	if (m->count > SSH_INFO_MAX)
		return SSH_ERR_TOO_LONG;
	for (uint32_t i = 0; i < m->count; i++)
		if (!ssh_info_response_next(&rest, &response))
			return SSH_ERR_TRUNCATED;
	return rest.len == 0 ? SSH_OK : SSH_ERR_TRAILING;
}
