/* SPDX-License-Identifier: MIT */
#include "libcrypt/cert.h"

/*
 * Internet addresses as text. Both families are kept as IPv6, IPv4 as ::ffff:0:0/96, where a peer
 * behind a dual-stack socket shows up too.
 */

#define ADDRESS_SIZE 16
#define IPV4_PREFIX  96

struct address {
	uint8_t bytes[ADDRESS_SIZE];
	unsigned prefix; /* bits that count */
	bool ipv4;
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	uint8_t lower = c | 0x20;
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* A decimal number at most `max`, all of the text, without needless zeros. */
static bool get_decimal(ssh_bytes text, unsigned max, unsigned *out)
{
	unsigned v = 0;
	if (text.len == 0 || text.len > 3 || (text.len > 1 && text.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
		v = v * 10 + (text.ptr[i] - '0');
	}
	*out = v;
	return v <= max;
}

/* Split at the first `c`; false, and everything in `head`, if there is none. */
static bool split(ssh_bytes text, char c, ssh_bytes *head, ssh_bytes *tail)
{
	const uint8_t *at = text.len == 0 ? NULL : memchr(text.ptr, c, text.len);
	*head = text;
	*tail = wire_bytes(NULL, 0);
	if (at == NULL)
		return false;
	head->len = (size_t)(at - text.ptr);
	*tail = wire_bytes(at + 1, text.len - head->len - 1);
	return true;
}

static bool get_ipv4(ssh_bytes text, uint8_t out[4])
{
	for (size_t i = 0; i < 4; i++) {
		ssh_bytes part;
		unsigned v;
		if (split(text, '.', &part, &text) != (i < 3) || !get_decimal(part, 255, &v))
			return false;
		out[i] = (uint8_t)v;
	}
	return true;
}

/* 1 to 4 hexadecimal digits. */
static bool get_group(ssh_bytes text, uint8_t out[2])
{
	unsigned v = 0;
	if (text.len == 0 || text.len > 4)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int digit = hex_value(text.ptr[i]);
		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
	return true;
}

/* Groups between colons, an IPv4 address at the very end allowed. Returns bytes; -1: malformed. */
static int get_groups(ssh_bytes text, uint8_t *out, bool last)
{
	int n = 0;
	bool more = text.len != 0;
	while (more) {
		ssh_bytes part;
		more = split(text, ':', &part, &text);
		if (!more && last && n <= ADDRESS_SIZE - 4 && get_ipv4(part, out + n))
			return n + 4;
		if (n > ADDRESS_SIZE - 2 || !get_group(part, out + n))
			return -1;
		n += 2;
	}
	return n;
}

/* The bytes behind `text` at "::", if it is there. */
static bool split_gap(ssh_bytes text, ssh_bytes *head, ssh_bytes *tail)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == ':' && text.ptr[i + 1] == ':') {
			*head = wire_bytes(text.ptr, i);
			*tail = wire_bytes(text.ptr + i + 2, text.len - i - 2);
			return true;
		}
	return false;
}

static bool get_ipv6(ssh_bytes text, uint8_t out[ADDRESS_SIZE])
{
	uint8_t behind[ADDRESS_SIZE];
	ssh_bytes head, tail;
	memset(out, 0, ADDRESS_SIZE);
	if (!split_gap(text, &head, &tail))
		return get_groups(text, out, true) == ADDRESS_SIZE;
	int n = get_groups(head, out, false), m = get_groups(tail, behind, true);
	/* The gap stands for one group at least. */
	if (n < 0 || m < 0 || n + m > ADDRESS_SIZE - 2)
		return false;
	memcpy(out + ADDRESS_SIZE - m, behind, (size_t)m);
	return true;
}

static bool get_address(ssh_bytes text, struct address *out)
{
	static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	*out = (struct address){.prefix = ADDRESS_SIZE * 8};
	memcpy(out->bytes, mapped, sizeof mapped);
	out->ipv4 = get_ipv4(text, out->bytes + sizeof mapped);
	return out->ipv4 || get_ipv6(text, out->bytes);
}

/* Is any bit behind the prefix set? Then whoever wrote it meant something else. */
static bool has_host_bits(const struct address *a)
{
	for (unsigned bit = a->prefix; bit < ADDRESS_SIZE * 8; bit++)
		if ((a->bytes[bit / 8] & (0x80 >> bit % 8)) != 0)
			return true;
	return false;
}

static bool get_range(ssh_bytes text, struct address *out)
{
	ssh_bytes address, prefix;
	unsigned n;
	bool ranged = split(text, '/', &address, &prefix);
	if (!get_address(address, out))
		return false;
	if (!ranged)
		return true;
	if (!get_decimal(prefix, out->ipv4 ? 32 : 128, &n))
		return false;
	out->prefix = out->ipv4 ? IPV4_PREFIX + n : n;
	return !has_host_bits(out);
}

static bool contains(const struct address *range, const struct address *a)
{
	for (unsigned bit = 0; bit < range->prefix; bit++)
		if (((range->bytes[bit / 8] ^ a->bytes[bit / 8]) & (0x80 >> bit % 8)) != 0)
			return false;
	return true;
}

enum ssh_err crypt_cert_source(ssh_bytes list, ssh_bytes address)
{
	struct address peer, range;
	enum ssh_err e = SSH_ERR_CERT;
	if (!get_address(address, &peer))
		return SSH_ERR_MALFORMED;
	for (bool more = true; more;) {
		ssh_bytes one;
		more = split(list, ',', &one, &list);
		if (!get_range(one, &range))
			return SSH_ERR_MALFORMED;
		if (contains(&range, &peer))
			e = SSH_OK;
	}
	return e;
}
