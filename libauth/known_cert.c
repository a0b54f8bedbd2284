/* SPDX-License-Identifier: MIT */
#include "libauth/known_hosts.h"
#include "libcrypt/cert.h"

/* Certificates of hosts, and which algorithms to ask a host for. */

/* The next line that matches the host and has a key; its marker and blob. */
static bool next_line(ssh_bytes *text, ssh_bytes name, struct auth_known_line *l, size_t *number)
{
	ssh_bytes line;
	while (auth_text_line(text, &line)) {
		++*number;
		if (auth_known_line_parse(l, line) == 0 && auth_known_line_matches(l, name))
			return true;
	}
	return false;
}

struct keys {
	ssh_bytes whole, plain, authority;
};

/* What the lines say: revoked at once, else whether the authority is one of the host's. */
static enum ssh_err search(ssh_bytes text, ssh_bytes name, const struct keys *k, size_t *line)
{
	struct wire_buf own = {0};
	struct auth_known_line l;
	size_t number = 0;
	enum ssh_err e = SSH_ERR_NOT_FOUND;
	*line = 0;
	while (e != SSH_ERR_REVOKED && next_line(&text, name, &l, &number)) {
		wire_buf_reset(&own);
		enum ssh_err bad = auth_publine_blob(&l.key, &own);
		ssh_bytes blob = wire_buf_view(&own);
		if (bad == SSH_ERR_NO_MEMORY) {
			e = bad; /* it may have been the one that revokes */
			break;
		}
		bool ours = bad == 0 && wire_bytes_equal(blob, k->authority);
		bool shown = bad == 0 &&
		             (wire_bytes_equal(blob, k->whole) || wire_bytes_equal(blob, k->plain));
		if (l.marker == AUTH_MARKER_REVOKED && (ours || shown))
			e = SSH_ERR_REVOKED;
		else if (l.marker != AUTH_MARKER_CERT_AUTHORITY || !ours || e == 0)
			continue;
		else
			e = SSH_OK;
		*line = number;
	}
	wire_buf_wipe(&own);
	return e;
}

enum ssh_err auth_known_check_cert(ssh_bytes text, const struct auth_known_host *host,
                                   ssh_bytes blob, size_t *line, const char **why)
{
	struct wire_buf plain = {0};
	struct crypt_cert c;
	*line = 0;
	*why = "it does not parse";
	enum ssh_err e = crypt_cert_parse(&c, crypt_cert_keyalgs, blob);
	if (e != 0)
		return e;
	crypt_cert_put_key(&plain, &c);
	struct keys keys = {blob, wire_buf_view(&plain), c.authority};
	if ((e = wire_buf_end(&plain)) == 0)
		e = search(text, host->name, &keys, line);
	*why = e == SSH_ERR_REVOKED ? "it, its key or its authority is revoked"
	                            : "no authority of this host's signed it";
	wire_buf_wipe(&plain);
	if (e != 0)
		return e;
	struct crypt_cert_policy policy = {
	    .role = CRYPT_CERT_HOST,
	    .now = host->now,
	    .principal = host->principal,
	    .authorities = &c.authority,
	    .authorities_count = 1,
	    .sigalgs = crypt_sigalgs,
	};
	return crypt_cert_check(&c, &policy, why);
}

/* --- Algorithms --- */

static bool is_known(ssh_bytes text, ssh_bytes name, const struct crypt_sigalg *alg)
{
	bool cert = alg->key->plain != NULL;
	struct auth_known_line l;
	size_t number = 0;
	while (next_line(&text, name, &l, &number)) {
		if (cert && l.marker == AUTH_MARKER_CERT_AUTHORITY)
			return true;
		if (!cert && l.marker == AUTH_MARKER_NONE &&
		    wire_bytes_is(l.key.type, alg->key->name))
			return true;
	}
	return false;
}

size_t auth_known_order(ssh_bytes text, ssh_bytes name, const struct crypt_sigalg *const *offer,
                        const struct crypt_sigalg **out, size_t max)
{
	size_t n = 0;
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; offer[i] != NULL && n + 1 < max; i++) {
			bool is = is_known(text, name, offer[i]);
			if (is == (known == 1) && (is || offer[i]->key->plain == NULL))
				out[n++] = offer[i];
		}
	out[n] = NULL;
	return n;
}
