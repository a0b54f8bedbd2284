/* SPDX-License-Identifier: MIT */
#include "libauth/hostkeys.h"

#include "libwire/reader.h"

#define STANDARD "hostkeys-prove-0"

bool auth_hostkeys_is(ssh_bytes request)
{
	return wire_bytes_is(request, AUTH_HOSTKEYS) || wire_bytes_is(request, "hostkeys");
}

/* The draft's text has it without the version, its registry with. */
bool auth_hostkeys_prove_is(ssh_bytes request)
{
	return wire_bytes_is(request, AUTH_HOSTKEYS_PROVE) ||
	       wire_bytes_is(request, "hostkeys-prove") || wire_bytes_is(request, STANDARD);
}

bool auth_hostkeys_next(ssh_bytes *body, ssh_bytes *blob)
{
	struct wire_reader r;
	wire_reader_init(&r, *body);
	*blob = wire_get_string(&r);
	if (body->len == 0 || r.err != 0)
		return false;
	*body = wire_bytes_skip(*body, 4 + blob->len);
	return true;
}

static bool has(ssh_bytes body, ssh_bytes end, ssh_bytes blob)
{
	ssh_bytes one;
	while (body.len > end.len && auth_hostkeys_next(&body, &one))
		if (wire_bytes_equal(one, blob))
			return true;
	return false;
}

enum ssh_err auth_hostkeys_check(ssh_bytes body)
{
	ssh_bytes rest = body, before = body, blob;
	size_t n = 0;
	while (auth_hostkeys_next(&rest, &blob)) {
		if (++n > AUTH_HOSTKEYS_MAX)
			return SSH_ERR_TOO_LONG;
		if (has(body, before, blob))
			return SSH_ERR_MALFORMED;
		before = rest;
	}
	if (rest.len != 0)
		return SSH_ERR_TRUNCATED;
	return n == 0 ? SSH_ERR_MALFORMED : SSH_OK;
}

void auth_hostkeys_put(struct wire_buf *out, const struct crypt_key *const *keys)
{
	size_t start = wire_buf_len(out);
	for (size_t i = 0; keys[i] != NULL; i++) {
		if (keys[i]->alg->plain != NULL)
			continue;
		size_t before = wire_buf_len(out);
		size_t mark = wire_put_string_begin(out);
		crypt_key_put_public(keys[i], out);
		wire_put_string_end(out, mark);
		if (wire_buf_end(out) != 0)
			return;
		ssh_bytes all = wire_bytes_skip(wire_buf_view(out), start);
		ssh_bytes own = wire_bytes_skip(wire_buf_view(out), before);
		if (has(all, own, wire_bytes_skip(own, 4)))
			wire_buf_cut(out, before);
	}
}

/* --- Signatures --- */

static void put_signed(struct wire_buf *b, const char *name, const struct auth_hostkeys_bond *bond,
                       ssh_bytes blob)
{
	wire_buf_reset(b);
	wire_put_str(b, name);
	wire_put_string(b, bond->session_id);
	wire_put_string(b, blob);
}

/*
 * Section 2.2.1: RSA signs as it did in the key exchange, which must not have been with SHA-1. NULL
 * where the exchange was signed by another type of key.
 */
static const struct crypt_sigalg *bound(const struct crypt_keyalg *key,
                                        const struct auth_hostkeys_bond *bond)
{
	const char *name = crypt_sigalg_signature_name(bond->sig);
	return crypt_sigalg_find(key->sigs, wire_bytes_str(name));
}

static bool is_sha1(const struct crypt_sigalg *alg)
{
	return strcmp(alg->name, "ssh-rsa") == 0;
}

static const char *signed_name(ssh_bytes request)
{
	return wire_bytes_is(request, AUTH_HOSTKEYS_PROVE) ? AUTH_HOSTKEYS_PROVE : STANDARD;
}

