/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "libauth/client.h"
#include "libauth/server.h"
#include "libchan/mux.h"
#include "libkex/transport.h"
#include "tools/states_graph.h"

/* Prints the rules tables that the engines run on, as a page for people: docs/states.md. */

#define NAMES_MAX 512

/* What the four tables have in common: states as bits, and their names. */
struct machine {
	unsigned states;
	const char *(*name)(unsigned state);
};

static const char *kex_name(unsigned state)
{
	return kex_state_name((enum kex_state)state);
}

static const char *client_name(unsigned state)
{
	return auth_client_state_name((enum auth_client_state)state);
}

static const char *server_name(unsigned state)
{
	return auth_server_state_name((enum auth_server_state)state);
}

static const char *chan_name(unsigned state)
{
	return chan_state_name((enum chan_state)state);
}

static const struct machine transport = {KEX_STATES, kex_name};
static const struct machine client = {AUTH_CLIENT_STATES, client_name};
static const struct machine server = {AUTH_SERVER_STATES, server_name};
static const struct machine channel = {CHAN_STATES, chan_name};

/* --- Cells --- */

static void append(char out[NAMES_MAX], const char *between, const char *what)
{
	size_t n = strlen(out);
	snprintf(out + n, NAMES_MAX - n, "%s%s", n == 0 ? "" : between, what);
}

/* The names that a number has; '|' would end the cell. */
static void put_names(char out[NAMES_MAX], uint8_t number, struct wire_context c)
{
	const char *name = wire_num_name(number, c);
	while (*name != '\0') {
		char one[64];
		size_t n = strcspn(name, "|");
		snprintf(one, sizeof one, "%.*s", (int)n, name);
		if (strstr(out, one) == NULL)
			append(out, " or ", one);
		name += n + (name[n] == '|');
	}
}

static bool is_known(unsigned number)
{
	return strcmp(wire_num_name((uint8_t)number, (struct wire_context){0}), "UNKNOWN") != 0;
}

/* A range is named by the first and the last number in it that mean something. */
static void put_range(char out[NAMES_MAX], unsigned first, unsigned last)
{
	while (first < last && !is_known(first))
		first++;
	while (first < last && !is_known(last))
		last--;
	if (!is_known(first)) {
		append(out, "", "(not assigned)");
		return;
	}
	put_names(out, (uint8_t)first, (struct wire_context){0});
	if (first == last)
		return;
	char end[NAMES_MAX] = "";
	put_names(end, (uint8_t)last, (struct wire_context){0});
	append(out, " … ", end);
}

static void print_numbers(unsigned first, unsigned last, const char *names)
{
	if (first == last)
		printf("| %u | %s ", first, names);
	else
		printf("| %u-%u | %s ", first, last, names);
}

