/* SPDX-License-Identifier: MIT */
#ifndef NACRE_LIBCRYPT_SNTRUP761_IMPL_H
#define NACRE_LIBCRYPT_SNTRUP761_IMPL_H

#include <stddef.h>
#include <stdint.h>

/* Streamlined NTRU Prime, the parameter set sntrup761. Everything is modulo x^p - x - 1. */
#define SNTRUP_P            761
#define SNTRUP_Q            4591
#define SNTRUP_W            286

/* Room for p + 1 coefficients, rounded up for the sake of vector instructions; the rest is zero. */
#define SNTRUP_ROOM         768

/* Bytes of encoded elements: small, modulo q, and rounded to multiples of three. */
#define SNTRUP_SMALL_SIZE   191
#define SNTRUP_RQ_SIZE      1158
#define SNTRUP_ROUNDED_SIZE 1007

/* Coefficients -1, 0, 1. */
struct sntrup_small {
	int8_t c[SNTRUP_ROOM];
};

/* Coefficients modulo q, from -(q-1)/2 to (q-1)/2. */
struct sntrup_rq {
	int16_t c[SNTRUP_ROOM];
};

/* h = f * g modulo q. */
void crypt_sntrup_rq_multiply(struct sntrup_rq *h, const struct sntrup_rq *f,
                              const struct sntrup_small *g);
/* out = 1 / (3 * in) modulo q. There is an inverse of everything but zero. */
void crypt_sntrup_rq_invert3(struct sntrup_rq *out, const struct sntrup_small *in);
/* Times 3, modulo q. */
void crypt_sntrup_rq_triple(struct sntrup_rq *f);
/* To the nearest multiples of three. */
void crypt_sntrup_rq_round(struct sntrup_rq *f);
/* The coefficients modulo 3. */
void crypt_sntrup_rq_mod3(struct sntrup_small *out, const struct sntrup_rq *in);

/* h = f * g modulo 3. */
void crypt_sntrup_r3_multiply(struct sntrup_small *h, const struct sntrup_small *f,
                              const struct sntrup_small *g);
/* out = 1 / in modulo 3. The mask of "there is no inverse"; out is then not to be used. */
uint32_t crypt_sntrup_r3_invert(struct sntrup_small *out, const struct sntrup_small *in);

/* Sort p numbers, smallest first, in an order of steps that does not depend on them. */
void crypt_sntrup_sort(uint32_t *x);

/* To bytes and back. What is decoded is public, and reduced to the range if it is out of it. */
void crypt_sntrup_small_encode(uint8_t *out, const struct sntrup_small *f);
void crypt_sntrup_small_decode(struct sntrup_small *f, const uint8_t *in);
void crypt_sntrup_rq_encode(uint8_t *out, const struct sntrup_rq *f);
void crypt_sntrup_rq_decode(struct sntrup_rq *f, const uint8_t *in);
void crypt_sntrup_rounded_encode(uint8_t *out, const struct sntrup_rq *f);
void crypt_sntrup_rounded_decode(struct sntrup_rq *f, const uint8_t *in);

#endif
