/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>

#include "libcrypt/key_impl.h"
#include "libcrypt/nonce_impl.h"
#include "libwire/mpz.h"

/*
 * ECDSA over the NIST curves (RFC 5656). Points are uncompressed; RFC 5656 section 3.1 lets the
 * compressed form be left out, and nobody sends it. Nonces are those of RFC 6979: a source of
 * randomness that is weak, or gives the same twice, does not give the key away.
 */

#define UNCOMPRESSED   0x04
/* Bytes of a coordinate or scalar on the largest curve, P-521. */
#define COORDINATE_MAX 66

struct ecdsa {
	struct ecc_point point;
	struct ecc_scalar secret;
};

_Static_assert(sizeof(struct ecdsa) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");

static struct ecdsa *state(struct crypt_key *k)
{
	return (struct ecdsa *)k->state;
}

static const struct ecdsa *view(const struct crypt_key *k)
{
	return (const struct ecdsa *)k->state;
}

/* What Nettle does not tell of a curve: its identifier and its group's order, SEC 2 section 2. */
struct curve {
	const char *name;
	const struct ecc_curve *(*get)(void);
	const char *order;
};

static const struct curve curves[] = {
    {"nistp256", nettle_get_secp_256r1,
     "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    {"nistp384", nettle_get_secp_384r1,
     "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc"
     "52973"},
    {"nistp521", nettle_get_secp_521r1,
     "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0"
     "148f709a5d03bb5c9b8899c47aebb6fb71e91386409"},
};

/* Set up for the curve that the key type's name ends in. */
static void set_up(struct crypt_key *k)
{
	const char *name = k->alg->name + sizeof "ecdsa-sha2-" - 1;
	const struct curve *c = curves;
	while (strcmp(c->name, name) != 0)
		c++;
	ecc_point_init(&state(k)->point, c->get());
	ecc_scalar_init(&state(k)->secret, c->get());
}

/* From here on the state knows the curve, for `alg` may be the type of a certificate. */
static const struct curve *curve_of(const struct crypt_key *k)
{
	const struct curve *c = curves;
	while (c->get() != view(k)->point.ecc)
		c++;
	return c;
}

static void wipe(struct crypt_key *k)
{
	struct ecdsa *s = state(k);
	wire_wipe(s->secret.p, (size_t)ecc_size(s->secret.ecc) * sizeof(mp_limb_t));
	ecc_scalar_clear(&s->secret);
	ecc_point_clear(&s->point);
}

static size_t bits_of(const struct crypt_key *k)
{
	return ecc_bit_size(view(k)->point.ecc);
}

/* Bytes of a coordinate; on these curves also of a scalar. */
static size_t coordinate_size(const struct crypt_key *k)
{
	return (bits_of(k) + 7) / 8;
}

/* ecc_point_set refuses coordinates not below p and points that are not on the curve. */
static enum ssh_err set_point(struct crypt_key *k, ssh_bytes q)
{
	size_t n = coordinate_size(k);
	if (q.len != 1 + 2 * n || q.ptr[0] != UNCOMPRESSED)
		return SSH_ERR_KEY;
	mpz_t x, y;
	nettle_mpz_init_set_str_256_u(x, n, q.ptr + 1);
	nettle_mpz_init_set_str_256_u(y, n, q.ptr + 1 + n);
	int ok = ecc_point_set(&state(k)->point, x, y);
	mpz_clears(x, y, NULL);
	return ok ? SSH_OK : SSH_ERR_KEY;
}

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	set_up(k);
	ssh_bytes curve = wire_get_string(r);
	ssh_bytes q = wire_get_string(r);
	return wire_bytes_is(curve, curve_of(k)->name) ? set_point(k, q) : SSH_ERR_KEY;
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	size_t n = coordinate_size(k);
	uint8_t q[1 + 2 * COORDINATE_MAX] = {UNCOMPRESSED};
	mpz_t x, y;
	mpz_inits(x, y, NULL);
	ecc_point_get(&view(k)->point, x, y);
	nettle_mpz_get_str_256(n, q + 1, x);
	nettle_mpz_get_str_256(n, q + 1 + n, y);
	mpz_clears(x, y, NULL);
	wire_put_str(out, curve_of(k)->name);
	wire_put_string(out, wire_bytes(q, 1 + 2 * n));
}

/* ecc_scalar_set refuses 0 and what is not below the group's order. */
static enum ssh_err set_secret(struct crypt_key *k, ssh_bytes d)
{
	if (d.len > coordinate_size(k))
		return SSH_ERR_KEY;
	mpz_t z;
	nettle_mpz_init_set_str_256_u(z, d.len, d.ptr);
	int ok = ecc_scalar_set(&state(k)->secret, z);
	crypt_mpz_wipe(z);
	return ok ? SSH_OK : SSH_ERR_KEY;
}

/* Is the point the one that the secret makes? */
static bool halves_match(const struct ecdsa *s)
{
	struct ecc_point derived;
	mpz_t x, y, dx, dy;
	mpz_inits(x, y, dx, dy, NULL);
	ecc_point_init(&derived, s->point.ecc);
	ecc_point_mul_g(&derived, &s->secret);
	ecc_point_get(&s->point, x, y);
	ecc_point_get(&derived, dx, dy);
	bool match = mpz_cmp(x, dx) == 0 && mpz_cmp(y, dy) == 0;
	ecc_point_clear(&derived);
	mpz_clears(x, y, dx, dy, NULL);
	return match;
}

