/* SPDX-License-Identifier: MIT */
#include "libkex/research.h"
#include "libkex/transport_impl.h"

#include "libkex/moduli.h"
#include "libwire/mpint.h"

/*
 * The exchange proper: RFC 4253 section 8, RFC 4419, RFC 5656, RFC 8731, and NEWKEYS.
 */

/* --- Messages: one public value, as mpint or as string --- */

static bool as_mpint(const struct kex *k)
{
	return k->algs.agree->messages != WIRE_KEX_ECDH;
}

static void put_value(const struct kex *k, struct wire_buf *b, ssh_bytes value)
{
	if (as_mpint(k))
		wire_put_mpint(b, value);
	else
		wire_put_string(b, value);
}

static ssh_bytes get_value(const struct kex *k, struct wire_reader *r)
{
	return as_mpint(k) ? wire_get_mpint(r) : wire_get_string(r);
}

static enum ssh_err send_own(struct kex *k, struct wire_buf *b)
{
	kex_own_packet(k);
	return kex_send_buf(k, b);
}

/* --- Client: what begins the method --- */

static enum ssh_err send_init(struct kex *k)
{
	const struct kex_agree *a = k->algs.agree;
	struct wire_buf b = {0};
	enum ssh_err e;
	wire_buf_reset(&k->values);
	if ((e = a->offer(a, &k->run, &k->config.rng, &k->values)) != 0)
		return e;
	k->exchange.client_value = wire_buf_view(&k->values);
	wire_put_u8(&b, a->messages == WIRE_KEX_GEX ? SSH_MSG_KEX_DH_GEX_INIT : SSH_MSG_KEXDH_INIT);
	put_value(k, &b, k->exchange.client_value);
	k->state = a->messages == WIRE_KEX_GEX ? KEX_EXPECT_GEX_REPLY : KEX_EXPECT_REPLY;
	return send_own(k, &b);
}

static enum ssh_err send_gex_request(struct kex *k)
{
	struct wire_buf b = {0};
	struct kex_gex_request ask = kex_gex_ask(&k->config.gex);
	bool old = k->config.gex.old_request;
	k->exchange.request = ask;
	wire_put_u8(&b, old ? SSH_MSG_KEX_DH_GEX_REQUEST_OLD : SSH_MSG_KEX_DH_GEX_REQUEST);
	if (!old)
		wire_put_u32(&b, ask.min);
	wire_put_u32(&b, ask.n);
	if (!old)
		wire_put_u32(&b, ask.max);
	k->state = KEX_EXPECT_GEX_GROUP;
	return send_own(k, &b);
}

enum ssh_err kex_start_method(struct kex *k)
{
	bool gex = k->algs.agree->messages == WIRE_KEX_GEX;
	kex_agree_wipe(&k->run);
	k->exchange = (struct kex_exchange){
	    .v_c = wire_buf_view(&k->v[KEX_CS]),
	    .v_s = wire_buf_view(&k->v[KEX_SC]),
	    .i_c = wire_buf_view(&k->init[KEX_CS]),
	    .i_s = wire_buf_view(&k->init[KEX_SC]),
	};
	if (k->config.server) {
		k->state = gex ? KEX_EXPECT_GEX_REQUEST : KEX_EXPECT_INIT;
		return SSH_OK;
	}
	return gex ? send_gex_request(k) : send_init(k);
}

/* --- Group exchange --- */

/* Of the owner's moduli, unless only those that everybody knows are as large as was asked for. */
static enum ssh_err choose_group(struct kex *k, const struct kex_gex_request *fit)
{
	const struct kex_group *known = kex_gex_choose(fit);
	struct kex_group *group = &k->exchange.group;
	enum ssh_err e = SSH_ERR_NOT_FOUND;
	if (k->config.gex.moduli.len != 0)
		e = kex_moduli_choose(k->config.gex.moduli, fit, &k->config.rng, &k->group, group);
	if (e != SSH_OK && e != SSH_ERR_NOT_FOUND)
		return e;
	size_t bits = e == SSH_OK ? wire_mpint_bits(group->p) : 0;
	if (known != NULL && bits < fit->n && wire_mpint_bits(known->p) > bits)
		*group = *known;
	return group->p.len == 0 ? SSH_ERR_KEX_VALUE : SSH_OK;
}

