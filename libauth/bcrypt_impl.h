/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBAUTH_BCRYPT_IMPL_H
#define NACRE_LIBAUTH_BCRYPT_IMPL_H

#include <stdint.h>

/** The state of Blowfish: subkeys and substitution boxes. */
struct blowfish {
	uint32_t p[18];
	uint32_t s[4][256];
};

/** Before any key is mixed in. */
extern const struct blowfish auth_blowfish_pi;

#endif
