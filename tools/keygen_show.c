/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "libauth/pubfile.h"
#include "libauth/signers.h"
#include "libcrypt/fingerprint.h"
#include "tools/keygen.h"
#include "tools/text.h"

/* What a key or a certificate looks like. */

/* --- Fingerprints --- */

static bool is_md5(const struct keygen_options *o)
{
	return o->digest != NULL && strcasecmp(o->digest, "md5") == 0;
}

bool keygen_put_plain(struct wire_buf *out, ssh_bytes blob)
{
	struct crypt_cert c;
	if (crypt_cert_parse(&c, crypt_cert_keyalgs, blob) == SSH_OK)
		crypt_cert_put_key(out, &c);
	else
		wire_put_raw(out, blob);
	return wire_buf_end(out) == SSH_OK;
}

const char *keygen_fingerprint(const struct keygen_options *o, ssh_bytes blob, char out[64])
{
	struct wire_buf plain = {0};
	_Static_assert(CRYPT_FINGERPRINT_SIZE <= 64 && CRYPT_FINGERPRINT_MD5_SIZE <= 64, "fit");
	out[0] = '\0';
	if (keygen_put_plain(&plain, blob) && is_md5(o))
		crypt_insecure_fingerprint_md5(wire_buf_view(&plain), out);
	else
		crypt_key_fingerprint(wire_buf_view(&plain), out);
	wire_buf_wipe(&plain);
	return out;
}

void keygen_print_picture(const struct keygen_options *o, const struct crypt_key *k, ssh_bytes blob)
{
	struct wire_buf plain = {0};
	uint8_t digest[CRYPT_HASH_MAX];
	char title[64], art[CRYPT_RANDOMART_SIZE];
	if (!o->verbose || !keygen_put_plain(&plain, blob))
		return;
	/* Too long for the edge, the size is left out. */
	if (snprintf(title, sizeof title, "[%s %zu]", k->alg->kind, crypt_key_bits(k)) > 17)
		snprintf(title, sizeof title, "[%s]", k->alg->kind);
	if (is_md5(o))
		crypt_insecure_md5_once(wire_buf_view(&plain), digest);
	else
		crypt_hash_once(&crypt_sha256, wire_buf_view(&plain), digest);
	crypt_randomart(wire_bytes(digest, is_md5(o) ? CRYPT_MD5_SIZE : crypt_sha256.size), title,
	                is_md5(o) ? "[MD5]" : "[SHA256]", art);
	printf("%s\n", art);
	wire_buf_wipe(&plain);
}

static bool print_one(const struct keygen_options *o, ssh_bytes blob, ssh_bytes comment)
{
	struct crypt_key k = {0};
	char print[64];
	if (keygen_parse(&k, blob) != SSH_OK)
		return false;
	printf("%zu %s ", crypt_key_bits(&k), keygen_fingerprint(o, blob, print));
	text_print(stdout, comment.len != 0 ? comment : wire_bytes_str("no comment"), false);
	printf(" (%s)\n", k.alg->kind);
	keygen_print_picture(o, &k, blob);
	crypt_key_wipe(&k);
	return true;
}

/* A private key: its comment is in it, if it is not encrypted, or in the file beside it. */
static int print_private(const struct keygen_options *o, const char *path, ssh_bytes text)
{
	struct crypt_key k = {0};
	struct wire_buf blob = {0}, comment = {0};
	char beside[KEYGEN_PATH_SIZE];
	snprintf(beside, sizeof beside, "%s.pub", path);
	enum ssh_err e = auth_keyfile_public(&blob, text);
	if (access(beside, R_OK) == 0) {
		wire_buf_wipe(&blob);
		e = keygen_read_public(o, beside, &blob, &comment) ? SSH_OK : SSH_ERR_FILE_FORMAT;
	} else {
		(void)auth_keyfile_parse(&k, &comment, crypt_keyalgs_legacy, text);
	}
	if (e == SSH_OK && !print_one(o, wire_buf_view(&blob), wire_buf_view(&comment)))
		e = SSH_ERR_KEY;
	crypt_key_wipe(&k);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	return e == SSH_OK ? 0 : keygen_fail(path, ssh_err_text(e));
}

static int print_public(const struct keygen_options *o, const char *path, ssh_bytes text)
{
	struct wire_buf blob = {0}, comment = {0};
	size_t shown = 0;
	while (keygen_next_public(&text, &blob, &comment))
		shown += print_one(o, wire_buf_view(&blob), wire_buf_view(&comment));
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	return shown != 0 ? 0 : keygen_fail(path, "is not a public key file");
}

int keygen_show_fingerprints(const struct keygen_options *o)
{
	struct wire_buf text = {0}, blob = {0};
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	if (!keygen_read(path, &text))
		return KEYGEN_FAILED;
	ssh_bytes all = wire_buf_view(&text);
	int status = auth_keyfile_public(&blob, all) == SSH_ERR_FILE_FORMAT
	                 ? print_public(o, path, all)
	                 : print_private(o, path, all);
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	return status;
}

int keygen_show_public(const struct keygen_options *o)
{
	struct crypt_key k = {0};
	struct wire_buf comment = {0}, blob = {0}, line = {0};
	char usual[KEYGEN_PATH_SIZE];
	bool ok = keygen_load(o, keygen_path(o, usual), &k, &comment);
	if (ok) {
		crypt_key_put_public(&k, &blob);
		auth_publine_put(&line, wire_buf_view(&blob), wire_buf_view(&comment));
		text_print(stdout, wire_buf_view(&line), true);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&comment);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&line);
	return ok ? 0 : KEYGEN_FAILED;
}

