/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>

#include "libcrypt/key_impl.h"
#include "libwire/mpz.h"

/*
 * ECDSA over the NIST curves (RFC 5656). Points are uncompressed; RFC 5656 section 3.1 lets the
 * compressed form be left out, and nobody sends it.
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

/* The curve's identifier is what follows this in the key type's name. */
static const char *curve_name(const struct crypt_key *k)
{
	return k->alg->name + sizeof "ecdsa-sha2-" - 1;
}

static void set_up(struct crypt_key *k)
{
	const struct ecc_curve *curve = nettle_get_secp_521r1();
	if (strcmp(curve_name(k), "nistp256") == 0)
		curve = nettle_get_secp_256r1();
	if (strcmp(curve_name(k), "nistp384") == 0)
		curve = nettle_get_secp_384r1();
	ecc_point_init(&state(k)->point, curve);
	ecc_scalar_init(&state(k)->secret, curve);
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
	return wire_bytes_is(curve, curve_name(k)) ? set_point(k, q) : SSH_ERR_KEY;
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
	wire_put_str(out, curve_name(k));
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

static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e = get_public(k, r);
	ssh_bytes d = wire_get_mpint(r);
	if (e != 0 || (e = set_secret(k, d)) != 0)
		return e;
	return halves_match(view(k)) ? SSH_OK : SSH_ERR_KEY;
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	mpz_t d;
	mpz_init2(d, COORDINATE_MAX * 8);
	ecc_scalar_get(&view(k)->secret, d);
	crypt_mpz_put(out, d);
	crypt_mpz_wipe(d);
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

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	uint8_t digest[CRYPT_HASH_MAX];
	struct crypt_nettle_rng random;
	struct dsa_signature sig;
	crypt_hash_once(alg->hash, data, digest);
	crypt_nettle_rng_init(&random, rng);
	dsa_signature_init(&sig);
	/* Nettle draws the nonce evenly from the whole of 1 .. n - 1. */
	ecdsa_sign(&view(k)->secret, &random, crypt_nettle_random, alg->hash->size, digest, &sig);
	if (random.err == SSH_OK) {
		wire_mpz_deflate(out, sig.r);
		wire_mpz_deflate(out, sig.s);
	}
	/* A signature with a nonce that is not random gives the key away: it must not stay. */
	crypt_mpz_wipe(sig.r);
	crypt_mpz_wipe(sig.s);
	return random.err;
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
	.get_private = get_private, .put_private = put_private, .generate = generate,              \
	.sign = sign, .verify = verify, .bits = bits_of, .wipe = wipe
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
