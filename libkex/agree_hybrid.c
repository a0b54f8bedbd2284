/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include "libcrypt/kem.h"

/*
 * A KEM and a classical agreement side by side, so that whoever breaks one has nothing yet. The
 * client's value is the KEM's public key and the classical value, the server's the ciphertext and
 * the classical value, and K a hash of both secrets. RFC 9941, RFC 10042.
 */

/* The classical agreement is given its own run and the tail of what the peer sent. */
struct part {
	const struct kex_agree *alg;
	struct kex_agree_run run;
	ssh_bytes in;
};

static struct part classical(const struct kex_agree *alg, ssh_bytes in, size_t kem_size)
{
	return (struct part){.alg = alg->hybrid->classical, .in = wire_bytes_skip(in, kem_size)};
}

/* Append HASH(K_PQ || K_CL); the classical part has a fixed length, as the KEM's has. */
static enum ssh_err combine(const struct kex_agree *alg, const uint8_t *shared,
                            const struct wire_buf *k_cl, struct wire_buf *k)
{
	struct crypt_hash_ctx h;
	uint8_t *room = wire_buf_room(k, alg->hash->size);
	if (room == NULL)
		return wire_buf_end(k);
	crypt_hash_init(&h, alg->hash);
	crypt_hash_update(&h, wire_bytes(shared, alg->hybrid->kem->shared_size));
	crypt_hash_update(&h, wire_buf_view(k_cl));
	crypt_hash_final(&h, room);
	wire_buf_took(k, alg->hash->size);
	return SSH_OK;
}

/* The run keeps the KEM's secret key and then the classical secret. */
static enum ssh_err offer_parts(const struct kex_agree *alg, struct kex_agree_run *run,
                                const struct crypt_rng *rng, struct wire_buf *pub)
{
	const struct crypt_kem *kem = alg->hybrid->kem;
	struct part cl = classical(alg, wire_bytes(NULL, 0), 0);
	uint8_t *sk = wire_buf_room(&run->secret, kem->secret_size);
	if (sk == NULL)
		return wire_buf_end(&run->secret);
	wire_buf_took(&run->secret, kem->secret_size);
	uint8_t *pk = wire_buf_room(pub, kem->public_size);
	if (pk == NULL)
		return wire_buf_end(pub);
	enum ssh_err e = kem->keygen(kem, rng, pk, sk);
	if (e != 0)
		return e;
	wire_buf_took(pub, kem->public_size);
	e = cl.alg->offer(cl.alg, &cl.run, rng, pub);
	if (e == 0) {
		wire_put_raw(&run->secret, wire_buf_view(&cl.run.secret));
		e = wire_buf_end(&run->secret);
	}
	kex_agree_wipe(&cl.run);
	return e;
}

static enum ssh_err offer(const struct kex_agree *alg, struct kex_agree_run *run,
                          const struct crypt_rng *rng, struct wire_buf *pub)
{
	size_t pub_len = wire_buf_len(pub);
	wire_buf_reset(&run->secret);
	enum ssh_err e = offer_parts(alg, run, rng, pub);
	if (e != 0) {
		wire_buf_cut(pub, pub_len);
		wire_buf_wipe(&run->secret);
	}
	return e;
}

static enum ssh_err answer_parts(const struct kex_agree *alg, const struct crypt_rng *rng,
                                 struct kex_answer *io, struct wire_buf *k_cl, uint8_t *shared)
{
	const struct crypt_kem *kem = alg->hybrid->kem;
	struct part cl = classical(alg, io->in, kem->public_size);
	if (io->in.len < kem->public_size)
		return SSH_ERR_KEX_VALUE;
	uint8_t *ct = wire_buf_room(io->pub, kem->ciphertext_size);
	if (ct == NULL)
		return wire_buf_end(io->pub);
	enum ssh_err e = kem->encaps(kem, rng, io->in.ptr, ct, shared);
	if (e != 0)
		return e == SSH_ERR_KEY ? SSH_ERR_KEX_VALUE : e;
	wire_buf_took(io->pub, kem->ciphertext_size);
	struct kex_answer cl_io = {cl.in, io->pub, k_cl};
	e = cl.alg->answer(cl.alg, &cl.run, rng, &cl_io);
	kex_agree_wipe(&cl.run);
	return e != 0 ? e : combine(alg, shared, k_cl, io->k);
}

