/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "libauth/ppk.h"
#include "libauth/pubfile.h"
#include "libauth/rfc4716.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* Other programs' files: -i and -e. */

/* What leaves here is a private key: never through a format that would escape a byte. */
static bool print_private(const struct keygen_options *o, const struct crypt_key *k,
                          const struct auth_keyform *form, ssh_bytes comment)
{
	struct wire_buf out = {0}, passphrase = {0};
	struct crypt_rng rng = crypt_rng_system();
	bool ok =
	    keygen_new_passphrase(o->new_passphrase != NULL ? o->new_passphrase : "", &passphrase);
	struct auth_keyfile_options how = {.form = form,
	                                   .comment = comment,
	                                   .passphrase = wire_buf_view(&passphrase),
	                                   .cipher = o->cipher,
	                                   .rounds = o->rounds};
	enum ssh_err e = ok ? auth_keyfile_save(&out, k, &how, &rng) : SSH_OK;
	if (e != SSH_OK)
		ok = keygen_fail("converting", ssh_err_text(e)) == 0;
	else
		fwrite(wire_buf_view(&out).ptr, 1, wire_buf_len(&out), stdout);
	wire_buf_wipe(&out);
	wire_buf_wipe(&passphrase);
	return ok;
}

static bool is_format(const struct keygen_options *o, const char *name)
{
	return o->format != NULL && strcasecmp(o->format, name) == 0;
}

/* --- Export --- */

static bool export_private(const struct keygen_options *o, const char *path)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0};
	bool ok = keygen_load(o, path, &k, &comment) &&
	          print_private(o, &k, &auth_keyform_ppk, wire_buf_view(&comment));
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	return ok;
}

/* As ssh-keygen words it; the name of the user and the host it was made on. */
static void put_comment(char out[256], const struct crypt_key *k)
{
	char host[64] = "";
	const char *user = getlogin();
	(void)gethostname(host, sizeof host - 1);
	snprintf(out, 256, "%zu-bit %s, converted by %s@%s from OpenSSH", crypt_key_bits(k),
	         k->alg->kind, user == NULL ? "nacre" : user, host);
}

static bool export_public(const char *path)
{
	struct crypt_key k = {0};
	struct wire_buf blob = {0}, comment = {0}, out = {0};
	char words[256];
	bool ok = keygen_read_public(path, &blob, &comment);
	enum ssh_err e = ok ? keygen_parse(&k, wire_buf_view(&blob)) : SSH_OK;
	if (ok && e == SSH_OK) {
		put_comment(words, &k);
		e = auth_rfc4716_put(&out, wire_buf_view(&blob), wire_bytes_str(words));
	}
	if (e != SSH_OK)
		ok = keygen_fail(path, ssh_err_text(e)) == 0;
	text_print(stdout, wire_buf_view(&out), true);
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&out);
	return ok;
}

int keygen_export(const struct keygen_options *o)
{
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	if (is_format(o, "PPK"))
		return export_private(o, path) ? 0 : KEYGEN_FAILED;
	if (o->format == NULL || is_format(o, "RFC4716"))
		return export_public(path) ? 0 : KEYGEN_FAILED;
	return keygen_fail(o->format, "not a format to export to: RFC4716 or PPK");
}

/* --- Import --- */

static bool import_public(const char *path)
{
	struct wire_buf text = {0}, blob = {0}, line = {0};
	bool ok = keygen_read(path, &text);
	enum ssh_err e = ok ? auth_rfc4716_parse(&blob, NULL, wire_buf_view(&text)) : SSH_OK;
	if (e != SSH_OK)
		ok = keygen_fail(path, e == SSH_ERR_FILE_FORMAT
		                           ? "neither a public key of RFC 4716 nor a private key"
		                           : ssh_err_text(e)) == 0;
	if (ok) {
		auth_publine_put(&line, wire_buf_view(&blob), wire_bytes(NULL, 0));
		text_print(stdout, wire_buf_view(&line), true);
	}
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	return ok;
}

/* Any private key that is known, PPK first of all, comes out in OpenSSH's form. */
static bool import_private(const struct keygen_options *o, const char *path)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0};
	bool ok = keygen_load(o, path, &k, &comment) &&
	          print_private(o, &k, &auth_keyform_openssh, wire_buf_view(&comment));
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	return ok;
}

int keygen_import(const struct keygen_options *o)
{
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	struct wire_buf text = {0}, blob = {0};
	if (!keygen_read(path, &text))
		return KEYGEN_FAILED;
	enum ssh_err e = auth_keyfile_public(&blob, wire_buf_view(&text));
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	bool ok = e == SSH_ERR_FILE_FORMAT ? import_public(path) : import_private(o, path);
	return ok ? 0 : KEYGEN_FAILED;
}
