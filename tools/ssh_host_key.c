/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "libauth/known_hosts.h"
#include "tools/algs.h"
#include "tools/file.h"
#include "tools/ssh_client.h"

static const char *kind_of(ssh_bytes blob)
{
	struct crypt_key key = {0};
	const char *kind = "unknown";
	if (crypt_key_parse_public(&key, crypt_keyalgs_legacy, blob) == 0)
		kind = key.alg->kind;
	crypt_key_wipe(&key);
	return kind;
}

bool ssh_host_key_remember(struct ssh_client *c, ssh_bytes blob)
{
	char path[4096];
	struct wire_buf line = {0};
	const struct crypt_rng *rng = c->o.hash_known ? &c->o.kex.rng : NULL;
	enum ssh_err e = auth_known_put(&line, wire_buf_view(&c->host_name), blob, rng);
	file_expand(c->o.known_hosts, path, sizeof path);
	int err = e == 0 ? file_write(path, wire_buf_view(&line), 0600, true) : 0;
	wire_buf_wipe(&line);
	if (e != 0)
		ssh_say(c, "cannot write the host key down: %s", ssh_err_text(e));
	else if (err != 0)
		ssh_say(c, "cannot add the host to %s: %s", path, strerror(err));
	else
		ssh_say(c, "Warning: Permanently added '%s' (%s) to the list of known hosts.",
		        c->o.host, kind_of(blob));
	return e == 0 && err == 0;
}

static bool ask(const struct ssh_client *c, ssh_bytes blob)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	char question[1024];
	struct wire_buf answer = {0};
	const char *again = "";
	bool yes = false, no = false;
	crypt_key_fingerprint(blob, fingerprint);
	while (!yes && !no) {
		snprintf(question, sizeof question,
		         "%sThe authenticity of host '%s' can't be established.\n"
		         "%s key fingerprint is %s.\n"
		         "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
		         again, c->o.host, kind_of(blob), fingerprint);
		no = !tty_ask(question, true, &answer) ||
		     wire_bytes_is(wire_buf_view(&answer), "no");
		yes = !no && (wire_bytes_is(wire_buf_view(&answer), "yes") ||
		              wire_bytes_is(wire_buf_view(&answer), fingerprint));
		again = "Please type 'yes', 'no' or the fingerprint.\n";
	}
	wire_buf_wipe(&answer);
	return yes;
}

static void warn_changed(const struct ssh_client *c, const char *path, ssh_bytes blob, size_t line)
{
	char fingerprint[CRYPT_FINGERPRINT_SIZE];
	crypt_key_fingerprint(blob, fingerprint);
	ssh_say(c, "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!");
	fprintf(stderr,
	        "The host key of %s is not the one that is known. Somebody may be listening in\n"
	        "right now (man in the middle), or the host has got a new key.\n"
	        "The %s key that it showed has the fingerprint\n%s.\n"
	        "The known one is in %s:%zu; if you trust the new one, remove that line.\n",
	        c->o.host, kind_of(blob), fingerprint, path, line);
}

static bool accept_unknown(struct ssh_client *c, ssh_bytes blob)
{
	enum host_key_policy policy = c->o.host_key_policy;
	if (policy == HOST_KEY_YES || (policy == HOST_KEY_ASK && c->o.batch)) {
		ssh_say(c, "No %s host key is known for %s and you have requested strict checking.",
		        kind_of(blob), c->o.host);
		return false;
	}
	if (policy == HOST_KEY_ASK && !ask(c, blob))
		return false;
	(void)ssh_host_key_remember(c, blob); /* it is told if it could not be written down */
	return true;
}

