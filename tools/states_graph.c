/* SPDX-License-Identifier: MIT */
#include "tools/states_graph.h"

#include <stdio.h>

#include "libkex/kex.h"

#define EDGES_MAX 256

/* One role's machine: what was seen to lead where. */
struct machine {
	const char *name;
	unsigned receiver;
	struct edge {
		enum kex_state from, to;
		uint8_t number;
	} edges[EDGES_MAX];
	size_t count;
	struct edge open; /* taken, but where it leads is not known before the next message */
	bool is_open;
};

/* --- Watching engines --- */

static void take_edge(struct machine *m, enum kex_state to)
{
	size_t i = 0;
	if (!m->is_open)
		return;
	m->is_open = false;
	m->open.to = to;
	while (i < m->count && (m->edges[i].from != m->open.from || m->edges[i].to != to ||
	                        m->edges[i].number != m->open.number))
		i++;
	if (i < EDGES_MAX)
		m->edges[i] = m->open;
	m->count += i == m->count && i < EDGES_MAX;
}

static void watch(void *ctx, const struct kex_trace *t)
{
	struct machine *m = ctx;
	if (t->type != KEX_TRACE_PACKET || t->out)
		return;
	take_edge(m, t->kex->state);
	m->open = (struct edge){.from = t->kex->state, .number = t->payload.ptr[0]};
	m->is_open = true;
}

static void drain(struct kex *k)
{
	struct kex_event ev;
	while (kex_next(k, &ev))
		if (ev.type == KEX_ASK_HOST_KEY)
			(void)kex_answer_host_key(k, true);
}

static void run(struct kex ends[2])
{
	bool moved = true;
	while (moved) {
		moved = false;
		for (int i = 0; i < 2; i++) {
			size_t used = 0;
			(void)kex_recv(&ends[1 - i], kex_out(&ends[i]), &used);
			kex_sent(&ends[i], used);
			drain(&ends[1 - i]);
			moved = moved || used != 0;
		}
	}
}

/* A first exchange, another one, and a goodbye from either side. */
static bool session(struct machine m[2], const struct kex_agree *agree,
                    const struct crypt_key *host, int leaver)
{
	static struct kex ends[2];
	const struct kex_agree *const agrees[] = {agree, NULL};
	const struct crypt_key *const keys[] = {host, NULL};
	bool ok = true;
	for (int i = 0; i < 2; i++) {
		struct kex_config c;
		kex_config_init(&c, i == 1);
		c.agrees = agrees;
		c.host_keys = keys;
		c.trace = watch;
		c.trace_ctx = &m[i];
		ok = ok && kex_init(&ends[i], &c, 0) == 0;
	}
	run(ends);
	ok = ok && kex_rekey(&ends[leaver]) == 0;
	run(ends);
	ok = ok && ends[0].exchanges == 2 && ends[1].exchanges == 2;
	for (int i = 0; i < 2; i++)
		take_edge(&m[i], ends[i].state);
	kex_disconnect(&ends[leaver], SSH_DISCONNECT_BY_APPLICATION, "");
	run(ends);
	for (int i = 0; i < 2; i++) {
		take_edge(&m[i], ends[i].state);
		m[i].is_open = false;
		kex_wipe(&ends[i]);
	}
	return ok;
}

static bool watch_all(struct machine m[2])
{
	static const struct kex_agree *const agrees[] = {
	    &kex_curve25519_sha256, &kex_dh_group14_sha256, &kex_dh_gex_sha256};
	struct crypt_rng rng = crypt_rng_system();
	struct crypt_key host = {0};
	bool ok = crypt_key_generate(&host, &crypt_key_ed25519, 0, &rng) == 0;
	for (size_t i = 0; i < 6 && ok; i++)
		ok = session(m, agrees[i / 2], &host, i % 2);
	crypt_key_wipe(&host);
	return ok;
}

/* --- What a message does --- */

static bool is_welcome(const struct kex_rule *r, const struct machine *m, enum kex_state s)
{
	return (r->states >> s & 1) != 0 && (r->receivers & m->receiver) != 0;
}

/* Where the number leads from there; where nobody has seen it, it leads nowhere else. */
static size_t targets(const struct machine *m, enum kex_state from, uint8_t number,
                      enum kex_state to[KEX_STATES])
{
	size_t n = 0;
	for (size_t i = 0; i < m->count; i++)
		if (m->edges[i].from == from && m->edges[i].number == number)
			to[n++] = m->edges[i].to;
	if (n == 0)
		to[n++] = number == SSH_MSG_DISCONNECT ? KEX_DEAD : from;
	return n;
}

