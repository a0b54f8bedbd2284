/* SPDX-License-Identifier: MIT */
#include "libkex/propose.h"
#include "libwire/msg.h"
#include "libwire/names.h"
#include "tests/fuzz/fuzz.h"

/*
 * Two KEXINIT payloads, the client's behind its length of two bytes. Every name that is chosen is
 * the first of the client's that the server has too, and no marker.
 */

static ssh_bytes list_of(const struct ssh_kexinit *m, enum kex_list list)
{
	const ssh_bytes lists[KEX_LISTS] = {m->kex,    m->hostkey, m->cipher_cs, m->cipher_sc,
	                                    m->mac_cs, m->mac_sc,  m->comp_cs,   m->comp_sc};
	return lists[list];
}

/* Only key exchange has markers, which are no algorithms. */
static bool is_marker(ssh_bytes name)
{
	static const char *const markers[] = {"ext-info-c",
	                                      "ext-info-s",
	                                      "kex-strict-c-v00@openssh.com",
	                                      "kex-strict-s-v00@openssh.com",
	                                      "kex-strict-c",
	                                      "kex-strict-s"};
	for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
		if (wire_bytes_is(name, markers[i]))
			return true;
	return false;
}

/* The rule of RFC 4253 section 7.1, once more. */
static ssh_bytes first_common(const struct ssh_kexinit *c, const struct ssh_kexinit *s,
                              enum kex_list list)
{
	struct wire_names names = wire_names_of(list_of(c, list));
	ssh_bytes name;
	while (wire_names_next(&names, &name))
		if (wire_name_valid(name) && wire_names_has(list_of(s, list), name) &&
		    !(list == KEX_LIST_KEX && is_marker(name)))
			return name;
	return wire_bytes(NULL, 0);
}

static void compare(const struct kex_choice *choice, ssh_bytes client, ssh_bytes server)
{
	struct ssh_kexinit c, s;
	FUZZ_MUST(wire_msg_decode(&ssh_kexinit_shape, client, &c) == 0);
	FUZZ_MUST(wire_msg_decode(&ssh_kexinit_shape, server, &s) == 0);
	for (enum kex_list l = 0; l < KEX_LISTS; l++)
		FUZZ_MUST(wire_bytes_equal(choice->name[l], first_common(&c, &s, l)));
	FUZZ_MUST(c.first_follows || !choice->client_guess_wrong);
	FUZZ_MUST(s.first_follows || !choice->server_guess_wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssh_bytes server = wire_bytes(data, size);
	ssh_bytes client = fuzz_long(&server);
	struct kex_choice choice;
	enum ssh_err e = kex_propose_choose(client, server, &choice);
	if (e == 0)
		compare(&choice, client, server);
	if (e == SSH_ERR_NO_COMMON)
		FUZZ_MUST(choice.failed < KEX_LISTS && kex_list_name(choice.failed) != NULL);
	return 0;
}

static void seed(const char *client, const char *server, bool follows)
{
	struct ssh_kexinit m = {.first_follows = follows};
	struct wire_buf one = {0}, both = {0};
	ssh_bytes *lists[] = {&m.hostkey, &m.cipher_cs, &m.cipher_sc, &m.mac_cs,
	                      &m.mac_sc,  &m.comp_cs,   &m.comp_sc};
	for (size_t i = 0; i < 7; i++)
		*lists[i] = wire_bytes_str(client);
	m.kex = wire_bytes_str("a,ext-info-c,kex-strict-c-v00@openssh.com,kex-strict-c,b");
	wire_msg_encode(&one, &ssh_kexinit_shape, &m);
	fuzz_put_long(&both, wire_buf_view(&one));
	wire_buf_wipe(&one);
	for (size_t i = 0; i < 7; i++)
		*lists[i] = wire_bytes_str(server);
	m.kex = wire_bytes_str("b,a,ext-info-s,kex-strict-s-v00@openssh.com");
	wire_msg_encode(&both, &ssh_kexinit_shape, &m);
	fuzz_seed_buf(&both);
}

void fuzz_seeds(void)
{
	seed("none", "none", false);
	seed("a,b,c", "c,b", true);
	seed("a", "b", true);
	seed("", "", false);
}
