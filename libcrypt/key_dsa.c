/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/dsa.h>

#include "libcrypt/dsa_sign_impl.h"
#include "libcrypt/key_impl.h"
#include "libcrypt/nonce_impl.h"
#include "libwire/mpz.h"

/*
 * DSA as SSH has it (RFC 4253 section 6.6): 1024-bit p, 160-bit q, SHA-1. Insecure, for old peers
 * and for research. Nonces are those of RFC 6979.
 */

#define P_BITS 1024
#define Q_BITS 160

struct dsa {
	struct dsa_params params;
	mpz_t y, x;
};

_Static_assert(P_BITS == 8 * DSA_P_SIZE && Q_BITS == 8 * DSA_Q_SIZE, "sizes");
_Static_assert(sizeof(struct dsa) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");

static struct dsa *state(struct crypt_key *k)
{
	return (struct dsa *)k->state;
}

static const struct dsa *view(const struct crypt_key *k)
{
	return (const struct dsa *)k->state;
}

/* Room for the secret at once, so that GMP moves none of it and leaves it behind. */
static void set_up(struct dsa *s)
{
	dsa_params_init(&s->params);
	mpz_init(s->y);
	mpz_init2(s->x, P_BITS);
}

static void wipe(struct crypt_key *k)
{
	struct dsa *s = state(k);
	crypt_mpz_wipe(s->x);
	mpz_clear(s->y);
	dsa_params_clear(&s->params);
}

static void get_number(mpz_t out, struct wire_reader *r)
{
	ssh_bytes magnitude = wire_get_mpint(r);
	nettle_mpz_set_str_256_u(out, magnitude.len, magnitude.ptr);
}

/* Is 1 < v < p, and v of the group of order q? */
static bool in_group(const struct dsa_params *params, const mpz_t v)
{
	if (mpz_cmp_ui(v, 1) <= 0 || mpz_cmp(v, params->p) >= 0)
		return false;
	mpz_t t;
	mpz_init(t);
	mpz_powm(t, v, params->q, params->p);
	bool is_one = mpz_cmp_ui(t, 1) == 0;
	mpz_clear(t);
	return is_one;
}

/* Whether p and q are primes is not asked: who publishes others harms nobody but himself. */
static enum ssh_err check_public(const struct dsa *s)
{
	const struct dsa_params *params = &s->params;
	if (mpz_sizeinbase(params->p, 2) != P_BITS || mpz_sizeinbase(params->q, 2) != Q_BITS ||
	    mpz_even_p(params->p) || mpz_even_p(params->q))
		return SSH_ERR_KEY;
	return in_group(params, params->g) && in_group(params, s->y) ? SSH_OK : SSH_ERR_KEY;
}

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	struct dsa *s = state(k);
	set_up(s);
	get_number(s->params.p, r);
	get_number(s->params.q, r);
	get_number(s->params.g, r);
	get_number(s->y, r);
	return check_public(s);
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	const struct dsa *s = view(k);
	wire_mpz_deflate(out, s->params.p);
	wire_mpz_deflate(out, s->params.q);
	wire_mpz_deflate(out, s->params.g);
	wire_mpz_deflate(out, s->y);
}

static enum ssh_err get_secret(struct crypt_key *k, struct wire_reader *r)
{
	struct dsa *s = state(k);
	ssh_bytes x = wire_get_mpint(r);
	if (x.len == 0 || x.len > DSA_Q_SIZE)
		return SSH_ERR_KEY;
	nettle_mpz_set_str_256_u(s->x, x.len, x.ptr);
	if (mpz_cmp(s->x, s->params.q) >= 0)
		return SSH_ERR_KEY;
	mpz_t y;
	mpz_init(y);
	mpz_powm_sec(y, s->params.g, s->x, s->params.p);
	bool match = mpz_cmp(y, s->y) == 0;
	mpz_clear(y);
	return match ? SSH_OK : SSH_ERR_KEY;
}

static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e = get_public(k, r);
	return e != SSH_OK ? e : get_secret(k, r);
}

static void put_secret(const struct crypt_key *k, struct wire_buf *out)
{
	crypt_mpz_put(out, view(k)->x);
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	put_secret(k, out);
}

