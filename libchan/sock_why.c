/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

/* What happened, in a sentence. */

/* Append what fits; bytes of the peer's that do not print become '?'. */
static void put(struct sock *s, ssh_bytes text)
{
	size_t at = strlen(s->why);
	for (size_t i = 0; i < text.len && at < SOCK_WHY_SIZE - 1; i++)
		s->why[at++] = (char)(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
	s->why[at] = '\0';
}

static void put_str(struct sock *s, const char *text)
{
	put(s, wire_bytes_str(text));
}

static void tell_alive(struct sock *s)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	if (s->conn.authenticated) {
		put_str(s, "authenticated as ");
		put(s, sock_user(s));
	} else if (s->host_key_asked && sock_host_key_fingerprint(s, fingerprint)) {
		put_str(s, "the server's host key ");
		put_str(s, fingerprint);
		put_str(s, " waits to be accepted");
	} else if (!s->keyed) {
		put_str(s, "keys are being exchanged");
	} else if (s->partial) {
		put_str(s, "accepted, but the server also wants ");
		put(s, wire_buf_view(&s->methods));
	} else if (wire_buf_len(&s->methods) != 0) {
		put_str(s, "authentication was refused; the server takes ");
		put(s, wire_buf_view(&s->methods));
	} else {
		put_str(s, "connected, not authenticated");
	}
}

static void tell_host_key(struct sock *s)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	put_str(s, "host key was not accepted");
	if (s->host_key_wrong && sock_host_key_fingerprint(s, fingerprint)) {
		put_str(s, ": the server has ");
		put_str(s, fingerprint);
	}
	if (s->host_key_wrong && s->config.host_key.len != 0) {
		crypt_key_fingerprint(s->config.host_key, fingerprint);
		put_str(s, ", expected was ");
		put_str(s, fingerprint);
	}
}

static void tell_goodbye(struct sock *s)
{
	const char *reason = wire_reason_name(s->goodbye_reason);
	put_str(s, "peer disconnected (");
	put_str(s, reason);
	put_str(s, ")");
	if (wire_buf_len(&s->goodbye) != 0)
		put_str(s, ": ");
	put(s, wire_buf_view(&s->goodbye));
}

static void tell_offers(struct sock *s)
{
	ssh_bytes ours, theirs;
	if (!kex_failed_offers(&s->conn.kex, &ours, &theirs))
		return;
	put_str(s, "; the peer offers ");
	put(s, theirs);
	put_str(s, "; we offer ");
	put(s, ours);
}

const char *sock_why(struct sock *s)
{
	enum ssh_err e = conn_err(&s->conn);
	s->why[0] = '\0';
	if (s->conn.kex.state != KEX_DEAD) {
		tell_alive(s);
	} else if (e == SSH_OK) {
		put_str(s, "not connected");
	} else if (e == SSH_ERR_HOST_KEY) {
		tell_host_key(s);
	} else if (e == SSH_ERR_DISCONNECTED) {
		tell_goodbye(s);
	} else if (e == SSH_ERR_NO_COMMON) {
		put_str(s, "no algorithm in common for ");
		put_str(s, kex_list_name(kex_failed_list(&s->conn.kex)));
		tell_offers(s);
	} else {
		put_str(s, ssh_err_text(e));
	}
	return s->why;
}
