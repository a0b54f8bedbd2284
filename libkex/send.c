/* SPDX-License-Identifier: MIT */
#include "libkex/transport_impl.h"

/*
 * The sending side: packets into the bytes that wait for the peer, payloads that wait for keys, and
 * when keys are worn out.
 */

enum ssh_err kex_cause(const struct kex *k)
{
	return k->err == SSH_OK ? SSH_ERR_STATE : k->err;
}

void kex_trace(const struct kex *k, struct kex_trace t)
{
	t.state = kex_state_name(k->state);
	t.kex = k;
	if (k->config.trace != NULL)
		k->config.trace(k->config.trace_ctx, &t);
}

/* What a message of ours sets going when it is sealed. */
static enum ssh_err passed(struct kex *k, uint8_t number)
{
	if (number == SSH_MSG_USERAUTH_SUCCESS && k->config.server && !k->success)
		return kex_compression_success(k);
	if (number == SSH_MSG_NEWCOMPRESS && k->delayed[KEX_CS] != NULL && !k->newcompress)
		return kex_compression_newcompress(k);
	return SSH_OK;
}

enum ssh_err kex_put_packet(struct kex *k, ssh_bytes payload)
{
	if (payload.len > KEX_PACKET_MAX / 2)
		return SSH_ERR_TOO_LONG;
	uint8_t number = payload.ptr[0];
	kex_trace(k, (struct kex_trace){.out = true, .seq = k->out.seq, .payload = payload});
	enum ssh_err e = kex_compression_out(k, &payload);
	if (e != 0)
		return e;
	uint8_t *p = kex_frame_begin(&k->out, payload.len);
	if (p == NULL)
		return wire_buf_end(&k->out.buf) == SSH_ERR_TOO_LONG ? SSH_ERR_QUEUE_FULL
		                                                     : SSH_ERR_NO_MEMORY;
	memmove(p, payload.ptr, payload.len); /* it may be there already */
	e = kex_frame_end(&k->out, payload.len, &k->config.rng);
	return e != 0 ? e : passed(k, number);
}

enum ssh_err kex_send_buf(struct kex *k, struct wire_buf *b)
{
	enum ssh_err e = wire_buf_end(b);
	if (e == 0)
		e = kex_put_packet(k, wire_buf_view(b));
	wire_buf_wipe(b);
	return e;
}

void kex_own_packet(struct kex *k)
{
	if (k->own_packets < KEX_OWN_PACKETS)
		k->own_seqs[k->own_packets++] = k->out.seq;
}

enum ssh_err kex_send_raw(struct kex *k, ssh_bytes payload)
{
	return payload.len == 0 ? SSH_ERR_ARGUMENT : kex_put_packet(k, payload);
}

static bool over(uint64_t n, uint64_t limit)
{
	return limit != 0 && n >= limit;
}

/* What a cipher may see under one key. There is none before the first keys. */
static bool worn_out(const struct kex *k, const struct crypt_packet *p, uint64_t bytes)
{
	if (p->cipher == NULL)
		return false;
	if (k->config.rekey_blocks != 0)
		return bytes / p->cipher->block_size >= k->config.rekey_blocks;
	return over(bytes, p->cipher->data_limit);
}

static bool rekey_is_due(const struct kex *k)
{
	const struct kex_config *c = &k->config;
	if (k->state != KEX_OPEN || k->sending_closed || kex_compression_bars_rekey(k))
		return false;
	if (k->rekey_wanted)
		return true;
	return worn_out(k, &k->in.packet, k->in.bytes) ||
	       worn_out(k, &k->out.packet, k->out.bytes) || over(k->in.bytes, c->rekey_bytes) ||
	       over(k->out.bytes, c->rekey_bytes) || over(k->in.packets, c->rekey_packets) ||
	       over(k->out.packets, c->rekey_packets) ||
	       over(k->now_ms - k->keys_since_ms, c->rekey_ms);
}

void kex_rekey_if_due(struct kex *k)
{
	enum ssh_err e = rekey_is_due(k) ? kex_start_exchange(k) : SSH_OK;
	if (e != 0)
		kex_fail(k, e);
}

static enum ssh_err hold(struct kex *k, ssh_bytes payload)
{
	wire_put_string(&k->held, payload);
	enum ssh_err e = wire_buf_end(&k->held);
	return e == SSH_ERR_TOO_LONG ? SSH_ERR_QUEUE_FULL : e;
}

