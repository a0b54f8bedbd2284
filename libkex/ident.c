/* SPDX-License-Identifier: MIT */
#include "libkex/ident.h"

static const char prefix[] = "SSH-";
#define PREFIX_LEN (sizeof prefix - 1)

static bool begins_ssh(ssh_bytes line)
{
	return line.len >= PREFIX_LEN && memcmp(line.ptr, prefix, PREFIX_LEN) == 0;
}

/* The part of `in` before the byte `c`; all of it, and false, if there is none. */
static bool cut_at(ssh_bytes in, uint8_t c, ssh_bytes *head, ssh_bytes *tail)
{
	const uint8_t *at = in.len == 0 ? NULL : memchr(in.ptr, c, in.len);
	if (at == NULL) {
		*head = in;
		*tail = wire_bytes(NULL, 0);
		return false;
	}
	*head = wire_bytes(in.ptr, (size_t)(at - in.ptr));
	*tail = wire_bytes_skip(in, head->len + 1);
	return true;
}

enum ssh_err kex_ident_parse(ssh_bytes line, struct kex_ident *out)
{
	ssh_bytes rest;
	*out = (struct kex_ident){.line = line};
	if (!begins_ssh(line) || memchr(line.ptr, 0, line.len) != NULL ||
	    memchr(line.ptr, '\r', line.len) != NULL)
		return SSH_ERR_IDENT;
	if (!cut_at(wire_bytes_skip(line, PREFIX_LEN), '-', &out->version, &rest))
		return SSH_ERR_IDENT;
	cut_at(rest, ' ', &out->software, &out->comment);
	if (out->software.len == 0)
		return SSH_ERR_IDENT;
	if (!wire_bytes_is(out->version, "2.0") && !wire_bytes_is(out->version, "1.99"))
		return SSH_ERR_VERSION;
	return SSH_OK;
}

enum ssh_err kex_ident_scan(ssh_bytes in, bool server, size_t *lines, struct kex_ident_scan *out)
{
	*out = (struct kex_ident_scan){0};
	for (;;) {
		ssh_bytes line, rest;
		ssh_bytes here = wire_bytes_skip(in, out->used);
		bool whole = cut_at(here, '\n', &line, &rest);
		/* A prefix of "SSH-" may still become one: the bound is the longer line's. */
		bool ours = begins_ssh(line);
		size_t max = ours || server ? KEX_IDENT_MAX : KEX_IDENT_LINE_MAX;
		if (line.len + (whole ? 1 : 0) > max || (!whole && line.len >= max))
			return SSH_ERR_IDENT;
		if (server && !ours && (whole || line.len >= PREFIX_LEN))
			return SSH_ERR_IDENT;
		if (!whole)
			return SSH_OK;
		out->used += line.len + 1;
		if (ours) {
			if (line.ptr[line.len - 1] == '\r')
				line.len--;
			out->line = line;
			out->found = true;
			return SSH_OK;
		}
		if (++*lines > KEX_IDENT_LINES_MAX)
			return SSH_ERR_IDENT;
	}
}
