/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCHAN_SOCK_FILE_H
#define NACRE_LIBCHAN_SOCK_FILE_H

#include "libchan/sock.h"

/** Bytes that a file takes in by one receive, and gathers before it sends: a full packet. */
#define SOCK_FILE_SIZE ((size_t)32768)

/** When a file sends what is written to it. */
enum sock_buffering {
	SOCK_FULLY,     /* when SOCK_FILE_SIZE bytes have gathered, and on sock_file_flush */
	SOCK_LINES,     /* also up to the last LF of a write */
	SOCK_UNBUFFERED /* at once */
};

/** Kinds of line ends that universal newlines have met: a set. */
enum sock_newline { SOCK_NEWLINE_LF = 1, SOCK_NEWLINE_CR = 2, SOCK_NEWLINE_CRLF = 4 };

/**
 * A channel as a buffered file: lines, and as many bytes as one wants.
 *
 * The caller's struct over a channel, which stays the caller's, too; what the file has taken from it
 * is no longer sock_recv's. A file is for one thread at a time; another file on the same
 * channel, or one that reads and one that writes, are not in each other's way.
 *
 * Waiting follows sock_set_timeout, a receive at a time. SSH_ERR_TIMEOUT loses nothing: what came is kept, and the
 * next call goes on from there.
 */
struct sock_file {
	/* For reading. */
	uint32_t newlines; /* enum sock_newline bits that were met, with `universal` */
	bool ended;        /* nothing more comes */
	/* For changing, before the first read or write. */
	enum sock_buffering buffering;
	bool universal; /* CR and CRLF are read as LF, all over */
	bool stderr_in; /* read the program's standard error, in place of its output */
	bool stderr_out;
	/* private */
	struct sock_channel *ch;
	struct wire_buf in, out;
	bool after_cr; /* the last byte in was a CR: an LF now is part of it */
};

/** Begin: fully buffered, bytes as they are. The channel is borrowed until sock_file_wipe. */
void sock_file_init(struct sock_file *f, struct sock_channel *ch);

/** Zeroise and give back; what was not flushed is lost. Harmless on a zeroed or wiped file. */
void sock_file_wipe(struct sock_file *f);

/**
 * Read at least one byte and at most cap. As sock_recv: *got is 0 with 0 at the end.
 *
 * Returns 0, or an error of sock_recv, or SSH_ERR_NO_MEMORY, with nothing lost.
 *
 * Secrets: the data may be; buffers are wiped.
 */
enum ssh_err sock_file_read_some(struct sock_file *f, void *buf, size_t cap, size_t *got);

/**
 * Read exactly n bytes; fewer only at the end: *got says how many.
 *
 * On an error nothing of what came is taken: it is there for the next call, and *got is 0. So n is
 * bounded by the memory that one wants to spend: at most WIRE_BUF_DEFAULT_MAX, else SSH_ERR_TOO_LONG.
 *
 * Returns as sock_file_read_some.
 */
enum ssh_err sock_file_read(struct sock_file *f, void *buf, size_t n, size_t *got);

/**
 * Read a line, its LF included.
 *
 * A line without LF is the last one, or is longer than the buffer: then the rest comes as
 * the next line. *len is 0 at the end.
 *
 *   line, cap   room for the line and a NUL behind it; cap is 2 at least, or SSH_ERR_ARGUMENT
 *   len         set: bytes of it, without the NUL
 *
 * Returns as sock_file_read_some; on an error the beginning of the line is kept for the next call.
 */
enum ssh_err sock_file_read_line(struct sock_file *f, char *line, size_t cap, size_t *len);

/**
 * Write everything, into the buffer or out of it.
 *
 * Returns 0, or an error of sock_send_all: after SSH_ERR_TIMEOUT all of `data` has been taken, and
 * sock_file_flush sends what is left, so do not write it again; after others the channel is
 * useless. SSH_ERR_NO_MEMORY and SSH_ERR_TOO_LONG (over WIRE_BUF_DEFAULT_MAX unsent), with nothing taken.
 */
enum ssh_err sock_file_write(struct sock_file *f, ssh_bytes data);

/** Send what was written. Returns 0, or an error of sock_send_all; what is unsent stays for the next call. */
enum ssh_err sock_file_flush(struct sock_file *f);

#endif
