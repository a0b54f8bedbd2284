/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_BBS_BOARD_H
#define NACRE_TOOLS_BBS_BOARD_H

#include <stdint.h>
#include <time.h>

#include "libwire/buf.h"

/** Callers at a time. */
#define BOARD_CALLERS_MAX  64
/** Bytes of a caller's name and of an address, the NUL included. */
#define BOARD_NAME_SIZE    32
#define BOARD_FROM_SIZE    64
/** Bytes of a subject, of a message, the NUL included, and of all messages. */
#define BOARD_SUBJECT_SIZE 73
#define BOARD_TEXT_SIZE    2000
#define BOARD_SIZE_MAX     ((size_t)1 << 20)

/** Who is on line. Callers write it about themselves: escape before display. */
struct board_caller {
	char name[BOARD_NAME_SIZE];
	char from[BOARD_FROM_SIZE];
	time_t since;
	bool here;
};

/**
 * What all callers share, each served by a process of its own: the messages, in a file (or in
 * memory that looks like one), and the table of callers, in memory that survives fork.
 */
struct board {
	struct board_caller *callers; /* BOARD_CALLERS_MAX */
	int fd;
};

/** A message: views into the text of the board. */
struct board_message {
	time_t when;
	ssh_bytes author, subject;
	ssh_bytes text; /* board_text_line takes it apart */
};

/** Open the file `path`, or memory if it is NULL. Returns 0 or an errno value. */
int board_open(struct board *b, const char *path);

/** All messages as they are now; take them apart with board_next. Returns 0 or an errno value. */
int board_read(const struct board *b, struct wire_buf *text);

/** Take the next message off the front of `text`; lines that are none are passed over. False: no more. */
bool board_next(ssh_bytes *text, struct board_message *m);

/** Take the next line off a message's text. False: no more. */
bool board_text_line(ssh_bytes *text, ssh_bytes *line);

/** Post: `text` has lines that end in \n. Returns 0 or an errno value, ENOSPC if the board is full. */
int board_post(const struct board *b, const char *author, const char *subject, const char *text);

#endif
