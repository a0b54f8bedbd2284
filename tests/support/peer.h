/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PEER_H
#define NACRE_TESTS_PEER_H

#include "tests/support/process.h"

/*
 * Clients and servers, Nacre's and others', on loopback: nacre-ssh and nacre-sshd take the flags
 * of ssh and sshd, so that one test runs whichever way they are put together. The rest is asked by
 * peer_ask for what all of them can do. libssh, libssh2 and paramiko are libraries: the programs on
 * them are in tests/interop/peers.
 *
 * Everything a test makes is in a folder of its own (peer_path) that is gone when the test ends:
 *
 *     Test(suite, name, .fini = peer_end) { ... }
 *
 * A Nacre that was built with sanitizers and had something to report fails the test then.
 */

enum peer {
	PEER_NACRE,
	PEER_OPENSSH,
	PEER_DROPBEAR,
	PEER_PUTTY, /* a client only */
	PEER_PARAMIKO,
	PEER_LIBSSH,
	PEER_LIBSSH2 /* a client only */
};

/** Its name, for messages. */
const char *peer_name(enum peer kind);

/** A server. */
struct peer_server {
	/* Filled in before peer_server_start. */
	enum peer kind;
	struct words host_keys; /* key files; none: peer_key("host", "ed25519") */
	struct words options;   /* "Key=Value", as behind -o: Nacre and OpenSSH alone */
	const char *password;   /* of peer_user(), or NULL: keys alone */
	const char *rekey;      /* bytes after which it begins a key exchange, or NULL */
	/* For reading. */
	const char *address; /* 127.x.y.z, of this test alone */
	const char *port;
	const char *known_hosts; /* a file with its host keys */
	const char *log;         /* what it says */
	struct process process;
};

/** Format a string that lives until the test ends. */
__attribute__((format(printf, 1, 2))) const char *peer_text(const char *format, ...);

/** The path NAME in the test's folder, absolute. */
const char *peer_path(const char *name);

/** The whole content of a file, for the caller to wipe; fails the test if there is none. */
struct wire_buf peer_bytes(const char *path);
/** The same of a text file: a string that lives until the test ends. */
const char *peer_read(const char *path);
/** Make a file of this text, mode 0600, and return its path. */
const char *peer_write(const char *name, const char *text);

/** The path of a program: build/nacre-ssh, /usr/sbin/sshd. Fails the test if it is not there. */
const char *peer_program(const char *name);

/**
 * The path of a private key that ssh-keygen makes once a test; the public one has .pub behind it.
 *
 *   type   as in ssh-keygen -t, with the bits behind a dash: "ed25519", "ecdsa-384", "rsa-2048"
 */
const char *peer_key(const char *name, const char *type);

/** Let a key log in to the servers of the test; `options` as in authorized_keys(5), or "". */
void peer_authorize(const char *key, const char *options);

/** The user that runs the tests. */
const char *peer_user(void);

/**
 * Can a server of this kind check passwords and hand out terminals? OpenSSH's can only where root
 * runs the tests: it gives a terminal to its user, and asks for a password that is hidden.
 */
bool peer_server_is_whole(enum peer kind);

/** Start a server and wait until it listens. Ended by peer_end at the latest. */
void peer_server_start(struct peer_server *s);

/** Stop it, and fail the test if a sanitizer has spoken. */
void peer_server_stop(struct peer_server *s);

/** Wait until it has logged this. */
void peer_server_expect(struct peer_server *s, const char *text);

/** What it has logged so far; for messages. Lives until the test ends. */
const char *peer_server_log(const struct peer_server *s);

/**
 * Begin a command line: the client of this kind, the server's port and known hosts, and no
 * configuration file. Then words_add options, s->address and the command.
 */
void peer_client(struct process *p, enum peer kind, const struct peer_server *s);

/** As peer_client, with the key peer_key("user", "ed25519") and BatchMode. */
void peer_client_with_key(struct process *p, enum peer kind, const struct peer_server *s);

/**
 * Run a client that was given all its options: `command` on the server, with this input. When it
 * returns, the program has ended; p is the caller's to wipe.
 */
void peer_run(struct process *p, const struct peer_server *s, const char *command,
              const char *input);

/** What a client is asked for. */
struct peer_ask {
	const char *user; /* NULL: peer_user() */
	const char *key;  /* a private key to log in with; if there is none, by password */
	const char *password;
	const char *host_key; /* the one to expect; NULL: the server's first */
	const char *rekey;    /* bytes after which the client begins a key exchange, or NULL */
	bool compress;
	bool verbose;        /* -v: ssh and nacre-ssh */
	unsigned channels;   /* run the command on so many at once; 0: one. Libraries only */
	bool terminal;       /* on a terminal; not for libraries */
	const char *command; /* NULL: a shell; not for libraries */
};

/** Put together a whole command line. The client has all its algorithms switched on. */
void peer_ask(struct process *p, enum peer client, const struct peer_server *s,
              const struct peer_ask *ask);

/** "cipher", "mac", "kex" or "key-sig": all that Nacre has, with commas. */
const char *peer_algorithms(const char *kind);

/** The command line of a server that is neither Nacre's nor OpenSSH's; for peer_server_start. */
void peer_server_command(struct peer_server *s);

/** The exit status, output and errors of a program that has ended, in a few lines for a message. */
const char *peer_outcome(struct process *p);

/** End what was started and remove the test's folder. */
void peer_end(void);

#endif
