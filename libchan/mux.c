/* SPDX-License-Identifier: MIT */
#include "libchan/mux_impl.h"

/*
 * The engine's frame: life and death, the table of channels, events, questions, output. What the
 * peer's messages mean is in rules.c.
 */

/** The table's first size, in channels. */
#define TABLE_MIN ((size_t)8)

/* --- Life --- */

void chan_config_init(struct chan_config *c, bool server, struct chan_sink sink)
{
	*c = (struct chan_config){
	    .server = server,
	    .sink = sink,
	    .channels_max = CHAN_CHANNELS_MAX,
	    .sessions_max = CHAN_SESSIONS_MAX,
	    .refuse_globals = true,
	};
}

enum ssh_err chan_mux_init(struct chan_mux *m, const struct chan_config *config)
{
	const struct chan_sink *s = &config->sink;
	*m = (struct chan_mux){.config = *config};
	if (s->begin == NULL || s->end == NULL || s->send == NULL || s->writable == NULL ||
	    config->channels_max == 0 || config->channels_max > CHAN_CHANNELS_MAX)
		return SSH_ERR_ARGUMENT;
	if (config->no_flow_control)
		m->config.channels_max = 1; /* RFC 8308 section 3.3: not more at a time */
	return SSH_OK;
}

enum ssh_err chan_mux_alive(const struct chan_mux *m)
{
	if (!m->ended)
		return SSH_OK;
	return m->err == SSH_OK ? SSH_ERR_STATE : m->err;
}

void chan_mux_end(struct chan_mux *m, enum ssh_err e)
{
	if (m->ended)
		return;
	m->ended = true;
	m->err = e;
	if (m->asking != 0)
		m->event_ready = false;
	m->asking = 0;
}

/* --- The table of channels --- */

static size_t slots(const struct chan_mux *m)
{
	return wire_buf_len(&m->table) / sizeof(struct chan_channel *);
}

static struct chan_channel *slot(const struct chan_mux *m, size_t id)
{
	struct chan_channel *ch;
	memcpy(&ch, wire_buf_view(&m->table).ptr + id * sizeof ch, sizeof ch);
	return ch;
}

static void set_slot(struct chan_mux *m, size_t id, struct chan_channel *ch)
{
	memcpy(m->table.mem + m->table.start + id * sizeof ch, &ch, sizeof ch);
}

/* A new table, not a larger one: should memory fail, the old one is still whole. */
static enum ssh_err grow(struct chan_mux *m)
{
	struct wire_buf table = {0};
	size_t n = slots(m) == 0 ? TABLE_MIN : slots(m) * 2;
	uint8_t *p = wire_buf_room(&table, n * sizeof(struct chan_channel *));
	if (p == NULL)
		return SSH_ERR_NO_MEMORY;
	wire_buf_took(&table, n * sizeof(struct chan_channel *));
	for (size_t id = 0; id < n; id++) {
		struct chan_channel *ch = id < slots(m) ? slot(m, id) : NULL;
		memcpy(p + id * sizeof ch, &ch, sizeof ch);
	}
	wire_buf_wipe(&m->table);
	m->table = table;
	return SSH_OK;
}

/* In turn, so that what comes late for a channel that is gone does not find another. */
static size_t free_id(const struct chan_mux *m)
{
	size_t n = slots(m), id = m->next < n ? m->next : 0;
	while (slot(m, id) != NULL)
		id = id + 1 < n ? id + 1 : 0;
	return id;
}

enum ssh_err chan_mux_link(struct chan_mux *m, struct chan_channel *ch, enum chan_state state)
{
	enum ssh_err e;
	if (m->channels >= m->config.channels_max)
		return SSH_ERR_AGAIN;
	if (m->channels == slots(m) && (e = grow(m)) != 0)
		return e;
	size_t id = free_id(m);
	*ch = (struct chan_channel){
	    .owner = ch->owner, .state = state, .local = (uint32_t)id, .mux = m};
	set_slot(m, id, ch);
	m->channels++;
	m->next = id + 1;
	m->used = id >= m->used ? id + 1 : m->used;
	return SSH_OK;
}

static void unblock(struct chan_mux *m, struct chan_channel *ch)
{
	struct chan_channel *before = NULL;
	if (!ch->blocked)
		return;
	if (m->blocked == ch) {
		m->blocked = ch->next_blocked;
	} else {
		for (before = m->blocked; before->next_blocked != ch;)
			before = before->next_blocked;
		before->next_blocked = ch->next_blocked;
	}
	if (m->last_blocked == ch)
		m->last_blocked = before;
	ch->blocked = false;
	ch->next_blocked = NULL;
}

void chan_mux_unlink(struct chan_mux *m, struct chan_channel *ch)
{
	set_slot(m, ch->local, NULL);
	m->channels--;
	m->sessions -= ch->session;
	unblock(m, ch);
	ch->state = CHAN_FREE;
	ch->mux = NULL;
	if (m->channels == 0)
		wire_buf_wipe(&m->table); /* an idle connection holds no buffers */
}

