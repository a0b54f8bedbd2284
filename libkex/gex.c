/* SPDX-License-Identifier: MIT */
#include "libkex/gex.h"

#include "libwire/mpint.h"

#include <gmp.h>

/* GMP does a Baillie-PSW test for the first 24 of these, and Miller-Rabin tests for the rest. */
#define PRIME_TESTS 25

/* In rising size. */
static const struct kex_group *const known[] = {&kex_group14, &kex_group15, &kex_group16,
                                                &kex_group17, &kex_group18};
#define KNOWN (sizeof known / sizeof *known)

static uint32_t clamp(uint32_t v, uint32_t low, uint32_t high)
{
	if (v < low)
		return low;
	return v > high ? high : v;
}

static uint32_t or_default(uint32_t bits, uint32_t other)
{
	return bits != 0 ? bits : other;
}

/* The policy as numbers that make sense together. */
static struct kex_gex_request bounds(const struct kex_gex_policy *policy)
{
	struct kex_gex_request b = {
	    or_default(policy->min_bits, KEX_GEX_MIN_BITS),
	    or_default(policy->preferred_bits, KEX_GEX_PREFERRED_BITS),
	    or_default(policy->max_bits, KEX_GEX_MAX_BITS),
	};
	b.max = clamp(b.max, b.min, WIRE_MPINT_MAX_BITS);
	b.n = clamp(b.n, b.min, b.max);
	return b;
}

static bool is_old(const struct kex_gex_request *ask)
{
	return ask->min == 0 && ask->max == 0;
}

struct kex_gex_request kex_gex_ask(const struct kex_gex_policy *policy)
{
	struct kex_gex_request ask = bounds(policy);
	if (policy->old_request)
		ask.min = ask.max = 0;
	return ask;
}

/* The old form names neither bound, which stands for ours. */
static struct kex_gex_request with_bounds(const struct kex_gex_request *ask,
                                          const struct kex_gex_request *ours)
{
	struct kex_gex_request r = *ask;
	if (is_old(ask)) {
		r.min = ours->min;
		r.max = ours->max;
		r.n = clamp(r.n, r.min, r.max);
	}
	return r;
}

enum ssh_err kex_gex_check_request(const struct kex_gex_request *ask,
                                   const struct kex_gex_policy *policy, struct kex_gex_request *fit)
{
	struct kex_gex_request ours = bounds(policy);
	struct kex_gex_request r = with_bounds(ask, &ours);
	if (r.min > r.n || r.n > r.max)
		return SSH_ERR_KEX_VALUE;
	if (r.max < ours.min || r.min > ours.max)
		return SSH_ERR_KEX_VALUE;
	fit->min = clamp(r.min, ours.min, ours.max);
	fit->max = clamp(r.max, ours.min, ours.max);
	fit->n = clamp(r.n, fit->min, fit->max);
	return SSH_OK;
}

static bool is_known(const struct kex_group *group)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (wire_bytes_equal(group->p, known[i]->p))
			return true;
	return false;
}

static bool is_safe_prime(const mpz_t p)
{
	mpz_t q;
	mpz_init(q);
	mpz_tdiv_q_2exp(q, p, 1);
	/* The smaller one first: it is the cheaper one to find composite. */
	bool safe =
	    mpz_probab_prime_p(q, PRIME_TESTS) != 0 && mpz_probab_prime_p(p, PRIME_TESTS) != 0;
	mpz_clear(q);
	return safe;
}

/* 1 < g < p-1, for an odd p. */
static bool is_generator(const mpz_t g, const mpz_t p)
{
	mpz_t top;
	mpz_init(top);
	mpz_sub_ui(top, p, 1);
	bool ok = mpz_cmp_ui(g, 1) > 0 && mpz_cmp(g, top) < 0;
	mpz_clear(top);
	return ok;
}

enum ssh_err kex_gex_check_group(const struct kex_group *group, const struct kex_gex_request *ask,
                                 const struct kex_gex_policy *policy)
{
	struct kex_gex_request ours = bounds(policy);
	struct kex_gex_request r = with_bounds(ask, &ours);
	size_t bits = wire_mpint_bits(group->p);
	if (bits == 0 || bits < r.min || bits > r.max || bits > WIRE_MPINT_MAX_BITS)
		return SSH_ERR_KEX_VALUE;
	if (group->g.len > group->p.len || (group->p.ptr[group->p.len - 1] & 1) == 0)
		return SSH_ERR_KEX_VALUE;
	mpz_t p, g;
	mpz_inits(p, g, NULL);
	mpz_import(p, group->p.len, 1, 1, 1, 0, group->p.ptr);
	mpz_import(g, group->g.len, 1, 1, 1, 0, group->g.ptr);
	bool ok = is_generator(g, p) && (policy->untested || is_known(group) || is_safe_prime(p));
	mpz_clears(p, g, NULL);
	return ok ? SSH_OK : SSH_ERR_KEX_VALUE;
}

const struct kex_group *kex_gex_choose(const struct kex_gex_request *fit)
{
	const struct kex_group *best = NULL;
	for (size_t i = 0; i < KNOWN; i++) {
		size_t bits = wire_mpint_bits(known[i]->p);
		if (bits < fit->min || bits > fit->max)
			continue;
		best = known[i];
		if (bits >= fit->n)
			return best;
	}
	return best;
}
