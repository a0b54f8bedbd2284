/* SPDX-License-Identifier: MIT */
#include "tools/keygen_sieve.h"

#include <stdlib.h>
#include <string.h>

/*
 * Primes up to this are sieved by. A tenfold would take as long again and leave a fifth less, and it
 * costs a test of what is left, milliseconds each, to do without.
 */
#define SMALL_MAX (1u << 24)

/* Cross out every `step`-th from `first` on. */
static void cross(struct sieve *s, uint64_t first, uint32_t step)
{
	for (uint64_t i = first; i < s->count; i += step)
		s->crossed[i / 8] = (uint8_t)(s->crossed[i / 8] | 1u << i % 8);
}

/* Of q = start + 2i: those with q = 0, and those with 2q + 1 = 0, modulo an odd prime. */
static void cross_prime(struct sieve *s, uint32_t prime)
{
	uint64_t half = (prime + 1) / 2; /* the inverse of 2 */
	uint64_t r = mpz_fdiv_ui(s->start, prime);
	uint64_t to_zero = (prime - r) % prime;
	uint64_t to_safe = (2 * (uint64_t)prime - (2 * r + 1) % prime) % prime;
	cross(s, to_zero * half % prime, prime);
	cross(s, to_safe * half % prime * half % prime, prime);
}

/* Eratosthenes, odd numbers alone: entry i is 2i + 1. */
static void cross_all(struct sieve *s, uint8_t *composite)
{
	const uint32_t n = SMALL_MAX / 2;
	for (uint32_t i = 1; i < n; i++) {
		uint32_t prime = 2 * i + 1;
		if (composite[i])
			continue;
		for (uint64_t j = (uint64_t)prime * prime / 2; j < n; j += prime)
			composite[j] = 1;
		cross_prime(s, prime);
	}
}

bool sieve_init(struct sieve *s, const mpz_t start, size_t bytes)
{
	uint8_t *composite = calloc(SMALL_MAX / 2, 1);
	mpz_init_set(s->start, start);
	mpz_setbit(s->start, 0);
	s->count = bytes * 8;
	s->crossed = calloc(bytes, 1);
	bool ok = composite != NULL && s->crossed != NULL;
	if (ok)
		cross_all(s, composite);
	else
		sieve_wipe(s);
	free(composite);
	return ok;
}

bool sieve_next(const struct sieve *s, size_t *i, mpz_t q)
{
	while (*i < s->count && (s->crossed[*i / 8] >> *i % 8 & 1) != 0)
		++*i;
	if (*i >= s->count)
		return false;
	mpz_set_ui(q, *i);
	mpz_mul_2exp(q, q, 1);
	mpz_add(q, q, s->start);
	++*i;
	return true;
}

void sieve_wipe(struct sieve *s)
{
	mpz_clear(s->start);
	free(s->crossed);
	s->crossed = NULL;
	s->count = 0;
}