static unsigned count_bits(unsigned bits)
{
	unsigned n = 0;
	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

/* Whichever is shorter: where it is welcome, or where it is not. */
static void print_states(const struct machine *m, unsigned bits)
{
	bool most = count_bits(bits) * 2 > m->states + 1;
	unsigned listed = most ? ~bits : bits;
	const char *before = most ? "| everywhere but in " : "| ";
	if (bits == 0)
		printf("| nowhere ");
	for (unsigned s = 0; s < m->states && bits != 0; s++)
		if ((listed >> s & 1) != 0) {
			printf("%s`%s`", before, m->name(s));
			before = ", ";
		}
	if (bits != 0)
		printf("%s ", count_bits(bits) == m->states ? "| everywhere" : "");
}

static void print_receivers(unsigned receivers)
{
	printf("| %s ", receivers == KEX_TO_BOTH     ? "both"
	                : receivers == KEX_TO_CLIENT ? "client"
	                                             : "server");
}

static void print_machine(const struct machine *m)
{
	printf("States:");
	for (unsigned s = 0; s < m->states; s++)
		printf("%s `%s`", s == 0 ? "" : ",", m->name(s));
	printf(".\n\n");
}

/* --- Tables --- */

static void print_methods(unsigned mask)
{
	static const char *const methods[] = {"others", "DH", "ECDH and hybrids", "group exchange"};
	const char *before = "| ";
	if (mask == 0)
		printf("| any ");
	for (unsigned m = 0; m < sizeof methods / sizeof methods[0]; m++)
		if ((mask >> m & 1) != 0) {
			printf("%s%s", before, methods[m]);
			before = ", ";
		}
	if (mask != 0)
		printf(" ");
}

static void print_kex(void)
{
	printf("## Transport (libkex)\n\n");
	print_machine(&transport);
	printf("| number | message | welcome in | receiver | key exchange | in a strict first "
	       "exchange |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < kex_rules_count; i++) {
		const struct kex_rule *r = &kex_rules[i];
		char names[NAMES_MAX] = "";
		if (r->kex == 0 || r->first != r->last)
			put_range(names, r->first, r->last);
		for (unsigned m = 0; r->first == r->last && m < 8; m++)
			if ((r->kex >> m & 1) != 0)
				put_names(names, r->first,
				          (struct wire_context){.kex = (enum wire_kex)m});
		print_numbers(r->first, r->last, names);
		print_states(&transport, r->states);
		print_receivers(r->receivers);
		print_methods(r->kex);
		printf("| %s |\n", r->strict && r->states != 0 ? "welcome" : "fatal");
	}
	printf("\n");
}

/* The answers to two methods share a number; where it is welcome tells which is meant. */
static enum wire_auth method_of(uint16_t states)
{
	if (states == 1u << AUTH_CLIENT_TRY_PASSWORD)
		return WIRE_AUTH_PASSWORD;
	if (states == 1u << AUTH_CLIENT_TRY_INTERACTIVE)
		return WIRE_AUTH_KBDINT;
	return states == 1u << AUTH_CLIENT_TRY_QUERY ? WIRE_AUTH_PUBLICKEY : WIRE_AUTH_UNKNOWN;
}

static void print_auth_row(const struct machine *m, const uint8_t range[2], uint16_t states,
                           enum wire_auth method)
{
	char names[NAMES_MAX] = "";
	if (range[0] == range[1])
		put_names(names, range[0], (struct wire_context){.auth = method});
	else
		put_range(names, range[0], range[1]);
	print_numbers(range[0], range[1], names);
	print_states(m, states);
	printf("|\n");
}

static void print_auth(void)
{
	static const char head[] = "| number | message | welcome in |\n|---|---|---|\n";
	printf("## Authentication, the client (libauth)\n\n");
	print_machine(&client);
	printf("%s", head);
	for (size_t i = 0; i < auth_client_rules_count; i++) {
		const struct auth_client_rule *r = &auth_client_rules[i];
		print_auth_row(&client, (uint8_t[]){r->first, r->last}, r->states,
		               method_of(r->states));
	}
	printf("\n## Authentication, the server (libauth)\n\n");
	print_machine(&server);
	printf("%s", head);
	for (size_t i = 0; i < auth_server_rules_count; i++) {
		const struct auth_server_rule *r = &auth_server_rules[i];
		print_auth_row(&server, (uint8_t[]){r->first, r->last}, r->states,
		               WIRE_AUTH_UNKNOWN);
	}
	printf("\n");
}

static void print_chan(void)
{
	printf(
	    "## Channels (libchan)\n\nThe states are those of one channel; messages that are not "
	    "about a channel are welcome at any time.\n\n");
	print_machine(&channel);
	printf("| number | message | welcome in | receiver |\n|---|---|---|---|\n");
	for (size_t i = 0; i < chan_rules_count; i++) {
		const struct chan_rule *r = &chan_rules[i];
		char names[NAMES_MAX] = "";
		put_range(names, r->number, r->number);
		print_numbers(r->number, r->number, names);
		if (r->global)
			printf("| at any time ");
		else
			print_states(&channel, r->states);
		print_receivers(r->receivers);
		printf("|\n");
	}
	printf("\n");
}

static void print_types(void)
{
	static const char *const answers[] = {"its owner", "libchan: no", "libchan: yes"};
	printf("## Types of channels and requests (libchan)\n\nA type that is not listed is the "
	       "owner's to answer, but for global requests if the configuration refuses "
	       "them.\n\n| message | type | receiver | answered by |\n|---|---|---|---|\n");
	for (size_t i = 0; i < chan_types_count; i++) {
		const struct chan_type *t = &chan_types[i];
		char names[NAMES_MAX] = "";
		put_range(names, t->number, t->number);
		printf("| %s | `%s` ", names, t->name);
		print_receivers(t->receivers);
		printf("| %s |\n", answers[t->answer]);
	}
}

static void print_page(void)
{
	printf("# States\n\n"
	       "Which message is welcome where. This page is printed by `nacre-states` from the "
	       "tables that the engines run on\n(`make docs`), so that the documented protocol is "
	       "the running one.\n\n"
	       "A message that has rows, of which none welcomes it in the present state, ends the "
	       "connection. One that has no row\nis answered UNIMPLEMENTED (RFC 4253 section "
	       "11.4); in a strict first key exchange that is fatal, too.\n\n");
	print_kex();
	print_auth();
	print_chan();
	print_types();
}

/* -T md, the default: the page; dot, smv: the transport for Graphviz and for NuSMV. */
int main(int argc, char **argv)
{
	const char *form = argc == 3 && strcmp(argv[1], "-T") == 0 ? argv[2]
	                   : argc == 1                             ? "md"
	                                                           : "";
	bool is_smv = strcmp(form, "smv") == 0;
	if (strcmp(form, "md") == 0) {
		print_page();
		return 0;
	}
	if (!is_smv && strcmp(form, "dot") != 0) {
		fprintf(stderr, "usage: nacre-states [-T md|dot|smv]\n");
		return 1;
	}
	return states_graph(is_smv) ? 0 : 1;
}
