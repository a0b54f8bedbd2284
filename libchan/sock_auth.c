/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"
#include "libwire/names.h"

/* Authentication: one method, or all credentials that there are. */

/* Until the engine asks for a method, or needs none any more. */
static enum ssh_err until_asked(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e;
	if (s->config.kex.server || !s->started)
		return SSH_ERR_STATE;
	while (!s->auth_asked && !s->conn.authenticated)
		if ((e = sock_turn(s, w)) != 0)
			return e;
	return SSH_OK;
}

/* --- Prompts --- */

/* Somebody is asked: nobody has to wait for that but the caller. */
static enum ssh_err ask(struct sock *s, const struct auth_challenge *c, struct wire_buf *answers)
{
	if (s->answer == NULL)
		return SSH_ERR_AUTH_CANCELLED;
	if (s->hands.lock != NULL)
		s->hands.unlock(s->hands.ctx);
	enum ssh_err e = s->answer(s->answer_ctx, c, answers);
	if (s->hands.lock != NULL)
		s->hands.lock(s->hands.ctx);
	return e == 0 ? wire_buf_end(answers) : e;
}

static enum ssh_err give_answers(struct sock *s, const struct wire_buf *answers, size_t count)
{
	ssh_bytes list[SSH_INFO_MAX];
	struct wire_reader r;
	wire_reader_init(&r, wire_buf_view(answers));
	for (size_t i = 0; i < count; i++)
		list[i] = wire_get_string(&r);
	if (wire_reader_end(&r) != 0)
		return SSH_ERR_ARGUMENT;
	return auth_client_answer_prompts(&s->conn.auth_client, list, count);
}

static enum ssh_err answer_round(struct sock *s)
{
	struct auth_prompt prompts[SSH_INFO_MAX];
	struct wire_buf asked = s->prompts, answers = {0};
	struct wire_reader r;
	struct auth_challenge c = {.prompts = prompts};
	wire_reader_init(&r, wire_buf_view(&asked));
	c.name = wire_get_string(&r);
	c.instruction = wire_get_string(&r);
	ssh_bytes rest = wire_get_rest(&r);
	s->prompts = (struct wire_buf){0};
	s->prompted = false;
	while (c.count < s->prompt_count && c.count < SSH_INFO_MAX &&
	       ssh_info_prompt_next(&rest, &prompts[c.count].text, &prompts[c.count].echo))
		c.count++;
	enum ssh_err e = ask(s, &c, &answers);
	if (e == 0)
		e = give_answers(s, &answers, c.count);
	/* The question is still open, and any other method answers it, too. */
	s->auth_asked |= e != 0;
	wire_buf_wipe(&answers);
	wire_buf_wipe(&asked);
	return e;
}

/* --- One method --- */

static enum ssh_err until_outcome(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = SSH_OK;
	while (e == 0 && !s->auth_asked && !s->conn.authenticated)
		e = s->prompted ? answer_round(s) : sock_turn(s, w);
	return e;
}

/* What became of the request that was made. */
static enum ssh_err outcome(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = until_outcome(s, w);
	s->auth_open = e == SSH_ERR_TIMEOUT;
	if (!s->auth_open) {
		s->key = NULL;
		s->answer = NULL;
	}
	if (e != 0 || s->conn.authenticated)
		return e;
	return s->partial ? SSH_ERR_AGAIN : SSH_ERR_AUTH_FAILED;
}

static enum ssh_err try_none(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = until_asked(s, w);
	if (e != 0 || s->conn.authenticated)
		return e;
	s->auth_asked = false;
	if ((e = auth_client_none(&s->conn.auth_client)) != 0)
		return e;
	return outcome(s, w);
}

static enum ssh_err try_password(struct sock *s, ssh_bytes password, struct sock_wait *w)
{
	enum ssh_err e = until_asked(s, w);
	if (e != 0 || s->conn.authenticated)
		return e;
	s->auth_asked = false;
	if ((e = auth_client_password(&s->conn.auth_client, password)) != 0)
		return e;
	return outcome(s, w);
}

static enum ssh_err try_interactive(struct sock *s, sock_answer *answer, void *ctx,
                                    struct sock_wait *w)
{
	enum ssh_err e = until_asked(s, w);
	if (e != 0 || s->conn.authenticated)
		return e;
	s->auth_asked = false;
	s->answer = answer;
	s->answer_ctx = ctx;
	if ((e = auth_client_interactive(&s->conn.auth_client, wire_bytes(NULL, 0))) != 0)
		return e;
	return outcome(s, w);
}

static enum ssh_err offer_key(struct sock *s, ssh_bytes blob)
{
	const struct crypt_sigalg *alg = auth_client_sigalg(&s->conn.auth_client, blob);
	if (alg == NULL)
		return SSH_ERR_UNSUPPORTED;
	enum ssh_err e = auth_client_publickey_signed(&s->conn.auth_client, blob, alg);
	s->auth_asked = e != 0;
	return e;
}

static enum ssh_err try_key(struct sock *s, const struct crypt_key *key, struct sock_wait *w)
{
	struct wire_buf blob = {0};
	enum ssh_err e = until_asked(s, w);
	if (e != 0 || s->conn.authenticated)
		return e;
	if (!key->has_private)
		return SSH_ERR_KEY;
	s->key = key;
	crypt_key_put_public(key, &blob);
	if ((e = wire_buf_end(&blob)) == 0)
		e = offer_key(s, wire_buf_view(&blob));
	wire_buf_wipe(&blob);
	return e == 0 ? outcome(s, w) : e;
}

