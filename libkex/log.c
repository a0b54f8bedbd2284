/* SPDX-License-Identifier: MIT */
#include "libkex/log.h"

#include "libwire/text.h"

void kex_log_init(struct kex_log *l, enum kex_log_level level)
{
	*l = (struct kex_log){.level = level, .cut = KEX_LOG_CUT};
}

/* --- What both forms need --- */

static uint8_t number_of(const struct kex_trace *t)
{
	return t->payload.len == 0 ? 0 : t->payload.ptr[0];
}

/* The latest request settles what 60 and 61 mean. */
static void learn_auth(struct kex_log *l, ssh_bytes payload)
{
	static const struct {
		const char *name;
		enum wire_auth auth;
	} methods[] = {
	    {"password", WIRE_AUTH_PASSWORD},
	    {"publickey", WIRE_AUTH_PUBLICKEY},
	    {"publickey-hostbound-v00@openssh.com", WIRE_AUTH_PUBLICKEY},
	    {"keyboard-interactive", WIRE_AUTH_KBDINT},
	};
	struct ssh_userauth_request m;
	l->meaning.auth = WIRE_AUTH_UNKNOWN;
	if (wire_msg_decode(&ssh_userauth_request_shape, payload, &m) != 0)
		return;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (wire_bytes_is(m.method, methods[i].name))
			l->meaning.auth = methods[i].auth;
}

static void learn(struct kex_log *l, const struct kex_trace *t)
{
	const struct kex_agree *agree = t->kex->algs.agree;
	l->meaning.kex = agree == NULL ? WIRE_KEX_UNKNOWN : agree->messages;
	if (t->type == KEX_TRACE_PACKET && number_of(t) == SSH_MSG_USERAUTH_REQUEST)
		learn_auth(l, t->payload);
}

static bool wanted(const struct kex_log *l, const struct kex_trace *t)
{
	if (t->type == KEX_TRACE_SECRETS)
		return false;
	return t->type != KEX_TRACE_PACKET || l->level > KEX_LOG_TRANSPORT ||
	       number_of(t) < SSH_MSG_USERAUTH_REQUEST;
}

static struct wire_show show(const struct kex_log *l)
{
	return (struct wire_show){.cut = l->cut, .bulk = l->level >= KEX_LOG_DATA};
}

/* One member of a line about the engine. */
struct member {
	const char *name;
	const char *value;
};

#define MEMBERS_MAX 10

static const char *name_of_mac(const struct crypt_mac *m)
{
	return m == NULL ? "" : m->name; /* an AEAD has none */
}

static size_t negotiated(const struct kex_algs *a, struct member *m)
{
	const struct member all[] = {
	    {"kex", a->agree->name},
	    {"hostkey", a->host_sig->name},
	    {"cipher_cs", a->cipher[KEX_CS]->name},
	    {"cipher_sc", a->cipher[KEX_SC]->name},
	    {"mac_cs", name_of_mac(a->mac[KEX_CS])},
	    {"mac_sc", name_of_mac(a->mac[KEX_SC])},
	    {"comp_cs", a->compress[KEX_CS]->name},
	    {"comp_sc", a->compress[KEX_SC]->name},
	};
	memcpy(m, all, sizeof all);
	return sizeof all / sizeof all[0];
}

static size_t keys(const struct kex_trace *t, struct member *m)
{
	int dir = t->out == t->kex->config.server ? KEX_SC : KEX_CS;
	m[0] = (struct member){"cipher", t->kex->algs.cipher[dir]->name};
	m[1] = (struct member){"mac", name_of_mac(t->kex->algs.mac[dir])};
	return 2;
}

static size_t members_of(const struct kex_trace *t, struct member *m)
{
	if (t->type == KEX_TRACE_NEGOTIATED)
		return negotiated(&t->kex->algs, m);
	if (t->type == KEX_TRACE_KEYS)
		return keys(t, m);
	if (t->type != KEX_TRACE_ERROR)
		return 0;
	m[0] = (struct member){"name", ssh_err_name(t->kex->err)};
	m[1] = (struct member){"text", ssh_err_text(t->kex->err)};
	return 2;
}

static const char *name_of_type(enum kex_trace_type type)
{
	static const char *const names[] = {"packet", "ident",   "negotiated",
	                                    "keys",   "secrets", "error"};
	return names[type];
}