static enum ssh_err answer_request(struct kex *k, struct kex_gex_request ask)
{
	struct kex_gex_request fit;
	struct wire_buf b = {0};
	enum ssh_err e;
	k->exchange.request = ask;
	if ((e = kex_gex_check_request(&ask, &k->config.gex, &fit)) != 0 ||
	    (e = choose_group(k, &fit)) != 0)
		return e;
	k->run.group = k->exchange.group;
	wire_put_u8(&b, SSH_MSG_KEX_DH_GEX_GROUP);
	wire_put_mpint(&b, k->run.group.p);
	wire_put_mpint(&b, k->run.group.g);
	k->state = KEX_EXPECT_GEX_INIT;
	return send_own(k, &b);
}

enum ssh_err kex_on_gex_request(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_gex_request m;
	enum ssh_err e = wire_msg_decode(&ssh_gex_request_shape, p->payload, &m);
	if (e != 0)
		return e;
	/* No range, and two zeros would be taken for the old form. */
	if (m.max == 0)
		return SSH_ERR_KEX_VALUE;
	return answer_request(k, (struct kex_gex_request){m.min, m.n, m.max});
}

enum ssh_err kex_on_gex_request_old(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_gex_request_old m;
	enum ssh_err e = wire_msg_decode(&ssh_gex_request_old_shape, p->payload, &m);
	return e != 0 ? e : answer_request(k, (struct kex_gex_request){.n = m.n});
}

enum ssh_err kex_on_gex_group(struct kex *k, const struct kex_frame_packet *p)
{
	struct wire_reader r;
	enum ssh_err e;
	wire_reader_init(&r, p->payload);
	wire_get_u8(&r);
	struct kex_group group = {.p = wire_get_mpint(&r)};
	group.g = wire_get_mpint(&r);
	if ((e = wire_reader_end(&r)) != 0 ||
	    (e = kex_gex_check_group(&group, &k->exchange.request, &k->config.gex)) != 0)
		return e;
	wire_buf_reset(&k->group);
	wire_put_raw(&k->group, group.p);
	wire_put_raw(&k->group, group.g);
	if ((e = wire_buf_end(&k->group)) != 0)
		return e;
	ssh_bytes kept = wire_buf_view(&k->group);
	k->exchange.group.p = wire_bytes(kept.ptr, group.p.len);
	k->exchange.group.g = wire_bytes_skip(kept, group.p.len);
	k->run.group = k->exchange.group;
	return send_init(k);
}

/* --- Keys --- */

static void derive_keys(const struct kex_derive *d, int dir, struct kex_keys *keys)
{
	kex_derive(d, dir == KEX_CS ? 'A' : 'B', keys->iv, sizeof keys->iv);
	kex_derive(d, dir == KEX_CS ? 'C' : 'D', keys->key, sizeof keys->key);
	kex_derive(d, dir == KEX_CS ? 'E' : 'F', keys->mac, sizeof keys->mac);
}

static struct crypt_packet_keys packet_keys(const struct kex *k, int dir, const struct kex_keys *m)
{
	struct crypt_packet_keys keys = {
	    .cipher = k->algs.cipher[dir],
	    .mac = k->algs.mac[dir],
	    .key = m->key,
	    .iv = m->iv,
	    .mac_key = m->mac,
	};
	return keys;
}

enum ssh_err kex_take_keys(struct kex *k, bool out, const struct kex_keys *m)
{
	int dir = out == k->config.server ? KEX_SC : KEX_CS;
	struct crypt_packet_keys keys = packet_keys(k, dir, m);
	enum ssh_err e = out ? kex_frame_out_keys(&k->out, &keys, k->algs.strict)
	                     : kex_frame_in_keys(&k->in, &keys, k->algs.strict);
	if (e == 0)
		e = kex_compression_keys(k, out);
	if (e == 0)
		kex_trace(k, (struct kex_trace){.type = KEX_TRACE_KEYS, .out = out});
	return e;
}

static enum ssh_err switch_out(struct kex *k, struct kex_keys *out)
{
	int ours = k->config.server ? KEX_SC : KEX_CS;
	struct kex_derive d = {
	    .alg = k->algs.agree,
	    .k = wire_buf_view(&k->k),
	    .h = wire_bytes(k->h, k->h_len),
	    .session_id = kex_session_id(k),
	};
	derive_keys(&d, ours, out);
	derive_keys(&d, ours == KEX_CS ? KEX_SC : KEX_CS, &k->next_in);
	if (k->config.research != NULL && k->config.research->hold_out) {
		k->config.research->next_out = *out;
		return SSH_OK;
	}
	return kex_take_keys(k, true, out);
}

