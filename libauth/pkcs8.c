/* SPDX-License-Identifier: MIT */
#include "libauth/pkcs8.h"
#include "libauth/base64.h"
#include "libauth/derkey_impl.h"
#include "libauth/pbes2_impl.h"

#define PLAIN     "PRIVATE KEY"
#define ENCRYPTED "ENCRYPTED PRIVATE KEY"
/** [1] IMPLICIT BIT STRING: the public key of RFC 5958. */
#define PUBLIC    0x81

/* --- Reading --- */

static enum ssh_err get_info(struct derinfo *i, ssh_bytes der)
{
	struct wire_reader r, s;
	enum ssh_err e;

	wire_reader_init(&r, der);
	s = auth_der_enter(&r, AUTH_DER_SEQUENCE);
	if (auth_der_get_u32(&s) > 1)
		wire_reader_fail(&s, SSH_ERR_UNSUPPORTED);
	auth_derkind_get_algorithm(i, &s);
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
	const struct derkind *kind;
	struct derinfo i;
	enum ssh_err e;

	if ((e = get_info(&i, der)) != 0)
		return e;
	if ((kind = auth_derkind_by_oid(i.oid)) == NULL)
		return SSH_ERR_UNSUPPORTED;
	return kind->get_private(private, &i);
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
	(void)comment;
	return auth_keyform_open(get_file, k, algs, text, passphrase);
}

static enum ssh_err public_pkcs8(struct wire_buf *blob, ssh_bytes text)
{
	return auth_keyform_public(get_file, blob, text);
}

/* --- Writing --- */

static enum ssh_err put_info(struct wire_buf *out, const struct keyfields *f)
{
	const struct derkind *kind = auth_derkind_by_key(f->layout->name);
	size_t mark = auth_der_begin(out, AUTH_DER_SEQUENCE), inner;

	auth_der_put_u32(out, 0);
	auth_derkind_put_algorithm(out, kind, f);
	inner = auth_der_begin(out, AUTH_DER_OCTETS);
	kind->put_private(out, f);
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

	if ((e = auth_keyfields_of(&f, &bufs[0], k)) != 0 || (e = put_info(&bufs[1], &f)) != 0 ||
	    o->passphrase.len == 0)
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
