/* SPDX-License-Identifier: MIT */
#include "libkex/research.h"

#include "libkex/transport_impl.h"

void kex_research_wipe(struct kex_research *r)
{
	wire_wipe(r, sizeof *r);
}

static bool is_zero(const struct kex_keys *keys)
{
	static const struct kex_keys none;
	return wire_secret_equal(keys, &none, sizeof none);
}

enum ssh_err kex_switch_out(struct kex *k)
{
	struct kex_research *r = k->config.research;
	if (r == NULL || is_zero(&r->next_out))
		return SSH_ERR_STATE;
	enum ssh_err e = kex_take_keys(k, true, &r->next_out);
	wire_wipe(&r->next_out, sizeof r->next_out);
	return e;
}

enum ssh_err kex_switch_in(struct kex *k)
{
	if (is_zero(&k->next_in))
		return SSH_ERR_STATE;
	enum ssh_err e = kex_take_keys(k, false, &k->next_in);
	wire_wipe(&k->next_in, sizeof k->next_in);
	return e;
}

enum ssh_err kex_set_keys_out(struct kex *k, const struct crypt_packet_keys *keys)
{
	return kex_frame_out_keys(&k->out, keys, false);
}

enum ssh_err kex_set_keys_in(struct kex *k, const struct crypt_packet_keys *keys)
{
	return kex_frame_in_keys(&k->in, keys, false);
}

void kex_set_seq_out(struct kex *k, uint32_t seq)
{
	k->out.seq = seq;
}

void kex_set_seq_in(struct kex *k, uint32_t seq)
{
	k->in.seq = seq;
}

void kex_forge_next(struct kex *k, const struct kex_forge *forge)
{
	k->out.forge = *forge;
}

/* --- What every exchange came to --- */

struct material {
	uint8_t key[6][KEX_SECRET_MAX];
};

static void fill(const struct kex *k, ssh_bytes signature, struct material *m,
                 struct kex_secrets *s)
{
	const struct kex_derive d = {
	    .alg = k->algs.agree,
	    .k = wire_buf_view(&k->k),
	    .h = wire_bytes(k->h, k->h_len),
	    .session_id = kex_session_id(k),
	};
	*s = (struct kex_secrets){
	    .exchange = k->exchange,
	    .h = d.h,
	    .session_id = d.session_id,
	    .signature = signature,
	    .private_value = wire_buf_view(&k->run.secret),
	};
	for (int i = 0; i < 6; i++) {
		const struct crypt_cipher *cipher = k->algs.cipher[i % 2];
		const struct crypt_mac *mac = k->algs.mac[i % 2];
		size_t n = i < 2         ? cipher->iv_size
		           : i < 4       ? cipher->key_size
		           : mac == NULL ? 0
		                         : mac->key_size;
		kex_derive(&d, (char)('A' + i), m->key[i], n);
		s->key[i] = wire_bytes(m->key[i], n);
	}
}

void kex_trace_secrets(const struct kex *k, ssh_bytes signature)
{
	struct material m;
	struct kex_secrets s;
	if (!k->config.trace_secrets || k->config.trace == NULL)
		return;
	fill(k, signature, &m, &s);
	kex_trace(k, (struct kex_trace){.type = KEX_TRACE_SECRETS, .secrets = &s});
	wire_wipe(&m, sizeof m);
	wire_wipe(&s, sizeof s);
}
