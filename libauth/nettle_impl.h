/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_NETTLE_IMPL_H
#define NACRE_LIBAUTH_NETTLE_IMPL_H

#include <nettle/version.h>

/*
 * Nettle 4.0 dropped the length argument of its *_digest functions. Every such call names the length
 * through this macro, in its old place.
 */
#if NETTLE_VERSION_MAJOR >= 4
#define NETTLE_LENGTH(n)
#else
#define NETTLE_LENGTH(n) (n),
#endif

#endif
