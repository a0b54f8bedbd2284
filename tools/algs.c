/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/algs.h"

#include <stdio.h>
#include <strings.h>

/* What ssh_config and `ssh -Q` call the kinds. */
static const struct {
	const char *option;
	const char *query;
	enum kex_choose_kind kind;
} kinds[] = {
    {"Ciphers", "cipher", KEX_CHOOSE_CIPHERS},
    {"MACs", "mac", KEX_CHOOSE_MACS},
    {"KexAlgorithms", "kex", KEX_CHOOSE_AGREES},
    {"HostKeyAlgorithms", "key-sig", KEX_CHOOSE_HOST_CERT_SIGS},
    {"Compression", "compression", KEX_CHOOSE_COMPRESS},
    {"PubkeyAcceptedAlgorithms", "key-sig", KEX_CHOOSE_USER_SIGS},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/*
 * Compression has words of its own beside the names. Before authentication a client of ours
 * compresses if it has to; a server shows strangers no inflater.
 */
static const char *spelled(enum kex_choose_kind kind, bool server, const char *value)
{
	if (kind != KEX_CHOOSE_COMPRESS)
		return value;
	if (strcasecmp(value, "no") == 0)
		return server ? "none" : "none,zlib@openssh.com";
	if (strcasecmp(value, "yes") == 0)
		return server ? "none,zlib@openssh.com" : "zlib@openssh.com,zlib,none";
	return strcasecmp(value, "delayed") == 0 ? "zlib@openssh.com,none" : value;
}

int algs_apply(struct kex_chosen *chosen, struct kex_config *c, const char *key, const char *value,
               char *bad)
{
	ssh_bytes name;
	size_t i = 0;
	while (i < KINDS && strcasecmp(key, kinds[i].option) != 0)
		i++;
	if (i == KINDS)
		return 0;
	value = spelled(kinds[i].kind, c->server, value);
	enum ssh_err e = kex_choose(chosen, c, kinds[i].kind, wire_bytes_str(value), &name);
	if (e == SSH_ERR_UNSUPPORTED)
		snprintf(bad, ALGS_NAME, "%.*s", (int)(name.len < 64 ? name.len : 64),
		         (const char *)name.ptr);
	else
		snprintf(bad, ALGS_NAME, "(nothing)");
	return e == 0 ? 1 : -1;
}

bool algs_print(const char *query)
{
	const char *name;
	size_t i = 0;
	while (i < KINDS && strcasecmp(query, kinds[i].query) != 0 &&
	       strcasecmp(query, kinds[i].option) != 0)
		i++;
	for (size_t n = 0; i < KINDS && (name = kex_choose_name(kinds[i].kind, n)) != NULL; n++)
		printf("%s\n", name);
	return i < KINDS;
}
