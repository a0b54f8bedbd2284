/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"

#include <criterion/criterion.h>

/*
 * Every state and every message number on both sides: the engines do what these words say, which
 * were written from RFC 4252 and not from the tables.
 */

struct words {
	int state;
	const char *name;
	const char *script; /* client: how to get there */
	uint8_t welcome[7]; /* 0 ends */
};

static const struct words client_words[] = {
    {AUTH_CLIENT_EXPECT_ACCEPT, "EXPECT_ACCEPT", "", {6}},
    {AUTH_CLIENT_CHOOSE, "CHOOSE", "", {53}},
    {AUTH_CLIENT_TRY_NONE, "TRY_NONE", "n", {51, 52, 53}},
    {AUTH_CLIENT_TRY_PASSWORD, "TRY_PASSWORD", "p", {51, 52, 53, 60}},
    {AUTH_CLIENT_TRY_QUERY, "TRY_QUERY", "a", {51, 53, 60}},
    {AUTH_CLIENT_TRY_SIGNED, "TRY_SIGNED", "A", {51, 52, 53}},
    {AUTH_CLIENT_TRY_INTERACTIVE, "TRY_INTERACTIVE", "i", {51, 52, 53, 60}},
    {AUTH_CLIENT_DONE, "DONE", "n", {53}},
};

static const struct words server_words[] = {
    {AUTH_SERVER_EXPECT_SERVICE, "EXPECT_SERVICE", NULL, {5}},
    {AUTH_SERVER_EXPECT_REQUEST, "EXPECT_REQUEST", NULL, {5, 50}},
    {AUTH_SERVER_EXPECT_RESPONSE, "EXPECT_RESPONSE", NULL, {50, 61}},
    {AUTH_SERVER_DONE, "DONE", NULL, {50}},
};

/* Numbers that mean something to one side or the other, and those of the connection protocol. */
static bool is_known(int number)
{
	return number == 5 || number == 6 || (number >= 50 && number <= 53) || number == 60 ||
	       number == 61 || (number >= 80 && number <= 127);
}

static enum auth_judgement expected(const struct words *w, int number)
{
	for (size_t i = 0; w->welcome[i] != 0; i++)
		if (w->welcome[i] == number)
			return AUTH_WELCOME;
	return is_known(number) ? AUTH_UNWELCOME : AUTH_UNIMPLEMENTED;
}

static void give(struct auth_client *c, const char *hex, size_t n)
{
	cr_assert_eq(auth_client_recv(c, wire_bytes(hex, n)), SSH_OK);
}

/* A client that has truly come to the state. */
static void reach_client(struct duo *d, const struct words *w)
{
	struct auth_client_event ev;
	static const char accept[] = "\x06\0\0\0\x0cssh-userauth";

	duo_reset(d);
	d->script = w->script;
	cr_assert_eq(duo_start(d), SSH_OK);
	if (w->state == AUTH_CLIENT_EXPECT_ACCEPT)
		return;
	auth_client_sent(&d->c);
	give(&d->c, accept, sizeof accept - 1);
	/* Without a server that answers, the script's request is what remains. */
	d->s.err = SSH_ERR_STATE;
	duo_run(d);
	if (w->state == AUTH_CLIENT_DONE) {
		give(&d->c, "\x34", 1);
		cr_assert(auth_client_next(&d->c, &ev));
	}
	cr_assert_eq((int)d->c.state, w->state, "%s", w->name);
}

static void check_client(struct duo *d, const struct words *w, int number)
{
	uint8_t payload[1] = {(uint8_t)number};
	enum auth_judgement want = expected(w, number);
	struct auth_client_event ev;
	enum ssh_err e;

	reach_client(d, w);
	cr_expect_eq(auth_client_judge(d->c.state, payload[0], NULL), want, "%s %d", w->name,
	             number);
	e = auth_client_recv(&d->c, wire_bytes(payload, 1));
	if (want == AUTH_UNWELCOME)
		cr_expect(e == SSH_ERR_UNEXPECTED && d->c.state == AUTH_CLIENT_DEAD &&
		              auth_client_next(&d->c, &ev) && ev.type == AUTH_EVENT_ERROR,
		          "%s %d: %s", w->name, number, ssh_err_name(e));
	else if (want == AUTH_UNIMPLEMENTED)
		cr_expect(e == 0 && (int)d->c.state == w->state &&
		              (d->c.asking || (auth_client_next(&d->c, &ev) &&
		                               ev.type == AUTH_EVENT_UNIMPLEMENTED)),
		          "%s %d: %s", w->name, number, ssh_err_name(e));
	else
		cr_expect_eq(e, number == 52 ? SSH_OK : SSH_ERR_TRUNCATED, "%s %d: %s", w->name,
		             number, ssh_err_name(e));
}

