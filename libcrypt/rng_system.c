/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getrandom */
#include "libcrypt/rng.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#ifdef __linux__
static enum ssh_err system_fill(void *ctx, uint8_t *out, size_t n)
{
	(void)ctx;
	while (n > 0) {
		ssize_t got = getrandom(out, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return SSH_ERR_RANDOM;
		out += got; /* large requests come in pieces when a signal interrupts them */
		n -= (size_t)got;
	}
	return SSH_OK;
}
#else
/** POSIX 2024, macOS and the BSDs: so many bytes at a time. */
#define ENTROPY_MAX ((size_t)256)

static enum ssh_err system_fill(void *ctx, uint8_t *out, size_t n)
{
	(void)ctx;
	while (n > 0) {
		size_t some = n < ENTROPY_MAX ? n : ENTROPY_MAX;
		if (getentropy(out, some) != 0)
			return SSH_ERR_RANDOM;
		out += some;
		n -= some;
	}
	return SSH_OK;
}
#endif

struct crypt_rng crypt_rng_system(void)
{
	return (struct crypt_rng){.fill = system_fill, .ctx = NULL};
}
