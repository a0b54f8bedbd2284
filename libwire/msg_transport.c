/* SPDX-License-Identifier: MIT */
#include "libwire/msg_transport.h"

#include "libwire/msg_impl.h"

/* --- Transport: RFC 4253 --- */

/* RFC 4253 section 11.1. */
static const struct wire_field disconnect[] = {
    FIELD(ssh_disconnect, U32, reason),
    FIELD(ssh_disconnect, TEXT, text),
    FIELD(ssh_disconnect, TEXT, language),
};
const struct wire_shape ssh_disconnect_shape =
    SHAPE(ssh_disconnect, "DISCONNECT", SSH_MSG_DISCONNECT, disconnect);

/* RFC 4253 section 11.2. */
static const struct wire_field ignore[] = {
    FIELD(ssh_ignore, STRING, data),
};
const struct wire_shape ssh_ignore_shape = SHAPE(ssh_ignore, "IGNORE", SSH_MSG_IGNORE, ignore);

/* RFC 4253 section 11.4. */
static const struct wire_field unimplemented[] = {
    FIELD(ssh_unimplemented, U32, seq),
};
const struct wire_shape ssh_unimplemented_shape =
    SHAPE(ssh_unimplemented, "UNIMPLEMENTED", SSH_MSG_UNIMPLEMENTED, unimplemented);

/* RFC 4253 section 11.3. */
static const struct wire_field debug[] = {
    FIELD(ssh_debug, BOOL, display),
    FIELD(ssh_debug, TEXT, text),
    FIELD(ssh_debug, TEXT, language),
};
const struct wire_shape ssh_debug_shape = SHAPE(ssh_debug, "DEBUG", SSH_MSG_DEBUG, debug);

/* RFC 4253 section 10. */
static const struct wire_field service_request[] = {
    FIELD(ssh_service_request, TEXT, name),
};
const struct wire_shape ssh_service_request_shape =
    SHAPE(ssh_service_request, "SERVICE_REQUEST", SSH_MSG_SERVICE_REQUEST, service_request);

/* RFC 4253 section 10. */
static const struct wire_field service_accept[] = {
    FIELD(ssh_service_accept, TEXT, name),
};
const struct wire_shape ssh_service_accept_shape =
    SHAPE(ssh_service_accept, "SERVICE_ACCEPT", SSH_MSG_SERVICE_ACCEPT, service_accept);

/* RFC 8308 section 2.3; pairs come out with ssh_ext_info_next. */
static const struct wire_field ext_info[] = {
    FIELD(ssh_ext_info, U32, count),
    FIELD(ssh_ext_info, REST, rest),
};
const struct wire_shape ssh_ext_info_shape =
    SHAPE(ssh_ext_info, "EXT_INFO", SSH_MSG_EXT_INFO, ext_info);

/* RFC 8308 section 3.2. */
const struct wire_shape ssh_newcompress_shape =
    EMPTY(ssh_newcompress, "NEWCOMPRESS", SSH_MSG_NEWCOMPRESS);

/* ping@openssh.com; also number 9 of draft-miller-ssh-ping through ssh_ping_std_shape. */
static const struct wire_field ping[] = {
    FIELD(ssh_ping, STRING, data),
};
const struct wire_shape ssh_ping_shape = SHAPE(ssh_ping, "PING", SSH_MSG_PING, ping);
const struct wire_shape ssh_ping_std_shape = SHAPE(ssh_ping, "PING_STD", SSH_MSG_PING_STD, ping);

/* ping@openssh.com; also number 10 through ssh_pong_std_shape. */
static const struct wire_field pong[] = {
    FIELD(ssh_pong, STRING, data),
};
const struct wire_shape ssh_pong_shape = SHAPE(ssh_pong, "PONG", SSH_MSG_PONG, pong);
const struct wire_shape ssh_pong_std_shape = SHAPE(ssh_pong, "PONG_STD", SSH_MSG_PONG_STD, pong);

/* RFC 4253 section 7.1. */
/* clang-format off */
static const struct wire_field kexinit[] = {
    FIELD(ssh_kexinit, COOKIE, cookie),
    FIELD(ssh_kexinit, NAMES, kex),
    FIELD(ssh_kexinit, NAMES, hostkey),
    FIELD(ssh_kexinit, NAMES, cipher_cs),
    FIELD(ssh_kexinit, NAMES, cipher_sc),
    FIELD(ssh_kexinit, NAMES, mac_cs),
    FIELD(ssh_kexinit, NAMES, mac_sc),
    FIELD(ssh_kexinit, NAMES, comp_cs),
    FIELD(ssh_kexinit, NAMES, comp_sc),
    FIELD(ssh_kexinit, NAMES, lang_cs),
    FIELD(ssh_kexinit, NAMES, lang_sc),
    FIELD(ssh_kexinit, BOOL, first_follows),
    FIELD(ssh_kexinit, U32, reserved),
};
/* clang-format on */
const struct wire_shape ssh_kexinit_shape = SHAPE(ssh_kexinit, "KEXINIT", SSH_MSG_KEXINIT, kexinit);

