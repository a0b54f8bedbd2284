/* SPDX-License-Identifier: MIT */
#include "libkex/choose.h"

#include "libcrypt/cert.h"
#include "libwire/names.h"

#include <stddef.h>

/*
 * Descriptors of every kind begin with their name, and a choice is an array of pointers to them:
 * here each array is seen as one of `const void *`, whose elements are copied as they are.
 */
struct kind {
	const void *const *known; /* may be chosen */
	const void *const *offer; /* the default */
	size_t store;             /* where in struct kex_chosen its array is */
	size_t config;            /* where in struct kex_config its pointer is, */
	size_t pointers;          /* or the first of so many */
};

#define LIST(a) ((const void *const *)(const void *)(a))
#define KIND(known, offer, store, config, pointers)                                                \
	{                                                                                          \
		LIST(known), LIST(offer), offsetof(struct kex_chosen, store),                      \
		    offsetof(struct kex_config, config), pointers                                  \
	}

static const struct kind kinds[KEX_CHOOSE_KINDS] = {
    [KEX_CHOOSE_AGREES] = KIND(kex_agrees_legacy, kex_agrees, agrees, agrees, 1),
    [KEX_CHOOSE_HOST_SIGS] =
        KIND(crypt_sigalgs_with_certs_legacy, crypt_sigalgs, host_sigs, host_sigs, 1),
    [KEX_CHOOSE_CIPHERS] = KIND(crypt_ciphers_legacy, crypt_ciphers, ciphers, ciphers, 2),
    [KEX_CHOOSE_MACS] = KIND(crypt_macs_legacy, crypt_macs, macs, macs, 2),
    [KEX_CHOOSE_COMPRESS] = KIND(crypt_compresses_legacy, crypt_compresses, compress, compress, 2),
    [KEX_CHOOSE_USER_SIGS] =
        KIND(crypt_sigalgs_with_certs_legacy, crypt_sigalgs_with_certs, user_sigs, user_sigs, 1),
    [KEX_CHOOSE_HOST_CERT_SIGS] =
        KIND(crypt_sigalgs_with_certs_legacy, crypt_sigalgs_with_certs, host_sigs, host_sigs, 1),
};

/* An array under construction. */
struct list {
	const void *item[KEX_CHOOSE_MAX];
	size_t count;
};

static const char *name_of(const void *descriptor)
{
	const char *name;
	memcpy(&name, descriptor, sizeof name);
	return name;
}

static void append(struct list *l, const void *item)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->item[i] == item)
			return;
	if (l->count + 1 < KEX_CHOOSE_MAX)
		l->item[l->count++] = item;
}

static void append_all(struct list *l, const void *const *items)
{
	for (; *items != NULL; items++)
		append(l, *items);
}

static const void *find(const void *const *items, ssh_bytes name)
{
	while (*items != NULL && !wire_bytes_is(name, name_of(*items)))
		items++;
	return *items;
}

static enum ssh_err append_named(struct list *l, const struct kind *kind, ssh_bytes names,
                                 ssh_bytes *bad)
{
	struct wire_names w = wire_names_of(names);
	ssh_bytes name;
	while (wire_names_next(&w, &name)) {
		const void *item = find(kind->known, name);
		if (item == NULL) {
			*bad = name;
			return SSH_ERR_UNSUPPORTED;
		}
		append(l, item);
	}
	return SSH_OK;
}

static bool matches_any(ssh_bytes patterns, const char *name)
{
	struct wire_names w = wire_names_of(patterns);
	ssh_bytes pattern;
	while (wire_names_next(&w, &pattern))
		if (wire_glob(pattern, wire_bytes_str(name), false))
			return true;
	return false;
}

static void append_others(struct list *l, const struct kind *kind, ssh_bytes patterns)
{
	for (size_t i = 0; kind->offer[i] != NULL; i++)
		if (!matches_any(patterns, name_of(kind->offer[i])))
			append(l, kind->offer[i]);
}

static enum ssh_err build(struct list *l, const struct kind *kind, ssh_bytes text, ssh_bytes *bad)
{
	char how = text.len == 0 ? '\0' : (char)text.ptr[0];
	ssh_bytes names = wire_bytes_skip(text, 1);
	enum ssh_err e;
	switch (how) {
	case '+':
		append_all(l, kind->offer);
		return append_named(l, kind, names, bad);
	case '^':
		e = append_named(l, kind, names, bad);
		append_all(l, kind->offer);
		return e;
	case '-':
		append_others(l, kind, names);
		return SSH_OK;
	default:
		return append_named(l, kind, text, bad);
	}
}

enum ssh_err kex_choose(struct kex_chosen *store, struct kex_config *c, enum kex_choose_kind which,
                        ssh_bytes text, ssh_bytes *bad)
{
	struct list l = {0};
	*bad = wire_bytes(NULL, 0);
	if ((unsigned)which >= KEX_CHOOSE_KINDS)
		return SSH_ERR_ARGUMENT;
	const struct kind *kind = &kinds[which];
	enum ssh_err e = build(&l, kind, text, bad);
	if (e != 0 || l.count == 0)
		return e != 0 ? e : SSH_ERR_ARGUMENT;
	uint8_t *array = (uint8_t *)store + kind->store;
	memcpy(array, l.item, sizeof l.item);
	for (size_t i = 0; i < kind->pointers; i++)
		memcpy((uint8_t *)c + kind->config + i * sizeof array, &array, sizeof array);
	return SSH_OK;
}

const char *kex_choose_name(enum kex_choose_kind which, size_t i)
{
	size_t n = 0;
	if ((unsigned)which >= KEX_CHOOSE_KINDS)
		return NULL;
	while (n < i && kinds[which].known[n] != NULL)
		n++;
	return kinds[which].known[n] == NULL ? NULL : name_of(kinds[which].known[n]);
}
