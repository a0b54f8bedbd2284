/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

/* A connection's life: start, host key, authentication. */

void sock_config_init(struct sock_config *c, bool server)
{
	*c = (struct sock_config){0};
	kex_config_init(&c->kex, server);
}

/* --- Start --- */

static uint32_t methods_of(const struct sock_policy *p)
{
	uint32_t methods = p->none != NULL ? AUTH_NONE : 0;
	if (p->password != NULL)
		methods |= AUTH_PASSWORD;
	if (p->key != NULL)
		methods |= AUTH_PUBLICKEY;
	return methods;
}

static enum ssh_err start(struct sock *s)
{
	struct conn_config c = {.kex = s->config.kex};
	if (c.kex.server) {
		c.auth_server.methods = methods_of(&s->config.policy);
		c.auth_server.banner = wire_bytes_str(s->config.policy.banner);
	} else {
		c.auth_client.user = wire_bytes_str(s->config.user);
	}
	chan_config_init(&c.chan, c.kex.server, (struct chan_sink){0});
	return conn_init(&s->conn, &c, sock_clock_ms());
}

static enum ssh_err finish_start(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e;
	while (!s->keyed && !s->host_key_asked)
		if ((e = sock_turn(s, w)) != 0)
			return e;
	return SSH_OK;
}

static void set_up(struct sock *s, int fd_in, int fd_out, const struct sock_config *config)
{
	*s = (struct sock){.config = *config, .fd_in = fd_in, .fd_out = fd_out};
	sock_io_init(s);
}

static enum ssh_err start_client(struct sock *s, int fd_in, int fd_out,
                                 const struct sock_config *config, struct sock_wait *w)
{
	enum ssh_err e;
	set_up(s, fd_in, fd_out, config);
	s->config.kex.server = false;
	if ((e = start(s)) != 0)
		return e;
	return finish_start(s, w);
}

enum ssh_err sock_start_client(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	return start_client(s, fd_in, fd_out, config, &w);
}

enum ssh_err sock_start_server(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	set_up(s, fd_in, fd_out, config);
	s->config.kex.server = true;
	if ((e = start(s)) != 0)
		return e;
	return finish_start(s, &w);
}

enum ssh_err sock_finish_start(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	return finish_start(s, &w);
}

/* --- Host key --- */

ssh_bytes sock_host_key(const struct sock *s)
{
	return kex_host_key(&s->conn.kex);
}

const char *sock_host_key_algorithm(const struct sock *s)
{
	return sock_host_key(s).len == 0 ? NULL : s->conn.kex.algs.host_sig->name;
}

bool sock_host_key_fingerprint(const struct sock *s, char out[CRYPT_FINGERPRINT_SIZE])
{
	if (sock_host_key(s).len == 0)
		return false;
	crypt_key_fingerprint(sock_host_key(s), out);
	return true;
}

enum ssh_err sock_accept_host_key(struct sock *s, bool accept, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	if (!s->host_key_asked)
		return SSH_ERR_STATE;
	s->host_key_asked = false;
	s->host_key_wrong = !accept;
	if ((e = kex_answer_host_key(&s->conn.kex, accept)) != 0) {
		(void)sock_io_push(s);
		return e;
	}
	return finish_start(s, &w);
}

/* --- Authentication --- */

/* Until the engine asks for a method, or needs none any more. */
static enum ssh_err until_asked(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e;
	if (s->config.kex.server || !s->keyed)
		return SSH_ERR_STATE;
	while (!s->auth_asked && !s->conn.authenticated)
		if ((e = sock_turn(s, w)) != 0)
			return e;
	return SSH_OK;
}

/* What became of the request that was made. */
static enum ssh_err outcome(struct sock *s, struct sock_wait *w)
{
	enum ssh_err e = until_asked(s, w);
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
	if (e == 0)
		e = outcome(s, w);
	if (e != SSH_ERR_TIMEOUT)
		s->key = NULL;
	return e;
}

enum ssh_err sock_auth_none(struct sock *s, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	return try_none(s, &w);
}

enum ssh_err sock_auth_password(struct sock *s, ssh_bytes password, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	return try_password(s, password, &w);
}

enum ssh_err sock_auth_key(struct sock *s, const struct crypt_key *key, int timeout_ms)
{
	struct sock_wait w = sock_wait_for(timeout_ms);
	return try_key(s, key, &w);
}

static bool go_on(enum ssh_err e)
{
	return e == SSH_ERR_AUTH_FAILED || e == SSH_ERR_AGAIN || e == SSH_ERR_UNSUPPORTED;
}

enum ssh_err sock_connect_auth(struct sock *s, int fd_in, int fd_out,
                               const struct sock_config *config, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	if (config->host_key.len == 0 || config->user == NULL) {
		*s = (struct sock){0};
		s->conn.kex.state = KEX_DEAD;
		return SSH_ERR_ARGUMENT;
	}
	if ((e = start_client(s, fd_in, fd_out, config, &w)) != 0)
		return e;
	if (config->key == NULL && config->password == NULL)
		return try_none(s, &w);
	if (config->key != NULL)
		e = try_key(s, config->key, &w);
	if (config->password != NULL && (config->key == NULL || go_on(e)))
		e = try_password(s, wire_bytes_str(config->password), &w);
	return e;
}

enum ssh_err sock_await_login(struct sock *s, int timeout_ms)
{
	enum ssh_err e;
	struct sock_wait w = sock_wait_for(timeout_ms);
	while (!s->conn.authenticated)
		if ((e = sock_turn(s, &w)) != 0)
			return e;
	return SSH_OK;
}

/* --- Facts --- */

ssh_bytes sock_auth_methods(const struct sock *s)
{
	return wire_buf_view(&s->methods);
}

ssh_bytes sock_banner(const struct sock *s)
{
	return wire_buf_view(&s->banner);
}

bool sock_authenticated(const struct sock *s)
{
	return s->conn.authenticated;
}

bool sock_active(const struct sock *s)
{
	return s->conn.kex.state != KEX_DEAD;
}

ssh_bytes sock_user(const struct sock *s)
{
	return s->config.kex.server ? wire_buf_view(&s->user) : wire_bytes_str(s->config.user);
}

void sock_wipe(struct sock *s)
{
	conn_wipe(&s->conn); /* unlinks the channels */
	while (s->channels != NULL)
		sock_channel_free(s->channels);
	wire_buf_wipe(&s->banner);
	wire_buf_wipe(&s->methods);
	wire_buf_wipe(&s->user);
	wire_buf_wipe(&s->goodbye);
	wire_wipe(s, sizeof *s);
	s->conn.kex.state = KEX_DEAD;
}