Test(rules, client)
{
	struct duo d;

	duo_init(&d);
	for (size_t i = 0; i < sizeof client_words / sizeof client_words[0]; i++) {
		cr_expect_str_eq(
		    auth_client_state_name((enum auth_client_state)client_words[i].state),
		    client_words[i].name);
		for (int number = 0; number < 256; number++)
			check_client(&d, &client_words[i], number);
	}
	duo_wipe(&d);
}

/* A server that has truly come to the state. */
static void reach_server(struct duo *d, const struct words *w)
{
	static const char request[] = "\x05\0\0\0\x0cssh-userauth";
	struct auth_server_event ev;

	duo_reset(d);
	cr_assert_eq(duo_start(d), SSH_OK);
	if (w->state == AUTH_SERVER_EXPECT_REQUEST) {
		cr_assert_eq(auth_server_recv(&d->s, wire_bytes(request, sizeof request - 1)), 0);
		auth_server_sent(&d->s);
	} else if (w->state != AUTH_SERVER_EXPECT_SERVICE) {
		d->script = w->state == AUTH_SERVER_DONE ? "p" : "i";
		duo_run(d);
		cr_assert(!auth_server_next(&d->s, &ev));
	}
	cr_assert_eq((int)d->s.state, w->state, "%s", w->name);
}

static void check_server(struct duo *d, const struct words *w, int number)
{
	uint8_t payload[1] = {(uint8_t)number};
	enum auth_judgement want = expected(w, number);
	struct auth_server_event ev;
	enum ssh_err e;

	reach_server(d, w);
	cr_expect_eq(auth_server_judge(d->s.state, payload[0], NULL), want, "%s %d", w->name,
	             number);
	e = auth_server_recv(&d->s, wire_bytes(payload, 1));
	if (want == AUTH_UNWELCOME)
		cr_expect(e == SSH_ERR_UNEXPECTED && d->s.state == AUTH_SERVER_DEAD &&
		              auth_server_next(&d->s, &ev) && ev.type == AUTH_EVENT_ERROR,
		          "%s %d: %s", w->name, number, ssh_err_name(e));
	else if (want == AUTH_UNIMPLEMENTED)
		cr_expect(e == 0 && auth_server_next(&d->s, &ev) &&
		              ev.type == AUTH_EVENT_UNIMPLEMENTED && (int)d->s.state == w->state,
		          "%s %d: %s", w->name, number, ssh_err_name(e));
	else
		cr_expect_eq(e, w->state == AUTH_SERVER_DONE ? SSH_OK : SSH_ERR_TRUNCATED,
		             "%s %d: %s", w->name, number, ssh_err_name(e));
	cr_expect_eq(auth_server_out(&d->s).len, 0, "%s %d is not replied to", w->name, number);
}

Test(rules, server)
{
	struct duo d;

	duo_init(&d);
	d.rounds = 1;
	d.server_config.methods |= AUTH_INTERACTIVE;
	for (size_t i = 0; i < sizeof server_words / sizeof server_words[0]; i++) {
		cr_expect_str_eq(
		    auth_server_state_name((enum auth_server_state)server_words[i].state),
		    server_words[i].name);
		for (int number = 0; number < 256; number++)
			check_server(&d, &server_words[i], number);
	}
	duo_wipe(&d);
}

