/* SPDX-License-Identifier: MIT */
#include "libchan/mux_impl.h"

/* What the peer may send, and what it means. */

/* --- The types of channels and requests --- */

const struct chan_type chan_types[] = {
    {SSH_MSG_CHANNEL_OPEN, "session", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "direct-tcpip", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "direct-streamlocal@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "tun@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "x11", CHAN_TO_CLIENT, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "forwarded-tcpip", CHAN_TO_CLIENT, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "forwarded-streamlocal@openssh.com", CHAN_TO_CLIENT, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_OPEN, "auth-agent@openssh.com", CHAN_TO_CLIENT, CHAN_ANSWER_OWNER},

    {SSH_MSG_CHANNEL_REQUEST, "pty-req", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "x11-req", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "auth-agent-req@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "env", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "shell", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "exec", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "subsystem", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "break", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_CHANNEL_REQUEST, "window-change", CHAN_TO_SERVER, CHAN_ANSWER_FAILURE},
    {SSH_MSG_CHANNEL_REQUEST, "signal", CHAN_TO_SERVER, CHAN_ANSWER_FAILURE},
    {SSH_MSG_CHANNEL_REQUEST, "xon-xoff", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_CHANNEL_REQUEST, "exit-status", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_CHANNEL_REQUEST, "exit-signal", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_CHANNEL_REQUEST, "eow@openssh.com", CHAN_TO_BOTH, CHAN_ANSWER_FAILURE},

    {SSH_MSG_GLOBAL_REQUEST, "tcpip-forward", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "cancel-tcpip-forward", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "streamlocal-forward@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "cancel-streamlocal-forward@openssh.com", CHAN_TO_SERVER,
     CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "hostkeys-prove-00@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "hostkeys-prove", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "hostkeys-prove-0", CHAN_TO_SERVER, CHAN_ANSWER_OWNER},
    {SSH_MSG_GLOBAL_REQUEST, "no-more-sessions@openssh.com", CHAN_TO_SERVER, CHAN_ANSWER_SUCCESS},
    {SSH_MSG_GLOBAL_REQUEST, "hostkeys-00@openssh.com", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_GLOBAL_REQUEST, "hostkeys", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_GLOBAL_REQUEST, "elevation", CHAN_TO_CLIENT, CHAN_ANSWER_FAILURE},
    {SSH_MSG_GLOBAL_REQUEST, "keepalive@openssh.com", CHAN_TO_BOTH, CHAN_ANSWER_FAILURE},
};
const size_t chan_types_count = sizeof chan_types / sizeof chan_types[0];

static const struct chan_type *find_type(uint8_t number, ssh_bytes name)
{
	for (size_t i = 0; i < chan_types_count; i++)
		if (chan_types[i].number == number && wire_bytes_is(name, chan_types[i].name))
			return &chan_types[i];
	return NULL;
}

static bool receives(uint8_t receivers, bool server)
{
	return (receivers & (server ? CHAN_TO_SERVER : CHAN_TO_CLIENT)) != 0;
}

/* The rest of a message whose type is known must be of its form. */
static enum ssh_err check_rest(const struct wire_shape *head, const void *msg, ssh_bytes rest)
{
	/* As large as any message struct, and aligned like one. */
	union {
		ssh_bytes align;
		uint8_t room[WIRE_SHAPE_MAX_SIZE];
	} scratch;
	const struct wire_shape *tail = wire_msg_tail(head, msg);
	if (tail == NULL || tail->size > sizeof scratch)
		return SSH_OK;
	return wire_msg_decode(tail, rest, &scratch);
}

static void tell_ignored(struct chan_mux *m, struct chan_channel *ch, uint8_t number,
                         ssh_bytes name)
{
	struct chan_event *ev = chan_mux_tell(m, CHAN_EVENT_IGNORED, ch);
	ev->number = number;
	ev->name = name;
}

/* --- Opening --- */

/* Why the mux itself refuses an OPEN; 0 if it does not. */
static uint32_t refusal(const struct chan_mux *m, const struct ssh_channel_open *msg,
                        const char **text)
{
	const struct chan_type *type = find_type(SSH_MSG_CHANNEL_OPEN, msg->type);
	*text = "not in this direction";
	if (type != NULL && !receives(type->receivers, m->config.server) && !m->config.unguarded)
		return SSH_OPEN_ADMINISTRATIVELY_PROHIBITED;
	*text = "maximum packet size is too small";
	if (msg->maxpacket < CHAN_PACKET_MIN)
		return SSH_OPEN_RESOURCE_SHORTAGE;
	*text = "too many channels";
	if (m->channels >= m->config.channels_max)
		return SSH_OPEN_RESOURCE_SHORTAGE;
	*text = "too many sessions";
	if (m->asked_session && m->sessions >= m->config.sessions_max)
		return SSH_OPEN_RESOURCE_SHORTAGE;
	return 0;
}

static enum ssh_err on_open(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_channel_open msg;
	const char *text;
	uint32_t reason;
	enum ssh_err e = wire_msg_decode(&ssh_channel_open_shape, payload, &msg);
	if (e != 0)
		return e;
	m->asked_session = m->config.server && wire_bytes_is(msg.type, "session");
	if (chan_mux_remote_used(m, msg.sender) || (m->asked_session && m->no_more_sessions))
		return SSH_ERR_UNEXPECTED;
	if ((reason = refusal(m, &msg, &text)) != 0) {
		tell_ignored(m, ch, SSH_MSG_CHANNEL_OPEN, msg.type);
		return chan_mux_put_refusal(m, msg.sender, reason, text);
	}
	if (!m->config.unguarded && (e = check_rest(&ssh_channel_open_shape, &msg, msg.rest)) != 0)
		return e;
	m->asked_open = msg;
	struct chan_event *ev = chan_mux_ask(m, CHAN_ASK_OPEN, NULL, SSH_MSG_CHANNEL_OPEN);
	ev->name = msg.type;
	ev->body = msg.rest;
	return SSH_OK;
}

static enum ssh_err on_confirmation(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_channel_open_confirmation msg;
	enum ssh_err e = wire_msg_decode(&ssh_channel_open_confirmation_shape, payload, &msg);
	if (e != 0)
		return e;
	if (msg.maxpacket < CHAN_PACKET_MIN)
		return SSH_ERR_MALFORMED;
	if (chan_mux_remote_used(m, msg.sender))
		return SSH_ERR_UNEXPECTED;
	ch->remote = msg.sender;
	chan_window_out_init(&ch->out, msg.window, m->config.no_flow_control);
	ch->out_packet = msg.maxpacket;
	ch->state = CHAN_OPEN;
	if (ch->abandoned)
		return chan_channel_close(ch);
	chan_mux_tell(m, CHAN_EVENT_OPENED, ch)->body = msg.rest;
	return SSH_OK;
}

static enum ssh_err on_failure(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_channel_open_failure msg;
	enum ssh_err e = wire_msg_decode(&ssh_channel_open_failure_shape, payload, &msg);
	if (e != 0)
		return e;
	chan_mux_unlink(m, ch);
	struct chan_event *ev =
	    chan_mux_tell(m, ch->abandoned ? CHAN_EVENT_CLOSED : CHAN_EVENT_OPEN_FAILED, ch);
	ev->err = SSH_ERR_OPEN_REFUSED;
	ev->reason = msg.reason;
	ev->text = msg.text;
	ev->language = msg.language;
	return SSH_OK;
}

/* --- Data --- */

static enum ssh_err on_adjust(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_channel_window_adjust msg;
	enum ssh_err e = wire_msg_decode(&ssh_channel_window_adjust_shape, payload, &msg);
	/* One that comes late is about a channel that is closing, or had this id before. */
	if (e != 0 || (ch->state != CHAN_OPEN && ch->state != CHAN_ENDED))
		return e;
	if ((e = chan_window_out_add(&ch->out, msg.bytes)) != 0)
		return e;
	if (ch->stalled && ch->out.left > 0) {
		ch->stalled = false;
		if (chan_channel_sends(ch))
			chan_mux_tell(m, CHAN_EVENT_WRITABLE, ch);
	}
	return SSH_OK;
}

/* The string that ends a payload, from `at` on: by hand, being the hot path. */
static enum ssh_err last_string(ssh_bytes payload, size_t at, ssh_bytes *data)
{
	if (payload.len < at + 4)
		return SSH_ERR_TRUNCATED;
	*data = wire_bytes(payload.ptr + at + 4, wire_load_u32(payload.ptr + at));
	if (data->len > payload.len - at - 4)
		return SSH_ERR_TRUNCATED;
	return data->len < payload.len - at - 4 ? SSH_ERR_TRAILING : SSH_OK;
}

/* Count data against the window; *surplus of it must be dropped. */
static enum ssh_err take(struct chan_channel *ch, ssh_bytes data, size_t *surplus)
{
	if (data.len > ch->in_packet)
		return SSH_ERR_TOO_LONG;
	return chan_window_in_take(&ch->in, data.len, surplus);
}

static void deliver(struct chan_mux *m, struct chan_channel *ch, uint32_t ext, ssh_bytes data,
                    size_t surplus)
{
	if (data.len == 0)
		return;
	bool any = data.len > surplus;
	struct chan_event *ev = chan_mux_tell(m, any ? CHAN_EVENT_DATA : CHAN_EVENT_IGNORED, ch);
	ev->number = ext == 0 ? SSH_MSG_CHANNEL_DATA : SSH_MSG_CHANNEL_EXTENDED_DATA;
	ev->ext = ext;
	ev->data = wire_bytes(data.ptr, data.len - surplus);
	ev->dropped = surplus;
}

/* Nobody will take it, so it is given back at once, or the sender would stall. */
static enum ssh_err discard(struct chan_mux *m, struct chan_channel *ch, uint32_t ext,
                            ssh_bytes data, size_t surplus)
{
	struct chan_event *ev = chan_mux_tell(m, CHAN_EVENT_IGNORED, ch);
	ev->number = SSH_MSG_CHANNEL_EXTENDED_DATA;
	ev->ext = ext;
	ev->dropped = data.len;
	return chan_channel_credit(ch, data.len - surplus);
}

static enum ssh_err on_data(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	ssh_bytes data;
	size_t surplus;
	enum ssh_err e = last_string(payload, 5, &data);
	if (e != 0 || ch->state == CHAN_CLOSING)
		return e;
	if ((e = take(ch, data, &surplus)) != 0)
		return e;
	deliver(m, ch, 0, data, surplus);
	return SSH_OK;
}

/* Only one type means anything, and only to a client: RFC 4254 section 5.2. */
static bool wants_ext(const struct chan_mux *m, uint32_t ext)
{
	return m->config.unguarded || (ext == SSH_EXTENDED_DATA_STDERR && !m->config.server);
}

static enum ssh_err on_extended_data(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	ssh_bytes data;
	size_t surplus;
	enum ssh_err e = last_string(payload, 9, &data);
	if (e != 0 || ch->state == CHAN_CLOSING)
		return e;
	uint32_t ext = wire_load_u32(payload.ptr + 5);
	if ((e = take(ch, data, &surplus)) != 0)
		return e;
	if (!wants_ext(m, ext))
		return discard(m, ch, ext, data, surplus);
	deliver(m, ch, ext, data, surplus);
	return SSH_OK;
}

/* --- The end --- */

static enum ssh_err on_eof(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	if (payload.len > 5)
		return SSH_ERR_TRAILING;
	if (ch->eof_received)
		tell_ignored(m, ch, SSH_MSG_CHANNEL_EOF, wire_bytes(NULL, 0));
	else if (ch->state == CHAN_OPEN)
		chan_mux_tell(m, CHAN_EVENT_EOF, ch);
	ch->eof_received = true;
	if (ch->state == CHAN_OPEN)
		ch->state = CHAN_ENDED;
	return SSH_OK;
}

static enum ssh_err on_close(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	enum ssh_err e;
	if (payload.len > 5)
		return SSH_ERR_TRAILING;
	if (ch->state != CHAN_CLOSING && (e = chan_channel_close(ch)) != 0)
		return e;
	chan_mux_unlink(m, ch);
	chan_mux_tell(m, CHAN_EVENT_CLOSED, ch);
	return SSH_OK;
}

/* --- Requests and replies --- */

/* A request, on a channel or, if that is NULL, a global one. */
struct incoming {
	uint8_t number;
	struct chan_channel *ch;
	ssh_bytes name;
	bool want_reply;
	ssh_bytes body;
	const struct chan_type *type; /* or NULL */
};

/* Requests that the mux disposes of without a word to the owner, but for CHAN_EVENT_IGNORED. */
static bool is_unwanted(const struct chan_mux *m, const struct incoming *in)
{
	if (in->ch != NULL && in->ch->state == CHAN_CLOSING && in->want_reply)
		return true;
	if (m->config.unguarded)
		return false;
	if (in->type != NULL)
		return !receives(in->type->receivers, m->config.server);
	return in->number == SSH_MSG_GLOBAL_REQUEST && m->config.refuse_globals;
}

static enum ssh_err ignore_request(struct chan_mux *m, const struct incoming *in)
{
	tell_ignored(m, in->ch, in->number, in->name);
	if (!in->want_reply || (in->ch != NULL && in->ch->state == CHAN_CLOSING))
		return SSH_OK;
	return chan_mux_put_reply(m, in->ch, false);
}

static enum ssh_err pass_request(struct chan_mux *m, const struct incoming *in)
{
	bool global = in->ch == NULL;
	enum chan_answer answer = in->type == NULL ? CHAN_ANSWER_OWNER : in->type->answer;
	struct chan_event *ev;
	if (in->want_reply && (answer == CHAN_ANSWER_OWNER || m->config.unguarded))
		ev = chan_mux_ask(m, global ? CHAN_ASK_GLOBAL : CHAN_ASK_REQUEST, in->ch,
		                  in->number);
	else
		ev = chan_mux_tell(m, global ? CHAN_EVENT_GLOBAL : CHAN_EVENT_REQUEST, in->ch);
	ev->name = in->name;
	ev->body = in->body;
	if (!in->want_reply || m->asking != 0)
		return SSH_OK;
	return chan_mux_put_reply(m, in->ch, answer == CHAN_ANSWER_SUCCESS);
}

static enum ssh_err on_request(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_channel_request msg;
	enum ssh_err e = wire_msg_decode(&ssh_channel_request_shape, payload, &msg);
	if (e != 0)
		return e;
	struct incoming in = {
	    SSH_MSG_CHANNEL_REQUEST, ch,       msg.type,
	    msg.want_reply,          msg.rest, find_type(SSH_MSG_CHANNEL_REQUEST, msg.type)};
	if (is_unwanted(m, &in))
		return ignore_request(m, &in);
	if (!m->config.unguarded &&
	    (e = check_rest(&ssh_channel_request_shape, &msg, msg.rest)) != 0)
		return e;
	return pass_request(m, &in);
}

static enum ssh_err on_global(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	struct ssh_global_request msg;
	enum ssh_err e = wire_msg_decode(&ssh_global_request_shape, payload, &msg);
	if (e != 0)
		return e;
	struct incoming in = {
	    SSH_MSG_GLOBAL_REQUEST, ch,       msg.type,
	    msg.want_reply,         msg.rest, find_type(SSH_MSG_GLOBAL_REQUEST, msg.type)};
	if (is_unwanted(m, &in))
		return ignore_request(m, &in);
	if (!m->config.unguarded &&
	    (e = check_rest(&ssh_global_request_shape, &msg, msg.rest)) != 0)
		return e;
	if (!m->config.unguarded && wire_bytes_is(msg.type, "no-more-sessions@openssh.com"))
		m->no_more_sessions = true;
	return pass_request(m, &in);
}

static enum ssh_err on_reply(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	if (payload.len > 5)
		return SSH_ERR_TRAILING;
	if (ch->replies == ch->requests)
		return SSH_ERR_UNEXPECTED;
	struct chan_event *ev = chan_mux_tell(m, CHAN_EVENT_REPLY, ch);
	ev->success = payload.ptr[0] == SSH_MSG_CHANNEL_SUCCESS;
	ev->nth = ch->replies++;
	return SSH_OK;
}

static enum ssh_err on_global_reply(struct chan_mux *m, struct chan_channel *ch, ssh_bytes payload)
{
	bool success = payload.ptr[0] == SSH_MSG_REQUEST_SUCCESS;
	if (!success && payload.len > 1)
		return SSH_ERR_TRAILING;
	if (m->global_replies == m->globals)
		return SSH_ERR_UNEXPECTED;
	struct chan_event *ev = chan_mux_tell(m, CHAN_EVENT_GLOBAL_REPLY, ch);
	ev->success = success;
	ev->nth = m->global_replies++;
	ev->body = wire_bytes_skip(payload, 1);
	return SSH_OK;
}

/* --- The table --- */

#define IN(state) (1U << CHAN_##state)
/* Once it is open, until it is not. */
#define LIVE      (IN(OPEN) | IN(ENDED) | IN(CLOSING))

const struct chan_rule chan_rules[] = {
    {SSH_MSG_GLOBAL_REQUEST, true, 0, CHAN_TO_BOTH, on_global},
    {SSH_MSG_REQUEST_SUCCESS, true, 0, CHAN_TO_BOTH, on_global_reply},
    {SSH_MSG_REQUEST_FAILURE, true, 0, CHAN_TO_BOTH, on_global_reply},
    {SSH_MSG_CHANNEL_OPEN, true, 0, CHAN_TO_BOTH, on_open},
    {SSH_MSG_CHANNEL_OPEN_CONFIRMATION, false, IN(OPENING), CHAN_TO_BOTH, on_confirmation},
    {SSH_MSG_CHANNEL_OPEN_FAILURE, false, IN(OPENING), CHAN_TO_BOTH, on_failure},
    {SSH_MSG_CHANNEL_WINDOW_ADJUST, false, IN(OPENING) | IN(ASKED) | LIVE, CHAN_TO_BOTH, on_adjust},
    {SSH_MSG_CHANNEL_DATA, false, IN(OPEN) | IN(CLOSING), CHAN_TO_BOTH, on_data},
    {SSH_MSG_CHANNEL_EXTENDED_DATA, false, IN(OPEN) | IN(CLOSING), CHAN_TO_BOTH, on_extended_data},
    {SSH_MSG_CHANNEL_EOF, false, LIVE, CHAN_TO_BOTH, on_eof},
    {SSH_MSG_CHANNEL_CLOSE, false, LIVE, CHAN_TO_BOTH, on_close},
    {SSH_MSG_CHANNEL_REQUEST, false, LIVE, CHAN_TO_BOTH, on_request},
    {SSH_MSG_CHANNEL_SUCCESS, false, LIVE, CHAN_TO_BOTH, on_reply},
    {SSH_MSG_CHANNEL_FAILURE, false, LIVE, CHAN_TO_BOTH, on_reply},
};
const size_t chan_rules_count = sizeof chan_rules / sizeof chan_rules[0];

static bool is_welcome(const struct chan_rule *r, bool server, enum chan_state state)
{
	return receives(r->receivers, server) && (r->global || (r->states & 1U << state) != 0);
}

enum chan_verdict chan_judge(bool server, enum chan_state state, uint8_t number,
                             const struct chan_rule **rule)
{
	enum chan_verdict verdict = CHAN_UNIMPLEMENTED;
	*rule = NULL;
	for (size_t i = 0; i < chan_rules_count; i++) {
		if (chan_rules[i].number != number)
			continue;
		if (is_welcome(&chan_rules[i], server, state)) {
			*rule = &chan_rules[i];
			return CHAN_WELCOME;
		}
		verdict = CHAN_UNWELCOME;
	}
	return verdict;
}

static bool is_global(uint8_t number)
{
	for (size_t i = 0; i < chan_rules_count; i++)
		if (chan_rules[i].number == number)
			return chan_rules[i].global;
	return true;
}

static enum ssh_err dispatch(struct chan_mux *m, ssh_bytes payload)
{
	const struct chan_rule *rule;
	struct chan_channel *ch = NULL;
	uint8_t number = payload.ptr[0];
	if (!is_global(number)) {
		if (payload.len < 5)
			return SSH_ERR_TRUNCATED;
		uint32_t id = wire_load_u32(payload.ptr + 1);
		ch = chan_mux_find(m, id);
		if (ch == NULL)
			return chan_mux_is_late(m, id, payload) ? SSH_OK : SSH_ERR_CHANNEL;
	}
	switch (chan_judge(m->config.server, ch == NULL ? CHAN_FREE : ch->state, number, &rule)) {
	case CHAN_WELCOME:
		return rule->handle(m, ch, payload);
	case CHAN_UNIMPLEMENTED:
		chan_mux_tell(m, CHAN_EVENT_UNIMPLEMENTED, NULL)->number = number;
		return SSH_OK;
	case CHAN_UNWELCOME:
		break;
	}
	return SSH_ERR_UNEXPECTED;
}

enum ssh_err chan_mux_recv(struct chan_mux *m, ssh_bytes payload)
{
	enum ssh_err e = chan_mux_alive(m);
	if (e != 0)
		return e;
	if (m->event_ready || m->asking != 0)
		return SSH_ERR_AGAIN;
	e = payload.len == 0 ? SSH_ERR_TRUNCATED : dispatch(m, payload);
	if (e != 0)
		chan_mux_end(m, e);
	return e;
}
