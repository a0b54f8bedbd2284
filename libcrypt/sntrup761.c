/* SPDX-License-Identifier: MIT */
#include "libcrypt/kem.h"
#include "libcrypt/kem_impl.h"
#include "libcrypt/sntrup761_impl.h"

/*
 * Streamlined NTRU Prime 761 (D. J. Bernstein and others, "NTRU Prime: round 3", 2020). A public key
 * is h = g / (3f) modulo q; a ciphertext is h * r rounded to multiples of three, and a hash that
 * confirms it. Arithmetic and encodings are in sntrup761_*.c.
 */

#define P               SNTRUP_P
#define HASH_SIZE       32 /* of SHA-512 the first half */

#define PUBLIC_SIZE     SNTRUP_RQ_SIZE
#define CIPHERTEXT_SIZE (SNTRUP_ROUNDED_SIZE + HASH_SIZE)

/* Draws of g before the source is held to be broken: nearly every g can be inverted. */
#define DRAWS_MAX       16

/* The secret key: f, 1/g modulo 3, the public key, what answers forgeries, a hash of the public key. */
#define AT_G            SNTRUP_SMALL_SIZE
#define AT_PUBLIC       (AT_G + SNTRUP_SMALL_SIZE)
#define AT_RHO          (AT_PUBLIC + PUBLIC_SIZE)
#define AT_CACHE        (AT_RHO + SNTRUP_SMALL_SIZE)
#define SECRET_SIZE     (AT_CACHE + HASH_SIZE)

/* The first byte of what is hashed says what for. */
enum prefix { SESSION_REJECTED, SESSION, CONFIRM, INPUT, PUBLIC_KEY };

/* `b` may be empty. */
static void hash(uint8_t out[HASH_SIZE], uint8_t prefix, ssh_bytes a, ssh_bytes b)
{
	struct crypt_hash_ctx h;
	uint8_t digest[CRYPT_HASH_MAX];
	crypt_hash_init(&h, &crypt_sha512);
	crypt_hash_update(&h, wire_bytes(&prefix, 1));
	crypt_hash_update(&h, a);
	crypt_hash_update(&h, b);
	crypt_hash_final(&h, digest);
	memcpy(out, digest, HASH_SIZE);
	wire_wipe(digest, sizeof digest);
}

/* ---- randomness ---- */

/* One 32-bit number a coefficient, little-endian. */
static enum ssh_err draw(const struct crypt_rng *rng, uint32_t x[P])
{
	uint8_t bytes[4 * P];
	enum ssh_err e = crypt_rng_fill(rng, bytes, sizeof bytes);
	for (size_t i = 0; e == 0 && i < P; i++) {
		const uint8_t *b = bytes + 4 * i;
		x[i] = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	}
	wire_wipe(bytes, sizeof bytes);
	return e;
}

/* Any small polynomial. */
static enum ssh_err draw_small(const struct crypt_rng *rng, struct sntrup_small *f)
{
	uint32_t x[P];
	enum ssh_err e = draw(rng, x);
	memset(f, 0, sizeof *f);
	for (size_t i = 0; e == 0 && i < P; i++)
		f->c[i] = (int8_t)(((x[i] & 0x3fffffff) * 3 >> 30) - 1);
	wire_wipe(x, sizeof x);
	return e;
}

/*
 * A small polynomial with w coefficients other than zero: their signs are in the two lowest bits of
 * the first w numbers, and sorting puts them anywhere.
 */
static enum ssh_err draw_short(const struct crypt_rng *rng, struct sntrup_small *f)
{
	uint32_t x[P];
	enum ssh_err e = draw(rng, x);
	memset(f, 0, sizeof *f);
	if (e == 0) {
		for (size_t i = 0; i < P; i++)
			x[i] = i < SNTRUP_W ? x[i] & ~1u : (x[i] & ~3u) | 1;
		crypt_sntrup_sort(x);
		for (size_t i = 0; i < P; i++)
			f->c[i] = (int8_t)((x[i] & 3) - 1);
	}
	wire_wipe(x, sizeof x);
	return e;
}

