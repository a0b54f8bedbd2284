/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"
#include "libkex/research.h"
#include "libkex/transport_impl.h"

/*
 * The engine's life, bytes in, dispatch by the rules table, time. Bytes out are in send.c, what the
 * messages mean is in rules.c, ext_info.c, negotiate.c and handshake.c.
 */

/* --- Life --- */

static bool software_is_printable(const char *s)
{
	size_t n = 0;
	while (s[n] >= ' ' && s[n] <= '~')
		n++;
	return n > 0 && s[0] != ' ' && s[n] == '\0';
}

static bool config_is_usable(const struct kex_config *c)
{
	if (c->software == NULL || !software_is_printable(c->software))
		return false;
	if (c->agrees == NULL || c->agrees[0] == NULL || c->host_sigs == NULL)
		return false;
	for (int dir = KEX_CS; dir <= KEX_SC; dir++)
		if (c->ciphers[dir] == NULL || c->ciphers[dir][0] == NULL || c->macs[dir] == NULL ||
		    c->macs[dir][0] == NULL)
			return false;
	return !c->server || (c->host_keys != NULL && c->host_keys[0] != NULL);
}

static enum ssh_err start(struct kex *k)
{
	struct wire_buf *v = &k->v[k->config.server ? KEX_SC : KEX_CS];
	const struct kex_persona *p = k->config.persona;
	bool ours = p == NULL || p->ident == NULL;
	wire_put_raw(v, wire_bytes_str(ours ? "SSH-2.0-" : p->ident));
	wire_put_raw(v, wire_bytes_str(ours ? k->config.software : ""));
	if (ours && wire_buf_len(v) + 2 > KEX_IDENT_MAX)
		return SSH_ERR_ARGUMENT;
	wire_put_raw(&k->out.buf, wire_buf_view(v));
	wire_put_raw(&k->out.buf,
	             wire_bytes_str(p == NULL || p->ident_end == NULL ? "\r\n" : p->ident_end));
	if (p != NULL)
		k->out.forge = p->padding;
	k->out.forge.keep = true;
	if (wire_buf_end(v) != 0 || wire_buf_end(&k->out.buf) != 0)
		return SSH_ERR_NO_MEMORY;
	kex_trace(k, (struct kex_trace){
	                 .type = KEX_TRACE_IDENT, .out = true, .payload = wire_buf_view(v)});
	return kex_start_exchange(k);
}

enum ssh_err kex_init(struct kex *k, const struct kex_config *config, uint64_t now_ms)
{
	enum ssh_err e = SSH_ERR_ARGUMENT;
	*k = (struct kex){.config = *config, .now_ms = now_ms, .failed_list = KEX_LISTS};
	kex_frame_in_init(&k->in);
	kex_frame_out_init(&k->out);
	wire_buf_init(&k->held, KEX_HELD_MAX);
	if (!config_is_usable(config) || (e = start(k)) != 0)
		kex_wipe(k);
	return e;
}

void kex_wipe(struct kex *k)
{
	kex_frame_in_wipe(&k->in);
	kex_frame_out_wipe(&k->out);
	struct wire_buf *bufs[] = {
	    &k->v[KEX_CS],    &k->v[KEX_SC], &k->init[KEX_CS],
	    &k->init[KEX_SC], &k->values,    &k->group,
	    &k->host_key,     &k->held,      &k->k,
	};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
		wire_buf_wipe(bufs[i]);
	kex_agree_wipe(&k->run);
	kex_compression_wipe(k);
	for (size_t i = 0; i < KEX_EXTS; i++)
		wire_buf_wipe(&k->peer_ext[i]);
	wire_wipe(k, sizeof *k);
	k->state = KEX_DEAD;
}

void kex_tell(struct kex *k, enum kex_event_type type)
{
	k->event = (struct kex_event){.type = type};
	k->event_ready = true;
}

