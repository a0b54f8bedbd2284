/* SPDX-License-Identifier: MIT */
#include "libauth/server_impl.h"

#include "libcrypt/hash.h"

/* publickey, bound to a host key or not: RFC 4252 section 7, OpenSSH PROTOCOL. */

/* --- Keys as factors --- */

/* A key and its certificates are one factor: what counts is the key. */
static bool key_digest(const struct auth_server *s, uint8_t digest[32])
{
	struct wire_buf plain = {0};
	bool ok;

	if (s->event.cert != NULL)
		crypt_cert_put_key(&plain, s->event.cert);
	else
		wire_put_raw(&plain, s->event.key);
	ok = wire_buf_end(&plain) == 0;
	if (ok)
		crypt_hash_once(&crypt_sha256, wire_buf_view(&plain), digest);
	wire_buf_wipe(&plain);
	return ok;
}

static bool is_counted(const struct auth_server *s)
{
	uint8_t digest[32];

	if (s->factors_count == 0)
		return false;
	if (!key_digest(s, digest))
		return true;
	for (size_t i = 0; i < s->factors_count; i++)
		if (memcmp(digest, s->factors[i], sizeof digest) == 0)
			return true;
	return false;
}

bool auth_server_count_key(struct auth_server *s)
{
	if (s->factors_count == AUTH_FACTORS_MAX || !key_digest(s, s->factors[s->factors_count]))
		return false;
	s->factors_count++;
	return true;
}

/* --- What the owner adds --- */

enum ssh_err auth_server_bind_host(struct auth_server *s, ssh_bytes host_key)
{
	enum ssh_err e;

	if (s->err != 0)
		return s->err;
	wire_buf_reset(&s->host_key);
	wire_put_raw(&s->host_key, host_key);
	if ((e = wire_buf_end(&s->host_key)) != 0)
		return auth_server_fail(s, e);
	return 0;
}

static bool is_asking(const struct auth_server *s)
{
	return s->asking && s->event.type == AUTH_ASK_KEY;
}

enum ssh_err auth_server_check_cert(struct auth_server *s, const struct crypt_cert_policy *policy,
                                    const char **why)
{
	struct crypt_cert_policy p = *policy;
	enum ssh_err e;

	*why = "no certificate is asked about";
	if (!is_asking(s) || s->event.cert == NULL)
		return SSH_ERR_STATE;
	p.role = CRYPT_CERT_USER;
	if ((e = crypt_cert_check(s->event.cert, &p, why)) == 0)
		s->cert_good = true;
	return e;
}

void auth_server_waive_presence(struct auth_server *s)
{
	if (is_asking(s))
		s->waived = true;
}

void auth_server_set_sigalgs(struct auth_server *s, const struct crypt_sigalg *const *sigalgs)
{
	s->sigalgs = sigalgs;
}

bool auth_server_key_acceptable(const struct auth_server *s)
{
	const struct auth_server_event *ev = &s->event;
	bool absent = ev->is_sk && ev->is_signed && (ev->token.flags & CRYPT_SK_USER_PRESENT) == 0;
	bool taken = crypt_sigalg_find(s->sigalgs, wire_bytes_str(ev->sigalg->name)) != NULL;

	return taken && (ev->cert == NULL || s->cert_good) && (!absent || s->waived);
}

/* --- Requests --- */

struct attempt {
	const struct crypt_sigalg *sigalg;
	struct ssh_auth_publickey m;
	ssh_bytes host_key; /* empty: not bound */
	bool is_sk;
	struct crypt_sk_info token;
};

static enum ssh_err verify(const struct auth_server *s, const struct crypt_key *key,
                           struct attempt *a)
{
	struct auth_signed over = {.session_id = s->config.session_id,
	                           .user = wire_buf_view(&s->user),
	                           .service = s->config.service,
	                           .algorithm = a->m.algorithm,
	                           .key = a->m.key,
	                           .host_key = a->host_key};
	struct wire_buf data = {0};
	enum ssh_err e;

