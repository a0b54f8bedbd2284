/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_COMPRESS_IMPL_H
#define NACRE_LIBCRYPT_COMPRESS_IMPL_H

#include "libcrypt/compress.h"

/* zlib is used where there is one, unless the build was told not to. */
#if !defined NACRE_NO_ZLIB && defined __has_include
#if __has_include(<zlib.h>)
#define NACRE_ZLIB
#endif
#endif

#endif
