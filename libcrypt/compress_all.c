/* SPDX-License-Identifier: MIT */
#include "libcrypt/compress_impl.h"

/* In a file of its own, so that a program that does not compress links no zlib. */

#ifdef NACRE_ZLIB
#define DELAYED   &crypt_compress_zlib_openssh,
#define IMMEDIATE &crypt_compress_zlib,
#else
#define DELAYED
#define IMMEDIATE
#endif

/*
 * None first: on links as they are today compressing costs more time than it saves, and the length
 * of what was compressed tells of its content. zlib is in the second list alone, since it lets
 * strangers talk to the inflater.
 */
const struct crypt_compress *const crypt_compresses[] = {&crypt_compress_none, DELAYED NULL};
const struct crypt_compress *const crypt_compresses_legacy[] = {&crypt_compress_none,
                                                                DELAYED IMMEDIATE NULL};