/* RFC 4253 section 7.3. */
const struct wire_shape ssh_newkeys_shape = EMPTY(ssh_newkeys, "NEWKEYS", SSH_MSG_NEWKEYS);

/* --- Key exchange: RFC 4253, 4419, 5656, 8731 --- */

/* RFC 4253 section 8. */
static const struct wire_field kexdh_init[] = {
    FIELD(ssh_kexdh_init, MPINT, e),
};
const struct wire_shape ssh_kexdh_init_shape =
    SHAPE(ssh_kexdh_init, "KEXDH_INIT", SSH_MSG_KEXDH_INIT, kexdh_init);

/* RFC 4253 section 8. */
static const struct wire_field kexdh_reply[] = {
    FIELD(ssh_kexdh_reply, STRING, host_key),
    FIELD(ssh_kexdh_reply, MPINT, f),
    FIELD(ssh_kexdh_reply, STRING, signature),
};
const struct wire_shape ssh_kexdh_reply_shape =
    SHAPE(ssh_kexdh_reply, "KEXDH_REPLY", SSH_MSG_KEXDH_REPLY, kexdh_reply);

/* RFC 5656 section 4, RFC 8731. */
static const struct wire_field kex_ecdh_init[] = {
    FIELD(ssh_kex_ecdh_init, STRING, q_c),
};
const struct wire_shape ssh_kex_ecdh_init_shape =
    SHAPE(ssh_kex_ecdh_init, "KEX_ECDH_INIT", SSH_MSG_KEX_ECDH_INIT, kex_ecdh_init);

/* RFC 5656 section 4, RFC 8731. */
static const struct wire_field kex_ecdh_reply[] = {
    FIELD(ssh_kex_ecdh_reply, STRING, host_key),
    FIELD(ssh_kex_ecdh_reply, STRING, q_s),
    FIELD(ssh_kex_ecdh_reply, STRING, signature),
};
const struct wire_shape ssh_kex_ecdh_reply_shape =
    SHAPE(ssh_kex_ecdh_reply, "KEX_ECDH_REPLY", SSH_MSG_KEX_ECDH_REPLY, kex_ecdh_reply);

/* RFC 4419 section 5. */
static const struct wire_field gex_request_old[] = {
    FIELD(ssh_gex_request_old, U32, n),
};
const struct wire_shape ssh_gex_request_old_shape = SHAPE(
    ssh_gex_request_old, "KEX_DH_GEX_REQUEST_OLD", SSH_MSG_KEX_DH_GEX_REQUEST_OLD, gex_request_old);

/* RFC 4419 section 3. */
static const struct wire_field gex_request[] = {
    FIELD(ssh_gex_request, U32, min),
    FIELD(ssh_gex_request, U32, n),
    FIELD(ssh_gex_request, U32, max),
};
const struct wire_shape ssh_gex_request_shape =
    SHAPE(ssh_gex_request, "KEX_DH_GEX_REQUEST", SSH_MSG_KEX_DH_GEX_REQUEST, gex_request);

/* RFC 4419 section 3. */
static const struct wire_field gex_group[] = {
    FIELD(ssh_gex_group, MPINT, p),
    FIELD(ssh_gex_group, MPINT, g),
};
const struct wire_shape ssh_gex_group_shape =
    SHAPE(ssh_gex_group, "KEX_DH_GEX_GROUP", SSH_MSG_KEX_DH_GEX_GROUP, gex_group);

/* RFC 4419 section 3. */
static const struct wire_field gex_init[] = {
    FIELD(ssh_gex_init, MPINT, e),
};
const struct wire_shape ssh_gex_init_shape =
    SHAPE(ssh_gex_init, "KEX_DH_GEX_INIT", SSH_MSG_KEX_DH_GEX_INIT, gex_init);

/* RFC 4419 section 3. */
static const struct wire_field gex_reply[] = {
    FIELD(ssh_gex_reply, STRING, host_key),
    FIELD(ssh_gex_reply, MPINT, f),
    FIELD(ssh_gex_reply, STRING, signature),
};
const struct wire_shape ssh_gex_reply_shape =
    SHAPE(ssh_gex_reply, "KEX_DH_GEX_REPLY", SSH_MSG_KEX_DH_GEX_REPLY, gex_reply);

bool ssh_ext_info_next(ssh_bytes *rest, ssh_bytes *name, ssh_bytes *value)
{
	struct wire_reader r;
	wire_reader_init(&r, *rest);
	*name = wire_get_string(&r);
	*value = wire_get_string(&r);
	ssh_bytes after = wire_get_rest(&r);
	if (wire_reader_end(&r) != 0)
		return false;
	*rest = after;
	return true;
}

enum ssh_err ssh_ext_info_check(const struct ssh_ext_info *m)
{
	ssh_bytes rest = m->rest, name, value;
	if (m->count > SSH_EXT_INFO_MAX)
		return SSH_ERR_TOO_LONG;
	for (uint32_t i = 0; i < m->count; i++)
		if (!ssh_ext_info_next(&rest, &name, &value))
			return SSH_ERR_TRUNCATED;
	return rest.len == 0 ? SSH_OK : SSH_ERR_TRAILING;
}
