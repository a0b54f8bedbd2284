/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tests/corpus/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* Longest of the pauses that a case may ask for, if one has to sit through them. */
#define WAIT_MS_MAX 1000

/* --- What can be tried --- */

static bool actions_in_reach(const struct script *s)
{
	static const char *const inside[] = {"seq", "packets", "begins", "hostkey"};
	for (size_t i = 0; i < s->count; i++) {
		const struct act a = script_act(s->lines[i]);
		for (size_t k = 0; k < sizeof inside / sizeof inside[0]; k++)
			if (strcmp(a.word, inside[k]) == 0)
				return false;
		if (strcmp(a.word, "wait") == 0 && strtoul(a.value, NULL, 10) > WAIT_MS_MAX)
			return false;
	}
	return true;
}

bool script_in_reach(const struct script *s, const struct remote_target *t)
{
	bool server = t->command == NULL;
	/* A client asks for what it likes; most begin with none. */
	bool tries =
	    server || s->stage != USERAUTH || (s->tries != NULL && strcmp(s->tries, "none") == 0);
	return (server ? s->server : s->client) && tries && !s->inside &&
	       s->strict != KEX_STRICT_REQUIRE && s->trusts == TRUST_ALL && actions_in_reach(s);
}

/* --- What is done --- */

/* The cases call the user nemo. */
static bool say_as(struct remote *r, const char *line)
{
	static const char nemo[] = "user=\"nemo\"";
	const char *at = strstr(line, nemo);
	char named[2048];
	int n = at == NULL ? -1
	                   : snprintf(named, sizeof named, "%.*suser=\"%s\"%s", (int)(at - line),
	                              line, r->target->user, at + strlen(nemo));
	return corpus_say(&r->conn.kex, n < 0 || (size_t)n >= sizeof named ? line : named);
}

static bool do_message(struct remote *r, const struct act *a)
{
	struct kex *k = &r->conn.kex;
	bool ok = say_as(r, a->value);
	wire_put_raw(&r->out, kex_out(k));
	kex_sent(k, kex_out(k).len);
	return ok;
}

static bool do_bytes(struct remote *r, const struct act *a)
{
	return corpus_bytes(a, &r->out);
}

static bool do_forge(struct remote *r, const struct act *a)
{
	return corpus_forge(&r->conn.kex, a->value);
}

