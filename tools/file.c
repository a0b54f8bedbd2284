/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read(const char *path, struct wire_buf *out)
{
	ssize_t n;
	uint8_t *room;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	wire_buf_wipe(out);
	wire_buf_init(out, FILE_SIZE_MAX);
	while ((room = wire_buf_room(out, 4096)) != NULL && (n = read(fd, room, 4096)) > 0)
		wire_buf_took(out, (size_t)n);
	int e = room == NULL ? EFBIG : n < 0 ? errno : 0;
	close(fd);
	return e;
}

int file_write(const char *path, ssh_bytes data, unsigned mode, bool append)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC),
	              (mode_t)mode);
	if (fd < 0)
		return errno;
	int e = 0;
	while (data.len > 0 && e == 0) {
		ssize_t n = write(fd, data.ptr, data.len);
		if (n < 0)
			e = errno;
		else
			data = wire_bytes_skip(data, (size_t)n);
	}
	if (close(fd) != 0 && e == 0)
		e = errno;
	return e;
}

static const char *home(void)
{
	const char *h = getenv("HOME");
	if (h != NULL)
		return h;
	const struct passwd *pw = getpwuid(getuid());
	return pw == NULL ? "/" : pw->pw_dir;
}

void file_expand(const char *path, char *out, size_t size)
{
	if (strncmp(path, "~/", 2) == 0)
		snprintf(out, size, "%s/%s", home(), path + 2);
	else
		snprintf(out, size, "%s", path);
}
