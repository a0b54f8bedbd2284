/* SPDX-License-Identifier: MIT */
#include "libwire/msg_connection.h"

#include "libwire/msg_impl.h"

/* --- Connection, global: RFC 4254 --- */

/* RFC 4254 section 4; tails: ssh_global_*. */
static const struct wire_field global_request[] = {
    FIELD(ssh_global_request, TEXT, type),
    FIELD(ssh_global_request, BOOL, want_reply),
    FIELD(ssh_global_request, REST, rest),
};

static const struct wire_tail global_request_tails[] = {
    {"tcpip-forward", &ssh_global_tcpip_forward_shape},
    {"cancel-tcpip-forward", &ssh_global_tcpip_forward_shape},
    {"streamlocal-forward@openssh.com", &ssh_global_streamlocal_forward_shape},
    {"cancel-streamlocal-forward@openssh.com", &ssh_global_streamlocal_forward_shape},
    {"hostkeys-00@openssh.com", &ssh_global_blobs_shape},
    {"hostkeys-prove-00@openssh.com", &ssh_global_blobs_shape},
    {"keepalive@openssh.com", &ssh_global_empty_shape},
    {"no-more-sessions@openssh.com", &ssh_global_empty_shape},
    {NULL, NULL},
};
const struct wire_shape ssh_global_request_shape =
    HEAD(ssh_global_request, "GLOBAL_REQUEST", SSH_MSG_GLOBAL_REQUEST, global_request, 0,
         global_request_tails);

/* RFC 4254 section 7.1; also for cancel-tcpip-forward. */
static const struct wire_field global_tcpip_forward[] = {
    FIELD(ssh_global_tcpip_forward, TEXT, host),
    FIELD(ssh_global_tcpip_forward, U32, port),
};
const struct wire_shape ssh_global_tcpip_forward_shape =
    SHAPE(ssh_global_tcpip_forward, "tcpip-forward", TAIL, global_tcpip_forward);

/* streamlocal-forward@openssh.com, cancel-streamlocal-forward@openssh.com. */
static const struct wire_field global_streamlocal_forward[] = {
    FIELD(ssh_global_streamlocal_forward, TEXT, path),
};
const struct wire_shape ssh_global_streamlocal_forward_shape =
    SHAPE(ssh_global_streamlocal_forward, "streamlocal-forward@openssh.com", TAIL,
          global_streamlocal_forward);

/* hostkeys-00@openssh.com and hostkeys-prove-00@openssh.com: key blobs, each a string. */
static const struct wire_field global_blobs[] = {
    {"keys", WIRE_REST, offsetof(struct ssh_global_blobs, rest), 0, WIRE_OPEN},
};
const struct wire_shape ssh_global_blobs_shape =
    SHAPE(ssh_global_blobs, "hostkeys-00@openssh.com", TAIL, global_blobs);

/* keepalive@openssh.com, no-more-sessions@openssh.com. */
const struct wire_shape ssh_global_empty_shape =
    EMPTY(ssh_global_empty, "keepalive@openssh.com", TAIL);

/* RFC 4254 section 4. */
static const struct wire_field request_success[] = {
    FIELD(ssh_request_success, REST, rest),
};
const struct wire_shape ssh_request_success_shape =
    SHAPE(ssh_request_success, "REQUEST_SUCCESS", SSH_MSG_REQUEST_SUCCESS, request_success);

/* RFC 4254 section 4. */
const struct wire_shape ssh_request_failure_shape =
    EMPTY(ssh_request_failure, "REQUEST_FAILURE", SSH_MSG_REQUEST_FAILURE);

/* --- Connection, channels: RFC 4254 --- */

/* RFC 4254 section 5.1; tails: ssh_open_*. */
/* clang-format off */
static const struct wire_field channel_open[] = {
    FIELD(ssh_channel_open, TEXT, type),
    FIELD(ssh_channel_open, U32, sender),
    FIELD(ssh_channel_open, U32, window),
    FIELD(ssh_channel_open, U32, maxpacket),
    FIELD(ssh_channel_open, REST, rest),
};
/* clang-format on */

