/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create, memmem */
#include "tools/bbs_board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A message is one line of the file: time, author, subject and text, with tabs in between; a line
 * of the text ends with the two characters \n. It is appended by a single write, which the system
 * keeps apart from others, so that no locks are needed.
 */

static int open_messages(const char *path)
{
	if (path != NULL)
		return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
#ifdef MFD_CLOEXEC
	int fd = memfd_create("messages", MFD_CLOEXEC);
#else
	char name[] = "/tmp/nacre-bbs.XXXXXX";
	int fd = mkstemp(name);
	if (fd >= 0)
		(void)unlink(name);
#endif
	if (fd >= 0) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, O_RDWR | O_APPEND);
	}
	return fd;
}

int board_open(struct board *b, const char *path)
{
	size_t size = BOARD_CALLERS_MAX * sizeof *b->callers;
	if ((b->fd = open_messages(path)) < 0)
		return errno;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return errno;
	b->callers = shared;
	return 0;
}

int board_read(const struct board *b, struct wire_buf *text)
{
	uint8_t *room;
	ssize_t n = 0;
	off_t at = 0;
	wire_buf_wipe(text);
	while (wire_buf_len(text) < BOARD_SIZE_MAX && (room = wire_buf_room(text, 65536)) != NULL &&
	       (n = pread(b->fd, room, 65536, at)) > 0) {
		wire_buf_took(text, (size_t)n);
		at += n;
	}
	return n < 0 ? errno : wire_buf_end(text) != 0 ? ENOMEM : 0;
}

/* Cut off what stands before `mark`. */
static bool cut(ssh_bytes *text, char mark, ssh_bytes *part)
{
	const uint8_t *end = text->len == 0 ? NULL : memchr(text->ptr, mark, text->len);
	if (end == NULL)
		return false;
	*part = wire_bytes(text->ptr, (size_t)(end - text->ptr));
	*text = wire_bytes_skip(*text, part->len + 1);
	return true;
}

static bool parse(ssh_bytes line, struct board_message *m)
{
	ssh_bytes when;
	char number[24] = "";
	if (!cut(&line, '\t', &when) || when.len >= sizeof number ||
	    !cut(&line, '\t', &m->author) || !cut(&line, '\t', &m->subject))
		return false;
	memcpy(number, when.ptr, when.len);
	m->when = (time_t)strtoll(number, NULL, 10);
	m->text = line;
	return true;
}

bool board_next(ssh_bytes *text, struct board_message *m)
{
	ssh_bytes line;
	while (cut(text, '\n', &line))
		if (parse(line, m))
			return true;
	return false;
}

bool board_text_line(ssh_bytes *text, ssh_bytes *line)
{
	if (text->len == 0)
		return false;
	const uint8_t *end = memmem(text->ptr, text->len, "\\n", 2);
	*line = end == NULL ? *text : wire_bytes(text->ptr, (size_t)(end - text->ptr));
	*text = wire_bytes_skip(*text, line->len + 2);
	return true;
}

int board_post(const struct board *b, const char *author, const char *subject, const char *text)
{
	struct wire_buf line = {0};
	struct stat st;
	char when[24];
	if (fstat(b->fd, &st) != 0)
		return errno;
	if (st.st_size >= (off_t)(BOARD_SIZE_MAX / 2))
		return ENOSPC;
	snprintf(when, sizeof when, "%lld", (long long)time(NULL));
	const char *parts[] = {when, "\t", author, "\t", subject, "\t"};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		wire_put_raw(&line, wire_bytes_str(parts[i]));
	for (const char *p = text; *p != '\0'; p++)
		wire_put_raw(&line, *p == '\n' ? wire_bytes_str("\\n") : wire_bytes(p, 1));
	wire_put_u8(&line, '\n');
	int e = wire_buf_end(&line) != 0 ? ENOMEM : 0;
	ssh_bytes out = wire_buf_view(&line);
	if (e == 0 && write(b->fd, out.ptr, out.len) != (ssize_t)out.len)
		e = errno == 0 ? ENOSPC : errno;
	wire_buf_wipe(&line);
	return e;
}
