/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_CHOOSE_H
#define NACRE_LIBCHAN_SOCK_CHOOSE_H

#include "libchan/sock.h"
#include "libkex/choose.h"
#include "libkex/log.h"

/**
 * Algorithms by name, as OpenSSH spells them: "a,b", "+a", "-a*", "^a" (kex_choose). NULL: leave as
 * it is. All-zero is ready; it must outlive every sock that is made from the configuration.
 */
struct sock_algorithms {
	const char *kex; /* KexAlgorithms */
	/*
	 * HostKeyAlgorithms. A server offers what it has keys for, certificates too; a client with
	 * known_hosts, those of authorities that are known there.
	 */
	const char *host_keys;
	const char *ciphers;
	const char *macs;
	const char *compress; /* "none", "zlib@openssh.com", "zlib" */
	const char *pubkeys;  /* PubkeyAcceptedAlgorithms: signatures of users */
	/* private */
	struct kex_chosen chosen;
};

/**
 * Choose a configuration's algorithms by name, weak ones too; when its host_key or known_hosts are
 * set. To link this links every algorithm.
 *
 *   why   set: "" or, on errors, a sentence that names the list and the algorithm
 *
 * Returns 0; SSH_ERR_UNSUPPORTED for a name that is not known; SSH_ERR_ARGUMENT for a list with
 * nothing left. Lists before that one are chosen.
 *
 * Secrets: none.
 */
enum ssh_err sock_choose(struct sock_config *c, struct sock_algorithms *a, char why[SOCK_WHY_SIZE]);

/** A log of a connection, for the curious: all-zero but for these. */
struct sock_log {
	/** Is given each line, without its newline; on the thread that is at work. Must not call the sock. */
	void (*line)(void *ctx, const char *line);
	void *ctx;
	enum kex_log_level level;
	/* private */
	struct kex_log log;
	struct wire_buf buf;
};

/**
 * Have every message of a configuration's sock told as a line (kex_log_text). It takes the trace
 * hook, and is for one sock; it must outlive that, and be wiped then.
 *
 * Secrets: none are shown.
 */
void sock_log_init(struct sock_log *l, struct sock_config *c);

/** Zeroise and give back. Harmless on a zeroed or wiped log. */
void sock_log_wipe(struct sock_log *l);

#endif
