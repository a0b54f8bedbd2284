/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_KEYS_H
#define NACRE_TOOLS_SSHD_KEYS_H

#include "libcrypt/key.h"
#include "tools/sshd_options.h"

/** The host's private keys. All-zero: none. */
struct sshd_keys {
	struct crypt_key keys[2 * SSHD_LIST_MAX]; /* the certified ones behind the plain */
	const struct crypt_key
	    *list[2 * SSHD_LIST_MAX + 1]; /* NULL at the end: for struct kex_config */
	size_t count;
};

/**
 * Load the host keys that the options name; without any, the one in the home directory, which is
 * made if it is missing. What goes wrong is logged. Returns false if there is no usable key.
 */
bool sshd_keys_load(struct sshd_keys *k, const struct sshd_options *o);

/** Zeroise. */
void sshd_keys_wipe(struct sshd_keys *k);

#endif
