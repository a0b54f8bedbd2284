/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "tests/corpus/corpus.h"

/*
 * corpus [-v] [-c ID] FILE...: run the cases of these files against our own engines, in memory. Says
 * what went otherwise than expected, and a line of counts for each file.
 */

struct counts {
	size_t cases, runs, failed;
};

struct options {
	bool verbose;
	const char *only;
};

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	if (f != NULL && fseek(f, 0, SEEK_END) == 0) {
		long n = ftell(f);
		rewind(f);
		text = n < 0 ? NULL : calloc(1, (size_t)n + 1);
		if (text != NULL && fread(text, 1, (size_t)n, f) != (size_t)n) {
			free(text);
			text = NULL;
		}
	}
	if (f != NULL)
		fclose(f);
	return text;
}

static void run_side(const struct script *s, bool server, const struct options *o, struct counts *c)
{
	char got[1024] = "";
	bool ok = script_run(s, server, got, sizeof got);
	c->runs++;
	c->failed += !ok;
	if (!ok || o->verbose)
		printf("%s %s %s, %s: %s%s%s\n", ok ? "as expected:" : "not so:", s->id, s->name,
		       server ? "server" : "client", got, ok ? "" : "; expected ",
		       ok ? "" : s->expect);
}

static bool run_file(const char *path, const struct options *o, struct counts *sum)
{
	struct counts c = {0, 0, 0};
	struct script s = {.file = path};
	const char *why = "";
	int more = 0;
	char *text = read_file(path), *rest = text;
	while (text != NULL && (more = script_next(&rest, &s, &why)) > 0) {
		if (o->only != NULL && strcmp(o->only, s.id) != 0)
			continue;
		c.cases++;
		if (s.client)
			run_side(&s, false, o, &c);
		if (s.server)
			run_side(&s, true, o, &c);
	}
	if (text == NULL || more < 0)
		printf("not ok %s: %s\n", path, text == NULL ? "cannot be read" : why);
	else
		printf("%s %s: %zu cases, %zu runs, %zu not as expected\n",
		       c.failed == 0 ? "ok" : "not ok", path, c.cases, c.runs, c.failed);
	free(text);
	sum->cases += c.cases;
	sum->runs += c.runs;
	sum->failed += c.failed;
	return text != NULL && more == 0;
}

int main(int argc, char **argv)
{
	struct options o = {.verbose = false};
	struct counts sum = {0, 0, 0};
	bool ok = argc > 1;
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		o.verbose = o.verbose || strcmp(argv[i], "-v") == 0;
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			o.only = argv[++i];
	}
	for (; i < argc; i++)
		ok = run_file(argv[i], &o, &sum) && ok;
	printf("corpus: %zu cases, %zu runs, %zu not as expected\n", sum.cases, sum.runs,
	       sum.failed);
	return ok && sum.failed == 0 && sum.runs > 0 ? 0 : 1;
}
