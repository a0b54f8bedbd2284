/* SPDX-License-Identifier: MIT */
#include "tests/corpus/corpus.h"

#include <stdio.h>
#include <stdlib.h>

#include "libkex/choose.h"
#include "libkex/research.h"
#include "libchan/request.h"

/* The victim is a whole connection, its peer a transport that says what it is told to. */

#define CHANNELS 16

struct scene {
	const struct script *script;
	struct conn victim;
	struct kex peer;
	struct crypt_drbg rng[2];
	struct crypt_key host;
	const struct crypt_key *keys[2];
	struct kex_chosen chosen;
	struct chan_channel channels[CHANNELS];
	size_t channels_used;
	bool server;   /* the victim */
	bool striking; /* what is said counts */
	bool no_pump;  /* before the keys nothing travels by itself */
	bool tried;
	char said[4096];
	uint32_t reason; /* of its DISCONNECT */
};

/* --- What the victim says and is asked --- */

static void listen(void *ctx, const struct kex_trace *t)
{
	struct scene *s = ctx;
	const struct wire_context c = {
	    .kex = t->kex->algs.agree == NULL ? WIRE_KEX_UNKNOWN : t->kex->algs.agree->messages};
	if (t->type != KEX_TRACE_PACKET || !t->out || !s->striking)
		return;
	if (t->payload.ptr[0] == SSH_MSG_DISCONNECT)
		s->reason = wire_load_u32(t->payload.ptr + 1);
	size_t n = strlen(s->said);
	const char *name = wire_num_name(t->payload.ptr[0], c);
	if (t->payload.ptr[0] == SSH_MSG_UNIMPLEMENTED &&
	    wire_load_u32(t->payload.ptr + 1) != t->kex->in.seq - 1)
		name = "UNIMPLEMENTED-of-another";
	if (t->payload.ptr[0] == 60)
		name = "USERAUTH_60"; /* whichever it is */
	snprintf(s->said + n, sizeof s->said - n, "%s%.*s", n == 0 ? "" : " ",
	         (int)strcspn(name, "|"), name);
}

static struct chan_channel *new_channel(struct scene *s)
{
	return s->channels_used < CHANNELS ? &s->channels[s->channels_used++] : NULL;
}

static void on_chan(struct scene *s, const struct chan_event *ev)
{
	struct chan_mux *m = &s->victim.mux;
	if (ev->type == CHAN_ASK_OPEN && wire_bytes_is(ev->name, "session") && s->server &&
	    s->channels_used < CHANNELS)
		(void)chan_mux_accept(m, new_channel(s), 32768, 0);
	else if (ev->type == CHAN_ASK_OPEN)
		(void)chan_mux_refuse(m, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "");
	else if (ev->type == CHAN_ASK_REQUEST || ev->type == CHAN_ASK_GLOBAL)
		(void)chan_mux_answer(m, wire_bytes_is(ev->name, "exec"));
	else if (ev->type == CHAN_EVENT_DATA && ev->ch != NULL)
		(void)chan_channel_consumed(ev->ch, ev->data.len);
}

static void on_auth_server(struct scene *s, const struct auth_server_event *ev)
{
	static const struct auth_prompt prompt = {{(const uint8_t *)"Word: ", 6}, false};
	const struct auth_challenge challenge = {.prompts = &prompt, .count = 1};
	struct auth_server *a = &s->victim.auth_server;
	bool good = !s->striking;
	switch (ev->type) {
	case AUTH_ASK_CHALLENGE:
		(void)auth_server_prompt(a, &challenge);
		break;
	case AUTH_ASK_PASSWORD:
		good = wire_bytes_is(ev->password, "nautilus");
		(void)auth_server_answer(a, good ? AUTH_ACCEPT : AUTH_REJECT);
		break;
	case AUTH_ASK_NONE:
	case AUTH_ASK_KEY:
	case AUTH_ASK_RESPONSES:
		(void)auth_server_answer(a, good ? AUTH_ACCEPT : AUTH_REJECT);
		break;
	default:
		break;
	}
}