static bool do_end(struct remote *r, const struct act *a)
{
	(void)a;
	while (wire_buf_len(&r->out) > 0 && remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	return shutdown(r->fd, SHUT_WR) == 0;
}

static bool do_alone(struct remote *r, const struct act *a)
{
	(void)a;
	r->alone = true;
	return true;
}

static bool do_go(struct remote *r, const struct act *a)
{
	(void)a;
	remote_wake(r);
	while (r->conn.kex.state != KEX_OPEN && remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	remote_settle(r, r->target->silence_ms);
	return true;
}

static bool do_rekey(struct remote *r, const struct act *a)
{
	struct kex *k = &r->conn.kex;
	const uint32_t before = k->exchanges;
	bool begun = strcmp(a->word, "guess") == 0 ? corpus_guess(k) : kex_rekey(k) == 0;
	if (!begun)
		return false;
	(void)remote_turn(r, 0);
	while ((k->exchanges == before || k->state != KEX_OPEN) &&
	       remote_turn(r, REMOTE_PATIENCE_MS))
		continue;
	return true;
}

static bool do_wait(struct remote *r, const struct act *a)
{
	unsigned long ms = strtoul(a->value, NULL, 10);
	(void)r;
	return nanosleep(&(struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000},
	                 NULL) == 0;
}

static bool act_once(struct remote *r, const struct act *a)
{
	static const struct {
		const char *word;
		bool (*act)(struct remote *, const struct act *);
	} acts[] = {{"message", do_message}, {"bytes", do_bytes}, {"raw", do_bytes},
	            {"forge", do_forge},     {"end", do_end},     {"alone", do_alone},
	            {"go", do_go},           {"rekey", do_rekey}, {"guess", do_rekey},
	            {"wait", do_wait}};
	bool ok = false;
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
		if (strcmp(a->word, acts[i].word) == 0)
			ok = acts[i].act(r, a);
	(void)remote_turn(r, 0);
	return ok;
}

static bool act(struct remote *r, const char *line)
{
	const struct act a = script_act(line);
	for (unsigned long i = 0; i < a.times && !r->closed; i++)
		if (!act_once(r, &a))
			return r->closed;
	return true;
}

/* --- The verdict --- */

static bool is_dead(const struct remote *r)
{
	return r->closed || r->came[SSH_MSG_DISCONNECT];
}

/* A program of its own has other things to say besides: those of `want` have to come, in order. */
static bool says_all(const char *want, const char *said)
{
	while (*want != '\0') {
		size_t n = strcspn(want, " ");
		while (*said != '\0' &&
		       (strncmp(said, want, n) != 0 || said[n] != said[strcspn(said, " ")])) {
			said += strcspn(said, " ");
			said += strspn(said, " ");
		}
		if (*said == '\0')
			return false;
		said += n + strspn(said + n, " ");
		want += n + strspn(want + n, " ");
	}
	return true;
}

static bool dies_as(const struct remote *r, const char *expect)
{
	const char *reason = strrchr(expect, ' ');
	unsigned long want = reason == NULL ? 0 : strtoul(reason, NULL, 10);
	return !r->target->reasons || r->opaque || want == r->reason;
}

static bool as_expected(const struct remote *r)
{
	const char *expect = r->script->expect;
	if (strncmp(expect, "dies", 4) == 0 || is_dead(r))
		return is_dead(r) && strncmp(expect, "dies", 4) == 0 && dies_as(r, expect);
	if (strcmp(expect, "lives") == 0)
		return true;
	if (strcmp(expect, "silent") == 0)
		return r->said[0] == '\0';
	if (r->script->stage >= AUTH || strstr(expect, "USERAUTH_SUCCESS") != NULL)
		return says_all(expect + 5, r->said);
	return strcmp(expect + 5, r->said) == 0;
}

static void outcome(const struct remote *r, char *got, size_t size)
{
	const char *said = r->said[0] == '\0' ? "nothing" : r->said;
	if (is_dead(r))
		snprintf(got, size, "dies, having said %s; reason %u", said, r->reason);
	else
		snprintf(got, size, "lives, having said %s", said);
}

static void read_again(struct remote *r)
{
	if (!r->clear)
		return;
	r->said[0] = '\0';
	r->opaque = false;
	(void)remote_read_clear(r, r->before);
}

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until it has done what is expected, and then something else, if it likes. */
static void await_verdict(struct remote *r)
{
	int64_t end = now_ms() + r->target->patience_ms;
	read_again(r);
	while (!as_expected(r) && !r->closed && now_ms() < end) {
		(void)remote_turn(r, r->target->silence_ms);
		read_again(r);
	}
	while (wire_buf_len(&r->out) > 0 && remote_turn(r, r->target->patience_ms))
		continue;
	remote_settle(r, r->target->silence_ms);
	read_again(r);
}

static bool play(struct remote *r, char *got, size_t size)
{
	const struct script *s = r->script;
	if (!remote_reach(r)) {
		snprintf(got, size, "does not get there: %s",
		         r->conn.kex.err != 0 ? ssh_err_text(r->conn.kex.err)
		                              : "it ends, or is silent");
		return false;
	}
	r->before = r->clear ? remote_read_clear(r, SIZE_MAX) : 0;
	r->first_seq = r->conn.kex.out.seq;
	memset(r->came, 0, sizeof r->came);
	r->striking = r->research.unguarded = true;
	for (size_t i = 0; i < s->count; i++)
		if (!act(r, s->lines[i])) {
			snprintf(got, size, "cannot do: %s", s->lines[i]);
			return false;
		}
	await_verdict(r);
	outcome(r, got, size);
	return as_expected(r);
}

static bool start(struct remote *r)
{
	const struct script *s = r->script;
	struct conn_config c = {.auth_client = {.user = wire_bytes_str(r->target->user)}};
	kex_config_init(&c.kex, !r->server);
	c.kex.strict = s->strict == KEX_STRICT_OFF ? KEX_STRICT_OFF : KEX_STRICT_OFFER;
	c.kex.host_keys = r->keys;
	c.kex.trace = remote_hear_packet;
	c.kex.trace_ctx = r;
	c.kex.research = &r->research;
	c.auth_server.methods = AUTH_NONE;
	chan_config_init(&c.chan, !r->server, (struct chan_sink){0});
	return crypt_key_generate(&r->host, &crypt_key_ed25519, 0, &c.kex.rng) == 0 &&
	       corpus_choose(s, &r->chosen, &c.kex) && conn_init(&r->conn, &c, 0) == 0;
}

bool script_run_remote(const struct script *s, const struct remote_target *t, char *got,
                       size_t size)
{
	struct remote *r = calloc(1, sizeof *r);
	if (r == NULL)
		return false;
	r->script = s;
	r->target = t;
	r->server = t->command == NULL;
	r->keys[0] = &r->host;
	r->fd = -1;
	snprintf(got, size, "no connection");
	bool ok = start(r) && remote_open(r) && play(r, got, size);
	remote_close(r);
	conn_wipe(&r->conn);
	crypt_key_wipe(&r->host);
	wire_buf_wipe(&r->heard);
	wire_buf_wipe(&r->out);
	kex_research_wipe(&r->research);
	free(r);
	return ok;
}
