/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

/* Where a reader stands, and how much is left: a look ahead on a copy. */
static ssh_bytes rest_of(const struct wire_reader *r)
{
	struct wire_reader look = *r;
	return wire_get_rest(&look);
}

/* What was read since `before` was the rest. */
static ssh_bytes read_since(ssh_bytes before, const struct wire_reader *r)
{
	return wire_bytes(before.ptr, before.len - rest_of(r).len);
}

static void get_details(struct crypt_cert *c, struct wire_reader *r)
{
	c->serial = wire_get_u64(r);
	c->role = wire_get_u32(r);
	c->id = wire_get_string(r);
	c->principals = wire_get_string(r);
	c->valid_after = wire_get_u64(r);
	c->valid_before = wire_get_u64(r);
	c->options = wire_get_string(r);
	c->extensions = wire_get_string(r);
	c->reserved = wire_get_string(r);
	c->authority = wire_get_string(r);
}

enum ssh_err crypt_cert_get_fields(struct crypt_cert *c, struct crypt_key *k, struct wire_reader *r)
{
	c->nonce = wire_get_string(r);
	ssh_bytes before = rest_of(r);
	/* Always called, for it sets up the state that is wiped later. */
	k->alg = c->alg->plain;
	enum ssh_err e = k->alg->get_public(k, r);
	c->key = read_since(before, r);
	if (e != SSH_OK)
		return e;
	get_details(c, r);
	c->signature = wire_get_string(r);
	return SSH_OK;
}

static enum ssh_err parse(struct crypt_cert *c, const struct crypt_keyalg *const *algs,
                          struct wire_reader *r)
{
	ssh_bytes name = wire_get_string(r);
	struct crypt_key k = {0};
	while (*algs != NULL && !wire_bytes_is(name, (*algs)->name))
		algs++;
	if (*algs == NULL) {
		wire_reader_fail(r, SSH_ERR_UNSUPPORTED);
		return wire_reader_end(r);
	}
	c->alg = *algs;
	enum ssh_err e = crypt_cert_get_fields(c, &k, r);
	crypt_key_wipe(&k);
	if (e != SSH_OK)
		wire_reader_fail(r, e);
	return wire_reader_end(r);
}

enum ssh_err crypt_cert_parse(struct crypt_cert *c, const struct crypt_keyalg *const *algs,
                              ssh_bytes blob)
{
	struct wire_reader r;
	struct crypt_cert found = {0};
	if (blob.len > CRYPT_CERT_MAX)
		return SSH_ERR_TOO_LONG;
	wire_reader_init(&r, blob);
	enum ssh_err e = parse(&found, algs, &r);
	if (e != SSH_OK)
		return e;
	found.signed_bytes = wire_bytes(blob.ptr, blob.len - 4 - found.signature.len);
	*c = found;
	return SSH_OK;
}

/* Put what is left back into the list; false, and nothing left, after an error. */
static bool took(ssh_bytes *list, struct wire_reader *r)
{
	enum ssh_err e = wire_reader_end(r);
	*list = wire_get_rest(r);
	return e == SSH_OK || e == SSH_ERR_TRAILING;
}

bool crypt_cert_next_principal(ssh_bytes *list, ssh_bytes *name)
{
	struct wire_reader r;
	wire_reader_init(&r, *list);
	*name = wire_get_string(&r);
	return took(list, &r);
}

bool crypt_cert_next_option(ssh_bytes *list, ssh_bytes *name, ssh_bytes *data)
{
	struct wire_reader r;
	wire_reader_init(&r, *list);
	*name = wire_get_string(&r);
	*data = wire_get_string(&r);
	return took(list, &r);
}

bool crypt_cert_option(ssh_bytes list, const char *name, ssh_bytes *data)
{
	ssh_bytes found, inside;
	while (crypt_cert_next_option(&list, &found, &inside))
		if (wire_bytes_is(found, name)) {
			*data = inside;
			return true;
		}
	return false;
}

bool crypt_cert_option_text(ssh_bytes data, ssh_bytes *text)
{
	struct wire_reader r;
	wire_reader_init(&r, data);
	*text = wire_get_string(&r);
	return wire_reader_end(&r) == SSH_OK;
}

void crypt_cert_put_key(struct wire_buf *out, const struct crypt_cert *c)
{
	wire_put_str(out, c->alg->plain->name);
	wire_put_raw(out, c->key);
}