static enum ssh_err send_newkeys(struct kex *k)
{
	static const uint8_t newkeys[] = {SSH_MSG_NEWKEYS};
	struct kex_keys out = {0};
	bool first = !k->keyed;
	enum ssh_err e = SSH_OK;
	if (k->config.research == NULL || !k->config.research->no_newkeys) {
		kex_own_packet(k);
		e = kex_put_packet(k, wire_bytes(newkeys, sizeof newkeys));
	}
	if (e == 0)
		e = switch_out(k, &out);
	wire_wipe(&out, sizeof out);
	wire_buf_wipe(&k->k);
	kex_agree_wipe(&k->run);
	if (e != 0)
		return e;
	k->state = KEX_EXPECT_NEWKEYS;
	k->keyed = true;
	k->sending_closed = false;
	if (first && (e = kex_send_ext_info(k)) != 0)
		return e;
	return kex_flush_held(k);
}

enum ssh_err kex_on_newkeys(struct kex *k, const struct kex_frame_packet *p)
{
	enum ssh_err e;
	if (p->payload.len != 1)
		return SSH_ERR_TRAILING;
	if (k->config.research == NULL || !k->config.research->hold_in) {
		if ((e = kex_take_keys(k, false, &k->next_in)) != 0)
			return e;
		wire_wipe(&k->next_in, sizeof k->next_in);
	}
	/* The transcript is hashed; an idle connection does not carry it about. */
	wire_buf_wipe(&k->init[KEX_CS]);
	wire_buf_wipe(&k->init[KEX_SC]);
	wire_buf_wipe(&k->values);
	wire_buf_wipe(&k->group);
	k->own_packets = 0;
	k->state = KEX_OPEN;
	k->keys_since_ms = k->now_ms;
	kex_tell(k, KEX_EVENT_KEYS);
	k->event.first = k->exchanges++ == 0;
	return SSH_OK;
}

/* Hash what both sides know by now. The first H is the session id for good. */
static void finish_hash(struct kex *k)
{
	const struct kex_agree *a = k->algs.agree;
	k->exchange.k = wire_buf_view(&k->k);
	kex_exchange_hash(a, &k->exchange, k->h);
	k->h_len = a->hash->size;
	if (k->session_id_len == 0) {
		memcpy(k->session_id, k->h, k->h_len);
		k->session_id_len = k->h_len;
	}
}

/* --- Server --- */

static const struct crypt_key *host_key(const struct kex *k)
{
	size_t i = 0;
	while (k->config.host_keys[i]->alg != k->algs.host_sig->key)
		i++; /* negotiation saw to it that there is one */
	return k->config.host_keys[i];
}

static enum ssh_err send_reply(struct kex *k, ssh_bytes signature)
{
	struct wire_buf b = {0};
	enum ssh_err e;
	bool gex = k->algs.agree->messages == WIRE_KEX_GEX;
	wire_put_u8(&b, gex ? SSH_MSG_KEX_DH_GEX_REPLY : SSH_MSG_KEXDH_REPLY);
	wire_put_string(&b, wire_buf_view(&k->host_key));
	put_value(k, &b, wire_buf_view(&k->values));
	wire_put_string(&b, signature);
	kex_trace_secrets(k, signature);
	if ((e = send_own(k, &b)) != 0)
		return e;
	return send_newkeys(k);
}

static enum ssh_err sign_and_reply(struct kex *k)
{
	const struct crypt_key *key = host_key(k);
	struct wire_buf sig = {0};
	enum ssh_err e;
	if (!key->has_private) {
		k->asking = true;
		kex_tell(k, KEX_ASK_SIGN);
		k->event.data = wire_bytes(k->h, k->h_len);
		k->event.key = key;
		k->event.sig = k->algs.host_sig;
		return SSH_OK;
	}
	e = crypt_key_sign(key, k->algs.host_sig, wire_bytes(k->h, k->h_len), &k->config.rng, &sig);
	if (e == 0)
		e = send_reply(k, wire_buf_view(&sig));
	wire_buf_wipe(&sig);
	return e;
}

