/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_CHOOSE_H
#define NACRE_LIBKEX_CHOOSE_H

#include "libkex/transport.h"

/** The longest choice, the NULL at its end included: more than there are algorithms of a kind. */
#define KEX_CHOOSE_MAX 64

/** What can be chosen. */
enum kex_choose_kind {
	KEX_CHOOSE_AGREES,    /* key agreements */
	KEX_CHOOSE_HOST_SIGS, /* host key algorithms */
	KEX_CHOOSE_CIPHERS,   /* for both directions, like the next two */
	KEX_CHOOSE_MACS,
	KEX_CHOOSE_COMPRESS,
	KEX_CHOOSE_USER_SIGS, /* signatures that a server takes of users */
	/*
	 * HOST_SIGS with a default that begins with those of certificates: for servers, who offer what
	 * they have keys for, and for clients that ask auth_known_order which authorities they know.
	 */
	KEX_CHOOSE_HOST_CERT_SIGS,
	KEX_CHOOSE_KINDS
};

/**
 * Arrays that choices are written to, each with NULL at its end. The configuration points there
 * afterwards, so they outlive it and all engines made from it. All-zero is ready.
 */
struct kex_chosen {
	const struct kex_agree *agrees[KEX_CHOOSE_MAX];
	const struct crypt_sigalg *host_sigs[KEX_CHOOSE_MAX];
	const struct crypt_cipher *ciphers[KEX_CHOOSE_MAX];
	const struct crypt_mac *macs[KEX_CHOOSE_MAX];
	const struct crypt_compress *compress[KEX_CHOOSE_MAX];
	const struct crypt_sigalg *user_sigs[KEX_CHOOSE_MAX];
};

/**
 * Choose algorithms by name, as OpenSSH spells it.
 *
 * "a,b" is the choice itself. "+a,b" is the default with these behind it, "^a,b" with these before
 * it, and "-a,b*" without these, which may be patterns with `*` and `?` and need not match anything.
 * The default is that of kex_config_init (for USER_SIGS and HOST_CERT_SIGS, crypt_sigalgs_with_certs),
 * whatever the configuration holds now; names are looked up in the arrays that hold everything
 * (kex_agrees_legacy and kin, certificates too), so that what is weak can be had.
 * A name that comes twice counts where it comes first. To link this links every algorithm.
 *
 *   store   the kind's array is overwritten on success; nothing else is
 *   c       its kind's pointers are set to that array, on success
 *   text    borrowed for the call
 *   bad     set on SSH_ERR_UNSUPPORTED to the name that is not known, a view into text; else empty
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if a name is not known; SSH_ERR_ARGUMENT if nothing is left.
 *
 * Secrets: none.
 */
enum ssh_err kex_choose(struct kex_chosen *store, struct kex_config *c, enum kex_choose_kind kind,
                        ssh_bytes text, ssh_bytes *bad);

/** The name of the i-th algorithm of a kind that may be chosen; NULL behind the last. Static. */
const char *kex_choose_name(enum kex_choose_kind kind, size_t i);

#endif