static const struct wire_tail channel_open_tails[] = {
    {"session", &ssh_open_empty_shape},
    {"auth-agent@openssh.com", &ssh_open_empty_shape},
    {"x11", &ssh_open_x11_shape},
    {"direct-tcpip", &ssh_open_tcpip_shape},
    {"forwarded-tcpip", &ssh_open_tcpip_shape},
    {"direct-streamlocal@openssh.com", &ssh_open_direct_streamlocal_shape},
    {"forwarded-streamlocal@openssh.com", &ssh_open_forwarded_streamlocal_shape},
    {"tun@openssh.com", &ssh_open_tun_shape},
    {NULL, NULL},
};
const struct wire_shape ssh_channel_open_shape = HEAD(
    ssh_channel_open, "CHANNEL_OPEN", SSH_MSG_CHANNEL_OPEN, channel_open, 0, channel_open_tails);

/* session (RFC 4254 section 6.1), auth-agent@openssh.com. */
const struct wire_shape ssh_open_empty_shape = EMPTY(ssh_open_empty, "session", TAIL);

/* RFC 4254 section 6.3.2. */
static const struct wire_field open_x11[] = {
    FIELD(ssh_open_x11, TEXT, originator),
    FIELD(ssh_open_x11, U32, originator_port),
};
const struct wire_shape ssh_open_x11_shape = SHAPE(ssh_open_x11, "x11", TAIL, open_x11);

/* direct-tcpip and forwarded-tcpip, RFC 4254 section 7.2. */
static const struct wire_field open_tcpip[] = {
    FIELD(ssh_open_tcpip, TEXT, host),
    FIELD(ssh_open_tcpip, U32, port),
    FIELD(ssh_open_tcpip, TEXT, originator),
    FIELD(ssh_open_tcpip, U32, originator_port),
};
const struct wire_shape ssh_open_tcpip_shape =
    SHAPE(ssh_open_tcpip, "direct-tcpip", TAIL, open_tcpip);

/* direct-streamlocal@openssh.com. */
static const struct wire_field open_direct_streamlocal[] = {
    FIELD(ssh_open_direct_streamlocal, TEXT, path),
    FIELD(ssh_open_direct_streamlocal, TEXT, reserved),
    FIELD(ssh_open_direct_streamlocal, U32, reserved_port),
};
const struct wire_shape ssh_open_direct_streamlocal_shape = SHAPE(
    ssh_open_direct_streamlocal, "direct-streamlocal@openssh.com", TAIL, open_direct_streamlocal);

/* forwarded-streamlocal@openssh.com. */
static const struct wire_field open_forwarded_streamlocal[] = {
    FIELD(ssh_open_forwarded_streamlocal, TEXT, path),
    FIELD(ssh_open_forwarded_streamlocal, TEXT, reserved),
};
const struct wire_shape ssh_open_forwarded_streamlocal_shape =
    SHAPE(ssh_open_forwarded_streamlocal, "forwarded-streamlocal@openssh.com", TAIL,
          open_forwarded_streamlocal);

/* tun@openssh.com. */
static const struct wire_field open_tun[] = {
    FIELD(ssh_open_tun, U32, mode),
    FIELD(ssh_open_tun, U32, unit),
};
const struct wire_shape ssh_open_tun_shape = SHAPE(ssh_open_tun, "tun@openssh.com", TAIL, open_tun);

/* RFC 4254 section 5.1. */
static const struct wire_field channel_open_confirmation[] = {
    FIELD(ssh_channel_open_confirmation, U32, recipient),
    FIELD(ssh_channel_open_confirmation, U32, sender),
    FIELD(ssh_channel_open_confirmation, U32, window),
    FIELD(ssh_channel_open_confirmation, U32, maxpacket),
    FIELD(ssh_channel_open_confirmation, REST, rest),
};
const struct wire_shape ssh_channel_open_confirmation_shape =
    SHAPE(ssh_channel_open_confirmation, "CHANNEL_OPEN_CONFIRMATION",
          SSH_MSG_CHANNEL_OPEN_CONFIRMATION, channel_open_confirmation);

/* RFC 4254 section 5.1. */
static const struct wire_field channel_open_failure[] = {
    FIELD(ssh_channel_open_failure, U32, recipient),
    FIELD(ssh_channel_open_failure, U32, reason),
    FIELD(ssh_channel_open_failure, TEXT, text),
    FIELD(ssh_channel_open_failure, TEXT, language),
};
const struct wire_shape ssh_channel_open_failure_shape =
    SHAPE(ssh_channel_open_failure, "CHANNEL_OPEN_FAILURE", SSH_MSG_CHANNEL_OPEN_FAILURE,
          channel_open_failure);

