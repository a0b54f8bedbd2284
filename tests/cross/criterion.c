/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/cross/criterion/criterion.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSED, FAILED, SKIPPED };

static struct criterion_test *tests;
static bool failed; /* an expectation of the test that runs */

void criterion_add(struct criterion_test *t)
{
	t->next = tests;
	tests = t;
}

void criterion_failed(bool assertion, const char *file, int line, const char *what,
                      const char *format, ...)
{
	va_list args;
	fprintf(stderr, "%s:%d: does not hold: %s:", file, line, what);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	failed = true;
	if (assertion)
		_exit(FAILED);
}

void criterion_skip(void)
{
	_exit(SKIPPED);
}

/* What the test's suite has in common; the test itself if that is nothing. */
static const struct criterion_test *suite_of(const struct criterion_test *t)
{
	for (const struct criterion_test *s = tests; s != NULL; s = s->next)
		if (s->name == NULL && strcmp(s->suite, t->suite) == 0)
			return s;
	return t;
}

static void run_here(const struct criterion_test *t)
{
	const struct criterion_test *s = suite_of(t);
	void (*init)(void) = t->init != NULL ? t->init : s->init;
	void (*fini)(void) = t->fini != NULL ? t->fini : s->fini;
	if (init != NULL)
		init();
	t->run();
	if (fini != NULL)
		fini();
}

/* How the test ended: an exit status, or a signal and 128. */
static int run(const struct criterion_test *t)
{
	int status = 0;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		run_here(t);
		_exit(failed ? FAILED : PASSED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* main [PREFIX]: the tests whose "suite/name" begins so. */
int main(int argc, char **argv)
{
	unsigned count[3] = {0};
	char name[256];
	for (const struct criterion_test *t = tests; t != NULL; t = t->next) {
		snprintf(name, sizeof name, "%s/%s", t->suite, t->name == NULL ? "" : t->name);
		if (t->run == NULL || t->disabled ||
		    (argc > 1 && strncmp(name, argv[1], strlen(argv[1])) != 0))
			continue;
		int end = run(t);
		if (end != PASSED && end != SKIPPED)
			fprintf(stderr, "%s: failed (%d)\n", name, end);
		count[end > SKIPPED ? FAILED : end]++;
	}
	/* As Criterion says it, for tests/tally. */
	printf("Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: 0\n",
	       count[PASSED] + count[FAILED], count[PASSED], count[FAILED]);
	return count[FAILED] == 0 && count[PASSED] > 0 ? 0 : 1;
}
