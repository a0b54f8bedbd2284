/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_KNOWN_HOSTS_H
#define NACRE_LIBAUTH_KNOWN_HOSTS_H

#include "libauth/pubfile.h"
#include "libcrypt/key.h"
#include "libcrypt/rng.h"

/** The port whose hosts are written without it. RFC 4253 section 4.1. */
#define AUTH_PORT_DEFAULT 22

/** What known_hosts says of a host and a key; the stronger word comes later. */
enum auth_known {
	AUTH_KNOWN_NOTHING, /* no key of this host */
	AUTH_KNOWN_CHANGED, /* another key */
	AUTH_KNOWN_MATCH,   /* this very key */
	AUTH_KNOWN_REVOKED  /* this very key, and it must not be accepted */
};

/** The result of a look-up. */
struct auth_known_result {
	enum auth_known known;
	size_t line;    /* the line that says so, counted from 1; 0: none */
	bool same_type; /* CHANGED: some other key is of the same type */
};

/** Markers at the front of a line. */
enum auth_known_marker {
	AUTH_MARKER_NONE,
	AUTH_MARKER_REVOKED,        /* @revoked */
	AUTH_MARKER_CERT_AUTHORITY, /* @cert-authority */
	AUTH_MARKER_UNKNOWN         /* any other: the line means nothing to us */
};

/** A line: views into it. */
struct auth_known_line {
	enum auth_known_marker marker;
	ssh_bytes hosts; /* patterns with commas, or "|1|salt|hash" */
	struct auth_publine key;
};

/**
 * Split one line.
 *
 * Returns 0; SSH_ERR_NOT_FOUND for a blank line or a comment; SSH_ERR_FILE_FORMAT otherwise.
 */
enum ssh_err auth_known_line_parse(struct auth_known_line *l, ssh_bytes line);

/**
 * Do the line's patterns match a host? Patterns know `*`, `?` and `!`; a match of a negated one
 * decides against the line. Hashed names match by HMAC-SHA1. Case does not matter.
 *
 *   name   as auth_known_name_put writes it
 */
bool auth_known_line_matches(const struct auth_known_line *l, ssh_bytes name);

/** Append a host's name as the files have it: in lower case; "[name]:port" unless port is 22. Errors stick. */
void auth_known_name_put(struct wire_buf *out, ssh_bytes host, uint16_t port);

/**
 * Look a host's key up in the text of a known_hosts file.
 *
 *   text   the file; several may be put behind each other
 *   name   as auth_known_name_put writes it
 *   blob   the key that the host has shown
 *
 * Revoked beats match beats changed, wherever the lines stand. Lines that do not parse are passed
 * over, as are those of certificate authorities: see auth_known_check_cert.
 *
 * Returns 0 with `r` set, or SSH_ERR_NO_MEMORY, and then the key must not be accepted.
 *
 * Secrets: none.   OpenSSH sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 */
enum ssh_err auth_known_find(ssh_bytes text, ssh_bytes name, ssh_bytes blob,
                             struct auth_known_result *r);

/** A host, as a certificate has to name it. */
struct auth_known_host {
	ssh_bytes name;      /* as auth_known_name_put writes it, for the lines */
	ssh_bytes principal; /* in lower case, without a port */
	uint64_t now;        /* seconds since 1970 */
};

/**
 * Is a host's certificate good, by the authorities that a known_hosts file has for it?
 *
 *   text   as for auth_known_find; lines with @cert-authority and @revoked count
 *   blob   the certificate that the host has shown; its signature on the exchange is verified
 *   line   set to the line that decided, counted from 1; 0: none
 *   why    set to what is wrong, a clause for people; "" on success
 *
 * Returns 0; SSH_ERR_NOT_FOUND if no authority of this host's signed it; SSH_ERR_REVOKED if it, its
 * key or its authority is revoked; SSH_ERR_NO_MEMORY; what crypt_cert_parse and crypt_cert_check
 * return. Unless it is 0 the certificate must not be accepted.
 *
 * Secrets: none.   OpenSSH sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; PROTOCOL.certkeys.
 */
enum ssh_err auth_known_check_cert(ssh_bytes text, const struct auth_known_host *host,
                                   ssh_bytes blob, size_t *line, const char **why);

/**
 * Put the host key algorithms in the order in which to ask a host for them.
 *
 * First come those of which the file has a key of this host, or for certificates an authority, then
 * the others; certificates without an authority are left out, since nobody could say yes to them.
 * Within each part the order of the offer stays.
 *
 *   out   `max` of them, the NULL at the end included
 *
 * Returns how many there are.
 *
 * Secrets: none.
 */
size_t auth_known_order(ssh_bytes text, ssh_bytes name, const struct crypt_sigalg *const *offer,
                        const struct crypt_sigalg **out, size_t max);

/**
 * Append a line for a host, with LF.
 *
 *   name   as auth_known_name_put writes it
 *   rng    for the salt of a hashed line; NULL: a plain line
 *
 * Returns 0, SSH_ERR_ARGUMENT for a name that no plain line can hold, SSH_ERR_RANDOM,
 * SSH_ERR_NO_MEMORY. On error nothing is appended.
 */
enum ssh_err auth_known_put(struct wire_buf *out, ssh_bytes name, ssh_bytes blob,
                            const struct crypt_rng *rng);

#endif
