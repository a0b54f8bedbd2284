/* SPDX-License-Identifier: MIT */
#include "libwire/bytes.h"

bool wire_secret_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff = 0;
	for (size_t i = 0; i < n; i++)
		diff = (uint8_t)(diff | (x[i] ^ y[i]));
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
