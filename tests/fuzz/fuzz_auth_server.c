/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/login.h"

/*
 * A client's payloads, each behind its length of two bytes, for a server whose policy the first byte
 * chooses. Nobody gets in without the password, the key or the answer, or whichever of them are
 * required; whose key counts has signed.
 */

struct gate {
	struct auth_server s;
	bool partial;     /* the first that is right is not enough */
	uint32_t granted; /* methods that the policy has found right, for this user */
	uint32_t wanted;
	struct wire_buf user;
	ssh_bytes payload;
	bool in;
};

/* Verify a signature again, by ourselves. */
static bool is_signed(const struct auth_signed *s, ssh_bytes signature)
{
	struct wire_buf data = {0};
	struct crypt_key key = {0};
	auth_signed_put(&data, s);
	FUZZ_MUST(crypt_key_parse_public(&key, crypt_keyalgs, s->key) == 0);
	const struct crypt_sigalg *alg = crypt_sigalg_find(crypt_sigalgs, s->algorithm);
	bool good =
	    alg != NULL && crypt_key_verify(&key, alg, wire_buf_view(&data), signature) == 0;
	crypt_key_wipe(&key);
	wire_buf_wipe(&data);
	return good;
}

static bool host_has_signed(ssh_bytes payload, const struct auth_server_event *ev)
{
	struct ssh_userauth_request m;
	struct ssh_auth_hostbased h;
	FUZZ_MUST(wire_msg_decode(&ssh_userauth_request_shape, payload, &m) == 0);
	FUZZ_MUST(wire_bytes_is(m.method, "hostbased"));
	FUZZ_MUST(wire_msg_decode(&ssh_auth_hostbased_shape, m.rest, &h) == 0);
	FUZZ_MUST(wire_bytes_equal(h.host, ev->host) &&
	          wire_bytes_equal(h.host_user, ev->host_user));
	struct auth_signed s = {.session_id = wire_bytes_str(LOGIN_SESSION),
	                        .user = m.user,
	                        .service = m.service,
	                        .algorithm = h.algorithm,
	                        .key = h.key,
	                        .host = h.host,
	                        .host_user = h.host_user};
	return is_signed(&s, h.signature);
}

static bool has_signed(ssh_bytes payload, ssh_bytes blob)
{
	struct ssh_userauth_request m;
	struct ssh_auth_publickey k;
	FUZZ_MUST(wire_msg_decode(&ssh_userauth_request_shape, payload, &m) == 0);
	FUZZ_MUST(wire_bytes_is(m.method, "publickey"));
	FUZZ_MUST(wire_msg_decode(&ssh_auth_publickey_shape, m.rest, &k) == 0);
	FUZZ_MUST(k.has_signature && wire_bytes_equal(k.key, blob));
	struct auth_signed s = {.session_id = wire_bytes_str(LOGIN_SESSION),
	                        .user = m.user,
	                        .service = m.service,
	                        .algorithm = k.algorithm,
	                        .key = k.key};
	return is_signed(&s, k.signature);
}

static bool is_right(const struct gate *g, const struct auth_server_event *ev)
{
	ssh_bytes rest = ev->responses.rest, answer;
	if (!wire_bytes_is(ev->user, LOGIN_USER))
		return false;
	if (ev->type == AUTH_ASK_PASSWORD)
		return wire_bytes_is(ev->password, LOGIN_PASSWORD);
	if (ev->type == AUTH_ASK_RESPONSES)
		return ev->responses.count == 1 && ssh_info_response_next(&rest, &answer) &&
		       wire_bytes_is(answer, LOGIN_ANSWER);
	if (ev->type == AUTH_ASK_HOST) {
		FUZZ_MUST(ev->host.len > 0 && ev->host.len <= AUTH_HOST_MAX &&
		          ev->host_user.len > 0);
		FUZZ_MUST(host_has_signed(g->payload, ev));
		return wire_bytes_equal(ev->key, login_blob()) &&
		       wire_bytes_is(ev->host, LOGIN_HOST) &&
		       wire_bytes_is(ev->host_user, LOGIN_USER);
	}
	if (ev->type != AUTH_ASK_KEY || !wire_bytes_equal(ev->key, login_blob()))
		return false;
	FUZZ_MUST(!ev->is_signed || has_signed(g->payload, ev->key));
	return true;
}

static uint32_t method_of(const struct auth_server_event *ev)
{
	if (ev->type == AUTH_ASK_PASSWORD)
		return AUTH_PASSWORD;
	if (ev->type == AUTH_ASK_RESPONSES)
		return AUTH_INTERACTIVE;
	if (ev->type == AUTH_ASK_HOST)
		return AUTH_HOSTBASED;
	return ev->is_signed ? AUTH_PUBLICKEY : 0;
}

