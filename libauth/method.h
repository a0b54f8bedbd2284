/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_METHOD_H
#define NACRE_LIBAUTH_METHOD_H

#include "libcrypt/key.h"
#include "libwire/buf.h"

/** The service that is reached through authentication. RFC 4254 section 1. */
#define AUTH_SERVICE_CONNECTION "ssh-connection"
/** The service that authenticates. RFC 4252 section 1. */
#define AUTH_SERVICE_USERAUTH   "ssh-userauth"

/** The methods, as bits of a set. */
enum auth_method {
	AUTH_NONE = 1,        /* RFC 4252 section 5.2 */
	AUTH_PASSWORD = 2,    /* RFC 4252 section 8 */
	AUTH_PUBLICKEY = 4,   /* RFC 4252 section 7 */
	AUTH_INTERACTIVE = 8, /* keyboard-interactive, RFC 4256 */
	AUTH_HOSTBASED = 16   /* RFC 4252 section 9 */
};

/** publickey, with the server's host key in what is signed. OpenSSH PROTOCOL. */
#define AUTH_PUBLICKEY_HOSTBOUND "publickey-hostbound-v00@openssh.com"

/** Methods that one after the other let a user in: more than anybody asks for. */
#define AUTH_CHAIN_MAX           8

/** The name of one method, e.g. "publickey"; "" for anything but a single bit. Static. */
const char *auth_method_name(uint32_t method);

/** The bit of a named method; 0 if the name is not known. */
uint32_t auth_method_find(ssh_bytes name);

/** Append the set as a name-list without a length, best first; "none" is never listed. */
void auth_method_put_list(struct wire_buf *out, uint32_t methods);

/**
 * What can continue, of a choice of chains: "publickey,password publickey,keyboard-interactive" lets
 * in whoever has a key and then one of the others. As AuthenticationMethods of sshd_config.
 *
 *   chains     names with commas between them, and blanks between chains; auth_chains_valid
 *   done       what has succeeded, in order: one bit each
 *   complete   set: is one of the chains at its end? NULL: not wanted
 *
 * Returns the bits that come next in the chains that begin with `done`; 0: there are none.
 *
 * Secrets: none.
 */
uint32_t auth_chains_next(ssh_bytes chains, const uint32_t *done, size_t count, bool *complete);

/** Is it one chain or more, of these methods alone, none of them longer than AUTH_CHAIN_MAX? */
bool auth_chains_valid(ssh_bytes chains, uint32_t methods);

/**
 * What a publickey or hostbased signature is made over, besides the key itself. Views, all borrowed.
 */
struct auth_signed {
	ssh_bytes session_id;
	ssh_bytes user;
	ssh_bytes service;
	ssh_bytes algorithm; /* signature algorithm name */
	ssh_bytes key;       /* public key blob, or certificate */
	ssh_bytes host_key;  /* AUTH_PUBLICKEY_HOSTBOUND; empty: publickey */
	/* hostbased, if there is a host: */
	ssh_bytes host;      /* the client's, in ASCII */
	ssh_bytes host_user; /* who the user is there */
};

/**
 * Append the bytes that a signature covers: the session id as a string, then the request itself up
 * to the signature. With a host_key that is a host-bound request, with a host a hostbased one.
 *
 * Errors stick in `out`: SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG.
 *
 * Secrets: none.   RFC 4252 sections 7 and 9.
 */
void auth_signed_put(struct wire_buf *out, const struct auth_signed *s);

/**
 * Choose the signature algorithm for a key.
 *
 *   algs              what may be used, best first, NULL at the end; SHA-1 only if it is in there
 *   blob              public key blob, or certificate
 *   server_sig_algs   what the server announced (RFC 8308 section 3.1); empty: it said nothing,
 *                     and the first of algs for the key's type is taken. A certificate's
 *                     algorithm is meant by its own name and by that of its signatures
 *
 * Returns NULL if there is none.
 *
 * Secrets: none.   RFC 8332 section 3.
 */
const struct crypt_sigalg *auth_sigalg_choose(const struct crypt_sigalg *const *algs,
                                              ssh_bytes blob, ssh_bytes server_sig_algs);

#endif
