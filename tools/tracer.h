/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_TRACER_H
#define NACRE_TOOLS_TRACER_H

#include "libkex/keylog.h"
#include "libkex/log.h"

/** What the tools write down about a connection, and where; all-zero: nothing. */
struct tracer {
	const char *log_path;  /* -E: in place of standard error; NULL: standard error */
	const char *json_path; /* TraceFile; NULL: none */
	const char *keys_path; /* KeyLogFile; NULL: what SSHKEYLOGFILE says, if it is set */
	int verbose;           /* -v, as often as it was given */
	/* private */
	struct kex_log text, json;
	struct wire_buf line;
	int json_fd, keys_fd;
	const char *end_of_line; /* of text: raw terminals want a carriage return */
};

/**
 * Open the files, and let what goes to standard error go to the log instead.
 *
 *   config   its hook becomes ours, if there is anything to be written
 *   stderr_fd   set to a descriptor of the standard error that was
 *
 * Returns NULL, or the path that cannot be opened, errno saying why.
 */
const char *tracer_open(struct tracer *t, struct kex_config *config, int *stderr_fd);

/** Free what it holds. Nothing may be traced after this. */
void tracer_wipe(struct tracer *t);

#endif
