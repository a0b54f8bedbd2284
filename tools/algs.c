/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/algs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "libwire/names.h"

/*
 * The four kinds of descriptor all begin with their name, and a choice is an array of pointers to
 * them: here each is seen as an array of `void *` whose elements are copied as they are.
 */
struct kind {
	const char *option;
	const char *query;
	const void *const *known; /* may be chosen */
	const void *const *offer; /* the default */
};

#define AS_LIST(a) ((const void *const *)(const void *)(a))

static const char *name_of(const void *descriptor)
{
	const char *name;
	memcpy(&name, descriptor, sizeof name);
	return name;
}

static void kind_of(const char *option, struct kind *k)
{
	const struct kind kinds[] = {
	    {"Ciphers", "cipher", AS_LIST(crypt_ciphers_legacy), AS_LIST(crypt_ciphers)},
	    {"MACs", "mac", AS_LIST(crypt_macs_legacy), AS_LIST(crypt_macs)},
	    {"KexAlgorithms", "kex", AS_LIST(kex_agrees), AS_LIST(kex_agrees)},
	    {"HostKeyAlgorithms", "key-sig", AS_LIST(crypt_sigalgs_legacy), AS_LIST(crypt_sigalgs)},
	    {"PubkeyAcceptedAlgorithms", "key-sig", AS_LIST(crypt_sigalgs_legacy),
	     AS_LIST(crypt_sigalgs)},
	};
	*k = (struct kind){0};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcasecmp(option, kinds[i].option) == 0 ||
		    strcmp(option, kinds[i].query) == 0) {
			*k = kinds[i];
			return;
		}
}

static size_t count(const void *const *list)
{
	size_t n = 0;
	while (list[n] != NULL)
		n++;
	return n;
}

static size_t find(const void *const *list, ssh_bytes name)
{
	size_t i = 0;
	while (list[i] != NULL && !wire_bytes_is(name, name_of(list[i])))
		i++;
	return i;
}

static void append(const void **out, const void *item)
{
	size_t n = count(out);
	if (find(out, wire_bytes_str(name_of(item))) == n && n + 1 < ALGS_MAX)
		out[n] = item;
}

static void append_all(const void **out, const void *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		append(out, list[i]);
}

static bool append_named(const void **out, const struct kind *k, const char *names, char *bad)
{
	struct wire_names w = wire_names_of(wire_bytes_str(names));
	ssh_bytes name;
	while (wire_names_next(&w, &name)) {
		size_t at = find(k->known, name);
		if (k->known[at] == NULL) {
			snprintf(bad, ALGS_NAME, "%.*s", (int)(name.len < 64 ? name.len : 64),
			         (const char *)name.ptr);
			return false;
		}
		append(out, k->known[at]);
	}
	return true;
}

static bool choose(const void **out, const struct kind *k, const char *value, char *bad)
{
	const void *named[ALGS_MAX] = {NULL};
	char how = value[0];
	const char *names = strchr("+-^", how) != NULL && how != '\0' ? value + 1 : value;
	snprintf(bad, ALGS_NAME, "(nothing)");
	if (!append_named(named, k, names, bad))
		return false;
	memset(out, 0, ALGS_MAX * sizeof *out);
	if (how == '+')
		append_all(out, k->offer);
	if (how != '-')
		append_all(out, named);
	if (how == '^')
		append_all(out, k->offer);
	for (size_t i = 0; how == '-' && k->offer[i] != NULL; i++)
		if (named[find(named, wire_bytes_str(name_of(k->offer[i])))] == NULL)
			append(out, k->offer[i]);
	return out[0] != NULL;
}

int algs_apply(struct algs *a, struct kex_config *c, const char *key, const char *value, char *bad)
{
	const void *chosen[ALGS_MAX];
	struct kind k;
	kind_of(key, &k);
	if (k.option == NULL || strcasecmp(key, k.option) != 0)
		return 0;
	if (!choose(chosen, &k, value, bad))
		return -1;
	if (strcasecmp(key, "Ciphers") == 0) {
		memcpy(a->ciphers, chosen, sizeof chosen);
		c->ciphers[KEX_CS] = c->ciphers[KEX_SC] = a->ciphers;
	} else if (strcasecmp(key, "MACs") == 0) {
		memcpy(a->macs, chosen, sizeof chosen);
		c->macs[KEX_CS] = c->macs[KEX_SC] = a->macs;
	} else if (strcasecmp(key, "KexAlgorithms") == 0) {
		memcpy(a->agrees, chosen, sizeof chosen);
		c->agrees = a->agrees;
	} else if (strcasecmp(key, "HostKeyAlgorithms") == 0) {
		memcpy(a->host_sigs, chosen, sizeof chosen);
		c->host_sigs = a->host_sigs;
	} else {
		memcpy(a->user_sigs, chosen, sizeof chosen);
		c->user_sigs = a->user_sigs;
	}
	return 1;
}

bool algs_print(const char *kind)
{
	struct kind k;
	kind_of(kind, &k);
	for (size_t i = 0; k.known != NULL && k.known[i] != NULL; i++)
		printf("%s\n", name_of(k.known[i]));
	return k.known != NULL;
}
