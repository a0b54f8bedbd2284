/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_KEM_IMPL_H
#define NACRE_LIBCRYPT_KEM_IMPL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Choices that depend on secrets are made with masks: all ones for yes, zero for no. Right shifts of
 * negative numbers are arithmetic and conversions wrap, as gcc and clang define it.
 */

/* The same number, of which the compiler no longer knows anything: it cannot make a branch of it. */
static inline uint32_t crypt_hide(uint32_t x)
{
	__asm__("" : "+r"(x));
	return x;
}

/* Is x other than zero? */
static inline uint32_t crypt_mask_nonzero(uint32_t x)
{
	x = crypt_hide(x);
	return crypt_hide(0 - ((x | (0 - x)) >> 31));
}

/* Do the bytes differ? */
static inline uint32_t crypt_mask_differ(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint32_t diff = 0;
	for (size_t i = 0; i < n; i++)
		diff |= (uint32_t)(a[i] ^ b[i]);
	return crypt_mask_nonzero(diff);
}

/* Put `from` in place of `to` if the mask says so. */
static inline void crypt_mask_copy(uint32_t mask, uint8_t *to, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(to[i] ^ (mask & (uint32_t)(to[i] ^ from[i])));
}

#endif
