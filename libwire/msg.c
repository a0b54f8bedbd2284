/* SPDX-License-Identifier: MIT */
#include "libwire/msg.h"

const struct wire_shape *const wire_msg_all[] = {
    &ssh_disconnect_shape,
    &ssh_ignore_shape,
    &ssh_unimplemented_shape,
    &ssh_debug_shape,
    &ssh_service_request_shape,
    &ssh_service_accept_shape,
    &ssh_ext_info_shape,
    &ssh_newcompress_shape,
    &ssh_ping_std_shape,
    &ssh_pong_std_shape,
    &ssh_kexinit_shape,
    &ssh_newkeys_shape,
    &ssh_kexdh_init_shape,
    &ssh_kex_ecdh_init_shape,
    &ssh_gex_request_old_shape,
    &ssh_kexdh_reply_shape,
    &ssh_kex_ecdh_reply_shape,
    &ssh_gex_group_shape,
    &ssh_gex_init_shape,
    &ssh_gex_reply_shape,
    &ssh_gex_request_shape,
    &ssh_userauth_request_shape,
    &ssh_userauth_failure_shape,
    &ssh_userauth_success_shape,
    &ssh_userauth_banner_shape,
    &ssh_userauth_pk_ok_shape,
    &ssh_userauth_passwd_changereq_shape,
    &ssh_userauth_info_request_shape,
    &ssh_userauth_info_response_shape,
    &ssh_global_request_shape,
    &ssh_request_success_shape,
    &ssh_request_failure_shape,
    &ssh_channel_open_shape,
    &ssh_channel_open_confirmation_shape,
    &ssh_channel_open_failure_shape,
    &ssh_channel_window_adjust_shape,
    &ssh_channel_data_shape,
    &ssh_channel_extended_data_shape,
    &ssh_channel_eof_shape,
    &ssh_channel_close_shape,
    &ssh_channel_request_shape,
    &ssh_channel_success_shape,
    &ssh_channel_failure_shape,
    &ssh_ping_shape,
    &ssh_pong_shape,
    NULL,
};

/* By name, so that this and wire_num_name cannot disagree. */
const struct wire_shape *wire_msg_find(uint8_t number, struct wire_context ctx)
{
	const char *name = wire_num_name(number, ctx);
	for (const struct wire_shape *const *s = wire_msg_all; *s != NULL; s++)
		if ((*s)->number == number && strcmp((*s)->name, name) == 0)
			return *s;
	return NULL;
}
