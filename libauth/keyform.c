/* SPDX-License-Identifier: MIT */
#include "libauth/keyform_impl.h"

static const struct keylayout layouts[] = {
    {"ssh-rsa", 6, "10", "2453", 0},          {"ssh-dss", 5, "0123", "4", 0},
    {"ecdsa-sha2-nistp256", 3, "01", "2", 0}, {"ecdsa-sha2-nistp384", 3, "01", "2", 0},
    {"ecdsa-sha2-nistp521", 3, "01", "2", 0}, {"ssh-ed25519", 2, "0", "1", 32},
    {"ssh-ed448", 2, "0", "1", 57},
};

enum ssh_err auth_file_error(enum ssh_err e)
{
	switch (e) {
	case SSH_ERR_TRUNCATED:
	case SSH_ERR_TRAILING:
	case SSH_ERR_MALFORMED:
	case SSH_ERR_MPINT:
		return SSH_ERR_FILE_DAMAGED;
	default:
		return e;
	}
}

static const struct keylayout *find_layout(ssh_bytes name)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (wire_bytes_is(name, layouts[i].name))
			return &layouts[i];
	return NULL;
}

enum ssh_err auth_keyfields_get(struct keyfields *f, ssh_bytes private)
{
	struct wire_reader r;

	memset(f, 0, sizeof *f);
	wire_reader_init(&r, private);
	f->layout = find_layout(wire_get_string(&r));
	if (f->layout == NULL)
		return SSH_ERR_UNSUPPORTED;
	for (size_t i = 0; i < f->layout->count; i++)
		f->field[i] = wire_get_string(&r);
	if (f->layout->seed != 0 && f->field[ED_SECRET].len < f->layout->seed)
		return SSH_ERR_FILE_DAMAGED;
	return auth_file_error(wire_reader_end(&r));
}

void auth_keyfields_put_public(struct wire_buf *out, const struct keyfields *f)
{
	wire_put_str(out, f->layout->name);
	for (const char *i = f->layout->public; *i != '\0'; i++)
		wire_put_string(out, f->field[*i - '0']);
}

void auth_keyfields_put_secret(struct wire_buf *out, const struct keyfields *f)
{
	for (const char *i = f->layout->secret; *i != '\0'; i++) {
		ssh_bytes field = f->field[*i - '0'];

		if (f->layout->seed != 0)
			field.len = f->layout->seed;
		wire_put_string(out, field);
	}
}

enum ssh_err auth_keyfields_of(struct keyfields *f, struct wire_buf *private,
                               const struct crypt_key *k)
{
	enum ssh_err e;

	crypt_key_put_private(k, private);
	if ((e = wire_buf_end(private)) != 0)
		return e;
	return auth_keyfields_get(f, wire_buf_view(private));
}

/* The fields of a blob that the layout names, to their places. */
static void take(struct keyfields *f, const char *which, struct wire_reader *r)
{
	for (; *which != '\0'; which++)
		f->field[*which - '0'] = wire_get_string(r);
}

enum ssh_err auth_keyfields_get_public(struct keyfields *f, ssh_bytes blob)
{
	struct wire_reader r;

	memset(f, 0, sizeof *f);
	wire_reader_init(&r, blob);
	f->layout = find_layout(wire_get_string(&r));
	if (f->layout == NULL)
		return SSH_ERR_UNSUPPORTED;
	take(f, f->layout->public, &r);
	return auth_file_error(wire_reader_end(&r));
}

enum ssh_err auth_keyfields_join(struct wire_buf *private, ssh_bytes public, ssh_bytes secret)
{
	struct keyfields f;
	struct wire_reader r;
	enum ssh_err e;

	if ((e = auth_keyfields_get_public(&f, public)) != 0)
		return e;
	wire_reader_init(&r, secret);
	take(&f, f.layout->secret, &r);
	(void)wire_get_rest(&r);
	if ((e = wire_reader_end(&r)) != 0)
		return auth_file_error(e);
	wire_put_str(private, f.layout->name);
	for (size_t i = 0; i < f.layout->count; i++) {
		size_t mark = wire_put_string_begin(private);

		wire_put_raw(private, f.field[i]);
		if (f.layout->seed != 0 && i == ED_SECRET)
			wire_put_raw(private, f.field[ED_PUBLIC]);
		wire_put_string_end(private, mark);
	}
	return wire_buf_end(private);
}

enum ssh_err auth_keyform_key(struct crypt_key *k, const struct crypt_keyalg *const *algs,
                              ssh_bytes private)
{
	struct wire_reader r;
	enum ssh_err e;

	wire_reader_init(&r, private);
	if ((e = crypt_key_get_private(k, algs, &r)) != 0)
		return auth_file_error(e);
	return auth_file_error(wire_reader_end(&r));
}

enum ssh_err auth_keyform_open(auth_keyform_get *get, struct crypt_key *k,
                               const struct crypt_keyalg *const *algs, ssh_bytes text,
                               ssh_bytes passphrase)
{
	struct wire_buf private = {0};
	enum ssh_err e;

	if ((e = get(&private, text, passphrase)) == 0)
		e = auth_keyform_key(k, algs, wire_buf_view(&private));
	wire_buf_wipe(&private);
	return e;
}

enum ssh_err auth_keyform_public(auth_keyform_get *get, struct wire_buf *blob, ssh_bytes text)
{
	struct wire_buf private = {0};
	struct keyfields f;
	enum ssh_err e;

	if ((e = get(&private, text, wire_bytes(NULL, 0))) == 0 &&
	    (e = auth_keyfields_get(&f, wire_buf_view(&private))) == 0) {
		auth_keyfields_put_public(blob, &f);
		e = wire_buf_end(blob);
	}
	wire_buf_wipe(&private);
	return e;
}
