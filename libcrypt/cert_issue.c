/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert_impl.h"

void crypt_cert_put_principal(struct wire_buf *list, const char *name)
{
	wire_put_str(list, name);
}

void crypt_cert_put_option(struct wire_buf *list, const char *name, const char *text)
{
	wire_put_str(list, name);
	size_t mark = wire_put_string_begin(list);
	if (text != NULL)
		wire_put_str(list, text);
	wire_put_string_end(list, mark);
}

static enum ssh_err put_nonce(struct wire_buf *out, ssh_bytes nonce, const struct crypt_rng *rng)
{
	uint8_t drawn[CRYPT_CERT_NONCE_SIZE];
	if (nonce.len == 0) {
		enum ssh_err e = crypt_rng_fill(rng, drawn, sizeof drawn);
		if (e != SSH_OK)
			return e;
		nonce = wire_bytes(drawn, sizeof drawn);
	}
	wire_put_string(out, nonce);
	return SSH_OK;
}

static void put_details(struct wire_buf *out, const struct crypt_cert *f,
                        const struct crypt_key *authority)
{
	wire_put_u64(out, f->serial);
	wire_put_u32(out, f->role);
	wire_put_string(out, f->id);
	wire_put_string(out, f->principals);
	wire_put_u64(out, f->valid_after);
	wire_put_u64(out, f->valid_before);
	wire_put_string(out, f->options);
	wire_put_string(out, f->extensions);
	wire_put_string(out, f->reserved);
	size_t mark = wire_put_string_begin(out);
	crypt_key_put_public(authority, out);
	wire_put_string_end(out, mark);
}

static enum ssh_err issue(struct wire_buf *out, const struct crypt_cert *f,
                          const struct crypt_key *subject, const struct crypt_cert_authority *by)
{
	struct wire_buf signature = {0};
	size_t start = wire_buf_len(out);
	wire_put_str(out, f->alg->name);
	enum ssh_err e = put_nonce(out, f->nonce, by->rng);
	if (e != SSH_OK)
		return e;
	subject->alg->put_public(subject, out);
	put_details(out, f, by->key);
	if ((e = wire_buf_end(out)) == SSH_OK)
		e = crypt_key_sign(by->key, by->alg, wire_bytes_skip(wire_buf_view(out), start),
		                   by->rng, &signature);
	if (e == SSH_OK) {
		wire_put_string(out, wire_buf_view(&signature));
		e = wire_buf_end(out);
	}
	wire_buf_wipe(&signature);
	return e;
}

enum ssh_err crypt_cert_issue(struct wire_buf *out, const struct crypt_cert *fields,
                              const struct crypt_key *subject,
                              const struct crypt_cert_authority *by)
{
	if (fields->alg == NULL || fields->alg->plain == NULL || by->key->alg == NULL ||
	    fields->alg->plain != subject->alg || by->key->alg->plain != NULL)
		return SSH_ERR_ARGUMENT;
	size_t start = wire_buf_len(out);
	enum ssh_err e = issue(out, fields, subject, by);
	if (e != SSH_OK)
		wire_buf_cut(out, start);
	return e;
}
