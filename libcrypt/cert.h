/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_CERT_H
#define NACRE_LIBCRYPT_CERT_H

#include "libcrypt/key.h"

/*
 * Certificates of SSH: a public key, names, a span of time and options, signed by an authority
 * (CA). OpenSSH PROTOCOL.certkeys, draft-ietf-sshm-cert; either spelling of the type names.
 *
 * A certificate is also a key type: crypt_key_parse_public with crypt_cert_keyalgs gives a key that
 * verifies as the certified one does, crypt_cert_attach makes a private key sign as one. That alone
 * says nothing about the authority: crypt_cert_check does, and who takes a certificate calls it.
 */

/** A certificate travels in a packet, of which RFC 4253 section 6.1 promises 35000 bytes. */
#define CRYPT_CERT_MAX            65536
/** As many principals as OpenSSH takes. */
#define CRYPT_CERT_PRINCIPALS_MAX 256
/** Options in either list; a dozen are defined. */
#define CRYPT_CERT_OPTIONS_MAX    64
/** draft-ietf-sshm-cert section 2.1.1: at least 16 bytes; OpenSSH and we make 32. */
#define CRYPT_CERT_NONCE_SIZE     32
/** `valid_before` of a certificate that does not expire. */
#define CRYPT_CERT_FOREVER        UINT64_MAX

/** What a certificate is for. Other numbers are not assigned. */
enum crypt_cert_role { CRYPT_CERT_USER = 1, CRYPT_CERT_HOST = 2 };

/** The fields of a certificate: views into its blob, or what is to be signed. */
struct crypt_cert {
	const struct crypt_keyalg *alg; /* the type; alg->plain is that of the certified key */
	ssh_bytes nonce;
	ssh_bytes key;          /* the certified key: its public blob but for the name */
	uint64_t serial;        /* 0: not numbered */
	uint32_t role;          /* enum crypt_cert_role */
	ssh_bytes id;           /* for people and logs */
	ssh_bytes principals;   /* names it is good for: strings, see crypt_cert_next_principal */
	uint64_t valid_after;   /* seconds since 1970 */
	uint64_t valid_before;  /* the first second when it is not valid any more */
	ssh_bytes options;      /* critical: see crypt_cert_next_option */
	ssh_bytes extensions;   /* in the same form */
	ssh_bytes reserved;     /* to be ignored */
	ssh_bytes authority;    /* public blob of the key that signed */
	ssh_bytes signature;    /* its signature blob */
	ssh_bytes signed_bytes; /* what it signed */
};

extern const struct crypt_keyalg crypt_cert_ed25519; /* "ssh-ed25519-cert-v01@openssh.com" */
extern const struct crypt_keyalg crypt_cert_ecdsa_nistp256;
extern const struct crypt_keyalg crypt_cert_ecdsa_nistp384;
extern const struct crypt_keyalg crypt_cert_ecdsa_nistp521;
extern const struct crypt_keyalg crypt_cert_rsa;
extern const struct crypt_keyalg crypt_cert_sk_ed25519;
extern const struct crypt_keyalg crypt_cert_sk_ecdsa_nistp256;
extern const struct crypt_keyalg crypt_insecure_cert_dsa;
extern const struct crypt_keyalg crypt_cert_ietf_ed25519; /* "ssh-ed25519-cert" */
extern const struct crypt_keyalg crypt_cert_ietf_ed448;
extern const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp256;
extern const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp384;
extern const struct crypt_keyalg crypt_cert_ietf_ecdsa_nistp521;
extern const struct crypt_keyalg crypt_cert_ietf_rsa;
extern const struct crypt_keyalg crypt_insecure_cert_ietf_dsa;

/* Their signatures: "rsa-sha2-512-cert-v01@openssh.com" is signed as "rsa-sha2-512" and says so. */
extern const struct crypt_sigalg crypt_cert_sig_ed25519;
extern const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp384;
extern const struct crypt_sigalg crypt_cert_sig_ecdsa_nistp521;
extern const struct crypt_sigalg crypt_cert_sig_sk_ed25519;
extern const struct crypt_sigalg crypt_cert_sig_sk_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_cert_sig_webauthn_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_cert_sig_rsa_sha2_512;
extern const struct crypt_sigalg crypt_cert_sig_rsa_sha2_256;
extern const struct crypt_sigalg crypt_cert_sig_ietf_ed25519;
extern const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp256;
extern const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp384;
extern const struct crypt_sigalg crypt_cert_sig_ietf_ecdsa_nistp521;
extern const struct crypt_sigalg crypt_cert_sig_ietf_ed448;
extern const struct crypt_sigalg crypt_cert_sig_ietf_rsa_sha2_512;
extern const struct crypt_sigalg crypt_cert_sig_ietf_rsa_sha2_256;
extern const struct crypt_sigalg crypt_insecure_cert_sig_rsa_sha1;
extern const struct crypt_sigalg crypt_insecure_cert_sig_dsa;
extern const struct crypt_sigalg crypt_insecure_cert_sig_ietf_rsa_sha1;
extern const struct crypt_sigalg crypt_insecure_cert_sig_ietf_dsa;

/** Every certificate type, NULL at the end. */
extern const struct crypt_keyalg *const crypt_cert_keyalgs[];
/** What signs as a certificate, best first, the weak last, NULL at the end. In no default offer. */
extern const struct crypt_sigalg *const crypt_cert_sigalgs[];
/** Certificates and then crypt_sigalgs, without what is weak: for those who check certificates. */
extern const struct crypt_sigalg *const crypt_sigalgs_with_certs[];
/** The same, and then crypt_sigalgs_legacy's and crypt_cert_sigalgs' weak ones. */
extern const struct crypt_sigalg *const crypt_sigalgs_with_certs_legacy[];