static void on_auth_client(struct scene *s, const struct auth_client_event *ev)
{
	struct auth_client *a = &s->victim.auth_client;
	if (ev->type != AUTH_ASK_METHOD || s->tried)
		return;
	const char *tries = s->script->stage > USERAUTH ? "none" : s->script->tries;
	s->tried = true;
	if (tries != NULL && strcmp(tries, "none") == 0)
		(void)auth_client_none(a);
	else if (tries != NULL && strcmp(tries, "password") == 0)
		(void)auth_client_password(a, wire_bytes_str("nautilus"));
	else if (tries != NULL)
		(void)auth_client_interactive(a, wire_bytes_str(""));
}

static void drain(struct scene *s)
{
	struct conn_event ev;
	struct kex_event pev;
	while (conn_next(&s->victim, &ev)) {
		if (ev.layer == CONN_KEX && ev.kex.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&s->victim.kex, true);
		else if (ev.layer == CONN_CHAN)
			on_chan(s, &ev.chan);
		else if (ev.layer == CONN_AUTH_SERVER)
			on_auth_server(s, &ev.auth_server);
		else if (ev.layer == CONN_AUTH_CLIENT)
			on_auth_client(s, &ev.auth_client);
	}
	while (kex_next(&s->peer, &pev))
		if (pev.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(&s->peer, true);
}

/* --- Bytes --- */

static void give(struct scene *s, ssh_bytes in)
{
	size_t used = 1;
	while (in.len > 0 && used > 0) {
		(void)kex_recv(&s->victim.kex, in, &used);
		drain(s);
		in = wire_bytes_skip(in, used);
	}
}

static void give_peer(struct scene *s, size_t n)
{
	give(s, wire_bytes(kex_out(&s->peer).ptr, n));
	kex_sent(&s->peer, n);
}

static void pump(struct scene *s)
{
	bool moved = true;
	drain(s);
	while (moved) {
		size_t used = 0, n = kex_out(&s->peer).len;
		give_peer(s, n);
		ssh_bytes out = conn_out(&s->victim);
		size_t m = out.len;
		(void)kex_recv(&s->peer, out, &used);
		kex_sent(&s->victim.kex, m);
		drain(s);
		moved = n != 0 || m != 0;
	}
}

static bool say_line(struct scene *s, const char *line)
{
	struct wire_buf b = {0};
	bool ok = wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)) == 0;
	if (ok)
		(void)kex_send_raw(&s->peer, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return ok;
}

/* --- Getting there --- */

static size_t ident_size(ssh_bytes out)
{
	return (size_t)((const uint8_t *)memchr(out.ptr, '\n', out.len) - out.ptr) + 1;
}

static void packet(struct scene *s)
{
	give_peer(s, 4 + wire_load_u32(kex_out(&s->peer).ptr));
}

static void reach_in_the_clear(struct scene *s, enum stage stage)
{
	size_t used;
	s->no_pump = true;
	if (stage >= IDENT)
		give_peer(s, ident_size(kex_out(&s->peer)));
	if (stage >= EXCHANGE)
		packet(s);
	if (stage >= VALUE) {
		(void)kex_recv(&s->peer, kex_out(&s->victim.kex), &used);
		drain(s);
		packet(s);
	}
	/* What it would say next is the case's to say, in the clear even if it has its keys. */
	(void)kex_set_keys_out(&s->peer, &(struct crypt_packet_keys){0});
	if (stage >= IDENT)
		kex_sent(&s->peer, kex_out(&s->peer).len);
}

