/* SPDX-License-Identifier: MIT */
#include "libkex/transport_impl.h"

/* What an owner may ask the engine, and the one thing that it tells it. */

void kex_set_authenticated(struct kex *k)
{
	k->authenticated = true;
}

ssh_bytes kex_session_id(const struct kex *k)
{
	return wire_bytes(k->session_id, k->session_id_len);
}

ssh_bytes kex_peer_ident(const struct kex *k)
{
	return wire_buf_view(&k->v[k->config.server ? KEX_CS : KEX_SC]);
}

ssh_bytes kex_host_key(const struct kex *k)
{
	return wire_buf_view(&k->host_key);
}

enum kex_list kex_failed_list(const struct kex *k)
{
	return k->failed_list;
}

bool kex_failed_offers(const struct kex *k, ssh_bytes *ours, ssh_bytes *theirs)
{
	int own = k->config.server ? KEX_SC : KEX_CS, other = k->config.server ? KEX_CS : KEX_SC;
	return kex_propose_list(wire_buf_view(&k->init[own]), k->failed_list, ours) == 0 &&
	       kex_propose_list(wire_buf_view(&k->init[other]), k->failed_list, theirs) == 0;
}

bool kex_quiet(const struct kex *k)
{
	return !k->event_ready && !k->asking && wire_buf_len(&k->out.buf) == 0 &&
	       wire_buf_len(&k->in.buf) == (k->in.state == FRAME_TAKEN ? k->in.size : 0);
}
