/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_MPZ_IMPL_H
#define NACRE_LIBCRYPT_MPZ_IMPL_H

#include <gmp.h>

#include "libwire/bytes.h"

/* Numbers as limbs, for the mpn_sec functions of GMP, which run in a time that depends on sizes alone. */

/** Limbs that `bytes` bytes take. */
#define CRYPT_LIMBS(bytes) (((bytes) + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t))

/** Big-endian bytes to CRYPT_LIMBS(in.len) limbs, without looking at their values. */
void crypt_limbs_load(mp_limb_t *limbs, ssh_bytes in);
/** The low `n` bytes of the limbs, big-endian. */
void crypt_limbs_store(uint8_t *out, size_t n, const mp_limb_t *limbs);

#endif
