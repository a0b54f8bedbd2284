/* SPDX-License-Identifier: MIT */
#include "tests/corpus/corpus.h"

#include <stdlib.h>

static const char *const stages[] = {"fresh",    "ident", "exchange", "value",    "open",
                                     "userauth", "auth",  "channel",  "rekeying", NULL};
static const char *const stricts[] = {"offer", "require", "off", NULL};
static const char *const wheres[] = {"anywhere", "memory", NULL};
static const char *const trusts[] = {"all", "first", "none", NULL};
static const char *const actions[] = {"message", "forge", "bytes", "raw",     "seq",
                                      "end",     "alone", "go",    "rekey",   "begins",
                                      "hostkey", "guess", "wait",  "packets", NULL};

static int find(const char *const *names, const char *what)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], what) == 0)
			return i;
	return -1;
}

static char *take_line(char **text)
{
	char *line = *text;
	char *end = strchr(line, '\n');
	*text = end == NULL ? line + strlen(line) : end + 1;
	if (end != NULL)
		*end = '\0';
	return line;
}

static char *after_word(char *line)
{
	char *value = line + strcspn(line, " ");
	if (*value == '\0')
		return value;
	*value = '\0';
	return value + 1 + strspn(value + 1, " ");
}

static bool set_number(const char *const *names, const char *value, int *to)
{
	*to = find(names, value);
	return *to >= 0;
}

static bool set_text(struct script *s, const char *key, const char *value)
{
	const struct {
		const char *key;
		const char **to;
	} texts[] = {{"kex", &s->kex},        {"cipher", &s->cipher}, {"mac", &s->mac},
	             {"tries", &s->tries},    {"expect", &s->expect}, {"see", &s->see},
	             {"because", &s->because}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(key, texts[i].key) == 0) {
			*texts[i].to = value;
			return true;
		}
	return false;
}

static bool set(struct script *s, const char *key, const char *value)
{
	int n = 0;
	bool ok = true;
	if (strcmp(key, "victim") == 0) {
		s->client = strcmp(value, "server") != 0;
		s->server = strcmp(value, "client") != 0;
	} else if (strcmp(key, "strict") == 0) {
		ok = set_number(stricts, value, &n);
		s->strict = (enum kex_strict)n;
	} else if (strcmp(key, "stage") == 0) {
		ok = set_number(stages, value, &n);
		s->stage = (enum stage)n;
	} else if (strcmp(key, "trusts") == 0) {
		ok = set_number(trusts, value, &n);
		s->trusts = (enum trust)n;
	} else if (strcmp(key, "where") == 0) {
		ok = set_number(wheres, value, &n);
		s->inside = n == 1;
	} else {
		ok = set_text(s, key, value);
	}
	return ok;
}

struct act script_act(const char *line)
{
	struct act a = {.times = 1, .value = line + strcspn(line, " ")};
	size_t n = strcspn(line, " *");
	if (n < sizeof a.word)
		memcpy(a.word, line, n);
	if (line[n] == '*')
		a.times = strtoul(line + n + 1, NULL, 10);
	a.value += strspn(a.value, " ");
	return a;
}

static bool is_action(const char *line)
{
	return find(actions, script_act(line).word) >= 0;
}

static bool take(struct script *s, char *line)
{
	if (is_action(line)) {
		if (s->count == CASE_LINES)
			return false;
		s->lines[s->count++] = line;
		return true;
	}
	char *value = after_word(line);
	return set(s, line, value);
}

/* Up to the next case. False: a line that means nothing there. */
static bool skip(char **text, const char **holds, const char **why)
{
	while (**text != '\0' && strncmp(*text, "case ", 5) != 0) {
		char *line = take_line(text);
		*why = line;
		if (strncmp(line, "holds ", 6) == 0)
			*holds = line + 6;
		else if (line[0] != '\0' && line[0] != '#')
			return false;
	}
	return true;
}

int script_next(char **text, struct script *s, const char **holds, const char **why)
{
	const char *file = s->file;
	*s = (struct script){.file = file, .client = true, .server = true};
	if (!skip(text, holds, why))
		return -1;
	if (**text == '\0')
		return 0;
	char *head = take_line(text);
	s->id = after_word(head);
	s->name = after_word(head + 5);
	while (**text != '\0' && **text != '\n' && strncmp(*text, "case ", 5) != 0) {
		char *line = take_line(text);
		*why = line;
		if (line[0] != '#' && !take(s, line))
			return -1;
	}
	*why = "neither expect, see nor because";
	return s->expect == NULL && s->see == NULL && s->because == NULL ? -1 : 1;
}