/* A peer that has not identified itself as SSH would not understand a DISCONNECT. */
static void say_goodbye(struct kex *k, uint32_t reason, const char *text)
{
	struct wire_buf b = {0};
	const struct kex_persona *looks = k->config.persona;
	struct ssh_disconnect m = {.reason = reason, .text = wire_bytes_str(text)};
	if (looks != NULL && looks->disconnect_reason != 0)
		m.reason = looks->disconnect_reason;
	if (looks != NULL && looks->disconnect_text != NULL)
		m.text = wire_bytes_str(looks->disconnect_text);
	if (looks != NULL && looks->no_disconnect)
		return;
	if (k->state == KEX_EXPECT_IDENT || k->state == KEX_DEAD)
		return;
	wire_msg_encode(&b, &ssh_disconnect_shape, &m);
	if (wire_buf_end(&b) == 0)
		(void)kex_put_packet(k, wire_buf_view(&b));
	wire_buf_wipe(&b);
}

void kex_die(struct kex *k, enum ssh_err e)
{
	k->err = e;
	k->state = KEX_DEAD;
	k->asking = false;
	wire_buf_wipe(&k->held);
	wire_buf_wipe(&k->k);
	kex_agree_wipe(&k->run);
	wire_wipe(&k->next_in, sizeof k->next_in);
}

void kex_fail(struct kex *k, enum ssh_err e)
{
	if (k->state == KEX_DEAD)
		return;
	if (ssh_err_reason(e) != 0)
		say_goodbye(k, ssh_err_reason(e), ssh_err_text(e));
	kex_die(k, e);
	kex_trace(k, (struct kex_trace){.type = KEX_TRACE_ERROR});
	kex_tell(k, KEX_EVENT_ERROR);
	k->event.err = e;
}

void kex_disconnect(struct kex *k, uint32_t reason, const char *text)
{
	if (k->state == KEX_DEAD)
		return;
	say_goodbye(k, reason, text);
	kex_die(k, SSH_OK);
}

/* --- Receiving --- */

/* Room for `want` bytes, KEX_READ_SIZE at most; NULL if nothing is wanted now. */
static uint8_t *recv_room(struct kex *k, size_t want)
{
	/* Unread bytes are bounded by one packet and one read: whoever wants more drains first. */
	if (k->state == KEX_DEAD || k->asking ||
	    wire_buf_len(&k->in.buf) >= KEX_PACKET_MAX + KEX_READ_SIZE ||
	    wire_buf_len(&k->out.buf) > KEX_OUT_MAX)
		return NULL;
	uint8_t *p = wire_buf_room(&k->in.buf, want);
	if (p == NULL)
		kex_fail(k, SSH_ERR_NO_MEMORY);
	return p;
}

static void took(struct kex *k, size_t n)
{
	wire_buf_took(&k->in.buf, n);
	k->in_passed += n;
}

uint8_t *kex_recv_space(struct kex *k, size_t *n)
{
	uint8_t *p = recv_room(k, KEX_READ_SIZE);
	*n = p == NULL ? 0 : KEX_READ_SIZE;
	return p;
}

enum ssh_err kex_recv_done(struct kex *k, size_t n)
{
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	took(k, n);
	return SSH_OK;
}

enum ssh_err kex_recv(struct kex *k, ssh_bytes in, size_t *used)
{
	*used = 0;
	while (*used < in.len) {
		size_t n = in.len - *used < KEX_READ_SIZE ? in.len - *used : KEX_READ_SIZE;
		uint8_t *p = recv_room(k, n);
		if (p == NULL)
			break;
		memcpy(p, in.ptr + *used, n);
		took(k, n);
		*used += n;
	}
	return k->state == KEX_DEAD ? kex_cause(k) : SSH_OK;
}

void kex_recv_end(struct kex *k)
{
	kex_fail(k, SSH_ERR_CONNECTION_LOST);
}

static enum ssh_err read_ident(struct kex *k, bool *more)
{
	struct kex_ident_scan scan;
	struct kex_ident ident;
	struct wire_buf *v = &k->v[k->config.server ? KEX_CS : KEX_SC];
	enum ssh_err e =
	    kex_ident_scan(wire_buf_view(&k->in.buf), k->config.server, &k->ident_lines, &scan);
	if (e != 0)
		return e;
	*more = scan.found;
	if (scan.found) {
		if ((e = kex_ident_parse(scan.line, &ident)) != 0)
			return e;
		wire_put_raw(v, scan.line);
		if ((e = wire_buf_end(v)) != 0)
			return e;
		kex_trace(k,
		          (struct kex_trace){.type = KEX_TRACE_IDENT, .payload = wire_buf_view(v)});
		kex_tell(k, KEX_EVENT_IDENT);
		k->event.text = wire_buf_view(v);
		k->state = KEX_EXPECT_KEXINIT;
	}
	wire_buf_drop(&k->in.buf, scan.used);
	return SSH_OK;
}

