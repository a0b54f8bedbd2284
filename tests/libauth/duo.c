/* SPDX-License-Identifier: MIT */
#include "tests/libauth/duo.h"

#include <criterion/criterion.h>

static const char session[] = "0123456789abcdef0123456789abcdef";

static void say(struct duo *d, const char *what, ssh_bytes more)
{
	if (wire_buf_len(&d->line) != 0)
		wire_put_u8(&d->line, ' ');
	wire_put_raw(&d->line, wire_bytes_str(what));
	wire_put_raw(&d->line, more);
}

static void add(struct duo *d, const char *what)
{
	wire_put_raw(&d->line, wire_bytes_str(what));
}

static void make_key(struct crypt_key *k, struct wire_buf *blob, const char *seed)
{
	struct crypt_drbg drbg;
	struct crypt_rng rng;

	crypt_drbg_init(&drbg, wire_bytes_str(seed));
	rng = crypt_drbg_rng(&drbg);
	cr_assert_eq(crypt_key_generate(k, &crypt_key_ed25519, 0, &rng), SSH_OK);
	crypt_key_put_public(k, blob);
}

void duo_init(struct duo *d)
{
	memset(d, 0, sizeof *d);
	make_key(&d->a, &d->blob_a, "a");
	make_key(&d->b, &d->blob_b, "b");
	d->client_config.user = wire_bytes_str("nemo");
	d->client_config.session_id = wire_bytes_str(session);
	d->client_config.sigalgs = crypt_sigalgs;
	d->server_config.session_id = wire_bytes_str(session);
	d->server_config.methods = AUTH_PASSWORD | AUTH_PUBLICKEY;
	d->server_config.sigalgs = crypt_sigalgs;
	d->script = "";
}

enum ssh_err duo_start(struct duo *d)
{
	enum ssh_err e;

	if ((e = auth_client_init(&d->c, &d->client_config)) != 0)
		return e;
	return auth_server_init(&d->s, &d->server_config);
}

void duo_reset(struct duo *d)
{
	auth_client_wipe(&d->c);
	auth_server_wipe(&d->s);
	wire_buf_wipe(&d->line);
	d->payloads = 0;
}

void duo_wipe(struct duo *d)
{
	duo_reset(d);
	crypt_key_wipe(&d->a);
	crypt_key_wipe(&d->b);
	wire_buf_wipe(&d->blob_a);
	wire_buf_wipe(&d->blob_b);
}

enum ssh_err duo_sign(const struct crypt_key *k, const struct crypt_sigalg *alg, ssh_bytes data,
                      struct wire_buf *out)
{
	struct crypt_drbg drbg;
	struct crypt_rng rng;

	crypt_drbg_init(&drbg, data);
	rng = crypt_drbg_rng(&drbg);
	return crypt_key_sign(k, alg, data, &rng, out);
}

/* --- The client's answers --- */

static enum ssh_err sign(struct duo *d, const struct auth_client_event *ev)
{
	struct wire_buf sig = {0};
	bool is_a = wire_bytes_equal(ev->key, wire_buf_view(&d->blob_a));
	enum ssh_err e = duo_sign(is_a ? &d->a : &d->b, ev->sigalg, ev->data, &sig);

	if (*d->script == 'x' || *d->script == 'X') {
		if (*d->script++ == 'x')
			wire_buf_reset(&sig);
		else
			sig.mem[sig.end - 1] ^= 1;
	}
	if (e == 0)
		e = auth_client_answer_sign(&d->c, wire_buf_view(&sig));
	else
		auth_client_answer_sign(&d->c, wire_bytes(NULL, 0));
	wire_buf_wipe(&sig);
	return e;
}

static enum ssh_err try_key(struct duo *d, const struct wire_buf *blob, bool query)
{
	ssh_bytes b = wire_buf_view(blob);
	const struct crypt_sigalg *alg = auth_client_sigalg(&d->c, b);

	return query ? auth_client_publickey(&d->c, b, alg)
	             : auth_client_publickey_signed(&d->c, b, alg);
}

static enum ssh_err try_host(struct duo *d, const struct wire_buf *blob)
{
	struct auth_client_host h = {.key = wire_buf_view(blob),
	                             .sigalg = auth_client_sigalg(&d->c, wire_buf_view(blob)),
	                             .host = wire_bytes_str("reef.example"),
	                             .user = wire_bytes_str("ned")};
	return auth_client_hostbased(&d->c, &h);
}

