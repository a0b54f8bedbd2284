/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_KEYGEN_H
#define NACRE_TOOLS_KEYGEN_H

#include "libauth/keyfile.h"
#include "libcrypt/cert.h"

/*
 * The parts of nacre-keygen: a source for each thing that it does. All of them return the exit
 * status, which is ssh-keygen's: 0; 1 for a question answered with no (a host that is not there, a
 * key that is revoked) and for a command line that is wrong; 255 if it could not be done.
 */

#define KEYGEN_NO          1
#define KEYGEN_FAILED      255

/** As many -O as one command line may have. */
#define KEYGEN_OPTIONS_MAX 64
/** Longer than any path. */
#define KEYGEN_PATH_SIZE   4096

/** The command line. NULL: not given. */
struct keygen_options {
	const char *type, *file, *comment;
	const char *old_passphrase, *new_passphrase;
	const char *digest;    /* -E: "sha256" or "md5" */
	const char *format;    /* -m */
	const char *cipher;    /* -Z */
	const char *authority; /* -s: a key; of -Y verify the signature */
	const char *id, *names, *validity, *serial;
	const char *host;    /* of -F and -R */
	const char *action;  /* of -Y and -M */
	const char *revoked; /* -r */
	const char *options[KEYGEN_OPTIONS_MAX + 1];
	size_t bits;
	uint32_t rounds;
	bool for_host, update, list, hashed, quiet, verbose;
	char **files; /* what stands behind the options */
	size_t count;
};

/* --- What it does --- */

int keygen_make(const struct keygen_options *o);
int keygen_host_keys(const struct keygen_options *o);
int keygen_change_passphrase(const struct keygen_options *o);
int keygen_change_comment(const struct keygen_options *o);
int keygen_show_public(const struct keygen_options *o);
int keygen_show_fingerprints(const struct keygen_options *o);
int keygen_show_certificates(const struct keygen_options *o);
int keygen_certify(const struct keygen_options *o);
int keygen_revoke(const struct keygen_options *o);
int keygen_ask_revoked(const struct keygen_options *o);
int keygen_sign(const struct keygen_options *o);
int keygen_verify(const struct keygen_options *o);
int keygen_find_host(const struct keygen_options *o);
int keygen_remove_host(const struct keygen_options *o);
int keygen_hash_hosts(const struct keygen_options *o);
int keygen_import(const struct keygen_options *o);
int keygen_export(const struct keygen_options *o);
int keygen_moduli(const struct keygen_options *o);

/* --- What the parts share --- */

/** Say what went wrong with what, and what to do about it. Returns KEYGEN_FAILED. */
int keygen_fail(const char *what, const char *why);

/** The path that -f names; without it, the default for this kind of file, which must be there. */
const char *keygen_path(const struct keygen_options *o, char path[KEYGEN_PATH_SIZE]);

/** Read a file; "-" is standard input. Complains. The caller wipes `out`. */
bool keygen_read(const char *path, struct wire_buf *out);
/** Write a file by way of a temporary one beside it, so that there is never half of it. Complains. */
bool keygen_write(const char *path, ssh_bytes text, unsigned mode);
/** If there is such a file, may it be overwritten? Asks. */
bool keygen_may_write(const char *path);

/** Read a line of an answer: from the terminal, or, without one, from standard input. */
bool keygen_ask(const char *question, bool echo, struct wire_buf *answer);
/** A passphrase for a new file: `given`, or asked for twice. False: complained. */
bool keygen_new_passphrase(const char *given, struct wire_buf *out);

/**
 * Load a private key, and ask for its passphrase if there is one and -P is none. Complains. The
 * caller wipes.
 */
bool keygen_load(const struct keygen_options *o, const char *path, struct crypt_key *k,
                 struct wire_buf *comment);

/** The form to save a private key in: that of -m, or ssh-keygen's own. NULL: complained. */
const struct auth_keyform *keygen_form(const struct keygen_options *o, const struct crypt_key *k);

/**
 * The next public key of a text: of a line of a .pub, authorized_keys or known_hosts file.
 * False at the end. Bufs are set anew.
 */
bool keygen_next_public(ssh_bytes *text, struct wire_buf *blob, struct wire_buf *comment);
/**
 * Read the first public key of a file, or the public half of a private one, for which the passphrase
 * may be asked for. Complains.
 */
bool keygen_read_public(const struct keygen_options *o, const char *path, struct wire_buf *blob,
                        struct wire_buf *comment);
/** Parse a public key or certificate of any type. */
enum ssh_err keygen_parse(struct crypt_key *k, ssh_bytes blob);

/** Append a public key blob; of a certificate, that of the key in it. */
bool keygen_put_plain(struct wire_buf *out, ssh_bytes blob);
/** The fingerprint by -E, of a certificate that of its key; with -v behind it a picture. */
const char *keygen_fingerprint(const struct keygen_options *o, ssh_bytes blob, char out[64]);
void keygen_print_picture(const struct keygen_options *o, const struct crypt_key *k,
                          ssh_bytes blob);

/** Seconds since 1970 of a time of day, which may be one of the local clock. */
bool keygen_time(ssh_bytes text, uint64_t *seconds);
/** "2030-01-02T03:04:05", of the local clock. */
void keygen_put_time(uint64_t seconds, char out[32]);

#endif