static enum ssh_err generate(struct crypt_key *k, size_t bits, const struct crypt_rng *rng)
{
	(void)bits;
	struct dsa *s = state(k);
	struct crypt_nettle_rng random;
	set_up(s);
	crypt_nettle_rng_init(&random, rng);
	int made = dsa_generate_params(&s->params, &random, crypt_nettle_random, NULL, NULL, P_BITS,
	                               Q_BITS);
	if (made)
		dsa_generate_keypair(&s->params, s->y, s->x, &random, crypt_nettle_random);
	if (random.err != SSH_OK)
		return random.err;
	return made ? SSH_OK : SSH_ERR_CRYPTO;
}

/* The secret is as long as q, and GMP drops its leading zeros: the one thing that its size may tell. */
static void fill(struct dsa_signing *in, const struct dsa *s, const struct crypt_hash *hash,
                 const uint8_t *digest)
{
	struct crypt_nonce nonce;
	nettle_mpz_get_str_256(DSA_P_SIZE, in->p, s->params.p);
	nettle_mpz_get_str_256(DSA_P_SIZE, in->g, s->params.g);
	nettle_mpz_get_str_256(DSA_Q_SIZE, in->q, s->params.q);
	nettle_mpz_get_str_256(DSA_Q_SIZE, in->x, s->x);
	memcpy(in->digest, digest, DSA_Q_SIZE);
	crypt_nonce_init(&nonce, hash, s->params.q, s->x, digest);
	crypt_nonce_next(&nonce, in->nonce);
	crypt_nonce_wipe(&nonce);
}

/* The signature that was made where `out` has room. */
static enum ssh_err publish(struct wire_buf *out, enum ssh_err e)
{
	if (e == SSH_OK)
		wire_buf_took(out, DSA_SIGNATURE_SIZE);
	return e;
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	(void)rng;
	uint8_t digest[CRYPT_HASH_MAX];
	struct dsa_signing in;
	uint8_t *p = wire_buf_room(out, DSA_SIGNATURE_SIZE);
	if (p == NULL)
		return wire_buf_end(out);
	crypt_hash_once(alg->hash, data, digest);
	fill(&in, view(k), alg->hash, digest);
	enum ssh_err e = crypt_dsa_sign(p, &in);
	wire_wipe(&in, sizeof in);
	return publish(out, e);
}

/* Nettle refuses numbers outside 1 .. q - 1. */
static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	if (sig.len != DSA_SIGNATURE_SIZE)
		return SSH_ERR_SIGNATURE;
	uint8_t digest[CRYPT_HASH_MAX];
	struct dsa_signature numbers;
	crypt_hash_once(alg->hash, data, digest);
	nettle_mpz_init_set_str_256_u(numbers.r, DSA_Q_SIZE, sig.ptr);
	nettle_mpz_init_set_str_256_u(numbers.s, DSA_Q_SIZE, sig.ptr + DSA_Q_SIZE);
	int good = dsa_verify(&view(k)->params, view(k)->y, alg->hash->size, digest, &numbers);
	dsa_signature_clear(&numbers);
	return good ? SSH_OK : SSH_ERR_SIGNATURE;
}

static size_t bits_of(const struct crypt_key *k)
{
	return mpz_sizeinbase(view(k)->params.p, 2);
}

static const struct crypt_sigalg *const sigs[] = {&crypt_insecure_sig_dsa, NULL};

const struct crypt_keyalg crypt_insecure_key_dsa = {
    .name = "ssh-dss",
    .kind = "DSA",
    .sigs = sigs,
    .get_public = get_public,
    .put_public = put_public,
    .get_private = get_private,
    .put_private = put_private,
    .get_secret = get_secret,
    .put_secret = put_secret,
    .generate = generate,
    .sign = sign,
    .verify = verify,
    .bits = bits_of,
    .wipe = wipe,
};

const struct crypt_sigalg crypt_insecure_sig_dsa = {
    .name = "ssh-dss", .key = &crypt_insecure_key_dsa, .hash = &crypt_sha1};
