/* SPDX-License-Identifier: MIT */
#include "libauth/client_impl.h"
#include "libwire/msg.h"

/* The answers of the owner: requests, and what follows them. */

/* May a request be made now? */
static enum ssh_err may_request(const struct auth_client *c)
{
	if (c->err != 0)
		return c->err;
	if (!c->asking || c->ask == AUTH_ASK_SIGN)
		return SSH_ERR_STATE;
	return 0;
}

/* Queue a request: the head, then the tail of the method's shape. */
static enum ssh_err request(struct auth_client *c, enum auth_method method,
                            const struct wire_shape *shape, const void *tail)
{
	struct ssh_userauth_request m = {.user = c->config.user, .service = c->config.service};
	size_t mark = wire_put_string_begin(&c->out);
	enum ssh_err e;

	m.method = wire_bytes_str(auth_method_name(method));
	if (method == AUTH_PUBLICKEY && wire_buf_len(&c->host_key) != 0)
		m.method = wire_bytes_str(AUTH_PUBLICKEY_HOSTBOUND);
	wire_msg_encode(&c->out, &ssh_userauth_request_shape, &m);
	wire_msg_encode(&c->out, shape, tail);
	wire_put_string_end(&c->out, mark);
	if ((e = wire_buf_end(&c->out)) != 0)
		return auth_client_fail(c, e);
	c->method = method;
	c->asking = false;
	c->tried = true;
	c->rounds = 0;
	return 0;
}

enum ssh_err auth_client_none(struct auth_client *c)
{
	struct ssh_auth_none m = {0};
	enum ssh_err e;

	if ((e = may_request(c)) != 0 || (e = request(c, AUTH_NONE, &ssh_auth_none_shape, &m)) != 0)
		return e;
	c->state = AUTH_CLIENT_TRY_NONE;
	return 0;
}

static enum ssh_err password(struct auth_client *c, const struct ssh_auth_password *m)
{
	enum ssh_err e;

	if ((e = request(c, AUTH_PASSWORD, &ssh_auth_password_shape, m)) == 0)
		c->state = AUTH_CLIENT_TRY_PASSWORD;
	return e;
}

enum ssh_err auth_client_password(struct auth_client *c, ssh_bytes secret)
{
	struct ssh_auth_password m = {.password = secret};
	enum ssh_err e;

	if ((e = may_request(c)) != 0)
		return e;
	return password(c, &m);
}

enum ssh_err auth_client_new_password(struct auth_client *c, ssh_bytes old_password,
                                      ssh_bytes new_password)
{
	struct ssh_auth_password m = {
	    .change = true, .password = old_password, .new_password = new_password};
	enum ssh_err e;

	if ((e = may_request(c)) != 0)
		return e;
	if (c->ask != AUTH_ASK_NEW_PASSWORD)
		return SSH_ERR_STATE;
	return password(c, &m);
}

/* --- Prompts --- */

enum ssh_err auth_client_interactive(struct auth_client *c, ssh_bytes submethods)
{
	struct ssh_auth_kbdint m = {.submethods = submethods};
	enum ssh_err e;

	if ((e = may_request(c)) != 0 ||
	    (e = request(c, AUTH_INTERACTIVE, &ssh_auth_kbdint_shape, &m)) != 0)
		return e;
	c->state = AUTH_CLIENT_TRY_INTERACTIVE;
	return 0;
}

static uint32_t prompts_count(const struct auth_client *c)
{
	struct ssh_userauth_info_request m;

	/* It was decoded when it came. */
	if (wire_msg_decode(&ssh_userauth_info_request_shape, wire_buf_view(&c->prompt), &m) != 0)
		return 0;
	return m.count;
}

enum ssh_err auth_client_answer_prompts(struct auth_client *c, const ssh_bytes *answers,
                                        size_t count)
{
	struct ssh_userauth_info_response m = {.count = (uint32_t)count};
	enum ssh_err e;
	size_t mark;

	if (c->err != 0)
		return c->err;
	if (!c->asking || c->ask != AUTH_ASK_PROMPTS)
		return SSH_ERR_STATE;
	if (count != prompts_count(c))
		return SSH_ERR_ARGUMENT;
	mark = wire_put_string_begin(&c->out);
	wire_msg_encode(&c->out, &ssh_userauth_info_response_shape, &m);
	for (size_t i = 0; i < count; i++)
		wire_put_string(&c->out, answers[i]);
	wire_put_string_end(&c->out, mark);
	if ((e = wire_buf_end(&c->out)) != 0)
		return auth_client_fail(c, e);
	c->asking = false;
	c->state = AUTH_CLIENT_TRY_INTERACTIVE;
	return 0;
}

/* --- Keys --- */

enum ssh_err auth_client_bind_host(struct auth_client *c, ssh_bytes host_key)
{
	enum ssh_err e;

	if (c->err != 0)
		return c->err;
	/* What is being signed stays what it is. */
	if (c->ask == AUTH_ASK_SIGN && (c->asking || c->ask_ready))
		return SSH_ERR_STATE;
	wire_buf_reset(&c->host_key);
	wire_put_raw(&c->host_key, host_key);
	if ((e = wire_buf_end(&c->host_key)) != 0)
		return auth_client_fail(c, e);
	return 0;
}

/* Keep the key that is tried. */
static enum ssh_err take_key(struct auth_client *c, ssh_bytes blob,
                             const struct crypt_sigalg *sigalg)
{
	enum ssh_err e;

	if ((e = may_request(c)) != 0)
		return e;
	if (sigalg == NULL || blob.len == 0)
		return SSH_ERR_ARGUMENT;
	wire_buf_reset(&c->host);
	wire_buf_reset(&c->key);
	wire_put_raw(&c->key, blob);
	if ((e = wire_buf_end(&c->key)) != 0)
		return auth_client_fail(c, e);
	c->sigalg = sigalg;
	return 0;
}

