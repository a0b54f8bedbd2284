/* SPDX-License-Identifier: MIT */
#include "libauth/derkey_impl.h"

/** The first byte of a point that is not compressed. */
#define UNCOMPRESSED 4

/* The end of a reader within another thing. */
static enum ssh_err end(const struct wire_reader *r)
{
	return auth_file_error(wire_reader_end(r));
}

/* --- RSA --- */

static enum ssh_err get_rsa(struct wire_buf *private, struct derinfo *i)
{
	return auth_derkey_get_rsa(private, i->private);
}

enum ssh_err auth_derkey_get_rsa_public(struct wire_buf *blob, ssh_bytes der)
{
	struct wire_reader r, s;
	ssh_bytes n, exponent;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	n = auth_der_get_number(&s);
	exponent = auth_der_get_number(&s);
	if ((e = end(&s)) != 0 || (e = end(&r)) != 0)
		return e;
	wire_put_str(blob, "ssh-rsa");
	wire_put_mpint(blob, exponent);
	wire_put_mpint(blob, n);
	return wire_buf_end(blob);
}

static enum ssh_err get_rsa_public(struct wire_buf *blob, struct derinfo *i)
{
	if (auth_der_get(&i->params, AUTH_DER_NULL).len != 0 || end(&i->params) != 0)
		return SSH_ERR_FILE_DAMAGED;
	return auth_derkey_get_rsa_public(blob, i->public);
}

static void put_rsa_params(struct wire_buf *out, const struct keyfields *f)
{
	(void)f;
	auth_der_put(out, AUTH_DER_NULL, wire_bytes(NULL, 0));
}

void auth_derkey_put_rsa_public(struct wire_buf *out, const struct keyfields *f)
{
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	auth_der_put_number(out, f->field[RSA_N]);
	auth_der_put_number(out, f->field[RSA_E]);
	auth_der_end(out, mark);
}

/* --- DSA --- */

static enum ssh_err get_dsa(struct wire_buf *private, struct derinfo *i)
{
	return auth_derkey_get_dsa_x(private, &i->params, i->private);
}

static enum ssh_err get_dsa_public(struct wire_buf *blob, struct derinfo *i)
{
	struct wire_reader s = auth_der_enter(&i->params, AUTH_DER_SEQUENCE), r;
	ssh_bytes number[DSA_Y + 1];
	enum ssh_err e;

	for (size_t j = DSA_P; j <= DSA_G; j++)
		number[j] = auth_der_get_number(&s);
	wire_reader_init(&r, i->public);
	number[DSA_Y] = auth_der_get_number(&r);
	if ((e = end(&s)) != 0 || (e = end(&i->params)) != 0 || (e = end(&r)) != 0)
		return e;
	wire_put_str(blob, "ssh-dss");
	for (size_t j = DSA_P; j <= DSA_Y; j++)
		wire_put_mpint(blob, number[j]);
	return wire_buf_end(blob);
}

static void put_dsa_params(struct wire_buf *out, const struct keyfields *f)
{
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	for (size_t i = DSA_P; i <= DSA_G; i++)
		auth_der_put_number(out, f->field[i]);
	auth_der_end(out, mark);
}

static void put_dsa(struct wire_buf *out, const struct keyfields *f)
{
	auth_der_put_number(out, f->field[DSA_X]);
}

static void put_dsa_public(struct wire_buf *out, const struct keyfields *f)
{
	auth_der_put_number(out, f->field[DSA_Y]);
}

/* --- ECDSA --- */

static enum ssh_err get_ec(struct wire_buf *private, struct derinfo *i)
{
	const struct dercurve *c = auth_dercurve_by_oid(auth_der_get(&i->params, AUTH_DER_OID));

	return c == NULL ? SSH_ERR_UNSUPPORTED : auth_derkey_get_ec(private, i->private, c);
}

/* Whether the point is on the curve is for whoever makes a key of the blob to say. */
static enum ssh_err get_ec_public(struct wire_buf *blob, struct derinfo *i)
{
	const struct dercurve *c = auth_dercurve_by_oid(auth_der_get(&i->params, AUTH_DER_OID));
	ssh_bytes point = i->public;
	uint8_t own[DERPOINT_MAX];
	enum ssh_err e;

