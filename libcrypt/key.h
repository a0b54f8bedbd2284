/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KEY_H
#define NACRE_LIBCRYPT_KEY_H

#include "libcrypt/hash.h"
#include "libcrypt/rng.h"
#include "libwire/buf.h"
#include "libwire/reader.h"

/** Room for any key type's numbers, bytes; each type's source asserts that it fits. */
#define CRYPT_KEY_STATE_SIZE   256
/** RSA moduli outside these bounds are refused when parsed, whatever the policy. */
#define CRYPT_RSA_BITS_FLOOR   1024
#define CRYPT_RSA_BITS_CEILING 16384
/** The smallest RSA modulus that policy accepts unless configured otherwise. */
#define CRYPT_RSA_BITS_DEFAULT 2048

struct crypt_key;
struct crypt_sigalg;

/** A key type: facts, then functions. `blob` formats are those of RFC 4253 section 6.6. */
struct crypt_keyalg {
	const char *name; /* the key format identifier: "ssh-rsa", "ecdsa-sha2-nistp256" */
	const char *kind; /* as people call it: "RSA", "ECDSA", "ED25519" */
	const struct crypt_sigalg *const
	    *sigs; /* its signature algorithms, best first, NULL ends */

	/* The fields after the name, of a public blob. The caller ends the reader. */
	enum ssh_err (*get_public)(struct crypt_key *k, struct wire_reader *r);
	void (*put_public)(const struct crypt_key *k, struct wire_buf *out);
	/* The fields after the name, of openssh-key-v1's private section. */
	enum ssh_err (*get_private)(struct crypt_key *k, struct wire_reader *r);
	void (*put_private)(const struct crypt_key *k, struct wire_buf *out);
	/* `bits` is looked at by RSA alone; 0 means its default. */
	enum ssh_err (*generate)(struct crypt_key *k, size_t bits, const struct crypt_rng *rng);
	/* The inner signature: what stands in the blob's second string. */
	enum ssh_err (*sign)(const struct crypt_key *k, const struct crypt_sigalg *alg,
	                     ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out);
	enum ssh_err (*verify)(const struct crypt_key *k, const struct crypt_sigalg *alg,
	                       ssh_bytes data, ssh_bytes sig);
	size_t (*bits)(const struct crypt_key *k);
	void (*wipe)(struct crypt_key *k);
};

/** A signature algorithm: what host key and publickey negotiations name. RFC 8332 section 3. */
struct crypt_sigalg {
	const char *name; /* "rsa-sha2-256" */
	const struct crypt_keyalg *key;
	const struct crypt_hash *hash; /* NULL where the key type has its own */
};

extern const struct crypt_keyalg crypt_key_ed25519;        /* RFC 8709 */
extern const struct crypt_keyalg crypt_key_ecdsa_nistp256; /* RFC 5656 */
extern const struct crypt_keyalg crypt_key_ecdsa_nistp384;
extern const struct crypt_keyalg crypt_key_ecdsa_nistp521;
extern const struct crypt_keyalg crypt_key_rsa; /* RFC 4253 section 6.6, RFC 8332 */

extern const struct crypt_sigalg crypt_sig_ed25519;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp384;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp521;
extern const struct crypt_sigalg crypt_sig_rsa_sha2_512;
extern const struct crypt_sigalg crypt_sig_rsa_sha2_256;
extern const struct crypt_sigalg crypt_insecure_sig_rsa_sha1; /* "ssh-rsa" */

/** Every key type known, NULL at the end. */
extern const struct crypt_keyalg *const crypt_keyalgs[];
/** The default signature offer, best first, NULL at the end; holds nothing weak. */
extern const struct crypt_sigalg *const crypt_sigalgs[];
/** Every signature algorithm, the weak ones last, NULL at the end. */
extern const struct crypt_sigalg *const crypt_sigalgs_legacy[];

/**
 * A key, public or both halves. All-zero is empty and valid to wipe. May be moved, not copied.
 */
struct crypt_key {
	const struct crypt_keyalg *alg; /* NULL: empty */
	bool has_private;
	/* private */
	uint64_t state[CRYPT_KEY_STATE_SIZE / 8];
};

