/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"
#include "tests/support/alloc.h"
#include "tests/support/vectors.h"

#include "libwire/msg.h"

#include <criterion/criterion.h>

/* keyboard-interactive between the engines, and what each does with input that is wrong. */

#define ALL   "?publickey,keyboard-interactive,password"
#define ROUND "title:do:Password:|Code:+ =nautilus|code"
#define WRONG "title:do:Password:|Code:+ =wrong|wrong"
#define EMPTY "title:do ="

static const struct {
	const char *name;
	const char *script;
	int rounds;
	const char *line;
} talks[] = {
    {"one round", "ir", 1, "? ask: " ROUND " S:nemo:keyboard-interactive: C:keyboard-interactive"},
    {"a submethod", "Ir", 1,
     "? ask:bsdauth " ROUND " S:nemo:keyboard-interactive: C:keyboard-interactive"},
    {"three rounds, one of them without prompts", "irrr", 3,
     "? ask: " ROUND " " EMPTY " " ROUND " S:nemo:keyboard-interactive: C:keyboard-interactive"},
    {"rejected unheard", "ig", 0, "? ask: " ALL " C!AUTH_FAILED"},
    {"wrong, then right", "ifir", 1,
     "? ask: " WRONG " " ALL " ask: " ROUND " S:nemo:keyboard-interactive: C:keyboard-interactive"},
    {"right, then wrong", "irrf", 3, "? ask: " ROUND " " EMPTY " " WRONG " " ALL},
    {"given up for a password", "ip", 1,
     "? ask: title:do:Password:|Code:+ password:nautilus S:nemo:password: C:password"},
    {"given up for a key", "ia", 1,
     "? ask: title:do:Password:|Code:+ key?A sign key!A S:nemo:publickey:A C:publickey"},
    {"given up for itself", "iir", 1,
     "? ask: title:do:Password:|Code:+ ask: " ROUND
     " S:nemo:keyboard-interactive: C:keyboard-interactive"},
    {"given up", "ig", 1, "? ask: title:do:Password:|Code:+ C!AUTH_FAILED"},
};

static void offer(struct duo *d, int rounds)
{
	duo_init(d);
	d->server_config.methods |= AUTH_INTERACTIVE;
	d->rounds = rounds;
}

Test(interactive, talks)
{
	for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
		struct duo d;

		offer(&d, talks[i].rounds);
		d.script = talks[i].script;
		duo_expect(&d, talks[i].name, talks[i].line);
		duo_wipe(&d);
	}
}

Test(interactive, not_offered)
{
	struct duo d;

	duo_init(&d);
	d.script = "i";
	duo_expect(&d, "not offered", "? ?publickey,password");
	duo_wipe(&d);
}

Test(interactive, impossible_user)
{
	struct duo d;

	offer(&d, 1);
	d.script = "i";
	d.client_config.user = wire_bytes_str("");
	duo_expect(&d, "empty user", "? " ALL);
	duo_wipe(&d);
}

/* The first hundred prompts are borne by either side, one more by neither. */
Test(interactive, many_prompts)
{
	struct auth_prompt prompts[SSH_INFO_MAX + 1];
	struct auth_challenge c = {.prompts = prompts, .count = SSH_INFO_MAX + 1};
	ssh_bytes answers[SSH_INFO_MAX];
	struct auth_server_event sev;
	struct auth_client_event cev;
	struct duo d;

	for (size_t i = 0; i <= SSH_INFO_MAX; i++)
		prompts[i] = (struct auth_prompt){wire_bytes_str("?"), false};
	for (size_t i = 0; i < SSH_INFO_MAX; i++)
		answers[i] = wire_bytes_str("!");
	offer(&d, 1);
	d.script = "i";
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	/* The server's question, put by hand: the client gives up what duo has asked it. */
	cr_assert_eq(auth_client_interactive(&d.c, wire_bytes(NULL, 0)), SSH_OK);
	cr_assert_eq(auth_server_recv(&d.s, auth_client_out(&d.c)), SSH_OK);
	auth_client_sent(&d.c);
	cr_assert(auth_server_next(&d.s, &sev) && sev.type == AUTH_ASK_CHALLENGE);
	cr_expect_eq(auth_server_prompt(&d.s, &c), SSH_ERR_ARGUMENT);
	c.count--;
	cr_assert_eq(auth_server_prompt(&d.s, &c), SSH_OK);
	cr_assert_eq(auth_client_recv(&d.c, auth_server_out(&d.s)), SSH_OK);
	auth_server_sent(&d.s);
	cr_assert(auth_client_next(&d.c, &cev) && cev.type == AUTH_ASK_PROMPTS);
	cr_expect_eq(cev.prompts.count, SSH_INFO_MAX);
	cr_expect_eq(auth_client_answer_prompts(&d.c, answers, SSH_INFO_MAX - 1), SSH_ERR_ARGUMENT);
	cr_expect_eq(auth_client_out(&d.c).len, 0);
	cr_assert_eq(auth_client_answer_prompts(&d.c, answers, SSH_INFO_MAX), SSH_OK);
	cr_assert_eq(auth_server_recv(&d.s, auth_client_out(&d.c)), SSH_OK);
	cr_assert(auth_server_next(&d.s, &sev) && sev.type == AUTH_ASK_RESPONSES);
	cr_expect_eq(sev.responses.count, SSH_INFO_MAX);
	duo_wipe(&d);
}

