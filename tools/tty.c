/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "tools/tty.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* An answer longer than this is no password and no "yes". */
#define ANSWER_MAX 1024

struct tty_size tty_size_of(int fd)
{
	struct winsize w = {0};
	if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return (struct tty_size){.cols = 80, .rows = 24};
	return (struct tty_size){w.ws_col, w.ws_row, w.ws_xpixel, w.ws_ypixel};
}

bool tty_raw_begin(struct tty_raw *t, int fd)
{
	*t = (struct tty_raw){.fd = fd};
	if (tcgetattr(fd, &t->before) != 0)
		return false;
	struct termios raw = t->before;
	cfmakeraw(&raw);
	t->active = tcsetattr(fd, TCSADRAIN, &raw) == 0;
	return t->active;
}

void tty_raw_end(struct tty_raw *t)
{
	if (t->active)
		(void)tcsetattr(t->fd, TCSADRAIN, &t->before);
	t->active = false;
}

static bool read_line(int fd, struct wire_buf *out)
{
	char c;
	wire_buf_wipe(out);
	while (wire_buf_len(out) < ANSWER_MAX) {
		if (read(fd, &c, 1) != 1)
			return false;
		if (c == '\n' || c == '\r')
			return wire_buf_end(out) == SSH_OK;
		wire_put_u8(out, (uint8_t)c);
	}
	return false;
}

bool tty_ask(const char *question, bool echo, struct wire_buf *out)
{
	struct termios before;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = tcgetattr(fd, &before) == 0;
	if (ok) {
		struct termios quiet = before;
		if (!echo)
			quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
		/* Before the question: whoever answers at once is not to be flushed, nor shown. */
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
		ok = write(fd, question, strlen(question)) >= 0 && read_line(fd, out);
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		if (!echo)
			ok = write(fd, "\n", 1) == 1 && ok;
	}
	close(fd);
	return ok;
}
