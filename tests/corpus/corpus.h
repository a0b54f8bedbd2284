/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_CORPUS_H
#define NACRE_TESTS_CORPUS_H

#include "libchan/conn.h"
#include "libkex/choose.h"

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

/** Which host keys the victim's owner accepts. */
enum trust { TRUST_ALL, TRUST_FIRST, TRUST_NONE };

/** A case as it stands in its file; strings are cut out of the file's text. */
struct script {
	const char *id;
	const char *name;
	const char *file;
	bool client, server; /* who is tried */
	bool inside;         /* in memory only: it takes our own victim's owner */
	enum kex_strict strict;
	enum stage stage;
	enum trust trusts;
	const char *kex, *cipher, *mac; /* NULL: any */
	const char *tries;              /* client: its request at USERAUTH; NULL: none */
	const char *expect;
	const char *lines[CASE_LINES]; /* what is done, in order */
	size_t count;
	/* In place of `expect`: */
	const char *see;     /* a test in C that does it: FILE SUITE/NAME */
	const char *because; /* why nothing does */
};

/**
 * Take the next case off a text, which is changed.
 *
 *   holds   set to the numbers of a line `holds`, if one is passed
 *
 * Returns 1, 0 at the end, or -1 with *why set if a line is not understood.
 */
int script_next(char **text, struct script *s, const char **holds, const char **why);

/** Something that is done: "message*100 IGNORE data=x". */
struct act {
	char word[16];
	unsigned long times;
	const char *value;
};

/** Take a line apart. */
struct act script_act(const char *line);

/**
 * Run a case against one side.
 *
 *   got   what happened, in the words of `expect`, at most `size` bytes
 *
 * Returns whether it is what was expected.
 */
bool script_run(const struct script *s, bool server, char *got, size_t size);

/** What the other side of a socket is, and how to get there. */
struct remote_target {
	const char *host; /* a server listens there, on `port`; */
	const char *port;
	const char *command;         /* or this begins a client: "%p" is the port to connect to */
	const char *user;            /* to log in to the server, */
	const struct crypt_key *key; /* and with what; NULL: nothing */
	int silence_ms;              /* it has nothing to say if it has been silent for so long */
	int patience_ms;             /* and so long it may take to do what is expected */
	bool reasons;                /* the reason of a goodbye has to be the expected one */
};

/** Can this case be tried on that? */
bool script_in_reach(const struct script *s, const struct remote_target *t);

/** The same on a program that is not ours to look into. */
bool script_run_remote(const struct script *s, const struct remote_target *t, char *got,
                       size_t size);

/** Does the test that `see` names exist? */
bool corpus_see(const char *see);

/** The numbers of "R01-R48 W40" of which `ids`, with a blank before and behind each, has none. */
size_t corpus_missing(const char *holds, const char *ids);

/* --- What both forms have in common --- */

/** Let the peer say a line of text. False if it does not parse. */
bool corpus_say(struct kex *peer, const char *line);
/** The bytes of "bytes" and "raw" lines are appended. False if they do not parse. */
bool corpus_bytes(const struct act *a, struct wire_buf *out);
/** Spoil the peer's next packet: "padding_length=3". */
bool corpus_forge(struct kex *peer, const char *what);
/** Let the peer begin an exchange with a wrong guess. */
bool corpus_guess(struct kex *peer);
/** The algorithms that the case names, for both directions. */
bool corpus_choose(const struct script *script, struct kex_chosen *chosen, struct kex_config *c);
/** Append a message's name to what was said. */
void corpus_note(char *said, size_t size, const char *name);
/** A message's name; that of 60 is USERAUTH_60, whichever it is. */
const char *corpus_name(uint8_t number, struct wire_context c);
/** What the numbers 30 to 34 mean in a case. */
struct wire_context corpus_context(const struct script *s);
/** Lines that lead from OPEN up to a stage, as the peer of a server or a client says them. */
extern const char *const corpus_to_server[3];
extern const char *const corpus_to_client[3];

#endif
