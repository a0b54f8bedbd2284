/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libauth/keyfile.h"
#include "libauth/pubfile.h"
#include "tools/file.h"
#include "tools/text.h"

/* Makes, shows and names keys: the part of ssh-keygen(1) that a first session needs. */

#define PATH_SIZE 4096

struct options {
	const char *type;
	size_t bits;
	const char *file;
	const char *comment;
	const char *passphrase;
	bool quiet;
	enum { MAKE, SHOW_PUBLIC, SHOW_FINGERPRINT } what;
};

static const char usage[] =
    "usage: nacre-keygen [-q] [-t ed25519|ecdsa|rsa] [-b bits] [-C comment] [-N passphrase] -f file\n"
    "       nacre-keygen -y -f file    print the public key\n"
    "       nacre-keygen -l -f file    print the fingerprint, of a private or public key\n"
    "       nacre-keygen -?            print this\n";

static int fail(const char *file, const char *why)
{
	fprintf(stderr, "nacre-keygen: %s: %s\n", file, why);
	return 1;
}

/* --- Make --- */

static const struct crypt_keyalg *find_type(const char *type, size_t bits)
{
	if (strcmp(type, "ed25519") == 0)
		return &crypt_key_ed25519;
	if (strcmp(type, "rsa") == 0)
		return &crypt_key_rsa;
	if (strcmp(type, "ecdsa") != 0)
		return NULL;
	return bits == 0 || bits == 256 ? &crypt_key_ecdsa_nistp256
	       : bits == 384            ? &crypt_key_ecdsa_nistp384
	       : bits == 521            ? &crypt_key_ecdsa_nistp521
	                                : NULL;
}

/* A key that exists is never overwritten: it may be the only one that opens a door. */
static int write_new(const char *path, ssh_bytes text, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return errno;
	close(fd);
	return file_write(path, text, mode, false);
}

static void print_fingerprint(const struct crypt_keyalg *alg, size_t bits, ssh_bytes blob,
                              ssh_bytes comment)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	crypt_key_fingerprint(blob, fingerprint);
	printf("%zu %s ", bits, fingerprint);
	text_print(stdout, comment.len != 0 ? comment : wire_bytes_str("no comment"), false);
	printf(" (%s)\n", alg->kind);
}

static int write_pair(const struct options *o, ssh_bytes private, ssh_bytes public)
{
	char pub[PATH_SIZE];
	int e;
	if (snprintf(pub, sizeof pub, "%s.pub", o->file) >= (int)sizeof pub)
		return fail(o->file, strerror(ENAMETOOLONG));
	if ((e = write_new(o->file, private, 0600)) != 0)
		return fail(o->file, strerror(e));
	if ((e = file_write(pub, public, 0644, false)) != 0)
		return fail(pub, strerror(e));
	return 0;
}

static int save(const struct options *o, const struct crypt_key *k, const struct crypt_rng *rng)
{
	struct wire_buf private = {0}, public = {0}, blob = {0};
	ssh_bytes comment = wire_bytes_str(o->comment);
	struct auth_keyfile_options how = {.comment = comment,
	                                   .passphrase = wire_bytes_str(o->passphrase)};
	enum ssh_err e = auth_keyfile_save(&private, k, &how, rng);
	crypt_key_put_public(k, &blob);
	auth_publine_put(&public, wire_buf_view(&blob), comment);
	if (e == 0 && (e = wire_buf_end(&blob)) == 0)
		e = wire_buf_end(&public);
	int status = e != 0 ? fail(o->file, ssh_err_text(e))
	                    : write_pair(o, wire_buf_view(&private), wire_buf_view(&public));
	if (status == 0 && !o->quiet)
		print_fingerprint(k->alg, crypt_key_bits(k), wire_buf_view(&blob), comment);
	wire_buf_wipe(&private);
	wire_buf_wipe(&public);
	wire_buf_wipe(&blob);
	return status;
}

