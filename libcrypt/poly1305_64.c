/* SPDX-License-Identifier: MIT */
#include "libcrypt/poly1305_impl.h"

#ifdef POLY1305_64

/*
 * Poly1305 (RFC 8439 section 2.5) with multiplications of 64 by 64 bits. Sums of many products fit
 * 128 bits, so that four blocks, which do not wait for one another, are reduced together.
 *
 * No branch and no index depends on anything but the length.
 */
#define BLOCK       POLY1305_BLOCK
#define AT_ONCE     POLY1305_AT_ONCE

#define MASK_44     (((uint64_t)1 << 44) - 1)
#define MASK_42     (((uint64_t)1 << 42) - 1)

/* Behind a block stands a 1 (section 2.5): bit 128, which is bit 40 of the highest limb. */
#define BIT_128     ((uint64_t)1 << 40)

/* For less than this the higher powers cost more than they save. */
#define POWERS_FROM ((size_t)2 * AT_ONCE * BLOCK)

__extension__ typedef unsigned __int128 wide;

struct product {
	wide limb[3];
};

/* Written out, since the compiler then sees that it is one load. */
static inline uint64_t load_le64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static void store_le64(uint8_t *p, uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline struct poly1305_number split(uint64_t low, uint64_t high, uint64_t bit_128)
{
	return (struct poly1305_number){
	    {low & MASK_44, (low >> 44 | high << 20) & MASK_44, high >> 24 | bit_128}};
}

static inline struct poly1305_number load(const uint8_t *block, uint64_t bit_128)
{
	return split(load_le64(block), load_le64(block + 8), bit_128);
}

static inline struct poly1305_factor factor_of(struct poly1305_number n)
{
	return (struct poly1305_factor){n, 20 * n.limb[1], 20 * n.limb[2]};
}

static inline struct poly1305_number plus(struct poly1305_number a, struct poly1305_number b)
{
	return (struct poly1305_number){
	    {a.limb[0] + b.limb[0], a.limb[1] + b.limb[1], a.limb[2] + b.limb[2]}};
}

/*
 * Limbs of `a` are below 2^47, those of the factor below 2^45 and their twenties below 2^50: each
 * limb grows by less than 2^99, and has room for many of them.
 */
static inline void add_product(struct product *p, struct poly1305_number a,
                               const struct poly1305_factor *f)
{
	const uint64_t *b = f->n.limb;
	p->limb[0] +=
	    (wide)a.limb[0] * b[0] + (wide)a.limb[1] * f->twenty_2 + (wide)a.limb[2] * f->twenty_1;
	p->limb[1] +=
	    (wide)a.limb[0] * b[1] + (wide)a.limb[1] * b[0] + (wide)a.limb[2] * f->twenty_2;
	p->limb[2] += (wide)a.limb[0] * b[2] + (wide)a.limb[1] * b[1] + (wide)a.limb[2] * b[0];
}

/* Carry once around; limb 1 may stay a little above its 44 bits. */
static inline struct poly1305_number reduce(struct product p)
{
	struct poly1305_number n;
	p.limb[1] += (uint64_t)(p.limb[0] >> 44);
	p.limb[2] += (uint64_t)(p.limb[1] >> 44);
	n.limb[0] = ((uint64_t)p.limb[0] & MASK_44) + 5 * (uint64_t)(p.limb[2] >> 42);
	n.limb[1] = ((uint64_t)p.limb[1] & MASK_44) + (n.limb[0] >> 44);
	n.limb[2] = (uint64_t)p.limb[2] & MASK_42;
	n.limb[0] &= MASK_44;
	return n;
}

static inline struct poly1305_number times(struct poly1305_number a,
                                           const struct poly1305_factor *f)
{
	struct product p = {{0, 0, 0}};
	add_product(&p, a, f);
	return reduce(p);
}

void poly1305_begin(struct poly1305_sum *sum, const uint8_t key[POLY1305_KEY])
{
	/* Section 2.5.1's clamp. */
	uint64_t low = load_le64(key) & 0x0ffffffc0fffffff;
	uint64_t high = load_le64(key + 8) & 0x0ffffffc0ffffffc;
	sum->power[0] = factor_of(split(low, high, 0));
	sum->n = (struct poly1305_number){{0, 0, 0}};
}

void poly1305_powers(struct poly1305_factor *power, size_t n)
{
	for (size_t i = 1; i < n; i++)
		power[i] = factor_of(times(power[(i - 1) / 2].n, &power[i / 2]));
}

struct poly1305_number poly1305_reduced(struct poly1305_number n)
{
	return reduce((struct product){{n.limb[0], n.limb[1], n.limb[2]}});
}

static inline void add_four(struct poly1305_sum *sum, const uint8_t *bytes)
{
	struct product p = {{0, 0, 0}};
	add_product(&p, plus(sum->n, load(bytes, BIT_128)), &sum->power[3]);
	add_product(&p, load(bytes + BLOCK, BIT_128), &sum->power[2]);
	add_product(&p, load(bytes + 2 * BLOCK, BIT_128), &sum->power[1]);
	add_product(&p, load(bytes + 3 * BLOCK, BIT_128), &sum->power[0]);
	sum->n = reduce(p);
}

static inline void add_one(struct poly1305_sum *sum, const uint8_t *block, uint64_t bit_128)
{
	sum->n = times(plus(sum->n, load(block, bit_128)), &sum->power[0]);
}

void poly1305_add(struct poly1305_sum *sum, ssh_bytes data)
{
	const uint8_t *at = data.ptr;
	size_t left = data.len;
	if (left >= POWERS_FROM) {
		poly1305_powers(sum->power, AT_ONCE);
		for (; left >= AT_ONCE * BLOCK; at += AT_ONCE * BLOCK, left -= AT_ONCE * BLOCK)
			add_four(sum, at);
	}
	for (; left >= BLOCK; at += BLOCK, left -= BLOCK)
		add_one(sum, at, BIT_128);
	if (left > 0) {
		uint8_t last[BLOCK] = {0};
		memcpy(last, at, left);
		last[left] = 1;
		add_one(sum, last, 0);
	}
}

/* The one number below 2^130 - 5. */
static struct poly1305_number reduce_fully(struct poly1305_number n)
{
	/* The first time there may be a carry out of the top; the second time there is none. */
	for (int i = 0; i < 2; i++)
		n = reduce((struct product){{n.limb[0], n.limb[1], n.limb[2]}});
	/* n + 5 - 2^130 is the answer if it is not negative. */
	struct poly1305_number less;
	less.limb[0] = n.limb[0] + 5;
	less.limb[1] = n.limb[1] + (less.limb[0] >> 44);
	less.limb[2] = n.limb[2] + (less.limb[1] >> 44) - (MASK_42 + 1);
	uint64_t keep = 0 - (less.limb[2] >> 63); /* all ones if it is negative */
	for (size_t i = 0; i < 3; i++)
		n.limb[i] = (n.limb[i] & keep) | (less.limb[i] & ~keep);
	n.limb[0] &= MASK_44;
	n.limb[1] &= MASK_44;
	return n;
}

void poly1305_finish(struct poly1305_sum *sum, const uint8_t key[POLY1305_KEY],
                     uint8_t tag[POLY1305_TAG])
{
	struct poly1305_number n = reduce_fully(sum->n);
	wide h = (wide)n.limb[2] << 88 | (wide)n.limb[1] << 44 | n.limb[0];
	wide s = (wide)load_le64(key + 24) << 64 | load_le64(key + 16);
	store_le64(tag, (uint64_t)(h + s));
	store_le64(tag + 8, (uint64_t)((h + s) >> 64));
	wire_wipe(sum, sizeof *sum);
}

void poly1305_64(const uint8_t key[POLY1305_KEY], ssh_bytes data, uint8_t tag[POLY1305_TAG])
{
	struct poly1305_sum sum;
	poly1305_begin(&sum, key);
	poly1305_add(&sum, data);
	poly1305_finish(&sum, key, tag);
}

#endif