static enum ssh_err get_secret(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e = set_secret(k, wire_get_mpint(r));
	if (e != SSH_OK)
		return e;
	return halves_match(view(k)) ? SSH_OK : SSH_ERR_KEY;
}

static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e = get_public(k, r);
	return e != SSH_OK ? e : get_secret(k, r);
}

/* Large enough at once, so that GMP moves no secret and leaves it behind. */
static void get_scalar(const struct crypt_key *k, mpz_t d)
{
	mpz_init2(d, COORDINATE_MAX * 8);
	ecc_scalar_get(&view(k)->secret, d);
}

static void put_secret(const struct crypt_key *k, struct wire_buf *out)
{
	mpz_t d;
	get_scalar(k, d);
	crypt_mpz_put(out, d);
	crypt_mpz_wipe(d);
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	put_secret(k, out);
}

static enum ssh_err generate(struct crypt_key *k, size_t bits, const struct crypt_rng *rng)
{
	(void)bits;
	struct crypt_nettle_rng random;
	set_up(k);
	crypt_nettle_rng_init(&random, rng);
	ecdsa_generate_keypair(&state(k)->point, &state(k)->secret, &random, crypt_nettle_random);
	return random.err;
}

/* Set up the nonces for a digest: RFC 6979. */
static void start_nonces(struct crypt_nonce *n, const struct crypt_key *k,
                         const struct crypt_hash *hash, const uint8_t *digest)
{
	mpz_t order, d;
	mpz_init_set_str(order, curve_of(k)->order, 16);
	get_scalar(k, d);
	crypt_nonce_init(n, hash, order, d, digest);
	crypt_mpz_wipe(d);
	mpz_clear(order);
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	(void)rng;
	uint8_t digest[CRYPT_HASH_MAX];
	struct crypt_nonce nonce;
	struct dsa_signature sig;
	crypt_hash_once(alg->hash, data, digest);
	start_nonces(&nonce, k, alg->hash, digest);
	dsa_signature_init(&sig);
	/* Nettle takes what it is given as the nonce itself, and asks again if it is of no use. */
	ecdsa_sign(&view(k)->secret, &nonce, crypt_nonce_random, alg->hash->size, digest, &sig);
	wire_mpz_deflate(out, sig.r);
	wire_mpz_deflate(out, sig.s);
	dsa_signature_clear(&sig);
	crypt_nonce_wipe(&nonce);
	return SSH_OK;
}

static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	struct wire_reader reader;
	wire_reader_init(&reader, sig);
	ssh_bytes r = wire_get_mpint(&reader);
	ssh_bytes s = wire_get_mpint(&reader);
	if (wire_reader_end(&reader) != SSH_OK || r.len > coordinate_size(k) ||
	    s.len > coordinate_size(k))
		return SSH_ERR_SIGNATURE;
	uint8_t digest[CRYPT_HASH_MAX];
	struct dsa_signature numbers;
	crypt_hash_once(alg->hash, data, digest);
	nettle_mpz_init_set_str_256_u(numbers.r, r.len, r.ptr);
	nettle_mpz_init_set_str_256_u(numbers.s, s.len, s.ptr);
	/* Refuses numbers outside 1 .. n - 1. */
	int good = ecdsa_verify(&view(k)->point, alg->hash->size, digest, &numbers);
	dsa_signature_clear(&numbers);
	return good ? SSH_OK : SSH_ERR_SIGNATURE;
}

static const struct crypt_sigalg *const sigs_256[] = {&crypt_sig_ecdsa_nistp256, NULL};
static const struct crypt_sigalg *const sigs_384[] = {&crypt_sig_ecdsa_nistp384, NULL};
static const struct crypt_sigalg *const sigs_521[] = {&crypt_sig_ecdsa_nistp521, NULL};

/* clang-format off */
#define FUNCTIONS                                                                                  \
	.kind = "ECDSA", .get_public = get_public, .put_public = put_public,                       \
	.get_private = get_private, .put_private = put_private, .get_secret = get_secret,          \
	.put_secret = put_secret, .generate = generate, .sign = sign, .verify = verify,            \
	.bits = bits_of, .wipe = wipe
/* clang-format on */

const struct crypt_keyalg crypt_key_ecdsa_nistp256 = {
    .name = "ecdsa-sha2-nistp256", .sigs = sigs_256, FUNCTIONS};
const struct crypt_keyalg crypt_key_ecdsa_nistp384 = {
    .name = "ecdsa-sha2-nistp384", .sigs = sigs_384, FUNCTIONS};
const struct crypt_keyalg crypt_key_ecdsa_nistp521 = {
    .name = "ecdsa-sha2-nistp521", .sigs = sigs_521, FUNCTIONS};

/* The hash goes with the size of the curve: RFC 5656 section 6.2.1. */
const struct crypt_sigalg crypt_sig_ecdsa_nistp256 = {
    .name = "ecdsa-sha2-nistp256", .key = &crypt_key_ecdsa_nistp256, .hash = &crypt_sha256};
const struct crypt_sigalg crypt_sig_ecdsa_nistp384 = {
    .name = "ecdsa-sha2-nistp384", .key = &crypt_key_ecdsa_nistp384, .hash = &crypt_sha384};
const struct crypt_sigalg crypt_sig_ecdsa_nistp521 = {
    .name = "ecdsa-sha2-nistp521", .key = &crypt_key_ecdsa_nistp521, .hash = &crypt_sha512};
