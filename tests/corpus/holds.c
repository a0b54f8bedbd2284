/* SPDX-License-Identifier: MIT */
#include "tests/corpus/corpus.h"

#include <stdio.h>
#include <stdlib.h>

/* Is everything there that a corpus should hold? And do the tests exist that it refers to? */

bool corpus_see(const char *see)
{
	char path[128], want[128], line[512];
	const char *name = see + strcspn(see, " ");
	const char *slash = strchr(name, '/');
	bool found = false;
	if (*name == '\0' || slash == NULL)
		return false;
	snprintf(path, sizeof path, "%.*s", (int)(name - see), see);
	snprintf(want, sizeof want, "Test(%.*s, %s", (int)(slash - name - 1), name + 1, slash + 1);
	size_t n = strlen(want);
	FILE *f = fopen(path, "r");
	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
		found = strncmp(line, want, n) == 0 && (line[n] == ')' || line[n] == ',');
	if (f != NULL)
		fclose(f);
	return found;
}

static size_t missing_in_range(const char *range, const char *ids)
{
	const char *dash = strchr(range, '-');
	unsigned long first = strtoul(range + 1, NULL, 10);
	unsigned long last = dash == NULL ? first : strtoul(dash + 2, NULL, 10);
	size_t missing = 0;
	for (unsigned long i = first; i <= last; i++) {
		char id[32];
		snprintf(id, sizeof id, " %c%02lu ", range[0], i);
		if (strstr(ids, id) == NULL) {
			printf("missing:%s\n", id);
			missing++;
		}
	}
	return missing;
}

size_t corpus_missing(const char *holds, const char *ids)
{
	size_t missing = 0;
	while (*holds != '\0') {
		char range[32];
		size_t n = strcspn(holds, " ");
		snprintf(range, sizeof range, "%.*s", (int)n, holds);
		missing += missing_in_range(range, ids);
		holds += n + strspn(holds + n, " ");
	}
	return missing;
}
