/* SPDX-License-Identifier: MIT */
#include "libwire/bytes.h"

/* The compiler must not know what the differences so far are, or it might stop at the first. */
static size_t hidden(size_t diff)
{
	__asm__ volatile("" : "+r"(diff));
	return diff;
}

/* By words: byte by byte, a tag of 64 bytes takes as long to compare as a short packet to encrypt. */
bool wire_secret_equal(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	size_t diff = 0, i = 0;
	for (; n - i >= sizeof diff; i += sizeof diff) {
		size_t v, w;
		memcpy(&v, x + i, sizeof v);
		memcpy(&w, y + i, sizeof w);
		diff = hidden(diff | (v ^ w));
	}
	for (; i < n; i++)
		diff = hidden(diff | (size_t)(x[i] ^ y[i]));
	return diff == 0;
}

void wire_wipe(void *p, size_t n)
{
	if (n == 0)
		return;
	memset(p, 0, n);
	/* The compiler must assume that this reads *p, so the memset stays. */
	__asm__ volatile("" : : "r"(p) : "memory");
}