static const struct crypt_key *find(const struct crypt_key *const *keys, ssh_bytes blob,
                                    struct wire_buf *own)
{
	for (size_t i = 0; keys[i] != NULL; i++) {
		wire_buf_reset(own);
		crypt_key_put_public(keys[i], own);
		if (wire_buf_end(own) == 0 && wire_bytes_equal(wire_buf_view(own), blob))
			return keys[i];
	}
	return NULL;
}

static enum ssh_err prove_one(struct wire_buf *out, const struct crypt_key *key,
                              const struct auth_hostkeys_bond *bond, ssh_bytes data,
                              const struct crypt_rng *rng)
{
	const struct crypt_sigalg *alg = bound(key->alg, bond);
	if (alg == NULL)
		alg = key->alg->sigs[0];
	if (is_sha1(alg))
		return SSH_ERR_UNSUPPORTED;
	size_t mark = wire_put_string_begin(out);
	enum ssh_err e = crypt_key_sign(key, alg, data, rng, out);
	wire_put_string_end(out, mark);
	return e != 0 ? e : wire_buf_end(out);
}

enum ssh_err auth_hostkeys_prove(struct wire_buf *out, const struct crypt_key *const *keys,
                                 const struct auth_hostkeys_bond *bond, ssh_bytes body,
                                 const struct crypt_rng *rng)
{
	struct wire_buf b = {0};
	size_t before = wire_buf_len(out);
	ssh_bytes blob;
	enum ssh_err e = auth_hostkeys_check(body);
	while (e == 0 && auth_hostkeys_next(&body, &blob)) {
		const struct crypt_key *key = find(keys, blob, &b);
		if ((e = wire_buf_end(&b)) != 0)
			break;
		put_signed(&b, signed_name(bond->request), bond, blob);
		if ((e = wire_buf_end(&b)) == 0)
			e = key == NULL ? SSH_ERR_NOT_FOUND
			                : prove_one(out, key, bond, wire_buf_view(&b), rng);
	}
	wire_buf_wipe(&b);
	if (e != 0)
		wire_buf_cut(out, before);
	return e;
}

static enum ssh_err verify_one(const struct crypt_key *key, const struct auth_hostkeys_bond *bond,
                               ssh_bytes data, ssh_bytes sig)
{
	struct wire_reader r;
	wire_reader_init(&r, sig);
	const struct crypt_sigalg *alg = crypt_sigalg_find(key->alg->sigs, wire_get_string(&r));
	const struct crypt_sigalg *due = bound(key->alg, bond);
	if (alg == NULL || is_sha1(alg) || (due != NULL && alg != due))
		return SSH_ERR_SIGNATURE;
	return crypt_key_verify(key, alg, data, sig);
}

static enum ssh_err verify_blob(const struct auth_hostkeys_bond *bond, ssh_bytes blob,
                                ssh_bytes sig, struct wire_buf *b)
{
	struct crypt_key key = {0};
	enum ssh_err e = crypt_key_parse_public(&key, crypt_keyalgs, blob);
	if (e != 0)
		return e;
	put_signed(b, signed_name(bond->request), bond, blob);
	if ((e = wire_buf_end(b)) == 0)
		e = verify_one(&key, bond, wire_buf_view(b), sig);
	crypt_key_wipe(&key);
	return e;
}

enum ssh_err auth_hostkeys_verify(const struct auth_hostkeys_bond *bond, ssh_bytes asked,
                                  ssh_bytes answer)
{
	struct wire_buf b = {0};
	struct wire_reader r;
	ssh_bytes blob;
	enum ssh_err e = auth_hostkeys_check(asked);
	wire_reader_init(&r, answer);
	while (e == 0 && auth_hostkeys_next(&asked, &blob)) {
		ssh_bytes sig = wire_get_string(&r);
		e = r.err != 0 ? r.err : verify_blob(bond, blob, sig, &b);
	}
	wire_buf_wipe(&b);
	return e != 0 ? e : wire_reader_end(&r);
}