static int make_key(const struct options *o)
{
	struct crypt_key k = {0};
	struct crypt_rng rng = crypt_rng_system();
	const struct crypt_keyalg *alg = find_type(o->type, o->bits);
	if (alg == NULL)
		return fail(o->type, "no such type of key, or not of that size");
	enum ssh_err e = crypt_key_generate(&k, alg, o->bits, &rng);
	if (e != 0)
		return fail(o->type, ssh_err_text(e));
	int status = save(o, &k, &rng);
	crypt_key_wipe(&k);
	return status;
}

/* --- Show --- */

/* The public half and comment of a private key file or of the first key in a public one. */
static enum ssh_err read_public(ssh_bytes text, struct wire_buf *blob, struct wire_buf *comment)
{
	struct crypt_key k = {0};
	struct auth_publine l;
	ssh_bytes line;
	enum ssh_err e = auth_keyfile_parse(&k, comment, crypt_keyalgs, text);
	crypt_key_wipe(&k);
	if (e != SSH_ERR_FILE_FORMAT)
		return auth_keyfile_public(blob, text);
	while (auth_text_line(&text, &line)) {
		if ((e = auth_publine_parse(&l, line)) == SSH_ERR_NOT_FOUND)
			continue;
		if (e == 0)
			wire_put_raw(comment, l.comment);
		return e == 0 ? auth_publine_blob(&l, blob) : e;
	}
	return SSH_ERR_FILE_FORMAT;
}

static enum ssh_err print_key(const struct options *o, ssh_bytes blob, ssh_bytes comment)
{
	struct crypt_key k = {0};
	struct wire_buf line = {0};
	enum ssh_err e = crypt_key_parse_public(&k, crypt_keyalgs, blob);
	if (e != 0)
		return e;
	if (o->what == SHOW_FINGERPRINT) {
		print_fingerprint(k.alg, crypt_key_bits(&k), blob, comment);
	} else {
		auth_publine_put(&line, blob, comment);
		text_print(stdout, wire_buf_view(&line), true);
	}
	crypt_key_wipe(&k);
	wire_buf_wipe(&line);
	return SSH_OK;
}

static int show(const struct options *o)
{
	struct wire_buf text = {0}, blob = {0}, comment = {0};
	int status = 0, error = file_read(o->file, &text);
	enum ssh_err e = SSH_OK;
	if (error != 0)
		return fail(o->file, strerror(error));
	if ((e = read_public(wire_buf_view(&text), &blob, &comment)) != 0 ||
	    (e = print_key(o, wire_buf_view(&blob), wire_buf_view(&comment))) != 0)
		status = fail(o->file, ssh_err_text(e));
	wire_buf_wipe(&text);
	wire_buf_wipe(&blob);
	wire_buf_wipe(&comment);
	return status;
}

/* --- The command line --- */

static bool option(struct options *o, int c, const char *value)
{
	switch (c) {
	case 't':
		o->type = value;
		return true;
	case 'b':
		o->bits = strtoul(value, NULL, 10);
		return o->bits != 0;
	case 'f':
		o->file = value;
		return true;
	case 'C':
		o->comment = value;
		return true;
	case 'N':
		o->passphrase = value;
		return true;
	case 'q':
		o->quiet = true;
		return true;
	case 'y':
		o->what = SHOW_PUBLIC;
		return true;
	case 'l':
		o->what = SHOW_FINGERPRINT;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct options o = {.type = "ed25519", .comment = "", .passphrase = ""};
	int c;
	if (argc == 2 && (strcmp(argv[1], "-?") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	while ((c = getopt(argc, argv, "t:b:f:C:N:qyl")) != -1) {
		if (!option(&o, c, optarg)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (o.file == NULL || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	int status = o.what == MAKE ? make_key(&o) : show(&o);
	if (fflush(stdout) != 0)
		status = fail("standard output", strerror(errno));
	return status;
}