/**
 * Parse a public key blob.
 *
 *   k      empty; on error it is empty again
 *   algs   the key types to accept, NULL at the end: crypt_keyalgs, or fewer
 *   blob   whole, name included; borrowed for the call
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if no type has that name; SSH_ERR_TRUNCATED,
 * SSH_ERR_TRAILING, SSH_ERR_MPINT if it does not parse; SSH_ERR_KEY if its numbers are out of range or
 * its point is not on the curve.
 *
 * Secrets: none.   RFC 4253 section 6.6.
 */
enum ssh_err crypt_key_parse_public(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                                    ssh_bytes blob);

/** Append the public blob, name included. Errors stick in `out`. k is not empty. */
void crypt_key_put_public(const struct crypt_key *k, struct wire_buf *out);

/**
 * Read a private key: name and fields, as in openssh-key-v1 and the agent protocol.
 *
 *   r   stops behind the key; the caller reads on
 *
 * Returns 0; SSH_ERR_UNSUPPORTED, SSH_ERR_TRUNCATED, SSH_ERR_MPINT; SSH_ERR_KEY if the halves
 * do not belong together or the numbers are inconsistent.
 *
 * Secrets: all of it.   OpenSSH PROTOCOL.key section 3, RFC 9987 section 3.2.
 */
enum ssh_err crypt_key_get_private(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                                   struct wire_reader *r);

/**
 * Append name and private fields; the inverse of crypt_key_get_private. Errors stick in `out`,
 * SSH_ERR_KEY among them if there is no private half. Secret.
 */
void crypt_key_put_private(const struct crypt_key *k, struct wire_buf *out);

/**
 * Make a new key.
 *
 *   bits   of an RSA modulus, CRYPT_RSA_BITS_FLOOR to CRYPT_RSA_BITS_CEILING; 0: 3072; other types
 *          ignore it
 *
 * Returns 0, SSH_ERR_ARGUMENT, SSH_ERR_RANDOM, SSH_ERR_CRYPTO.
 */
enum ssh_err crypt_key_generate(struct crypt_key *k, const struct crypt_keyalg *alg, size_t bits,
                                const struct crypt_rng *rng);

/**
 * Sign `data` and append the signature blob: string name, string signature.
 *
 * An RSA signature is verified before it is let out, so that a fault gives nothing away.
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if alg is not of this key's type; SSH_ERR_KEY without a private
 * half; SSH_ERR_RANDOM; SSH_ERR_CRYPTO; SSH_ERR_NO_MEMORY or SSH_ERR_TOO_LONG, as `out` has it.
 * Nothing is appended on error.
 *
 * Secrets: the key.   RFC 4253 section 6.6, RFC 8332 section 3.
 */
enum ssh_err crypt_key_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                            ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out);

/**
 * Verify a signature blob over `data`, which must name `alg` and nothing else.
 *
 * Returns 0 only if the signature is good; SSH_ERR_UNSUPPORTED if alg is not of this key's type;
 * SSH_ERR_SIGNATURE for everything else that is wrong with it.
 *
 * Secrets: none.   RFC 4253 section 6.6, RFC 8332 section 3.
 */
enum ssh_err crypt_key_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                              ssh_bytes data, ssh_bytes blob);

/** The size of the key in bits, as ssh-keygen -l shows it; 0 for an empty key. */
size_t crypt_key_bits(const struct crypt_key *k);

/** Zeroise and give back. */
void crypt_key_wipe(struct crypt_key *k);

/** Find a signature algorithm by name in a NULL-terminated array; NULL if it is not there. */
const struct crypt_sigalg *crypt_sigalg_find(const struct crypt_sigalg *const *algs,
                                             ssh_bytes name);

/** Characters of "SHA256:" and 43 of base64, and a NUL. */
#define CRYPT_FINGERPRINT_SIZE 51

/** The fingerprint of a public blob as ssh-keygen -l shows it: "SHA256:…", NUL-terminated. */
void crypt_key_fingerprint(ssh_bytes blob, char out[CRYPT_FINGERPRINT_SIZE]);

#endif
