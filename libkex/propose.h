/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_PROPOSE_H
#define NACRE_LIBKEX_PROPOSE_H

#include "libwire/bytes.h"
#include "libwire/err.h"

/** The negotiated lists of a KEXINIT, in its order. CS: client to server, SC: server to client. */
enum kex_list {
	KEX_LIST_KEX,
	KEX_LIST_HOSTKEY,
	KEX_LIST_CIPHER_CS,
	KEX_LIST_CIPHER_SC,
	KEX_LIST_MAC_CS,
	KEX_LIST_MAC_SC,
	KEX_LIST_COMP_CS,
	KEX_LIST_COMP_SC,
	KEX_LISTS
};

/** What two KEXINITs come to. Names are views into the client's. */
struct kex_choice {
	ssh_bytes name[KEX_LISTS];
	enum kex_list failed; /* KEX_LISTS if none */
	bool strict;          /* both ends announced strict kex in the same spelling */
	bool client_ext_info; /* the client takes EXT_INFO */
	bool server_ext_info;
	bool client_guess_wrong; /* the client's first kex packet is to be ignored */
	bool server_guess_wrong;
};

/**
 * Choose the algorithms from the two proposals.
 *
 * A pure function: both sides compute the same answer from the same bytes. Markers (ext-info-*,
 * kex-strict-*) are never chosen. A MAC list without a common name leaves an empty name and is no
 * failure here, since the cipher may not need a MAC; the caller knows.
 *
 *   client, server   KEXINIT payloads, message byte included; borrowed, out's views point into client
 *   out              set on success; on SSH_ERR_NO_COMMON only out->failed is, naming the list
 *
 * Returns 0; SSH_ERR_TRUNCATED, SSH_ERR_TRAILING, SSH_ERR_NAME_LIST or SSH_ERR_MALFORMED if a KEXINIT
 * does not parse; SSH_ERR_NO_COMMON if some list has no name in common.
 *
 * Secrets: none.   RFC 4253 section 7.1, RFC 8308 section 2.2, draft-ietf-sshm-strict-kex.
 */
enum ssh_err kex_propose_choose(ssh_bytes client, ssh_bytes server, struct kex_choice *out);

/**
 * A list of a proposal, as it came.
 *
 *   kexinit   a KEXINIT payload, message byte included; names is a view into it
 *
 * Returns 0; SSH_ERR_ARGUMENT if there is no such list; else as kex_propose_choose of a KEXINIT that
 * does not parse.
 *
 * Secrets: none.   RFC 4253 section 7.1.
 */
enum ssh_err kex_propose_list(ssh_bytes kexinit, enum kex_list list, ssh_bytes *names);

/** The list's name for people: "key exchange", "host key", "cipher client to server", … Static. */
const char *kex_list_name(enum kex_list list);

#endif