static void answer(struct gate *g, const struct auth_server_event *ev)
{
	static const struct auth_prompt prompt = {{(const uint8_t *)"Code: ", 6}, false};
	static const struct auth_challenge challenge = {.prompts = &prompt, .count = 1};
	bool right = is_right(g, ev);
	if (!wire_bytes_equal(ev->user, wire_buf_view(&g->user))) {
		wire_buf_wipe(&g->user);
		wire_put_raw(&g->user, ev->user);
		g->granted = 0;
	}
	if (ev->type == AUTH_ASK_CHALLENGE) {
		(void)auth_server_prompt(&g->s, &challenge);
	} else if (ev->type == AUTH_ASK_PASSWORD && wire_bytes_is(ev->password, "old")) {
		(void)auth_server_ask_new_password(&g->s, wire_bytes_str("expired"));
	} else {
		enum auth_verdict good = g->partial && g->granted == 0 ? AUTH_PARTIAL : AUTH_ACCEPT;
		g->granted |= right ? method_of(ev) : 0;
		(void)auth_server_answer(&g->s, right ? good : AUTH_REJECT);
	}
}

static void on_event(struct gate *g, const struct auth_server_event *ev)
{
	if (ev->type == AUTH_EVENT_SUCCESS) {
		FUZZ_MUST(!g->in && g->granted != 0 && (g->granted & g->wanted) == g->wanted);
		FUZZ_MUST(wire_bytes_is(ev->user, LOGIN_USER));
		g->in = true;
	} else if (ev->type >= AUTH_ASK_METHOD) {
		FUZZ_MUST(!g->in && ev->user.len > 0 && ev->user.len <= AUTH_USER_MAX);
		answer(g, ev);
	}
}

static void drain(struct gate *g)
{
	struct auth_server_event ev;
	while (auth_server_next(&g->s, &ev))
		on_event(g, &ev);
	while (auth_server_out(&g->s).len > 0) {
		uint8_t number = auth_server_out(&g->s).ptr[0];
		FUZZ_MUST(number != SSH_MSG_USERAUTH_SUCCESS || g->in);
		auth_server_sent(&g->s);
	}
	while (auth_server_next(&g->s, &ev))
		on_event(g, &ev);
}

static void start(struct gate *g, uint8_t flags)
{
	struct auth_server_config c = {
	    .session_id = wire_bytes_str(LOGIN_SESSION),
	    .banner = wire_bytes_str((flags & 1) != 0 ? "hello\r\n" : ""),
	    .methods = AUTH_PASSWORD | AUTH_PUBLICKEY | AUTH_INTERACTIVE | AUTH_HOSTBASED,
	    .sigalgs = crypt_sigalgs,
	    .empty_passwords = (flags & 2) != 0,
	    .max_failures = 20,
	};
	if ((flags & 12) == 4) {
		c.chains = wire_bytes_str("publickey,password");
		g->wanted = AUTH_PUBLICKEY | AUTH_PASSWORD;
	} else if ((flags & 12) == 8) {
		c.chains = wire_bytes_str("keyboard-interactive,publickey");
		g->wanted = AUTH_INTERACTIVE | AUTH_PUBLICKEY;
	} else if ((flags & 12) == 12) {
		c.chains = wire_bytes_str("password,publickey keyboard-interactive,publickey");
		g->wanted = AUTH_PUBLICKEY;
	}
	g->partial = (flags & 16) != 0;
	FUZZ_MUST(auth_server_init(&g->s, &c) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes script = wire_bytes(data, size);
	struct gate g = {0};
	start(&g, fuzz_u8(&script));
	while (script.len > 0) {
		g.payload = fuzz_long(&script);
		enum ssh_err dead = g.s.err, e = auth_server_recv(&g.s, g.payload);
		FUZZ_MUST(dead == 0 || e == dead);
		FUZZ_MUST(e != SSH_ERR_AGAIN);
		FUZZ_MUST(!g.in || g.s.state == AUTH_SERVER_DONE || g.s.err != 0);
		drain(&g);
	}
	auth_server_wipe(&g.s);
	wire_buf_wipe(&g.user);
	return 0;
}

static void add(struct wire_buf *b, struct wire_buf *payload)
{
	fuzz_put_long(b, wire_buf_view(payload));
	wire_buf_wipe(payload);
}

void fuzz_seeds(void)
{
	for (unsigned flags = 0; flags < 32; flags++) {
		struct wire_buf b = {0}, p = {0};
		wire_put_u8(&b, (uint8_t)flags);
		login_put_service(&p, SSH_MSG_SERVICE_REQUEST);
		add(&b, &p);
		login_put_none(&p);
		add(&b, &p);
		if (flags % 3 != 0) {
			login_put_key(&p, false);
			add(&b, &p);
			login_put_key(&p, true);
			add(&b, &p);
		}
		if (flags % 4 != 0) {
			login_put_host(&p);
			add(&b, &p);
		}
		if (flags % 2 != 0) {
			login_put_interactive(&p);
			add(&b, &p);
			login_put_answer(&p, LOGIN_ANSWER);
			add(&b, &p);
		}
		login_put_password(&p, flags % 5 == 0 ? "old" : LOGIN_PASSWORD);
		add(&b, &p);
		fuzz_seed_buf(&b);
	}
}
