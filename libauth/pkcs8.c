/* SPDX-License-Identifier: MIT */
#include "libauth/pkcs8.h"
#include "libauth/base64.h"
#include "libauth/derkey_impl.h"
#include "libauth/pbes2_impl.h"

#define PLAIN     "PRIVATE KEY"
#define ENCRYPTED "ENCRYPTED PRIVATE KEY"
/** [1] IMPLICIT BIT STRING: the public key of RFC 5958. */
#define PUBLIC    0x81

/** A PrivateKeyInfo, apart: views. */
struct info {
	ssh_bytes oid;
	struct wire_reader params; /* behind the object identifier */
	ssh_bytes private;
	ssh_bytes public; /* empty: not there */
};

/* --- Key types --- */

static enum ssh_err get_rsa(struct wire_buf *private, struct info *i)
{
	return auth_derkey_get_rsa(private, i->private);
}

static enum ssh_err get_dsa(struct wire_buf *private, struct info *i)
{
	return auth_derkey_get_dsa_x(private, &i->params, i->private);
}

static enum ssh_err get_ec(struct wire_buf *private, struct info *i)
{
	const struct dercurve *c = auth_dercurve_by_oid(auth_der_get(&i->params, AUTH_DER_OID));

	return c == NULL ? SSH_ERR_UNSUPPORTED : auth_derkey_get_ec(private, i->private, c);
}

static enum ssh_err get_ed(struct wire_buf *private, struct info *i)
{
	size_t size = i->oid.ptr[i->oid.len - 1] == 0x70 ? 32 : 57;
	struct wire_reader r;
	ssh_bytes seed;

	wire_reader_init(&r, i->private);
	seed = auth_der_get(&r, AUTH_DER_OCTETS);
	if (wire_reader_end(&r) != 0)
		return SSH_ERR_FILE_DAMAGED;
	return auth_derkey_get_ed(private, size, seed, i->public);
}

