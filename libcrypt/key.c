/* SPDX-License-Identifier: MIT */
#include "libcrypt/key.h"

#include "libcrypt/key_impl.h"

static const struct crypt_keyalg *find_keyalg(const struct crypt_keyalg *const *algs,
                                              ssh_bytes name)
{
	while (*algs != NULL && !wire_bytes_is(name, (*algs)->name))
		algs++;
	return *algs;
}

const struct crypt_sigalg *crypt_sigalg_find(const struct crypt_sigalg *const *algs, ssh_bytes name)
{
	while (*algs != NULL && !wire_bytes_is(name, (*algs)->name))
		algs++;
	return *algs;
}

/*
 * Make `e` the reader's error unless it has one: a field that could not be read at all explains
 * better than the numbers it left out why the key is refused. Bytes that are left are no error yet.
 */
static enum ssh_err first_error(struct wire_reader *r, enum ssh_err e)
{
	if (e != SSH_OK)
		wire_reader_fail(r, e);
	e = wire_reader_end(r);
	return e == SSH_ERR_TRAILING ? SSH_OK : e;
}

static enum ssh_err get_name(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                             struct wire_reader *r)
{
	*k = (struct crypt_key){0};
	k->alg = find_keyalg(algs, wire_get_string(r));
	return first_error(r, k->alg == NULL ? SSH_ERR_UNSUPPORTED : SSH_OK);
}

static enum ssh_err parse_public(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                                 struct wire_reader *r)
{
	enum ssh_err e;
	if ((e = get_name(k, algs, r)) != 0 || (e = first_error(r, k->alg->get_public(k, r))) != 0)
		return e;
	return wire_reader_end(r);
}

enum ssh_err crypt_key_parse_public(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                                    ssh_bytes blob)
{
	struct wire_reader r;
	wire_reader_init(&r, blob);
	enum ssh_err e = parse_public(k, algs, &r);
	if (e != SSH_OK)
		crypt_key_wipe(k);
	return e;
}

void crypt_key_put_public(const struct crypt_key *k, struct wire_buf *out)
{
	wire_put_str(out, k->alg->name);
	k->alg->put_public(k, out);
}

enum ssh_err crypt_key_get_private(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                                   struct wire_reader *r)
{
	enum ssh_err e = get_name(k, algs, r);
	if (e == SSH_OK)
		e = first_error(r, k->alg->get_private(k, r));
	if (e != SSH_OK)
		crypt_key_wipe(k);
	k->has_private = e == SSH_OK;
	return e;
}

void crypt_key_put_private(const struct crypt_key *k, struct wire_buf *out)
{
	if (!k->has_private) {
		wire_buf_fail(out, SSH_ERR_KEY);
		return;
	}
	wire_put_str(out, k->alg->name);
	k->alg->put_private(k, out);
}

enum ssh_err crypt_key_generate(struct crypt_key *k, const struct crypt_keyalg *alg, size_t bits,
                                const struct crypt_rng *rng)
{
	*k = (struct crypt_key){0};
	if (alg->generate == NULL)
		return SSH_ERR_UNSUPPORTED;
	k->alg = alg;
	enum ssh_err e = alg->generate(k, bits, rng);
	if (e != SSH_OK)
		crypt_key_wipe(k);
	k->has_private = e == SSH_OK;
	return e;
}

const char *crypt_sigalg_signature_name(const struct crypt_sigalg *alg)
{
	return alg->sig_name != NULL ? alg->sig_name : alg->name;
}

static bool can_use(const struct crypt_key *k, const struct crypt_sigalg *alg)
{
	return k->alg != NULL && alg->key == k->alg;
}

enum ssh_err crypt_key_sign(const struct crypt_key *k, const struct crypt_sigalg *alg,
                            ssh_bytes data, const struct crypt_rng *rng, struct wire_buf *out)
{
	if (!can_use(k, alg))
		return SSH_ERR_UNSUPPORTED;
	if (!k->has_private || k->alg->sign == NULL)
		return SSH_ERR_KEY;
	size_t start = wire_buf_len(out);
	wire_put_str(out, crypt_sigalg_signature_name(alg));
	size_t mark = wire_put_string_begin(out);
	enum ssh_err e = k->alg->sign(k, alg, data, rng, out);
	wire_put_string_end(out, mark);
	if (e == SSH_OK)
		e = wire_buf_end(out);
	if (e != SSH_OK)
		wire_buf_cut(out, start);
	return e;
}

enum ssh_err crypt_signature_open(const struct crypt_key *k, const struct crypt_sigalg *alg,
                                  ssh_bytes blob, ssh_bytes *sig)
{
	if (!can_use(k, alg))
		return SSH_ERR_UNSUPPORTED;
	struct wire_reader r;
	wire_reader_init(&r, blob);
	ssh_bytes name = wire_get_string(&r);
	*sig = alg->bare ? wire_get_rest(&r) : wire_get_string(&r);
	if (wire_reader_end(&r) != SSH_OK || !wire_bytes_is(name, crypt_sigalg_signature_name(alg)))
		return SSH_ERR_SIGNATURE;
	return SSH_OK;
}

enum ssh_err crypt_key_verify(const struct crypt_key *k, const struct crypt_sigalg *alg,
                              ssh_bytes data, ssh_bytes blob)
{
	ssh_bytes sig;
	enum ssh_err e = crypt_signature_open(k, alg, blob, &sig);
	if (e != SSH_OK)
		return e;
	return k->alg->verify(k, alg, data, sig) == SSH_OK ? SSH_OK : SSH_ERR_SIGNATURE;
}

size_t crypt_key_bits(const struct crypt_key *k)
{
	return k->alg == NULL ? 0 : k->alg->bits(k);
}

void crypt_key_wipe(struct crypt_key *k)
{
	if (k->alg != NULL)
		k->alg->wipe(k);
	wire_wipe(k, sizeof *k);
}
