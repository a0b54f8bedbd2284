/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "tools/values.h"

#include <stdlib.h>
#include <strings.h>

#include "libwire/mpint.h"

bool value_flag(const char *value, bool *out)
{
	*out = strcasecmp(value, "yes") == 0;
	return *out || strcasecmp(value, "no") == 0;
}

bool value_push(const char **list, size_t max, const char *item)
{
	size_t n = 0;
	while (list[n] != NULL)
		n++;
	if (n >= max)
		return false;
	list[n] = item;
	return true;
}

bool value_scaled(const char *value, const char *units, const uint64_t *factors, uint64_t *out)
{
	char *end;
	uint64_t factor = 1;
	if (value[0] < '0' || value[0] > '9')
		return false;
	unsigned long long n = strtoull(value, &end, 10);
	for (size_t i = 0; *end != '\0' && units[i] != '\0'; i++)
		if (strncasecmp(end, &units[i], 1) == 0) {
			factor = factors[i];
			end++;
			break;
		}
	if (*end != '\0' || n > UINT64_MAX / factor)
		return false;
	*out = (uint64_t)n * factor;
	return true;
}

static bool size_value(const char *value, uint64_t *out)
{
	static const uint64_t factors[] = {1 << 10, 1 << 20, 1 << 30};
	return strcasecmp(value, "default") == 0 || value_scaled(value, "kmg", factors, out);
}

bool value_time(const char *value, uint64_t *ms)
{
	static const uint64_t factors[] = {1, 60, 3600, 86400};
	uint64_t s;
	if (!value_scaled(value, "smhd", factors, &s) || s > UINT64_MAX / 1000)
		return false;
	*ms = s * 1000;
	return true;
}

static bool rekey(struct kex_config *c, char *value)
{
	char *time = strpbrk(value, " \t");
	if (time != NULL) {
		*time++ = '\0';
		time += strspn(time, " \t");
		if (strcasecmp(time, "none") != 0 && !value_time(time, &c->rekey_ms))
			return false;
	}
	return size_value(value, &c->rekey_bytes);
}

static bool bits(const char *value, uint64_t least, uint64_t *out)
{
	return value_scaled(value, "", NULL, out) && *out >= least && *out <= WIRE_MPINT_MAX_BITS;
}

/* Bits of a modulus. What is weak may be had, by those who say so. */
static bool gex_size(struct kex_config *c, const char *key, const char *value, bool *known)
{
	const struct {
		const char *name;
		uint32_t *to;
	} sizes[] = {
	    {"GroupExchangeMin", &c->gex.min_bits},
	    {"GroupExchangeMax", &c->gex.max_bits},
	    {"GroupExchangePreferred", &c->gex.preferred_bits},
	};
	size_t n = c->server ? 2 : 3;
	uint64_t v;
	for (size_t i = 0; i < n; i++) {
		*known = strcasecmp(key, sizes[i].name) == 0;
		if (!*known)
			continue;
		bool ok = bits(value, 512, &v);
		*sizes[i].to = ok ? (uint32_t)v : 0;
		return ok;
	}
	return false;
}

static bool gex_switch(struct kex_config *c, const char *key, const char *value, bool *known)
{
	bool test = true;
	*known = !c->server && strcasecmp(key, "GroupExchangeOldRequest") == 0;
	if (*known)
		return value_flag(value, &c->gex.old_request);
	*known = !c->server && strcasecmp(key, "GroupExchangeTest") == 0;
	if (!*known || !value_flag(value, &test))
		return false;
	c->gex.untested = !test;
	return true;
}

bool value_transport(struct kex_config *c, const char *key, char *value, bool *known)
{
	uint64_t n;
	bool ok = gex_size(c, key, value, known);
	if (!*known)
		ok = gex_switch(c, key, value, known);
	if (*known)
		return ok;
	*known = true;
	if (strcasecmp(key, "RekeyLimit") == 0)
		return rekey(c, value);
	if (strcasecmp(key, "RekeyPackets") == 0)
		return value_scaled(value, "", NULL, &c->rekey_packets);
	if (strcasecmp(key, "RekeyBlocks") == 0)
		return value_scaled(value, "", NULL, &c->rekey_blocks);
	*known = strcasecmp(key, "RequiredRSASize") == 0;
	if (!*known || !bits(value, 1024, &n))
		return false;
	c->rsa_min_bits = (size_t)n;
	return true;
}
