/* SPDX-License-Identifier: MIT */
#include "tests/support/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* More than any test keeps at a time; beyond it the numbers would lie, so the program ends. */
#define BLOCKS_MAX 65536

struct block {
	void *at;
	size_t size;
};

static struct {
	bool on;
	bool failed;
	bool wipes;
	size_t unwiped;
	size_t count;
	size_t fail_at;
	size_t live;
	size_t peak;
	size_t blocks;
	struct block block[BLOCKS_MAX];
} watch;

/* The names that ld's --wrap gives: the wrappers, and what they stand in front of. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *at);

void alloc_start(void)
{
	watch.on = true;
	watch.failed = false;
	watch.wipes = false;
	watch.unwiped = 0;
	watch.count = 0;
	watch.fail_at = 0;
	watch.live = 0;
	watch.peak = 0;
	watch.blocks = 0;
}

void alloc_stop(void)
{
	watch.on = false;
}

void alloc_fail_at(size_t n)
{
	watch.fail_at = n;
}

bool alloc_failed(void)
{
	return watch.failed;
}

size_t alloc_count(void)
{
	return watch.count;
}

size_t alloc_live_bytes(void)
{
	return watch.live;
}

size_t alloc_peak_bytes(void)
{
	return watch.peak;
}

void alloc_watch_wipes(void)
{
	watch.wipes = true;
}

size_t alloc_unwiped(void)
{
	return watch.unwiped;
}

/* Count an allocation; may it go on? */
static bool allowed(void)
{
	if (!watch.on)
		return true;
	watch.count++;
	if (watch.count != watch.fail_at)
		return true;
	watch.failed = true;
	return false;
}

static void *enter(void *at, size_t size)
{
	if (!watch.on || at == NULL)
		return at;
	if (watch.blocks == BLOCKS_MAX)
		abort();
	watch.block[watch.blocks++] = (struct block){at, size};
	watch.live += size;
	if (watch.live > watch.peak)
		watch.peak = watch.live;
	return at;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

/* Young blocks die first, so look from the end. Returns the block's size, 0 if it is not ours. */
static size_t leave(void *at)
{
	size_t i = watch.blocks;
	while (i > 0 && watch.block[i - 1].at != at)
		i--;
	if (i == 0)
		return 0;
	size_t size = watch.block[i - 1].size;
	if (watch.wipes && !all_zero(at, size))
		watch.unwiped++;
	watch.live -= size;
	watch.block[i - 1] = watch.block[--watch.blocks];
	return size;
}

void *__wrap_malloc(size_t size)
{
	if (!allowed())
		return NULL;
	void *at = enter(__real_malloc(size), size);
	if (watch.on && watch.wipes && at != NULL)
		memset(at, 0, size);
	return at;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return allowed() ? enter(__real_calloc(n, size), n * size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	if (!allowed())
		return NULL;
	size_t old_size = leave(old);
	void *at = __real_realloc(old, size);
	if (at == NULL && size != 0 && old_size != 0)
		enter(old, old_size);
	return enter(at, size);
}

void __wrap_free(void *at)
{
	leave(at);
	__real_free(at);
}
