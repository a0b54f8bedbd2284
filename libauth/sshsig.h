/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_SSHSIG_H
#define NACRE_LIBAUTH_SSHSIG_H

#include "libcrypt/cert.h"

/*
 * Signatures of files: what `ssh-keygen -Y sign` makes and git keeps.
 *
 * A message is hashed first, by the caller, in pieces of any size: crypt_hash_init, _update, _final.
 * The namespace says what the signature is for ("file", "git"), so that one made for something else
 * is none. Who may sign is not said here, but in a list: see signers.h.
 */

/** A signature with a certificate and an RSA key in it takes some 3 KiB. Bytes, base64 undone. */
#define AUTH_SSHSIG_MAX 131072

/** A signature: views into its blob. */
struct auth_sshsig {
	ssh_bytes key;                 /* public blob, perhaps a certificate's */
	ssh_bytes space;               /* the namespace; not empty */
	ssh_bytes reserved;            /* means nothing yet, but is signed */
	const struct crypt_hash *hash; /* of the message */
	ssh_bytes signature;
};

/** The hash of that name, sha512 or sha256; NULL: none that signatures are made with. */
const struct crypt_hash *auth_sshsig_hash(ssh_bytes name);

/**
 * Take a signature apart.
 *
 *   s      set on success
 *   blob   borrowed for the life of *s
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is no such blob; SSH_ERR_UNSUPPORTED for another version or
 * hash; SSH_ERR_FILE_DAMAGED if it does not parse or the namespace is empty. Nothing is verified.
 *
 * Secrets: none.   OpenSSH PROTOCOL.sshsig section 2.
 */
enum ssh_err auth_sshsig_parse(struct auth_sshsig *s, ssh_bytes blob);

/**
 * Take the blob out of its armour, "-----BEGIN SSH SIGNATURE-----", and append it.
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if the first line is another; SSH_ERR_FILE_DAMAGED;
 * SSH_ERR_TOO_LONG over AUTH_SSHSIG_MAX; SSH_ERR_NO_MEMORY. On error nothing is appended.
 *
 * Secrets: none.   OpenSSH PROTOCOL.sshsig section 1.
 */
enum ssh_err auth_sshsig_get(struct wire_buf *blob, ssh_bytes text);

/** Append the armour around a signature's blob. Errors stick in `out`. */
void auth_sshsig_put(struct wire_buf *out, ssh_bytes blob);

/**
 * Verify.
 *
 *   space    the namespace that the signature must have been made for
 *   digest   of the message: s->hash->size bytes
 *
 * Plain keys and certificates are taken, RSA with SHA-2 alone, DSA never; a security key's user must
 * have been present. A certificate is not looked at beyond its key: auth_signers_check does that.
 *
 * Returns 0 only if the signature is good; SSH_ERR_ARGUMENT if it is for another namespace;
 * SSH_ERR_UNSUPPORTED for a key or a signature algorithm that is not taken; SSH_ERR_KEY if the key
 * does not parse; SSH_ERR_SIGNATURE; SSH_ERR_NO_MEMORY.
 *
 * Secrets: none.   OpenSSH PROTOCOL.sshsig section 3.
 */
enum ssh_err auth_sshsig_verify(const struct auth_sshsig *s, ssh_bytes space,
                                const uint8_t *digest);

/**
 * Sign a digest, and append the blob.
 *
 *   s        `space`, `hash` and `reserved`; key and signature are not looked at
 *   k        with its private half; may be that of a certificate
 *   digest   of the message: s->hash->size bytes
 *
 * The key's best algorithm is used: rsa-sha2-512 with RSA.
 *
 * Returns 0; SSH_ERR_ARGUMENT without a namespace; SSH_ERR_UNSUPPORTED with a DSA key; what
 * crypt_key_sign does. On error nothing is appended.
 *
 * Secrets: k.
 */
enum ssh_err auth_sshsig_sign(struct wire_buf *out, const struct auth_sshsig *s,
                              const struct crypt_key *k, const uint8_t *digest,
                              const struct crypt_rng *rng);

/*
 * The two halves of auth_sshsig_sign, for keys that are elsewhere: in an agent, in a token.
 */

/** Append what is signed. Errors stick in `out`. OpenSSH PROTOCOL.sshsig section 3. */
void auth_sshsig_put_signed(struct wire_buf *out, const struct auth_sshsig *s,
                            const uint8_t *digest);
/** Append the blob; all of `s` is looked at. Errors stick in `out`. */
void auth_sshsig_put_blob(struct wire_buf *out, const struct auth_sshsig *s);

#endif
