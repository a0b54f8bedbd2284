/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/keygen.h"
#include "tools/values.h"

/* The command line of ssh-keygen(1); what it asks for is done in keygen_*.c. */

static const char usage[] =
    "usage: nacre-keygen [-q] [-a rounds] [-b bits] [-C comment] [-f file] [-m format]\n"
    "                    [-N new_passphrase] [-t ed25519|ed448|ecdsa|rsa|dsa] [-Z cipher]\n"
    "       nacre-keygen -A [-q] [-f prefix]\n"
    "       nacre-keygen -p [-a rounds] [-f file] [-m format] [-N new] [-P old] [-Z cipher]\n"
    "       nacre-keygen -c [-C comment] [-f file] [-P passphrase]\n"
    "       nacre-keygen -y [-f file] [-P passphrase]\n"
    "       nacre-keygen -l [-v] [-E sha256|md5] [-f file]\n"
    "       nacre-keygen -L [-f certificate]\n"
    "       nacre-keygen -i [-f file] [-m format] [-N new] [-P old]\n"
    "       nacre-keygen -e [-f file] [-m RFC4716|PKCS8|PEM|PPK|PPK2] [-N new] [-P old]\n"
    "       nacre-keygen -s ca_key -I id [-h] [-n names] [-O option] [-t algorithm]\n"
    "                    [-V [start:]end] [-z serial] file ...\n"
    "       nacre-keygen -k -f list [-u] [-s ca_public] [-z version] file ...\n"
    "       nacre-keygen -Q [-l] -f list [file ...]\n"
    "       nacre-keygen -Y sign -f key -n namespace [-O hashalg=sha256] [file ...]\n"
    "       nacre-keygen -Y verify -f signers -I who -n namespace -s signature [-r list] <file\n"
    "       nacre-keygen -Y find-principals -f signers -s signature\n"
    "       nacre-keygen -Y match-principals -f signers -I who\n"
    "       nacre-keygen -Y check-novalidate -n namespace -s signature <file\n"
    "       nacre-keygen -M generate [-O option] candidates\n"
    "       nacre-keygen -M screen [-f candidates] [-O option] moduli\n"
    "       nacre-keygen -F host [-Hlv] [-f known_hosts]\n"
    "       nacre-keygen -R host [-f known_hosts]\n"
    "       nacre-keygen -H [-f known_hosts]\n";

/* The letters that say what to do. With some of them -l and -H say how. */
static const char tasks[] = "ApcylLieksQYFRHM";

static int sign_or_verify(const struct keygen_options *o)
{
	static const char *const verbs[] = {"verify", "find-principals", "match-principals",
	                                    "check-novalidate", NULL};
	if (strcmp(o->action, "sign") == 0)
		return keygen_sign(o);
	for (size_t i = 0; verbs[i] != NULL; i++)
		if (strcmp(o->action, verbs[i]) == 0)
			return keygen_verify(o);
	return keygen_fail(o->action, "nothing that -Y does");
}

/** A letter and what it does: the first row that was given counts. */
static const struct {
	char letter;
	int (*run)(const struct keygen_options *o);
} rows[] = {
    {'Y', sign_or_verify},
    {'M', keygen_moduli},
    {'A', keygen_host_keys},
    {'k', keygen_revoke},
    {'Q', keygen_ask_revoked},
    {'F', keygen_find_host},
    {'R', keygen_remove_host},
    {'H', keygen_hash_hosts},
    {'s', keygen_certify},
    {'l', keygen_show_fingerprints},
    {'L', keygen_show_certificates},
    {'p', keygen_change_passphrase},
    {'c', keygen_change_comment},
    {'e', keygen_export},
    {'i', keygen_import},
    {'y', keygen_show_public},
    {'\0', keygen_make},
};

/* Letters with a value that is kept as it is. */
static const char **place_of(struct keygen_options *o, int c)
{
	switch (c) {
	case 't':
		return &o->type;
	case 'f':
		return &o->file;
	case 'C':
		return &o->comment;
	case 'P':
		return &o->old_passphrase;
	case 'N':
		return &o->new_passphrase;
	case 'E':
		return &o->digest;
	case 'm':
		return &o->format;
	case 'Z':
		return &o->cipher;
	case 's':
		return &o->authority;
	case 'I':
		return &o->id;
	case 'n':
		return &o->names;
	case 'V':
		return &o->validity;
	case 'z':
		return &o->serial;
	case 'F':
	case 'R':
		return &o->host;
	case 'Y':
	case 'M':
		return &o->action;
	case 'r':
		return &o->revoked;
	default:
		return NULL;
	}
}

static bool get_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;
	*out = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *out != 0 && *out <= max;
}

static bool option(struct keygen_options *o, int c, const char *value)
{
	const char **place = place_of(o, c);
	unsigned long n;
	if (place != NULL) {
		*place = value;
		return true;
	}
	switch (c) {
	case 'b':
	case 'a':
		if (!get_number(value, 1 << 24, &n))
			return false;
		if (c == 'b')
			o->bits = n;
		else
			o->rounds = (uint32_t)n;
		return true;
	case 'O':
		return value_push(o->options, KEYGEN_OPTIONS_MAX, value);
	case 'q':
		return o->quiet = true;
	case 'v':
		return o->verbose = true;
	case 'h':
		return o->for_host = true;
	case 'u':
		return o->update = true;
	case 'l':
		return o->list = true;
	case 'H':
		return o->hashed = true;
	default:
		return strchr(tasks, c) != NULL && c != 0;
	}
}

static int run(const struct keygen_options *o, const bool given[256])
{
	size_t i = 0;
	while (rows[i].letter != '\0' && !given[(unsigned char)rows[i].letter])
		i++;
	if (o->digest != NULL && strcasecmp(o->digest, "sha256") != 0 &&
	    strcasecmp(o->digest, "md5") != 0)
		return keygen_fail(o->digest, "no such digest: sha256 or md5");
	return rows[i].run(o);
}

int main(int argc, char **argv)
{
	struct keygen_options o = {.type = NULL};
	bool given[256] = {false};
	int c;
	if (argc == 2 && (strcmp(argv[1], "-?") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	while ((c = getopt(argc, argv,
	                   "a:Ab:cC:eE:f:F:hHiI:klLm:M:n:N:O:pP:qQr:R:s:t:uvV:yY:z:Z:")) != -1) {
		if (!option(&o, c, optarg)) {
			fputs(usage, stderr);
			return 1;
		}
		given[(unsigned char)c] = true;
	}
	o.files = argv + optind;
	o.count = (size_t)(argc - optind);
	bool many = given['s'] || given['k'] || given['Q'] || given['Y'] || given['M'];
	if (o.count != 0 && !many) {
		fputs(usage, stderr);
		return 1;
	}
	int status = run(&o, given);
	if (fflush(stdout) != 0)
		status = keygen_fail("standard output", strerror(errno));
	return status;
}
