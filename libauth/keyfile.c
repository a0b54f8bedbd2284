/* SPDX-License-Identifier: MIT */
#include "libauth/keyfile.h"
#include "libauth/pem.h"
#include "libauth/pkcs8.h"
#include "libauth/ppk.h"
#include "libauth/text.h"

const struct auth_keyform *const auth_keyforms[] = {
    &auth_keyform_openssh, &auth_keyform_pkcs8, &auth_keyform_pem, &auth_keyform_ppk, NULL,
};

/* Take blank lines off the front; returns the first other one, which stays. */
static ssh_bytes first_line(ssh_bytes *text)
{
	ssh_bytes line = {NULL, 0}, rest = *text;

	while (auth_text_line(&rest, &line)) {
		line = auth_text_trim(line);
		if (line.len != 0)
			return line;
		*text = rest;
	}
	return wire_bytes(NULL, 0);
}

/* What `openssl ecparam -genkey` writes before the key: the curve, which the key names as well. */
static void skip_parameters(ssh_bytes *text)
{
	ssh_bytes line;

	if (!wire_bytes_is(first_line(text), "-----BEGIN EC PARAMETERS-----"))
		return;
	while (auth_text_line(text, &line))
		if (wire_bytes_is(auth_text_trim(line), "-----END EC PARAMETERS-----"))
			return;
}

static const struct auth_keyform *find_form(ssh_bytes *text)
{
	ssh_bytes line;
	size_t i = 0;

	skip_parameters(text);
	line = first_line(text);
	while (auth_keyforms[i] != NULL && !auth_keyforms[i]->is(line))
		i++;
	return auth_keyforms[i];
}

enum ssh_err auth_keyfile_open(struct crypt_key *k, struct wire_buf *comment,
                               const struct crypt_keyalg *const *algs, ssh_bytes text,
                               ssh_bytes passphrase)
{
	const struct auth_keyform *form = find_form(&text);
	size_t before = comment == NULL ? 0 : wire_buf_len(comment);
	enum ssh_err e;

	if (form == NULL)
		return SSH_ERR_FILE_FORMAT;
	if ((e = form->open(k, comment, algs, text, passphrase)) == 0)
		return 0;
	crypt_key_wipe(k);
	if (comment != NULL)
		wire_buf_cut(comment, before);
	return e;
}

enum ssh_err auth_keyfile_parse(struct crypt_key *k, struct wire_buf *comment,
                                const struct crypt_keyalg *const *algs, ssh_bytes text)
{
	return auth_keyfile_open(k, comment, algs, text, wire_bytes(NULL, 0));
}

enum ssh_err auth_keyfile_public(struct wire_buf *blob, ssh_bytes text)
{
	const struct auth_keyform *form = find_form(&text);
	size_t before = wire_buf_len(blob);
	enum ssh_err e;

	if (form == NULL)
		return SSH_ERR_FILE_FORMAT;
	if ((e = form->public(blob, text)) != 0)
		wire_buf_cut(blob, before);
	return e;
}

enum ssh_err auth_keyfile_save(struct wire_buf *out, const struct crypt_key *k,
                               const struct auth_keyfile_options *o, const struct crypt_rng *rng)
{
	const struct auth_keyform *form = o->form == NULL ? &auth_keyform_openssh : o->form;
	size_t before = wire_buf_len(out);
	enum ssh_err e;

	if (k->alg == NULL || !k->has_private)
		return SSH_ERR_KEY;
	if ((e = form->put(out, k, o, rng)) != 0 || (e = wire_buf_end(out)) != 0)
		wire_buf_cut(out, before);
	return e;
}

enum ssh_err auth_keyfile_write(struct wire_buf *out, const struct crypt_key *k, ssh_bytes comment,
                                const struct crypt_rng *rng)
{
	struct auth_keyfile_options o = {.comment = comment};

	return auth_keyfile_save(out, k, &o, rng);
}