	auth_signed_put(&data, &over);
	e = wire_buf_end(&data);
	if (e == 0 && a->is_sk)
		e = crypt_sk_verify(key, a->sigalg, wire_buf_view(&data), a->m.signature,
		                    &a->token);
	else if (e == 0)
		e = crypt_key_verify(key, a->sigalg, wire_buf_view(&data), a->m.signature);
	wire_buf_wipe(&data);
	return e;
}

bool auth_server_key_large(const struct auth_server *s, const struct crypt_key *key)
{
	const struct crypt_keyalg *type = key->alg->plain != NULL ? key->alg->plain : key->alg;

	return strcmp(type->name, "ssh-rsa") != 0 || crypt_key_bits(key) >= s->config.rsa_min_bits;
}

/* Is this a key of the algorithm's type, and large enough? And if signed, is the signature good? */
static enum ssh_err check_key(const struct auth_server *s, struct attempt *a)
{
	const struct crypt_keyalg *const types[] = {a->sigalg->key, NULL};
	struct crypt_key key = {0};
	enum ssh_err e;

	if ((e = crypt_key_parse_public(&key, types, a->m.key)) != 0)
		return e;
	if (!auth_server_key_large(s, &key))
		e = SSH_ERR_KEY;
	a->is_sk = crypt_key_is_sk(&key);
	if (e == 0 && a->m.has_signature)
		e = verify(s, &key, a);
	crypt_key_wipe(&key);
	return e;
}

static enum ssh_err decode(struct attempt *a, ssh_bytes rest, bool bound)
{
	struct ssh_auth_publickey_hostbound b;
	enum ssh_err e;

	*a = (struct attempt){0};
	if (!bound)
		return wire_msg_decode(&ssh_auth_publickey_shape, rest, &a->m);
	if ((e = wire_msg_decode(&ssh_auth_publickey_hostbound_shape, rest, &b)) != 0)
		return e;
	a->m = (struct ssh_auth_publickey){b.has_signature, b.algorithm, b.key, b.signature};
	a->host_key = b.host_key;
	return 0;
}

/* The question, as far as it can be put before it is known whether the key has counted. */
static enum ssh_err describe(struct auth_server *s, const struct attempt *a)
{
	const struct crypt_keyalg *const types[] = {a->sigalg->key, NULL};
	struct auth_server_event *ev = auth_server_ask(s, AUTH_ASK_KEY, AUTH_PUBLICKEY);
	enum ssh_err e;

	ev->is_signed = a->m.has_signature;
	ev->key = a->m.key;
	ev->sigalg = a->sigalg;
	ev->is_sk = a->is_sk;
	ev->token = a->token;
	s->cert_good = s->waived = false;
	if (a->sigalg->key->plain == NULL)
		return 0;
	if ((e = crypt_cert_parse(&s->cert, types, a->m.key)) == 0)
		ev->cert = &s->cert;
	return e;
}

enum ssh_err auth_server_try_key(struct auth_server *s, ssh_bytes rest, bool bound)
{
	ssh_bytes ours = wire_buf_view(&s->host_key);
	struct attempt a;
	enum ssh_err e;

	if ((e = decode(&a, rest, bound)) != 0)
		return e;
	if (!auth_server_offers(s, AUTH_PUBLICKEY) ||
	    (bound && (ours.len == 0 || !wire_bytes_equal(a.host_key, ours))))
		return auth_server_refuse(s);
	a.sigalg = crypt_sigalg_find(s->sigalgs, a.m.algorithm);
	if (a.sigalg == NULL)
		return auth_server_refuse(s);
	if ((e = check_key(s, &a)) == SSH_ERR_NO_MEMORY)
		return e;
	if (e != 0 || !auth_server_user_possible(s))
		return auth_server_refuse(s);
	if ((e = describe(s, &a)) != 0 || is_counted(s)) {
		s->event_ready = false;
		return e == SSH_ERR_NO_MEMORY ? e : auth_server_refuse(s);
	}
	return 0;
}