static void put_rsa_params(struct wire_buf *out, const struct keyfields *f)
{
	(void)f;
	auth_der_put(out, AUTH_DER_NULL, wire_bytes(NULL, 0));
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

static void put_ec_params(struct wire_buf *out, const struct keyfields *f)
{
	auth_der_put(out, AUTH_DER_OID, auth_dercurve_by_key(f->layout->name)->oid);
}

static void put_ec(struct wire_buf *out, const struct keyfields *f)
{
	auth_derkey_put_ec(out, f, false);
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

static const struct kind {
	const char *key; /* type, or the beginning of it */
	ssh_bytes oid;
	enum ssh_err (*get)(struct wire_buf *private, struct info *i);
	void (*put_params)(struct wire_buf *out, const struct keyfields *f);
	void (*put)(struct wire_buf *out, const struct keyfields *f);
} kinds[] = {
    {"ssh-rsa", DER_OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1), get_rsa, put_rsa_params,
     auth_derkey_put_rsa},
    {"ecdsa-sha2-", DER_OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1), get_ec, put_ec_params, put_ec},
    {"ssh-ed25519", DER_OID(0x2b, 0x65, 0x70), get_ed, put_no_params, put_ed},
    {"ssh-ed448", DER_OID(0x2b, 0x65, 0x71), get_ed, put_no_params, put_ed},
    {"ssh-dss", DER_OID(0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1), get_dsa, put_dsa_params, put_dsa},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* --- Reading --- */

static enum ssh_err get_info(struct info *i, ssh_bytes der)
{
	struct wire_reader r, s;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	if (auth_der_get_u32(&s) > 1)
		wire_reader_fail(&s, SSH_ERR_UNSUPPORTED);
	i->params = auth_der_enter(&s, AUTH_DER_SEQUENCE);
	i->oid = auth_der_get(&i->params, AUTH_DER_OID);
	i->private = auth_der_get(&s, AUTH_DER_OCTETS);
	i->public = wire_bytes(NULL, 0);
	if (auth_der_is(&s, AUTH_DER_TAGGED(0)))
		(void)auth_der_get(&s, AUTH_DER_TAGGED(0)); /* attributes */
	if (auth_der_is(&s, PUBLIC)) {
		i->public = auth_der_get(&s, PUBLIC);
		/* A count of unused bits comes first, and there is something behind it. */
		if (i->public.len < 2 || i->public.ptr[0] != 0)
			wire_reader_fail(&s, SSH_ERR_MALFORMED);
		i->public = wire_bytes_skip(i->public, 1);
	}
	if ((e = wire_reader_end(&s)) == 0)
		e = wire_reader_end(&r);
	return auth_file_error(e);
}

static enum ssh_err get_plain(struct wire_buf *private, ssh_bytes der)
{
	struct info i;
	enum ssh_err e;

	if ((e = get_info(&i, der)) != 0)
		return e;
	for (size_t j = 0; j < KINDS; j++)
		if (wire_bytes_equal(i.oid, kinds[j].oid))
			return kinds[j].get(private, &i);
	return SSH_ERR_UNSUPPORTED;
}

static bool is_pkcs8(ssh_bytes line)
{
	return wire_bytes_is(line, "-----BEGIN " PLAIN "-----") ||
	       wire_bytes_is(line, "-----BEGIN " ENCRYPTED "-----");
}

/* The private form of what the file holds. */
static enum ssh_err get_file(struct wire_buf *private, ssh_bytes text, ssh_bytes passphrase)
{
	struct wire_buf data = {0}, plain = {0};
	enum ssh_err e = auth_armor_get(&data, PLAIN, text);

	if (e == 0)
		e = get_plain(private, wire_buf_view(&data));
	else if (e == SSH_ERR_FILE_FORMAT && (e = auth_armor_get(&data, ENCRYPTED, text)) == 0 &&
	         (e = auth_pbes2_open(&plain, wire_buf_view(&data), passphrase)) == 0)
		e = get_plain(private, wire_buf_view(&plain));
	wire_buf_wipe(&data);
	wire_buf_wipe(&plain);
	return e;
}

static enum ssh_err open_pkcs8(struct crypt_key *k, struct wire_buf *comment,
                               const struct crypt_keyalg *const *algs, ssh_bytes text,
                               ssh_bytes passphrase)
{
	struct wire_buf private = {0};
	enum ssh_err e;

	(void)comment;
	if ((e = get_file(&private, text, passphrase)) == 0)
		e = auth_keyform_key(k, algs, wire_buf_view(&private));
	wire_buf_wipe(&private);
	return e;
}

static enum ssh_err public_pkcs8(struct wire_buf *blob, ssh_bytes text)
{
	struct wire_buf private = {0};
	struct keyfields f;
	enum ssh_err e;

	if ((e = get_file(&private, text, wire_bytes(NULL, 0))) == 0 &&
	    (e = auth_keyfields_get(&f, wire_buf_view(&private))) == 0) {
		auth_keyfields_put_public(blob, &f);
		e = wire_buf_end(blob);
	}
	wire_buf_wipe(&private);
	return e;
}

/* --- Writing --- */

static enum ssh_err put_info(struct wire_buf *out, const struct keyfields *f)
{
	size_t i = 0, mark, inner;

	while (i < KINDS && strncmp(f->layout->name, kinds[i].key, strlen(kinds[i].key)) != 0)
		i++;
	if (i == KINDS)
		return SSH_ERR_UNSUPPORTED;
	mark = auth_der_begin(out, AUTH_DER_SEQUENCE);
	auth_der_put_u32(out, 0);
	inner = auth_der_begin(out, AUTH_DER_SEQUENCE);
	auth_der_put(out, AUTH_DER_OID, kinds[i].oid);
	kinds[i].put_params(out, f);
	auth_der_end(out, inner);
	inner = auth_der_begin(out, AUTH_DER_OCTETS);
	kinds[i].put(out, f);
	auth_der_end(out, inner);
	auth_der_end(out, mark);
	return wire_buf_end(out);
}

/* The scratch of writing: bufs[0] the private form, bufs[1] the DER, bufs[2] that encrypted. */
static enum ssh_err put_file(struct wire_buf bufs[3], const struct crypt_key *k,
                             const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	struct keyfields f;
	enum ssh_err e;

	crypt_key_put_private(k, &bufs[0]);
	if ((e = wire_buf_end(&bufs[0])) != 0 ||
	    (e = auth_keyfields_get(&f, wire_buf_view(&bufs[0]))) != 0 ||
	    (e = put_info(&bufs[1], &f)) != 0 || o->passphrase.len == 0)
		return e;
	return auth_pbes2_put(&bufs[2], wire_buf_view(&bufs[1]), o, rng);
}

static enum ssh_err put_pkcs8(struct wire_buf *out, const struct crypt_key *k,
                              const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	bool encrypted = o->passphrase.len != 0;
	struct wire_buf bufs[3] = {{0}};
	enum ssh_err e = put_file(bufs, k, o, rng);

	if (e == 0)
		auth_armor_put_pem(out, encrypted ? ENCRYPTED : PLAIN, wire_bytes(NULL, 0),
		                   wire_buf_view(&bufs[encrypted ? 2 : 1]));
	for (size_t i = 0; i < 3; i++)
		wire_buf_wipe(&bufs[i]);
	return e;
}

const struct auth_keyform auth_keyform_pkcs8 = {
    .name = "pkcs8",
    .is = is_pkcs8,
    .open = open_pkcs8,
    .public = public_pkcs8,
    .put = put_pkcs8,
};
