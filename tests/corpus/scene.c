/* SPDX-License-Identifier: MIT */
#include "tests/corpus/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "libkex/research.h"

/* --- What the victim says --- */

static void listen(void *ctx, const struct kex_trace *t)
{
	struct scene *s = ctx;
	if (t->type != KEX_TRACE_PACKET || !t->out || !s->striking)
		return;
	const char *name = corpus_name(t->payload.ptr[0], corpus_context(s->script));
	if (t->payload.ptr[0] == SSH_MSG_DISCONNECT)
		s->reason = wire_load_u32(t->payload.ptr + 1);
	if (t->payload.ptr[0] == SSH_MSG_UNIMPLEMENTED &&
	    wire_load_u32(t->payload.ptr + 1) != t->kex->in.seq - 1)
		name = "UNIMPLEMENTED-of-another";
	corpus_note(s->said, sizeof s->said, name);
}

/* --- Bytes --- */

static void give(struct scene *s, ssh_bytes in)
{
	size_t used = 1;
	while (in.len > 0 && used > 0) {
		(void)kex_recv(&s->victim.kex, in, &used);
		scene_drain(s);
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
	scene_drain(s);
	while (moved) {
		size_t used = 0, n = kex_out(&s->peer).len;
		give_peer(s, n);
		ssh_bytes out = conn_out(&s->victim);
		size_t m = out.len;
		(void)kex_recv(&s->peer, out, &used);
		kex_sent(&s->victim.kex, m);
		scene_drain(s);
		moved = n != 0 || m != 0;
	}
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
	s->alone = true;
	if (stage >= IDENT)
		give_peer(s, ident_size(kex_out(&s->peer)));
	if (stage >= EXCHANGE)
		packet(s);
	if (stage >= VALUE) {
		(void)kex_recv(&s->peer, kex_out(&s->victim.kex), &used);
		scene_drain(s);
		packet(s);
	}
	/* What it would say next is the case's to say, in the clear even if it has its keys. */
	(void)kex_set_keys_out(&s->peer, &(struct crypt_packet_keys){0});
	if (stage >= IDENT)
		kex_sent(&s->peer, kex_out(&s->peer).len);
}

static void reach_above(struct scene *s, enum stage stage)
{
	const char *const *lines = s->server ? corpus_to_server : corpus_to_client;
	const struct chan_open open = {.type = "session"};
	size_t n = stage == REKEYING ? 2 : (size_t)stage - OPEN;
	for (size_t i = 0; i < n; i++) {
		if (i == 2 && !s->server)
			(void)chan_mux_open(&s->victim.mux, scene_channel(s), &open);
		(void)corpus_say(&s->peer, lines[i]);
		pump(s);
	}
	if (stage >= AUTH)
		kex_set_authenticated(&s->peer);
	if (stage != REKEYING)
		return;
	(void)kex_rekey(&s->peer);
	give_peer(s, kex_out(&s->peer).len);
	s->alone = true;
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
	if (!corpus_choose(s->script, &s->chosen, &v.kex))
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

static bool do_message(struct scene *s, const struct act *a)
{
	bool ok = corpus_say(&s->peer, a->value);
	give_peer(s, kex_out(&s->peer).len);
	return ok;
}

static bool do_bytes(struct scene *s, const struct act *a)
{
	struct wire_buf b = {0};
	bool ok = corpus_bytes(a, &b);
	give(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return ok;
}

static bool do_forge(struct scene *s, const struct act *a)
{
	return corpus_forge(&s->peer, a->value);
}

static bool do_seq(struct scene *s, const struct act *a)
{
	uint32_t n = (uint32_t)strtoul(a->value, NULL, 0);
	kex_set_seq_out(&s->peer, n);
	kex_set_seq_in(&s->victim.kex, n);
	return true;
}

static bool do_packets(struct scene *s, const struct act *a)
{
	s->victim.kex.in.packets = strtoul(a->value, NULL, 0);
	return true;
}

static bool do_end(struct scene *s, const struct act *a)
{
	(void)a;
	kex_recv_end(&s->victim.kex);
	return true;
}

static bool do_alone(struct scene *s, const struct act *a)
{
	(void)a;
	s->alone = true;
	return true;
}

static bool do_go(struct scene *s, const struct act *a)
{
	(void)a;
	s->alone = false;
	return true;
}

static bool do_rekey(struct scene *s, const struct act *a)
{
	(void)a;
	return kex_rekey(&s->peer) == 0;
}

static bool do_guess(struct scene *s, const struct act *a)
{
	(void)a;
	return corpus_guess(&s->peer);
}

static bool do_begins(struct scene *s, const struct act *a)
{
	(void)a;
	return kex_rekey(&s->victim.kex) == 0;
}

static bool do_wait(struct scene *s, const struct act *a)
{
	s->now += strtoul(a->value, NULL, 10);
	kex_tick(&s->victim.kex, s->now);
	return true;
}

static bool do_hostkey(struct scene *s, const struct act *a)
{
	struct crypt_rng rng = crypt_drbg_rng(&s->rng[1]);
	s->keys[0] = &s->other;
	return strcmp(a->value, "other") == 0 &&
	       crypt_key_generate(&s->other, &crypt_key_ed25519, 0, &rng) == 0;
}

static bool act_once(struct scene *s, const struct act *a)
{
	static const struct {
		const char *word;
		bool (*act)(struct scene *, const struct act *);
	} acts[] = {{"message", do_message}, {"bytes", do_bytes},     {"raw", do_bytes},
	            {"forge", do_forge},     {"seq", do_seq},         {"end", do_end},
	            {"alone", do_alone},     {"go", do_go},           {"rekey", do_rekey},
	            {"begins", do_begins},   {"hostkey", do_hostkey}, {"guess", do_guess},
	            {"wait", do_wait},       {"packets", do_packets}};
	bool ok = false;
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
		if (strcmp(a->word, acts[i].word) == 0)
			ok = acts[i].act(s, a);
	if (!s->alone)
		pump(s);
	scene_drain(s);
	(void)conn_out(&s->victim);
	return ok;
}

static bool act(struct scene *s, const char *line)
{
	const struct act a = script_act(line);
	for (unsigned long i = 0; i < a.times && s->victim.kex.state != KEX_DEAD; i++)
		if (!act_once(s, &a))
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
	crypt_key_wipe(&s->other);
	free(s);
	return ok;
}
