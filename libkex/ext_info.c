/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"
#include "libkex/transport_impl.h"
#include "libwire/names.h"

/*
 * RFC 8308: what each side tells the other of its extensions, and the pings that are one of them.
 */

/* clang-format off */
const struct kex_extension kex_extensions[KEX_EXTS] = {
	/*                             name                                receivers      replaced */
	[KEX_EXT_SERVER_SIG_ALGS]   = {"server-sig-algs",                  KEX_TO_CLIENT, false},
	[KEX_EXT_DELAY_COMPRESSION] = {"delay-compression",                KEX_TO_BOTH,   true},
	[KEX_EXT_NO_FLOW_CONTROL]   = {"no-flow-control",                  KEX_TO_BOTH,   true},
	[KEX_EXT_ELEVATION]         = {"elevation",                        KEX_TO_SERVER, false},
	[KEX_EXT_PING]              = {"ping",                             KEX_TO_BOTH,   false},
	[KEX_EXT_PING_OPENSSH]      = {"ping@openssh.com",                 KEX_TO_BOTH,   false},
	[KEX_EXT_HOSTKEYS]          = {"hostkeys",                         KEX_TO_CLIENT, false},
	[KEX_EXT_HOSTBOUND]         = {"publickey-hostbound@openssh.com",  KEX_TO_CLIENT, false},
	[KEX_EXT_AGENT_FORWARD]     = {"agent-forward",                    KEX_TO_CLIENT, false},
	[KEX_EXT_IN_AUTH]           = {"ext-info-in-auth@openssh.com",     KEX_TO_SERVER, false},
};
/* clang-format on */

/* --- Ours --- */

static void put_names(struct wire_buf *b, const struct crypt_sigalg *const *algs)
{
	size_t mark = wire_put_string_begin(b);
	for (size_t i = 0; algs[i] != NULL; i++) {
		if (i > 0)
			wire_put_u8(b, ',');
		wire_put_raw(b, wire_bytes_str(algs[i]->name));
	}
	wire_put_string_end(b, mark);
}

/* RFC 8308 section 3.2: two name-lists inside a string. */
static void put_delayed(struct wire_buf *b, const struct kex_config *c)
{
	size_t whole = wire_put_string_begin(b);
	for (int dir = KEX_CS; dir <= KEX_SC; dir++) {
		size_t mark = wire_put_string_begin(b);
		for (size_t i = 0; c->delay_compress[dir][i] != NULL; i++) {
			if (i > 0)
				wire_put_u8(b, ',');
			wire_put_raw(b, wire_bytes_str(c->delay_compress[dir][i]->name));
		}
		wire_put_string_end(b, mark);
	}
	wire_put_string_end(b, whole);
}

static bool is_sent(const struct kex_config *c, enum kex_ext e, bool late)
{
	if ((kex_extensions[e].receivers & (c->server ? KEX_TO_CLIENT : KEX_TO_SERVER)) == 0)
		return false;
	if (!late && c->server && (c->ext_late >> e & 1) != 0)
		return false;
	if (e == KEX_EXT_SERVER_SIG_ALGS)
		return c->user_sigs != NULL;
	if (e == KEX_EXT_DELAY_COMPRESSION)
		return c->delay_compress[KEX_CS] != NULL && c->delay_compress[KEX_SC] != NULL;
	return c->ext[e] != NULL;
}

/* Returns whether there is anything to say. */
static bool put_ext_info(struct kex *k, struct wire_buf *b, bool late)
{
	const struct kex_config *c = &k->config;
	uint32_t count = 0;
	k->exts = 0;
	for (enum kex_ext e = 0; e < KEX_EXTS; e++)
		if (is_sent(c, e, late)) {
			k->exts |= (uint32_t)1 << e;
			count++;
		}
	if (count == 0)
		return false;
	wire_put_u8(b, SSH_MSG_EXT_INFO);
	wire_put_u32(b, count);
	for (enum kex_ext e = 0; e < KEX_EXTS; e++) {
		if ((k->exts >> e & 1) == 0)
			continue;
		wire_put_str(b, kex_extensions[e].name);
		if (e == KEX_EXT_SERVER_SIG_ALGS)
			put_names(b, c->user_sigs);
		else if (e == KEX_EXT_DELAY_COMPRESSION)
			put_delayed(b, c);
		else
			wire_put_str(b, c->ext[e]);
	}
	return true;
}

