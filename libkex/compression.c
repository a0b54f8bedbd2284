/* SPDX-License-Identifier: MIT */
#include "libkex/transport_impl.h"

/*
 * When packets are compressed: RFC 4253 section 6.2, and zlib@openssh.com, which is like zlib from
 * USERAUTH_SUCCESS on. Every NEWKEYS begins a new stream.
 */

static const struct crypt_compress *const none_alone[] = {&crypt_compress_none, NULL};

const struct crypt_compress *const *kex_compresses(const struct kex *k, int dir)
{
	const struct crypt_compress *const *algs = k->config.compress[dir];
	return algs == NULL ? none_alone : algs;
}

const struct crypt_compress *kex_find_compress(const struct crypt_compress *const *algs,
                                               ssh_bytes name)
{
	while (*algs != NULL && !wire_bytes_is(name, (*algs)->name))
		algs++;
	return *algs;
}

static void stop(struct kex_compression *c)
{
	crypt_compressor_wipe(&c->stream);
	c->on = false;
	c->awaited = false;
}

static enum ssh_err begin(struct kex *k, struct kex_compression *c)
{
	stop(c);
	if (c->alg == NULL || c->alg->init == NULL)
		return SSH_OK;
	enum ssh_err e = crypt_compressor_init(&c->stream, c->alg, c == &k->inflate);
	c->on = e == SSH_OK;
	return e;
}

/*
 * A server cannot know which of the client's packets was the first after SUCCESS had come there:
 * one that was on its way is not compressed. The stream's first bytes, which no message begins
 * with, tell.
 */
static enum ssh_err begin_delayed(struct kex *k, struct kex_compression *c)
{
	if (!k->config.server || c != &k->inflate)
		return begin(k, c);
	stop(c);
	c->awaited = true;
	return SSH_OK;
}

static bool delayed(const struct kex_compression *c)
{
	return c->alg != NULL && c->alg->delayed;
}

enum ssh_err kex_compression_keys(struct kex *k, bool out)
{
	struct kex_compression *c = out ? &k->deflate : &k->inflate;
	c->alg = k->algs.compress[out == k->config.server ? KEX_SC : KEX_CS];
	if (!delayed(c))
		return begin(k, c);
	if (k->success)
		return begin_delayed(k, c);
	stop(c);
	return SSH_OK;
}

enum ssh_err kex_compression_success(struct kex *k)
{
	enum ssh_err e = SSH_OK;
	k->success = true;
	if (delayed(&k->inflate))
		e = begin_delayed(k, &k->inflate);
	if (e == 0 && delayed(&k->deflate))
		e = begin_delayed(k, &k->deflate);
	return e;
}

enum ssh_err kex_compression_out(struct kex *k, ssh_bytes *payload)
{
	struct kex_compression *c = &k->deflate;
	if (!c->on)
		return SSH_OK;
	/* A stream that failed is lost, and the peer cannot read anything after it. */
	if (c->stream.alg == NULL)
		return SSH_ERR_COMPRESSION;
	wire_buf_reset(&c->buf);
	enum ssh_err e = crypt_compressor_deflate(&c->stream, *payload, &c->buf);
	if (e != 0)
		crypt_compressor_wipe(&c->stream);
	*payload = wire_buf_view(&c->buf);
	return e;
}

enum ssh_err kex_compression_in(struct kex *k, ssh_bytes *payload)
{
	struct kex_compression *c = &k->inflate;
	enum ssh_err e;
	if (c->awaited && c->alg->opens(*payload) && (e = begin(k, c)) != 0)
		return e;
	if (!c->on)
		return SSH_OK;
	wire_buf_reset(&c->buf);
	e = crypt_compressor_inflate(&c->stream, *payload, &c->buf, KEX_INFLATED_MAX);
	*payload = wire_buf_view(&c->buf);
	return e;
}

void kex_compression_idle(struct kex *k)
{
	wire_buf_wipe(&k->deflate.buf);
	if (k->in.state != FRAME_TAKEN)
		wire_buf_wipe(&k->inflate.buf);
}

void kex_compression_wipe(struct kex *k)
{
	struct kex_compression *both[] = {&k->inflate, &k->deflate};
	for (size_t i = 0; i < 2; i++) {
		stop(both[i]);
		wire_buf_wipe(&both[i]->buf);
	}
}
