/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* A certificate as a key type. */

static size_t left(const struct wire_reader *r)
{
	struct wire_reader look = *r;
	return wire_get_rest(&look).len;
}

enum ssh_err crypt_cert_get_public(struct crypt_key *k, struct wire_reader *r)
{
	struct crypt_cert c = {.alg = k->alg};
	struct wire_reader start = *r;
	enum ssh_err e = crypt_cert_get_fields(&c, k, r);
	k->alg = c.alg;
	if (e != SSH_OK)
		return e;
	wire_put_str(&k->cert, k->alg->name);
	wire_put_raw(&k->cert, wire_get_raw(&start, left(&start) - left(r)));
	return wire_buf_len(&k->cert) > CRYPT_CERT_MAX ? SSH_ERR_TOO_LONG : wire_buf_end(&k->cert);
}

void crypt_cert_put_public(const struct crypt_key *k, struct wire_buf *out)
{
	/* The name is put already. */
	wire_put_raw(out, wire_bytes_skip(wire_buf_view(&k->cert), 4 + strlen(k->alg->name)));
}

static enum ssh_err get_inside(struct crypt_key *k, ssh_bytes cert)
{
	struct wire_reader r;
	wire_reader_init(&r, cert);
	bool named = wire_bytes_is(wire_get_string(&r), k->alg->name);
	enum ssh_err e = crypt_cert_get_public(k, &r);
	if (e == SSH_OK)
		e = wire_reader_end(&r);
	return named ? e : SSH_ERR_KEY;
}

/* The plain key's public fields, as its type writes them, are those in the certificate? */
static enum ssh_err check_halves(const struct crypt_key *k)
{
	const struct crypt_keyalg *const types[] = {k->alg, NULL};
	struct crypt_cert c;
	struct wire_buf own = {0};
	enum ssh_err e = crypt_cert_parse(&c, types, wire_buf_view(&k->cert));
	k->alg->plain->put_public(k, &own);
	if (e == SSH_OK && (e = wire_buf_end(&own)) == SSH_OK &&
	    !wire_bytes_equal(wire_buf_view(&own), c.key))
		e = SSH_ERR_KEY;
	wire_buf_wipe(&own);
	return e;
}

/* draft-ietf-sshm-cert section 2.5: the certificate, then what is secret of the plain key. */
enum ssh_err crypt_cert_get_private(struct crypt_key *k, struct wire_reader *r)
{
	enum ssh_err e;
	if ((e = get_inside(k, wire_get_string(r))) != 0 ||
	    (e = k->alg->plain->get_secret(k, r)) != 0)
		return e;
	return check_halves(k);
}

void crypt_cert_put_private(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_string(out, wire_buf_view(&k->cert));
	k->alg->plain->put_secret(k, out);
}

enum ssh_err crypt_cert_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                             ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out)
{
	if (k->alg->plain->sign == NULL)
		return SSH_ERR_KEY;
	return k->alg->plain->sign(k, alg, data, rng, out);
}

enum ssh_err crypt_cert_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                               ssh_bytes data, ssh_bytes sig)
{
	return k->alg->plain->verify(k, alg, data, sig);
}

size_t crypt_cert_bits(const struct crypt_key *k)
{
	return k->alg->plain->bits(k);
}

void crypt_cert_wipe(struct crypt_key *k)
{
	wire_buf_wipe(&k->cert);
	k->alg->plain->wipe(k);
}

enum ssh_err crypt_cert_attach(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                               ssh_bytes blob)
{
	struct crypt_cert c;
	struct wire_buf own = {0}, copy = {0};
	enum ssh_err e = crypt_cert_parse(&c, algs, blob);
	if (e != SSH_OK)
		return e;
	if (k->alg != c.alg->plain)
		return SSH_ERR_KEY;
	k->alg->put_public(k, &own);
	wire_put_raw(&copy, blob);
	if ((e = wire_buf_end(&own)) == SSH_OK && (e = wire_buf_end(&copy)) == SSH_OK &&
	    !wire_bytes_equal(wire_buf_view(&own), c.key))
		e = SSH_ERR_KEY;
	wire_buf_wipe(&own);
	if (e != SSH_OK) {
		wire_buf_wipe(&copy);
		return e;
	}
	k->cert = copy;
	k->alg = c.alg;
	return SSH_OK;
}
