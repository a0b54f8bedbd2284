/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_H
#define NACRE_LIBWIRE_MSG_H

#include "libwire/num.h"
#include "libwire/shape.h"

/*
 * Every message as a struct; the shape that decodes and encodes it is named like the struct,
 * with _shape behind it. Views point into the payload that was decoded. Members of an mpint
 * kind hold the content bytes (two's complement, without the length): wire_mpint_magnitude
 * turns them into a magnitude.
 */

/* --- Transport: RFC 4253 --- */

/** RFC 4253 section 11.1. */
struct ssh_disconnect {
	uint32_t reason;
	ssh_bytes text;
	ssh_bytes language;
};
extern const struct wire_shape ssh_disconnect_shape;

/** RFC 4253 section 11.2. */
struct ssh_ignore {
	ssh_bytes data;
};
extern const struct wire_shape ssh_ignore_shape;

/** RFC 4253 section 11.4. */
struct ssh_unimplemented {
	uint32_t seq;
};
extern const struct wire_shape ssh_unimplemented_shape;

/** RFC 4253 section 11.3. */
struct ssh_debug {
	bool display;
	ssh_bytes text;
	ssh_bytes language;
};
extern const struct wire_shape ssh_debug_shape;

/** RFC 4253 section 10. */
struct ssh_service_request {
	ssh_bytes name;
};
extern const struct wire_shape ssh_service_request_shape;

/** RFC 4253 section 10. */
struct ssh_service_accept {
	ssh_bytes name;
};
extern const struct wire_shape ssh_service_accept_shape;

/** RFC 8308 section 2.3; pairs come out with ssh_ext_info_next. */
struct ssh_ext_info {
	uint32_t count;
	ssh_bytes rest;
};
extern const struct wire_shape ssh_ext_info_shape;

/** RFC 8308 section 3.2. */
struct ssh_newcompress {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_newcompress_shape;

/** ping@openssh.com; also number 9 of draft-miller-ssh-ping through ssh_ping_std_shape. */
struct ssh_ping {
	ssh_bytes data;
};
extern const struct wire_shape ssh_ping_shape;
extern const struct wire_shape ssh_ping_std_shape;

/** ping@openssh.com; also number 10 through ssh_pong_std_shape. */
struct ssh_pong {
	ssh_bytes data;
};
extern const struct wire_shape ssh_pong_shape;
extern const struct wire_shape ssh_pong_std_shape;

/** RFC 4253 section 7.1. */
struct ssh_kexinit {
	uint8_t cookie[16];
	ssh_bytes kex;
	ssh_bytes hostkey;
	ssh_bytes cipher_cs;
	ssh_bytes cipher_sc;
	ssh_bytes mac_cs;
	ssh_bytes mac_sc;
	ssh_bytes comp_cs;
	ssh_bytes comp_sc;
	ssh_bytes lang_cs;
	ssh_bytes lang_sc;
	bool first_follows;
	uint32_t reserved;
};
extern const struct wire_shape ssh_kexinit_shape;

/** RFC 4253 section 7.3. */
struct ssh_newkeys {
	uint8_t none; /* no fields */
};
extern const struct wire_shape ssh_newkeys_shape;

/* --- Key exchange: RFC 4253, 4419, 5656, 8731 --- */

/** RFC 4253 section 8. */
struct ssh_kexdh_init {
	ssh_bytes e;
};
extern const struct wire_shape ssh_kexdh_init_shape;

/** RFC 4253 section 8. */
struct ssh_kexdh_reply {
	ssh_bytes host_key;
	ssh_bytes f;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_kexdh_reply_shape;

/** RFC 5656 section 4, RFC 8731. */
struct ssh_kex_ecdh_init {
	ssh_bytes q_c;
};
extern const struct wire_shape ssh_kex_ecdh_init_shape;

/** RFC 5656 section 4, RFC 8731. */
struct ssh_kex_ecdh_reply {
	ssh_bytes host_key;
	ssh_bytes q_s;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_kex_ecdh_reply_shape;

/** RFC 4419 section 5. */
struct ssh_gex_request_old {
	uint32_t n;
};
extern const struct wire_shape ssh_gex_request_old_shape;

/** RFC 4419 section 3. */
struct ssh_gex_request {
	uint32_t min;
	uint32_t n;
	uint32_t max;
};
extern const struct wire_shape ssh_gex_request_shape;

/** RFC 4419 section 3. */
struct ssh_gex_group {
	ssh_bytes p;
	ssh_bytes g;
};
extern const struct wire_shape ssh_gex_group_shape;

/** RFC 4419 section 3. */
struct ssh_gex_init {
	ssh_bytes e;
};
extern const struct wire_shape ssh_gex_init_shape;

/** RFC 4419 section 3. */
struct ssh_gex_reply {
	ssh_bytes host_key;
	ssh_bytes f;
	ssh_bytes signature;
};
extern const struct wire_shape ssh_gex_reply_shape;

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
 * Take one (name, value) pair off the rest of an EXT_INFO.
 *
 *   rest   advanced past the pair
 *
 * Returns false at the end, and if the rest is cut short: ssh_ext_info_check tells which.
 */
bool ssh_ext_info_next(ssh_bytes *rest, ssh_bytes *name, ssh_bytes *value);

/**
 * Does the rest hold exactly `count` pairs?
 * Returns 0, SSH_ERR_TRUNCATED or SSH_ERR_TRAILING; SSH_ERR_TOO_LONG for over SSH_EXT_INFO_MAX.
 */
enum ssh_err ssh_ext_info_check(const struct ssh_ext_info *m);

/** More pairs than all registered extensions together. */
#define SSH_EXT_INFO_MAX 64

/** Take one prompt off the rest of an INFO_REQUEST; as ssh_ext_info_next. RFC 4256 section 3.2. */
bool ssh_info_prompt_next(ssh_bytes *rest, ssh_bytes *prompt, bool *echo);

/** Take one response off the rest of an INFO_RESPONSE; as ssh_ext_info_next. RFC 4256 3.4. */
bool ssh_info_response_next(ssh_bytes *rest, ssh_bytes *response);

/* --- Finding a shape --- */

/** Every message shape (heads only), in the order of their numbers, ending with NULL. */
extern const struct wire_shape *const wire_msg_all[];

/**
 * The shape of a payload, by its number and what its meaning depends on.
 *
 * Returns NULL if the number has no meaning, or if the context does not settle which.
 */
const struct wire_shape *wire_msg_find(uint8_t number, struct wire_context ctx);

#endif
