/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_CONNECTION_H
#define NACRE_LIBWIRE_MSG_CONNECTION_H

#include "libwire/num.h"
#include "libwire/shape.h"

/* --- Connection, global: RFC 4254 --- */

/** RFC 4254 section 4; tails: ssh_global_*. */
struct ssh_global_request {
	ssh_bytes type;
	bool want_reply;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_global_request_shape;

/** RFC 4254 section 7.1; also for cancel-tcpip-forward. */
struct ssh_global_tcpip_forward {
	ssh_bytes host;
	uint32_t port;
};
extern const struct wire_shape ssh_global_tcpip_forward_shape;

/** streamlocal-forward@openssh.com, cancel-streamlocal-forward@openssh.com. */
struct ssh_global_streamlocal_forward {
	ssh_bytes path;
};
extern const struct wire_shape ssh_global_streamlocal_forward_shape;

/** hostkeys-00@openssh.com and hostkeys-prove-00@openssh.com: key blobs, each a string. */
struct ssh_global_blobs {
	ssh_bytes rest;
};
extern const struct wire_shape ssh_global_blobs_shape;

/** keepalive@openssh.com, no-more-sessions@openssh.com. */
struct ssh_global_empty {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_global_empty_shape;

/** RFC 4254 section 4. */
struct ssh_request_success {
	ssh_bytes rest;
};
extern const struct wire_shape ssh_request_success_shape;

/** RFC 4254 section 4. */
struct ssh_request_failure {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_request_failure_shape;

/* --- Connection, channels: RFC 4254 --- */

/** RFC 4254 section 5.1; tails: ssh_open_*. */
struct ssh_channel_open {
	ssh_bytes type;
	uint32_t sender;
	uint32_t window;
	uint32_t maxpacket;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_channel_open_shape;

/** session (RFC 4254 section 6.1), auth-agent@openssh.com. */
struct ssh_open_empty {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_open_empty_shape;

/** RFC 4254 section 6.3.2. */
struct ssh_open_x11 {
	ssh_bytes originator;
	uint32_t originator_port;
};
extern const struct wire_shape ssh_open_x11_shape;

/** direct-tcpip and forwarded-tcpip, RFC 4254 section 7.2. */
struct ssh_open_tcpip {
	ssh_bytes host;
	uint32_t port;
	ssh_bytes originator;
	uint32_t originator_port;
};
extern const struct wire_shape ssh_open_tcpip_shape;

/** direct-streamlocal@openssh.com. */
struct ssh_open_direct_streamlocal {
	ssh_bytes path;
	ssh_bytes reserved;
	uint32_t reserved_port;
};
extern const struct wire_shape ssh_open_direct_streamlocal_shape;

/** forwarded-streamlocal@openssh.com. */
struct ssh_open_forwarded_streamlocal {
	ssh_bytes path;
	ssh_bytes reserved;
};
extern const struct wire_shape ssh_open_forwarded_streamlocal_shape;

/** tun@openssh.com. */
struct ssh_open_tun {
	uint32_t mode;
	uint32_t unit;
};
extern const struct wire_shape ssh_open_tun_shape;

/** RFC 4254 section 5.1. */
struct ssh_channel_open_confirmation {
	uint32_t recipient;
	uint32_t sender;
	uint32_t window;
	uint32_t maxpacket;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_channel_open_confirmation_shape;

/** RFC 4254 section 5.1. */
struct ssh_channel_open_failure {
	uint32_t recipient;
	uint32_t reason;
	ssh_bytes text;
	ssh_bytes language;
};
extern const struct wire_shape ssh_channel_open_failure_shape;

/** RFC 4254 section 5.2. */
struct ssh_channel_window_adjust {
	uint32_t recipient;
	uint32_t bytes;
};
extern const struct wire_shape ssh_channel_window_adjust_shape;

/** RFC 4254 section 5.2. */
struct ssh_channel_data {
	uint32_t recipient;
	ssh_bytes data;
};
extern const struct wire_shape ssh_channel_data_shape;

/** RFC 4254 section 5.2. */
struct ssh_channel_extended_data {
	uint32_t recipient;
	uint32_t type;
	ssh_bytes data;
};
extern const struct wire_shape ssh_channel_extended_data_shape;

/** RFC 4254 section 5.3. */
struct ssh_channel_eof {
	uint32_t recipient;
};
extern const struct wire_shape ssh_channel_eof_shape;

/** RFC 4254 section 5.3. */
struct ssh_channel_close {
	uint32_t recipient;
};
extern const struct wire_shape ssh_channel_close_shape;

/** RFC 4254 section 5.4; tails: ssh_request_*. */
struct ssh_channel_request {
	uint32_t recipient;
	ssh_bytes type;
	bool want_reply;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_channel_request_shape;

/** pty-req, RFC 4254 section 6.2. */
struct ssh_request_pty {
	ssh_bytes term;
	uint32_t cols;
	uint32_t rows;
	uint32_t width;
	uint32_t height;
	ssh_bytes modes;
};
extern const struct wire_shape ssh_request_pty_shape;

/** x11-req, RFC 4254 section 6.3.1. */
struct ssh_request_x11 {
	bool single;
	ssh_bytes protocol;
	ssh_bytes cookie;
	uint32_t screen;
};
extern const struct wire_shape ssh_request_x11_shape;

/** env, RFC 4254 section 6.4. */
struct ssh_request_env {
	ssh_bytes name;
	ssh_bytes value;
};
extern const struct wire_shape ssh_request_env_shape;

/** exec, RFC 4254 section 6.5. */
struct ssh_request_exec {
	ssh_bytes command;
};
extern const struct wire_shape ssh_request_exec_shape;

/** subsystem, RFC 4254 section 6.5. */
struct ssh_request_subsystem {
	ssh_bytes name;
};
extern const struct wire_shape ssh_request_subsystem_shape;

/** window-change, RFC 4254 section 6.7. */
struct ssh_request_window_change {
	uint32_t cols;
	uint32_t rows;
	uint32_t width;
	uint32_t height;
};
extern const struct wire_shape ssh_request_window_change_shape;

/** xon-xoff, RFC 4254 section 6.8. */
struct ssh_request_xon_xoff {
	bool client_can_do;
};
extern const struct wire_shape ssh_request_xon_xoff_shape;

/** signal, RFC 4254 section 6.9. */
struct ssh_request_signal {
	ssh_bytes name;
};
extern const struct wire_shape ssh_request_signal_shape;

/** exit-status, RFC 4254 section 6.10. */
struct ssh_request_exit_status {
	uint32_t status;
};
extern const struct wire_shape ssh_request_exit_status_shape;

/** exit-signal, RFC 4254 section 6.10. */
struct ssh_request_exit_signal {
	ssh_bytes name;
	bool core;
	ssh_bytes text;
	ssh_bytes language;
};
extern const struct wire_shape ssh_request_exit_signal_shape;

/** break, RFC 4335. */
struct ssh_request_break {
	uint32_t ms;
};
extern const struct wire_shape ssh_request_break_shape;

/** shell (RFC 4254 section 6.5), auth-agent-req@openssh.com, eow@openssh.com. */
struct ssh_request_empty {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_request_empty_shape;

/** RFC 4254 section 5.4. */
struct ssh_channel_success {
	uint32_t recipient;
};
extern const struct wire_shape ssh_channel_success_shape;

/** RFC 4254 section 5.4. */
struct ssh_channel_failure {
	uint32_t recipient;
};
extern const struct wire_shape ssh_channel_failure_shape;

/* --- Repeated parts --- */

/**
 * Take one key blob off the rest of a hostkeys-00@openssh.com or hostkeys-prove-00@openssh.com
 * request, or one signature off the success that answers the latter.
 *
 *   rest   advanced past the blob
 *   blob   set to a view into rest
 *
 * Returns false at the end, and if the rest is cut short: then it is not empty.
 *
 * Secrets: none.   OpenSSH PROTOCOL section 2.5.
 */
bool ssh_blob_next(ssh_bytes *rest, ssh_bytes *blob);

#endif
