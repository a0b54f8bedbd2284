/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_TTY_H
#define NACRE_TOOLS_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "libwire/buf.h"

/** A terminal's size: characters, and pixels if it knows them. */
struct tty_size {
	uint32_t cols, rows, width, height;
};

/** A terminal put into raw mode, and how it was before. */
struct tty_raw {
	int fd;
	bool active;
	struct termios before;
};

/** The size of the terminal on `fd`; 80 by 24 if it does not say. */
struct tty_size tty_size_of(int fd);

/** Put the terminal on `fd` into raw mode. Returns false if it is no terminal. */
bool tty_raw_begin(struct tty_raw *t, int fd);
/** Put it back as it was. Harmless if it never was raw. */
void tty_raw_end(struct tty_raw *t);

/**
 * Ask a question on the terminal of the process (/dev/tty) and read a line.
 *
 *   echo   false for passwords
 *   out    wiped first; the answer without its newline
 *
 * Returns false if there is no terminal or the input ended.
 *
 * Secrets: the answer; the caller wipes `out`.
 */
bool tty_ask(const char *question, bool echo, struct wire_buf *out);

#endif
