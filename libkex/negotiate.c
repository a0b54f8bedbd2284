/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"
#include "libkex/transport_impl.h"

/*
 * RFC 4253 section 7.1: our KEXINIT, the peer's, and the algorithms that they come to.
 */

/* --- Our KEXINIT --- */

static void put_name(struct wire_buf *b, const char *name)
{
	if (wire_buf_len(b) != 0)
		wire_put_u8(b, ',');
	wire_put_raw(b, wire_bytes_str(name));
}

static const struct crypt_key *host_key_for(const struct kex *k, const struct crypt_sigalg *sig)
{
	for (size_t i = 0; k->config.host_keys[i] != NULL; i++)
		if (k->config.host_keys[i]->alg == sig->key)
			return k->config.host_keys[i];
	return NULL;
}

/* The markers tell what we take; they count in the first KEXINIT only. */
static void put_markers(const struct kex *k, struct wire_buf *b)
{
	bool server = k->config.server;
	if (k->exchanges != 0)
		return;
	put_name(b, server ? "ext-info-s" : "ext-info-c");
	if (k->config.strict == KEX_STRICT_OFF)
		return;
	put_name(b, server ? "kex-strict-s-v00@openssh.com" : "kex-strict-c-v00@openssh.com");
	put_name(b, server ? "kex-strict-s" : "kex-strict-c");
}

/* The name-lists, each in a buf of its own; the views in the message point there. */
struct lists {
	struct wire_buf kex, hostkey, cipher[2], mac[2], comp[2];
};

static void fill_lists(const struct kex *k, struct lists *l)
{
	const struct kex_config *c = &k->config;
	for (size_t i = 0; c->agrees[i] != NULL; i++)
		put_name(&l->kex, c->agrees[i]->name);
	put_markers(k, &l->kex);
	for (size_t i = 0; c->host_sigs[i] != NULL; i++)
		if (!c->server || host_key_for(k, c->host_sigs[i]) != NULL)
			put_name(&l->hostkey, c->host_sigs[i]->name);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		for (size_t i = 0; c->ciphers[dir][i] != NULL; i++)
			put_name(&l->cipher[dir], c->ciphers[dir][i]->name);
		for (size_t i = 0; c->macs[dir][i] != NULL; i++)
			put_name(&l->mac[dir], c->macs[dir][i]->name);
		const struct crypt_compress *const *comp = kex_compresses(k, dir);
		for (size_t i = 0; comp[i] != NULL; i++)
			put_name(&l->comp[dir], comp[i]->name);
	}
}

static enum ssh_err lists_end(const struct lists *l)
{
	const struct wire_buf *bufs[] = {&l->kex,    &l->hostkey, &l->cipher[0], &l->cipher[1],
	                                 &l->mac[0], &l->mac[1],  &l->comp[0],   &l->comp[1]};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
		if (wire_buf_end(bufs[i]) != 0)
			return wire_buf_end(bufs[i]);
	return wire_buf_len(&l->hostkey) == 0 ? SSH_ERR_ARGUMENT : SSH_OK;
}

static void lists_wipe(struct lists *l)
{
	wire_buf_wipe(&l->kex);
	wire_buf_wipe(&l->hostkey);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		wire_buf_wipe(&l->cipher[dir]);
		wire_buf_wipe(&l->mac[dir]);
		wire_buf_wipe(&l->comp[dir]);
	}
}

static enum ssh_err write_kexinit(const struct kex *k, struct lists *l, struct wire_buf *out)
{
	enum ssh_err e;
	fill_lists(k, l);
	struct ssh_kexinit m = {
	    .kex = wire_buf_view(&l->kex),
	    .hostkey = wire_buf_view(&l->hostkey),
	    .cipher_cs = wire_buf_view(&l->cipher[KEX_CS]),
	    .cipher_sc = wire_buf_view(&l->cipher[KEX_SC]),
	    .mac_cs = wire_buf_view(&l->mac[KEX_CS]),
	    .mac_sc = wire_buf_view(&l->mac[KEX_SC]),
	    .comp_cs = wire_buf_view(&l->comp[KEX_CS]),
	    .comp_sc = wire_buf_view(&l->comp[KEX_SC]),
	};
	if ((e = lists_end(l)) != 0 ||
	    (e = crypt_rng_fill(&k->config.rng, m.cookie, sizeof m.cookie)) != 0)
		return e;
	kex_persona_kexinit(k->config.persona, &m);
	wire_buf_reset(out);
	wire_msg_encode(out, &ssh_kexinit_shape, &m);
	return wire_buf_end(out);
}

enum ssh_err kex_start_exchange(struct kex *k)
{
	struct wire_buf *ours = &k->init[k->config.server ? KEX_SC : KEX_CS];
	struct lists l = {0};
	enum ssh_err e = write_kexinit(k, &l, ours);
	lists_wipe(&l);
	if (e != 0)
		return e;
	k->sending_closed = true;
	k->rekey_wanted = false;
	k->own_packets = 0;
	kex_own_packet(k);
	k->exchange_began_ms = k->now_ms;
	return kex_put_packet(k, wire_buf_view(ours));
}

