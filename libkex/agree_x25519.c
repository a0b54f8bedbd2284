/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include <nettle/curve25519.h>

/* Nettle does the clamping of the scalar and the masking of bit 255 that RFC 7748 asks for. */
static const struct kex_xdh x25519 = {CURVE25519_SIZE, curve25519_mul_g, curve25519_mul};

const struct kex_agree kex_curve25519_sha256 = KEX_XDH("curve25519-sha256", crypt_sha256, x25519);
const struct kex_agree kex_curve25519_sha256_libssh =
    KEX_XDH("curve25519-sha256@libssh.org", crypt_sha256, x25519);
