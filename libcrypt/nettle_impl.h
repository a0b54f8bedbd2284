/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_NETTLE_IMPL_H
#define NACRE_LIBCRYPT_NETTLE_IMPL_H

#include <nettle/version.h>

/*
 * Nettle 4.0 dropped the length argument of its *_digest functions (hashes, MACs and AEADs).
 * Every such call names the length through this macro, in its old place:
 *
 *     sha256_digest(ctx, NETTLE_LENGTH(SHA256_DIGEST_SIZE) digest);
 */
#if NETTLE_VERSION_MAJOR >= 4
#define NETTLE_LENGTH(n)
#else
#define NETTLE_LENGTH(n) (n),
#endif

#endif
