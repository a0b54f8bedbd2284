/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_FILE_H
#define NACRE_TOOLS_FILE_H

#include <stdbool.h>

#include "libwire/buf.h"

/** The largest file that the tools read: keys and lists are far smaller. */
#define FILE_SIZE_MAX ((size_t)8 << 20)

/**
 * Read a whole file.
 *
 *   out   wiped first; zeroised by the caller if the file is secret
 *
 * Returns 0, or an errno value.
 */
int file_read(const char *path, struct wire_buf *out);

/**
 * Write a file anew with the given permission bits, or append to it.
 * Returns 0, or an errno value.
 */
int file_write(const char *path, ssh_bytes data, unsigned mode, bool append);

/** `path` with a leading "~/" replaced by the home directory; in a static-size buffer `out`. */
void file_expand(const char *path, char *out, size_t size);

#endif