/* --- The choice --- */

static enum ssh_err find_cipher(struct kex *k, const struct kex_choice *c, int dir)
{
	ssh_bytes name = c->name[dir == KEX_CS ? KEX_LIST_CIPHER_CS : KEX_LIST_CIPHER_SC];
	ssh_bytes mac = c->name[dir == KEX_CS ? KEX_LIST_MAC_CS : KEX_LIST_MAC_SC];
	const struct crypt_cipher *const *cipher = k->config.ciphers[dir];
	const struct crypt_mac *const *m = k->config.macs[dir];
	while (*cipher != NULL && !wire_bytes_is(name, (*cipher)->name))
		cipher++;
	if (*cipher == NULL)
		return SSH_ERR_UNSUPPORTED;
	k->algs.cipher[dir] = *cipher;
	k->algs.mac[dir] = NULL;
	if ((*cipher)->aead != NULL && (*cipher)->aead_mac == NULL)
		return SSH_OK;
	while (*m != NULL && !wire_bytes_is(mac, (*m)->name))
		m++;
	/* RFC 5647 section 5.1: its ciphers and its MACs go together, or not at all. */
	bool paired = (*cipher)->aead_mac != NULL || (*m != NULL && (*m)->compute == NULL);
	if (*m == NULL || (paired && *m != (*cipher)->aead_mac)) {
		k->failed_list = dir == KEX_CS ? KEX_LIST_MAC_CS : KEX_LIST_MAC_SC;
		return SSH_ERR_NO_COMMON;
	}
	k->algs.mac[dir] = *m;
	return SSH_OK;
}

static enum ssh_err find_algs(struct kex *k, const struct kex_choice *c)
{
	k->algs.agree = kex_agree_find(k->config.agrees, c->name[KEX_LIST_KEX]);
	k->algs.host_sig = crypt_sigalg_find(k->config.host_sigs, c->name[KEX_LIST_HOSTKEY]);
	if (k->algs.agree == NULL || k->algs.host_sig == NULL)
		return SSH_ERR_UNSUPPORTED;
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		enum ssh_err e = find_cipher(k, c, dir);
		if (e != 0)
			return e;
		k->algs.compress[dir] =
		    kex_find_compress(kex_compresses(k, dir),
		                      c->name[dir == KEX_CS ? KEX_LIST_COMP_CS : KEX_LIST_COMP_SC]);
		if (k->algs.compress[dir] == NULL)
			return SSH_ERR_UNSUPPORTED;
	}
	return SSH_OK;
}

/* What the first KEXINITs settle for the life of the connection. */
static enum ssh_err settle(struct kex *k, const struct kex_choice *c, uint32_t seq)
{
	k->algs.strict = c->strict && k->config.strict != KEX_STRICT_OFF;
	k->peer_ext_info = k->config.server ? c->client_ext_info : c->server_ext_info;
	if (k->config.strict == KEX_STRICT_REQUIRE && !c->strict)
		return SSH_ERR_NOT_STRICT;
	/* Strict kex is known only now, but it rules what came before: KEXINIT must be first. */
	return k->algs.strict && seq != 0 ? SSH_ERR_STRICT : SSH_OK;
}

enum ssh_err kex_on_kexinit(struct kex *k, const struct kex_frame_packet *p)
{
	struct wire_buf *theirs = &k->init[k->config.server ? KEX_CS : KEX_SC];
	struct kex_choice choice;
	enum ssh_err e;
	/* Those that we began ourselves are no doing of the peer's. */
	if (!k->authenticated && !k->sending_closed && k->exchanges >= KEX_EARLY_EXCHANGES_MAX)
		return SSH_ERR_UNEXPECTED;
	if (!k->sending_closed && (e = kex_start_exchange(k)) != 0)
		return e;
	wire_buf_reset(theirs);
	wire_put_raw(theirs, p->payload);
	if ((e = wire_buf_end(theirs)) != 0)
		return e;
	e = kex_propose_choose(wire_buf_view(&k->init[KEX_CS]), wire_buf_view(&k->init[KEX_SC]),
	                       &choice);
	k->failed_list = choice.failed;
	if (e != 0 || (k->exchanges == 0 && (e = settle(k, &choice, p->seq)) != 0) ||
	    (e = find_algs(k, &choice)) != 0)
		return e;
	k->skip_packet = k->config.server ? choice.client_guess_wrong : choice.server_guess_wrong;
	kex_trace(k, (struct kex_trace){.type = KEX_TRACE_NEGOTIATED});
	kex_tell(k, KEX_EVENT_NEGOTIATED);
	k->event.first = k->exchanges == 0;
	return kex_start_method(k);
}
