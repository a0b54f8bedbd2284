/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

/* What events do: everything is dealt with at once, so that no question ever holds up the others. */

void sock_name_copy(char out[SOCK_NAME_SIZE], ssh_bytes name)
{
	size_t n = name.len < SOCK_NAME_SIZE ? name.len : SOCK_NAME_SIZE - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(name.ptr[i] > ' ' && name.ptr[i] < 0x7f ? name.ptr[i] : '?');
	out[n] = '\0';
}

void sock_keep_more(struct sock *s, struct wire_buf *b, ssh_bytes value)
{
	wire_put_raw(b, value);
	if (wire_buf_end(b) != 0)
		kex_fail(&s->conn.kex, wire_buf_end(b));
}

static void keep(struct sock *s, struct wire_buf *b, ssh_bytes value)
{
	wire_buf_reset(b);
	sock_keep_more(s, b, value);
}

/* --- Transport --- */

static void on_host_key(struct sock *s, const struct kex_event *ev)
{
	ssh_bytes expected = s->config.host_key;
	/* Another key than before, in the middle of a session: nobody is there to ask. */
	s->host_key_wrong = !ev->first;
	if (ev->first) {
		keep(s, &s->host_key, ev->host_key);
		if (expected.len != 0)
			s->host_key_wrong = !wire_bytes_equal(ev->host_key, expected);
		else if (s->config.known_hosts.len != 0)
			s->host_key_wrong =
			    !sock_known_allows(s, ev->host_key, ev->sig->key->plain != NULL);
	}
	if (s->host_key_wrong || expected.len != 0 || s->known.known == AUTH_KNOWN_MATCH)
		(void)kex_answer_host_key(&s->conn.kex, !s->host_key_wrong);
	else
		s->host_key_asked = true;
}

static void on_kex(struct sock *s, const struct kex_event *ev)
{
	if (ev->type == KEX_ASK_HOST_KEY)
		on_host_key(s, ev);
	else if (ev->type == KEX_ASK_SIGN)
		(void)kex_answer_sign(&s->conn.kex, wire_bytes(NULL, 0));
	else if (ev->type == KEX_EVENT_KEYS) {
		s->keyed = true;
		s->started |= s->config.kex.server;
		if (s->config.kex.server && ev->first)
			keep(s, &s->host_key, kex_host_key(&s->conn.kex));
	} else if (ev->type == KEX_EVENT_DISCONNECT) {
		s->goodbye_reason = ev->reason;
		keep(s, &s->goodbye, ev->text);
	}
}

/* --- Authentication --- */

static void sign(struct sock *s, const struct auth_client_event *ev)
{
	struct wire_buf sig = {0};
	enum ssh_err e = SSH_OK;
	if (s->key != NULL)
		e = crypt_key_sign(s->key, ev->sigalg, ev->data, &s->config.kex.rng, &sig);
	if (e == 0)
		(void)auth_client_answer_sign(&s->conn.auth_client, wire_buf_view(&sig));
	else
		kex_fail(&s->conn.kex, e);
	wire_buf_wipe(&sig);
}

static void keep_prompts(struct sock *s, const struct auth_client_event *ev)
{
	wire_buf_wipe(&s->prompts);
	wire_put_string(&s->prompts, ev->prompts.name);
	wire_put_string(&s->prompts, ev->prompts.instruction);
	sock_keep_more(s, &s->prompts, ev->prompts.rest);
	s->prompt_count = ev->prompts.count;
	s->prompted = wire_buf_end(&s->prompts) == 0;
}

static void on_auth_client(struct sock *s, const struct auth_client_event *ev)
{
	if (ev->type == AUTH_EVENT_BANNER)
		sock_keep_more(s, &s->banner, ev->text);
	else if (ev->type == AUTH_ASK_SIGN)
		sign(s, ev);
	else if (ev->type == AUTH_ASK_PROMPTS)
		keep_prompts(s, ev);
	else if (ev->type == AUTH_ASK_METHOD || ev->type == AUTH_ASK_NEW_PASSWORD) {
		/* A password that has expired is one that was refused. */
		s->auth_asked = true;
		s->started = true;
		s->partial = ev->partial;
		keep(s, &s->methods, ev->methods);
	}
}

static enum auth_verdict judge(const struct sock_policy *p, const struct auth_server_event *ev)
{
	if (ev->type == AUTH_ASK_NONE && p->none != NULL)
		return p->none(p->ctx, ev->user);
	if (ev->type == AUTH_ASK_PASSWORD && p->password != NULL && !ev->changing)
		return p->password(p->ctx, ev->user, ev->password);
	if (ev->type == AUTH_ASK_KEY && p->key != NULL)
		return p->key(p->ctx, ev->user, ev->key);
	return AUTH_REJECT;
}