static enum ssh_err dispatch(struct kex *k, const struct kex_frame_packet *p)
{
	const struct kex_rule *rule;
	bool strict = k->exchanges == 0 && k->algs.strict;
	if (p->payload.len == 0)
		return SSH_ERR_MALFORMED;
	kex_trace(k, (struct kex_trace){.seq = p->seq, .payload = p->payload});
	if (k->skip_packet) {
		/* RFC 4253 section 7.1: a wrong guess is ignored once, whatever it is. */
		k->skip_packet = false;
		return SSH_OK;
	}
	enum kex_verdict verdict = kex_judge(k, p->payload.ptr[0], &rule);
	if (verdict != KEX_WELCOME && k->config.research != NULL && k->config.research->unguarded)
		return kex_on_payload(k, p);
	switch (verdict) {
	case KEX_WELCOME:
		return rule->handle(k, p);
	case KEX_UNIMPLEMENTED:
		if (k->config.persona != NULL && k->config.persona->no_unimplemented)
			return SSH_OK;
		return kex_send_unimplemented(k, p->seq);
	case KEX_UNWELCOME:
		break;
	}
	return strict ? SSH_ERR_STRICT : SSH_ERR_UNEXPECTED;
}

static bool step(struct kex *k)
{
	struct kex_frame_packet p;
	bool more = true;
	enum ssh_err e;
	if (k->state == KEX_DEAD || wire_buf_len(&k->out.buf) > KEX_OUT_MAX)
		return false;
	if (k->state == KEX_EXPECT_IDENT)
		e = read_ident(k, &more);
	else if ((e = kex_frame_next(&k->in, &p)) == 0 &&
	         (e = kex_compression_in(k, &p.payload)) == 0)
		e = dispatch(k, &p);
	if (e == SSH_ERR_AGAIN)
		return false;
	if (e != 0)
		kex_fail(k, e);
	else
		kex_rekey_if_due(k);
	return more;
}

bool kex_next(struct kex *k, struct kex_event *ev)
{
	while (!k->event_ready && !k->asking && step(k))
		continue;
	if (!k->event_ready) {
		kex_settle(k, &k->in.buf, &k->in_passed);
		return false;
	}
	*ev = k->event;
	k->event_ready = false;
	return true;
}

/* --- Time --- */

static void give_back(struct wire_buf *b)
{
	if (wire_buf_len(b) == 0)
		wire_buf_wipe(b);
}

static bool exchanging(const struct kex *k)
{
	return k->state != KEX_DEAD && (k->sending_closed || k->state != KEX_OPEN);
}

uint64_t kex_deadline(const struct kex *k)
{
	uint64_t from = exchanging(k) ? k->exchange_began_ms : k->keys_since_ms;
	uint64_t limit = exchanging(k) ? k->config.exchange_ms : k->config.rekey_ms;
	if (k->state == KEX_DEAD || limit == 0 || limit > UINT64_MAX - from)
		return UINT64_MAX;
	return from + limit;
}

void kex_tick(struct kex *k, uint64_t now_ms)
{
	k->now_ms = now_ms > k->now_ms ? now_ms : k->now_ms;
	if (k->now_ms - k->busy_ms >= KEX_IDLE_MS) {
		give_back(&k->in.buf);
		give_back(&k->out.buf);
		kex_compression_idle(k);
	}
	if (k->now_ms < kex_deadline(k))
		return;
	if (!exchanging(k))
		kex_rekey_if_due(k);
	else
		kex_fail(k, k->state == KEX_OPEN ? SSH_ERR_REKEY : SSH_ERR_KEX_TIMEOUT);
}
