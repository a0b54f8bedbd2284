/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KEYFORM_H
#define NACRE_LIBAUTH_KEYFORM_H

#include "libcrypt/key.h"

struct auth_keyform;

/** How to write a private key file. All-zero: openssh-key-v1, not encrypted, without a comment. */
struct auth_keyfile_options {
	const struct auth_keyform *form; /* NULL: auth_keyform_openssh */
	ssh_bytes comment;    /* one line; left out where the format has no place for it */
	ssh_bytes passphrase; /* empty: not encrypted */
	const char *cipher;   /* by OpenSSH's name; NULL: the format's default */
	uint32_t rounds;      /* or iterations; 0: the format's default */
};

/** A format of private key files: facts, then functions. */
struct auth_keyform {
	const char *name; /* "openssh", "pem", "pkcs8", "ppk" */
	/* Does a file of this format begin with this line? Blanks around it are gone. */
	bool (*is)(ssh_bytes line);
	/* As auth_keyfile_open; k may be left half made on an error. */
	enum ssh_err (*open)(struct crypt_key *k, struct wire_buf *comment,
	                     const struct crypt_keyalg *const *algs, ssh_bytes text,
	                     ssh_bytes passphrase);
	/* As auth_keyfile_public. */
	enum ssh_err (*public)(struct wire_buf *blob, ssh_bytes text);
	/* As auth_keyfile_save, but that `out` may hold part of the file after an error. */
	enum ssh_err (*put)(struct wire_buf *out, const struct crypt_key *k,
	                    const struct auth_keyfile_options *o, const struct crypt_rng *rng);
};

/** openssh-key-v1: what ssh-keygen writes; the only one for every key type. OpenSSH PROTOCOL.key. */
extern const struct auth_keyform auth_keyform_openssh;

/** Every format known, NULL at the end. */
extern const struct auth_keyform *const auth_keyforms[];

#endif
