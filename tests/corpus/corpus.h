/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CORPUS_H
#define NACRE_TESTS_CORPUS_H

#include "libchan/conn.h"

/* The negative corpus: cases are data (docs/corpus.md), and this runs them. */

#define CASE_LINES 64

/** How far the victim is when the case strikes. */
enum stage {
	FRESH,    /* nothing has come */
	IDENT,    /* the peer's identification has */
	EXCHANGE, /* and its KEXINIT */
	VALUE,    /* and its value: NEWKEYS is due */
	OPEN,     /* keys are in force */
	USERAUTH, /* the service is accepted */
	AUTH,     /* logged in */
	CHANNEL,  /* a session, numbers 0 and 0 */
	REKEYING  /* logged in, and the peer's second KEXINIT has come */
};

/** A case as it stands in its file; strings are cut out of the file's text. */
struct script {
	const char *id;
	const char *name;
	const char *file;
	bool client, server; /* who is tried */
	enum kex_strict strict;
	enum stage stage;
	const char *kex, *cipher, *mac; /* NULL: any */
	const char *tries;              /* client: its request at USERAUTH; NULL: none */
	const char *expect;
	const char *lines[CASE_LINES]; /* what is done, in order */
	size_t count;
};

/**
 * Take the next case off a text, which is changed.
 *
 * Returns 1, 0 at the end, or -1 with *why set if a line is not understood.
 */
int script_next(char **text, struct script *s, const char **why);

/**
 * Run a case against one side.
 *
 *   got   what happened, in the words of `expect`, at most `size` bytes
 *
 * Returns whether it is what was expected.
 */
bool script_run(const struct script *s, bool server, char *got, size_t size);

#endif
