/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include "libcrypt/mpz.h"
#include "libkex/gex.h"
#include "libwire/mpint.h"

/*
 * Bits of the secret exponent: at least twice the security strength of the group, so that no
 * square-root attack on the exponent beats the best attack on the group. RFC 4419 section 6.2,
 * strengths of SP 800-57 part 1 table 2. The top bit is always set and does not count.
 */
static const struct {
	size_t group_bits; /* up to this size */
	size_t exponent_bits;
} exponents[] = {
    {2048, 256},     /* strength 112 */
    {SIZE_MAX, 512}, /* strength 128 at 3072 bits, 152 at 4096, 200 at 8192 */
};

/* Fewer bits set than this, in a peer's value, is a sign of trickery and not of chance. */
#define VALUE_BITS_SET_MIN 4

static ssh_bytes strip(ssh_bytes m)
{
	while (m.len > 0 && m.ptr[0] == 0)
		m = wire_bytes_skip(m, 1);
	return m;
}

static const struct kex_group *group_of(const struct kex_agree *alg,
                                        const struct kex_agree_run *run)
{
	return alg->group != NULL ? alg->group : &run->group;
}

static size_t exponent_size(const struct kex_group *group)
{
	size_t i = 0;
	while (wire_mpint_bits(group->p) > exponents[i].group_bits)
		i++;
	return exponents[i].exponent_bits / 8;
}

static size_t bits_set(ssh_bytes m)
{
	size_t count = 0;
	for (size_t i = 0; i < m.len; i++)
		for (uint8_t b = m.ptr[i]; b != 0; b = (uint8_t)(b & (b - 1)))
			count++;
	return count;
}

/* Is a public value in 2 to p-2? Both are without leading zeros, p is odd. */
static bool in_range(ssh_bytes v, ssh_bytes p)
{
	if (wire_mpint_bits(v) < 2 || v.len > p.len)
		return false;
	if (v.len < p.len)
		return true;
	/* p-1 differs from p in the last byte alone. */
	size_t last = p.len - 1;
	int order = memcmp(v.ptr, p.ptr, last);
	return order < 0 || (order == 0 && v.ptr[last] < p.ptr[last] - 1);
}

/* K must not be 0, 1 or p-1: RFC 4253 section 8, RFC 4419 section 3. The time does not tell which. */
static bool is_trivial(const uint8_t *k, ssh_bytes p)
{
	uint8_t small = 0, mirror = 0;
	size_t last = p.len - 1;
	for (size_t i = 0; i < last; i++) {
		small = (uint8_t)(small | k[i]);
		mirror = (uint8_t)(mirror | (k[i] ^ p.ptr[i]));
	}
	small = (uint8_t)(small | (k[last] >> 1));
	mirror = (uint8_t)(mirror | (k[last] ^ (p.ptr[last] - 1)));
	return (small == 0) | (mirror == 0);
}

/* base to the power of the run's secret. What is no operand has been kept out before. */
static enum ssh_err power(uint8_t *out, ssh_bytes base, const struct kex_agree_run *run,
                          ssh_bytes p)
{
	enum ssh_err e = crypt_powm(out, base, wire_buf_view(&run->secret), p);
	return e == SSH_ERR_ARGUMENT ? SSH_ERR_CRYPTO : e;
}

static enum ssh_err offer(const struct kex_agree *alg, struct kex_agree_run *run,
                          const struct crypt_rng *rng, struct wire_buf *pub)
{
	const struct kex_group *group = group_of(alg, run);
	uint8_t *x;
	size_t n = group->p.len;
	if (n == 0)
		return SSH_ERR_STATE;
	enum ssh_err e = kex_agree_fresh(run, rng, exponent_size(group), &x);
	if (e != 0)
		return e;
	x[0] |= 0x80;
	uint8_t *value = wire_buf_room(pub, n);
	if (value == NULL)
		return wire_buf_end(pub);
	if ((e = power(value, group->g, run, group->p)) != 0)
		return e;
	/* Out of range only if the generator is none: it is not ours to choose in a group exchange. */
	ssh_bytes magnitude = strip(wire_bytes(value, n));
	if (!in_range(magnitude, group->p))
		return SSH_ERR_KEX_VALUE;
	memmove(value, magnitude.ptr, magnitude.len);
	wire_buf_took(pub, magnitude.len);
	return SSH_OK;
}

static enum ssh_err finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                           struct wire_buf *k)
{
	ssh_bytes p = group_of(alg, run)->p;
	ssh_bytes value = strip(in);
	if (p.len == 0 || wire_buf_len(&run->secret) == 0)
		return SSH_ERR_STATE;
	if (!in_range(value, p) || bits_set(value) < VALUE_BITS_SET_MIN)
		return SSH_ERR_KEX_VALUE;
	size_t before = wire_buf_len(k);
	uint8_t *shared = wire_buf_room(k, p.len);
	if (shared == NULL)
		return wire_buf_end(k);
	wire_buf_took(k, p.len);
	enum ssh_err e = power(shared, value, run, p);
	if (e == 0 && is_trivial(shared, p))
		e = SSH_ERR_KEX_VALUE;
	if (e != 0)
		wire_buf_cut(k, before);
	return e;
}

#define DH(name_, hash_, messages_, group_)                                                        \
	{                                                                                          \
		.name = name_, .hash = &hash_, .messages = messages_, .group = group_,             \
		.offer = offer, .answer = kex_agree_answer, .finish = finish                       \
	}

const struct kex_agree kex_dh_group14_sha256 =
    DH("diffie-hellman-group14-sha256", crypt_sha256, WIRE_KEX_DH, &kex_group14);
const struct kex_agree kex_dh_group15_sha512 =
    DH("diffie-hellman-group15-sha512", crypt_sha512, WIRE_KEX_DH, &kex_group15);
const struct kex_agree kex_dh_group16_sha512 =
    DH("diffie-hellman-group16-sha512", crypt_sha512, WIRE_KEX_DH, &kex_group16);
const struct kex_agree kex_dh_group17_sha512 =
    DH("diffie-hellman-group17-sha512", crypt_sha512, WIRE_KEX_DH, &kex_group17);
const struct kex_agree kex_dh_group18_sha512 =
    DH("diffie-hellman-group18-sha512", crypt_sha512, WIRE_KEX_DH, &kex_group18);
const struct kex_agree kex_dh_gex_sha256 =
    DH("diffie-hellman-group-exchange-sha256", crypt_sha256, WIRE_KEX_GEX, NULL);

const struct kex_agree kex_insecure_dh_gex_sha1 =
    DH("diffie-hellman-group-exchange-sha1", crypt_sha1, WIRE_KEX_GEX, NULL);
const struct kex_agree kex_insecure_dh_group14_sha1 =
    DH("diffie-hellman-group14-sha1", crypt_sha1, WIRE_KEX_DH, &kex_group14);
const struct kex_agree kex_insecure_dh_group1_sha1 =
    DH("diffie-hellman-group1-sha1", crypt_sha1, WIRE_KEX_DH, &kex_group1);