enum ssh_err kex_on_init(struct kex *k, const struct kex_frame_packet *p)
{
	const struct kex_agree *a = k->algs.agree;
	struct wire_reader r;
	enum ssh_err e;
	wire_reader_init(&r, p->payload);
	wire_get_u8(&r);
	k->exchange.client_value = get_value(k, &r);
	if ((e = wire_reader_end(&r)) != 0)
		return e;
	wire_buf_reset(&k->values);
	wire_buf_reset(&k->k);
	struct kex_answer io = {k->exchange.client_value, &k->values, &k->k};
	if ((e = a->answer(a, &k->run, &k->config.rng, &io)) != 0)
		return e;
	wire_buf_reset(&k->host_key);
	crypt_key_put_public(host_key(k), &k->host_key);
	if ((e = wire_buf_end(&k->host_key)) != 0)
		return e;
	k->exchange.server_value = wire_buf_view(&k->values);
	k->exchange.k_s = wire_buf_view(&k->host_key);
	finish_hash(k);
	return sign_and_reply(k);
}

enum ssh_err kex_answer_sign(struct kex *k, ssh_bytes blob)
{
	if (!k->asking || !k->config.server)
		return SSH_ERR_STATE;
	k->asking = false;
	enum ssh_err e = blob.len == 0 ? SSH_ERR_SIGNATURE : send_reply(k, blob);
	if (e != 0)
		kex_fail(k, e);
	return e;
}

/* --- Client --- */

struct reply {
	ssh_bytes host_key;
	ssh_bytes value;
	ssh_bytes signature;
};

static enum ssh_err check_host_key(const struct kex *k, const struct crypt_key *key, ssh_bytes sig)
{
	/* By name: to mention the descriptor would link RSA into every program. */
	const struct crypt_keyalg *plain = key->alg->plain != NULL ? key->alg->plain : key->alg;
	bool rsa = strcmp(plain->name, "ssh-rsa") == 0;
	if (rsa && crypt_key_bits(key) < k->config.rsa_min_bits)
		return SSH_ERR_KEY;
	return crypt_key_verify(key, k->algs.host_sig, wire_bytes(k->h, k->h_len), sig);
}

static enum ssh_err verify_reply(struct kex *k, const struct reply *m)
{
	const struct kex_agree *a = k->algs.agree;
	const struct crypt_keyalg *const types[] = {k->algs.host_sig->key, NULL};
	struct crypt_key key = {0};
	enum ssh_err e = crypt_key_parse_public(&key, types, m->host_key);
	if (e != 0)
		return e == SSH_ERR_NO_MEMORY ? e : SSH_ERR_KEY;
	wire_buf_reset(&k->k);
	if ((e = a->finish(a, &k->run, m->value, &k->k)) == 0) {
		k->exchange.server_value = m->value;
		k->exchange.k_s = m->host_key;
		finish_hash(k);
		e = check_host_key(k, &key, m->signature);
	}
	if (e == 0)
		kex_trace_secrets(k, m->signature);
	crypt_key_wipe(&key);
	return e;
}

/* The key that was accepted once is accepted again; any other is asked about. */
static enum ssh_err ask_host_key(struct kex *k, ssh_bytes blob)
{
	enum ssh_err e;
	if (k->exchanges != 0 && wire_bytes_equal(wire_buf_view(&k->host_key), blob))
		return send_newkeys(k);
	wire_buf_reset(&k->host_key);
	wire_put_raw(&k->host_key, blob);
	if ((e = wire_buf_end(&k->host_key)) != 0)
		return e;
	k->asking = true;
	kex_tell(k, KEX_ASK_HOST_KEY);
	k->event.host_key = wire_buf_view(&k->host_key);
	k->event.sig = k->algs.host_sig;
	k->event.first = k->exchanges == 0;
	return SSH_OK;
}

enum ssh_err kex_on_reply(struct kex *k, const struct kex_frame_packet *p)
{
	struct wire_reader r;
	struct reply m;
	enum ssh_err e;
	wire_reader_init(&r, p->payload);
	wire_get_u8(&r);
	m.host_key = wire_get_string(&r);
	m.value = get_value(k, &r);
	m.signature = wire_get_string(&r);
	if ((e = wire_reader_end(&r)) != 0 || (e = verify_reply(k, &m)) != 0)
		return e;
	return ask_host_key(k, m.host_key);
}

enum ssh_err kex_answer_host_key(struct kex *k, bool accept)
{
	if (!k->asking || k->config.server)
		return SSH_ERR_STATE;
	k->asking = false;
	enum ssh_err e = accept ? send_newkeys(k) : SSH_ERR_HOST_KEY;
	if (e != 0)
		kex_fail(k, e);
	return e;
}
