/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_NUM_H
#define NACRE_LIBWIRE_NUM_H

#include <stdint.h>

/** Message numbers. RFC 4250 section 4.1 and the documents named beside them. */
enum {
	SSH_MSG_DISCONNECT = 1,
	SSH_MSG_IGNORE = 2,
	SSH_MSG_UNIMPLEMENTED = 3,
	SSH_MSG_DEBUG = 4,
	SSH_MSG_SERVICE_REQUEST = 5,
	SSH_MSG_SERVICE_ACCEPT = 6,
	SSH_MSG_EXT_INFO = 7,    /* RFC 8308 */
	SSH_MSG_NEWCOMPRESS = 8, /* RFC 8308 */
	SSH_MSG_PING_STD = 9,    /* draft-miller-ssh-ping */
	SSH_MSG_PONG_STD = 10,
	SSH_MSG_KEXINIT = 20,
	SSH_MSG_NEWKEYS = 21,
	/* 30-49 depend on the key exchange method */
	SSH_MSG_KEXDH_INIT = 30, /* RFC 4253 section 8 */
	SSH_MSG_KEXDH_REPLY = 31,
	SSH_MSG_KEX_ECDH_INIT = 30, /* RFC 5656, RFC 8731; the hybrids use them too */
	SSH_MSG_KEX_ECDH_REPLY = 31,
	SSH_MSG_KEX_DH_GEX_REQUEST_OLD = 30, /* RFC 4419 */
	SSH_MSG_KEX_DH_GEX_GROUP = 31,
	SSH_MSG_KEX_DH_GEX_INIT = 32,
	SSH_MSG_KEX_DH_GEX_REPLY = 33,
	SSH_MSG_KEX_DH_GEX_REQUEST = 34,
	SSH_MSG_USERAUTH_REQUEST = 50, /* RFC 4252 */
	SSH_MSG_USERAUTH_FAILURE = 51,
	SSH_MSG_USERAUTH_SUCCESS = 52,
	SSH_MSG_USERAUTH_BANNER = 53,
	/* 60-79 depend on the authentication method */
	SSH_MSG_USERAUTH_PK_OK = 60,
	SSH_MSG_USERAUTH_PASSWD_CHANGEREQ = 60,
	SSH_MSG_USERAUTH_INFO_REQUEST = 60, /* RFC 4256 */
	SSH_MSG_USERAUTH_INFO_RESPONSE = 61,
	SSH_MSG_GLOBAL_REQUEST = 80, /* RFC 4254 */
	SSH_MSG_REQUEST_SUCCESS = 81,
	SSH_MSG_REQUEST_FAILURE = 82,
	SSH_MSG_CHANNEL_OPEN = 90,
	SSH_MSG_CHANNEL_OPEN_CONFIRMATION = 91,
	SSH_MSG_CHANNEL_OPEN_FAILURE = 92,
	SSH_MSG_CHANNEL_WINDOW_ADJUST = 93,
	SSH_MSG_CHANNEL_DATA = 94,
	SSH_MSG_CHANNEL_EXTENDED_DATA = 95,
	SSH_MSG_CHANNEL_EOF = 96,
	SSH_MSG_CHANNEL_CLOSE = 97,
	SSH_MSG_CHANNEL_REQUEST = 98,
	SSH_MSG_CHANNEL_SUCCESS = 99,
	SSH_MSG_CHANNEL_FAILURE = 100,
	SSH_MSG_PING = 192, /* ping@openssh.com */
	SSH_MSG_PONG = 193
};

/** Disconnect reasons. RFC 4253 section 11.1. */
enum {
	SSH_DISCONNECT_HOST_NOT_ALLOWED_TO_CONNECT = 1,
	SSH_DISCONNECT_PROTOCOL_ERROR = 2,
	SSH_DISCONNECT_KEY_EXCHANGE_FAILED = 3,
	SSH_DISCONNECT_RESERVED = 4,
	SSH_DISCONNECT_MAC_ERROR = 5,
	SSH_DISCONNECT_COMPRESSION_ERROR = 6,
	SSH_DISCONNECT_SERVICE_NOT_AVAILABLE = 7,
	SSH_DISCONNECT_PROTOCOL_VERSION_NOT_SUPPORTED = 8,
	SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE = 9,
	SSH_DISCONNECT_CONNECTION_LOST = 10,
	SSH_DISCONNECT_BY_APPLICATION = 11,
	SSH_DISCONNECT_TOO_MANY_CONNECTIONS = 12,
	SSH_DISCONNECT_AUTH_CANCELLED_BY_USER = 13,
	SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE = 14,
	SSH_DISCONNECT_ILLEGAL_USER_NAME = 15
};

/** Channel open failure reasons. RFC 4254 section 5.1. */
enum {
	SSH_OPEN_ADMINISTRATIVELY_PROHIBITED = 1,
	SSH_OPEN_CONNECT_FAILED = 2,
	SSH_OPEN_UNKNOWN_CHANNEL_TYPE = 3,
	SSH_OPEN_RESOURCE_SHORTAGE = 4
};

/** The one extended data type. RFC 4254 section 5.2. */
enum { SSH_EXTENDED_DATA_STDERR = 1 };

/** Which key exchange gives the numbers 30-49 their meaning. */
enum wire_kex {
	WIRE_KEX_UNKNOWN,
	WIRE_KEX_DH,   /* RFC 4253 section 8: mpints */
	WIRE_KEX_ECDH, /* RFC 5656, 8731 and the hybrids: strings */
	WIRE_KEX_GEX   /* RFC 4419 */
};

/** Which authentication method gives the numbers 60-79 their meaning. */
enum wire_auth {
	WIRE_AUTH_UNKNOWN,
	WIRE_AUTH_PASSWORD,
	WIRE_AUTH_PUBLICKEY,
	WIRE_AUTH_KBDINT /* RFC 4256 */
};

/** What a number's meaning depends on besides the number. All-zero: nothing is known. */
struct wire_context {
	enum wire_kex kex;
	enum wire_auth auth;
};

/**
 * The name of a message number, without SSH_MSG_: "KEXINIT". An ambiguous number that the
 * context does not settle names every candidate: "USERAUTH_PK_OK|USERAUTH_PASSWD_CHANGEREQ|…".
 * A number without a meaning is "UNKNOWN". The string is static.
 *
 * Secrets: none.   RFC 4250 section 4.1.
 */
const char *wire_num_name(uint8_t number, struct wire_context ctx);

/** The name of a disconnect reason, e.g. "MAC_ERROR"; "UNKNOWN" outside the table. Static. */
const char *wire_reason_name(uint32_t reason);

#endif