/* RFC 4254 section 5.2. */
static const struct wire_field channel_window_adjust[] = {
    FIELD(ssh_channel_window_adjust, U32, recipient),
    FIELD(ssh_channel_window_adjust, U32, bytes),
};
const struct wire_shape ssh_channel_window_adjust_shape =
    SHAPE(ssh_channel_window_adjust, "CHANNEL_WINDOW_ADJUST", SSH_MSG_CHANNEL_WINDOW_ADJUST,
          channel_window_adjust);

/* RFC 4254 section 5.2. */
static const struct wire_field channel_data[] = {
    FIELD(ssh_channel_data, U32, recipient),
    FIELD_BULK(ssh_channel_data, STRING, data),
};
const struct wire_shape ssh_channel_data_shape =
    SHAPE(ssh_channel_data, "CHANNEL_DATA", SSH_MSG_CHANNEL_DATA, channel_data);

/* RFC 4254 section 5.2. */
static const struct wire_field channel_extended_data[] = {
    FIELD(ssh_channel_extended_data, U32, recipient),
    FIELD(ssh_channel_extended_data, U32, type),
    FIELD_BULK(ssh_channel_extended_data, STRING, data),
};
const struct wire_shape ssh_channel_extended_data_shape =
    SHAPE(ssh_channel_extended_data, "CHANNEL_EXTENDED_DATA", SSH_MSG_CHANNEL_EXTENDED_DATA,
          channel_extended_data);

/* RFC 4254 section 5.3. */
static const struct wire_field channel_eof[] = {
    FIELD(ssh_channel_eof, U32, recipient),
};
const struct wire_shape ssh_channel_eof_shape =
    SHAPE(ssh_channel_eof, "CHANNEL_EOF", SSH_MSG_CHANNEL_EOF, channel_eof);

/* RFC 4254 section 5.3. */
static const struct wire_field channel_close[] = {
    FIELD(ssh_channel_close, U32, recipient),
};
const struct wire_shape ssh_channel_close_shape =
    SHAPE(ssh_channel_close, "CHANNEL_CLOSE", SSH_MSG_CHANNEL_CLOSE, channel_close);

/* RFC 4254 section 5.4; tails: ssh_request_*. */
static const struct wire_field channel_request[] = {
    FIELD(ssh_channel_request, U32, recipient),
    FIELD(ssh_channel_request, TEXT, type),
    FIELD(ssh_channel_request, BOOL, want_reply),
    FIELD(ssh_channel_request, REST, rest),
};

static const struct wire_tail channel_request_tails[] = {
    {"pty-req", &ssh_request_pty_shape},
    {"x11-req", &ssh_request_x11_shape},
    {"env", &ssh_request_env_shape},
    {"shell", &ssh_request_empty_shape},
    {"exec", &ssh_request_exec_shape},
    {"subsystem", &ssh_request_subsystem_shape},
    {"window-change", &ssh_request_window_change_shape},
    {"xon-xoff", &ssh_request_xon_xoff_shape},
    {"signal", &ssh_request_signal_shape},
    {"exit-status", &ssh_request_exit_status_shape},
    {"exit-signal", &ssh_request_exit_signal_shape},
    {"break", &ssh_request_break_shape},
    {"auth-agent-req@openssh.com", &ssh_request_empty_shape},
    {"eow@openssh.com", &ssh_request_empty_shape},
    {NULL, NULL},
};
const struct wire_shape ssh_channel_request_shape =
    HEAD(ssh_channel_request, "CHANNEL_REQUEST", SSH_MSG_CHANNEL_REQUEST, channel_request, 1,
         channel_request_tails);

/* pty-req, RFC 4254 section 6.2. */
/* clang-format off */
static const struct wire_field request_pty[] = {
    FIELD(ssh_request_pty, TEXT, term),
    FIELD(ssh_request_pty, U32, cols),
    FIELD(ssh_request_pty, U32, rows),
    FIELD(ssh_request_pty, U32, width),
    FIELD(ssh_request_pty, U32, height),
    FIELD(ssh_request_pty, STRING, modes),
};
/* clang-format on */
const struct wire_shape ssh_request_pty_shape =
    SHAPE(ssh_request_pty, "pty-req", TAIL, request_pty);

/* x11-req, RFC 4254 section 6.3.1. */
static const struct wire_field request_x11[] = {
    FIELD(ssh_request_x11, BOOL, single),
    FIELD(ssh_request_x11, TEXT, protocol),
    FIELD_SECRET(ssh_request_x11, TEXT, cookie),
    FIELD(ssh_request_x11, U32, screen),
};
const struct wire_shape ssh_request_x11_shape =
    SHAPE(ssh_request_x11, "x11-req", TAIL, request_x11);

