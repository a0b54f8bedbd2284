/* SPDX-License-Identifier: MIT */
#include "libkex/propose.h"

#include "libwire/msg.h"
#include "libwire/names.h"

static const char *const list_names[KEX_LISTS + 1] = {
    "key exchange",
    "host key",
    "cipher client to server",
    "cipher server to client",
    "MAC client to server",
    "MAC server to client",
    "compression client to server",
    "compression server to client",
    "none",
};

const char *kex_list_name(enum kex_list list)
{
	return list_names[(unsigned)list < KEX_LISTS ? list : KEX_LISTS];
}

/* Names that stand in the kex list without being methods. RFC 8308 section 2.1 and the draft. */
static const char *const markers[] = {
    "ext-info-c",   "ext-info-s",   "kex-strict-c-v00@openssh.com", "kex-strict-s-v00@openssh.com",
    "kex-strict-c", "kex-strict-s",
};

static bool is_marker(ssh_bytes name)
{
	for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
		if (wire_bytes_is(name, markers[i]))
			return true;
	return false;
}

static ssh_bytes list_of(const struct ssh_kexinit *m, enum kex_list list)
{
	const ssh_bytes lists[KEX_LISTS] = {
	    m->kex,    m->hostkey, m->cipher_cs, m->cipher_sc,
	    m->mac_cs, m->mac_sc,  m->comp_cs,   m->comp_sc,
	};
	return lists[list];
}

enum ssh_err kex_propose_list(ssh_bytes kexinit, enum kex_list list, ssh_bytes *names)
{
	struct ssh_kexinit m;
	if ((unsigned)list >= KEX_LISTS)
		return SSH_ERR_ARGUMENT;
	enum ssh_err e = wire_msg_decode(&ssh_kexinit_shape, kexinit, &m);
	if (e == 0)
		*names = list_of(&m, list);
	return e;
}

static bool has(ssh_bytes list, const char *name)
{
	return wire_names_has(list, wire_bytes_str(name));
}

static bool choose_kex(ssh_bytes client, ssh_bytes server, ssh_bytes *out)
{
	struct wire_names w = wire_names_of(client);
	ssh_bytes name;
	while (wire_names_next(&w, &name)) {
		if (wire_name_valid(name) && !is_marker(name) && wire_names_has(server, name)) {
			*out = name;
			return true;
		}
	}
	return false;
}

static ssh_bytes first_name(ssh_bytes list)
{
	struct wire_names w = wire_names_of(list);
	ssh_bytes name = {NULL, 0};
	wire_names_next(&w, &name);
	return name;
}

/* The guess is right if both methods that it rests on stand first in both proposals. */
static bool guess_right(const struct ssh_kexinit *c, const struct ssh_kexinit *s)
{
	ssh_bytes kex = first_name(c->kex);
	return !is_marker(kex) && wire_bytes_equal(kex, first_name(s->kex)) &&
	       wire_bytes_equal(first_name(c->hostkey), first_name(s->hostkey));
}

enum ssh_err kex_propose_choose(ssh_bytes client, ssh_bytes server, struct kex_choice *out)
{
	struct ssh_kexinit c, s;
	enum ssh_err e;
	*out = (struct kex_choice){.failed = KEX_LISTS};
	if ((e = wire_msg_decode(&ssh_kexinit_shape, client, &c)) != 0 ||
	    (e = wire_msg_decode(&ssh_kexinit_shape, server, &s)) != 0)
		return e;
	for (enum kex_list l = KEX_LIST_KEX; l < KEX_LISTS; l++) {
		bool found = l == KEX_LIST_KEX
		                 ? choose_kex(c.kex, s.kex, &out->name[l])
		                 : wire_names_common(list_of(&c, l), list_of(&s, l), &out->name[l]);
		if (!found && l != KEX_LIST_MAC_CS && l != KEX_LIST_MAC_SC) {
			*out = (struct kex_choice){.failed = l};
			return SSH_ERR_NO_COMMON;
		}
	}
	/* The drafts' rule: the two spellings never match each other. */
	out->strict = (has(c.kex, "kex-strict-c-v00@openssh.com") &&
	               has(s.kex, "kex-strict-s-v00@openssh.com")) ||
	              (has(c.kex, "kex-strict-c") && has(s.kex, "kex-strict-s"));
	out->client_ext_info = has(c.kex, "ext-info-c");
	out->server_ext_info = has(s.kex, "ext-info-s");
	out->client_guess_wrong = c.first_follows && !guess_right(&c, &s);
	out->server_guess_wrong = s.first_follows && !guess_right(&c, &s);
	return SSH_OK;
}
