/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/interop/probe.h"

/* What is known of the programs of others: whom strict key exchange binds, what nobody else has. */

/* --- Strict key exchange --- */

#define STRICT "kex-strict-c-v00@openssh.com"

static const enum peer clients[] = {PEER_OPENSSH,  PEER_DROPBEAR, PEER_PUTTY,
                                    PEER_PARAMIKO, PEER_LIBSSH,   PEER_LIBSSH2};
#define CLIENTS (sizeof clients / sizeof clients[0])

static void log_in(enum peer client, const struct peer_server *s)
{
	struct process p = {0};
	struct peer_ask ask = {.key = peer_key("user", "ed25519"), .command = "exit 7"};
	peer_ask(&p, client, s, &ask);
	process_start(&p);
	process_input(&p, wire_bytes_str(""));
	process_wait(&p);
	cr_assert_eq(p.status, 7, "%s: %s", peer_name(client), peer_outcome(&p));
	process_wipe(&p);
}

/*
 * A session with each: our server says that it is strict just if the client has asked for it. Of
 * Debian 12, paramiko 2.12 and libssh2 1.10 do not.
 */
Test(peers_facts, strict, .fini = peer_end)
{
	size_t n = 0;
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < CLIENTS; i++) {
		struct peer_server s = {.kind = PEER_NACRE};
		struct probe offer;
		words_add(&s.options, "LogLevel=DEBUG", NULL);
		peer_server_start(&s);
		probe_client(&offer, clients[i]);
		bool asked = probe_has(offer.list[KEX_LIST_KEX], STRICT);
		log_in(clients[i], &s);
		const char *line = strstr(peer_server_log(&s), "\nTo the client: ");
		cr_assert_not_null(line, "%s", peer_server_log(&s));
		line = peer_text("%.*s", (int)strcspn(line + 1, "\n"), line + 1);
		cr_assert_eq(strstr(line, ", strict") != NULL, asked, "%s: %s",
		             peer_name(clients[i]), line);
		n += asked;
		peer_server_stop(&s);
	}
	cr_assert_gt(n, 2, "only %zu clients are strict", n);
}

/* --- What has no peer here: it rests on published vectors and on Nacre at both ends --- */

static const struct {
	const char *query;
	enum kex_list list;
	const char *alone;
} kinds[] = {
    {"cipher", KEX_LIST_CIPHER_CS,
     "aes128-gcm,aes256-gcm,chacha20-poly1305,AEAD_AES_128_GCM,AEAD_AES_256_GCM,"
     "twofish128-ctr,twofish192-ctr,twofish256-ctr,serpent128-ctr,serpent192-ctr,"
     "serpent256-ctr,camellia128-ctr,camellia192-ctr,camellia256-ctr,twofish128-cbc,"
     "twofish192-cbc,twofish256-cbc,twofish-cbc,serpent128-cbc,serpent192-cbc,serpent256-cbc,"
     "camellia128-cbc,camellia192-cbc,camellia256-cbc,cast128-ctr,none"},
    {"mac", KEX_LIST_MAC_CS,
     "AEAD_AES_128_GCM,AEAD_AES_256_GCM,hmac-ripemd160-etm@openssh.com,none"},
    {"kex", KEX_LIST_KEX, "mlkem768x25519-sha256,mlkem768nistp256-sha256,mlkem1024nistp384-sha384"},
    {"key-sig", KEX_LIST_HOSTKEY,
     "ssh-ed25519-cert,ecdsa-sha2-nistp256-cert,ecdsa-sha2-nistp384-cert,ecdsa-sha2-nistp521-cert,"
     "ssh-ed448-cert,rsa-sha2-512-cert,rsa-sha2-256-cert,"
     "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-rsa-cert,ssh-dss-cert"},
};

static bool anybody_has(const struct probe *offers, size_t kind, const char *name)
{
	if (probe_has(probe_openssh(kinds[kind].query), name))
		return true;
	for (size_t i = 1; i < CLIENTS; i++)
		if (probe_has(offers[i].list[kinds[kind].list], name))
			return true;
	return false;
}

/* If this fails for a new name, let it have a peer, or put it into the table. */
Test(peers_facts, alone, .fini = peer_end)
{
	struct probe offers[CLIENTS];
	for (size_t i = 1; i < CLIENTS; i++)
		probe_client(&offers[i], clients[i]);
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		const char *list = peer_algorithms(kinds[k].query), *missing = "";
		while (*list != '\0') {
			const char *name = peer_text("%.*s", (int)strcspn(list, ","), list);
			list += strlen(name) + (list[strlen(name)] == ',');
			if (!probe_has(kinds[k].alone, name) && !anybody_has(offers, k, name))
				missing = peer_text("%s %s", missing, name);
		}
		cr_expect_str_eq(missing, "", "%s: no peer has%s", kinds[k].query, missing);
	}
}
