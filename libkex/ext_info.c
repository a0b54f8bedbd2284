/* SPDX-License-Identifier: MIT */
#include "libkex/persona.h"
#include "libkex/transport_impl.h"
#include "libwire/names.h"

/*
 * RFC 8308: what each side tells the other of its extensions, and the pings that are one of them.
 */

/* RFC 8308 section 2.4: the very next packet after the first NEWKEYS. */
enum ssh_err kex_send_ext_info(struct kex *k)
{
	struct wire_buf b = {0};
	const struct kex_persona *looks = k->config.persona;
	if (looks != NULL && looks->no_ext_info)
		return SSH_OK;
	if (looks != NULL && looks->ext_info.len != 0)
		return kex_put_packet(k, looks->ext_info);
	if (!k->config.server || !k->peer_ext_info || k->config.user_sigs == NULL)
		return SSH_OK;
	wire_put_u8(&b, SSH_MSG_EXT_INFO);
	wire_put_u32(&b, 2);
	wire_put_str(&b, "server-sig-algs");
	size_t mark = wire_put_string_begin(&b);
	for (size_t i = 0; k->config.user_sigs[i] != NULL; i++) {
		if (i > 0)
			wire_put_u8(&b, ',');
		wire_put_raw(&b, wire_bytes_str(k->config.user_sigs[i]->name));
	}
	wire_put_string_end(&b, mark);
	wire_put_str(&b, "ping@openssh.com");
	wire_put_str(&b, "0");
	return kex_send_buf(k, &b);
}

/* RFC 8308 section 2.4: once after the first NEWKEYS, and a server once more before SUCCESS. */
static bool ext_info_is_timely(const struct kex *k)
{
	bool first_packet = k->exchanges == 1 && k->in.packets == 1;
	if (k->config.server)
		return first_packet;
	return !k->authenticated && k->ext_infos <= 2;
}

static enum ssh_err save_sig_algs(struct kex *k, ssh_bytes rest)
{
	ssh_bytes name, value;
	while (ssh_ext_info_next(&rest, &name, &value)) {
		if (!wire_bytes_is(name, "server-sig-algs"))
			continue;
		if (wire_names_check(value) != SSH_OK)
			return SSH_ERR_NAME_LIST;
		wire_buf_reset(&k->sig_algs);
		wire_put_raw(&k->sig_algs, value);
	}
	return wire_buf_end(&k->sig_algs);
}

enum ssh_err kex_on_ext_info(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_ext_info m;
	enum ssh_err e;
	k->ext_infos++;
	if (!ext_info_is_timely(k))
		return SSH_ERR_UNEXPECTED;
	if ((e = wire_msg_decode(&ssh_ext_info_shape, p->payload, &m)) != 0 ||
	    (e = ssh_ext_info_check(&m)) != 0)
		return e;
	if (!k->config.server && (e = save_sig_algs(k, m.rest)) != 0)
		return e;
	kex_tell(k, KEX_EVENT_EXT_INFO);
	k->event.payload = p->payload;
	return SSH_OK;
}

/* Before authentication a ping is swallowed: a stranger shall not make us queue replies. */
enum ssh_err kex_on_ping(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_ping m;
	struct wire_buf pong = {0};
	enum ssh_err e = wire_msg_decode(&ssh_ping_shape, p->payload, &m);
	if (e != 0 || !k->authenticated)
		return e;
	wire_msg_encode(&pong, &ssh_pong_shape, &(struct ssh_pong){.data = m.data});
	if ((e = wire_buf_end(&pong)) == 0)
		e = kex_send(k, wire_buf_view(&pong));
	wire_buf_wipe(&pong);
	return e;
}
