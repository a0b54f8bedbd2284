/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_ANSWERS_H
#define NACRE_TESTS_ANSWERS_H

#include "tests/support/process.h"

/** Have a client answered by a program, with these lines one after the other, then with nothing. */
void answers_give(struct process *p, const char *lines);

#endif