enum ssh_err sock_auth_none(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = try_none(s, &w);
	sock_leave(s);
	return e;
}

enum ssh_err sock_auth_password(struct sock *s, ssh_bytes password, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = try_password(s, password, &w);
	sock_leave(s);
	return e;
}

enum ssh_err sock_auth_key(struct sock *s, const struct crypt_key *key, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = try_key(s, key, &w);
	sock_leave(s);
	return e;
}

enum ssh_err sock_auth_interactive(struct sock *s, sock_answer *answer, void *ctx, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = try_interactive(s, answer, ctx, &w);
	sock_leave(s);
	return e;
}

enum ssh_err sock_finish_auth(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = s->auth_open ? outcome(s, &w) : SSH_ERR_STATE;
	sock_leave(s);
	return e;
}

/* --- All that there are --- */

static enum ssh_err try_credential(struct sock *s, const struct sock_credential *c,
                                   struct sock_wait *w)
{
	if (c->key != NULL)
		return try_key(s, c->key, w);
	if (c->answer != NULL)
		return try_interactive(s, c->answer, c->answer_ctx, w);
	return try_password(s, wire_bytes_str(c->password), w);
}

/* Does the server take such? As far as it has said. */
static bool is_welcome(const struct sock *s, const struct sock_credential *c)
{
	uint32_t bit = c->key != NULL      ? AUTH_PUBLICKEY
	               : c->answer != NULL ? AUTH_INTERACTIVE
	                                   : AUTH_PASSWORD;
	const char *method = auth_method_name(bit);
	ssh_bytes methods = wire_buf_view(&s->methods);
	return methods.len == 0 || wire_names_has(methods, wire_bytes_str(method));
}

static bool go_on(enum ssh_err e)
{
	return e == SSH_ERR_AUTH_FAILED || e == SSH_ERR_AGAIN || e == SSH_ERR_UNSUPPORTED ||
	       e == SSH_ERR_AUTH_CANCELLED;
}

/*
 * In order; but what is right changes what is welcome next, so that one that was passed over may
 * get its turn after all.
 */
static enum ssh_err try_each(struct sock *s, const struct sock_credential *c, size_t n,
                             struct sock_wait *w)
{
	enum ssh_err e = SSH_ERR_AUTH_FAILED, last;
	uint32_t tried = 0;
	/* Where there is a choice the server is asked first: what is not its turn may be refused unseen. */
	if (n > 1 && ((last = try_none(s, w)) == 0 || !go_on(last)))
		return last;
	for (size_t i = 0; i < n; i++) {
		if ((tried >> i & 1) != 0 || !is_welcome(s, &c[i]))
			continue;
		tried |= (uint32_t)1 << i;
		last = try_credential(s, &c[i], w);
		if (last == 0 || !go_on(last))
			return last;
		if (last == SSH_ERR_AGAIN)
			i = (size_t)-1;
		if (e != SSH_ERR_AGAIN || last == SSH_ERR_AGAIN)
			e = last;
	}
	return e;
}

static enum ssh_err auth_all(struct sock *s, struct sock_wait *w)
{
	const struct sock_config *c = &s->config;
	struct sock_credential own[2] = {0};
	size_t n = 0;
	if (c->credentials != NULL)
		return c->credential_count > SOCK_CREDENTIALS_MAX
		           ? SSH_ERR_ARGUMENT
		           : try_each(s, c->credentials, c->credential_count, w);
	if (c->key != NULL)
		own[n++].key = c->key;
	if (c->password != NULL)
		own[n++].password = c->password;
	return n == 0 ? try_none(s, w) : try_each(s, own, n, w);
}

enum ssh_err sock_auth_all(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	enum ssh_err e = auth_all(s, &w);
	sock_leave(s);
	return e;
}

/* A host that known_hosts does not hold is nobody's: there is none to ask. */
static enum ssh_err refuse_unknown(struct sock *s)
{
	enum ssh_err e = SSH_OK;
	if (s->host_key_asked) {
		s->host_key_asked = false;
		s->host_key_wrong = true;
		e = kex_answer_host_key(&s->conn.kex, false);
		(void)sock_io_push(s);
		e = e == 0 ? SSH_ERR_HOST_KEY : e;
	}
	return e;
}

enum ssh_err sock_connect_auth(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	bool judged = config->host_key.len != 0 || config->known_hosts.len != 0;
	if (!judged || config->user == NULL) {
		*s = (struct sock){.group = -1};
		s->conn.kex.state = KEX_DEAD;
		return SSH_ERR_ARGUMENT;
	}
	if ((e = sock_start_client(s, fd_in, fd_out, config, timeout_ms)) != 0)
		return e;
	if ((e = refuse_unknown(s)) == 0)
		e = auth_all(s, &w);
	return e;
}

enum ssh_err sock_await_login(struct sock *s, int timeout_ms)
{
	enum ssh_err e = SSH_OK;
	struct sock_wait w = sock_wait_for(timeout_ms);
	sock_enter(s);
	while (e == 0 && !s->conn.authenticated)
		e = sock_turn(s, &w);
	sock_leave(s);
	return e;
}

/* --- Facts --- */

void sock_auth_methods(struct sock *s, struct wire_buf *out)
{
	sock_enter(s);
	wire_put_raw(out, wire_buf_view(&s->methods));
	sock_leave(s);
}

void sock_banner(struct sock *s, struct wire_buf *out)
{
	sock_enter(s);
	wire_put_raw(out, wire_buf_view(&s->banner));
	sock_leave(s);
}
