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
	const struct crypt_keyalg *plain; /* of a certificate type: what it certifies; else NULL */
	const struct crypt_sigalg *const
	    *sigs; /* its signature algorithms, best first, NULL ends */

	/* The fields after the name, of a public blob. The caller ends the reader. */
	enum ssh_err (*get_public)(struct crypt_key *k, struct wire_reader *r);
	void (*put_public)(const struct crypt_key *k, struct wire_buf *out);
	/* The fields after the name, of openssh-key-v1's private section. */
	enum ssh_err (*get_private)(struct crypt_key *k, struct wire_reader *r);
	void (*put_private)(const struct crypt_key *k, struct wire_buf *out);
	/* The fields behind the certificate, of a certificate's private form: see cert.h. */
	enum ssh_err (*get_secret)(struct crypt_key *k, struct wire_reader *r);
	void (*put_secret)(const struct crypt_key *k, struct wire_buf *out);
	/* `bits` is looked at by RSA alone; 0 means its default. NULL: made elsewhere. */
	enum ssh_err (*generate)(struct crypt_key *k, size_t bits, const struct crypt_rng *rng);
	/* The inner signature: what stands in the blob's second string. NULL: signed elsewhere. */
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
	const char *sig_name;          /* the name inside a signature, if not `name`; else NULL */
	bool bare; /* a signature has more fields than one string; `verify` gets them all */
};

extern const struct crypt_keyalg crypt_key_ed25519;        /* RFC 8709 */
extern const struct crypt_keyalg crypt_key_ed448;          /* RFC 8709 */
extern const struct crypt_keyalg crypt_key_ecdsa_nistp256; /* RFC 5656 */
extern const struct crypt_keyalg crypt_key_ecdsa_nistp384;
extern const struct crypt_keyalg crypt_key_ecdsa_nistp521;
extern const struct crypt_keyalg crypt_key_rsa;        /* RFC 4253 section 6.6, RFC 8332 */
extern const struct crypt_keyalg crypt_key_sk_ed25519; /* OpenSSH PROTOCOL.u2f: see below */
extern const struct crypt_keyalg crypt_key_sk_ecdsa_nistp256;
extern const struct crypt_keyalg crypt_insecure_key_dsa; /* RFC 4253 section 6.6 */

extern const struct crypt_sigalg crypt_sig_ed25519;
extern const struct crypt_sigalg crypt_sig_ed448;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp384;
extern const struct crypt_sigalg crypt_sig_ecdsa_nistp521;
extern const struct crypt_sigalg crypt_sig_rsa_sha2_512;
extern const struct crypt_sigalg crypt_sig_rsa_sha2_256;
extern const struct crypt_sigalg crypt_sig_sk_ed25519;
extern const struct crypt_sigalg crypt_sig_sk_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_sig_webauthn_ecdsa_nistp256; /* by way of a browser */
extern const struct crypt_sigalg crypt_insecure_sig_rsa_sha1;       /* "ssh-rsa" */
extern const struct crypt_sigalg crypt_insecure_sig_dsa;            /* "ssh-dss" */

/** Every key type but certificates (cert.h) and weak ones, NULL at the end. */
extern const struct crypt_keyalg *const crypt_keyalgs[];
/** These and the weak ones, NULL at the end. */
extern const struct crypt_keyalg *const crypt_keyalgs_legacy[];
/** The default signature offer, best first, NULL at the end; holds nothing weak. */
extern const struct crypt_sigalg *const crypt_sigalgs[];
/** Every signature algorithm of these types, the weak ones last, NULL at the end. */
extern const struct crypt_sigalg *const crypt_sigalgs_legacy[];

/**
 * A key, public or both halves. All-zero is empty and valid to wipe. May be moved, not copied.
 */