/* --- A server that does wrong --- */

static enum ssh_err give_client(struct auth_client *c, const char *line, const char *extra)
{
	struct wire_buf b = {0};
	enum ssh_err e;

	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), SSH_OK, "%s", line);
	unhex(&b, extra);
	e = auth_client_recv(c, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

/* A client that waits for what its keyboard-interactive request leads to. */
static void start_client(struct duo *d)
{
	duo_init(d);
	d->script = "i";
	cr_assert_eq(duo_start(d), SSH_OK);
	d->s.err = SSH_ERR_STATE;
	auth_client_sent(&d->c);
	cr_assert_eq(give_client(&d->c, "SERVICE_ACCEPT name=\"ssh-userauth\"", ""), SSH_OK);
	duo_run(d);
	auth_client_sent(&d->c);
	cr_assert_eq(d->c.state, AUTH_CLIENT_TRY_INTERACTIVE);
}

#define INFO "USERAUTH_INFO_REQUEST name=\"n\" instruction=\"i\" language=\"\" "

static const struct {
	const char *name;
	const char *line, *extra;
	enum ssh_err err;
} bad_requests[] = {
    {"2^32-1 prompts", INFO "count=4294967295", "", SSH_ERR_TOO_LONG},
    {"101 prompts", INFO "count=101", "", SSH_ERR_TOO_LONG},
    {"a prompt that is not there", INFO "count=1", "", SSH_ERR_TRUNCATED},
    {"a prompt cut", INFO "count=1", "0000000a70", SSH_ERR_TRUNCATED},
    {"a prompt without echo", INFO "count=1", "0000000170", SSH_ERR_TRUNCATED},
    {"a prompt too many", INFO "count=1", "00000001700000000001700000", SSH_ERR_TRAILING},
    {"a byte behind", INFO "count=0", "00", SSH_ERR_TRAILING},
    {"no count", "USERAUTH_INFO_REQUEST raw=000000000000000000000000", "", SSH_ERR_TRUNCATED},
    {"a response from a server", "USERAUTH_INFO_RESPONSE count=0", "", SSH_ERR_UNEXPECTED},
};

Test(interactive, bad_requests)
{
	for (size_t i = 0; i < sizeof bad_requests / sizeof bad_requests[0]; i++) {
		struct duo d;
		enum ssh_err e;

		start_client(&d);
		e = give_client(&d.c, bad_requests[i].line, bad_requests[i].extra);
		cr_expect_eq(e, bad_requests[i].err, "%s: %s", bad_requests[i].name,
		             ssh_err_name(e));
		cr_expect_eq(auth_client_out(&d.c).len, 0, "%s", bad_requests[i].name);
		duo_wipe(&d);
	}
}

/* No prompts are answered with no responses; prompts while one waits are not welcome. */
Test(interactive, empty_request)
{
	static const uint8_t empty[] = {SSH_MSG_USERAUTH_INFO_RESPONSE, 0, 0, 0, 0};
	struct auth_client_event ev;
	struct duo d;

	start_client(&d);
	cr_assert_eq(give_client(&d.c, INFO "count=0", ""), SSH_OK);
	cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_PROMPTS);
	cr_expect(wire_bytes_is(ev.prompts.name, "n") &&
	          wire_bytes_is(ev.prompts.instruction, "i"));
	cr_expect_eq(ev.prompts.count, 0);
	cr_assert_eq(auth_client_answer_prompts(&d.c, NULL, 0), SSH_OK);
	cr_expect(wire_bytes_equal(auth_client_out(&d.c), wire_bytes(empty, sizeof empty)));
	auth_client_sent(&d.c);
	cr_assert_eq(give_client(&d.c, INFO "count=0", ""), SSH_OK);
	cr_expect_eq(give_client(&d.c, INFO "count=0", ""), SSH_ERR_UNEXPECTED);
	duo_wipe(&d);
}

