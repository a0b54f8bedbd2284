/* SPDX-License-Identifier: MIT */
#include "libkex/transport_impl.h"

/*
 * The protocol of RFC 4253 as a table, and the handlers of the messages that are not about keys.
 */

static enum ssh_err on_nothing(struct kex *k, const struct kex_frame_packet *p)
{
	(void)k;
	(void)p;
	return SSH_OK;
}

static ssh_bytes shown(ssh_bytes text)
{
	return wire_bytes(text.ptr, text.len < KEX_TEXT_MAX ? text.len : KEX_TEXT_MAX);
}

/* A goodbye is taken as one however it is spelled: there is nobody left to complain to. */
static enum ssh_err on_disconnect(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_disconnect m;
	(void)wire_msg_decode(&ssh_disconnect_shape, p->payload, &m);
	kex_tell(k, KEX_EVENT_DISCONNECT);
	k->event.reason = m.reason;
	k->event.text = shown(m.text);
	kex_die(k, SSH_ERR_DISCONNECTED);
	return SSH_OK;
}

/*
 * Is this the number of a packet of ours in the exchange under way? After our NEWKEYS a strict kex
 * counts from 0 again: a number that was reached there is taken for the later packet.
 */
static bool is_own_packet(const struct kex *k, uint32_t seq)
{
	if (k->algs.strict && k->state == KEX_EXPECT_NEWKEYS && seq < k->out.seq)
		return false;
	for (size_t i = 0; i < k->own_packets; i++)
		if (k->own_seqs[i] == seq)
			return true;
	return false;
}

/* Of the exchange nothing can be left out: whoever does not know a part of it will never go on. */
static enum ssh_err on_unimplemented(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_unimplemented m;
	enum ssh_err e = wire_msg_decode(&ssh_unimplemented_shape, p->payload, &m);
	if (e != 0)
		return e;
	if (is_own_packet(k, m.seq))
		return SSH_ERR_KEX_REFUSED;
	kex_tell(k, KEX_EVENT_UNIMPLEMENTED);
	k->event.seq = m.seq;
	return SSH_OK;
}

static enum ssh_err on_debug(struct kex *k, const struct kex_frame_packet *p)
{
	struct ssh_debug m;
	enum ssh_err e = wire_msg_decode(&ssh_debug_shape, p->payload, &m);
	if (e != 0)
		return e;
	kex_tell(k, KEX_EVENT_DEBUG);
	k->event.display = m.display;
	k->event.text = shown(m.text);
	return SSH_OK;
}

enum ssh_err kex_on_payload(struct kex *k, const struct kex_frame_packet *p)
{
	kex_tell(k, KEX_EVENT_PAYLOAD);
	k->event.payload = p->payload;
	k->event.seq = p->seq;
	if (p->payload.ptr[0] == SSH_MSG_USERAUTH_SUCCESS && !k->config.server && !k->success)
		return kex_compression_success(k);
	return SSH_OK;
}

/* clang-format off */
#define IN(state) (1u << KEX_##state)
#define NOWHERE   0
#define BETWEEN   (IN(EXPECT_KEXINIT) | IN(OPEN))
#define ALIVE     (BETWEEN | IN(EXPECT_INIT) | IN(EXPECT_REPLY) | IN(EXPECT_GEX_REQUEST) |          \
		   IN(EXPECT_GEX_GROUP) | IN(EXPECT_GEX_INIT) | IN(EXPECT_GEX_REPLY) |             \
		   IN(EXPECT_NEWKEYS))
#define BOTH      KEX_TO_BOTH
#define CLIENT    KEX_TO_CLIENT
#define SERVER    KEX_TO_SERVER
#define PLAIN     (1u << WIRE_KEX_DH | 1u << WIRE_KEX_ECDH)
#define GEX       (1u << WIRE_KEX_GEX)
#define ELSE      (1u << WIRE_KEX_UNKNOWN)
#define ONE(n)    SSH_MSG_##n, SSH_MSG_##n

