/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "tools/sshd_file.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/file.h"

static bool foreign(const struct stat *st)
{
	return st->st_uid != getuid() && st->st_uid != 0;
}

/* In a directory with the sticky bit nobody can replace a file of ours. */
static bool replaceable(const char *path)
{
	char dir[PATH_MAX];
	struct stat st;
	const char *slash = strrchr(path, '/');
	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	         slash == NULL ? "." : path);
	if (stat(dir, &st) != 0)
		return true;
	return foreign(&st) || ((st.st_mode & SSHD_OURS) != 0 && (st.st_mode & S_ISVTX) == 0);
}

const char *sshd_file_read(const char *path, unsigned forbidden, struct wire_buf *out)
{
	struct stat st;
	if (forbidden != 0 && stat(path, &st) == 0) {
		if (foreign(&st))
			return "it belongs to another user";
		if ((st.st_mode & forbidden) != 0)
			return forbidden == SSHD_PRIVATE ? "others may read it (chmod 600)"
			                                 : "others may write to it (chmod go-w)";
		if (forbidden == SSHD_OURS && replaceable(path))
			return "others may write to its directory (chmod go-w)";
	}
	int e = file_read(path, out);
	return e == 0 ? NULL : strerror(e);
}

const char *sshd_home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw = home != NULL && home[0] == '/' ? NULL : getpwuid(getuid());
	if (pw != NULL)
		return pw->pw_dir;
	return home != NULL && home[0] == '/' ? home : "/";
}

const char *sshd_user(void)
{
	const struct passwd *pw = getpwuid(getuid());
	return pw == NULL ? "" : pw->pw_name;
}

void sshd_path(const char *path, size_t len, char *out, size_t size)
{
	size_t n = 0, i = 0;
	bool absolute = len > 0 && path[0] == '/';
	bool home = len > 1 && (strncmp(path, "~/", 2) == 0 || strncmp(path, "%h", 2) == 0);
	if (!absolute)
		n = (size_t)snprintf(out, size, "%s%s", sshd_home(), home ? "" : "/");
	if (home)
		i = path[0] == '~' ? 1 : 2;
	for (; i < len && n + 1 < size; i++) {
		char next = path[i] == '%' && i + 1 < len ? path[i + 1] : '\0';
		if (next == 'u')
			n += (size_t)snprintf(out + n, size - n, "%s", sshd_user());
		else
			out[n++] = path[i];
		if (next == 'u' || next == '%')
			i++;
	}
	out[n < size ? n : size - 1] = '\0';
}
