/* SPDX-License-Identifier: MIT */
#include "libkex/transport_impl.h"

#include "libwire/names.h"

/*
 * When packets are compressed: RFC 4253 section 6.2, and zlib@openssh.com, which is like zlib from
 * USERAUTH_SUCCESS on, and the extension that does the same for every method. Every NEWKEYS begins a new stream.
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

/* --- delay-compression, RFC 8308 section 3.2 --- */

static bool both_announced(const struct kex *k)
{
	return (k->exts & k->peer_exts & (uint32_t)1 << KEX_EXT_DELAY_COMPRESSION) != 0;
}

/* The client's first name that the server has too. */
static const struct crypt_compress *common(const struct kex *k, int dir, ssh_bytes theirs)
{
	const struct crypt_compress *const *ours = k->config.delay_compress[dir];
	struct wire_names w = wire_names_of(theirs);
	ssh_bytes name;
	if (!k->config.server) {
		while (*ours != NULL && !wire_names_has(theirs, wire_bytes_str((*ours)->name)))
			ours++;
		return *ours;
	}
	while (wire_names_next(&w, &name))
		if (kex_find_compress(ours, name) != NULL)
			return kex_find_compress(ours, name);
	return NULL;
}

static enum ssh_err choose_delayed(struct kex *k)
{
	struct wire_reader r;
	ssh_bytes value;
	(void)kex_peer_ext(k, KEX_EXT_DELAY_COMPRESSION, &value);
	wire_reader_init(&r, value);
	ssh_bytes lists[2] = {wire_get_string(&r)};
	lists[KEX_SC] = wire_get_string(&r);
	enum ssh_err e = wire_reader_end(&r);
	for (int dir = KEX_CS; e == 0 && dir <= KEX_SC; dir++) {
		if ((e = wire_names_check(lists[dir])) != 0)
			break;
		k->delayed[dir] = common(k, dir, lists[dir]);
		if (k->delayed[dir] != NULL)
			continue;
		k->failed_list = dir == KEX_CS ? KEX_LIST_COMP_CS : KEX_LIST_COMP_SC;
		e = SSH_ERR_NO_COMMON;
	}
	return e;
}

static enum ssh_err switch_to(struct kex *k, struct kex_compression *c, int dir)
{
	c->alg = k->delayed[dir];
	k->algs.compress[dir] = c->alg;
	return begin(k, c);
}

/* What the server sends is compressed from here on, what the client sends from NEWCOMPRESS on. */
static enum ssh_err extension_success(struct kex *k)
{
	static const uint8_t newcompress[] = {SSH_MSG_NEWCOMPRESS};
	enum ssh_err e = choose_delayed(k);
	if (e != 0)
		return e;
	e = switch_to(k, k->config.server ? &k->deflate : &k->inflate, KEX_SC);
	if (e != 0 || k->config.server)
		return e;
	return kex_send(k, wire_bytes(newcompress, sizeof newcompress));
}

enum ssh_err kex_compression_newcompress(struct kex *k)
{
	k->newcompress = true;
	return switch_to(k, k->config.server ? &k->inflate : &k->deflate, KEX_CS);
}

enum ssh_err kex_on_newcompress(struct kex *k, const struct kex_frame_packet *p)
{
	if (p->payload.len != 1)
		return SSH_ERR_TRAILING;
	if (k->delayed[KEX_CS] == NULL || k->newcompress)
		return SSH_ERR_UNEXPECTED;
	return kex_compression_newcompress(k);
}

bool kex_compression_bars_rekey(const struct kex *k)
{
	if ((k->exts >> KEX_EXT_DELAY_COMPRESSION & 1) == 0)
		return false;
	return !k->success || (!k->config.server && k->delayed[KEX_CS] != NULL && !k->newcompress);
}

/* --- SUCCESS --- */

enum ssh_err kex_compression_success(struct kex *k)
{
	enum ssh_err e = SSH_OK;
	k->success = true;
	if (both_announced(k))
		return extension_success(k);
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
