/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_OPTIONS_H
#define NACRE_TOOLS_SSHD_OPTIONS_H

#include "tools/algs.h"
#include "tools/sshd_log.h"
#include "tools/tracer.h"

/** How many of each repeatable option a command line may hold. */
#define SSHD_LIST_MAX 16
/** Without -p: an unprivileged process may not have port 22. */
#define SSHD_PORT     "2022"

/** A subsystem and the command that runs it. */
struct sshd_subsystem {
	const char *name;
	const char *command;
};

/** What nacre-sshd was asked to do. Strings point into argv. */
struct sshd_options {
	enum sshd_level level;
	const char *ports[SSHD_LIST_MAX + 1];
	const char *addresses[SSHD_LIST_MAX + 1];
	const char *host_certs[SSHD_LIST_MAX + 1];
	const char *host_keys[SSHD_LIST_MAX + 1];  /* none: the one in the home directory */
	const char *accept_env[SSHD_LIST_MAX + 1]; /* lists of patterns */
	struct sshd_subsystem subsystems[SSHD_LIST_MAX + 1];
	const char *authorized_keys; /* a list of files, or "none" */
	const char *password_file;   /* NULL: no passwords */
	const char *questions;       /* a file for keyboard-interactive; NULL: none */
	const char *revoked_keys;    /* a list or lines; NULL: none */
	const char *trusted_ca;      /* a file of authorities; NULL: none */
	const char *principals;      /* a file of names; NULL: the user's alone */
	const char *chains;          /* AuthenticationMethods; NULL: any will do */
	const char *banner;          /* a file; NULL: none */
	const char *force_command;   /* NULL: none */
	bool password_auth;
	bool pubkey_auth;
	bool interactive_auth;
	bool host_auth;
	bool host_by_name;      /* the client's address need not be that of the host it names */
	const char *host_known; /* a file of hosts that vouch for their users */
	const char *host_users; /* a file of these users */
	bool strict_modes;      /* files that others may write to are not believed */
	bool permit_tty;
	bool debug;        /* one connection, in the foreground */
	bool inetd;        /* one connection, on standard input and output */
	bool test;         /* look at the configuration and go */
	uint64_t grace_ms; /* to log in; UINT64_MAX: any */
	uint32_t max_tries;
	uint32_t max_sessions;
	uint32_t max_startups; /* connections that have not logged in */
	struct tracer tracer;
	struct kex_config kex;
	struct kex_chosen chosen;
	struct wire_buf moduli; /* the text of ModuliFile */
};

/** The methods that are offered: bits of enum auth_method. */
uint32_t sshd_options_methods(const struct sshd_options *o);

/**
 * Parse the command line.
 *
 * Returns 0 to go on; or the exit status, plus one, after having printed help, the version, or what is wrong.
 */
int sshd_options_parse(struct sshd_options *o, int argc, char **argv);

/** Free what the options hold; after sshd_options_parse, whatever it returned. */
void sshd_options_wipe(struct sshd_options *o);

#endif
