/* SPDX-License-Identifier: MIT */
#include "libchan/sock_impl.h"

/* What happened, in a sentence. */

/* Append what fits; bytes of the peer's that do not print become '?'. */
static void put(char *out, ssh_bytes text)
{
	size_t at = strlen(out);
	for (size_t i = 0; i < text.len && at < SOCK_WHY_SIZE - 1; i++)
		out[at++] = (char)(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
	out[at] = '\0';
}

static void put_str(char *out, const char *text)
{
	put(out, wire_bytes_str(text));
}

static void put_number(char *out, size_t n)
{
	char digits[24] = {0};
	size_t at = sizeof digits - 1;
	do {
		digits[--at] = (char)('0' + n % 10);
	} while ((n /= 10) != 0);
	put_str(out, digits + at);
}

static void put_fingerprint(char *out, ssh_bytes key)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	if (key.len == 0)
		return;
	crypt_key_fingerprint(key, fingerprint);
	put_str(out, fingerprint);
}

static ssh_bytes user(const struct sock *s)
{
	return s->config.kex.server ? wire_buf_view(&s->user) : wire_bytes_str(s->config.user);
}

static void tell_refusal(const struct sock *s, char *out)
{
	static const char *const names[] = {"UNKNOWN", "ADMINISTRATIVELY_PROHIBITED",
	                                    "CONNECT_FAILED", "UNKNOWN_CHANNEL_TYPE",
	                                    "RESOURCE_SHORTAGE"};
	uint32_t reason = s->refusal_reason;
	put_str(out, "the peer did not open the channel (");
	put_str(out, names[reason < sizeof names / sizeof names[0] ? reason : 0]);
	put_str(out, ")");
	if (wire_buf_len(&s->refusal) != 0)
		put_str(out, ": ");
	put(out, wire_buf_view(&s->refusal));
}

static void tell_alive(const struct sock *s, char *out)
{
	if (s->refusal_reason != 0) {
		tell_refusal(s, out);
	} else if (s->conn.authenticated) {
		put_str(out, "authenticated as ");
		put(out, user(s));
	} else if (s->host_key_asked) {
		put_str(out, "the server's host key ");
		put_fingerprint(out, wire_buf_view(&s->host_key));
		put_str(out, " waits to be accepted");
	} else if (!s->keyed) {
		put_str(out, "keys are being exchanged");
	} else if (s->partial) {
		put_str(out, "accepted, but the server also wants ");
		put(out, wire_buf_view(&s->methods));
	} else if (wire_buf_len(&s->methods) != 0) {
		put_str(out, "authentication was refused; the server takes ");
		put(out, wire_buf_view(&s->methods));
	} else {
		put_str(out, "connected, not authenticated");
	}
}

static void tell_known(const struct sock *s, char *out)
{
	if (s->cert_why != NULL && s->cert_why[0] != '\0') {
		put_str(out, ", whose certificate is not good: ");
		put_str(out, s->cert_why);
		return;
	}
	switch (s->known.known) {
	case AUTH_KNOWN_CHANGED:
		put_str(out, ", and known_hosts has another for ");
		break;
	case AUTH_KNOWN_REVOKED:
		put_str(out, ", and known_hosts revokes it for ");
		break;
	default:
		put_str(out, ", and known_hosts has none for ");
		break;
	}
	put_str(out, s->config.host);
	if (s->known.line != 0) {
		put_str(out, ", line ");
		put_number(out, s->known.line);
	}
}

static void tell_host_key(const struct sock *s, char *out)
{
	put_str(out, "host key was not accepted");
	if (s->host_key_wrong && wire_buf_len(&s->host_key) != 0) {
		put_str(out, ": the server has ");
		put_fingerprint(out, wire_buf_view(&s->host_key));
	}
	if (s->host_key_wrong && s->config.host_key.len != 0) {
		put_str(out, ", expected was ");
		put_fingerprint(out, s->config.host_key);
	} else if (s->host_key_wrong && s->config.known_hosts.len != 0) {
		tell_known(s, out);
	}
}

static void tell_goodbye(const struct sock *s, char *out)
{
	put_str(out, "peer disconnected (");
	put_str(out, wire_reason_name(s->goodbye_reason));
	put_str(out, ")");
	if (wire_buf_len(&s->goodbye) != 0)
		put_str(out, ": ");
	put(out, wire_buf_view(&s->goodbye));
}

static void tell_offers(const struct sock *s, char *out)
{
	ssh_bytes ours, theirs;
	if (!kex_failed_offers(&s->conn.kex, &ours, &theirs))
		return;
	put_str(out, "; the peer offers ");
	put(out, theirs);
	put_str(out, "; we offer ");
	put(out, ours);
}

static void tell(const struct sock *s, char *out)
{
	enum ssh_err e = conn_err(&s->conn);
	if (s->conn.kex.state != KEX_DEAD) {
		tell_alive(s, out);
	} else if (e == SSH_OK) {
		put_str(out, "not connected");
	} else if (e == SSH_ERR_HOST_KEY) {
		tell_host_key(s, out);
	} else if (e == SSH_ERR_DISCONNECTED) {
		tell_goodbye(s, out);
	} else if (e == SSH_ERR_NO_COMMON) {
		put_str(out, "no algorithm in common for ");
		put_str(out, kex_list_name(kex_failed_list(&s->conn.kex)));
		tell_offers(s, out);
	} else {
		put_str(out, ssh_err_text(e));
	}
}

const char *sock_why(struct sock *s, char out[SOCK_WHY_SIZE])
{
	sock_enter(s);
	out[0] = '\0';
	tell(s, out);
	sock_leave(s);
	return out;
}
