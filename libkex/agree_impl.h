/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBKEX_AGREE_IMPL_H
#define NACRE_LIBKEX_AGREE_IMPL_H

#include "libkex/agree.h"

/*
 * The `answer` of every classical agreement, where both sides do the same: offer, then finish.
 * On error nothing is left in io->pub and io->k. The run's secret is wiped.
 */
enum ssh_err kex_agree_answer(const struct kex_agree *alg, struct kex_agree_run *run,
                              const struct crypt_rng *rng, struct kex_answer *io);

/*
 * Make run->secret `n` fresh random bytes, in place of what it held, and let *secret point to them.
 * Returns 0, SSH_ERR_RANDOM or SSH_ERR_NO_MEMORY.
 */
enum ssh_err kex_agree_fresh(struct kex_agree_run *run, const struct crypt_rng *rng, size_t n,
                             uint8_t **secret);

/* The offer and finish of X25519 and X448. */
enum ssh_err kex_xdh_offer(const struct kex_agree *alg, struct kex_agree_run *run,
                           const struct crypt_rng *rng, struct wire_buf *pub);
enum ssh_err kex_xdh_finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                            struct wire_buf *k);

#define KEX_XDH(name_, hash_, xdh_)                                                                \
	{                                                                                          \
		.name = name_, .hash = &hash_, .messages = WIRE_KEX_ECDH, .xdh = &xdh_,            \
		.offer = kex_xdh_offer, .answer = kex_agree_answer, .finish = kex_xdh_finish       \
	}

#endif