void chan_mux_wipe(struct chan_mux *m)
{
	for (size_t id = slots(m); id-- > 0 && m->channels > 0;)
		if (slot(m, id) != NULL)
			chan_mux_unlink(m, slot(m, id));
	wire_buf_wipe(&m->table);
	*m = (struct chan_mux){.ended = true};
}

struct chan_channel *chan_mux_find(const struct chan_mux *m, uint32_t id)
{
	return id < slots(m) ? slot(m, id) : NULL;
}

bool chan_mux_is_late(const struct chan_mux *m, uint32_t id, ssh_bytes payload)
{
	size_t name = payload.len >= 9 ? wire_load_u32(payload.ptr + 5) : 0;
	if (id >= m->used)
		return false;
	if (payload.ptr[0] == SSH_MSG_CHANNEL_WINDOW_ADJUST)
		return true;
	return payload.ptr[0] == SSH_MSG_CHANNEL_REQUEST && payload.len >= 10 &&
	       name <= payload.len - 10 && payload.ptr[9 + name] == 0;
}

bool chan_mux_remote_used(const struct chan_mux *m, uint32_t remote)
{
	for (size_t id = 0; id < slots(m); id++) {
		const struct chan_channel *ch = slot(m, id);
		if (ch != NULL && ch->state != CHAN_OPENING && ch->remote == remote)
			return true;
	}
	return false;
}

/* --- Events --- */

struct chan_event *chan_mux_tell(struct chan_mux *m, enum chan_event_type type,
                                 struct chan_channel *ch)
{
	m->event = (struct chan_event){.type = type, .ch = ch};
	m->event_ready = true;
	return &m->event;
}

struct chan_event *chan_mux_ask(struct chan_mux *m, enum chan_event_type type,
                                struct chan_channel *ch, uint8_t number)
{
	m->asking = number;
	m->asked = ch;
	return chan_mux_tell(m, type, ch);
}

bool chan_mux_asks(const struct chan_mux *m, uint8_t number)
{
	return m->asking == number && !m->event_ready;
}

void chan_mux_block(struct chan_mux *m, struct chan_channel *ch)
{
	if (ch->blocked)
		return;
	ch->blocked = true;
	if (m->blocked == NULL)
		m->blocked = ch;
	else
		m->last_blocked->next_blocked = ch;
	m->last_blocked = ch;
}

/* First come, first served: who is told goes to the end of the queue if it is stopped again. */
static void tell_writable(struct chan_mux *m)
{
	const struct chan_sink *sink = &m->config.sink;
	while (m->blocked != NULL && !m->event_ready && sink->writable(sink->ctx)) {
		struct chan_channel *ch = m->blocked;
		unblock(m, ch);
		if (chan_channel_sends(ch))
			chan_mux_tell(m, CHAN_EVENT_WRITABLE, ch);
	}
}

static void tell_closed(struct chan_mux *m)
{
	while (m->channels > 0 && !m->event_ready) {
		size_t id = slots(m) - 1;
		struct chan_channel *ch = slot(m, id);
		if (ch != NULL) {
			chan_mux_unlink(m, ch);
			chan_mux_tell(m, CHAN_EVENT_CLOSED, ch)->err = m->err;
		}
		wire_buf_cut(&m->table, id * sizeof ch);
	}
}

bool chan_mux_next(struct chan_mux *m, struct chan_event *ev)
{
	if (!m->event_ready && m->ended)
		tell_closed(m);
	else if (!m->event_ready && m->asking == 0)
		tell_writable(m);
	if (!m->event_ready)
		return false;
	*ev = m->event;
	m->event_ready = false;
	return true;
}

bool chan_mux_quiet(const struct chan_mux *m)
{
	return !m->event_ready && m->asking == 0 && !(m->ended && m->channels > 0);
}

/* --- Output --- */

enum ssh_err chan_mux_put(struct chan_mux *m, ssh_bytes payload)
{
	enum ssh_err e = m->config.sink.send(m->config.sink.ctx, payload);
	if (e != 0)
		chan_mux_end(m, e);
	return e;
}