/* A name for a row, fit for both languages. */
static void put_row(const struct kex_rule *r)
{
	struct wire_context c = {.kex = (r->kex >> WIRE_KEX_GEX & 1) != 0 ? WIRE_KEX_GEX
	                                                                  : WIRE_KEX_ECDH};
	if (r->first == r->last && strcmp(wire_num_name(r->first, c), "UNKNOWN") != 0)
		printf("%s", wire_num_name(r->first, c));
	else
		printf("N%u_%u", r->first, r->last);
}

/* --- Graphviz --- */

static void dot_edge(const struct kex_rule *r, enum kex_state from, enum kex_state to)
{
	printf("\t\"%s\" -> \"%s\" [label=\"", kex_state_name(from), kex_state_name(to));
	put_row(r);
	printf("\"%s];\n", r->strict ? "" : ", style=dashed");
}

static void dot(const struct machine *m)
{
	printf("digraph %s {\n\tlabel=\"transport, the %s; dashed: not in a strict first "
	       "exchange\";\n",
	       m->name, m->name);
	for (size_t i = 0; i < kex_rules_count; i++)
		for (enum kex_state s = KEX_EXPECT_KEXINIT; s < KEX_DEAD; s++) {
			enum kex_state to[KEX_STATES];
			if (!is_welcome(&kex_rules[i], m, s))
				continue;
			size_t n = targets(m, s, kex_rules[i].first, to);
			for (size_t t = 0; t < n; t++)
				dot_edge(&kex_rules[i], s, to[t]);
		}
	printf("}\n");
}

/* --- NuSMV --- */

static void smv_case(const struct machine *m, const struct kex_rule *r, enum kex_state s)
{
	enum kex_state to[KEX_STATES];
	size_t n = targets(m, s, r->first, to);
	printf("\t\tstate = %s & message = ", kex_state_name(s));
	put_row(r);
	printf("%s : {", r->strict ? "" : " & !(strict & first)");
	for (size_t t = 0; t < n; t++)
		printf("%s%s", t == 0 ? "" : ", ", kex_state_name(to[t]));
	printf("};\n");
}

static void smv_names(void)
{
	const char *before = "";
	printf("\tmessage : {");
	for (size_t i = 0; i < kex_rules_count; i++) {
		printf("%s", before);
		put_row(&kex_rules[i]);
		before = ", ";
	}
	printf(", UNKNOWN};\n\tstate : {");
	for (enum kex_state s = KEX_EXPECT_IDENT; s < KEX_STATES; s++)
		printf("%s%s", s == KEX_EXPECT_IDENT ? "" : ", ", kex_state_name(s));
	printf("};\n");
}

static void smv(const struct machine *m)
{
	printf("MODULE %s\nVAR\n", m->name);
	smv_names();
	printf("\tfirst : boolean;\nFROZENVAR\n\tstrict : boolean;\nASSIGN\n"
	       "\tinit(state) := EXPECT_KEXINIT;\n\tinit(first) := TRUE;\n"
	       "\tnext(first) := first & !(state = EXPECT_NEWKEYS & message = NEWKEYS);\n"
	       "\tnext(state) := case\n");
	for (size_t i = 0; i < kex_rules_count; i++)
		for (enum kex_state s = KEX_EXPECT_KEXINIT; s < KEX_DEAD; s++)
			if (is_welcome(&kex_rules[i], m, s))
				smv_case(m, &kex_rules[i], s);
	printf("\t\tmessage = UNKNOWN & !(strict & first) & state != EXPECT_KEXINIT : state;\n"
	       "\t\tTRUE : DEAD;\n\tesac;\n"
	       "LTLSPEC G (state = DEAD -> G state = DEAD)\n"
	       "LTLSPEC G ((state = OPEN & first) -> FALSE)\n\n");
}

bool states_graph(bool is_smv)
{
	static struct machine m[2] = {{.name = "client", .receiver = KEX_TO_CLIENT},
	                              {.name = "server", .receiver = KEX_TO_SERVER}};
	if (!watch_all(m))
		return false;
	for (int i = 0; i < 2; i++) {
		if (is_smv)
			smv(&m[i]);
		else
			dot(&m[i]);
	}
	if (is_smv)
		printf("MODULE main\nVAR\n\tc : client;\n\ts : server;\n");
	return true;
}
