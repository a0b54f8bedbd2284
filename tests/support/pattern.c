/* SPDX-License-Identifier: MIT */
#include "tests/support/pattern.h"

#include <string.h>

/* The mixing of splitmix64: eight bytes of the stream from their number. */
static uint64_t word(uint64_t number, uint64_t seed)
{
	uint64_t z = (number + 1) * 0x9e3779b97f4a7c15u + seed;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void pattern_fill(uint8_t *out, size_t n, uint64_t at, uint64_t seed)
{
	for (size_t i = 0; i < n;) {
		uint64_t w = word((at + i) / 8, seed);
		unsigned skip = (unsigned)((at + i) % 8);
		size_t take = 8 - skip < n - i ? 8 - skip : n - i;
		memcpy(out + i, (const uint8_t *)&w + skip, take);
		i += take;
	}
}

bool pattern_equal(const uint8_t *in, size_t n, uint64_t at, uint64_t seed, uint64_t *wrong)
{
	uint8_t want[4096];
	for (size_t i = 0; i < n;) {
		size_t take = sizeof want < n - i ? sizeof want : n - i;
		pattern_fill(want, take, at + i, seed);
		for (size_t j = 0; j < take && memcmp(want, in + i, take) != 0; j++)
			if (want[j] != in[i + j]) {
				*wrong = at + i + j;
				return false;
			}
		i += take;
	}
	return true;
}
