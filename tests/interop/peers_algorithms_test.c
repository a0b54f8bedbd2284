/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/interop/probe.h"

/*
 * Every algorithm that Nacre and a program of others both have, one session each: which these are,
 * the other's KEXINIT says, and nacre-ssh -Q. Nacre's end has nothing but the algorithm of the row,
 * so that it is what is used.
 */

/* Enough to cross a few packets. */
#define ROW_BYTES 100003

enum kind { CIPHER, MAC, KEX, HOST_KEY, KINDS };

static const struct {
	const char *query;
	const char *option;
	enum kex_list list;
} kinds[KINDS] = {
    [CIPHER] = {"cipher", "Ciphers", KEX_LIST_CIPHER_CS},
    [MAC] = {"mac", "MACs", KEX_LIST_MAC_CS},
    [KEX] = {"kex", "KexAlgorithms", KEX_LIST_KEX},
    [HOST_KEY] = {"key-sig", "HostKeyAlgorithms", KEX_LIST_HOSTKEY},
};

/* The names of a list, one after the other; NULL ends. */
static const char *next_name(const char **list)
{
	size_t n = strcspn(*list, ",");
	if (n == 0)
		return NULL;
	const char *name = peer_text("%.*s", (int)n, *list);
	*list += n + ((*list)[n] == ',');
	return name;
}

/* The key that makes such signatures, as for peer_key; NULL for those of certificates and tokens. */
static const char *key_type(const char *sigalg)
{
	static const char *const types[][2] = {
	    {"ssh-ed25519", "ed25519"},
	    {"ssh-ed448", "ed448"},
	    {"ecdsa-sha2-nistp256", "ecdsa-256"},
	    {"ecdsa-sha2-nistp384", "ecdsa-384"},
	    {"ecdsa-sha2-nistp521", "ecdsa-521"},
	    {"rsa-sha2-256", "rsa-2048"},
	    {"rsa-sha2-512", "rsa-2048"},
	    {"ssh-rsa", "rsa-2048"},
	    {"ssh-dss", "dsa"},
	};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i][0], sigalg) == 0)
			return types[i][1];
	return NULL;
}

/* What Nacre's end is told for a row. The agreement that costs least, where it is not the matter. */
static void add_options(struct words *w, enum kind kind, const char *name)
{
	if (kind == MAC)
		words_add(w, "Ciphers=aes128-ctr", NULL);
	if (kind != KEX)
		words_add(w, "KexAlgorithms=curve25519-sha256,curve25519-sha256@libssh.org", NULL);
	words_add(w, peer_text("%s=%s", kinds[kind].option, name), NULL);
}

