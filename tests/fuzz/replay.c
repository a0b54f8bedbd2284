/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The driver of `make check-fuzz`, for any compiler:
 *
 *     fuzz_NAME [-runs=N] [-seed=N] [-save=FILE] [FILE | FOLDER]...
 *
 * Runs the target on its seeds and the files, then N times (3000) on inputs made of them by simple
 * changes, but no longer than a second or so. The input that it dies of is left in FILE.
 */

#define POOL_MAX    4096
#define INPUT_MAX   ((size_t)1 << 16)
#define RUNS        3000
/** Processor time after which it is enough. */
#define PATIENCE_MS 700

static struct wire_buf pool[POOL_MAX];
static size_t pool_size;
static uint8_t input[INPUT_MAX];
static volatile size_t input_len;
static const char *save = "fuzz.died";
static uint64_t state = 88172645463325252U;

static uint32_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n == 0 ? 0 : (uint32_t)((state >> 16) % n);
}

void fuzz_seed(ssh_bytes seed)
{
	if (pool_size == POOL_MAX || seed.len > INPUT_MAX)
		return;
	wire_put_raw(&pool[pool_size], seed);
	FUZZ_MUST(wire_buf_end(&pool[pool_size]) == 0);
	pool_size++;
}

/* Leave the input behind and die. */
static void on_death(int number)
{
	size_t n = input_len;
	static const char said[] = "died; the input is in ";
	FILE *f = fopen(save, "wb");
	if (f != NULL && fwrite(input, 1, n, f) == n && fclose(f) == 0 &&
	    write(STDERR_FILENO, said, sizeof said - 1) > 0 &&
	    write(STDERR_FILENO, save, strlen(save)) > 0 && write(STDERR_FILENO, "\n", 1) > 0)
		f = NULL;
	signal(number, SIG_DFL);
	raise(number);
}

/* From memory of the very size, so that what is read behind its end shows. */
static void run(void)
{
	uint8_t *copy = malloc(input_len > 0 ? input_len : 1);
	FUZZ_MUST(copy != NULL);
	memcpy(copy, input, input_len);
	LLVMFuzzerTestOneInput(copy, input_len);
	free(copy);
}

static void load(ssh_bytes from)
{
	if (from.len > 0)
		memcpy(input, from.ptr, from.len);
	input_len = from.len;
}

static void put_in(size_t at, ssh_bytes what)
{
	if (what.len > INPUT_MAX - input_len)
		return;
	memmove(input + at + what.len, input + at, input_len - at);
	memmove(input + at, what.ptr, what.len);
	input_len += what.len;
}

static void take_out(size_t at, size_t n)
{
	n = n < input_len - at ? n : input_len - at;
	memmove(input + at, input + at + n, input_len - at - n);
	input_len -= n;
}

/* A number that lengths and limits are about, over what is there. */
static void put_number(size_t at)
{
	static const uint32_t numbers[] = {0,      1,      0x7f,       0x80,       0xff,      0x100,
	                                   0x7fff, 0x8000, 0x7fffffff, 0x80000000, UINT32_MAX};
	uint8_t b[4];
	wire_store_u32(b, numbers[below(sizeof numbers / sizeof numbers[0])]);
	size_t width = (size_t)1 << below(3);
	if (input_len - at >= width)
		memcpy(input + at, b + 4 - width, width);
}

/* A piece of another input. */
static void put_piece(size_t at)
{
	uint8_t piece[64];
	ssh_bytes other = wire_buf_view(&pool[below(pool_size)]);
	size_t from = below(other.len + 1);
	size_t n = below(sizeof piece + 1);
	n = n < other.len - from ? n : other.len - from;
	if (n == 0)
		return;
	memcpy(piece, other.ptr + from, n);
	put_in(at, wire_bytes(piece, n));
}

static void change(void)
{
	size_t at = below(input_len);
	uint8_t byte = (uint8_t)below(256);
	uint32_t how = below(8);
	if (input_len == 0 || how == 0)
		put_in(at, wire_bytes(&byte, 1));
	else if (how == 1)
		input[at] = byte;
	else if (how == 2)
		input[at] ^= (uint8_t)(1 << below(8));
	else if (how == 3)
		take_out(at, 1 + below(below(32) + 1));
	else if (how == 4)
		put_number(at);
	else if (how == 5)
		put_piece(at);
	else if (how == 6)
		input_len = at;
	else
		input[at] = (uint8_t)(input[at] + below(2) * 2 - 1);
}

static void read_file(const char *path)
{
	struct wire_buf b = {0};
	FILE *f = fopen(path, "rb");
	uint8_t *room = wire_buf_room(&b, INPUT_MAX);
	FUZZ_MUST(f != NULL && room != NULL);
	wire_buf_took(&b, fread(room, 1, INPUT_MAX, f));
	fclose(f);
	fuzz_seed(wire_buf_view(&b));
	wire_buf_wipe(&b);
}

static void read_path(const char *path)
{
	DIR *d = opendir(path);
	char name[1024];
	if (d == NULL) {
		read_file(path);
		return;
	}
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			read_file(name);
	}
	closedir(d);
}

static long elapsed_ms(void)
{
	return (long)(clock() / (CLOCKS_PER_SEC / 1000));
}

int main(int argc, char **argv)
{
	unsigned long runs = RUNS, done = 0;
	fuzz_seeds();
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-runs=", 6) == 0)
			runs = strtoul(argv[i] + 6, NULL, 10);
		else if (strncmp(argv[i], "-seed=", 6) == 0)
			state += strtoull(argv[i] + 6, NULL, 10) * 2862933555777941757U;
		else if (strncmp(argv[i], "-save=", 6) == 0)
			save = argv[i] + 6;
		else
			read_path(argv[i]);
	}
	signal(SIGABRT, on_death);
	signal(SIGSEGV, on_death);
	FUZZ_MUST(pool_size > 0);
	for (size_t i = 0; i < pool_size; i++) {
		load(wire_buf_view(&pool[i]));
		run();
	}
	while (done < runs && elapsed_ms() < PATIENCE_MS) {
		load(wire_buf_view(&pool[below(pool_size)]));
		for (uint32_t n = 1 + below(below(8) + 1); n > 0; n--)
			change();
		run();
		done++;
	}
	printf("%zu seeds, %lu runs\n", pool_size, done);
	for (size_t i = 0; i < pool_size; i++)
		wire_buf_wipe(&pool[i]);
	return 0;
}
