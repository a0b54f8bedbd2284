/* SPDX-License-Identifier: MIT */
#include "libchan/mux_impl.h"

/* What the owner of a channel does with it. What the peer does is in rules.c. */

const char *chan_state_name(enum chan_state state)
{
	static const char *const names[CHAN_STATES] = {
	    "FREE", "OPENING", "ASKED", "OPEN", "ENDED", "CLOSING",
	};
	return (unsigned)state < CHAN_STATES ? names[state] : "UNKNOWN";
}

static bool is_open(const struct chan_channel *ch)
{
	return ch->state == CHAN_OPEN || ch->state == CHAN_ENDED;
}

/* 0 if messages about the channel may be sent. */
static enum ssh_err check_open(const struct chan_channel *ch)
{
	enum ssh_err e;
	if (ch->state == CHAN_FREE || ch->state == CHAN_CLOSING)
		return SSH_ERR_CHANNEL_CLOSED;
	if ((e = chan_mux_alive(ch->mux)) != 0)
		return e;
	return is_open(ch) ? SSH_OK : SSH_ERR_STATE;
}

/* --- Data --- */

bool chan_channel_sends(const struct chan_channel *ch)
{
	return is_open(ch) && !ch->eof_sent;
}

/* How much the next packet may carry. */
static size_t packet_room(const struct chan_channel *ch)
{
	uint32_t n = ch->out.left < ch->out_packet ? ch->out.left : ch->out_packet;
	return n < CHAN_PACKET_MAX ? n : CHAN_PACKET_MAX;
}

/* Remembers what the channel waits for, so that CHAN_EVENT_WRITABLE can be told. */
static bool can_send(struct chan_channel *ch)
{
	const struct chan_sink *sink = &ch->mux->config.sink;
	if (ch->out.left == 0)
		ch->stalled = true;
	else if (!sink->writable(sink->ctx))
		chan_mux_block(ch->mux, ch);
	else
		return true;
	return false;
}

/* One packet; `ext` 0 stands for CHANNEL_DATA. Returns how much it carries. */
static size_t send_packet(struct chan_channel *ch, uint32_t ext, ssh_bytes data, enum ssh_err *e)
{
	const struct chan_sink *sink = &ch->mux->config.sink;
	size_t head = ext == 0 ? 9 : 13;
	size_t n = data.len < packet_room(ch) ? data.len : packet_room(ch);
	uint8_t *p = sink->begin(sink->ctx, head + n);
	if (p == NULL) {
		chan_mux_block(ch->mux, ch);
		return 0;
	}
	p[0] = ext == 0 ? SSH_MSG_CHANNEL_DATA : SSH_MSG_CHANNEL_EXTENDED_DATA;
	wire_store_u32(p + 1, ch->remote);
	if (ext != 0)
		wire_store_u32(p + 5, ext);
	wire_store_u32(p + head - 4, (uint32_t)n);
	memcpy(p + head, data.ptr, n);
	if ((*e = sink->end(sink->ctx, head + n)) != 0) {
		chan_mux_end(ch->mux, *e);
		return 0;
	}
	*e = chan_window_out_spend(&ch->out, n);
	return n;
}

static size_t send_data(struct chan_channel *ch, uint32_t ext, ssh_bytes data, enum ssh_err *e)
{
	size_t sent = 0, n = 1;
	if ((*e = check_open(ch)) != 0)
		return 0;
	if (ch->eof_sent) {
		*e = SSH_ERR_STATE;
		return 0;
	}
	while (n > 0 && sent < data.len && can_send(ch)) {
		n = send_packet(ch, ext, wire_bytes_skip(data, sent), e);
		sent += n;
	}
	return sent;
}

size_t chan_channel_send(struct chan_channel *ch, ssh_bytes data, enum ssh_err *e)
{
	return send_data(ch, 0, data, e);
}

size_t chan_channel_send_ext(struct chan_channel *ch, uint32_t ext, ssh_bytes data, enum ssh_err *e)
{
	*e = SSH_ERR_ARGUMENT;
	return ext == 0 ? 0 : send_data(ch, ext, data, e);
}

size_t chan_channel_room(struct chan_channel *ch)
{
	if (check_open(ch) != 0 || ch->eof_sent || !can_send(ch))
		return 0;
	return ch->out.left;
}