/* --- Certificates --- */

#define INDENT "        "

bool keygen_time(ssh_bytes text, uint64_t *seconds)
{
	struct auth_signer_time t;
	struct tm tm;
	if (!auth_signer_time_parse(&t, text))
		return false;
	*seconds = t.seconds;
	time_t clock = (time_t)t.seconds;
	if (!t.local)
		return true;
	if (gmtime_r(&clock, &tm) == NULL)
		return false;
	tm.tm_isdst = -1;
	clock = mktime(&tm);
	*seconds = (uint64_t)clock;
	return clock >= 0;
}

void keygen_put_time(uint64_t seconds, char out[32])
{
	struct tm tm;
	time_t clock = (time_t)(seconds > INT64_MAX ? INT64_MAX : seconds);
	if (localtime_r(&clock, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		snprintf(out, 32, "(very late)");
}

static void print_validity(const struct crypt_cert *c)
{
	char after[32], before[32];
	bool always = c->valid_after == 0, forever = c->valid_before == CRYPT_CERT_FOREVER;
	keygen_put_time(c->valid_after, after);
	keygen_put_time(c->valid_before, before);
	printf(INDENT "Valid: ");
	if (always && forever)
		printf("forever\n");
	else if (always)
		printf("before %s\n", before);
	else if (forever)
		printf("after %s\n", after);
	else
		printf("from %s to %s\n", after, before);
}

static void print_option(ssh_bytes name, ssh_bytes data)
{
	ssh_bytes text;
	printf(INDENT INDENT);
	text_print(stdout, name, false);
	if (data.len != 0 && crypt_cert_option_text(data, &text)) {
		putchar(' ');
		text_print(stdout, text, false);
	} else if (data.len != 0) {
		printf(" (%zu bytes that are no text)", data.len);
	}
	putchar('\n');
}

static void print_options(const char *what, ssh_bytes list)
{
	ssh_bytes name, data;
	printf(INDENT "%s: %s\n", what, list.len == 0 ? "(none)" : "");
	while (crypt_cert_next_option(&list, &name, &data))
		print_option(name, data);
}

static void print_authority(const struct keygen_options *o, const struct crypt_cert *c)
{
	struct crypt_key k = {0};
	struct wire_reader r;
	char print[64];
	wire_reader_init(&r, c->signature);
	ssh_bytes name = wire_get_string(&r);
	if (keygen_parse(&k, c->authority) != SSH_OK) {
		printf(INDENT "Signing CA: a key that is not known\n");
		return;
	}
	printf(INDENT "Signing CA: %s %s (using ", k.alg->kind,
	       keygen_fingerprint(o, c->authority, print));
	text_print(stdout, name, false);
	printf(")\n");
	crypt_key_wipe(&k);
}

static void print_certificate(const struct keygen_options *o, const struct crypt_cert *c,
                              ssh_bytes blob)
{
	ssh_bytes list = c->principals, name;
	char print[64];
	printf(INDENT "Type: %s %s certificate\n", c->alg->name,
	       c->role == CRYPT_CERT_HOST   ? "host"
	       : c->role == CRYPT_CERT_USER ? "user"
	                                    : "unknown");
	printf(INDENT "Public key: %s %s\n", c->alg->kind, keygen_fingerprint(o, blob, print));
	print_authority(o, c);
	printf(INDENT "Key ID: \"");
	text_print(stdout, c->id, false);
	printf("\"\n" INDENT "Serial: %llu\n", (unsigned long long)c->serial);
	print_validity(c);
	printf(INDENT "Principals: %s\n", list.len == 0 ? "(none)" : "");
	while (crypt_cert_next_principal(&list, &name)) {
		printf(INDENT INDENT);
		text_print(stdout, name, false);
		putchar('\n');
	}
	print_options("Critical Options", c->options);
	print_options("Extensions", c->extensions);
}

int keygen_show_certificates(const struct keygen_options *o)
{
	struct wire_buf text = {0}, blob = {0}, comment = {0};
	struct crypt_cert c;
	char usual[KEYGEN_PATH_SIZE];
	const char *path = keygen_path(o, usual);
	size_t line = 0, shown = 0;
	if (!keygen_read(path, &text))
		return KEYGEN_FAILED;
	ssh_bytes rest = wire_buf_view(&text), one;
	bool many = memchr(rest.ptr == NULL ? (const uint8_t *)"" : rest.ptr, '\n', rest.len) !=
	            (rest.len == 0 ? NULL : (const void *)(rest.ptr + rest.len - 1));
	while (auth_text_line(&rest, &one)) {
		line++;
		if (!keygen_next_public(&one, &blob, &comment) ||
		    crypt_cert_parse(&c, crypt_cert_keyalgs, wire_buf_view(&blob)) != SSH_OK)
			continue;
		if (many)
			printf("%s:%zu:\n", path, line);
		else
			printf("%s:\n", path);
		print_certificate(o, &c, wire_buf_view(&blob));
		shown++;
	}
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	return shown != 0 ? 0 : keygen_fail(path, "no certificate is in it");
}
