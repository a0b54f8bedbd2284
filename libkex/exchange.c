/* SPDX-License-Identifier: MIT */
#include "libkex/exchange.h"

#include "libwire/buf.h"

static void hash_u32(struct crypt_hash_ctx *h, uint32_t v)
{
	uint8_t p[4];
	wire_store_u32(p, v);
	crypt_hash_update(h, wire_bytes(p, sizeof p));
}

static void hash_string(struct crypt_hash_ctx *h, ssh_bytes v)
{
	hash_u32(h, (uint32_t)v.len);
	crypt_hash_update(h, v);
}

/* As wire_put_mpint: leading zeros go, a sign byte comes where needed. */
static void hash_mpint(struct crypt_hash_ctx *h, ssh_bytes m)
{
	static const uint8_t sign[1] = {0};
	while (m.len > 0 && m.ptr[0] == 0)
		m = wire_bytes_skip(m, 1);
	size_t signs = m.len > 0 ? m.ptr[0] >> 7 : 0;
	hash_u32(h, (uint32_t)(signs + m.len));
	crypt_hash_update(h, wire_bytes(sign, signs));
	crypt_hash_update(h, m);
}

static void hash_value(struct crypt_hash_ctx *h, ssh_bytes v, bool is_string)
{
	if (is_string)
		hash_string(h, v);
	else
		hash_mpint(h, v);
}

static void hash_gex(struct crypt_hash_ctx *h, const struct kex_exchange *x)
{
	const struct kex_gex_request *ask = &x->request;
	bool old_form = ask->min == 0 && ask->max == 0;
	if (!old_form)
		hash_u32(h, ask->min);
	hash_u32(h, ask->n);
	if (!old_form)
		hash_u32(h, ask->max);
	hash_mpint(h, x->group.p);
	hash_mpint(h, x->group.g);
}

void kex_exchange_hash(const struct kex_agree *alg, const struct kex_exchange *x, uint8_t *h)
{
	struct crypt_hash_ctx ctx;
	bool strings = alg->messages == WIRE_KEX_ECDH;
	crypt_hash_init(&ctx, alg->hash);
	hash_string(&ctx, x->v_c);
	hash_string(&ctx, x->v_s);
	hash_string(&ctx, x->i_c);
	hash_string(&ctx, x->i_s);
	hash_string(&ctx, x->k_s);
	if (alg->messages == WIRE_KEX_GEX)
		hash_gex(&ctx, x);
	hash_value(&ctx, x->client_value, strings);
	hash_value(&ctx, x->server_value, strings);
	hash_value(&ctx, x->k, alg->k_is_string);
	crypt_hash_final(&ctx, h);
}

/* The block after `done`: the first is made from the letter, the others from all before them. */
static void derive_block(const struct kex_derive *d, char letter, ssh_bytes done, uint8_t *block)
{
	struct crypt_hash_ctx ctx;
	crypt_hash_init(&ctx, d->alg->hash);
	hash_value(&ctx, d->k, d->alg->k_is_string);
	crypt_hash_update(&ctx, d->h);
	if (done.len == 0) {
		crypt_hash_update(&ctx, wire_bytes(&letter, 1));
		crypt_hash_update(&ctx, d->session_id);
	}
	crypt_hash_update(&ctx, done);
	crypt_hash_final(&ctx, block);
}

void kex_derive(const struct kex_derive *d, char letter, uint8_t *out, size_t n)
{
	uint8_t block[CRYPT_HASH_MAX];
	size_t size = d->alg->hash->size;
	for (size_t at = 0; at < n; at += size) {
		derive_block(d, letter, wire_bytes(out, at), block);
		memcpy(out + at, block, n - at < size ? n - at : size);
	}
	wire_wipe(block, sizeof block);
}