const struct kex_rule kex_rules[] = {
	/* numbers                     welcome in              receivers methods strict handler */
	{0, 0,                         NOWHERE,                BOTH,     0,      false, on_nothing},
	{ONE(DISCONNECT),              ALIVE,                  BOTH,     0,      true,  on_disconnect},
	{ONE(IGNORE),                  ALIVE,                  BOTH,     0,      false, on_nothing},
	{ONE(UNIMPLEMENTED),           ALIVE,                  BOTH,     0,      false, on_unimplemented},
	{ONE(DEBUG),                   ALIVE,                  BOTH,     0,      false, on_debug},
	{ONE(SERVICE_REQUEST),         IN(OPEN),               SERVER,   0,      false, kex_on_payload},
	{ONE(SERVICE_ACCEPT),          IN(OPEN),               CLIENT,   0,      false, kex_on_payload},
	{ONE(EXT_INFO),                IN(OPEN),               BOTH,     0,      false, kex_on_ext_info},
	{ONE(NEWCOMPRESS),             IN(OPEN),               SERVER,   0,      false, kex_on_newcompress},
	{ONE(PING_STD),                IN(OPEN),               BOTH,     0,      false, kex_on_ping},
	{ONE(PONG_STD),                IN(OPEN),               BOTH,     0,      false, kex_on_pong},
	{ONE(KEXINIT),                 BETWEEN,                BOTH,     0,      true,  kex_on_kexinit},
	{ONE(NEWKEYS),                 IN(EXPECT_NEWKEYS),     BOTH,     0,      true,  kex_on_newkeys},
	{ONE(KEX_ECDH_INIT),           IN(EXPECT_INIT),        SERVER,   PLAIN,  true,  kex_on_init},
	{ONE(KEX_ECDH_REPLY),          IN(EXPECT_REPLY),       CLIENT,   PLAIN,  true,  kex_on_reply},
	{ONE(KEX_DH_GEX_REQUEST_OLD),  IN(EXPECT_GEX_REQUEST), SERVER,   GEX,    true,  kex_on_gex_request_old},
	{ONE(KEX_DH_GEX_GROUP),        IN(EXPECT_GEX_GROUP),   CLIENT,   GEX,    true,  kex_on_gex_group},
	{ONE(KEX_DH_GEX_INIT),         IN(EXPECT_GEX_INIT),    SERVER,   GEX,    true,  kex_on_init},
	{ONE(KEX_DH_GEX_REPLY),        IN(EXPECT_GEX_REPLY),   CLIENT,   GEX,    true,  kex_on_reply},
	{ONE(KEX_DH_GEX_REQUEST),      IN(EXPECT_GEX_REQUEST), SERVER,   GEX,    true,  kex_on_gex_request},
	{35, 49,                       NOWHERE,                BOTH,     ELSE,   false, on_nothing},
	{50, 127,                      IN(OPEN),               BOTH,     0,      false, kex_on_payload},
	{ONE(PING),                    IN(OPEN),               BOTH,     0,      false, kex_on_ping},
	{ONE(PONG),                    IN(OPEN),               BOTH,     0,      false, kex_on_pong},
};
/* clang-format on */
const size_t kex_rules_count = sizeof kex_rules / sizeof kex_rules[0];

static const char *const state_names[KEX_STATES + 1] = {
    "EXPECT_IDENT",
    "EXPECT_KEXINIT",
    "EXPECT_INIT",
    "EXPECT_REPLY",
    "EXPECT_GEX_REQUEST",
    "EXPECT_GEX_GROUP",
    "EXPECT_GEX_INIT",
    "EXPECT_GEX_REPLY",
    "EXPECT_NEWKEYS",
    "OPEN",
    "DEAD",
    "UNKNOWN",
};

const char *kex_state_name(enum kex_state state)
{
	return state_names[(unsigned)state < KEX_STATES ? state : KEX_STATES];
}

/* While a method runs, 30-49 are its own; a row of another method is then no row at all. */
static bool row_applies(const struct kex *k, const struct kex_rule *r, uint8_t number)
{
	bool running = k->state > KEX_EXPECT_KEXINIT && k->state < KEX_OPEN;
	if (number < r->first || number > r->last)
		return false;
	return r->kex == 0 || !running || (r->kex >> k->algs.agree->messages & 1) != 0;
}

enum kex_verdict kex_judge(const struct kex *k, uint8_t number, const struct kex_rule **rule)
{
	bool strict = k->exchanges == 0 && k->algs.strict;
	unsigned receiver = k->config.server ? KEX_TO_SERVER : KEX_TO_CLIENT;
	bool known = false;
	for (size_t i = 0; i < kex_rules_count; i++) {
		const struct kex_rule *r = &kex_rules[i];
		if (!row_applies(k, r, number))
			continue;
		known = true;
		if ((r->states >> k->state & 1) != 0 && (r->receivers & receiver) != 0 &&
		    (r->strict || !strict)) {
			*rule = r;
			return KEX_WELCOME;
		}
	}
	/* RFC 4253 section 7: nothing but KEXINIT and 1 to 4 may come first, known or not. */
	return known || strict || k->state == KEX_EXPECT_KEXINIT ? KEX_UNWELCOME
	                                                         : KEX_UNIMPLEMENTED;
}
