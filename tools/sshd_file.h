/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_SSHD_FILE_H
#define NACRE_TOOLS_SSHD_FILE_H

#include "libwire/buf.h"

/** Permission bits that a file of secrets must not have, and one that decides who may log in. */
#define SSHD_PRIVATE  077U
#define SSHD_OURS     022U
#define SSHD_ANYBODYS 0U

/**
 * Read a file that the server's security rests on.
 *
 *   forbidden   one of the above; if not 0, the file must belong to us or to root, too, and for
 *               SSHD_OURS nobody else may be able to replace it in its directory
 *   out         wiped first; wiped by the caller if the file is secret
 *
 * Returns NULL, or why it could not or must not be read. Static.
 */
const char *sshd_file_read(const char *path, unsigned forbidden, struct wire_buf *out);

/** The home directory: HOME, or what the system says. Static. */
const char *sshd_home(void);
/** The name of the user that runs this process. Static. */
const char *sshd_user(void);

/**
 * Write out a path of the configuration: "~/" and "%h" are the home directory, "%u" the user, "%%" a
 * percent sign; what is not absolute is in the home directory.
 */
void sshd_path(const char *path, size_t len, char *out, size_t size);

#endif
