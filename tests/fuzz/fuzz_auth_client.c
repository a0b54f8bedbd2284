/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/login.h"

/*
 * A server's payloads, each behind a byte that says how the client answers questions after it, and a
 * length of two bytes. The client signs nothing but its own request with a key that it has named, and
 * is in only when the server has said so in answer to a request.
 */

struct guest {
	struct auth_client c;
	uint8_t answer;
	bool success; /* the payload is USERAUTH_SUCCESS, in answer to a request */
	unsigned questions;
};

static void check_signed(const struct auth_client_event *ev)
{
	struct wire_buf data = {0};
	struct auth_signed s = {.session_id = wire_bytes_str(LOGIN_SESSION),
	                        .user = wire_bytes_str(LOGIN_USER),
	                        .service = wire_bytes_str(AUTH_SERVICE_CONNECTION),
	                        .algorithm = wire_bytes_str(ev->sigalg->name),
	                        .key = login_blob()};
	auth_signed_put(&data, &s);
	FUZZ_MUST(wire_bytes_equal(ev->key, login_blob()));
	FUZZ_MUST(wire_bytes_equal(ev->data, wire_buf_view(&data)));
	wire_buf_wipe(&data);
}

static void sign(struct guest *g, const struct auth_client_event *ev)
{
	struct wire_buf sig = {0};
	check_signed(ev);
	if (g->answer % 5 != 0)
		login_sign(&sig, ev->data);
	(void)auth_client_answer_sign(&g->c, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
}

static void prompts(struct guest *g, const struct auth_client_event *ev)
{
	ssh_bytes answers[SSH_INFO_MAX], rest = ev->prompts.rest, text;
	size_t n = 0;
	bool echo;
	FUZZ_MUST(ev->prompts.count <= SSH_INFO_MAX);
	while (ssh_info_prompt_next(&rest, &text, &echo) && n < SSH_INFO_MAX)
		answers[n++] = wire_bytes_str(LOGIN_ANSWER);
	FUZZ_MUST(n == ev->prompts.count);
	(void)auth_client_answer_prompts(&g->c, answers, n);
}

static void request(struct guest *g)
{
	const struct crypt_sigalg *alg = auth_client_sigalg(&g->c, login_blob());
	ssh_bytes nothing = {0};
	switch (++g->questions > 100 ? 6 : g->answer % 7) { /* 6: give up at last */
	case 0:
		(void)auth_client_none(&g->c);
		break;
	case 1:
		(void)auth_client_password(&g->c, wire_bytes_str(LOGIN_PASSWORD));
		break;
	case 2:
		(void)auth_client_publickey(&g->c, login_blob(), alg);
		break;
	case 3:
		(void)auth_client_publickey_signed(&g->c, login_blob(), alg);
		break;
	case 4:
		(void)auth_client_interactive(&g->c, nothing);
		break;
	case 5:
		(void)auth_client_new_password(&g->c, wire_bytes_str("old"), nothing);
		break;
	default:
		(void)auth_client_give_up(&g->c);
	}
}

static void on_event(struct guest *g, const struct auth_client_event *ev)
{
	if (ev->type == AUTH_ASK_METHOD || ev->type == AUTH_ASK_NEW_PASSWORD)
		request(g);
	if (ev->type == AUTH_ASK_SIGN)
		sign(g, ev);
	if (ev->type == AUTH_ASK_PROMPTS)
		prompts(g, ev);
	if (ev->type == AUTH_EVENT_BANNER)
		FUZZ_MUST(ev->text.len <= AUTH_BANNER_MAX);
	if (ev->type == AUTH_EVENT_SUCCESS)
		FUZZ_MUST(g->success);
}

static void drain(struct guest *g)
{
	struct auth_client_event ev;
	for (; auth_client_out(&g->c).len > 0; auth_client_sent(&g->c))
		;
	while (auth_client_next(&g->c, &ev)) {
		on_event(g, &ev);
		for (; auth_client_out(&g->c).len > 0; auth_client_sent(&g->c))
			;
	}
	FUZZ_MUST(g->c.err == 0 || auth_client_out(&g->c).len == 0);
	FUZZ_MUST(g->c.state != AUTH_CLIENT_DONE || g->success);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes script = wire_bytes(data, size);
	struct guest g = {0};
	struct auth_client_config c = {.user = wire_bytes_str(LOGIN_USER),
	                               .session_id = wire_bytes_str(LOGIN_SESSION),
	                               .sigalgs = crypt_sigalgs};
	FUZZ_MUST(auth_client_init(&g.c, &c) == 0);
	drain(&g);
	while (script.len > 0) {
		enum ssh_err dead = g.c.err;
		enum auth_client_state before = g.c.state;
		g.answer = fuzz_u8(&script);
		ssh_bytes payload = fuzz_long(&script);
		enum ssh_err e = auth_client_recv(&g.c, payload);
		FUZZ_MUST(dead == 0 || e == dead);
		if (e == 0 && payload.ptr[0] == SSH_MSG_USERAUTH_SUCCESS)
			g.success =
			    g.success || (before > AUTH_CLIENT_CHOOSE && before < AUTH_CLIENT_DONE);
		drain(&g);
	}
	auth_client_wipe(&g.c);
	return 0;
}

static void say(struct wire_buf *b, uint8_t answer, struct wire_buf *payload)
{
	wire_put_u8(b, answer);
	fuzz_put_long(b, wire_buf_view(payload));
	wire_buf_wipe(payload);
}

static void failure(struct wire_buf *p, bool partial)
{
	wire_put_u8(p, SSH_MSG_USERAUTH_FAILURE);
	wire_put_str(p, "publickey,password,keyboard-interactive");
	wire_put_bool(p, partial);
}

/* Numbers of the answers, then PK_OK, a prompt or a demand for a password as fits them. */
static void middle(struct wire_buf *p, unsigned answer)
{
	wire_put_u8(p, SSH_MSG_USERAUTH_PK_OK);
	if (answer == 2) {
		wire_put_str(p, "ssh-ed25519");
		wire_put_string(p, login_blob());
	} else if (answer == 4) {
		wire_put_str(p, "name");
		wire_put_str(p, "instruction");
		wire_put_str(p, "");
		wire_put_u32(p, 1);
		wire_put_str(p, "Code: ");
		wire_put_bool(p, false);
	} else {
		wire_put_str(p, "expired");
		wire_put_str(p, "");
	}
}

void fuzz_seeds(void)
{
	for (uint8_t answer = 0; answer < 7; answer++) {
		struct wire_buf b = {0}, p = {0};
		login_put_service(&p, SSH_MSG_SERVICE_ACCEPT);
		say(&b, 0, &p);
		wire_put_u8(&p, SSH_MSG_USERAUTH_BANNER);
		wire_put_str(&p, "hello");
		wire_put_str(&p, "");
		say(&b, 0, &p);
		failure(&p, answer % 2 != 0);
		say(&b, answer, &p);
		middle(&p, answer);
		say(&b, answer, &p);
		wire_put_u8(&p, SSH_MSG_USERAUTH_SUCCESS);
		say(&b, answer, &p);
		fuzz_seed_buf(&b);
	}
}
