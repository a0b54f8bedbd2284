/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/eddsa.h>

/*
 * Ed25519 and Ed448 (RFC 8709, RFC 8032): one code over a row of facts.
 *
 * Any bytes of the right length are taken as a public key, those of small order too: a peer that
 * publishes one harms nobody but itself. Verification is Nettle's, without cofactor: it refuses
 * S >= L and encodings that are no point.
 */

#define KEY_SIZE_MAX ED448_KEY_SIZE

/** What the two have not in common. A signature is twice as long as a key. */
struct curve {
	size_t size; /* of the public key, and of the seed, bytes */
	size_t bits;
	uint8_t
	    unused; /* bits of the last byte of S that no S below L has; Nettle forgets Ed448's */
	void (*public)(uint8_t *public, const uint8_t *seed);
	void (*sign)(const uint8_t *public, const uint8_t *seed, size_t len, const uint8_t *data,
	             uint8_t *sig);
	int (*verify)(const uint8_t *public, size_t len, const uint8_t *data, const uint8_t *sig);
};

static const struct curve ed25519 = {
    .size = ED25519_KEY_SIZE,
    .bits = 256,
    .unused = 0xe0,
    .public = ed25519_sha512_public_key,
    .sign = ed25519_sha512_sign,
    .verify = ed25519_sha512_verify,
};

static const struct curve ed448 = {
    .size = ED448_KEY_SIZE,
    .bits = 448,
    .unused = 0xff,
    .public = ed448_shake256_public_key,
    .sign = ed448_shake256_sign,
    .verify = ed448_shake256_verify,
};

_Static_assert(ED25519_SIGNATURE_SIZE == 2 * ED25519_KEY_SIZE, "twice as long");
_Static_assert(ED448_SIGNATURE_SIZE == 2 * ED448_KEY_SIZE, "twice as long");

struct eddsa {
	uint8_t public[KEY_SIZE_MAX];
	uint8_t seed[KEY_SIZE_MAX];
};

_Static_assert(sizeof(struct eddsa) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");

/* The key may be that of a certificate, or the Ed25519 key of a token. */
static const struct curve *curve_of(const struct crypt_key *k)
{
	const struct crypt_keyalg *alg = k->alg->plain != NULL ? k->alg->plain : k->alg;
	return alg == &crypt_key_ed448 ? &ed448 : &ed25519;
}

static struct eddsa *state(struct crypt_key *k)
{
	return (struct eddsa *)k->state;
}

static const struct eddsa *view(const struct crypt_key *k)
{
	return (const struct eddsa *)k->state;
}

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	ssh_bytes public = wire_get_string(r);
	if (public.len != curve_of(k)->size)
		return SSH_ERR_KEY;
	memcpy(state(k)->public, public.ptr, public.len);
	return SSH_OK;
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_string(out, wire_bytes(view(k)->public, curve_of(k)->size));
}

/* The private section holds seed and public key behind each other. */
static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	const struct curve *c = curve_of(k);
	struct eddsa *s = state(k);
	enum ssh_err e = get_public(k, r);
	ssh_bytes private = wire_get_string(r);
	if (e != SSH_OK || private.len != 2 * c->size)
		return SSH_ERR_KEY;
	memcpy(s->seed, private.ptr, c->size);
	/* Signing with a public key that is not the seed's would give the seed away. */
	uint8_t derived[KEY_SIZE_MAX];
	c->public(derived, s->seed);
	if (memcmp(derived, s->public, c->size) != 0 ||
	    memcmp(derived, private.ptr + c->size, c->size) != 0)
		return SSH_ERR_KEY;
	return SSH_OK;
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	size_t mark = wire_put_string_begin(out);
	wire_put_raw(out, wire_bytes(view(k)->seed, curve_of(k)->size));
	wire_put_raw(out, wire_bytes(view(k)->public, curve_of(k)->size));
	wire_put_string_end(out, mark);
}

static enum ssh_err generate(struct crypt_key *k, size_t bits, const struct crypt_rng *rng)
{
	(void)bits;
	const struct curve *c = curve_of(k);
	struct eddsa *s = state(k);
	enum ssh_err e = crypt_rng_fill(rng, s->seed, c->size);
	if (e != SSH_OK)
		return e;
	c->public(s->public, s->seed);
	return SSH_OK;
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	(void)alg;
	(void)rng;
	const struct curve *c = curve_of(k);
	uint8_t *p = wire_buf_room(out, 2 * c->size);
	if (p == NULL)
		return wire_buf_end(out);
	c->sign(view(k)->public, view(k)->seed, data.len, data.ptr, p);
	wire_buf_took(out, 2 * c->size);
	return SSH_OK;
}

static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	(void)alg;
	const struct curve *c = curve_of(k);
	if (sig.len != 2 * c->size || (sig.ptr[sig.len - 1] & c->unused) != 0 ||
	    !c->verify(view(k)->public, data.len, data.ptr, sig.ptr))
		return SSH_ERR_SIGNATURE;
	return SSH_OK;
}

static size_t bits_of(const struct crypt_key *k)
{
	return curve_of(k)->bits;
}

static void wipe(struct crypt_key *k)
{
	wire_wipe(k->state, sizeof k->state);
}

static const struct crypt_sigalg *const sigs_ed25519[] = {&crypt_sig_ed25519, NULL};
static const struct crypt_sigalg *const sigs_ed448[] = {&crypt_sig_ed448, NULL};

#define FUNCTIONS                                                                                  \
	.get_public = get_public, .put_public = put_public, .get_private = get_private,            \
	.put_private = put_private, .get_secret = get_private, .put_secret = put_private,          \
	.generate = generate, .sign = sign, .verify = verify, .bits = bits_of, .wipe = wipe

const struct crypt_keyalg crypt_key_ed25519 = {
    .name = "ssh-ed25519", .kind = "ED25519", .sigs = sigs_ed25519, FUNCTIONS};
const struct crypt_keyalg crypt_key_ed448 = {
    .name = "ssh-ed448", .kind = "ED448", .sigs = sigs_ed448, FUNCTIONS};

const struct crypt_sigalg crypt_sig_ed25519 = {.name = "ssh-ed25519", .key = &crypt_key_ed25519};
const struct crypt_sigalg crypt_sig_ed448 = {.name = "ssh-ed448", .key = &crypt_key_ed448};