	/* An error may also be curve parameters that are spelled out. */
	if (c == NULL)
		return SSH_ERR_UNSUPPORTED;
	if ((e = end(&i->params)) != 0)
		return e;
	if (point.len == 1 + c->size && point.ptr[0] != UNCOMPRESSED) {
		if (!auth_dercurve_decompress(own, c, point))
			return SSH_ERR_KEY;
		point = wire_bytes(own, 1 + 2 * c->size);
	}
	if (point.len != 1 + 2 * c->size || point.ptr[0] != UNCOMPRESSED)
		return SSH_ERR_FILE_DAMAGED;
	wire_put_str(blob, c->key);
	wire_put_str(blob, c->curve);
	wire_put_string(blob, point);
	return wire_buf_end(blob);
}

static void put_ec_params(struct wire_buf *out, const struct keyfields *f)
{
	auth_der_put(out, AUTH_DER_OID, auth_dercurve_by_key(f->layout->name)->oid);
}

static void put_ec(struct wire_buf *out, const struct keyfields *f)
{
	auth_derkey_put_ec(out, f, false);
}

static void put_ec_public(struct wire_buf *out, const struct keyfields *f)
{
	wire_put_raw(out, f->field[EC_POINT]);
}

/* --- EdDSA --- */

static bool is_ed25519(const struct derinfo *i)
{
	return i->oid.ptr[i->oid.len - 1] == 0x70;
}

static size_t ed_size(const struct derinfo *i)
{
	return is_ed25519(i) ? 32 : 57;
}

static enum ssh_err get_ed(struct wire_buf *private, struct derinfo *i)
{
	struct wire_reader r;
	ssh_bytes seed;

	wire_reader_init(&r, i->private);
	seed = auth_der_get(&r, AUTH_DER_OCTETS);
	if (wire_reader_end(&r) != 0)
		return SSH_ERR_FILE_DAMAGED;
	return auth_derkey_get_ed(private, ed_size(i), seed, i->public);
}

static enum ssh_err get_ed_public(struct wire_buf *blob, struct derinfo *i)
{
	if (i->public.len != ed_size(i) || end(&i->params) != 0)
		return SSH_ERR_FILE_DAMAGED;
	wire_put_str(blob, is_ed25519(i) ? "ssh-ed25519" : "ssh-ed448");
	wire_put_string(blob, i->public);
	return wire_buf_end(blob);
}

static void put_no_params(struct wire_buf *out, const struct keyfields *f)
{
	(void)out;
	(void)f;
}

static void put_ed(struct wire_buf *out, const struct keyfields *f)
{
	auth_der_put(out, AUTH_DER_OCTETS, wire_bytes(f->field[ED_SECRET].ptr, f->layout->seed));
}

static void put_ed_public(struct wire_buf *out, const struct keyfields *f)
{
	wire_put_raw(out, f->field[ED_PUBLIC]);
}

/* --- All of them --- */

static const struct derkind kinds[] = {
    {"ssh-rsa", DER_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1), get_rsa, get_rsa_public,
     put_rsa_params, auth_derkey_put_rsa, auth_derkey_put_rsa_public},
    {"ecdsa-sha2-", DER_OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1), get_ec, get_ec_public,
     put_ec_params, put_ec, put_ec_public},
    {"ssh-ed25519", DER_OID(0x2b, 0x65, 0x70), get_ed, get_ed_public, put_no_params, put_ed,
     put_ed_public},
    {"ssh-ed448", DER_OID(0x2b, 0x65, 0x71), get_ed, get_ed_public, put_no_params, put_ed,
     put_ed_public},
    {"ssh-dss", DER_OID(0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1), get_dsa, get_dsa_public,
     put_dsa_params, put_dsa, put_dsa_public},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

const struct derkind *auth_derkind_by_oid(ssh_bytes oid)
{
	for (size_t i = 0; i < KINDS; i++)
		if (wire_bytes_equal(oid, kinds[i].oid))
			return &kinds[i];
	return NULL;
}

const struct derkind *auth_derkind_by_key(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strncmp(name, kinds[i].key, strlen(kinds[i].key)) == 0)
			return &kinds[i];
	return NULL;
}

void auth_derkind_get_algorithm(struct derinfo *i, struct wire_reader *r)
{
	i->params = auth_der_enter(r, AUTH_DER_SEQUENCE);
	i->oid = auth_der_get(&i->params, AUTH_DER_OID);
}

void auth_derkind_put_algorithm(struct wire_buf *out, const struct derkind *kind,
                                const struct keyfields *f)
{
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE);

	auth_der_put(out, AUTH_DER_OID, kind->oid);
	kind->put_params(out, f);
	auth_der_end(out, mark);
}
