/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

void kex_agree_wipe(struct kex_agree_run *run)
{
	wire_buf_wipe(&run->secret);
	*run = (struct kex_agree_run){0};
}

const struct kex_agree *kex_agree_find(const struct kex_agree *const *algs, ssh_bytes name)
{
	for (; *algs != NULL; algs++)
		if (wire_bytes_is(name, (*algs)->name))
			return *algs;
	return NULL;
}

enum ssh_err kex_agree_fresh(struct kex_agree_run *run, const struct crypt_rng *rng, size_t n,
                             uint8_t **secret)
{
	wire_buf_reset(&run->secret);
	*secret = wire_buf_room(&run->secret, n);
	if (*secret == NULL)
		return wire_buf_end(&run->secret);
	/* Taken first: what a failing source has written is wiped with the rest. */
	wire_buf_took(&run->secret, n);
	return crypt_rng_fill(rng, *secret, n);
}

enum ssh_err kex_agree_answer(const struct kex_agree *alg, struct kex_agree_run *run,
                              const struct crypt_rng *rng, struct kex_answer *io)
{
	size_t pub_len = wire_buf_len(io->pub);
	size_t k_len = wire_buf_len(io->k);
	enum ssh_err e = alg->offer(alg, run, rng, io->pub);
	if (e == 0)
		e = alg->finish(alg, run, io->in, io->k);
	wire_buf_wipe(&run->secret);
	if (e != 0) {
		wire_buf_cut(io->pub, pub_len);
		wire_buf_cut(io->k, k_len);
	}
	return e;
}
