/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The driver of `make fuzz`: libFuzzer has main. Before it reads its corpora, the seeds are written
 * into the folder that the environment variable FUZZ_SEEDS names.
 */

int LLVMFuzzerInitialize(int *argc, char ***argv);

void fuzz_seed(ssh_bytes input)
{
	static unsigned number;
	const char *folder = getenv("FUZZ_SEEDS");
	char path[512];
	snprintf(path, sizeof path, "%s/seed-%03u", folder, number++);
	FILE *f = fopen(path, "wb");
	if (f == NULL || (input.len > 0 && fwrite(input.ptr, 1, input.len, f) != input.len) ||
	    fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (getenv("FUZZ_SEEDS") != NULL)
		fuzz_seeds();
	return 0;
}