bool ssh_host_key_ok(struct ssh_client *c, ssh_bytes blob)
{
	char path[4096];
	struct wire_buf text = {0};
	struct auth_known_result r = {AUTH_KNOWN_NOTHING, 0, false};
	enum ssh_err e = SSH_OK;
	file_expand(c->o.known_hosts, path, sizeof path);
	if (file_read(path, &text) == 0)
		e = auth_known_find(wire_buf_view(&text), wire_buf_view(&c->host_name), blob, &r);
	wire_buf_wipe(&text);
	if (e != 0) {
		/* Not to know is not the same as to know nothing. */
		ssh_say(c, "cannot search %s: %s", path, ssh_err_text(e));
		return false;
	}
	switch (r.known) {
	case AUTH_KNOWN_MATCH:
		ssh_debug(c, "host '%s' is known and matches %s:%zu", c->o.host, path, r.line);
		return true;
	case AUTH_KNOWN_REVOKED:
		ssh_say(c, "The host key of %s is revoked by %s:%zu.", c->o.host, path, r.line);
		return false;
	case AUTH_KNOWN_CHANGED:
		warn_changed(c, path, blob, r.line);
		return c->o.host_key_policy == HOST_KEY_NO;
	case AUTH_KNOWN_NOTHING:
		break;
	}
	return accept_unknown(c, blob);
}

/* --- Certificates --- */

static bool read_known(const struct ssh_client *c, char *path, size_t size, struct wire_buf *text)
{
	file_expand(c->o.known_hosts, path, size);
	return file_read(path, text) == 0;
}

/* A certificate stands or falls by an authority of this host's; nobody is asked. */
bool ssh_host_cert_ok(struct ssh_client *c, ssh_bytes blob)
{
	char path[4096];
	const char *why = "";
	struct wire_buf text = {0}, name = {0};
	size_t line = 0;
	/* Without the brackets and the port that known_hosts has. */
	auth_known_name_put(&name, wire_bytes_str(c->o.host), AUTH_PORT_DEFAULT);
	(void)read_known(c, path, sizeof path, &text);
	struct auth_known_host host = {
	    .name = wire_buf_view(&c->host_name),
	    .principal = wire_buf_view(&name),
	    .now = (uint64_t)time(NULL),
	};
	enum ssh_err e = wire_buf_end(&name);
	if (e == 0)
		e = auth_known_check_cert(wire_buf_view(&text), &host, blob, &line, &why);
	if (e == 0)
		ssh_debug(c, "host '%s' has a certificate of the authority in %s:%zu", c->o.host,
		          path, line);
	else
		ssh_say(c, "The host certificate of %s is not accepted: %s.", c->o.host, why);
	wire_buf_wipe(&text);
	wire_buf_wipe(&name);
	return e == 0;
}

/* --- Which algorithms to ask for first --- */

/* As auth_known_order, but in the order of the offer: without certificates that nobody can vouch for. */
static void leave_out(ssh_bytes text, ssh_bytes name, const struct crypt_sigalg *const *offer,
                      const struct crypt_sigalg **out)
{
	size_t n = 0;
	for (; *offer != NULL; offer++) {
		const struct crypt_sigalg *const one[] = {*offer, NULL};
		const struct crypt_sigalg *known[2];
		if (auth_known_order(text, name, one, known, 2) != 0)
			out[n++] = *offer;
	}
	out[n] = NULL;
}

/* What names are given is asked for as it is; as ssh has it, `^` settles the order alone. */
void ssh_host_key_prefer_known(struct ssh_client *c)
{
	static const struct crypt_sigalg *ordered[KEX_CHOOSE_MAX];
	char path[4096], how = c->o.host_sigs;
	struct wire_buf text = {0};
	ssh_bytes name = wire_buf_view(&c->host_name);
	if (how != 0 && how != '+' && how != '-' && how != '^')
		return;
	(void)read_known(c, path, sizeof path, &text);
	if (how == '^')
		leave_out(wire_buf_view(&text), name, c->o.kex.host_sigs, ordered);
	else
		(void)auth_known_order(wire_buf_view(&text), name, c->o.kex.host_sigs, ordered,
		                       KEX_CHOOSE_MAX);
	c->o.kex.host_sigs = ordered;
	wire_buf_wipe(&text);
}
