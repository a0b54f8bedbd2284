/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KEYFORM_IMPL_H
#define NACRE_LIBAUTH_KEYFORM_IMPL_H

#include "libauth/keyform.h"

/*
 * What the formats have in common. The key itself is in libcrypt, and goes in and out in one form:
 * name and fields as in openssh-key-v1's private section. Other formats are put into that form and
 * made from it, so that none of them knows the inside of a key.
 */

/** The decoders' errors, as those of a file. */
enum ssh_err auth_file_error(enum ssh_err e);

/** The most fields of a private key: RSA's. */
#define KEYFIELDS_MAX 6

/** Which fields a key type has, in openssh-key-v1's order, and which of them others want. */
struct keylayout {
	const char *name;
	size_t count;
	const char *public; /* digits: the fields of the public blob, in its order */
	const char *secret; /* digits: the fields of PuTTY's private blob, in its order */
	size_t seed;        /* EdDSA: bytes; the last field is the seed and the public key */
};

/** A private key's fields: views, without their lengths. */
struct keyfields {
	const struct keylayout *layout;
	ssh_bytes field[KEYFIELDS_MAX];
};

enum keyfield_rsa { RSA_N, RSA_E, RSA_D, RSA_COEFFICIENT, RSA_P, RSA_Q };
enum keyfield_dsa { DSA_P, DSA_Q, DSA_G, DSA_Y, DSA_X };
enum keyfield_ec { EC_CURVE, EC_POINT, EC_SECRET };
enum keyfield_ed { ED_PUBLIC, ED_SECRET };

/**
 * Take a private key apart, as crypt_key_put_private wrote it.
 * Returns 0; SSH_ERR_UNSUPPORTED for a type that openssh-key-v1 alone can hold; SSH_ERR_FILE_DAMAGED.
 */
enum ssh_err auth_keyfields_get(struct keyfields *f, ssh_bytes private);

/** Write a key's private form to `private`, and take it apart. Errors as auth_keyfields_get. */
enum ssh_err auth_keyfields_of(struct keyfields *f, struct wire_buf *private,
                               const struct crypt_key *k);
/** Take a public key blob apart: the other fields stay empty. Errors as auth_keyfields_get. */
enum ssh_err auth_keyfields_get_public(struct keyfields *f, ssh_bytes blob);

/** Append the public key blob. */
void auth_keyfields_put_public(struct wire_buf *out, const struct keyfields *f);
/** Append PuTTY's private blob. */
void auth_keyfields_put_secret(struct wire_buf *out, const struct keyfields *f);
/** Append the private form, from the public blob and PuTTY's private blob, which padding may follow. */
enum ssh_err auth_keyfields_join(struct wire_buf *private, ssh_bytes public, ssh_bytes secret);

/** Make the key of its private form, which must hold nothing else. */
enum ssh_err auth_keyform_key(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                              ssh_bytes private);

/** How a file gives up the private form of what it holds. */
typedef enum ssh_err auth_keyform_get(struct wire_buf *private, ssh_bytes text,
                                      ssh_bytes passphrase);

/** auth_keyform's `open` and `public` of a format that is nothing but a private form. */
enum ssh_err auth_keyform_open(auth_keyform_get *get, struct crypt_key *k,
                               const struct crypt_keyalg *const *algs, ssh_bytes text,
                               ssh_bytes passphrase);
enum ssh_err auth_keyform_public(auth_keyform_get *get, struct wire_buf *blob, ssh_bytes text);

#endif
