/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_EXTENSION_H
#define NACRE_LIBKEX_EXTENSION_H

#include "libcrypt/key.h"

/*
 * EXT_INFO: what each side of a connection tells the other of its extensions. RFC 8308, and what
 * came after it. What we say is in struct kex_config.
 */

struct kex;

/** Who may receive something: bits. */
enum { KEX_TO_CLIENT = 1, KEX_TO_SERVER = 2, KEX_TO_BOTH = 3 };

/** The extensions that are known here: indices of kex_extensions. RFC 8308 and after. */
enum kex_ext {
	KEX_EXT_SERVER_SIG_ALGS,   /* RFC 8308 section 3.1: from user_sigs */
	KEX_EXT_DELAY_COMPRESSION, /* section 3.2: from delay_compress */
	KEX_EXT_NO_FLOW_CONTROL,   /* section 3.3: "p" or "s"; see kex_no_flow_control */
	KEX_EXT_ELEVATION,         /* section 3.4: "y", "n" or "d" */
	KEX_EXT_PING,              /* draft-miller-ssh-ping: "0" */
	KEX_EXT_PING_OPENSSH,      /* the same as OpenSSH has it: "0" */
	KEX_EXT_HOSTKEYS,          /* draft-ietf-sshm-hostkey-update: "0" */
	KEX_EXT_HOSTBOUND,         /* publickey-hostbound@openssh.com: "0" */
	KEX_EXT_AGENT_FORWARD,     /* RFC 9987 section 7.1: "0" */
	KEX_EXT_IN_AUTH,           /* ext-info-in-auth@openssh.com: "0" */
	KEX_EXTS
};

/** A row of the table of extensions. */
struct kex_extension {
	const char *name;
	uint8_t receivers; /* KEX_TO_CLIENT, KEX_TO_SERVER: who may be told */
	bool replaced;     /* a server's second EXT_INFO without it takes it back */
};
extern const struct kex_extension kex_extensions[KEX_EXTS];

/**
 * What the peer said of an extension, in its EXT_INFO.
 *
 *   value   set to the bytes, which live until the next EXT_INFO; empty if it said nothing
 *
 * Returns whether it named the extension.
 *
 * Secrets: none.   RFC 8308.
 */
bool kex_peer_ext(const struct kex *k, enum kex_ext e, ssh_bytes *value);
/** Is no-flow-control in effect? Final once USERAUTH_SUCCESS has passed. RFC 8308 section 3.3. */
bool kex_no_flow_control(const struct kex *k);
/** A client's wish: 'y', 'n', or 'd' for none. RFC 8308 section 3.4. */
char kex_peer_elevation(const struct kex *k);
/**
 * Ask the peer to send these bytes back: KEX_EVENT_PONG tells, if it ever does; in order.
 *
 * Returns as kex_send; SSH_ERR_STATE before authentication; SSH_ERR_UNSUPPORTED if the peer does not
 * know pings.
 *
 * Secrets: none.   draft-miller-ssh-ping.
 */
enum ssh_err kex_ping(struct kex *k, ssh_bytes data);
/** The value of the server's server-sig-algs; empty if it sent none. RFC 8308 section 3.1. */
ssh_bytes kex_peer_sig_algs(const struct kex *k);

/**
 * A server: put other signatures in the place of config.user_sigs, now that a request has named the
 * user, and tell the client.
 *
 * Only clients that have said ext-info-in-auth@openssh.com are told, once, by a whole EXT_INFO: the
 * other extensions are in it again, since it may be taken to replace the first. What is taken is
 * the business of whoever checks signatures.
 *
 *   sigs   NULL at the end; borrowed until kex_wipe
 *
 * Returns 0, also if nobody was told; SSH_ERR_STATE at a client, before the first keys, and after
 * USERAUTH_SUCCESS; errors of kex_send.
 *
 * Secrets: none.   OpenSSH PROTOCOL section 1.10.
 */
enum ssh_err kex_set_user_sigs(struct kex *k, const struct crypt_sigalg *const *sigs);

#endif