static void expect_echo(enum peer client, const struct peer_server *s, const struct peer_ask *ask,
                        const struct words *options)
{
	struct process p = {.pattern = ROW_BYTES, .seed = 5};
	size_t n = options->n;
	const char *row = n == 0 ? "" : options->word[n - 1];
	peer_ask(&p, client, s, ask);
	/* Options stand behind the address as well as before it. */
	p.argv.n -= client == PEER_NACRE ? 1 : 0;
	for (size_t i = 0; i < n && client == PEER_NACRE; i++)
		words_add(&p.argv, "-o", options->word[i], NULL);
	if (client == PEER_NACRE)
		words_add(&p.argv, ask->command, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert(p.status == 7 && p.got == ROW_BYTES, "%s to %s, %s: %llu bytes, %s\n%s",
	          peer_name(client), peer_name(s->kind), row, (unsigned long long)p.got,
	          peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

/*
 * PuTTY and paramiko take their time: but for the long tests they do only what the other libraries
 * have not, as a client or, without libssh2, as a server.
 */
struct spared {
	struct probe libssh;
	struct probe libssh2;
};

static void spare(struct spared *s, enum peer peer, bool server)
{
	*s = (struct spared){.libssh = {.list = {NULL}}};
	if (getenv("NACRE_LONG") != NULL || (peer != PEER_PUTTY && peer != PEER_PARAMIKO))
		return;
	probe_client(&s->libssh, PEER_LIBSSH);
	if (!server)
		probe_client(&s->libssh2, PEER_LIBSSH2);
}

static bool is_spared(const struct spared *s, enum kind kind, const char *name)
{
	const char *a = s->libssh.list[kinds[kind].list], *b = s->libssh2.list[kinds[kind].list];
	return (a != NULL && probe_has(a, name)) || (b != NULL && probe_has(b, name));
}

static struct peer_ask echo(const char *key)
{
	return (struct peer_ask){.key = key, .command = "cat; exit 7"};
}

/* --- Others' clients: a server of ours for each row --- */

static void client_row(enum peer client, enum kind kind, const char *name)
{
	struct peer_server s = {.kind = PEER_NACRE};
	struct peer_ask ask = echo(peer_key("user", "ed25519"));
	add_options(&s.options, kind, name);
	if (kind == HOST_KEY)
		words_add(&s.host_keys, peer_key("host", key_type(name)), NULL);
	peer_server_start(&s);
	expect_echo(client, &s, &ask, &s.options);
	peer_server_stop(&s);
}

/* How the user signs. */
static void client_user_key(enum peer client, const char *name)
{
	const char *key = peer_key("user", key_type(name));
	struct peer_server s = {.kind = PEER_NACRE};
	struct peer_ask ask = echo(key);
	words_add(&s.options, peer_text("PubkeyAcceptedAlgorithms=%s", name), NULL);
	peer_authorize(key, "");
	peer_server_start(&s);
	expect_echo(client, &s, &ask, &s.options);
	peer_server_stop(&s);
}

/* Dropbear checks DSA and has no such keys of users. */
static bool takes_user_key(enum peer client, const char *name)
{
	return client != PEER_DROPBEAR || strcmp(name, "ssh-dss") != 0;
}

static void each_of_client(enum peer client, size_t least)
{
	struct probe offer;
	struct spared spared;
	size_t rows = 0;
	peer_authorize(peer_key("user", "ed25519"), "");
	probe_client(&offer, client);
	spare(&spared, client, false);
	for (enum kind kind = CIPHER; kind < KINDS; kind++) {
		const char *name, *list = peer_algorithms(kinds[kind].query);
		while ((name = next_name(&list)) != NULL) {
			if (!probe_has(offer.list[kinds[kind].list], name) ||
			    (kind == HOST_KEY && key_type(name) == NULL))
				continue;
			rows++;
			if (is_spared(&spared, kind, name))
				continue;
			client_row(client, kind, name);
			if (kind == HOST_KEY && takes_user_key(client, name))
				client_user_key(client, name);
		}
	}
	cr_assert_geq(rows, least, "only %zu algorithms in common with %s", rows,
	              peer_name(client));
}

Test(peers_algorithms, dropbear_to_nacre, .fini = peer_end)
{
	each_of_client(PEER_DROPBEAR, 15);
}

Test(peers_algorithms, putty_to_nacre, .fini = peer_end)
{
	each_of_client(PEER_PUTTY, 35);
}

Test(peers_algorithms, paramiko_to_nacre, .fini = peer_end)
{
	each_of_client(PEER_PARAMIKO, 25);
}

Test(peers_algorithms, libssh_to_nacre, .fini = peer_end)
{
	each_of_client(PEER_LIBSSH, 25);
}

Test(peers_algorithms, libssh2_to_nacre, .fini = peer_end)
{
	each_of_client(PEER_LIBSSH2, 30);
}

/* --- What others have and we have not: nothing but these, so that no row above is forgotten --- */

static const char *const left_out[] = {
    /* Markers, which are no methods. */
    "ext-info-c",
    "kex-strict-c-v00@openssh.com",
    "kexguess2@matt.ucc.asn.au",
    /* PuTTY's: 56 bits; keys that the server makes for once, RFC 4432. */
    "des-cbc",
    "des-cbc@ssh.com",
    "rsa2048-sha256",
    "rsa1024-sha1",
};

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (strcmp(left_out[i], name) == 0)
			return true;
	return false;
}

static void expect_known(enum peer client, enum kind kind, const char *list)
{
	const char *name, *ours = peer_algorithms(kinds[kind].query);
	cr_expect_neq(list[0], '\0', "%s has no %s", peer_name(client), kinds[kind].query);
	while ((name = next_name(&list)) != NULL)
		cr_expect(probe_has(ours, name) || is_left_out(name), "%s has %s %s",
		          peer_name(client), kinds[kind].query, name);
}

Test(peers_algorithms, nothing_is_forgotten, .fini = peer_end)
{
	static const enum peer clients[] = {PEER_DROPBEAR, PEER_PUTTY, PEER_PARAMIKO, PEER_LIBSSH,
	                                    PEER_LIBSSH2};
	struct probe offer;
	for (enum kind kind = CIPHER; kind < KINDS; kind++)
		expect_known(PEER_OPENSSH, kind, probe_openssh(kinds[kind].query));
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
		probe_client(&offer, clients[i]);
		for (enum kind kind = CIPHER; kind < KINDS; kind++)
			expect_known(clients[i], kind, offer.list[kinds[kind].list]);
	}
}

/* --- Others' servers: one for all rows but those of host keys --- */

static size_t server_rows(struct peer_server *s, enum kind kind)
{
	struct probe offer;
	struct spared spared;
	size_t rows = 0;
	const char *name, *list = peer_algorithms(kinds[kind].query);
	probe_server(&offer, s);
	spare(&spared, s->kind, true);
	while ((name = next_name(&list)) != NULL) {
		struct peer_ask ask = echo(peer_key("user", "ed25519"));
		struct words options = {.n = 0};
		if (!probe_has(offer.list[kinds[kind].list], name))
			continue;
		rows++;
		if (is_spared(&spared, kind, name))
			continue;
		add_options(&options, kind, name);
		expect_echo(PEER_NACRE, s, &ask, &options);
	}
	return rows;
}

/* With a host key of this type, and logged in by a user's key of it: each signature it can make. */
static size_t server_keys(enum peer server, const char *type)
{
	struct peer_server s = {.kind = server};
	struct probe offer;
	size_t rows = 0;
	const char *name, *list = peer_algorithms("key-sig"), *user = peer_key("user", type);
	struct peer_ask ask = echo(user);
	peer_authorize(user, "");
	words_add(&s.host_keys, peer_key("host", type), NULL);
	peer_server_start(&s);
	probe_server(&offer, &s);
	while ((name = next_name(&list)) != NULL) {
		struct words options = {.n = 0};
		/* Dropbear offers more than it has keys for. */
		if (!probe_has(offer.list[KEX_LIST_HOSTKEY], name) || key_type(name) == NULL ||
		    strcmp(key_type(name), type) != 0)
			continue;
		add_options(&options, HOST_KEY, name);
		words_add(&options, peer_text("PubkeyAcceptedAlgorithms=%s", name), NULL);
		expect_echo(PEER_NACRE, &s, &ask, &options);
		rows++;
	}
	peer_server_stop(&s);
	return rows;
}

static void each_of_server(enum peer server, const char *key_types, size_t least)
{
	struct peer_server s = {.kind = server};
	size_t rows = 0;
	const char *type;
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(&s);
	for (enum kind kind = CIPHER; kind < HOST_KEY; kind++)
		rows += server_rows(&s, kind);
	peer_server_stop(&s);
	while ((type = next_name(&key_types)) != NULL)
		rows += server_keys(server, type);
	cr_assert_geq(rows, least, "only %zu algorithms in common with %s", rows,
	              peer_name(server));
}

Test(peers_algorithms, nacre_to_dropbear, .fini = peer_end)
{
	each_of_server(PEER_DROPBEAR, "ed25519,ecdsa-256,ecdsa-384,ecdsa-521,rsa-2048", 12);
}

Test(peers_algorithms, nacre_to_paramiko, .fini = peer_end)
{
	each_of_server(PEER_PARAMIKO, "ed25519,ecdsa-256,ecdsa-384,ecdsa-521,rsa-2048,dsa", 25);
}

Test(peers_algorithms, nacre_to_libssh, .fini = peer_end)
{
	each_of_server(PEER_LIBSSH, "ed25519,ecdsa-256,ecdsa-384,ecdsa-521,rsa-2048", 25);
}