static void reach_above(struct scene *s, enum stage stage)
{
	static const char *const to_server[] = {
	    "SERVICE_REQUEST name=\"ssh-userauth\"",
	    "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" method=\"none\"",
	    "CHANNEL_OPEN type=\"session\" sender=0 window=1000 maxpacket=1000"};
	static const char *const to_client[] = {
	    "SERVICE_ACCEPT name=\"ssh-userauth\"", "USERAUTH_SUCCESS",
	    "CHANNEL_OPEN_CONFIRMATION recipient=0 sender=0 window=1000 maxpacket=1000"};
	const char *const *lines = s->server ? to_server : to_client;
	const struct chan_open open = {.type = "session"};
	size_t n = stage == REKEYING ? 2 : (size_t)stage - OPEN;
	for (size_t i = 0; i < n; i++) {
		if (i == 2 && !s->server)
			(void)chan_mux_open(&s->victim.mux, new_channel(s), &open);
		(void)say_line(s, lines[i]);
		pump(s);
	}
	if (stage != REKEYING)
		return;
	kex_set_authenticated(&s->peer);
	(void)kex_rekey(&s->peer);
	give_peer(s, kex_out(&s->peer).len);
	s->no_pump = true;
}

static bool choose(struct scene *s, struct kex_config *c)
{
	const struct {
		enum kex_choose_kind what;
		const char *names;
	} rows[] = {{KEX_CHOOSE_AGREES, s->script->kex},
	            {KEX_CHOOSE_CIPHERS, s->script->cipher},
	            {KEX_CHOOSE_MACS, s->script->mac}};
	ssh_bytes bad;
	for (size_t i = 0; i < 3; i++)
		if (rows[i].names != NULL && kex_choose(&s->chosen, c, rows[i].what,
		                                        wire_bytes_str(rows[i].names), &bad) != 0)
			return false;
	return true;
}

static bool start(struct scene *s)
{
	struct conn_config v = {.auth_client = {.user = wire_bytes_str("nemo")}};
	struct kex_config p;
	kex_config_init(&v.kex, s->server);
	kex_config_init(&p, !s->server);
	for (int i = 0; i < 2; i++)
		crypt_drbg_init(&s->rng[i], wire_bytes_str(i == 0 ? "victim" : "peer"));
	v.kex.rng = crypt_drbg_rng(&s->rng[0]);
	p.rng = crypt_drbg_rng(&s->rng[1]);
	v.kex.host_keys = p.host_keys = s->keys;
	if (s->script->kex == NULL)
		(void)kex_choose(&s->chosen, &v.kex, KEX_CHOOSE_AGREES,
		                 wire_bytes_str("^curve25519-sha256"), &(ssh_bytes){0});
	if (!choose(s, &v.kex))
		return false;
	p.agrees = v.kex.agrees;
	for (int i = 0; i < 2; i++) {
		p.ciphers[i] = v.kex.ciphers[i];
		p.macs[i] = v.kex.macs[i];
	}
	v.kex.strict = s->script->strict;
	v.kex.trace = listen;
	v.kex.trace_ctx = s;
	v.auth_server.methods = AUTH_NONE | AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE;
	chan_config_init(&v.chan, s->server, (struct chan_sink){0});
	if (crypt_key_generate(&s->host, &crypt_key_ed25519, 0, &p.rng) != 0)
		return false;
	return conn_init(&s->victim, &v, 0) == 0 && kex_init(&s->peer, &p, 0) == 0;
}

/* --- What the case does --- */

static ssh_bytes unquote(const char *text, struct wire_buf *out)
{
	/* The codec knows how: IGNORE data="...", without its number and length. */
	struct wire_buf line = {0};
	wire_put_raw(&line, wire_bytes_str("IGNORE data="));
	wire_put_raw(&line, wire_bytes_str(text));
	(void)wire_msg_parse(out, wire_msg_all, wire_buf_view(&line));
	wire_buf_wipe(&line);
	return wire_bytes_skip(wire_buf_view(out), 5);
}

