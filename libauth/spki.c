/* SPDX-License-Identifier: MIT */
#include "libauth/spki.h"
#include "libauth/base64.h"
#include "libauth/derkey_impl.h"

#define SPKI  "PUBLIC KEY"
#define PKCS1 "RSA PUBLIC KEY"

static enum ssh_err get_info(struct wire_buf *blob, ssh_bytes der)
{
	struct derinfo i = {.private = {NULL, 0}};
	const struct derkind *kind;
	struct wire_reader r, s;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	auth_derkind_get_algorithm(&i, &s);
	i.public = auth_der_get_bits(&s);
	if ((e = wire_reader_end(&s)) != 0 || (e = wire_reader_end(&r)) != 0)
		return auth_file_error(e);
	if ((kind = auth_derkind_by_oid(i.oid)) == NULL)
		return i.oid.len == 0 ? SSH_ERR_FILE_DAMAGED : SSH_ERR_UNSUPPORTED;
	return kind->get_public(blob, &i);
}

enum ssh_err auth_spki_parse(struct wire_buf *blob, ssh_bytes text)
{
	size_t before = wire_buf_len(blob);
	struct wire_buf der = {0};
	enum ssh_err e = auth_armor_get(&der, SPKI, text);

	if (e == 0)
		e = get_info(blob, wire_buf_view(&der));
	else if (e == SSH_ERR_FILE_FORMAT && (e = auth_armor_get(&der, PKCS1, text)) == 0)
		e = auth_derkey_get_rsa_public(blob, wire_buf_view(&der));
	if (e != 0)
		wire_buf_cut(blob, before);
	wire_buf_wipe(&der);
	return e;
}

static void put_info(struct wire_buf *out, const struct keyfields *f)
{
	const struct derkind *kind = auth_derkind_by_key(f->layout->name);
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE), bits;

	auth_derkind_put_algorithm(out, kind, f);
	bits = auth_der_begin(out, AUTH_DER_BITS);
	wire_put_u8(out, 0); /* every bit of the last byte is used */
	kind->put_public(out, f);
	auth_der_end(out, bits);
	auth_der_end(out, mark);
}

static enum ssh_err put_file(struct wire_buf *out, struct wire_buf *der, const char *label)
{
	size_t before = wire_buf_len(out);
	enum ssh_err e = wire_buf_end(der);

	if (e == 0) {
		auth_armor_put_pem(out, label, wire_bytes(NULL, 0), wire_buf_view(der));
		if ((e = wire_buf_end(out)) != 0)
			wire_buf_cut(out, before);
	}
	wire_buf_wipe(der);
	return e;
}

enum ssh_err auth_spki_put(struct wire_buf *out, ssh_bytes blob)
{
	struct wire_buf der = {0};
	struct keyfields f;
	enum ssh_err e;

	if ((e = auth_keyfields_get_public(&f, blob)) != 0)
		return e;
	put_info(&der, &f);
	return put_file(out, &der, SPKI);
}

enum ssh_err auth_spki_put_rsa(struct wire_buf *out, ssh_bytes blob)
{
	struct wire_buf der = {0};
	struct keyfields f;
	enum ssh_err e;

	if ((e = auth_keyfields_get_public(&f, blob)) != 0)
		return e;
	if (strcmp(f.layout->name, "ssh-rsa") != 0)
		return SSH_ERR_UNSUPPORTED;
	auth_derkey_put_rsa_public(&der, &f);
	return put_file(out, &der, PKCS1);
}
