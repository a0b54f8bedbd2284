/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_MSG_TRANSPORT_H
#define NACRE_LIBWIRE_MSG_TRANSPORT_H

#include "libwire/num.h"
#include "libwire/shape.h"

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

/* --- Repeated parts --- */

/** More pairs than all registered extensions together; bounds the work per EXT_INFO. */
#define SSH_EXT_INFO_MAX 64

/**
 * Take one (name, value) pair off the rest of an EXT_INFO.
 *
 *   rest          advanced past the pair
 *   name, value   set to views into rest
 *
 * Returns false at the end, and if the rest is cut short: ssh_ext_info_check tells which.
 *
 * Secrets: none.   RFC 8308 section 2.3.
 */
bool ssh_ext_info_next(ssh_bytes *rest, ssh_bytes *name, ssh_bytes *value);

/**
 * Does the rest hold exactly `count` pairs?
 *
 * Returns 0, SSH_ERR_TRUNCATED or SSH_ERR_TRAILING; SSH_ERR_TOO_LONG for over SSH_EXT_INFO_MAX.
 *
 * Secrets: none.   RFC 8308 section 2.3.
 */
enum ssh_err ssh_ext_info_check(const struct ssh_ext_info *m);

#endif
