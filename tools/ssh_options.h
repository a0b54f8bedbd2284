/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSH_OPTIONS_H
#define NACRE_TOOLS_SSH_OPTIONS_H

#include "tools/algs.h"
#include "tools/tracer.h"

/** How many -i and -o SetEnv a command line may hold. */
#define SSH_LIST_MAX 32
/** How many options a command line may set. */
#define SSH_SET_MAX  64

/** StrictHostKeyChecking. */
enum host_key_policy {
	HOST_KEY_ASK, /* ask about unknown ones, refuse changed ones */
	HOST_KEY_YES, /* refuse unknown and changed ones */
	HOST_KEY_ACCEPT_NEW,
	HOST_KEY_NO /* accept unknown ones; changed ones with a warning */
};

/** Whether a pty is asked for. */
enum tty_policy { TTY_AUTO, TTY_YES, TTY_FORCE, TTY_NO };

/** What nacre-ssh was asked to do. Strings point into argv. */
struct ssh_options {
	const char *host;
	const char *user; /* NULL: the local user's name */
	const char *port;
	const char *identities[SSH_LIST_MAX + 1];
	const char *certificates[SSH_LIST_MAX + 1];
	const char *env[SSH_LIST_MAX + 1]; /* NAME=VALUE */
	const char *preferred;             /* methods, the first to be tried first */
	const char *devices;               /* of keyboard-interactive; NULL: as the server likes */
	const char *known_hosts;
	enum host_key_policy host_key_policy;
	enum tty_policy tty;
	bool quiet;
	bool batch; /* ask nothing */
	bool update_host_keys;
	bool hash_known; /* write hashed names to known_hosts */
	char host_sigs;  /* how HostKeyAlgorithms begins: '+', '-', '^', or a name; 0: not set */
	bool password_auth;
	bool pubkey_auth;
	bool interactive_auth;
	bool host_auth;
	const char *vouch_keys[SSH_LIST_MAX + 1]; /* this host's, for hostbased; none: the usual */
	const char *vouch_host;                   /* its name; NULL: what the system says */
	int family;                               /* of addresses: AF_UNSPEC, AF_INET, AF_INET6 */
	const char *set[SSH_SET_MAX + 1]; /* options that are set: the first of each counts */
	bool no_stdin;
	bool subsystem; /* the command names a subsystem */
	bool no_command;
	uint64_t grace_ms;   /* to connect and log in */
	char command[32768]; /* empty: a shell */
	struct tracer tracer;
	struct kex_config kex;
	struct kex_chosen chosen;
};

/**
 * Parse the command line.
 *
 * Returns 0 to go on; or the exit status, plus one, after having printed help, the answer to -Q or -V,
 * or what is wrong.
 */
int ssh_options_parse(struct ssh_options *o, int argc, char **argv);

#endif
