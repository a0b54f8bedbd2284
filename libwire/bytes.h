/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBWIRE_BYTES_H
#define NACRE_LIBWIRE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * A view of bytes that somebody else owns.
 *
 * As an argument it is borrowed for the call; as a result it lives as long as the called
 * function says. {NULL, 0} is the empty view.
 */
typedef struct {
	const uint8_t *ptr;
	size_t len;
} ssh_bytes;

/** The view of `len` bytes at `ptr`. */
static inline ssh_bytes wire_bytes(const void *ptr, size_t len)
{
	ssh_bytes b = {(const uint8_t *)ptr, len};
	return b;
}

/** The view of a NUL-terminated string, without its NUL; NULL gives the empty view. */
static inline ssh_bytes wire_bytes_str(const char *s)
{
	return wire_bytes(s, s == NULL ? 0 : strlen(s));
}

/** The part of `b` after its first `n` bytes; `n` over the length gives the empty view. */
static inline ssh_bytes wire_bytes_skip(ssh_bytes b, size_t n)
{
	return n >= b.len ? wire_bytes(NULL, 0) : wire_bytes(b.ptr + n, b.len - n);
}

/** Equal length and equal bytes? Stops at the first difference: not for secrets. */
static inline bool wire_bytes_equal(ssh_bytes a, ssh_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Are the bytes those of the NUL-terminated string `s`? Not for secrets. */
static inline bool wire_bytes_is(ssh_bytes a, const char *s)
{
	return wire_bytes_equal(a, wire_bytes_str(s));
}

/**
 * Compare `n` bytes in a time that depends on `n` alone. For MACs, check values, passwords.
 *
 * Returns true if they are equal.
 *
 * Secrets: both operands may be secret; the answer is not.
 */
bool wire_secret_equal(const void *a, const void *b, size_t n);

/**
 * Overwrite `n` bytes with zeros, in a way that the compiler may not leave out.
 * `p` may be NULL if `n` is 0.
 */
void wire_wipe(void *p, size_t n);

#endif