static void on_round(struct sock *s, const struct auth_server_event *ev)
{
	const struct sock_policy *p = &s->config.policy;
	ssh_bytes answers[SSH_INFO_MAX], rest = ev->responses.rest;
	struct sock_round r = {.user = ev->user, .answers = answers};
	if (ev->type == AUTH_ASK_CHALLENGE)
		s->rounds = 0;
	else
		while (r.count < SSH_INFO_MAX && ssh_info_response_next(&rest, &answers[r.count]))
			r.count++;
	r.rounds = s->rounds++;
	enum auth_verdict verdict = p->interactive(p->ctx, &r);
	if (r.ask && auth_server_prompt(&s->conn.auth_server, &r.challenge) == 0)
		return;
	(void)auth_server_answer(&s->conn.auth_server, r.ask ? AUTH_REJECT : verdict);
}

static void on_auth_server(struct sock *s, const struct auth_server_event *ev)
{
	const struct sock_policy *p = &s->config.policy;
	if (p->user_sigs != NULL && ev->type >= AUTH_ASK_NONE)
		(void)conn_set_user_sigs(&s->conn, p->user_sigs(p->ctx, ev->user));
	if (ev->type == AUTH_EVENT_SUCCESS)
		keep(s, &s->user, ev->user);
	else if (ev->type == AUTH_ASK_CHALLENGE || ev->type == AUTH_ASK_RESPONSES)
		on_round(s, ev);
	else if (ev->type == AUTH_ASK_NONE || ev->type == AUTH_ASK_PASSWORD ||
	         ev->type == AUTH_ASK_KEY)
		(void)auth_server_answer(&s->conn.auth_server, judge(p, ev));
}

/* --- Channels --- */

static void on_data(struct sock_channel *ch, const struct chan_event *ev)
{
	if (ev->ext > SSH_EXTENDED_DATA_STDERR)
		(void)chan_channel_consumed(&ch->ch, ev->data.len);
	else
		sock_take_data(ch, ev->ext != 0, ev->data);
}

/*
 * Nobody has accepted it, and nobody may ever: without a program there is nothing to accept, and of
 * the others only so many are kept, or a peer could have us keep any number.
 */
static bool is_in_vain(const struct sock_channel *closed)
{
	size_t kept = 0;
	if (!closed->theirs || closed->accepted)
		return false;
	for (const struct sock_channel *ch = closed->sock->channels; ch != NULL; ch = ch->next)
		kept += ch != closed && ch->theirs && ch->closed && !ch->accepted;
	return kept >= SOCK_BACKLOG_MAX ||
	       (!closed->direct && closed->program == CHAN_REQUEST_UNKNOWN);
}

static void on_closed(struct sock_channel *ch, enum ssh_err e)
{
	const struct sock *s = ch->sock;
	if (is_in_vain(ch)) {
		ch->abandoned = true;
		ch->holders = 0;
	}
	ch->closed = true;
	ch->err = e;
	/* By our own goodbye, before the peer had said all that it had to say: that is not the end of data. */
	if (e == SSH_OK && s->conn.kex.state == KEX_DEAD && !ch->ended)
		ch->err = SSH_ERR_CHANNEL_CLOSED;
	sock_channel_settle(ch);
}

static bool is_session(const struct sock *s, const struct chan_event *ev)
{
	return s->config.kex.server && wire_bytes_is(ev->name, "session");
}

/* Returns 0 or the reason why not. */
static uint32_t judge_open(const struct sock *s, const struct chan_event *ev)
{
	const struct sock_policy *p = &s->config.policy;
	if (p->open != NULL)
		return p->open(p->ctx, ev->name, ev->body);
	return is_session(s, ev) ? 0 : SSH_OPEN_ADMINISTRATIVELY_PROHIBITED;
}

static void on_open(struct sock *s, const struct chan_event *ev)
{
	struct chan_mux *m = &s->conn.mux;
	struct sock_channel *ch;
	uint32_t refused = judge_open(s, ev);
	if (refused != 0) {
		(void)chan_mux_refuse(m, refused, "not allowed");
	} else if ((ch = sock_channel_new(s)) == NULL) {
		(void)chan_mux_refuse(m, SSH_OPEN_RESOURCE_SHORTAGE, "out of memory");
	} else if (chan_mux_accept(m, &ch->ch, 0, 0) != 0) {
		sock_channel_free(ch);
		(void)chan_mux_refuse(m, SSH_OPEN_RESOURCE_SHORTAGE, "no more channels");
	} else {
		ch->opened = ch->theirs = true;
		ch->direct = !is_session(s, ev);
		sock_name_copy(ch->type, ev->name);
		if (ch->direct)
			keep(s, &ch->command, ev->body);
	}
}

static void on_open_failed(struct sock_channel *ch, const struct chan_event *ev)
{
	struct sock *s = ch->sock;
	s->refusal_reason = ev->reason;
	keep(s, &s->refusal, ev->text);
	on_closed(ch, SSH_ERR_OPEN_REFUSED);
}

