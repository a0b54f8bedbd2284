/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/bbs_menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Paging --- */

/* Returns false if the caller has seen enough. `*lines` counts those on the screen. */
static bool page(struct visit *v, uint32_t *lines)
{
	char answer[8];
	if (!v->term.ch->pty || ++*lines + 1 < term_rows(&v->term))
		return !v->term.lost;
	*lines = 0;
	enum term_end end =
	    term_line(&v->term, "-- Enter for more, q to stop -- ", answer, sizeof answer);
	return end == TERM_LINE && answer[0] != 'q';
}

/* One line of a caller's text, on as many lines of the screen as it takes. */
static bool show_wrapped(struct visit *v, ssh_bytes line, uint32_t *lines)
{
	size_t width = term_cols(&v->term) > 8 ? term_cols(&v->term) - 4 : 4;
	do {
		size_t n = 0, step;
		/* Never through the middle of a character. */
		while (n < line.len && (step = term_char(wire_bytes_skip(line, n)),
		                        n + (step == 0 ? 1 : step) <= width))
			n += step == 0 ? 1 : step;
		n = n == 0 && line.len > 0 ? 1 : n;
		term_print(&v->term, "  ");
		term_show(&v->term, wire_bytes(line.ptr, n), SIZE_MAX);
		term_print(&v->term, "\n");
		line = wire_bytes_skip(line, n);
		if (!page(v, lines))
			return false;
	} while (line.len > 0);
	return true;
}

/* --- Commands --- */

static void show_date(struct visit *v, time_t when)
{
	char text[32] = "";
	struct tm tm;
	if (gmtime_r(&when, &tm) != NULL)
		strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	term_print(&v->term, "%-16s  ", text);
}

static void list(struct visit *v)
{
	struct wire_buf all = {0};
	struct board_message m;
	uint32_t number = 0, lines = 0;
	if (board_read(v->board, &all) != 0)
		term_print(&v->term, "The board cannot be read.\n");
	ssh_bytes text = wire_buf_view(&all);
	while (board_next(&text, &m)) {
		term_print(&v->term, "%4u  ", ++number);
		show_date(v, m.when);
		term_show(&v->term, m.author, 12);
		term_print(&v->term, ": ");
		/* 38 columns went before. */
		uint32_t cols = term_cols(&v->term);
		term_show(&v->term, m.subject, cols > 50 ? cols - 39 : 12);
		term_print(&v->term, "\n");
		if (!page(v, &lines))
			break;
	}
	if (number == 0)
		term_print(&v->term, "No messages yet. Be the first: post.\n");
	wire_buf_wipe(&all);
}

static void show_message(struct visit *v, const struct board_message *m)
{
	ssh_bytes line, text = m->text;
	uint32_t lines = 3;
	term_print(&v->term, "From:    ");
	term_show(&v->term, m->author, BOARD_NAME_SIZE);
	term_print(&v->term, "\nDate:    ");
	show_date(v, m->when);
	term_print(&v->term, "\nSubject: ");
	term_show(&v->term, m->subject, BOARD_SUBJECT_SIZE);
	term_print(&v->term, "\n");
	while (board_text_line(&text, &line) && show_wrapped(v, line, &lines))
		continue;
}

static void read_one(struct visit *v, const char *which)
{
	struct wire_buf all = {0};
	struct board_message m;
	unsigned long number = strtoul(which, NULL, 10), at = 0;
	bool found = false;
	(void)board_read(v->board, &all);
	ssh_bytes text = wire_buf_view(&all);
	while (at < number && (found = board_next(&text, &m)))
		at++;
	if (found)
		show_message(v, &m);
	else
		term_print(&v->term, "Which one? read NUMBER; list shows the numbers.\n");
	wire_buf_wipe(&all);
}

/* Lines until a dot or the end of input. Returns false if the caller thought better of it, or was cut off. */
static bool take_text(struct visit *v, char *text, size_t size)
{
	char line[512];
	size_t n = 0;
	enum term_end end;
	term_print(&v->term, "The text; a line with a dot alone ends it, Ctrl-C gives up.\n");
	while ((end = term_line(&v->term, "  ", line, sizeof line)) == TERM_LINE &&
	       strcmp(line, ".") != 0) {
		size_t len = strlen(line);
		if (n + len + 2 > size) {
			term_print(&v->term, "That is as long as a message may be.\n");
			break;
		}
		memcpy(text + n, line, len);
		n += len;
		text[n++] = '\n';
	}
	text[n] = '\0';
	return end != TERM_CANCEL && !v->term.lost && n > 0;
}