enum ssh_err kex_send_ext_info(struct kex *k)
{
	struct wire_buf b = {0};
	const struct kex_persona *looks = k->config.persona;
	if (looks != NULL && looks->no_ext_info)
		return SSH_OK;
	if (looks != NULL && looks->ext_info.len != 0)
		return kex_put_packet(k, looks->ext_info);
	if (!k->peer_ext_info || !put_ext_info(k, &b, false))
		return SSH_OK;
	return kex_send_buf(k, &b);
}

enum ssh_err kex_send_late_ext_info(struct kex *k)
{
	struct wire_buf b = {0};
	enum ssh_err e = SSH_OK;
	if (!k->config.server || !k->peer_ext_info || k->config.ext_late == 0 || k->late_sent)
		return SSH_OK;
	k->late_sent = true;
	if (put_ext_info(k, &b, true) && (e = wire_buf_end(&b)) == 0)
		e = kex_send(k, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

enum ssh_err kex_set_user_sigs(struct kex *k, const struct crypt_sigalg *const *sigs)
{
	struct wire_buf b = {0};
	ssh_bytes value;
	enum ssh_err e = SSH_OK;
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	if (!k->config.server || !k->keyed || k->success)
		return SSH_ERR_STATE;
	k->config.user_sigs = sigs;
	if (k->in_auth_sent || !kex_peer_ext(k, KEX_EXT_IN_AUTH, &value))
		return SSH_OK;
	k->in_auth_sent = true;
	if (put_ext_info(k, &b, false) && (e = wire_buf_end(&b)) == 0)
		e = kex_send(k, wire_buf_view(&b));
	wire_buf_wipe(&b);
	return e;
}

/* --- The peer's --- */

/*
 * RFC 8308 section 2.4: once after the first NEWKEYS, and a server once more before SUCCESS; and, if
 * we have said that we take it, once when it knows the user.
 */
static bool ext_info_is_timely(const struct kex *k)
{
	bool first_packet = k->exchanges == 1 && k->in.packets == 1;
	if (k->config.server)
		return first_packet;
	return !k->authenticated && k->ext_infos <= 2 + (k->exts >> KEX_EXT_IN_AUTH & 1);
}

static enum ssh_err keep(struct kex *k, ssh_bytes name, ssh_bytes value)
{
	unsigned receiver = k->config.server ? KEX_TO_SERVER : KEX_TO_CLIENT;
	enum kex_ext e = 0;
	while (e < KEX_EXTS && !wire_bytes_is(name, kex_extensions[e].name))
		e++;
	if (e == KEX_EXTS || (kex_extensions[e].receivers & receiver) == 0)
		return SSH_OK;
	if (e == KEX_EXT_SERVER_SIG_ALGS && wire_names_check(value) != SSH_OK)
		return SSH_ERR_NAME_LIST;
	/* Of a name that comes twice the last value counts. */
	wire_buf_reset(&k->peer_ext[e]);
	wire_put_raw(&k->peer_ext[e], value);
	k->peer_exts |= (uint32_t)1 << e;
	return wire_buf_end(&k->peer_ext[e]);
}

enum ssh_err kex_on_ext_info(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_ext_info m;
	ssh_bytes name, value;
	enum ssh_err e;
	k->ext_infos++;
	if (!ext_info_is_timely(k))
		return SSH_ERR_UNEXPECTED;
	if ((e = wire_msg_decode(&ssh_ext_info_shape, p->payload, &m)) != 0 ||
	    (e = ssh_ext_info_check(&m)) != 0)
		return e;
	for (enum kex_ext x = 0; x < KEX_EXTS; x++)
		if (kex_extensions[x].replaced)
			k->peer_exts &= ~((uint32_t)1 << x);
	while (e == 0 && ssh_ext_info_next(&m.rest, &name, &value))
		e = keep(k, name, value);
	if (e != 0)
		return e;
	kex_tell(k, KEX_EVENT_EXT_INFO);
	k->event.payload = p->payload;
	return SSH_OK;
}

bool kex_peer_ext(const struct kex *k, enum kex_ext e, ssh_bytes *value)
{
	bool there = (unsigned)e < KEX_EXTS && (k->peer_exts >> e & 1) != 0;
	*value = there ? wire_buf_view(&k->peer_ext[e]) : wire_bytes(NULL, 0);
	return there;
}

ssh_bytes kex_peer_sig_algs(const struct kex *k)
{
	ssh_bytes value;
	(void)kex_peer_ext(k, KEX_EXT_SERVER_SIG_ALGS, &value);
	return value;
}

bool kex_no_flow_control(const struct kex *k)
{
	const char *ours = k->config.ext[KEX_EXT_NO_FLOW_CONTROL];
	ssh_bytes theirs;
	if ((k->exts >> KEX_EXT_NO_FLOW_CONTROL & 1) == 0 ||
	    !kex_peer_ext(k, KEX_EXT_NO_FLOW_CONTROL, &theirs))
		return false;
	bool prefer = wire_bytes_is(theirs, "p");
	return (prefer || wire_bytes_is(theirs, "s")) && (prefer || strcmp(ours, "p") == 0);
}

char kex_peer_elevation(const struct kex *k)
{
	ssh_bytes value;
	(void)kex_peer_ext(k, KEX_EXT_ELEVATION, &value);
	return wire_bytes_is(value, "y") || wire_bytes_is(value, "n") ? (char)value.ptr[0] : 'd';
}

/* --- Pings --- */

/* Before authentication a ping is swallowed: a stranger shall not make us queue replies. */
enum ssh_err kex_on_ping(struct kex *k, const struct kex_frame_packet *p)
{
	bool std = p->payload.ptr[0] == SSH_MSG_PING_STD;
	struct ssh_ping m;
	struct wire_buf pong = {0};
	enum ssh_err e =
	    wire_msg_decode(std ? &ssh_ping_std_shape : &ssh_ping_shape, p->payload, &m);
	if (e != 0 || !k->authenticated)
		return e;
	wire_msg_encode(&pong, std ? &ssh_pong_std_shape : &ssh_pong_shape,
	                &(struct ssh_pong){.data = m.data});
	if ((e = wire_buf_end(&pong)) == 0)
		e = kex_send(k, wire_buf_view(&pong));
	wire_buf_wipe(&pong);
	return e;
}

/* An answer that nobody waits for is nothing. */
enum ssh_err kex_on_pong(struct kex *k, const struct kex_frame_packet *p)
{
	bool std = p->payload.ptr[0] == SSH_MSG_PONG_STD;
	struct ssh_pong m;
	enum ssh_err e =
	    wire_msg_decode(std ? &ssh_pong_std_shape : &ssh_pong_shape, p->payload, &m);
	if (e != 0 || k->pings == 0)
		return e;
	k->pings--;
	kex_tell(k, KEX_EVENT_PONG);
	k->event.payload = m.data;
	return SSH_OK;
}

enum ssh_err kex_ping(struct kex *k, ssh_bytes data)
{
	struct wire_buf b = {0};
	ssh_bytes value;
	bool std = kex_peer_ext(k, KEX_EXT_PING, &value);
	if (k->state == KEX_DEAD)
		return kex_cause(k);
	if (!k->authenticated)
		return SSH_ERR_STATE;
	if (!std && !kex_peer_ext(k, KEX_EXT_PING_OPENSSH, &value))
		return SSH_ERR_UNSUPPORTED;
	wire_msg_encode(&b, std ? &ssh_ping_std_shape : &ssh_ping_shape,
	                &(struct ssh_ping){.data = data});
	enum ssh_err e = wire_buf_end(&b);
	if (e == 0)
		e = kex_send(k, wire_buf_view(&b));
	k->pings += e == SSH_OK;
	wire_buf_wipe(&b);
	return e;
}