/**
 * Take a certificate apart.
 *
 *   c      set on success, to views into blob
 *   algs   the types to take, NULL at the end: crypt_cert_keyalgs, or fewer
 *
 * Returns 0; SSH_ERR_UNSUPPORTED if no type has that name; SSH_ERR_TRUNCATED, SSH_ERR_TRAILING,
 * SSH_ERR_MPINT if it does not parse; SSH_ERR_KEY if the certified key is none; SSH_ERR_TOO_LONG
 * over CRYPT_CERT_MAX; SSH_ERR_NO_MEMORY. Nothing is verified: see crypt_cert_check.
 *
 * Secrets: none.   OpenSSH PROTOCOL.certkeys, draft-ietf-sshm-cert section 2.1.
 */
enum ssh_err crypt_cert_parse(struct crypt_cert *c, const struct crypt_keyalg *const *algs,
                              ssh_bytes blob);

/** Take the next name off a list of principals. False at the end, and if it does not parse. */
bool crypt_cert_next_principal(ssh_bytes *list, ssh_bytes *name);
/** Take the next option off a list of them. False at the end, and if it does not parse. */
bool crypt_cert_next_option(ssh_bytes *list, ssh_bytes *name, ssh_bytes *data);
/** Find an option by name; `data` is set if it is there. */
bool crypt_cert_option(ssh_bytes list, const char *name, ssh_bytes *data);
/** The text inside an option's data: a string, alone there. False if it is not of that form. */
bool crypt_cert_option_text(ssh_bytes data, ssh_bytes *text);
/** Append the public blob of the certified key, name included. Errors stick in `out`. */
void crypt_cert_put_key(struct wire_buf *out, const struct crypt_cert *c);

/** What a certificate must be good for. All-zero trusts nothing. */
struct crypt_cert_policy {
	enum crypt_cert_role role;
	uint64_t now;                 /* seconds since 1970 */
	ssh_bytes principal;          /* the user, or the host in lower case: one of the names */
	const ssh_bytes *authorities; /* public blobs of the keys that may sign */
	size_t authorities_count;
	const struct crypt_sigalg *const *sigalgs; /* which they may use: crypt_sigalgs */
	ssh_bytes source; /* the peer's address as text; empty: not known */
	/* Critical options that the caller will see to, NULL at the end; source-address is our task.
	   "force-command", "verify-required". NULL: none. */
	const char *const *options;
};

/**
 * Is the certificate good, and for this?
 *
 * It is if one of the authorities signed it, and not with a certificate of its own; its role and
 * the time are right; the principal is named (a host's may name none and stands for any, a user's
 * may not); lists are in order, without a name twice; and every critical option is understood.
 *
 *   why   set to a sentence without a full stop, that says what is wrong; "" on success
 *
 * Returns 0; SSH_ERR_MALFORMED or SSH_ERR_TOO_LONG if a list is not in form; SSH_ERR_NOT_FOUND if
 * no authority of ours signed it; SSH_ERR_UNSUPPORTED for another signature algorithm, or an
 * option that nobody sees to; SSH_ERR_SIGNATURE; SSH_ERR_CERT for another role, time, principal or
 * source.
 *
 * Secrets: none.   draft-ietf-sshm-cert section 3.1, OpenSSH PROTOCOL.certkeys.
 */
enum ssh_err crypt_cert_check(const struct crypt_cert *c, const struct crypt_cert_policy *p,
                              const char **why);

/**
 * Is the address in a list of addresses and ranges, as source-address has it?
 *
 *   list      "192.0.2.0/24,2001:db8::/32,::1": no names, no spaces, no bits behind the prefix
 *   address   "192.0.2.7"; an IPv4 address written as IPv6 is taken for what it is
 *
 * Returns 0; SSH_ERR_CERT if it is not there; SSH_ERR_MALFORMED if either does not parse, wherever
 * in the list that is.
 *
 * Secrets: none.   OpenSSH PROTOCOL.certkeys.
 */
enum ssh_err crypt_cert_source(ssh_bytes list, ssh_bytes address);

/** Who signs certificates. */
struct crypt_cert_authority {
	const struct crypt_key *key;    /* with its private half; no certificate */
	const struct crypt_sigalg *alg; /* one of key->alg->sigs */
	const struct crypt_rng *rng;
};

/**
 * Issue a certificate for the public half of `subject`, and append it.
 *
 *   fields   alg, serial, role, id, principals, times, options, extensions; nonce if it is not to
 *            be drawn. key, authority, signature, signed_bytes are not looked at.
 *
 * Returns 0; SSH_ERR_ARGUMENT if fields->alg is no certificate type for the subject or the authority
 * is a certificate; SSH_ERR_KEY and others as crypt_key_sign has them. Nothing is appended on error.
 *
 * Secrets: the authority's key.   OpenSSH PROTOCOL.certkeys, draft-ietf-sshm-cert section 2.1.
 */
enum ssh_err crypt_cert_issue(struct wire_buf *out, const struct crypt_cert *fields,
                              const struct crypt_key *subject,
                              const struct crypt_cert_authority *by);
/** Append a name to a list of principals. */
void crypt_cert_put_principal(struct wire_buf *list, const char *name);
/** Append an option; names must come in order. `text` is put as a string; NULL: no data. */
void crypt_cert_put_option(struct wire_buf *list, const char *name, const char *text);

/**
 * Make a key, which is not a certificate's, that of its certificate: what it writes is then the
 * certificate, and it signs under the certificate's names.
 *
 * Returns 0; what crypt_cert_parse does; SSH_ERR_KEY if that certifies another key. The key is as
 * it was on error.
 *
 * Secrets: k.
 */
enum ssh_err crypt_cert_attach(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                               ssh_bytes blob);

#endif
