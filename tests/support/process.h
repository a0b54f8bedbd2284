/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TESTS_PROCESS_H
#define NACRE_TESTS_PROCESS_H

#include <sys/types.h>

#include "libwire/buf.h"

/** How long anything may take, ms: far more than it does, even sanitized on a busy machine. */
#define PROCESS_PATIENCE 60000

/** Words of a command line. */
#define WORDS_MAX        96
struct words {
	const char *word[WORDS_MAX + 1];
	size_t n;
};

/** Append words; end with NULL. Borrowed. Fails the test if there are too many. */
__attribute__((sentinel)) void words_add(struct words *w, ...);

/**
 * A program under test: started with pipes or in a terminal of its own, fed, watched, waited for.
 * A deadline that passes fails the test and shows what the program said.
 *
 *     struct process p = {0};
 *     words_add(&p.argv, "cat", NULL);
 *     process_start(&p);
 *     process_input(&p, wire_bytes_str("hello"));
 *     process_wait(&p);
 *     cr_assert(wire_bytes_is(wire_buf_view(&p.out), "hello"));
 *     process_wipe(&p);
 *
 * When the test ends, process_stop_all ends whatever it has left.
 */
struct process {
	/* Filled in before process_start. */
	struct words argv; /* the first is looked for in PATH */
	struct words env;  /* NAME=VALUE, beside the test's own */
	bool terminal;     /* standard input, output and error are a terminal; else three pipes */
	const char *log;   /* append output and error to this file, and give no input */
	/* Send this many bytes of the pattern as input, and end it; expect them to come back. */
	uint64_t pattern;
	uint64_t seed;
	/* For reading. */
	pid_t pid;           /* 0: not running */
	int status;          /* exit status, or 128 and the signal */
	int fd;              /* our end of the terminal */
	struct wire_buf out; /* standard output, or what the terminal shows */
	struct wire_buf err;
	uint64_t got; /* bytes of the pattern that came back */
	/* private */
	int pipes[3]; /* our ends; -1: closed */
	int pidfd;
	bool ended;
	struct wire_buf in; /* waits to be written */
	bool in_end;        /* and then nothing follows */
	uint64_t sent;      /* of the pattern */
	size_t seen;        /* of `out`, by process_expect */
};

/** Start it. Fails the test if there is no such program. */
void process_start(struct process *p);

/** Give it input, and no more afterwards. Copied. */
void process_input(struct process *p, ssh_bytes data);

/** Type: more may follow, and the terminal stays. */
void process_type(struct process *p, const char *text);

/** Wait until the output shows `text` behind what was expected before. */
void process_expect(struct process *p, const char *text);

/** Wait until it has ended, its output is read and its input written or refused. */
void process_wait(struct process *p);

/** Let all of them go on until they have ended. As process_wait, but at once. */
void process_wait_all(struct process *p, size_t n);

/** Send a signal. */
void process_signal(struct process *p, int number);

/** End it, and wait until it has. Harmless if it has ended by itself. */
void process_stop(struct process *p);

/** Give back memory and descriptors. It is stopped if it runs. */
void process_wipe(struct process *p);

/** The terminal has this size, and the program is told so. */
void process_resize(struct process *p, unsigned short cols, unsigned short rows);

/** NUL-terminated views of the output, for messages and strstr. They live until more comes. */
const char *process_out(struct process *p);
const char *process_err(struct process *p);

/**
 * End every program that the test has started, and what those have left behind. To be called when
 * a test ends, passed or failed: as its .fini.
 */
void process_stop_all(void);

/** Milliseconds of a monotonic clock. */
uint64_t process_now(void);

#endif
