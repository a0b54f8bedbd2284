/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_HOSTKEYS_H
#define NACRE_LIBAUTH_HOSTKEYS_H

#include "libcrypt/key.h"
#include "libwire/buf.h"

/*
 * A server tells all its host keys and proves that it has them: the bodies of the global requests
 * hostkeys and hostkeys-prove, as pure functions. draft-ietf-sshm-hostkey-update, OpenSSH PROTOCOL
 * section 2.5. Who sends what and when is the owner's affair.
 */

/** Keys in one message: more than there are types of, with two of each. */
#define AUTH_HOSTKEYS_MAX   64

/** The requests, by the names that OpenSSH knows. */
#define AUTH_HOSTKEYS       "hostkeys-00@openssh.com"
#define AUTH_HOSTKEYS_PROVE "hostkeys-prove-00@openssh.com"

/** Is this the name of the announcement, in either spelling? */
bool auth_hostkeys_is(ssh_bytes request);
/** Is this the name of the request for proofs, in one of its three spellings? */
bool auth_hostkeys_prove_is(ssh_bytes request);

/**
 * Append the announcement's body: the public blobs of the keys, one each, without certificates and
 * without repeating one. Errors stick in `out`.
 *
 *   keys   NULL at the end
 */
void auth_hostkeys_put(struct wire_buf *out, const struct crypt_key *const *keys);

/**
 * Is a body of either request in form: strings, none twice, at least one?
 *
 * Returns 0; SSH_ERR_TRUNCATED; SSH_ERR_MALFORMED if there is none, or one twice; SSH_ERR_TOO_LONG
 * over AUTH_HOSTKEYS_MAX.
 */
enum ssh_err auth_hostkeys_check(ssh_bytes body);
/** Take the next blob off a body that was checked. False at the end. */
bool auth_hostkeys_next(ssh_bytes *body, ssh_bytes *blob);

/** What a proof is bound to. */
struct auth_hostkeys_bond {
	ssh_bytes session_id;
	const struct crypt_sigalg *sig; /* of the first key exchange */
	ssh_bytes request;              /* the name that asked for it */
};

/**
 * Server: append the proofs that a body asks for.
 *
 *   keys   NULL at the end, with their private halves
 *
 * Returns 0; what auth_hostkeys_check does; SSH_ERR_NOT_FOUND for a key that is none of these;
 * SSH_ERR_UNSUPPORTED where an RSA key would have to sign with SHA-1; what crypt_key_sign does.
 * Nothing is appended on error, and the request is refused.
 *
 * Secrets: the keys.   draft-ietf-sshm-hostkey-update section 2.2.
 */
enum ssh_err auth_hostkeys_prove(struct wire_buf *out, const struct crypt_key *const *keys,
                                 const struct auth_hostkeys_bond *bond, ssh_bytes body,
                                 const struct crypt_rng *rng);

/**
 * Client: verify the answer to a request of ours.
 *
 *   asked    the body that we sent
 *   answer   the body that came back
 *
 * Returns 0 only if every key of `asked` has a good proof, in order, and nothing follows;
 * SSH_ERR_SIGNATURE if one is not good; SSH_ERR_KEY, SSH_ERR_UNSUPPORTED for a key that is none
 * here; SSH_ERR_TRUNCATED, SSH_ERR_TRAILING, SSH_ERR_NO_MEMORY. On error none must be learned.
 *
 * Secrets: none.   draft-ietf-sshm-hostkey-update section 2.2.
 */
enum ssh_err auth_hostkeys_verify(const struct auth_hostkeys_bond *bond, ssh_bytes asked,
                                  ssh_bytes answer);

#endif
