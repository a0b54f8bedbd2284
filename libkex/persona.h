/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_PERSONA_H
#define NACRE_LIBKEX_PERSONA_H

#include "libkex/forge.h"
#include "libkex/propose.h"
#include "libwire/msg.h"

/**
 * Everything about an engine that a peer can see and that is not the protocol's: what makes one
 * implementation look like another. All-zero is our own look. Borrowed for the life of the engine.
 *
 * Names in `lists` need not be implemented: if the peer chooses one, the engine dies of
 * SSH_ERR_UNSUPPORTED, which is an answer too. Markers (ext-info-c, kex-strict-...) count if
 * they are in the list.
 */
struct kex_persona {
	const char *ident;     /* the whole line, of any form; NULL: "SSH-2.0-" and software */
	const char *ident_end; /* NULL: CR LF */
	const char *lists[KEX_LISTS]; /* of KEXINIT, verbatim; NULL: from the configuration */
	const char *languages[2];     /* client to server, server to client; NULL: none */
	const uint8_t *cookie;        /* 16 bytes; NULL: random */
	uint32_t reserved;
	bool first_follows;
	struct kex_forge padding; /* `keep` counts as set */
	/* Goodbyes for errors of the peer's. */
	bool no_disconnect;
	uint32_t disconnect_reason;  /* 0: the error's own */
	const char *disconnect_text; /* NULL: the error's own */
	bool no_unimplemented;       /* unknown messages are ignored */
	/* The whole EXT_INFO message, number first; empty: our own. */
	ssh_bytes ext_info;
	bool no_ext_info;
};

/** Write a persona over a KEXINIT that is to be encoded. NULL: nothing. */
void kex_persona_kexinit(const struct kex_persona *p, struct ssh_kexinit *m);

/** Bytes of a HASSH, hexadecimal, NUL included. */
#define KEX_HASSH_SIZE 33

/**
 * The HASSH of a KEXINIT payload, by which implementations are told apart: MD5 over four of its
 * lists, those of the direction that its sender sends in.
 *
 *   server   whose KEXINIT it is: hasshServer
 *
 * Returns 0, or an error of decoding.
 *
 * Secrets: none. MD5 identifies here, and protects nothing.
 */
enum ssh_err kex_hassh(ssh_bytes kexinit, bool server, char out[KEX_HASSH_SIZE]);

#endif
