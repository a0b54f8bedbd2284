/* SPDX-License-Identifier: MIT */
#include "libauth/text.h"
#include "libchan/sock_impl.h"

/* The text of known_hosts files: which key a host has, and which kinds to ask it for. */

static enum ssh_err put_name(const struct sock *s, struct wire_buf *name)
{
	uint16_t port = s->config.port == 0 ? AUTH_PORT_DEFAULT : s->config.port;
	auth_known_name_put(name, wire_bytes_str(s->config.host), port);
	return wire_buf_end(name);
}

bool sock_known_allows(struct sock *s, ssh_bytes blob)
{
	struct wire_buf name = {0};
	enum ssh_err e = put_name(s, &name);
	if (e == 0)
		e = auth_known_find(s->config.known_hosts, wire_buf_view(&name), blob, &s->known);
	wire_buf_wipe(&name);
	if (e != 0)
		kex_fail(&s->conn.kex, e); /* not to know is not the same as to know nothing */
	return e == 0 &&
	       (s->known.known == AUTH_KNOWN_MATCH || s->known.known == AUTH_KNOWN_NOTHING);
}

static bool is_held(ssh_bytes text, ssh_bytes name, const char *type)
{
	struct auth_known_line l;
	ssh_bytes line;
	while (auth_text_line(&text, &line))
		if (auth_known_line_parse(&l, line) == 0 && l.marker == AUTH_MARKER_NONE &&
		    wire_bytes_is(l.key.type, type) && auth_known_line_matches(&l, name))
			return true;
	return false;
}

static void prefer(struct sock *s, ssh_bytes name)
{
	const struct crypt_sigalg *const *offer = s->config.kex.host_sigs;
	size_t n = 0;
	for (int held = 1; held >= 0; held--)
		for (size_t i = 0; offer[i] != NULL && n < SOCK_SIGS_MAX; i++)
			if (is_held(s->config.known_hosts, name, offer[i]->key->name) ==
			    (held == 1))
				s->host_sigs[n++] = offer[i];
	s->host_sigs[n] = NULL;
	s->config.kex.host_sigs = s->host_sigs;
}

enum ssh_err sock_known_prefer(struct sock *s)
{
	struct wire_buf name = {0};
	if (s->config.kex.server || s->config.known_hosts.len == 0 ||
	    s->config.kex.host_sigs == NULL)
		return SSH_OK;
	if (s->config.host == NULL)
		return SSH_ERR_ARGUMENT;
	enum ssh_err e = put_name(s, &name);
	if (e == 0)
		prefer(s, wire_buf_view(&name));
	wire_buf_wipe(&name);
	return e;
}