/* ---- the core ---- */

/* g and its inverse. That some were thrown away says nothing of the one that was kept. */
static enum ssh_err draw_invertible(const struct crypt_rng *rng, struct sntrup_small *g,
                                    struct sntrup_small *inverse)
{
	for (int i = 0; i < DRAWS_MAX; i++) {
		enum ssh_err e = draw_small(rng, g);
		if (e != 0)
			return e;
		if (crypt_sntrup_r3_invert(inverse, g) == 0)
			return SSH_OK;
	}
	return SSH_ERR_RANDOM;
}

struct core {
	struct sntrup_small f, g, inverse;
	struct sntrup_rq h;
};

static enum ssh_err core_keygen(struct core *c, const struct crypt_rng *rng, uint8_t *pk,
                                uint8_t *sk)
{
	enum ssh_err e;
	if ((e = draw_invertible(rng, &c->g, &c->inverse)) != 0 ||
	    (e = draw_short(rng, &c->f)) != 0 ||
	    (e = crypt_rng_fill(rng, sk + AT_RHO, SNTRUP_SMALL_SIZE)) != 0)
		return e;
	crypt_sntrup_rq_invert3(&c->h, &c->f);
	crypt_sntrup_rq_multiply(&c->h, &c->h, &c->g);
	crypt_sntrup_rq_encode(pk, &c->h);
	crypt_sntrup_small_encode(sk, &c->f);
	crypt_sntrup_small_encode(sk + AT_G, &c->inverse);
	memcpy(sk + AT_PUBLIC, pk, PUBLIC_SIZE);
	hash(sk + AT_CACHE, PUBLIC_KEY, wire_bytes(pk, PUBLIC_SIZE), wire_bytes(NULL, 0));
	return SSH_OK;
}

/* What r becomes, for encaps and for the check of decaps. */
struct hidden {
	uint8_t r[SNTRUP_SMALL_SIZE];
	uint8_t ciphertext[CIPHERTEXT_SIZE];
};

/* The ciphertext of r: rounded product and confirmation. `cache` is the hash of the public key. */
static void hide(struct hidden *out, const struct sntrup_small *r, const uint8_t *pk,
                 const uint8_t *cache)
{
	struct sntrup_rq h;
	uint8_t input[HASH_SIZE];
	crypt_sntrup_small_encode(out->r, r);
	crypt_sntrup_rq_decode(&h, pk);
	crypt_sntrup_rq_multiply(&h, &h, r);
	crypt_sntrup_rq_round(&h);
	crypt_sntrup_rounded_encode(out->ciphertext, &h);
	hash(input, INPUT, wire_bytes(out->r, SNTRUP_SMALL_SIZE), wire_bytes(NULL, 0));
	hash(out->ciphertext + SNTRUP_ROUNDED_SIZE, CONFIRM, wire_bytes(input, HASH_SIZE),
	     wire_bytes(cache, HASH_SIZE));
	wire_wipe(&h, sizeof h);
	wire_wipe(input, sizeof input);
}

static void session(uint8_t *shared, uint8_t prefix, const uint8_t *r, const uint8_t *ct)
{
	uint8_t input[HASH_SIZE];
	hash(input, INPUT, wire_bytes(r, SNTRUP_SMALL_SIZE), wire_bytes(NULL, 0));
	hash(shared, prefix, wire_bytes(input, HASH_SIZE), wire_bytes(ct, CIPHERTEXT_SIZE));
	wire_wipe(input, sizeof input);
}