static bool granted(const struct sock_channel *ch, const struct chan_request *r)
{
	const struct sock_policy *p = &ch->sock->config.policy;
	if (r->type == CHAN_REQUEST_WINDOW_CHANGE || r->type == CHAN_REQUEST_SIGNAL)
		return true;
	return (p->requests >> r->type & 1) != 0 &&
	       (p->request == NULL || p->request(p->ctx, ch, r));
}

static void start_program(struct sock_channel *ch, enum chan_request_type type, ssh_bytes command)
{
	ch->program = type;
	keep(ch->sock, &ch->command, command);
}

/* A client's request at a server: keep what it says. */
static void serve(struct sock_channel *ch, const struct chan_request *r)
{
	switch (r->type) {
	case CHAN_REQUEST_PTY:
		ch->pty = true;
		sock_name_copy(ch->terminal.term, r->pty.term);
		ch->terminal.size = (struct ssh_request_window_change){r->pty.cols, r->pty.rows,
		                                                       r->pty.width, r->pty.height};
		break;
	case CHAN_REQUEST_WINDOW_CHANGE:
		ch->terminal.size = r->window_change;
		ch->terminal.resized++;
		break;
	case CHAN_REQUEST_SIGNAL:
		sock_name_copy(ch->signal, r->signal.name);
		break;
	case CHAN_REQUEST_SHELL:
		start_program(ch, r->type, wire_bytes(NULL, 0));
		break;
	case CHAN_REQUEST_EXEC:
		start_program(ch, r->type, r->exec.command);
		break;
	case CHAN_REQUEST_SUBSYSTEM:
		start_program(ch, r->type, r->subsystem.name);
		break;
	default:
		break;
	}
}

/* A server's request at a client: how the program ended. */
static void note_exit(struct sock_channel *ch, const struct chan_request *r)
{
	if (ch->exited)
		return;
	if (r->type == CHAN_REQUEST_EXIT_STATUS) {
		ch->exited = true;
		ch->exit_status = r->exit_status.status;
	} else if (r->type == CHAN_REQUEST_EXIT_SIGNAL) {
		ch->exited = true;
		ch->exit_status = 255;
		sock_name_copy(ch->exit_signal, r->exit_signal.name);
	}
}

/* Returns what to answer, if an answer is wanted. */
static bool on_request(struct sock_channel *ch, const struct chan_event *ev)
{
	struct chan_request r;
	struct chan_session before = ch->session;
	if (ch->abandoned || chan_request_decode(&r, ev->name, ev->body) != 0)
		return false;
	if (!ch->sock->config.kex.server) {
		note_exit(ch, &r);
		return false;
	}
	if (chan_session_judge(&ch->session, &r) != CHAN_SESSION_DO)
		return false;
	if (!granted(ch, &r)) {
		ch->session = before;
		return false;
	}
	serve(ch, &r);
	return true;
}

static void on_chan(struct sock *s, const struct chan_event *ev)
{
	struct sock_channel *ch = ev->ch == NULL ? NULL : ev->ch->owner;
	if (ev->type == CHAN_ASK_OPEN)
		on_open(s, ev);
	else if (ev->type == CHAN_ASK_GLOBAL)
		(void)chan_mux_answer(&s->conn.mux, false);
	else if (ch == NULL)
		return;
	else if (ev->type == CHAN_EVENT_OPENED)
		ch->opened = true;
	else if (ev->type == CHAN_EVENT_OPEN_FAILED)
		on_open_failed(ch, ev);
	else if (ev->type == CHAN_EVENT_DATA)
		on_data(ch, ev);
	else if (ev->type == CHAN_EVENT_EOF)
		ch->ended = true;
	else if (ev->type == CHAN_EVENT_CLOSED)
		on_closed(ch, ev->err);
	else if (ev->type == CHAN_EVENT_REPLY) {
		ch->replies = ev->nth + 1;
		ch->outcomes &= ~((uint64_t)1 << ev->nth % 64);
		ch->outcomes |= (uint64_t)ev->success << ev->nth % 64;
	} else if (ev->type == CHAN_EVENT_REQUEST)
		(void)on_request(ch, ev);
	else if (ev->type == CHAN_ASK_REQUEST)
		(void)chan_mux_answer(&s->conn.mux, on_request(ch, ev));
}

void sock_on_event(struct sock *s, const struct conn_event *ev)
{
	switch (ev->layer) {
	case CONN_KEX:
		on_kex(s, &ev->kex);
		break;
	case CONN_AUTH_CLIENT:
		on_auth_client(s, &ev->auth_client);
		break;
	case CONN_AUTH_SERVER:
		on_auth_server(s, &ev->auth_server);
		break;
	case CONN_CHAN:
		on_chan(s, &ev->chan);
		break;
	}
}
