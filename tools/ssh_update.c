/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "libauth/hostkeys.h"
#include "libauth/known_hosts.h"
#include "tools/file.h"
#include "tools/ssh_client.h"

/* UpdateHostKeys: the other keys of a host whose key is known, learned when it has proven them. */

static bool is_new(const struct ssh_client *c, ssh_bytes text, ssh_bytes blob)
{
	struct auth_known_result r;
	struct crypt_key key = {0};
	bool usable = crypt_key_parse_public(&key, crypt_keyalgs, blob) == 0;
	crypt_key_wipe(&key);
	return usable && auth_known_find(text, wire_buf_view(&c->host_name), blob, &r) == 0 &&
	       (r.known == AUTH_KNOWN_NOTHING || r.known == AUTH_KNOWN_CHANGED);
}

/* Is the key that this connection rests on written down? Else nothing is built upon it. */
static bool is_rooted(const struct ssh_client *c, ssh_bytes text)
{
	struct auth_known_result r;
	return auth_known_find(text, wire_buf_view(&c->host_name), kex_host_key(&c->conn.kex),
	                       &r) == 0 &&
	       r.known == AUTH_KNOWN_MATCH;
}

static const char *prove_request(const struct ssh_client *c)
{
	ssh_bytes value;
	return kex_peer_ext(&c->conn.kex, KEX_EXT_HOSTKEYS, &value) ? "hostkeys-prove"
	                                                            : AUTH_HOSTKEYS_PROVE;
}

void ssh_update_told(struct ssh_client *c, ssh_bytes body)
{
	char path[4096];
	struct wire_buf text = {0};
	ssh_bytes blob;
	file_expand(c->o.known_hosts, path, sizeof path);
	if (!c->o.update_host_keys || c->update.asked || auth_hostkeys_check(body) != 0 ||
	    file_read(path, &text) != 0 || !is_rooted(c, wire_buf_view(&text))) {
		wire_buf_wipe(&text);
		return;
	}
	while (auth_hostkeys_next(&body, &blob))
		if (is_new(c, wire_buf_view(&text), blob))
			wire_put_string(&c->update.keys, blob);
	wire_buf_wipe(&text);
	c->update.asked = true;
	c->update.nth = c->conn.mux.globals;
	if (wire_buf_len(&c->update.keys) > 0 && wire_buf_end(&c->update.keys) == 0)
		(void)chan_mux_global(&c->conn.mux, prove_request(c), true,
		                      wire_buf_view(&c->update.keys));
}

void ssh_update_proven(struct ssh_client *c, const struct chan_event *ev)
{
	ssh_bytes keys = wire_buf_view(&c->update.keys), blob;
	if (keys.len == 0 || ev->nth != c->update.nth)
		return;
	struct auth_hostkeys_bond bond = {
	    .session_id = kex_session_id(&c->conn.kex),
	    .sig = c->conn.kex.algs.host_sig,
	    .request = wire_bytes_str(prove_request(c)),
	};
	enum ssh_err e =
	    ev->success ? auth_hostkeys_verify(&bond, keys, ev->body) : SSH_ERR_REQUEST_REFUSED;
	if (e != 0)
		ssh_say(c, "the server does not prove its other host keys: %s", ssh_err_text(e));
	while (e == 0 && auth_hostkeys_next(&keys, &blob))
		(void)ssh_host_key_remember(c, blob);
	wire_buf_wipe(&c->update.keys);
}
