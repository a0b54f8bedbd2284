/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KRL_H
#define NACRE_LIBCRYPT_KRL_H

#include "libcrypt/cert.h"

/*
 * Key revocation lists: keys, by themselves or by their hashes, and certificates, by their serial
 * numbers or their ids, that must not be accepted any more. OpenSSH PROTOCOL.krl.
 *
 * A list is read where it lies, and looked through from its beginning for every key: megabytes take
 * a millisecond or two.
 */

/** A list: views into its text. */
struct crypt_krl {
	uint64_t version;   /* higher in every later list */
	uint64_t generated; /* seconds since 1970 */
	ssh_bytes comment;
	ssh_bytes sections; /* all of them, as they stand there */
};

/** What an item of a list revokes. */
enum crypt_krl_kind {
	CRYPT_KRL_KEY,     /* the key of this public blob */
	CRYPT_KRL_SHA1,    /* the key of whose public blob this is the hash */
	CRYPT_KRL_SHA256,  /* likewise */
	CRYPT_KRL_SERIALS, /* certificates with serial numbers from `first` to `last` */
	CRYPT_KRL_ID       /* certificates with this id */
};

/** An item of a list. */
struct crypt_krl_item {
	enum crypt_krl_kind kind;
	ssh_bytes text; /* blob, hash or id */
	uint64_t first, last;
	ssh_bytes authority; /* of certificates: by whom, a public blob; empty: by anybody */
};

/** A walk through a list. */
struct crypt_krl_walk {
	enum ssh_err err; /* why it ended: 0 if there is no more */
	/* private */
	ssh_bytes sections, certs, data;
	ssh_bytes authority;
	ssh_bytes bitmap;
	uint64_t offset;
	size_t bit;
	uint8_t type;
};

/**
 * Take a list apart, and look whether all of it is in form.
 *
 *   k      set on success
 *   text   borrowed for the life of *k
 *
 * Returns 0; SSH_ERR_FILE_FORMAT if it is no such list; SSH_ERR_UNSUPPORTED for another version of
 * the format, a section of unknown type, a signature, or an extension that is critical: what it
 * would revoke is not known; SSH_ERR_FILE_DAMAGED if it does not parse. Whoever is refused a list
 * accepts no key.
 *
 * Secrets: none.   OpenSSH PROTOCOL.krl.
 */
enum ssh_err crypt_krl_parse(struct crypt_krl *k, ssh_bytes text);

/** Start at the first item. */
void crypt_krl_walk_init(struct crypt_krl_walk *w, const struct crypt_krl *k);
/** The next item; views live as long as the list. False at the end, and after an error. */
bool crypt_krl_next(struct crypt_krl_walk *w, struct crypt_krl_item *item);

/**
 * Is a key revoked?
 *
 *   blob   public blob: of a key or of a certificate, which is revoked if its key is, or the key of
 *          the authority that issued it
 *
 * Returns 0 if it is not; SSH_ERR_REVOKED if it is; the errors of crypt_krl_parse and
 * crypt_cert_parse if that cannot be told.
 *
 * Secrets: none.
 */
enum ssh_err crypt_krl_check(const struct crypt_krl *k, ssh_bytes blob);

/*
 * Writing a list.
 */

/** What is to be revoked. All-zero is empty and may be wiped. */
struct crypt_krl_set {
	/* private */
	struct wire_buf keys, sha1, sha256, serials, ids, certs;
};

/** Add a key by its public blob, or by a hash of it. Errors stick, for crypt_krl_put. */
void crypt_krl_add_key(struct crypt_krl_set *s, ssh_bytes blob);
void crypt_krl_add_sha1(struct crypt_krl_set *s, ssh_bytes blob);
void crypt_krl_add_sha256(struct crypt_krl_set *s, ssh_bytes blob);
/** Add a key of which the SHA-256 alone is known: 32 bytes. */
void crypt_krl_add_digest(struct crypt_krl_set *s, const uint8_t *digest);

/**
 * Add a certificate, for the authority that issued it: by its serial number, or by its id if it
 * has none.
 *
 * Returns 0; SSH_ERR_ARGUMENT if it has neither; what crypt_cert_parse does.
 */
enum ssh_err crypt_krl_add_cert(struct crypt_krl_set *s, ssh_bytes blob);

/** Add certificates of the authority given to crypt_krl_put. False if `first` is 0 or over `last`. */
bool crypt_krl_add_serials(struct crypt_krl_set *s, uint64_t first, uint64_t last);
void crypt_krl_add_id(struct crypt_krl_set *s, ssh_bytes id);

/**
 * Append a list.
 *
 *   head        version, time, comment; its sections are those of an older list, which are kept
 *   authority   the public blob of the key that issued what is added by serial number or id; empty:
 *               any authority
 *
 * Serial numbers are written as single ones, ranges or bits, whichever is shortest.
 *
 * Returns 0, SSH_ERR_NO_MEMORY, SSH_ERR_TOO_LONG. On error nothing is appended.
 */
enum ssh_err crypt_krl_put(struct wire_buf *out, const struct crypt_krl *head,
                           const struct crypt_krl_set *s, ssh_bytes authority);

/** Give back the memory. */
void crypt_krl_set_wipe(struct crypt_krl_set *s);

#endif