static enum ssh_err act(struct duo *d)
{
	switch (*d->script++) {
	case 'n':
		return auth_client_none(&d->c);
	case 'p':
		return auth_client_password(&d->c, wire_bytes_str("nautilus"));
	case 'w':
		return auth_client_password(&d->c, wire_bytes_str("wrong"));
	case 'o':
		return auth_client_password(&d->c, wire_bytes_str("old"));
	case 'e':
		return auth_client_password(&d->c, wire_bytes_str(""));
	case 'N':
		return auth_client_new_password(&d->c, wire_bytes_str("old"),
		                                wire_bytes_str("new"));
	case 'a':
		return try_key(d, &d->blob_a, true);
	case 'b':
		return try_key(d, &d->blob_b, true);
	case 'A':
		return try_key(d, &d->blob_a, false);
	case 'B':
		return try_key(d, &d->blob_b, false);
	case 'h':
		return try_host(d, &d->blob_a);
	case 'H':
		return try_host(d, &d->blob_b);
	case 'i':
		return auth_client_interactive(&d->c, wire_bytes(NULL, 0));
	case 'I':
		return auth_client_interactive(&d->c, wire_bytes_str("bsdauth"));
	case 'g':
		return auth_client_give_up(&d->c);
	default:
		d->script--; /* at the end the question stays open */
		return 0;
	}
}

static enum ssh_err answer(struct duo *d, const struct ssh_userauth_info_request *m)
{
	ssh_bytes rest = m->rest, prompt, answers[SSH_INFO_MAX];
	size_t n = 0;
	bool echo;

	say(d, "", m->name);
	add(d, ":");
	wire_put_raw(&d->line, m->instruction);
	while (ssh_info_prompt_next(&rest, &prompt, &echo)) {
		add(d, n == 0 ? ":" : "|");
		wire_put_raw(&d->line, prompt);
		add(d, echo ? "+" : "");
		answers[n++] = wire_bytes_str(*d->script == 'f' ? "wrong"
		                              : echo            ? "code"
		                                                : "nautilus");
	}
	if (*d->script != 'r' && *d->script != 'f')
		return act(d);
	d->script++;
	return auth_client_answer_prompts(&d->c, answers, n);
}

static void on_client(struct duo *d, const struct auth_client_event *ev)
{
	enum ssh_err e = 0;

	switch (ev->type) {
	case AUTH_ASK_METHOD:
		say(d, ev->partial ? "+?" : "?", ev->methods);
		e = act(d);
		break;
	case AUTH_ASK_SIGN:
		say(d, "sign", wire_bytes(NULL, 0));
		e = sign(d, ev);
		break;
	case AUTH_ASK_NEW_PASSWORD:
		say(d, "change:", ev->text);
		e = act(d);
		break;
	case AUTH_ASK_PROMPTS:
		e = answer(d, &ev->prompts);
		break;
	case AUTH_EVENT_BANNER:
		say(d, "banner:", ev->text);
		break;
	case AUTH_EVENT_SUCCESS:
		say(d, "C:", wire_bytes_str(auth_method_name(ev->method)));
		break;
	case AUTH_EVENT_ERROR:
		say(d, "C!", wire_bytes_str(ssh_err_name(ev->err)));
		break;
	default:
		cr_assert_fail("client event %d", (int)ev->type);
	}
	cr_assert(e == 0 || e == SSH_ERR_NO_MEMORY, "client: %s", ssh_err_name(e));
}

/* --- The server's --- */

static enum auth_verdict verdict(const struct duo *d, const struct auth_server_event *ev, bool good)
{
	if (!good)
		return AUTH_REJECT;
	return (d->partial & ev->method) != 0 && d->s.succeeded == 0 ? AUTH_PARTIAL : AUTH_ACCEPT;
}

static enum ssh_err check_password(struct duo *d, const struct auth_server_event *ev)
{
	bool good = wire_bytes_is(ev->password, "nautilus");

	say(d, "password:", ev->password);
	if (ev->changing) {
		add(d, ">");
		wire_put_raw(&d->line, ev->new_password);
		good = wire_bytes_is(ev->password, "old") && wire_bytes_is(ev->new_password, "new");
	} else if (wire_bytes_is(ev->password, "old")) {
		return auth_server_ask_new_password(&d->s, wire_bytes_str("expired"));
	}
	return auth_server_answer(&d->s, verdict(d, ev, good));
}

static enum ssh_err challenge(struct duo *d)
{
	const struct auth_prompt prompts[] = {{wire_bytes_str("Password:"), false},
	                                      {wire_bytes_str("Code:"), true}};
	struct auth_challenge c = {.name = wire_bytes_str("title"),
	                           .instruction = wire_bytes_str("do"),
	                           .prompts = prompts,
	                           .count = d->round % 2 == 0 ? 2 : 0};

