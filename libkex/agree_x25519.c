/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

#include <nettle/curve25519.h>

/* Nettle does the clamping of the scalar and the masking of bit 255 that RFC 7748 asks for. */
static enum ssh_err offer(const struct kex_agree *alg, struct kex_agree_run *run,
                          const struct crypt_rng *rng, struct wire_buf *pub)
{
	(void)alg;
	uint8_t *scalar;
	enum ssh_err e = kex_agree_fresh(run, rng, CURVE25519_SIZE, &scalar);
	if (e != 0)
		return e;
	uint8_t *u = wire_buf_room(pub, CURVE25519_SIZE);
	if (u == NULL)
		return wire_buf_end(pub);
	curve25519_mul_g(u, scalar);
	wire_buf_took(pub, CURVE25519_SIZE);
	return SSH_OK;
}

static enum ssh_err finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                           struct wire_buf *k)
{
	static const uint8_t zero[CURVE25519_SIZE];
	(void)alg;
	if (in.len != CURVE25519_SIZE)
		return SSH_ERR_KEX_VALUE;
	if (wire_buf_len(&run->secret) != CURVE25519_SIZE)
		return SSH_ERR_STATE;
	uint8_t *shared = wire_buf_room(k, CURVE25519_SIZE);
	if (shared == NULL)
		return wire_buf_end(k);
	curve25519_mul(shared, wire_buf_view(&run->secret).ptr, in.ptr);
	/* A point of low order gives zero whatever our secret is. RFC 7748 section 6.1. */
	if (wire_secret_equal(shared, zero, sizeof zero))
		return SSH_ERR_KEX_VALUE;
	wire_buf_took(k, CURVE25519_SIZE);
	return SSH_OK;
}

#define AGREE(name_)                                                                               \
	{                                                                                          \
		.name = name_, .hash = &crypt_sha256, .messages = WIRE_KEX_ECDH, .offer = offer,   \
		.answer = kex_agree_answer, .finish = finish                                       \
	}

const struct kex_agree kex_curve25519_sha256 = AGREE("curve25519-sha256");
const struct kex_agree kex_curve25519_sha256_libssh = AGREE("curve25519-sha256@libssh.org");
