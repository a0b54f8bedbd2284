/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include <nettle/curve448.h>

_Static_assert(CURVE448_SIZE == KEX_XDH_SIZE_MAX, "the largest");

static const struct kex_xdh x448 = {CURVE448_SIZE, curve448_mul_g, curve448_mul};

const struct kex_agree kex_curve448_sha512 = KEX_XDH("curve448-sha512", crypt_sha512, x448);