/* env, RFC 4254 section 6.4. */
static const struct wire_field request_env[] = {
    FIELD(ssh_request_env, TEXT, name),
    FIELD(ssh_request_env, TEXT, value),
};
const struct wire_shape ssh_request_env_shape = SHAPE(ssh_request_env, "env", TAIL, request_env);

/* exec, RFC 4254 section 6.5. */
static const struct wire_field request_exec[] = {
    FIELD(ssh_request_exec, TEXT, command),
};
const struct wire_shape ssh_request_exec_shape =
    SHAPE(ssh_request_exec, "exec", TAIL, request_exec);

/* subsystem, RFC 4254 section 6.5. */
static const struct wire_field request_subsystem[] = {
    FIELD(ssh_request_subsystem, TEXT, name),
};
const struct wire_shape ssh_request_subsystem_shape =
    SHAPE(ssh_request_subsystem, "subsystem", TAIL, request_subsystem);

/* window-change, RFC 4254 section 6.7. */
static const struct wire_field request_window_change[] = {
    FIELD(ssh_request_window_change, U32, cols),
    FIELD(ssh_request_window_change, U32, rows),
    FIELD(ssh_request_window_change, U32, width),
    FIELD(ssh_request_window_change, U32, height),
};
const struct wire_shape ssh_request_window_change_shape =
    SHAPE(ssh_request_window_change, "window-change", TAIL, request_window_change);

/* xon-xoff, RFC 4254 section 6.8. */
static const struct wire_field request_xon_xoff[] = {
    FIELD(ssh_request_xon_xoff, BOOL, client_can_do),
};
const struct wire_shape ssh_request_xon_xoff_shape =
    SHAPE(ssh_request_xon_xoff, "xon-xoff", TAIL, request_xon_xoff);

/* signal, RFC 4254 section 6.9. */
static const struct wire_field request_signal[] = {
    FIELD(ssh_request_signal, TEXT, name),
};
const struct wire_shape ssh_request_signal_shape =
    SHAPE(ssh_request_signal, "signal", TAIL, request_signal);

/* exit-status, RFC 4254 section 6.10. */
static const struct wire_field request_exit_status[] = {
    FIELD(ssh_request_exit_status, U32, status),
};
const struct wire_shape ssh_request_exit_status_shape =
    SHAPE(ssh_request_exit_status, "exit-status", TAIL, request_exit_status);

/* exit-signal, RFC 4254 section 6.10. */
static const struct wire_field request_exit_signal[] = {
    FIELD(ssh_request_exit_signal, TEXT, name),
    FIELD(ssh_request_exit_signal, BOOL, core),
    FIELD(ssh_request_exit_signal, TEXT, text),
    FIELD(ssh_request_exit_signal, TEXT, language),
};
const struct wire_shape ssh_request_exit_signal_shape =
    SHAPE(ssh_request_exit_signal, "exit-signal", TAIL, request_exit_signal);

/* break, RFC 4335. */
static const struct wire_field request_break[] = {
    FIELD(ssh_request_break, U32, ms),
};
const struct wire_shape ssh_request_break_shape =
    SHAPE(ssh_request_break, "break", TAIL, request_break);

/* shell (RFC 4254 section 6.5), auth-agent-req@openssh.com, eow@openssh.com. */
const struct wire_shape ssh_request_empty_shape = EMPTY(ssh_request_empty, "shell", TAIL);

/* RFC 4254 section 5.4. */
static const struct wire_field channel_success[] = {
    FIELD(ssh_channel_success, U32, recipient),
};
const struct wire_shape ssh_channel_success_shape =
    SHAPE(ssh_channel_success, "CHANNEL_SUCCESS", SSH_MSG_CHANNEL_SUCCESS, channel_success);

/* RFC 4254 section 5.4. */
static const struct wire_field channel_failure[] = {
    FIELD(ssh_channel_failure, U32, recipient),
};
const struct wire_shape ssh_channel_failure_shape =
    SHAPE(ssh_channel_failure, "CHANNEL_FAILURE", SSH_MSG_CHANNEL_FAILURE, channel_failure);

bool ssh_blob_next(ssh_bytes *rest, ssh_bytes *blob)
{
	struct wire_reader r;
	wire_reader_init(&r, *rest);
	*blob = wire_get_string(&r);
	ssh_bytes after = wire_get_rest(&r);
	if (wire_reader_end(&r) != 0)
		return false;
	*rest = after;
	return true;
}