static bool forge(struct scene *s, const char *what)
{
	static const struct {
		const char *name;
		unsigned bit;
	} names[] = {{"padding=", KEX_FORGE_PADDING},
	             {"padding_length=", KEX_FORGE_PADDING_LENGTH},
	             {"packet_length=", KEX_FORGE_PACKET_LENGTH},
	             {"fill=", KEX_FORGE_FILL},
	             {"tag=", KEX_FORGE_TAG_XOR}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i].name);
		if (strncmp(what, names[i].name, n) != 0)
			continue;
		unsigned long v = strtoul(what + n, NULL, 0);
		struct kex_forge f = {.what = names[i].bit, .padding = v, .fill = (uint8_t)v};
		f.padding_length = (uint8_t)v;
		f.packet_length = (uint32_t)v;
		memset(f.tag, (uint8_t)v, sizeof f.tag);
		kex_forge_next(&s->peer, &f);
		return true;
	}
	return false;
}

static bool act_once(struct scene *s, const char *word, const char *value)
{
	struct wire_buf b = {0};
	bool ok = true;
	if (strncmp(word, "message", 7) == 0) {
		ok = say_line(s, value);
		give_peer(s, kex_out(&s->peer).len);
	} else if (strncmp(word, "bytes", 5) == 0) {
		give(s, unquote(value, &b));
	} else if (strncmp(word, "raw", 3) == 0) {
		char line[1024];
		snprintf(line, sizeof line, "raw=%s", value);
		ok = wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)) == 0;
		give(s, wire_buf_view(&b));
	} else if (strncmp(word, "seq", 3) == 0) {
		kex_set_seq_out(&s->peer, (uint32_t)strtoul(value, NULL, 0));
		kex_set_seq_in(&s->victim.kex, (uint32_t)strtoul(value, NULL, 0));
	} else if (strncmp(word, "forge", 5) == 0) {
		ok = forge(s, value);
	} else {
		kex_recv_end(&s->victim.kex);
	}
	wire_buf_wipe(&b);
	if (!s->no_pump)
		pump(s);
	drain(s);
	(void)conn_out(&s->victim);
	return ok;
}

static bool act(struct scene *s, const char *line)
{
	const char *value = line + strcspn(line, " ");
	const char *star = strchr(line, '*');
	unsigned long times = star != NULL && star < value ? strtoul(star + 1, NULL, 10) : 1;
	value += strspn(value, " ");
	for (unsigned long i = 0; i < times && s->victim.kex.state != KEX_DEAD; i++)
		if (!act_once(s, line, value))
			return false;
	return true;
}

/* --- The verdict --- */

static void outcome(const struct scene *s, char *got, size_t size)
{
	const struct kex *k = &s->victim.kex;
	if (k->state == KEX_DEAD)
		snprintf(got, size, "dies %s %u", ssh_err_name(k->err), s->reason);
	else if (s->said[0] != '\0')
		snprintf(got, size, "says %s", s->said);
	else
		snprintf(got, size, "silent");
}

static bool as_expected(const char *want, const char *got)
{
	if (strcmp(want, "lives") == 0)
		return strncmp(got, "dies", 4) != 0;
	return strcmp(want, got) == 0;
}

static bool play(struct scene *s, char *got, size_t size)
{
	enum stage stage = s->script->stage;
	if (!start(s)) {
		snprintf(got, size, "does not start");
		return false;
	}
	if (stage <= VALUE) {
		reach_in_the_clear(s, stage);
	} else {
		pump(s);
		reach_above(s, stage);
	}
	if (s->victim.kex.state == KEX_DEAD) {
		snprintf(got, size, "does not get there: %s", ssh_err_name(s->victim.kex.err));
		return false;
	}
	s->striking = true;
	for (size_t i = 0; i < s->script->count; i++)
		if (!act(s, s->script->lines[i])) {
			snprintf(got, size, "cannot do: %s", s->script->lines[i]);
			return false;
		}
	outcome(s, got, size);
	return as_expected(s->script->expect, got);
}

bool script_run(const struct script *script, bool server, char *got, size_t size)
{
	struct scene *s = calloc(1, sizeof *s);
	if (s == NULL)
		return false;
	s->script = script;
	s->server = server;
	s->keys[0] = &s->host;
	bool ok = play(s, got, size);
	conn_wipe(&s->victim);
	kex_wipe(&s->peer);
	crypt_key_wipe(&s->host);
	free(s);
	return ok;
}
