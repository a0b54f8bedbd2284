/* SPDX-License-Identifier: MIT */
#include "libwire/names.h"

bool wire_names_next(struct wire_names *w, ssh_bytes *name)
{
	if (!w->more)
		return false;
	const uint8_t *comma = w->rest.len == 0 ? NULL : memchr(w->rest.ptr, ',', w->rest.len);
	size_t n = comma == NULL ? w->rest.len : (size_t)(comma - w->rest.ptr);
	*name = wire_bytes(w->rest.ptr, n);
	w->more = comma != NULL;
	w->rest = wire_bytes_skip(w->rest, n + 1);
	return true;
}

bool wire_names_has(ssh_bytes list, ssh_bytes name)
{
	struct wire_names w = wire_names_of(list);
	ssh_bytes n;
	while (wire_names_next(&w, &n))
		if (wire_bytes_equal(n, name))
			return true;
	return false;
}

bool wire_names_common(ssh_bytes client, ssh_bytes server, ssh_bytes *name)
{
	struct wire_names w = wire_names_of(client);
	ssh_bytes n;
	/* The bound keeps hostile lists from costing the product of their lengths. */
	for (size_t i = 0; i < WIRE_NAMES_MAX && wire_names_next(&w, &n); i++) {
		if (wire_name_valid(n) && wire_names_has(server, n)) {
			*name = n;
			return true;
		}
	}
	return false;
}

static bool printable(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

bool wire_name_valid(ssh_bytes name)
{
	unsigned at = 0;
	if (name.len == 0 || name.len > WIRE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!printable(name.ptr[i]) || name.ptr[i] == ',')
			return false;
		at += name.ptr[i] == '@';
	}
	return at <= 1;
}

static bool well_formed(ssh_bytes name)
{
	if (name.len > WIRE_NAME_HARD_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!printable(name.ptr[i]))
			return false;
	return true;
}

enum ssh_err wire_names_check(ssh_bytes list)
{
	struct wire_names w = wire_names_of(list);
	ssh_bytes n;
	size_t count = 0;
	while (wire_names_next(&w, &n))
		if (!well_formed(n) || ++count > WIRE_NAMES_MAX)
			return SSH_ERR_NAME_LIST;
	return SSH_OK;
}

static uint8_t folded(uint8_t c, bool fold)
{
	return fold && c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* To remember the last star alone is enough: what it takes more, an earlier one need not. */
bool wire_glob(ssh_bytes pattern, ssh_bytes s, bool fold)
{
	size_t p = 0, i = 0, star = pattern.len, from = 0;
	while (i < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.len &&
		           (pattern.ptr[p] == '?' ||
		            folded(pattern.ptr[p], fold) == folded(s.ptr[i], fold))) {
			p++;
			i++;
		} else if (star < pattern.len) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
