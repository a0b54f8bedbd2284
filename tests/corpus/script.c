/* SPDX-License-Identifier: MIT */
#include "tests/corpus/corpus.h"

#include <stdlib.h>

static const char *const stages[] = {"fresh",    "ident", "exchange", "value",    "open",
                                     "userauth", "auth",  "channel",  "rekeying", NULL};
static const char *const stricts[] = {"offer", "require", "off", NULL};
static const char *const actions[] = {"message", "forge", "bytes", "raw", "seq", "end", NULL};

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

static bool set(struct script *s, const char *key, char *value)
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
	} else if (strcmp(key, "kex") == 0)
		s->kex = value;
	else if (strcmp(key, "cipher") == 0)
		s->cipher = value;
	else if (strcmp(key, "mac") == 0)
		s->mac = value;
	else if (strcmp(key, "tries") == 0)
		s->tries = value;
	else if (strcmp(key, "expect") == 0)
		s->expect = value;
	else
		ok = false;
	return ok;
}

/* "message*100 LINE" is an action, too. */
static bool is_action(const char *line)
{
	char word[16] = "";
	size_t n = strcspn(line, " *");
	if (n < sizeof word)
		memcpy(word, line, n);
	return find(actions, word) >= 0;
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

int script_next(char **text, struct script *s, const char **why)
{
	const char *file = s->file;
	*s = (struct script){.file = file, .client = true, .server = true};
	while (**text != '\0' && strncmp(*text, "case ", 5) != 0) {
		char *line = take_line(text);
		*why = line;
		if (line[0] != '\0' && line[0] != '#')
			return -1;
	}
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
	*why = "no expect";
	return s->expect == NULL ? -1 : 1;
}
