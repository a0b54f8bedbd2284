/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "libcrypt/kem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * How often a second a KEM makes keys, encapsulates and decapsulates. A round is a few calls in a
 * row; the best of many rounds counts, as the others were disturbed.
 */

#define CALLS  10
#define ROUNDS 30

struct run {
	const struct crypt_kem *kem;
	const struct crypt_rng *rng;
	uint8_t public_key[CRYPT_KEM_PUBLIC_MAX];
	uint8_t secret_key[CRYPT_KEM_SECRET_MAX];
	uint8_t ciphertext[CRYPT_KEM_CIPHERTEXT_MAX];
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
};

static enum ssh_err keygen(struct run *r)
{
	return r->kem->keygen(r->kem, r->rng, r->public_key, r->secret_key);
}

static enum ssh_err encaps(struct run *r)
{
	return r->kem->encaps(r->kem, r->rng, r->public_key, r->ciphertext, r->shared);
}

static enum ssh_err decaps(struct run *r)
{
	return r->kem->decaps(r->kem, r->secret_key, r->ciphertext, r->shared);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Calls a second. */
static double rate(struct run *r, enum ssh_err (*call)(struct run *r))
{
	double best = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double start = now();
		for (int i = 0; i < CALLS; i++) {
			if (call(r) != 0) {
				fprintf(stderr, "%s fails\n", r->kem->name);
				exit(1);
			}
		}
		double took = now() - start;
		best = best == 0 || took < best ? took : best;
	}
	return CALLS / best;
}

int main(void)
{
	struct crypt_drbg d;
	crypt_drbg_init(&d, wire_bytes_str("bench"));
	struct crypt_rng rng = crypt_drbg_rng(&d);
	printf("KEMs: calls a second\n%-12s %9s %9s %9s\n", "", "keygen", "encaps", "decaps");
	for (size_t i = 0; crypt_kems[i] != NULL; i++) {
		struct run r = {.kem = crypt_kems[i], .rng = &rng};
		printf("%-12s %9.0f", r.kem->name, rate(&r, keygen));
		printf(" %9.0f", rate(&r, encaps));
		printf(" %9.0f\n", rate(&r, decaps));
	}
	return 0;
}
