/* SPDX-License-Identifier: MIT */
#include "libkex/agree_impl.h"

/* X25519 and X448: RFC 7748 section 6, RFC 8731. What differs is in struct kex_xdh. */

enum ssh_err kex_xdh_offer(const struct kex_agree *alg, struct kex_agree_run *run,
                           const struct crypt_rng *rng, struct wire_buf *pub)
{
	uint8_t *scalar;
	size_t n = alg->xdh->size;
	enum ssh_err e = kex_agree_fresh(run, rng, n, &scalar);
	if (e != 0)
		return e;
	uint8_t *u = wire_buf_room(pub, n);
	if (u == NULL)
		return wire_buf_end(pub);
	alg->xdh->mul_g(u, scalar);
	wire_buf_took(pub, n);
	return SSH_OK;
}

enum ssh_err kex_xdh_finish(const struct kex_agree *alg, struct kex_agree_run *run, ssh_bytes in,
                            struct wire_buf *k)
{
	static const uint8_t zero[KEX_XDH_SIZE_MAX];
	size_t n = alg->xdh->size;
	if (in.len != n)
		return SSH_ERR_KEX_VALUE;
	if (wire_buf_len(&run->secret) != n)
		return SSH_ERR_STATE;
	uint8_t *shared = wire_buf_room(k, n);
	if (shared == NULL)
		return wire_buf_end(k);
	alg->xdh->mul(shared, wire_buf_view(&run->secret).ptr, in.ptr);
	/* A point of low order gives zero whatever our secret is. RFC 7748 section 6. */
	if (wire_secret_equal(shared, zero, n))
		return SSH_ERR_KEX_VALUE;
	wire_buf_took(k, n);
	return SSH_OK;
}
