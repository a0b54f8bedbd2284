/* SPDX-License-Identifier: MIT */
#include "libauth/hostkeys.h"
#include "tools/sshd_serve.h"

/* The other host keys: told once somebody is in, proven to those who ask. */

static bool is_sha1(const struct crypt_sigalg *sig)
{
	return strcmp(crypt_sigalg_signature_name(sig), "ssh-rsa") == 0;
}

void sshd_hostkeys_tell(struct sshd_serve *v)
{
	struct wire_buf body = {0};
	auth_hostkeys_put(&body, v->options->kex.host_keys);
	if (wire_buf_end(&body) == 0 && !is_sha1(v->conn.kex.algs.host_sig))
		(void)chan_mux_global(&v->conn.mux, AUTH_HOSTKEYS, false, wire_buf_view(&body));
	wire_buf_wipe(&body);
}

void sshd_hostkeys_prove(struct sshd_serve *v, const struct chan_event *ev)
{
	struct wire_buf proofs = {0};
	struct auth_hostkeys_bond bond = {
	    .session_id = kex_session_id(&v->conn.kex),
	    .sig = v->conn.kex.algs.host_sig,
	    .request = ev->name,
	};
	enum ssh_err e = auth_hostkeys_prove(&proofs, v->options->kex.host_keys, &bond, ev->body,
	                                     &v->options->kex.rng);
	if (e == 0)
		(void)chan_mux_answer_body(&v->conn.mux, wire_buf_view(&proofs));
	else
		(void)chan_mux_answer(&v->conn.mux, false);
	sshd_log(v->options->level, SSHD_DEBUG, "Proof of host keys: %s", ssh_err_text(e));
	wire_buf_wipe(&proofs);
}