struct crypt_key {
	const struct crypt_keyalg *alg; /* NULL: empty */
	bool has_private;
	/* private */
	struct wire_buf cert; /* of a certificate type: the certificate */
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
 * Returns 0, SSH_ERR_ARGUMENT, SSH_ERR_RANDOM, SSH_ERR_CRYPTO; SSH_ERR_UNSUPPORTED if such keys
 * are made elsewhere: certificates and security keys.
 */
enum ssh_err crypt_key_generate(struct crypt_key *k, const struct crypt_keyalg *alg, size_t bits,
                                const struct crypt_rng *rng);

/**
 * Sign `data` and append the signature blob: string name, string signature.
 *
 * An RSA signature is verified before it is let out, so that a fault gives nothing away; it alone
 * draws on rng, for blinding. DSA and ECDSA nonces are those of RFC 6979.
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if alg is not of this key's type; SSH_ERR_KEY without a private
 * half, or if that is in a security key; SSH_ERR_RANDOM; SSH_ERR_CRYPTO; SSH_ERR_NO_MEMORY or SSH_ERR_TOO_LONG, as `out` has it.
 * Nothing is appended on error.
 *
 * Secrets: the key.   RFC 4253 section 6.6, RFC 6979, RFC 8332 section 3.
 */
enum ssh_err crypt_key_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                            ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out);

/**
 * Verify a signature blob over `data`, which must name `alg` and nothing else. That of a security
 * key must say that its user was present; crypt_sk_verify leaves that to the caller.
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

/** The name that a signature by `alg` bears: of a certificate's, that of the certified key's. */
const char *crypt_sigalg_signature_name(const struct crypt_sigalg *alg);

/** Find a signature algorithm by name in a NULL-terminated array; NULL if it is not there. */
const struct crypt_sigalg *crypt_sigalg_find(const struct crypt_sigalg *const *algs,
                                             ssh_bytes name);

/** Characters of "SHA256:" and 43 of base64, and a NUL. */
#define CRYPT_FINGERPRINT_SIZE 51

/** The fingerprint of a public blob as ssh-keygen -l shows it: "SHA256:…", NUL-terminated. */
void crypt_key_fingerprint(ssh_bytes blob, char out[CRYPT_FINGERPRINT_SIZE]);

/*
 * Security keys (FIDO tokens). The token keeps the private half; what is called a private key is
 * flags and a handle, which the token asks for. So crypt_key_sign refuses: whoever talks to the
 * token has it sign crypt_sk_put_signed, and makes the answer a signature blob with
 * crypt_sk_put_signature.
 */

/** Longer than any application name, which is "ssh:" and some user's text. */
#define CRYPT_SK_APPLICATION_MAX 1024
/** WebAuthn ends handles at 1023 bytes; software tokens put a whole key there. */
#define CRYPT_SK_HANDLE_MAX      8192

/** The bits of crypt_sk_info.flags, and of the flags of a private half. */
#define CRYPT_SK_USER_PRESENT    0x01
#define CRYPT_SK_USER_VERIFIED   0x04

/** What a token says about a signature, and signs. */
struct crypt_sk_info {
	uint8_t flags;
	uint32_t counter; /* of signatures; if it ever falls there are two tokens with this key */
	ssh_bytes origin; /* webauthn alone: the site that asked; a view into the signature */
};

/**
 * Verify as crypt_key_verify, but tell what the token says in place of demanding presence.
 *
 *   info   set on success; its flags and its counter are for the caller to judge
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if alg is not of this key's type or is no security key's;
 * SSH_ERR_SIGNATURE.
 *
 * Secrets: none.   OpenSSH PROTOCOL.u2f.
 */
enum ssh_err crypt_sk_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                             ssh_bytes data, ssh_bytes blob, struct crypt_sk_info *info);

/** Is this a security key, or a certificate of one? The next four are for those alone. */
bool crypt_key_is_sk(const struct crypt_key *k);
/** The application that the key was made for; lives as long as the key. */
ssh_bytes crypt_sk_application(const struct crypt_key *k);
/** The handle, which the token knows its key by; empty without a private half. */
ssh_bytes crypt_sk_handle(const struct crypt_key *k);
/** The flags that the token wants: CRYPT_SK_USER_PRESENT, CRYPT_SK_USER_VERIFIED. */
uint8_t crypt_sk_flags(const struct crypt_key *k);
/** Append what the token signs for `data`, hashes and all; not for webauthn. Errors stick. */
void crypt_sk_put_signed(struct wire_buf *out, const struct crypt_key *k, ssh_bytes data,
                         const struct crypt_sk_info *info);

/**
 * Append the signature blob around what a token answered; not for webauthn. Errors stick in `out`.
 *
 *   inner   Ed25519: the 64 bytes; ECDSA: mpint r, mpint s
 */
void crypt_sk_put_signature(struct wire_buf *out, const struct crypt_sigalg *alg, ssh_bytes inner,
                            const struct crypt_sk_info *info);

#endif