/* If the weight is not w there was no such r: then it is ones first, and zeros. */
static void force_weight(struct sntrup_small *r)
{
	uint32_t weight = 0;
	for (size_t i = 0; i < P; i++)
		weight += (uint32_t)r->c[i] & 1;
	uint32_t wrong = crypt_mask_nonzero(weight - SNTRUP_W);
	for (size_t i = 0; i < P; i++) {
		uint32_t c = (uint32_t)r->c[i];
		uint32_t fixed = i < SNTRUP_W ? 1 : 0;
		r->c[i] = (int8_t)(c ^ (wrong & (c ^ fixed)));
	}
}

/* r from the ciphertext: 3fc modulo q is gr plus something small times three. */
static void core_decrypt(struct core *c, struct sntrup_small *r, const uint8_t *sk,
                         const uint8_t *ct)
{
	crypt_sntrup_small_decode(&c->f, sk);
	crypt_sntrup_small_decode(&c->inverse, sk + AT_G);
	crypt_sntrup_rounded_decode(&c->h, ct);
	crypt_sntrup_rq_multiply(&c->h, &c->h, &c->f);
	crypt_sntrup_rq_triple(&c->h);
	crypt_sntrup_rq_mod3(&c->g, &c->h);
	crypt_sntrup_r3_multiply(r, &c->g, &c->inverse);
	force_weight(r);
}

/* ---- the KEM ---- */

static enum ssh_err keygen(const struct crypt_kem *kem, const struct crypt_rng *rng, uint8_t *pk,
                           uint8_t *sk)
{
	(void)kem;
	struct core c;
	enum ssh_err e = core_keygen(&c, rng, pk, sk);
	wire_wipe(&c, sizeof c);
	return e;
}

static enum ssh_err encaps(const struct crypt_kem *kem, const struct crypt_rng *rng,
                           const uint8_t *pk, uint8_t *ct, uint8_t *shared)
{
	(void)kem;
	uint8_t cache[HASH_SIZE];
	struct {
		struct sntrup_small r;
		struct hidden hidden;
	} w;
	enum ssh_err e = draw_short(rng, &w.r);
	if (e == 0) {
		hash(cache, PUBLIC_KEY, wire_bytes(pk, PUBLIC_SIZE), wire_bytes(NULL, 0));
		hide(&w.hidden, &w.r, pk, cache);
		memcpy(ct, w.hidden.ciphertext, CIPHERTEXT_SIZE);
		session(shared, SESSION, w.hidden.r, ct);
	}
	wire_wipe(&w, sizeof w);
	return e;
}

static enum ssh_err decaps(const struct crypt_kem *kem, const uint8_t *sk, const uint8_t *ct,
                           uint8_t *shared)
{
	(void)kem;
	struct {
		struct core c;
		struct sntrup_small r;
		struct hidden hidden;
	} w;
	core_decrypt(&w.c, &w.r, sk, ct);
	hide(&w.hidden, &w.r, sk + AT_PUBLIC, sk + AT_CACHE);
	uint32_t differ = crypt_mask_differ(ct, w.hidden.ciphertext, CIPHERTEXT_SIZE);
	crypt_mask_copy(differ, w.hidden.r, sk + AT_RHO, SNTRUP_SMALL_SIZE);
	session(shared, (uint8_t)(SESSION + differ), w.hidden.r, ct);
	wire_wipe(&w, sizeof w);
	return SSH_OK;
}

_Static_assert(SECRET_SIZE <= CRYPT_KEM_SECRET_MAX, "secret key");
_Static_assert(CIPHERTEXT_SIZE <= CRYPT_KEM_CIPHERTEXT_MAX, "ciphertext");
_Static_assert(HASH_SIZE <= CRYPT_KEM_SHARED_MAX, "shared secret");

const struct crypt_kem crypt_sntrup761 = {
    .name = "sntrup761",
    .public_size = PUBLIC_SIZE,
    .secret_size = SECRET_SIZE,
    .ciphertext_size = CIPHERTEXT_SIZE,
    .shared_size = HASH_SIZE,
    .keygen = keygen,
    .encaps = encaps,
    .decaps = decaps,
};
