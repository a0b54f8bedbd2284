/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "libauth/ppk.h"
#include "libauth/pubfile.h"
#include "libauth/rfc4716.h"
#include "libauth/spki.h"
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

static bool export_private(const struct keygen_options *o, const char *path,
                           const struct auth_keyform *form)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0};
	bool ok = keygen_load(o, path, &k, &comment) &&
	          print_private(o, &k, form, wire_buf_view(&comment));
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	return ok;
}

/* As ssh-keygen words it; the name of the user and the host it was made on. */
static void put_comment(char out[256], const struct crypt_key *k)
{
	char host[64] = "";
	const struct passwd *user = getpwuid(getuid());
	(void)gethostname(host, sizeof host - 1);
	snprintf(out, 256, "%zu-bit %s, converted by %s@%s from OpenSSH", crypt_key_bits(k),
	         k->alg->kind, user == NULL ? "nobody" : user->pw_name, host);
}

static enum ssh_err put_4716(struct wire_buf *out, ssh_bytes blob)
{
	struct crypt_key k = {0};
	char words[256];
	enum ssh_err e = keygen_parse(&k, blob);
	if (e == SSH_OK) {
		put_comment(words, &k);
		e = auth_rfc4716_put(out, blob, wire_bytes_str(words));
	}
	crypt_key_wipe(&k);
	return e;
}

/* OpenSSL's forms know no certificates: the key in one is what is meant, as with ssh-keygen. */
static enum ssh_err put_openssl(struct wire_buf *out, ssh_bytes blob, bool traditional)
{
	struct wire_buf plain = {0};
	enum ssh_err e = keygen_put_plain(&plain, blob) ? SSH_OK : SSH_ERR_NO_MEMORY;
	if (e == SSH_OK)
		e = traditional ? auth_spki_put_rsa(out, wire_buf_view(&plain))
		                : SSH_ERR_UNSUPPORTED;
	/* PEM is PKCS #1 for RSA; for the others there is nothing older than this. */
	if (e == SSH_ERR_UNSUPPORTED)
		e = auth_spki_put(out, wire_buf_view(&plain));
	wire_buf_wipe(&plain);
	return e;
}

static bool export_public(const struct keygen_options *o, const char *path)
{
	struct wire_buf blob = {0}, comment = {0}, out = {0};
	bool openssl = is_format(o, "PEM") || is_format(o, "PKCS8");
	bool ok = keygen_read_public(o, path, &blob, &comment);
	enum ssh_err e = SSH_OK;
	if (ok && openssl)
		e = put_openssl(&out, wire_buf_view(&blob), is_format(o, "PEM"));
	else if (ok)
		e = put_4716(&out, wire_buf_view(&blob));
	if (e == SSH_ERR_UNSUPPORTED && openssl)
		ok = keygen_fail(path, "that format (-m) has no such keys") == 0;
	else if (e != SSH_OK)
		ok = keygen_fail(path, ssh_err_text(e)) == 0;
	text_print(stdout, wire_buf_view(&out), true);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&out);
	return ok;
}

static const char no_format[] = "no such format: RFC4716, PKCS8, PEM, PPK or PPK2";

static bool is_known(const struct keygen_options *o)
{
	return o->format == NULL || is_format(o, "RFC4716") || is_format(o, "PKCS8") ||
	       is_format(o, "PEM") || is_format(o, "PPK") || is_format(o, "PPK2");
}

int keygen_export(const struct keygen_options *o)
{
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	bool ok = false;
	if (!is_known(o))
		return keygen_fail(o->format, no_format);
	if (is_format(o, "PPK"))
		ok = export_private(o, path, &auth_keyform_ppk);
	else if (is_format(o, "PPK2"))
		ok = export_private(o, path, &auth_keyform_ppk2);
	else
		ok = export_public(o, path);
	return ok ? 0 : KEYGEN_FAILED;
}

/* --- Import --- */

/* The public key of the one form or the other, which its first line tells. */
static enum ssh_err get_public(struct wire_buf *blob, ssh_bytes text)
{
	struct crypt_key k = {0};
	enum ssh_err e = auth_spki_parse(blob, text);
	if (e == SSH_ERR_FILE_FORMAT)
		return auth_rfc4716_parse(blob, NULL, text);
	if (e == SSH_OK)
		e = keygen_parse(&k, wire_buf_view(blob));
	crypt_key_wipe(&k);
	return e;
}

static bool import_public(const char *path, ssh_bytes text)
{
	struct wire_buf blob = {0}, line = {0};
	enum ssh_err e = get_public(&blob, text);
	if (e == SSH_OK) {
		auth_publine_put(&line, wire_buf_view(&blob), wire_bytes(NULL, 0));
		text_print(stdout, wire_buf_view(&line), true);
	} else if (e == SSH_ERR_FILE_FORMAT) {
		(void)keygen_fail(path, "no public key of RFC 4716, PKCS #8 or PEM, and no "
		                        "private key");
	} else {
		(void)keygen_fail(path, ssh_err_text(e));
	}
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	return e == SSH_OK;
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
	bool ok = false;
	if (!is_known(o))
		return keygen_fail(o->format, no_format);
	if (!keygen_read(path, &text))
		return KEYGEN_FAILED;
	if (auth_keyfile_public(&blob, wire_buf_view(&text)) == SSH_ERR_FILE_FORMAT)
		ok = import_public(path, wire_buf_view(&text));
	else
		ok = import_private(o, path);
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	return ok ? 0 : KEYGEN_FAILED;
}