	if (d->round == d->rounds)
		return auth_server_answer(&d->s, verdict(d, &d->s.event, d->rounds > 0));
	d->round++;
	return auth_server_prompt(&d->s, &c);
}

static enum ssh_err check_responses(struct duo *d, const struct auth_server_event *ev)
{
	static const char *const right[] = {"nautilus", "code"};
	ssh_bytes rest = ev->responses.rest, one;
	bool good = true;

	say(d, "=", wire_bytes(NULL, 0));
	for (uint32_t n = 0; ssh_info_response_next(&rest, &one); n++) {
		add(d, n == 0 ? "" : "|");
		wire_put_raw(&d->line, one);
		good = good && n < 2 && wire_bytes_is(one, right[n]);
	}
	return good ? challenge(d) : auth_server_answer(&d->s, AUTH_REJECT);
}

static enum ssh_err check_host(struct duo *d, const struct auth_server_event *ev, bool is_a)
{
	bool good =
	    is_a && wire_bytes_is(ev->host, "reef.example") && wire_bytes_is(ev->host_user, "ned");

	say(d, "host:", ev->host);
	add(d, ":");
	wire_put_raw(&d->line, ev->host_user);
	add(d, is_a ? ":A" : ":B");
	return auth_server_answer(&d->s, verdict(d, ev, good));
}

static void on_server(struct duo *d, const struct auth_server_event *ev)
{
	bool is_a = wire_bytes_equal(ev->key, wire_buf_view(&d->blob_a));
	enum ssh_err e = 0;

	switch (ev->type) {
	case AUTH_ASK_NONE:
		say(d, "none", wire_bytes(NULL, 0));
		e = auth_server_answer(&d->s, verdict(d, ev, wire_bytes_is(ev->user, "guest")));
		break;
	case AUTH_ASK_PASSWORD:
		e = check_password(d, ev);
		break;
	case AUTH_ASK_KEY:
		say(d, ev->is_signed ? "key!" : "key?", wire_bytes_str(is_a ? "A" : "B"));
		e = auth_server_answer(&d->s, verdict(d, ev, is_a));
		break;
	case AUTH_ASK_HOST:
		e = check_host(d, ev, is_a);
		break;
	case AUTH_ASK_CHALLENGE:
		say(d, "ask:", ev->submethods);
		d->round = 0;
		e = challenge(d);
		break;
	case AUTH_ASK_RESPONSES:
		e = check_responses(d, ev);
		break;
	case AUTH_EVENT_SUCCESS:
		say(d, "S:", ev->user);
		add(d, ":");
		add(d, auth_method_name(ev->method));
		add(d, ev->key.len == 0 ? ":" : is_a ? ":A" : ":B");
		break;
	case AUTH_EVENT_ERROR:
		say(d, "S!", wire_bytes_str(ssh_err_name(ev->err)));
		break;
	default:
		cr_assert_fail("server event %d", (int)ev->type);
	}
	cr_assert(e == 0 || e == d->s.err, "server: %s", ssh_err_name(e));
}

/* --- The wire between them --- */

static bool to_server(struct duo *d)
{
	ssh_bytes p = auth_client_out(&d->c);

	if (p.len == 0 || d->s.err != 0)
		return false;
	cr_assert(auth_server_ready(&d->s));
	auth_server_recv(&d->s, p);
	auth_client_sent(&d->c);
	d->payloads++;
	return true;
}

static bool to_client(struct duo *d)
{
	ssh_bytes p = auth_server_out(&d->s);

	if (p.len == 0 || !auth_client_ready(&d->c))
		return false;
	auth_client_recv(&d->c, p);
	auth_server_sent(&d->s);
	d->payloads++;
	return true;
}

void duo_run(struct duo *d)
{
	struct auth_client_event cev;
	struct auth_server_event sev;
	bool moved = true;

	while (moved) {
		moved = false;
		while (auth_client_next(&d->c, &cev))
			on_client(d, &cev);
		while (auth_server_next(&d->s, &sev))
			on_server(d, &sev);
		moved = to_client(d) || to_server(d);
	}
}

void duo_expect(struct duo *d, const char *name, const char *line)
{
	cr_assert_eq(duo_start(d), SSH_OK, "%s", name);
	duo_run(d);
	cr_expect(wire_bytes_is(wire_buf_view(&d->line), line), "%s:\n  got  %.*s\n  want %s", name,
	          (int)wire_buf_len(&d->line), (const char *)wire_buf_view(&d->line).ptr, line);
}