/* --- For people --- */

static void text_packet(const struct kex_log *l, const struct kex_trace *t, struct wire_buf *out)
{
	struct wire_show how = show(l);
	wire_text_decimal(out, t->seq);
	wire_text_str(out, " ");
	wire_text_decimal(out, number_of(t));
	wire_text_str(out, " ");
	wire_msg_show(out, wire_msg_find(number_of(t), l->meaning), t->payload, &how);
}

static void text_event(const struct kex_trace *t, struct wire_buf *out)
{
	struct member m[MEMBERS_MAX];
	size_t n = members_of(t, m);
	wire_text_str(out, name_of_type(t->type));
	for (size_t i = 0; i < n; i++) {
		wire_text_str(out, " ");
		wire_text_str(out, m[i].name);
		wire_text_str(out, "=");
		wire_text_quoted(out, wire_bytes_str(m[i].value));
	}
	if (t->type == KEX_TRACE_NEGOTIATED)
		wire_text_str(out, t->kex->algs.strict ? " strict=true" : " strict=false");
	if (t->type == KEX_TRACE_IDENT) {
		wire_text_str(out, " line=");
		wire_text_quoted(out, t->payload);
	}
}

void kex_log_text(struct kex_log *l, const struct kex_trace *t, struct wire_buf *out)
{
	bool both = t->type == KEX_TRACE_NEGOTIATED || t->type == KEX_TRACE_ERROR;
	learn(l, t);
	if (!wanted(l, t))
		return;
	wire_text_str(out, both ? "* " : t->out ? "> " : "< ");
	if (t->type == KEX_TRACE_PACKET)
		text_packet(l, t, out);
	else
		text_event(t, out);
	wire_text_str(out, "\n");
}

/* --- For programs --- */

static void put_key(struct wire_buf *out, const char *key)
{
	wire_text_str(out, ",");
	wire_text_json(out, wire_bytes_str(key));
	wire_text_str(out, ":");
}

static void put_string(struct wire_buf *out, const char *key, ssh_bytes value)
{
	put_key(out, key);
	wire_text_json(out, value);
}

static void put_number(struct wire_buf *out, const char *key, uint64_t value)
{
	put_key(out, key);
	wire_text_decimal(out, value);
}

static void json_packet(const struct kex_log *l, const struct kex_trace *t, struct wire_buf *out)
{
	struct wire_show how = show(l);
	uint8_t number = number_of(t);
	put_number(out, "seq", t->seq);
	put_number(out, "number", number);
	put_string(out, "name", wire_bytes_str(wire_num_name(number, l->meaning)));
	put_number(out, "len", t->payload.len);
	wire_text_str(out, ",");
	wire_msg_json(out, wire_msg_find(number, l->meaning), t->payload, &how);
}

static void json_event(const struct kex_trace *t, struct wire_buf *out)
{
	struct member m[MEMBERS_MAX];
	size_t n = members_of(t, m);
	for (size_t i = 0; i < n; i++)
		put_string(out, m[i].name, wire_bytes_str(m[i].value));
	if (t->type == KEX_TRACE_NEGOTIATED) {
		put_key(out, "strict");
		wire_text_str(out, t->kex->algs.strict ? "true" : "false");
	}
	if (t->type == KEX_TRACE_IDENT)
		put_string(out, "line", t->payload);
}

void kex_log_json(struct kex_log *l, const struct kex_trace *t, struct wire_buf *out)
{
	bool both = t->type == KEX_TRACE_NEGOTIATED || t->type == KEX_TRACE_ERROR;
	learn(l, t);
	if (!wanted(l, t))
		return;
	wire_text_str(out, "{\"t\":");
	wire_text_decimal(out, t->kex->now_ms);
	put_string(out, "end", wire_bytes_str(t->kex->config.server ? "server" : "client"));
	put_string(out, "type", wire_bytes_str(name_of_type(t->type)));
	if (!both)
		put_string(out, "dir", wire_bytes_str(t->out ? "out" : "in"));
	put_string(out, "state", wire_bytes_str(t->state));
	if (t->type == KEX_TRACE_PACKET)
		json_packet(l, t, out);
	else
		json_event(t, out);
	wire_text_str(out, "}\n");
}
