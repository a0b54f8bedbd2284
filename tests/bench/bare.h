/* SPDX-License-Identifier: MIT */
#ifndef NACRE_BENCH_BARE_H
#define NACRE_BENCH_BARE_H

#include "libkex/agree.h"

/**
 * The arithmetic that no handshake can do without, both ends together, by the plain calls of Nettle and
 * GMP, with fixed operands of the right sizes:
 *
 *   X25519, X448   two multiplications of the base point and two of the other's
 *   ECDH           the same, on points that are known to lie on the curve
 *   DH             four exponentiations (mpz_powm_sec), with exponents as short as ours; of group
 *                  exchange those in the group of 3072 bits
 *   hybrids        a key pair, an encapsulation and a decapsulation of the KEM (which is our own,
 *                  as Nettle has none), and what the classical half takes
 *
 * and then an Ed25519 signature and its verification. Not in it, and so on our account: randomness,
 * encodings, checks of the peer's values, the exchange hash, the keys, messages and packets.
 */
void bench_bare_handshake(const struct kex_agree *alg);

#endif
