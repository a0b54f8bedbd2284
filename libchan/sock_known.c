/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"
#include "libcrypt/cert.h"

/* The text of known_hosts files: which key a host has, and which kinds to ask it for. */

static enum ssh_err put_name(const struct sock *s, uint16_t port, struct wire_buf *name)
{
	auth_known_name_put(name, wire_bytes_str(s->config.host), port);
	return wire_buf_end(name);
}

static uint16_t port_of(const struct sock *s)
{
	return s->config.port == 0 ? AUTH_PORT_DEFAULT : s->config.port;
}

static enum ssh_err look_up(struct sock *s, ssh_bytes name, ssh_bytes blob)
{
	return auth_known_find(s->config.known_hosts, name, blob, &s->known);
}

/* A certificate stands or falls by an authority of this host's; nobody is asked. */
static enum ssh_err check_cert(struct sock *s, ssh_bytes name, ssh_bytes blob)
{
	struct wire_buf principal = {0};
	struct auth_known_host host = {.name = name, .now = sock_clock_seconds()};
	enum ssh_err e = put_name(s, AUTH_PORT_DEFAULT, &principal);
	host.principal = wire_buf_view(&principal);
	if (e == 0)
		e = auth_known_check_cert(s->config.known_hosts, &host, blob, &s->known.line,
		                          &s->cert_why);
	wire_buf_wipe(&principal);
	s->known.known = e == 0 ? AUTH_KNOWN_MATCH : AUTH_KNOWN_CHANGED;
	return e == SSH_ERR_NO_MEMORY ? e : SSH_OK;
}

bool sock_known_allows(struct sock *s, ssh_bytes blob, bool is_cert)
{
	struct wire_buf name = {0};
	enum ssh_err e = put_name(s, port_of(s), &name);
	if (e == 0)
		e = is_cert ? check_cert(s, wire_buf_view(&name), blob)
		            : look_up(s, wire_buf_view(&name), blob);
	wire_buf_wipe(&name);
	if (e != 0)
		kex_fail(&s->conn.kex, e); /* not to know is not the same as to know nothing */
	return e == 0 &&
	       (s->known.known == AUTH_KNOWN_MATCH || s->known.known == AUTH_KNOWN_NOTHING);
}

/* Certificates are for those whose authority is in the file; a choice of the caller's stays one. */
static void prefer_known(struct sock *s, ssh_bytes name)
{
	static const struct crypt_sigalg *const certs[] = {
	    &crypt_cert_sig_ed25519,        &crypt_cert_sig_ecdsa_nistp256,
	    &crypt_cert_sig_ecdsa_nistp384, &crypt_cert_sig_ecdsa_nistp521,
	    &crypt_cert_sig_rsa_sha2_512,   &crypt_cert_sig_rsa_sha2_256,
	};
	const struct crypt_sigalg *offer[SOCK_SIGS_MAX + 1];
	const struct crypt_sigalg *const *own = s->config.kex.host_sigs;
	size_t n = 0;
	if (own == crypt_sigalgs)
		for (; n < sizeof certs / sizeof certs[0]; n++)
			offer[n] = certs[n];
	while (*own != NULL && n < SOCK_SIGS_MAX)
		offer[n++] = *own++;
	offer[n] = NULL;
	n = auth_known_order(s->config.known_hosts, name, offer, s->host_sigs, SOCK_SIGS_MAX + 1);
	/* Nothing but certificates of strangers: that is for the server to hear, and for sock_why. */
	if (n != 0)
		s->config.kex.host_sigs = s->host_sigs;
}

/* A server may have several keys: the expected one is asked for before the others. */
static void prefer_expected(struct sock *s)
{
	const struct crypt_sigalg *const *own = s->config.kex.host_sigs;
	struct wire_reader r;
	size_t n = 0;
	wire_reader_init(&r, s->config.host_key);
	ssh_bytes type = wire_get_string(&r);
	for (int same = 1; same >= 0; same--)
		for (size_t i = 0; own[i] != NULL && n < SOCK_SIGS_MAX; i++)
			if (wire_bytes_is(type, own[i]->key->name) == (same == 1))
				s->host_sigs[n++] = own[i];
	s->host_sigs[n] = NULL;
	s->config.kex.host_sigs = s->host_sigs;
}

enum ssh_err sock_known_prefer(struct sock *s)
{
	struct wire_buf name = {0};
	enum ssh_err e = SSH_OK;
	if (s->config.kex.server || s->config.kex.host_sigs == NULL)
		return SSH_OK;
	if (s->config.host_key.len != 0) {
		prefer_expected(s);
	} else if (s->config.known_hosts.len != 0) {
		if (s->config.host == NULL)
			return SSH_ERR_ARGUMENT;
		if ((e = put_name(s, port_of(s), &name)) == 0)
			prefer_known(s, wire_buf_view(&name));
		wire_buf_wipe(&name);
	}
	return e;
}