enum ssh_err kex_send(struct kex *k, ssh_bytes payload)
{
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	if (!k->keyed || payload.len == 0)
		return SSH_ERR_STATE;
	if (payload.len > KEX_PACKET_MAX / 2)
		return SSH_ERR_TOO_LONG;
	enum ssh_err e = SSH_OK;
	if (payload.ptr[0] == SSH_MSG_USERAUTH_SUCCESS)
		e = kex_send_late_ext_info(k);
	if (e == 0)
		e = k->sending_closed ? hold(k, payload) : kex_put_packet(k, payload);
	if (e != 0)
		kex_fail(k, e);
	kex_rekey_if_due(k);
	return e;
}

enum ssh_err kex_flush_held(struct kex *k)
{
	struct wire_reader r;
	enum ssh_err e = SSH_OK;
	wire_reader_init(&r, wire_buf_view(&k->held));
	while (e == 0 && r.left > 0)
		e = kex_put_packet(k, wire_get_string(&r));
	wire_buf_wipe(&k->held);
	return e;
}

bool kex_writable(const struct kex *k)
{
	return k->state != KEX_DEAD && k->keyed && !k->sending_closed &&
	       wire_buf_len(&k->out.buf) < KEX_OUT_HIGH;
}

uint8_t *kex_send_begin(struct kex *k, size_t max)
{
	if (!kex_writable(k) || max > KEX_PACKET_MAX / 2)
		return NULL;
	k->begun = max;
	uint8_t *p = kex_frame_begin(&k->out, max);
	if (p == NULL)
		kex_fail(k, SSH_ERR_NO_MEMORY);
	return p;
}

static enum ssh_err end_in_place(struct kex *k, size_t len)
{
	ssh_bytes payload = wire_bytes(k->out.buf.mem + k->out.buf.end + CRYPT_PACKET_HEAD, len);
	/* What is compressed gets another place. */
	if (k->deflate.on || payload.ptr[0] == SSH_MSG_USERAUTH_SUCCESS)
		return kex_put_packet(k, payload);
	kex_trace(k, (struct kex_trace){.out = true, .seq = k->out.seq, .payload = payload});
	return kex_frame_end(&k->out, len, &k->config.rng);
}

enum ssh_err kex_send_end(struct kex *k, size_t len)
{
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	if (len == 0 || len > k->begun)
		return SSH_ERR_ARGUMENT;
	enum ssh_err e = end_in_place(k, len);
	k->begun = 0;
	if (e != 0)
		kex_fail(k, e);
	kex_rekey_if_due(k);
	return e;
}

enum ssh_err kex_send_unimplemented(struct kex *k, uint32_t seq)
{
	uint8_t p[5] = {SSH_MSG_UNIMPLEMENTED};
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	wire_store_u32(p + 1, seq);
	/* Not held: RFC 4253 section 7.1 lets 1 to 4 through while keys are exchanged. */
	enum ssh_err e = kex_put_packet(k, wire_bytes(p, sizeof p));
	if (e != 0)
		kex_fail(k, e);
	return e;
}

enum ssh_err kex_rekey(struct kex *k)
{
	if (k->state == KEX_DEAD || k->exchanges == 0)
		return SSH_ERR_STATE;
	if (k->sending_closed || k->state != KEX_OPEN)
		return SSH_OK; /* one is under way */
	if (kex_compression_bars_rekey(k)) {
		k->rekey_wanted = true;
		return SSH_OK;
	}
	enum ssh_err e = kex_start_exchange(k);
	if (e != 0)
		kex_fail(k, e);
	return e;
}

ssh_bytes kex_out(const struct kex *k)
{
	return wire_buf_view(&k->out.buf);
}

/*
 * An idle connection holds no buffers, a busy one does not fetch them anew for every burst: memory
 * that came to little use since it was empty last goes at once, other memory when time has passed.
 */
void kex_settle(struct kex *k, struct wire_buf *b, size_t *passed)
{
	if (wire_buf_len(b) != 0 || *passed == 0)
		return;
	if (*passed < KEX_READ_SIZE / 4 || *passed < b->cap / 4)
		wire_buf_wipe(b);
	else
		k->busy_ms = k->now_ms;
	*passed = 0;
}

void kex_sent(struct kex *k, size_t n)
{
	wire_buf_drop(&k->out.buf, n);
	k->out_passed += n;
	kex_settle(k, &k->out.buf, &k->out_passed);
}