Test(interactive, endless_requests)
{
	struct auth_client_event ev;
	struct duo d;

	start_client(&d);
	for (int i = 0; i < AUTH_ROUNDS_MAX; i++) {
		cr_assert_eq(give_client(&d.c, INFO "count=0", ""), SSH_OK, "round %d", i);
		cr_assert(auth_client_next(&d.c, &ev) && ev.type == AUTH_ASK_PROMPTS);
		cr_assert_eq(auth_client_answer_prompts(&d.c, NULL, 0), SSH_OK);
		auth_client_sent(&d.c);
	}
	cr_expect_eq(give_client(&d.c, INFO "count=0", ""), SSH_ERR_AUTH_FAILED);
	cr_expect_eq(ssh_err_reason(SSH_ERR_AUTH_FAILED), 14);
	duo_wipe(&d);
}

/* --- A client that does wrong --- */

static enum ssh_err give_server(struct auth_server *s, const char *line, const char *extra)
{
	struct wire_buf b = {0};
	enum ssh_err e;

	cr_assert_eq(wire_msg_parse(&b, wire_msg_all, wire_bytes_str(line)), SSH_OK, "%s", line);
	unhex(&b, extra);
	e = auth_server_recv(s, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

/* A server that waits for two answers. */
static void start_server(struct duo *d)
{
	offer(d, 1);
	d->script = "i";
	cr_assert_eq(duo_start(d), SSH_OK);
	duo_run(d);
	cr_assert_eq(d->s.state, AUTH_SERVER_EXPECT_RESPONSE);
}

#define TWO "USERAUTH_INFO_RESPONSE count=2"

static const struct {
	const char *name;
	const char *line, *extra;
	enum ssh_err err; /* 0: a FAILURE without a question, but for the first */
} bad_responses[] = {
    {"good", TWO, "00000001610000000162", 0},
    {"empty ones are the owner's business", TWO, "0000000000000000", 0},
    {"none", "USERAUTH_INFO_RESPONSE count=0", "", 0},
    {"one", "USERAUTH_INFO_RESPONSE count=1", "0000000161", 0},
    {"three", "USERAUTH_INFO_RESPONSE count=3", "000000016100000001620000000163", 0},
    {"a NUL", TWO,
     "0000000100"
     "0000000162",
     0},
    {"101", "USERAUTH_INFO_RESPONSE count=101", "", SSH_ERR_TOO_LONG},
    {"2^32-1", "USERAUTH_INFO_RESPONSE count=4294967295", "", SSH_ERR_TOO_LONG},
    {"2^30 (CVE-2002-0639)", "USERAUTH_INFO_RESPONSE count=1073741824", "", SSH_ERR_TOO_LONG},
    {"one of two", TWO, "0000000161", SSH_ERR_TRUNCATED},
    {"two in one", TWO, "00000005616263646561", SSH_ERR_TRUNCATED},
    {"a byte behind", TWO, "0000000161000000016200", SSH_ERR_TRAILING},
    {"no count", "USERAUTH_INFO_RESPONSE raw=", "", SSH_ERR_TRUNCATED},
    {"a request from a client", INFO "count=0", "", SSH_ERR_UNEXPECTED},
};

Test(interactive, bad_responses)
{
	for (size_t i = 0; i < sizeof bad_responses / sizeof bad_responses[0]; i++) {
		struct auth_server_event ev;
		bool good = i < 2;
		struct duo d;
		enum ssh_err e;

		start_server(&d);
		e = give_server(&d.s, bad_responses[i].line, bad_responses[i].extra);
		cr_expect_eq(e, bad_responses[i].err, "%s: %s", bad_responses[i].name,
		             ssh_err_name(e));
		cr_expect_eq(auth_server_next(&d.s, &ev), good || e != 0, "%s",
		             bad_responses[i].name);
		if (!good && e == 0)
			cr_expect_eq(auth_server_out(&d.s).ptr[0], SSH_MSG_USERAUTH_FAILURE, "%s",
			             bad_responses[i].name);
		if (e == 0)
			cr_expect_eq(d.s.state, AUTH_SERVER_EXPECT_REQUEST, "%s",
			             bad_responses[i].name);
		duo_wipe(&d);
	}
}

/* A long answer is wrong without being looked at. */
Test(interactive, long_response)
{
	static uint8_t many[AUTH_PASSWORD_MAX + 1];
	struct auth_server_event ev;

	memset(many, 'a', sizeof many);
	for (size_t over = 0; over < 2; over++) {
		struct wire_buf b = {0};
		struct duo d;

		start_server(&d);
		wire_put_u8(&b, SSH_MSG_USERAUTH_INFO_RESPONSE);
		wire_put_u32(&b, 2);
		wire_put_string(&b, wire_bytes(many, AUTH_PASSWORD_MAX + over));
		wire_put_str(&b, "");
		cr_assert_eq(auth_server_recv(&d.s, wire_buf_view(&b)), SSH_OK);
		cr_expect_eq(auth_server_next(&d.s, &ev), over == 0);
		wire_buf_wipe(&b);
		duo_wipe(&d);
	}
}

/* A response to what was given up, or was answered, is not welcome. */
Test(interactive, late_responses)
{
	struct duo d;

	start_server(&d);
	cr_assert_eq(give_server(&d.s,
	                         "USERAUTH_REQUEST user=\"nemo\" service=\"ssh-connection\" "
	                         "method=\"none\"",
	                         ""),
	             SSH_OK);
	auth_server_sent(&d.s);
	cr_expect_eq(d.s.failures, 0, "what is given up is no failure, nor is the first none");
	cr_expect_eq(give_server(&d.s, TWO, "00000001610000000162"), SSH_ERR_UNEXPECTED);
	duo_wipe(&d);

	start_server(&d);
	cr_assert_eq(give_server(&d.s, "USERAUTH_INFO_RESPONSE count=0", ""), SSH_OK);
	auth_server_sent(&d.s);
	cr_expect_eq(give_server(&d.s, TWO, "00000001610000000162"), SSH_ERR_UNEXPECTED);
	duo_wipe(&d);
}

/* Another user who comes while an answer is awaited begins anew. */
Test(interactive, another_user)
{
	struct auth_server_event ev;
	struct duo d;

	start_server(&d);
	cr_assert_eq(give_server(&d.s,
	                         "USERAUTH_REQUEST user=\"ned\" service=\"ssh-connection\" "
	                         "method=\"keyboard-interactive\" language=\"de\" "
	                         "submethods=\"pam,skey\"",
	                         ""),
	             SSH_OK);
	cr_assert(auth_server_next(&d.s, &ev) && ev.type == AUTH_ASK_CHALLENGE);
	cr_expect(wire_bytes_is(ev.user, "ned"));
	cr_expect(wire_bytes_is(ev.language, "de") && wire_bytes_is(ev.submethods, "pam,skey"));
	cr_expect_eq(give_server(&d.s, TWO, ""), SSH_ERR_AGAIN);
	duo_wipe(&d);
}

/* An owner who asks for ever and a client who answers for ever come to an end. */
Test(interactive, endless_rounds)
{
	struct auth_challenge c = {.count = 0};
	struct auth_server_event ev;
	struct duo d;

	start_server(&d);
	cr_assert_eq(give_server(&d.s, TWO, "00000001610000000162"), SSH_OK);
	d.s.config.max_requests = 10; /* two are made */
	for (int i = 2; i < 10; i++) {
		cr_assert(auth_server_next(&d.s, &ev) && ev.type == AUTH_ASK_RESPONSES);
		cr_assert_eq(auth_server_prompt(&d.s, &c), SSH_OK);
		auth_server_sent(&d.s);
		cr_assert_eq(give_server(&d.s, "USERAUTH_INFO_RESPONSE count=0", ""), SSH_OK);
	}
	cr_assert(auth_server_next(&d.s, &ev));
	cr_assert_eq(auth_server_prompt(&d.s, &c), SSH_OK);
	auth_server_sent(&d.s);
	cr_expect_eq(give_server(&d.s, "USERAUTH_INFO_RESPONSE count=0", ""), SSH_ERR_AUTH_TRIES);
	duo_wipe(&d);
}

/* --- Memory --- */

static bool fails_at(struct duo *d, size_t n)
{
	bool failed;

	d->script = "ifirrr";
	alloc_start();
	alloc_fail_at(n);
	if (duo_start(d) == 0)
		duo_run(d);
	alloc_stop();
	failed = alloc_failed();
	if (!failed)
		cr_expect(d->s.state == AUTH_SERVER_DONE && d->c.state == AUTH_CLIENT_DONE);
	duo_reset(d);
	cr_expect_eq(alloc_live_bytes(), 0, "allocation %zu", n);
	return failed;
}

Test(interactive, no_memory)
{
	struct duo d;

	offer(&d, 3);
	for (size_t n = 1; fails_at(&d, n); n++)
		cr_assert_lt(n, 500);
	duo_wipe(&d);
}

static void expect_nowhere(const struct wire_buf *b, const char *secret)
{
	size_t n = strlen(secret);

	for (size_t i = 0; i + n <= b->cap; i++)
		cr_assert_neq(memcmp(b->mem + i, secret, n), 0);
}

Test(interactive, answers_are_wiped)
{
	struct duo d;

	offer(&d, 3);
	d.script = "ifirrr";
	alloc_start();
	alloc_watch_wipes();
	cr_assert_eq(duo_start(&d), SSH_OK);
	duo_run(&d);
	cr_expect_eq(d.s.state, AUTH_SERVER_DONE);
	expect_nowhere(&d.s.request, "nautilus");
	expect_nowhere(&d.c.out, "nautilus");
	duo_wipe(&d);
	alloc_stop();
	cr_expect_eq(alloc_unwiped(), 0);
}
