/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/rsa.h>

#include "libcrypt/key_impl.h"
#include "libwire/mpz.h"

/* RSA with PKCS#1 v1.5 signatures (RFC 4253 section 6.6, RFC 8332). */

/* Of a new key; what ssh-keygen makes, and enough until about 2030 by NIST SP 800-57. */
#define DEFAULT_BITS      3072
/* The exponent of new keys, as everybody's. */
#define DEFAULT_EXPONENT  65537
/* FIPS 186-5 section A.1.1 ends here; a longer exponent only makes verifying slow. */
#define EXPONENT_BITS_MAX 256
/* Shorter factors are found by elliptic-curve factoring. */
#define FACTOR_BITS_MIN   256

struct rsa {
	struct rsa_public_key public;
	struct rsa_private_key private;
};

_Static_assert(sizeof(struct rsa) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");

static struct rsa *state(struct crypt_key *k)
{
	return (struct rsa *)k->state;
}

static const struct rsa *view(const struct crypt_key *k)
{
	return (const struct rsa *)k->state;
}

static void set_up(struct rsa *s)
{
	rsa_public_key_init(&s->public);
	rsa_private_key_init(&s->private);
}

static void wipe(struct crypt_key *k)
{
	struct rsa *s = state(k);
	crypt_mpz_wipe(s->private.d);
	crypt_mpz_wipe(s->private.p);
	crypt_mpz_wipe(s->private.q);
	crypt_mpz_wipe(s->private.a);
	crypt_mpz_wipe(s->private.b);
	crypt_mpz_wipe(s->private.c);
	rsa_public_key_clear(&s->public);
}

static void get_number(mpz_t out, struct wire_reader *r)
{
	ssh_bytes magnitude = wire_get_mpint(r);
	nettle_mpz_set_str_256_u(out, magnitude.len, magnitude.ptr);
}

static enum ssh_err check_public(struct rsa_public_key *key)
{
	size_t bits = mpz_sizeinbase(key->n, 2);
	if (bits < CRYPT_RSA_BITS_FLOOR || bits > CRYPT_RSA_BITS_CEILING || mpz_even_p(key->n))
		return SSH_ERR_KEY;
	if (mpz_cmp_ui(key->e, 3) < 0 || mpz_even_p(key->e) ||
	    mpz_sizeinbase(key->e, 2) > EXPONENT_BITS_MAX)
		return SSH_ERR_KEY;
	return rsa_public_key_prepare(key) ? SSH_OK : SSH_ERR_KEY;
}

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	struct rsa *s = state(k);
	set_up(s);
	get_number(s->public.e, r);
	get_number(s->public.n, r);
	return check_public(&s->public);
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	wire_mpz_deflate(out, view(k)->public.e);
	wire_mpz_deflate(out, view(k)->public.n);
}

/* Is a * b = 1 mod m? `t` is room for the product. */
static bool are_inverse(mpz_t t, const mpz_t a, const mpz_t b, const mpz_t m)
{
	mpz_mul(t, a, b);
	mpz_mod(t, t, m);
	return mpz_cmp_ui(t, 1) == 0;
}

/* Set `part` to d mod (factor - 1); it must then be the inverse of e. */
static bool set_part(mpz_t part, const struct rsa *s, const mpz_t factor, mpz_t t[2])
{
	mpz_sub_ui(t[0], factor, 1);
	mpz_mod(part, s->private.d, t[0]);
	return are_inverse(t[1], part, s->public.e, t[0]);
}

/* Check all that p, q, d and the coefficient must be to each other; set up the rest. */
static bool complete_private(struct rsa *s, mpz_t t[2])
{
	struct rsa_private_key *key = &s->private;
	mpz_mul(t[0], key->p, key->q);
	return mpz_cmp(t[0], s->public.n) == 0 && mpz_sizeinbase(key->p, 2) >= FACTOR_BITS_MIN &&
	       mpz_sizeinbase(key->q, 2) >= FACTOR_BITS_MIN && mpz_cmp(key->d, s->public.n) < 0 &&
	       set_part(key->a, s, key->p, t) && set_part(key->b, s, key->q, t) &&
	       mpz_cmp(key->c, key->p) < 0 && are_inverse(t[0], key->c, key->q, key->p) &&
	       rsa_private_key_prepare(key);
}

static enum ssh_err get_secret(struct crypt_key *k, struct wire_reader *r)
{
	struct rsa *s = state(k);
	get_number(s->private.d, r);
	get_number(s->private.c, r);
	get_number(s->private.p, r);
	get_number(s->private.q, r);
	/* Large enough for any product, so that GMP moves no secret and leaves it behind. */
	mpz_t t[2];
	mpz_init2(t[0], 2 * CRYPT_RSA_BITS_CEILING);
	mpz_init2(t[1], 2 * CRYPT_RSA_BITS_CEILING);
	bool ok = complete_private(s, t);
	crypt_mpz_wipe(t[0]);
	crypt_mpz_wipe(t[1]);
	return ok ? SSH_OK : SSH_ERR_KEY;
}

/* The public numbers stand the other way round here. */
static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	struct rsa *s = state(k);
	set_up(s);
	get_number(s->public.n, r);
	get_number(s->public.e, r);
	enum ssh_err e = check_public(&s->public);
	return e != SSH_OK ? e : get_secret(k, r);
}

