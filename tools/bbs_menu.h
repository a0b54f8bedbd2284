/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_BBS_MENU_H
#define NACRE_TOOLS_BBS_MENU_H

#include "tools/bbs_board.h"
#include "tools/bbs_term.h"

/** One caller's visit. */
struct visit {
	struct term term;
	struct board *board;
	struct board_caller *self; /* in the table of callers */
};

/** Serve a caller until they leave: the menu, or the one command that they gave. Returns the exit status. */
uint32_t visit_serve(struct visit *v);

#endif
