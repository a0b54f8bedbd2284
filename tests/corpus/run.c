/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "tests/corpus/corpus.h"

/* The command line; docs/corpus.md. Says what went otherwise than expected, and counts. */

#define WORKERS_MAX 64
#define PATIENCE_MS 10000
#define IDS_MAX     16384

struct counts {
	size_t cases, runs, failed, known, elsewhere, nowhere;
};

struct corpus {
	bool verbose;
	const char *only;
	struct remote_target target; /* neither host nor command: in memory */
	bool remote;
	size_t workers;
	char *known; /* text of a file: what is known to go otherwise; NULL: nothing */
	struct crypt_key key;
	/* While it runs. */
	size_t worker; /* this one */
	size_t next;   /* number of the next run */
	struct counts sum;
	char ids[IDS_MAX];
	char holds[1024];
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

/* --- Cases --- */

/* Is there a line of this number and name? */
static bool is_known(const struct corpus *c, const struct script *s)
{
	char line[256];
	int n = snprintf(line, sizeof line, "%s %s\n", s->id, s->name);
	const char *at = c->known;
	while (at != NULL && strncmp(at, line, (size_t)n) != 0) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	return at != NULL;
}

static void run_side(const struct script *s, bool server, struct corpus *c, struct counts *n)
{
	char got[1024] = "";
	if (c->next++ % c->workers != c->worker)
		return;
	bool known = is_known(c, s);
	c->target.patience_ms = known ? 0 : PATIENCE_MS;
	bool ok = c->remote ? script_run_remote(s, &c->target, got, sizeof got)
	                    : script_run(s, server, got, sizeof got);
	known = known && !ok;
	n->runs++;
	n->known += known;
	n->failed += !ok && !known;
	if ((!ok && !known) || c->verbose)
		printf("%s %s %s, %s: %s%s%s\n",
		       ok      ? "as expected:"
		       : known ? "as known:"
		               : "not so:",
		       s->id, s->name, server ? "server" : "client", got, ok ? "" : "; expected ",
		       ok ? "" : s->expect);
}

/* A case that is done in another place, or nowhere. */
static void refer(const struct script *s, const struct corpus *c, struct counts *n)
{
	bool ok = s->see == NULL || corpus_see(s->see);
	n->elsewhere += s->see != NULL;
	n->nowhere += s->see == NULL;
	n->failed += !ok;
	if (!ok || c->verbose)
		printf("%s %s %s: %s\n",
		       ok ? s->see != NULL ? "elsewhere:" : "nowhere:" : "no such test:", s->id,
		       s->name, s->see != NULL ? s->see : s->because);
}

static void remember(struct corpus *c, const char *id)
{
	size_t used = strlen(c->ids), n = 1 + strspn(id + 1, "0123456789");
	snprintf(c->ids + used, sizeof c->ids - used, "%s%.*s ", used == 0 ? " " : "", (int)n, id);
}

static void run_case(const struct script *s, struct corpus *c, struct counts *n)
{
	remember(c, s->id);
	if (c->only != NULL && strcmp(c->only, s->id) != 0)
		return;
	if (s->expect == NULL) {
		if (!c->remote)
			refer(s, c, n);
		return;
	}
	if (c->remote && !script_in_reach(s, &c->target))
		return;
	n->cases++;
	if (s->client && (!c->remote || c->target.command != NULL))
		run_side(s, false, c, n);
	if (s->server && c->target.command == NULL)
		run_side(s, true, c, n);
}

static bool run_file(const char *path, struct corpus *c)
{
	struct counts n = {.cases = 0};
	struct script s = {.file = path};
	const char *why = "", *holds = "";
	int more = 0;
	char *text = read_file(path), *rest = text;
	while (text != NULL && (more = script_next(&rest, &s, &holds, &why)) > 0)
		run_case(&s, c, &n);
	if (text == NULL || more < 0)
		printf("not ok %s: %s\n", path, text == NULL ? "cannot be read" : why);
	else if (!c->remote)
		printf(
		    "%s %s: %zu cases, %zu runs, %zu elsewhere, %zu nowhere, %zu not as expected\n",
		    n.failed == 0 ? "ok" : "not ok", path, n.cases, n.runs, n.elsewhere, n.nowhere,
		    n.failed);
	size_t used = strlen(c->holds);
	snprintf(c->holds + used, sizeof c->holds - used, "%s%s", holds,
	         holds[0] == '\0' ? "" : " ");
	free(text);
	c->sum.cases += n.cases;
	c->sum.runs += n.runs;
	c->sum.failed += n.failed;
	c->sum.known += n.known;
	c->sum.elsewhere += n.elsewhere;
	c->sum.nowhere += n.nowhere;
	return text != NULL && more == 0;
}

static bool run_files(struct corpus *c, char *const *paths)
{
	bool ok = true;
	for (; *paths != NULL; paths++)
		ok = run_file(*paths, c) && ok;
	return ok;
}

/* --- Several at a time --- */

/* What waits for a peer's silence needs no processor: processes that share their counts. */
static bool run_workers(struct corpus *c, char *const *paths)
{
	struct counts *shared = mmap(NULL, sizeof *shared * WORKERS_MAX, PROT_READ | PROT_WRITE,
	                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	bool ok = shared != MAP_FAILED;
	fflush(stdout);
	for (size_t i = 0; ok && i < c->workers; i++)
		if (fork() == 0) {
			c->worker = i;
			ok = run_files(c, paths);
			shared[i] = c->sum;
			exit(ok ? 0 : 1);
		}
	while (wait(&status) > 0)
		ok = ok && status == 0;
	for (size_t i = 0; ok && i < c->workers; i++) {
		c->sum.cases = shared[i].cases; /* all count the same */
		c->sum.runs += shared[i].runs;
		c->sum.failed += shared[i].failed;
		c->sum.known += shared[i].known;
	}
	return ok;
}

/* --- The command line --- */

static bool read_key(struct corpus *c, const char *path)
{
	char *text = read_file(path);
	bool ok = text != NULL &&
	          auth_keyfile_parse(&c->key, NULL, crypt_keyalgs, wire_bytes_str(text)) == 0;
	if (!ok)
		fprintf(stderr, "corpus: %s is no private key\n", path);
	free(text);
	c->target.key = &c->key;
	return ok;
}

static bool set(struct corpus *c, int option, const char *value)
{
	struct remote_target *t = &c->target;
	bool ok = option != '?';
	switch (option) {
	case 'c':
		c->only = value;
		break;
	case 'h':
		t->host = value;
		break;
	case 'i':
		ok = read_key(c, value);
		break;
	case 'j':
		c->workers = strtoul(value, NULL, 10);
		break;
	case 'k':
		c->known = read_file(value);
		ok = c->known != NULL;
		break;
	case 'l':
		t->user = value;
		break;
	case 'p':
		t->port = value;
		break;
	case 'r':
		t->reasons = true;
		break;
	case 't':
		t->silence_ms = (int)strtol(value, NULL, 10);
		break;
	case 'v':
		c->verbose = true;
		break;
	case 'x':
		t->command = value;
		break;
	default:
		break;
	}
	return ok;
}

static int run(struct corpus *c, char *const *paths)
{
	size_t missing = 0;
	c->remote = c->target.host != NULL || c->target.command != NULL;
	bool ok = c->remote ? run_workers(c, paths) : run_files(c, paths);
	if (!c->remote && c->only == NULL)
		missing = corpus_missing(c->holds, c->ids);
	printf("corpus: %zu cases, %zu runs, %zu known to go otherwise, %zu not as expected\n",
	       c->sum.cases, c->sum.runs, c->sum.known, c->sum.failed);
	if (!c->remote)
		printf("corpus: %zu more in C tests, %zu in none, %zu missing\n", c->sum.elsewhere,
		       c->sum.nowhere, missing);
	size_t all = c->sum.runs + c->sum.elsewhere + c->sum.nowhere;
	return ok && c->sum.failed == 0 && missing == 0 && all > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static struct corpus c = {.target = {.port = "22", .user = "nemo", .silence_ms = 250},
	                          .workers = 1};
	int option;
	bool ok = true;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (ok && (option = getopt(argc, argv, "c:h:i:j:k:l:p:rt:vx:")) != -1)
		ok = set(&c, option, optarg);
	if (!ok || optind == argc || c.workers < 1 || c.workers > WORKERS_MAX) {
		fprintf(stderr,
		        "usage: corpus [-rv] [-c id] [-h host] [-i key] [-j workers] [-k known]\n"
		        "              [-l user] [-p port] [-t ms] [-x command] file.case ...\n");
		return 2;
	}
	int status = run(&c, argv + optind);
	crypt_key_wipe(&c.key);
	free(c.known);
	return status;
}