static enum ssh_err answer(const struct kex_agree *alg, struct kex_agree_run *run,
                           const struct crypt_rng *rng, struct kex_answer *io)
{
	(void)run;
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	struct wire_buf k_cl = {0};
	size_t pub_len = wire_buf_len(io->pub);
	enum ssh_err e = answer_parts(alg, rng, io, &k_cl, shared);
	if (e != 0)
		wire_buf_cut(io->pub, pub_len);
	wire_wipe(shared, sizeof shared);
	wire_buf_wipe(&k_cl);
	return e;
}

static enum ssh_err finish_classical(struct part *cl, ssh_bytes secret, struct wire_buf *k_cl)
{
	wire_put_raw(&cl->run.secret, secret);
	enum ssh_err e = wire_buf_end(&cl->run.secret);
	if (e == 0)
		e = cl->alg->finish(cl->alg, &cl->run, cl->in, k_cl);
	kex_agree_wipe(&cl->run);
	return e;
}

static enum ssh_err finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                           struct wire_buf *k)
{
	const struct crypt_kem *kem = alg->hybrid->kem;
	struct part cl = classical(alg, in, kem->ciphertext_size);
	ssh_bytes secret = wire_buf_view(&run->secret);
	uint8_t shared[CRYPT_KEM_SHARED_MAX];
	struct wire_buf k_cl = {0};
	if (secret.len < kem->secret_size)
		return SSH_ERR_STATE;
	if (in.len < kem->ciphertext_size)
		return SSH_ERR_KEX_VALUE;
	enum ssh_err e = kem->decaps(kem, secret.ptr, in.ptr, shared);
	if (e == 0)
		e = finish_classical(&cl, wire_bytes_skip(secret, kem->secret_size), &k_cl);
	if (e == 0)
		e = combine(alg, shared, &k_cl, k);
	wire_wipe(shared, sizeof shared);
	wire_buf_wipe(&k_cl);
	return e;
}

#define HYBRID(name_, hash_, hybrid_)                                                              \
	{                                                                                          \
		.name = name_, .hash = &hash_, .messages = WIRE_KEX_ECDH, .k_is_string = true,     \
		.hybrid = &hybrid_, .offer = offer, .answer = answer, .finish = finish             \
	}

static const struct kex_hybrid mlkem768_x25519 = {&crypt_mlkem768, &kex_curve25519_sha256};
static const struct kex_hybrid mlkem768_nistp256 = {&crypt_mlkem768, &kex_ecdh_nistp256};
static const struct kex_hybrid mlkem1024_nistp384 = {&crypt_mlkem1024, &kex_ecdh_nistp384};
static const struct kex_hybrid sntrup761_x25519 = {&crypt_sntrup761, &kex_curve25519_sha256};

const struct kex_agree kex_mlkem768x25519_sha256 =
    HYBRID("mlkem768x25519-sha256", crypt_sha256, mlkem768_x25519);
const struct kex_agree kex_mlkem768nistp256_sha256 =
    HYBRID("mlkem768nistp256-sha256", crypt_sha256, mlkem768_nistp256);
const struct kex_agree kex_mlkem1024nistp384_sha384 =
    HYBRID("mlkem1024nistp384-sha384", crypt_sha384, mlkem1024_nistp384);
const struct kex_agree kex_sntrup761x25519_sha512 =
    HYBRID("sntrup761x25519-sha512", crypt_sha512, sntrup761_x25519);
const struct kex_agree kex_sntrup761x25519_sha512_openssh =
    HYBRID("sntrup761x25519-sha512@openssh.com", crypt_sha512, sntrup761_x25519);
