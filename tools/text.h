/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_TEXT_H
#define NACRE_TOOLS_TEXT_H

#include <stdio.h>

#include "libwire/bytes.h"

/**
 * Print a peer's text so that it can do the terminal no harm: what is not printable US-ASCII
 * comes out as \xNN. With `lines`, newlines and tabs stay and CR is left out.
 *
 * RFC 4251 section 9.2.
 */
void text_print(FILE *f, ssh_bytes text, bool lines);

#endif