/* The dead stay dead, say why, and have nothing to send. */
Test(rules, dead)
{
	struct auth_client_event cev;
	struct auth_server_event sev;
	struct duo d;

	duo_init(&d);
	cr_assert_eq(duo_start(&d), SSH_OK);
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(auth_client_recv(&d.c, wire_bytes("\x34", 1)), SSH_ERR_UNEXPECTED);
		cr_expect_eq(auth_server_recv(&d.s, wire_bytes("\x34", 1)), SSH_ERR_UNEXPECTED);
		cr_expect_eq(auth_client_none(&d.c), SSH_ERR_UNEXPECTED);
		cr_expect_eq(auth_client_give_up(&d.c), SSH_ERR_UNEXPECTED);
		cr_expect_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_ERR_UNEXPECTED);
		cr_expect_eq(auth_client_out(&d.c).len, 0);
		cr_expect_eq(auth_server_out(&d.s).len, 0);
		cr_expect_eq(auth_client_next(&d.c, &cev), i == 0);
		cr_expect_eq(auth_server_next(&d.s, &sev), i == 0);
	}
	duo_wipe(&d);
	duo_wipe(&d);
}

/* Nobody answers what was not asked. */
Test(rules, answers_need_questions)
{
	static const struct words choose = {AUTH_CLIENT_CHOOSE, "CHOOSE", "", {0}};
	ssh_bytes some = wire_bytes_str("x");
	struct duo d;

	duo_init(&d);
	cr_assert_eq(duo_start(&d), SSH_OK);
	cr_expect_eq(auth_client_none(&d.c), SSH_ERR_STATE);
	cr_expect_eq(auth_client_password(&d.c, some), SSH_ERR_STATE);
	cr_expect_eq(auth_client_publickey(&d.c, some, &crypt_sig_ed25519), SSH_ERR_STATE);
	cr_expect_eq(auth_client_publickey_signed(&d.c, some, &crypt_sig_ed25519), SSH_ERR_STATE);
	cr_expect_eq(auth_client_answer_sign(&d.c, some), SSH_ERR_STATE);
	cr_expect_eq(auth_client_give_up(&d.c), SSH_ERR_STATE);
	cr_expect_eq(auth_client_interactive(&d.c, some), SSH_ERR_STATE);
	cr_expect_eq(auth_client_answer_prompts(&d.c, &some, 1), SSH_ERR_STATE);
	cr_expect_eq(auth_server_answer(&d.s, AUTH_ACCEPT), SSH_ERR_STATE);
	cr_expect_eq(auth_server_prompt(&d.s, &(struct auth_challenge){.count = 0}), SSH_ERR_STATE);
	cr_expect_eq(auth_server_ask_new_password(&d.s, some), SSH_ERR_STATE);
	duo_wipe(&d);

	duo_init(&d);
	reach_client(&d, &choose);
	cr_expect_eq(auth_client_answer_sign(&d.c, some), SSH_ERR_STATE);
	cr_expect_eq(auth_client_new_password(&d.c, some, some), SSH_ERR_STATE);
	cr_expect_eq(auth_client_answer_prompts(&d.c, NULL, 0), SSH_ERR_STATE);
	cr_expect_eq(auth_client_publickey(&d.c, some, NULL), SSH_ERR_ARGUMENT);
	cr_expect_eq(auth_client_none(&d.c), SSH_OK);
	cr_expect_eq(auth_client_none(&d.c), SSH_ERR_STATE);
	duo_wipe(&d);
}

Test(rules, configurations_that_make_no_sense)
{
	struct duo d;

	duo_init(&d);
	d.client_config.sigalgs = NULL;
	cr_expect_eq(duo_start(&d), SSH_ERR_ARGUMENT);
	duo_wipe(&d);
	duo_init(&d);
	d.client_config.session_id = wire_bytes(NULL, 0);
	cr_expect_eq(duo_start(&d), SSH_ERR_ARGUMENT);
	duo_wipe(&d);
	duo_init(&d);
	d.server_config.chains = wire_bytes_str("keyboard-interactive");
	cr_expect_eq(duo_start(&d), SSH_ERR_ARGUMENT);
	duo_wipe(&d);
	duo_init(&d);
	d.server_config.methods = 0;
	cr_expect_eq(duo_start(&d), SSH_ERR_ARGUMENT);
	duo_wipe(&d);
	duo_init(&d);
	d.server_config.sigalgs = NULL;
	cr_expect_eq(duo_start(&d), SSH_ERR_ARGUMENT);
	duo_wipe(&d);
}