static void post(struct visit *v, const char *subject_given)
{
	char subject[BOARD_SUBJECT_SIZE], text[BOARD_TEXT_SIZE];
	snprintf(subject, sizeof subject, "%s", subject_given);
	if (subject[0] == '\0' &&
	    (term_line(&v->term, "Subject: ", subject, sizeof subject) != TERM_LINE ||
	     subject[0] == '\0')) {
		term_print(&v->term, "Nothing posted.\n");
		return;
	}
	if (!take_text(v, text, sizeof text))
		term_print(&v->term, "Nothing posted.\n");
	else if (board_post(v->board, v->self->name, subject, text) != 0)
		term_print(&v->term, "The board is full.\n");
	else
		term_print(&v->term, "Posted.\n");
}

static void who(struct visit *v, const char *rest)
{
	uint32_t lines = 0;
	(void)rest;
	for (size_t i = 0; i < BOARD_CALLERS_MAX; i++) {
		/* A copy: its owner may be at it. */
		struct board_caller c = v->board->callers[i];
		if (!c.here)
			continue;
		c.name[BOARD_NAME_SIZE - 1] = c.from[BOARD_FROM_SIZE - 1] = '\0';
		show_date(v, c.since);
		term_show(&v->term, wire_bytes_str(c.name), BOARD_NAME_SIZE);
		term_print(&v->term, "  from ");
		term_show(&v->term, wire_bytes_str(c.from), BOARD_FROM_SIZE);
		term_print(&v->term, "%s\n", &v->board->callers[i] == v->self ? "  (you)" : "");
		if (!page(v, &lines))
			return;
	}
}

static void list_command(struct visit *v, const char *rest)
{
	(void)rest;
	list(v);
}

static void help(struct visit *v, const char *rest);

static const struct {
	const char *name;
	void (*run)(struct visit *v, const char *rest); /* NULL: leave */
	const char *help;
} commands[] = {
    {"list", list_command, "the messages"},
    {"read", read_one, "NUMBER: one of them"},
    {"post", post, "[SUBJECT]: a new one"},
    {"who", who, "is on line"},
    {"help", help, "this"},
    {"quit", NULL, "hang up (or Ctrl-D)"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void help(struct visit *v, const char *rest)
{
	(void)rest;
	for (size_t i = 0; i < COMMANDS; i++)
		term_print(&v->term, "  %s %s\n", commands[i].name, commands[i].help);
	term_print(&v->term, "The first letter is enough.\n");
}

/* Do one command, by its name or the beginning of it. Returns false for quit. */
static bool obey(struct visit *v, char *line)
{
	line += strspn(line, " ");
	size_t len = strcspn(line, " ");
	char *rest = line + len + strspn(line + len, " ");
	if (len == 0)
		return true;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strncmp(line, commands[i].name, len) != 0)
			continue;
		if (commands[i].run != NULL)
			commands[i].run(v, rest);
		return commands[i].run != NULL;
	}
	help(v, "");
	return true;
}

/* --- The visit --- */

static void welcome(struct visit *v)
{
	static const char shell[] = "        _.-''-._\n"
	                            "      .'  /||\\  '.\n"
	                            "     /  / /||\\ \\  \\\n"
	                            "     '.__\\_\\/_/__.'\n"
	                            "         '.__.'\n";
	if (v->term.ch->pty && term_cols(&v->term) >= 40 && term_rows(&v->term) >= 20)
		term_print(&v->term, "\n%s", shell);
	term_print(&v->term, "\nWelcome to the Nacre bulletin board.\n\n");
}

static bool ask_name(struct visit *v)
{
	char prompt[BOARD_NAME_SIZE + 64], name[BOARD_NAME_SIZE];
	/* The user's name is the policy's, and known to be harmless. */
	snprintf(prompt, sizeof prompt, "What shall we call you? [%s] ", v->self->name);
	enum term_end end = term_line(&v->term, prompt, name, sizeof name);
	if (end == TERM_LINE && name[strspn(name, " ")] != '\0')
		memcpy(v->self->name, name, sizeof name);
	return end != TERM_GONE;
}

static void run_menu(struct visit *v)
{
	char line[256];
	enum term_end end;
	welcome(v);
	if (!ask_name(v))
		return;
	v->self->here = true;
	term_print(&v->term, "\nHello, ");
	term_show(&v->term, wire_bytes_str(v->self->name), BOARD_NAME_SIZE);
	term_print(&v->term, ".\n");
	help(v, "");
	do {
		end =
		    term_line(&v->term, "\nlist, read, post, who, help, quit: ", line, sizeof line);
	} while (end == TERM_CANCEL || (end == TERM_LINE && obey(v, line)));
	term_print(&v->term, "Good-bye.\n");
}

uint32_t visit_serve(struct visit *v)
{
	ssh_bytes command = sock_command(v->term.ch);
	char line[256];
	if (v->term.ch->program == CHAN_REQUEST_SHELL) {
		run_menu(v);
	} else if (command.len < sizeof line && command.len > 0) {
		v->self->here = true;
		memcpy(line, command.ptr, command.len);
		line[command.len] = '\0';
		(void)obey(v, line);
	} else {
		return 1;
	}
	v->self->here = false;
	return v->term.lost ? 1 : 0;
}