enum ssh_err chan_mux_put_msg(struct chan_mux *m, const struct wire_shape *shape, const void *msg)
{
	struct wire_buf b = {0};
	wire_msg_encode(&b, shape, msg);
	enum ssh_err e = wire_buf_end(&b);
	if (e == 0)
		e = chan_mux_put(m, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

enum ssh_err chan_mux_put_short(struct chan_mux *m, uint8_t number, uint32_t recipient)
{
	uint8_t p[5] = {number};
	wire_store_u32(p + 1, recipient);
	return chan_mux_put(m, wire_bytes(p, sizeof p));
}

enum ssh_err chan_mux_put_refusal(struct chan_mux *m, uint32_t recipient, uint32_t reason,
                                  const char *text)
{
	struct ssh_channel_open_failure msg = {recipient, reason, wire_bytes_str(text), {NULL, 0}};
	return chan_mux_put_msg(m, &ssh_channel_open_failure_shape, &msg);
}

enum ssh_err chan_mux_put_reply(struct chan_mux *m, const struct chan_channel *ch, bool success)
{
	uint8_t number = success ? SSH_MSG_REQUEST_SUCCESS : SSH_MSG_REQUEST_FAILURE;
	if (ch == NULL)
		return chan_mux_put(m, wire_bytes(&number, 1));
	number = success ? SSH_MSG_CHANNEL_SUCCESS : SSH_MSG_CHANNEL_FAILURE;
	return chan_mux_put_short(m, number, ch->remote);
}

/* --- What the owner asks for --- */

enum ssh_err chan_mux_open(struct chan_mux *m, struct chan_channel *ch,
                           const struct chan_open *open)
{
	enum ssh_err e;
	struct ssh_channel_open msg = {
	    .type = wire_bytes_str(open->type),
	    .window = open->window == 0 ? CHAN_WINDOW : open->window,
	    .maxpacket = open->maxpacket == 0 ? CHAN_PACKET_MAX : open->maxpacket,
	    .rest = open->extra,
	};
	if (ch->state != CHAN_FREE)
		return SSH_ERR_STATE;
	if (msg.maxpacket < CHAN_PACKET_MIN)
		return SSH_ERR_ARGUMENT;
	if ((e = chan_mux_alive(m)) != 0 || (e = chan_mux_link(m, ch, CHAN_OPENING)) != 0)
		return e;
	msg.sender = ch->local;
	chan_window_in_init(&ch->in, msg.window, m->config.no_flow_control);
	ch->in_packet = msg.maxpacket;
	if ((e = chan_mux_put_msg(m, &ssh_channel_open_shape, &msg)) != 0)
		chan_mux_unlink(m, ch);
	return e;
}

enum ssh_err chan_mux_global(struct chan_mux *m, const char *type, bool want_reply, ssh_bytes body)
{
	enum ssh_err e = chan_mux_alive(m);
	struct ssh_global_request msg = {wire_bytes_str(type), want_reply, body};
	if (e != 0)
		return e;
	if (want_reply && m->globals - m->global_replies >= CHAN_GLOBALS_MAX)
		return SSH_ERR_AGAIN;
	if ((e = chan_mux_put_msg(m, &ssh_global_request_shape, &msg)) == 0)
		m->globals += want_reply;
	return e;
}

/* --- What the owner answers --- */

enum ssh_err chan_mux_defer(struct chan_mux *m, struct chan_channel *ch)
{
	enum ssh_err e;
	if (!chan_mux_asks(m, SSH_MSG_CHANNEL_OPEN) || ch->state != CHAN_FREE)
		return SSH_ERR_STATE;
	if ((e = chan_mux_link(m, ch, CHAN_ASKED)) != 0)
		return e;
	ch->remote = m->asked_open.sender;
	chan_window_out_init(&ch->out, m->asked_open.window, m->config.no_flow_control);
	ch->out_packet = m->asked_open.maxpacket;
	ch->session = m->asked_session;
	m->sessions += ch->session;
	m->asking = 0;
	return SSH_OK;
}

enum ssh_err chan_mux_accept(struct chan_mux *m, struct chan_channel *ch, uint32_t window,
                             uint32_t maxpacket)
{
	enum ssh_err e;
	if (maxpacket != 0 && maxpacket < CHAN_PACKET_MIN)
		return SSH_ERR_ARGUMENT;
	if ((e = chan_mux_defer(m, ch)) != 0)
		return e;
	return chan_channel_accept(ch, window, maxpacket);
}

enum ssh_err chan_mux_refuse(struct chan_mux *m, uint32_t reason, const char *text)
{
	if (!chan_mux_asks(m, SSH_MSG_CHANNEL_OPEN))
		return SSH_ERR_STATE;
	enum ssh_err e = chan_mux_put_refusal(m, m->asked_open.sender, reason, text);
	if (e == 0)
		m->asking = 0;
	return e;
}

enum ssh_err chan_mux_answer(struct chan_mux *m, bool success)
{
	const struct chan_channel *ch = m->asked;
	if (!chan_mux_asks(m, SSH_MSG_CHANNEL_REQUEST) && !chan_mux_asks(m, SSH_MSG_GLOBAL_REQUEST))
		return SSH_ERR_STATE;
	m->asking = 0;
	if (ch != NULL && ch->state == CHAN_CLOSING)
		return SSH_OK; /* nothing may follow our CLOSE */
	return chan_mux_put_reply(m, ch, success);
}

enum ssh_err chan_mux_answer_body(struct chan_mux *m, ssh_bytes body)
{
	struct ssh_request_success msg = {body};
	if (!chan_mux_asks(m, SSH_MSG_GLOBAL_REQUEST))
		return SSH_ERR_STATE;
	enum ssh_err e = chan_mux_put_msg(m, &ssh_request_success_shape, &msg);
	if (e == 0)
		m->asking = 0;
	return e;
}
