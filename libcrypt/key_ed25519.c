/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include <nettle/eddsa.h>

/*
 * Ed25519 (RFC 8709, RFC 8032).
 *
 * Any 32 bytes are taken as a public key, those of small order too: a peer that publishes one
 * harms nobody but itself. Verification is Nettle's, without cofactor: it refuses S >= L and
 * encodings that are no point.
 */

/* The private section holds seed and public key behind each other. */
#define PRIVATE_SIZE (2 * ED25519_KEY_SIZE)

struct ed25519 {
	uint8_t public[ED25519_KEY_SIZE];
	uint8_t seed[ED25519_KEY_SIZE];
};

_Static_assert(sizeof(struct ed25519) <= CRYPT_KEY_STATE_SIZE, "the state holds the key");

static struct ed25519 *state(struct crypt_key *k)
{
	return (struct ed25519 *)k->state;
}

static const struct ed25519 *view(const struct crypt_key *k)
{
	return (const struct ed25519 *)k->state;
}

static enum ssh_err get_public(struct crypt_key *k, struct wire_reader *r)
{
	ssh_bytes public = wire_get_string(r);
	if (public.len != ED25519_KEY_SIZE)
		return SSH_ERR_KEY;
	memcpy(state(k)->public, public.ptr, public.len);
	return SSH_OK;
}

static void put_public(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_string(out, wire_bytes(view(k)->public, ED25519_KEY_SIZE));
}

static enum ssh_err get_private(struct crypt_key *k, struct wire_reader *r)
{
	struct ed25519 *s = state(k);
	enum ssh_err e = get_public(k, r);
	ssh_bytes private = wire_get_string(r);
	if (e != SSH_OK || private.len != PRIVATE_SIZE)
		return SSH_ERR_KEY;
	memcpy(s->seed, private.ptr, ED25519_KEY_SIZE);
	/* Signing with a public key that is not the seed's would give the seed away. */
	uint8_t derived[ED25519_KEY_SIZE];
	ed25519_sha512_public_key(derived, s->seed);
	if (memcmp(derived, s->public, ED25519_KEY_SIZE) != 0 ||
	    memcmp(derived, private.ptr + ED25519_KEY_SIZE, ED25519_KEY_SIZE) != 0)
		return SSH_ERR_KEY;
	return SSH_OK;
}

static void put_private(const struct crypt_key *k, struct wire_buf *out)
{
	put_public(k, out);
	size_t mark = wire_put_string_begin(out);
	wire_put_raw(out, wire_bytes(view(k)->seed, ED25519_KEY_SIZE));
	wire_put_raw(out, wire_bytes(view(k)->public, ED25519_KEY_SIZE));
	wire_put_string_end(out, mark);
}

static enum ssh_err generate(struct crypt_key *k, size_t bits, const struct crypt_rng *rng)
{
	(void)bits;
	struct ed25519 *s = state(k);
	enum ssh_err e = crypt_rng_fill(rng, s->seed, sizeof s->seed);
	if (e != SSH_OK)
		return e;
	ed25519_sha512_public_key(s->public, s->seed);
	return SSH_OK;
}

static enum ssh_err sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                         const struct crypt_rng *rng, struct wire_buf *out)
{
	(void)alg;
	(void)rng;
	uint8_t *p = wire_buf_room(out, ED25519_SIGNATURE_SIZE);
	if (p == NULL)
		return wire_buf_end(out);
	ed25519_sha512_sign(view(k)->public, view(k)->seed, data.len, data.ptr, p);
	wire_buf_took(out, ED25519_SIGNATURE_SIZE);
	return SSH_OK;
}

static enum ssh_err verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                           ssh_bytes data, ssh_bytes sig)
{
	(void)alg;
	if (sig.len != ED25519_SIGNATURE_SIZE ||
	    !ed25519_sha512_verify(view(k)->public, data.len, data.ptr, sig.ptr))
		return SSH_ERR_SIGNATURE;
	return SSH_OK;
}

static size_t bits_of(const struct crypt_key *k)
{
	(void)k;
	return 256;
}

static void wipe(struct crypt_key *k)
{
	wire_wipe(k->state, sizeof k->state);
}

static const struct crypt_sigalg *const sigs[] = {&crypt_sig_ed25519, NULL};

const struct crypt_keyalg crypt_key_ed25519 = {
    .name = "ssh-ed25519",
    .kind = "ED25519",
    .sigs = sigs,
    .get_public = get_public,
    .put_public = put_public,
    .get_private = get_private,
    .put_private = put_private,
    .get_secret = get_private,
    .put_secret = put_private,
    .generate = generate,
    .sign = sign,
    .verify = verify,
    .bits = bits_of,
    .wipe = wipe,
};

const struct crypt_sigalg crypt_sig_ed25519 = {.name = "ssh-ed25519", .key = &crypt_key_ed25519};
