/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/bbs_term.h"

#include <stdarg.h>
#include <stdio.h>

enum { CTRL_C = 3, CTRL_D = 4, BELL = 7, BACKSPACE = 8, CTRL_U = 21, CTRL_W = 23, ESC = 27 };
#define DELETE 127

/* --- Out --- */

static void put(struct term *t, const char *text, size_t len)
{
	if (!t->lost && sock_send_all(t->ch, wire_bytes(text, len), NULL) != 0)
		t->lost = true;
}

void term_print(struct term *t, const char *format, ...)
{
	char text[2048], line[4096];
	size_t n = 0;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\n' && t->ch->pty)
			line[n++] = '\r';
		line[n++] = *p;
	}
	put(t, line, n);
}

/* Characters that reorder or break the line around them: nobody's text needs them on a board. */
static bool is_format(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t term_char(ssh_bytes text)
{
	static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
	if (text.len == 0)
		return 0;
	uint8_t first = text.ptr[0];
	if (first < 0x80)
		return first >= ' ' && first < DELETE;
	size_t n = first >= 0xf5   ? 0
	           : first >= 0xf0 ? 4
	           : first >= 0xe0 ? 3
	           : first >= 0xc2 ? 2
	                           : 0;
	if (n == 0 || n > text.len)
		return 0;
	uint32_t c = first & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((text.ptr[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text.ptr[i] & 0x3f);
	}
	bool bad = c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || is_format(c);
	return bad ? 0 : n;
}

void term_show(struct term *t, ssh_bytes text, size_t max)
{
	char out[4096], hex[8];
	size_t n = 0;
	while (text.len > 0 && n + 4 < sizeof out) {
		const void *from = text.ptr;
		size_t used = term_char(text), width = used;
		if (used == 0) {
			width = (size_t)snprintf(hex, sizeof hex, "\\x%02x", text.ptr[0]);
			from = hex;
			used = 1;
		}
		if (n + width > max)
			break;
		memcpy(out + n, from, width);
		n += width;
		text = wire_bytes_skip(text, used);
	}
	put(t, out, n);
}

uint32_t term_cols(const struct term *t)
{
	struct sock_terminal now;
	sock_terminal(t->ch, &now);
	return t->ch->pty && now.size.cols != 0 ? now.size.cols : 80;
}

uint32_t term_rows(const struct term *t)
{
	struct sock_terminal now;
	sock_terminal(t->ch, &now);
	return t->ch->pty && now.size.rows != 0 ? now.size.rows : 24;
}

/* --- In --- */

/* The next byte; -1: there will be none. */
static int next_byte(struct term *t)
{
	if (t->at == t->len) {
		t->at = t->len = 0;
		sock_set_timeout(t->ch, TERM_IDLE_MS);
		t->lost = t->lost || sock_recv(t->ch, t->in, sizeof t->in, &t->len) != 0;
		if (t->lost || t->len == 0) {
			t->len = 0;
			return -1;
		}
	}
	return (uint8_t)t->in[t->at++];
}

/* An arrow or function key: ESC [ parameters, ended by a letter or ~. */
static void swallow_escape(struct term *t)
{
	int c = next_byte(t);
	if (c != '[' && c != 'O')
		return;
	while ((c = next_byte(t)) >= 0 && (c < '@' || c > '~'))
		continue;
}

struct line {
	char *out;
	size_t len, size;
};

/* What the terminal shows of the last character goes, one column for each. */
static void erase_char(struct term *t, struct line *l)
{
	if (l->len == 0)
		return;
	do
		l->len--;
	while (l->len > 0 && ((uint8_t)l->out[l->len] & 0xc0) == 0x80);
	if (t->ch->pty)
		put(t, "\b \b", 3);
}

static void erase_word(struct term *t, struct line *l)
{
	while (l->len > 0 && l->out[l->len - 1] == ' ')
		erase_char(t, l);
	while (l->len > 0 && l->out[l->len - 1] != ' ')
		erase_char(t, l);
}

/* A character may be several bytes: the first says how many. */
static void add_char(struct term *t, struct line *l, int c)
{
	uint8_t text[4] = {(uint8_t)c};
	size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1, n = 1;
	while (n < want && (c = next_byte(t)) >= 0)
		text[n++] = (uint8_t)c;
	n = term_char(wire_bytes(text, n));
	if (n == 0 || l->len + n >= l->size) {
		if (t->ch->pty)
			put(t, &(char){BELL}, 1);
		return;
	}
	memcpy(l->out + l->len, text, n);
	l->len += n;
	if (t->ch->pty)
		put(t, (char *)text, n);
}

static void edit(struct term *t, struct line *l, int c)
{
	if (c == BACKSPACE || c == DELETE)
		erase_char(t, l);
	else if (c == CTRL_W)
		erase_word(t, l);
	else if (c == ESC)
		swallow_escape(t);
	else if (c == CTRL_U)
		while (l->len > 0)
			erase_char(t, l);
	else if (c >= ' ')
		add_char(t, l, c);
}

/* Enter is CR from a terminal, LF or CR LF from elsewhere. */
static bool is_enter(struct term *t, int c)
{
	bool second = c == '\n' && t->after_cr;
	t->after_cr = c == '\r';
	return (c == '\r' || c == '\n') && !second;
}

enum term_end term_line(struct term *t, const char *prompt, char *out, size_t size)
{
	struct line l = {out, 0, size};
	int c;
	term_print(t, "%s", prompt);
	while ((c = next_byte(t)) >= 0) {
		bool enter = is_enter(t, c);
		if (enter || c == CTRL_C) {
			out[enter ? l.len : 0] = '\0';
			if (t->ch->pty)
				term_print(t, enter ? "\n" : "^C\n");
			return enter ? TERM_LINE : TERM_CANCEL;
		}
		if (c == CTRL_D && l.len == 0)
			break;
		edit(t, &l, c);
	}
	/* A last line without an end is a line, too. */
	out[l.len] = '\0';
	return l.len > 0 && !t->lost ? TERM_LINE : TERM_GONE;
}