static void put_secret(const struct crypt_key *k, struct wire_buf *out)
{
	const struct rsa *s = view(k);
	crypt_mpz_put(out, s->private.d);
	crypt_mpz_put(out, s->private.c);
	crypt_mpz_put(out, s->private.p);
	crypt_mpz_put(out, s->private.q);
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	wire_mpz_deflate(out, view(k)->public.n);
	wire_mpz_deflate(out, view(k)->public.e);
	put_secret(k, out);
}

static enum ssh_err generate(struct crypt_key *k, size_t bits, const struct crypt_rng *rng)
{
	struct rsa *s = state(k);
	struct crypt_nettle_rng random;
	set_up(s);
	if (bits == 0)
		bits = DEFAULT_BITS;
	if (bits < CRYPT_RSA_BITS_FLOOR || bits > CRYPT_RSA_BITS_CEILING)
		return SSH_ERR_ARGUMENT;
	mpz_set_ui(s->public.e, DEFAULT_EXPONENT);
	crypt_nettle_rng_init(&random, rng);
	int made = rsa_generate_keypair(&s->public, &s->private, &random, crypt_nettle_random, NULL,
	                                NULL, (unsigned)bits, 0);
	if (random.err != SSH_OK)
		return random.err;
	return made ? SSH_OK : SSH_ERR_CRYPTO;
}

/* Nettle's functions for a digest: they know the DigestInfo that PKCS#1 puts before it. */
struct scheme {
	const struct crypt_hash *hash;
	int (*sign)(const struct rsa_public_key *, const struct rsa_private_key *, void *,
	            nettle_random_func *, const uint8_t *, mpz_t);
	int (*verify)(const struct rsa_public_key *, const uint8_t *, const mpz_t);
};

static const struct scheme schemes[] = {
    {&crypt_sha512, rsa_sha512_sign_digest_tr, rsa_sha512_verify_digest},
    {&crypt_sha256, rsa_sha256_sign_digest_tr, rsa_sha256_verify_digest},
    {&crypt_sha1, rsa_sha1_sign_digest_tr, rsa_sha1_verify_digest},
};

static const struct scheme *scheme_of(const struct crypt_sigalg *alg)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (schemes[i].hash == alg->hash)
			return &schemes[i];
	return NULL;
}

/* Blinded, and verified before it is let out: a fault in CRT would give the factors away. */
static enum ssh_err make(const struct rsa *s, const struct scheme *scheme, const uint8_t *digest,
                         const struct crypt_rng *rng, mpz_t sig)
{
	struct crypt_nettle_rng random;
	crypt_nettle_rng_init(&random, rng);
	int made = scheme->sign(&s->public, &s->private, &random, crypt_nettle_random, digest, sig);
	if (random.err != SSH_OK)
		return random.err;
	return made && scheme->verify(&s->public, digest, sig) ? SSH_OK : SSH_ERR_CRYPTO;
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	const struct scheme *scheme = scheme_of(alg);
	size_t n = view(k)->public.size;
	uint8_t digest[CRYPT_HASH_MAX];
	mpz_t sig;
	if (scheme == NULL)
		return SSH_ERR_UNSUPPORTED;
	uint8_t *p = wire_buf_room(out, n);
	if (p == NULL)
		return wire_buf_end(out);
	crypt_hash_once(alg->hash, data, digest);
	mpz_init(sig);
	enum ssh_err e = make(view(k), scheme, digest, rng, sig);
	if (e == SSH_OK) {
		nettle_mpz_get_str_256(n, p, sig);
		wire_buf_took(out, n);
	}
	crypt_mpz_wipe(sig);
	return e;
}

/* Nettle compares the whole encoded block, and refuses 0 and what is not below n. */
static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	const struct scheme *scheme = scheme_of(alg);
	/* Shorter than n is fine: some peers leave out leading zero bytes. */
	if (scheme == NULL || sig.len > view(k)->public.size)
		return SSH_ERR_SIGNATURE;
	uint8_t digest[CRYPT_HASH_MAX];
	mpz_t number;
	crypt_hash_once(alg->hash, data, digest);
	nettle_mpz_init_set_str_256_u(number, sig.len, sig.ptr);
	int good = scheme->verify(&view(k)->public, digest, number);
	mpz_clear(number);
	return good ? SSH_OK : SSH_ERR_SIGNATURE;
}

static size_t bits_of(const struct crypt_key *k)
{
	return mpz_sizeinbase(view(k)->public.n, 2);
}

static const struct crypt_sigalg *const sigs[] = {
    &crypt_sig_rsa_sha2_512,
    &crypt_sig_rsa_sha2_256,
    &crypt_insecure_sig_rsa_sha1,
    NULL,
};

const struct crypt_keyalg crypt_key_rsa = {
    .name = "ssh-rsa",
    .kind = "RSA",
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

const struct crypt_sigalg crypt_sig_rsa_sha2_512 = {
    .name = "rsa-sha2-512", .key = &crypt_key_rsa, .hash = &crypt_sha512};
const struct crypt_sigalg crypt_sig_rsa_sha2_256 = {
    .name = "rsa-sha2-256", .key = &crypt_key_rsa, .hash = &crypt_sha256};
const struct crypt_sigalg crypt_insecure_sig_rsa_sha1 = {
    .name = "ssh-rsa", .key = &crypt_key_rsa, .hash = &crypt_sha1};