enum ssh_err chan_channel_credit(struct chan_channel *ch, size_t n)
{
	uint8_t p[9] = {SSH_MSG_CHANNEL_WINDOW_ADJUST};
	uint32_t adjust;
	enum ssh_err e = chan_window_in_consume(&ch->in, n, &adjust);
	/* A peer that has said EOF needs no window, and one that we closed hears nothing. */
	if (e != 0 || adjust == 0 || ch->state != CHAN_OPEN)
		return e;
	wire_store_u32(p + 1, ch->remote);
	wire_store_u32(p + 5, adjust);
	return chan_mux_put(ch->mux, wire_bytes(p, sizeof p));
}

enum ssh_err chan_channel_consumed(struct chan_channel *ch, size_t n)
{
	enum ssh_err e;
	if (ch->state == CHAN_FREE)
		return SSH_OK;
	if ((e = chan_mux_alive(ch->mux)) != 0)
		return e;
	return chan_channel_credit(ch, n);
}

/* --- The end --- */

enum ssh_err chan_channel_eof(struct chan_channel *ch)
{
	enum ssh_err e = check_open(ch);
	if (e != 0 || ch->eof_sent)
		return e;
	ch->eof_sent = true;
	return chan_mux_put_short(ch->mux, SSH_MSG_CHANNEL_EOF, ch->remote);
}

enum ssh_err chan_channel_close(struct chan_channel *ch)
{
	enum ssh_err e;
	if (ch->state == CHAN_FREE)
		return SSH_ERR_CHANNEL_CLOSED;
	if ((e = chan_mux_alive(ch->mux)) != 0)
		return e;
	if (ch->state == CHAN_ASKED)
		return SSH_ERR_STATE;
	if (ch->state == CHAN_OPENING)
		ch->abandoned = true; /* the peer's id is not known yet */
	if (!is_open(ch))
		return SSH_OK;
	ch->state = CHAN_CLOSING;
	return chan_mux_put_short(ch->mux, SSH_MSG_CHANNEL_CLOSE, ch->remote);
}

/* --- Requests and answers --- */

enum ssh_err chan_channel_request(struct chan_channel *ch, const char *type, bool want_reply,
                                  ssh_bytes body)
{
	enum ssh_err e = check_open(ch);
	struct ssh_channel_request msg = {ch->remote, wire_bytes_str(type), want_reply, body};
	if (e != 0)
		return e;
	if (want_reply && ch->requests - ch->replies >= CHAN_REQUESTS_MAX)
		return SSH_ERR_AGAIN;
	if ((e = chan_mux_put_msg(ch->mux, &ssh_channel_request_shape, &msg)) == 0)
		ch->requests += want_reply;
	return e;
}

enum ssh_err chan_channel_accept(struct chan_channel *ch, uint32_t window, uint32_t maxpacket)
{
	enum ssh_err e;
	struct ssh_channel_open_confirmation msg = {
	    .recipient = ch->remote,
	    .sender = ch->local,
	    .window = window == 0 ? CHAN_WINDOW : window,
	    .maxpacket = maxpacket == 0 ? CHAN_PACKET_MAX : maxpacket,
	};
	if (ch->state != CHAN_ASKED)
		return SSH_ERR_STATE;
	if (msg.maxpacket < CHAN_PACKET_MIN)
		return SSH_ERR_ARGUMENT;
	if ((e = chan_mux_alive(ch->mux)) != 0)
		return e;
	e = chan_mux_put_msg(ch->mux, &ssh_channel_open_confirmation_shape, &msg);
	if (e != 0)
		return e;
	chan_window_in_init(&ch->in, msg.window, ch->mux->config.no_flow_control);
	ch->in_packet = msg.maxpacket;
	ch->state = CHAN_OPEN;
	return SSH_OK;
}

enum ssh_err chan_channel_refuse(struct chan_channel *ch, uint32_t reason, const char *text)
{
	enum ssh_err e;
	struct chan_mux *m = ch->mux;
	if (ch->state != CHAN_ASKED)
		return SSH_ERR_STATE;
	if ((e = chan_mux_alive(m)) == 0 &&
	    (e = chan_mux_put_refusal(m, ch->remote, reason, text)) == 0)
		chan_mux_unlink(m, ch);
	return e;
}
