/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_ERR_H
#define NACRE_LIBWIRE_ERR_H

#include <stdint.h>

/**
 * The one error table of the toolkit.
 *
 * A row is (name, disconnect reason, text). The reason is what the peer is told when an engine
 * dies of this error (RFC 4253 section 11.1); 0 means that the peer is told nothing: the stream
 * is not one that it could understand, or the error is none of its doing.
 */
#define SSH_ERR_TABLE(X)                                                                           \
	X(OK, 0, "no error")                                                                       \
	/* Decoding */                                                                             \
	X(TRUNCATED, 2, "message ends before its last field")                                      \
	X(TRAILING, 2, "bytes follow the last field of a message")                                 \
	X(MALFORMED, 2, "a field has a value that the protocol does not allow")                    \
	X(MPINT, 3, "mpint is not canonical, is negative or is too large")                         \
	X(NAME_LIST, 2, "malformed name-list")                                                     \
	X(TOO_LONG, 2, "a length is over its limit")                                               \
	X(TEXT, 2, "text does not parse as a message")                                             \
	/* Local conditions */                                                                     \
	X(NO_MEMORY, 11, "out of memory")                                                          \
	X(RANDOM, 11, "no randomness to be had")                                                   \
	X(CRYPTO, 11, "a cryptographic primitive failed")                                          \
	X(ARGUMENT, 11, "argument out of range")                                                   \
	X(STATE, 11, "call is not possible in this state")                                         \
	X(AGAIN, 11, "not now: room or an answer is needed first")                                 \
	X(TIMEOUT, 11, "timed out")                                                                \
	X(IO, 10, "reading or writing the stream failed")                                          \
	X(UNSUPPORTED, 11, "algorithm is not known or not enabled")                                \
	/* Transport */                                                                            \
	X(IDENT, 0, "not an SSH identification string")                                            \
	X(VERSION, 8, "peer does not speak SSH 2.0")                                               \
	X(PACKET_LENGTH, 2, "bad packet length")                                                   \
	X(PADDING, 2, "bad padding length")                                                        \
	X(MAC, 5, "message authentication failed")                                                 \
	X(COMPRESSION, 6, "compressed data is damaged or inflates too far")                        \
	X(NO_COMMON, 3, "no algorithm in common")                                                  \
	X(KEX_VALUE, 3, "a key exchange value is out of range")                                    \
	X(KEX_TIMEOUT, 3, "key exchange took too long")                                            \
	X(KEX_REFUSED, 3, "peer does not implement a message of the key exchange")                 \
	X(SIGNATURE, 3, "signature does not verify")                                               \
	X(KEY, 3, "malformed, weak or inconsistent key")                                           \
	X(CERT, 9, "certificate is not valid for this use")                                        \
	X(HOST_KEY, 9, "host key was not accepted")                                                \
	X(UNEXPECTED, 2, "message is not welcome in this state")                                   \
	X(STRICT, 2, "message is not allowed in a strict key exchange")                            \
	X(NOT_STRICT, 3, "peer does not offer strict key exchange")                                \
	X(SEQUENCE, 2, "packet sequence number would wrap")                                        \
	X(REKEY, 2, "peer does not re-key")                                                        \
	X(QUEUE_FULL, 2, "too much is waiting to be sent")                                         \
	X(DISCONNECTED, 0, "peer disconnected")                                                    \
	X(CONNECTION_LOST, 0, "connection was cut off")                                            \
	/* Services and authentication */                                                          \
	X(SERVICE, 7, "service is not available")                                                  \
	X(AUTH_FAILED, 14, "no authentication method is left to try")                              \
	X(AUTH_CANCELLED, 13, "authentication was cancelled by the user")                          \
	X(AUTH_TRIES, 2, "too many authentication failures")                                       \
	X(AUTH_TIMEOUT, 2, "authentication took too long")                                         \
	/* Channels */                                                                             \
	X(CHANNEL, 2, "message names a channel that is not open")                                  \
	X(WINDOW, 2, "channel window exceeded or overflowed")                                      \
	X(OPEN_REFUSED, 11, "peer refused to open the channel")                                    \
	X(REQUEST_REFUSED, 11, "peer refused the request")                                         \
	X(CHANNEL_CLOSED, 11, "channel is closed")                                                 \
	/* Files */                                                                                \
	X(FILE_FORMAT, 11, "file is not of a known format")                                        \
	X(FILE_DAMAGED, 11, "file is damaged")                                                     \
	X(PASSPHRASE, 11, "a passphrase is needed, or this one is wrong")                          \
	X(NOT_FOUND, 11, "not found")                                                              \
	X(REVOKED, 9, "key is revoked")

/** Error codes; SSH_OK is 0, so that calls chain: `if ((e = a()) != 0 || (e = b()) != 0)`. */
enum ssh_err {
#define SSH_ERR_ENUM_(name, reason, text) SSH_ERR_##name,
	SSH_ERR_TABLE(SSH_ERR_ENUM_)
#undef SSH_ERR_ENUM_
	    SSH_ERR_COUNT
};

/** Success. */
#define SSH_OK SSH_ERR_OK

/**
 * The name of an error, e.g. "NO_COMMON"; "UNKNOWN" for a number outside the table.
 * The string is static. Secrets: none.
 */
const char *ssh_err_name(enum ssh_err e);

/**
 * One English clause for people, without capital or full stop. The string is static.
 * Secrets: none.
 */
const char *ssh_err_text(enum ssh_err e);

/**
 * The disconnect reason that the error deserves, 0 for "close without DISCONNECT".
 * Secrets: none.   RFC 4253 section 11.1.
 */
uint32_t ssh_err_reason(enum ssh_err e);

#endif