/* Queue a publickey request; an empty signature makes it a query. */
static enum ssh_err publickey(struct auth_client *c, ssh_bytes signature)
{
	struct ssh_auth_publickey m = {.has_signature = signature.len != 0,
	                               .algorithm = wire_bytes_str(c->sigalg->name),
	                               .key = wire_buf_view(&c->key),
	                               .signature = signature};
	struct ssh_auth_publickey_hostbound bound = {.has_signature = m.has_signature,
	                                             .algorithm = m.algorithm,
	                                             .key = m.key,
	                                             .host_key = wire_buf_view(&c->host_key),
	                                             .signature = signature};
	enum ssh_err e;

	if (bound.host_key.len != 0)
		e = request(c, AUTH_PUBLICKEY, &ssh_auth_publickey_hostbound_shape, &bound);
	else
		e = request(c, AUTH_PUBLICKEY, &ssh_auth_publickey_shape, &m);
	if (e == 0)
		c->state = m.has_signature ? AUTH_CLIENT_TRY_SIGNED : AUTH_CLIENT_TRY_QUERY;
	return e;
}

enum ssh_err auth_client_publickey(struct auth_client *c, ssh_bytes blob,
                                   const struct crypt_sigalg *sigalg)
{
	enum ssh_err e;

	if ((e = take_key(c, blob, sigalg)) != 0)
		return e;
	return publickey(c, wire_bytes(NULL, 0));
}

/* The two strings, or nothing. */
static void get_host(const struct auth_client *c, ssh_bytes *host, ssh_bytes *user)
{
	struct wire_reader r;

	wire_reader_init(&r, wire_buf_view(&c->host));
	*host = wire_get_string(&r);
	*user = wire_get_string(&r);
}

enum ssh_err auth_client_ask_sign(struct auth_client *c)
{
	struct auth_signed s = {.session_id = c->config.session_id,
	                        .user = c->config.user,
	                        .service = c->config.service,
	                        .algorithm = wire_bytes_str(c->sigalg->name),
	                        .key = wire_buf_view(&c->key),
	                        .host_key = wire_buf_view(&c->host_key)};

	get_host(c, &s.host, &s.host_user);
	wire_buf_reset(&c->data);
	auth_signed_put(&c->data, &s);
	auth_client_ask(c, AUTH_ASK_SIGN);
	return wire_buf_end(&c->data);
}

static enum ssh_err sign_at_once(struct auth_client *c)
{
	enum ssh_err e;

	c->asking = false;
	if ((e = auth_client_ask_sign(c)) != 0)
		return auth_client_fail(c, e);
	return 0;
}

enum ssh_err auth_client_publickey_signed(struct auth_client *c, ssh_bytes blob,
                                          const struct crypt_sigalg *sigalg)
{
	enum ssh_err e;

	if ((e = take_key(c, blob, sigalg)) != 0)
		return e;
	return sign_at_once(c);
}

enum ssh_err auth_client_hostbased(struct auth_client *c, const struct auth_client_host *h)
{
	enum ssh_err e;

	if (c->err == 0 && h->host.len == 0)
		return SSH_ERR_ARGUMENT;
	if ((e = take_key(c, h->key, h->sigalg)) != 0)
		return e;
	wire_put_string(&c->host, h->host);
	wire_put_string(&c->host, h->user);
	if ((e = wire_buf_end(&c->host)) != 0)
		return auth_client_fail(c, e);
	return sign_at_once(c);
}

static enum ssh_err hostbased(struct auth_client *c, ssh_bytes signature)
{
	struct ssh_auth_hostbased m = {.algorithm = wire_bytes_str(c->sigalg->name),
	                               .key = wire_buf_view(&c->key),
	                               .signature = signature};
	enum ssh_err e;

	get_host(c, &m.host, &m.host_user);
	if ((e = request(c, AUTH_HOSTBASED, &ssh_auth_hostbased_shape, &m)) == 0)
		c->state = AUTH_CLIENT_TRY_SIGNED;
	return e;
}

enum ssh_err auth_client_answer_sign(struct auth_client *c, ssh_bytes signature)
{
	struct wire_reader r;

	if (c->err != 0)
		return c->err;
	if (!c->asking || c->ask != AUTH_ASK_SIGN)
		return SSH_ERR_STATE;
	if (signature.len == 0) {
		c->asking = false;
		auth_client_ask(c, AUTH_ASK_METHOD);
		return 0;
	}
	/* An agent may sign with another algorithm than it was asked for. */
	wire_reader_init(&r, signature);
	if (!wire_bytes_is(wire_get_string(&r), crypt_sigalg_signature_name(c->sigalg)))
		return SSH_ERR_SIGNATURE;
	return wire_buf_len(&c->host) != 0 ? hostbased(c, signature) : publickey(c, signature);
}

enum ssh_err auth_client_give_up(struct auth_client *c)
{
	if (c->err != 0)
		return c->err;
	if (!c->asking)
		return SSH_ERR_STATE;
	auth_client_fail(c, SSH_ERR_AUTH_FAILED);
	return 0;
}

const struct crypt_sigalg *auth_client_sigalg(const struct auth_client *c, ssh_bytes blob)
{
	return auth_sigalg_choose(c->config.sigalgs, blob, c->config.server_sig_algs);
}
