/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/*
 * What the tools let be set of the transport: the sizes of group exchanges, the least RSA key, when
 * keys are exchanged anew.
 */

#define GEX   "KexAlgorithms=diffie-hellman-group-exchange-sha256"
#define OPTS  4
#define NACRE PEER_NACRE
#define THEIR PEER_OPENSSH

struct row {
	enum peer client, server;
	const char *of_client[OPTS], *of_server[OPTS];
	int status;
	const char *
	    said; /* in the trace of the client, or of the server if that is not ours; NULL: no matter */
};

static void add(struct words *w, const char *dash, const char *const *options)
{
	for (size_t i = 0; i < OPTS && options[i] != NULL; i++)
		if (dash == NULL)
			words_add(w, options[i], NULL);
		else
			words_add(w, dash, options[i], NULL);
}

static void check(const struct row *r, const char *key, const char *first)
{
	struct peer_server s = {.kind = r->server};
	struct process p = {0};
	const char *trace = peer_write("trace", ""), *option = peer_text("TraceFile=%s", trace);
	if (first != NULL)
		words_add(&s.options, first, NULL);
	add(&s.options, NULL, r->of_server);
	if (r->client != NACRE)
		words_add(&s.options, option, NULL);
	words_add(&s.host_keys, key, NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, r->client, &s);
	if (r->client == NACRE)
		words_add(&p.argv, "-o", option, NULL);
	add(&p.argv, "-o", r->of_client);
	peer_run(&p, &s, "exit 4", "");
	const char *row = r->of_client[0] != NULL ? r->of_client[0] : r->of_server[0];
	cr_expect_eq(p.status, r->status, "%s: %s\n%s", row, peer_outcome(&p), peer_server_log(&s));
	if (r->said != NULL)
		cr_expect_not_null(strstr(peer_read(trace), r->said), "%s: no %s in\n%.2000s", row,
		                   r->said, peer_read(trace));
	process_wipe(&p);
	peer_server_stop(&s);
}

static void each(const struct row *rows, size_t n, const char *key, const char *first)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < n; i++)
		check(&rows[i], key, first);
}

#define EACH(rows, key, first) each(rows, sizeof rows / sizeof rows[0], key, first)

/* --- Group exchange --- */

#define REQUEST(min, n, max)   "\"min\":" #min ",\"n\":" #n ",\"max\":" #max

Test(policy, sizes_of_groups, .fini = peer_end)
{
	static const struct row rows[] = {
	    {NACRE, THEIR, {NULL}, {NULL}, 4, REQUEST(2048, 3072, 8192)},
	    {NACRE,
	     THEIR,
	     {"GroupExchangeMin=4096", "GroupExchangePreferred=4096", "GroupExchangeMax=4096"},
	     {NULL},
	     4,
	     REQUEST(4096, 4096, 4096)},
	    {NACRE, NACRE, {"GroupExchangePreferred=2048"}, {NULL}, 4, REQUEST(2048, 2048, 8192)},
	    {NACRE, NACRE, {"GroupExchangeOldRequest=yes"}, {NULL}, 4, "GEX_REQUEST_OLD"},
	    /* RFC 8270: what is smaller must be asked for on both sides, and no such group is there. */
	    {NACRE, NACRE, {"GroupExchangeMin=1024", "GroupExchangeMax=1536"}, {NULL}, 255, NULL},
	    {NACRE, NACRE, {"GroupExchangeMin=4096"}, {"GroupExchangeMax=3072"}, 255, NULL},
	    {NACRE, NACRE, {"GroupExchangeMax=2048"}, {"GroupExchangeMin=3072"}, 255, NULL},
	    {THEIR, NACRE, {NULL}, {"GroupExchangeMax=2048"}, 4, "GEX_GROUP"},
	    {THEIR, NACRE, {NULL}, {"GroupExchangeMin=8192", "GroupExchangeMax=8192"}, 4, NULL},
	};
	EACH(rows, peer_key("host", "ed25519"), GEX);
}

/* The server's owner has a number that is not prime: 2^2048 - 15. */
Test(policy, groups_are_tested_unless_not, .fini = peer_end)
{
	static const struct row rows[] = {
	    {NACRE, NACRE, {"GroupExchangePreferred=2048"}, {GEX}, 255, NULL},
	    {NACRE, NACRE, {"GroupExchangePreferred=2048", "GroupExchangeTest=no"}, {GEX}, 4, NULL},
	    {NACRE,
	     NACRE,
	     {"GroupExchangePreferred=2048", "GroupExchangeTest=yes"},
	     {GEX},
	     255,
	     NULL},
	};
	char digits[513];
	memset(digits, 'F', 512);
	digits[511] = '1';
	digits[512] = '\0';
	const char *file =
	    peer_write("moduli", peer_text("20261121000000 2 6 100 2047 2 %s\n", digits));
	EACH(rows, peer_key("host", "ed25519"), peer_text("ModuliFile=%s", file));
}

/* --- RSA --- */

Test(policy, least_rsa_key, .fini = peer_end)
{
	static const struct row rows[] = {
	    {NACRE, THEIR, {"RequiredRSASize=2048"}, {NULL}, 4, NULL},
	    {NACRE, THEIR, {"RequiredRSASize=3072"}, {NULL}, 255, NULL},
	    {NACRE, NACRE, {NULL}, {"RequiredRSASize=3072"}, 4, NULL},
	};
	EACH(rows, peer_key("host", "rsa-2048"), NULL);
}

/* --- Re-keying --- */

/* How often the server has said that there are new keys. */
static size_t exchanges(const char *trace)
{
	size_t n = 0;
	for (const char *at = peer_read(trace); (at = strstr(at, "\"NEWKEYS\"")) != NULL; at++)
		n++;
	return n / 2;
}

static void rekeyed(enum peer client, enum peer server, const char *option, size_t least)
{
	struct peer_server s = {.kind = server};
	struct process p = {.pattern = 3000000, .seed = 8};
	const char *trace = peer_write("trace", ""), *to = peer_text("TraceFile=%s", trace);
	peer_authorize(peer_key("user", "ed25519"), "");
	if (server == NACRE)
		words_add(&s.options, to, option, "Ciphers=aes128-ctr", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	if (server != NACRE)
		words_add(&p.argv, "-o", to, "-o", option, "-o", "Ciphers=aes128-ctr", NULL);
	words_add(&p.argv, s.address, "cat", NULL);
	process_start(&p);
	process_wait(&p);
	cr_expect(p.status == 0 && p.got == p.pattern, "%s: %llu bytes, %s", option,
	          (unsigned long long)p.got, peer_outcome(&p));
	size_t n = exchanges(trace);
	cr_expect(n >= least && n < 50, "%s: %zu exchanges", option, n);
	process_wipe(&p);
	peer_server_stop(&s);
}

/* 3 MB: some hundred packets of 32 KB, 187500 blocks of 16 bytes. */
Test(policy, packets_and_blocks, .fini = peer_end)
{
	rekeyed(NACRE, THEIR, "RekeyPackets=20", 4);
	rekeyed(NACRE, THEIR, "RekeyBlocks=40000", 4);
	rekeyed(THEIR, NACRE, "RekeyPackets=20", 4);
	rekeyed(THEIR, NACRE, "RekeyBlocks=40000", 4);
	rekeyed(NACRE, NACRE, "RekeyBlocks=40000", 4);
}

/* A connection on which nothing happens: its keys change by the clock alone. */
static void rekeyed_by_time(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	const char *trace = peer_write("trace", ""), *to = peer_text("TraceFile=%s", trace);
	peer_authorize(peer_key("user", "ed25519"), "");
	if (server == NACRE)
		words_add(&s.options, to, "RekeyLimit=default 1", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, client, &s);
	if (server != NACRE)
		words_add(&p.argv, "-o", to, "-o", "RekeyLimit=default 1", NULL);
	peer_run(&p, &s, "sleep 2.6; exit 4", "");
	cr_expect_eq(p.status, 4, "%s", peer_outcome(&p));
	size_t n = exchanges(trace);
	cr_expect(n >= 2 && n <= 4, "%zu exchanges", n);
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(policy, time_nacre_to_openssh, .fini = peer_end)
{
	rekeyed_by_time(NACRE, THEIR);
}

Test(policy, time_openssh_to_nacre, .fini = peer_end)
{
	rekeyed_by_time(THEIR, NACRE);
}

/* --- Nothing in common --- */

static const struct {
	const char *of_client, *of_server, *list, *theirs, *ours;
} apart[] = {
    {"KexAlgorithms=curve25519-sha256", "KexAlgorithms=ecdh-sha2-nistp256", "key exchange",
     "ecdh-sha2-nistp256", "curve25519-sha256"},
    {"HostKeyAlgorithms=rsa-sha2-512", "HostKeyAlgorithms=ssh-ed25519", "host key", "ssh-ed25519",
     "rsa-sha2-512"},
    {"Ciphers=aes128-ctr", "Ciphers=aes256-ctr,aes192-ctr", "cipher client to server",
     "aes256-ctr,aes192-ctr", "aes128-ctr"},
    {"MACs=hmac-sha2-256", "MACs=hmac-sha2-512", "MAC client to server", "hmac-sha2-512",
     "hmac-sha2-256"},
};

/* The client says which list it was and what stood in it; so does our server. */
static void try_apart(size_t i, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	words_add(&s.options, apart[i].of_server, NULL);
	if (i == 3)
		words_add(&s.options, "Ciphers=aes128-ctr", NULL);
	peer_server_start(&s);
	peer_client_with_key(&p, NACRE, &s);
	words_add(&p.argv, "-o", apart[i].of_client, NULL);
	peer_run(&p, &s, "true", "");
	cr_expect_eq(p.status, 255);
	cr_expect_not_null(
	    strstr(process_err(&p), peer_text("no matching %s found. Their offer: %s",
	                                      apart[i].list, apart[i].theirs)),
	    "%s", peer_outcome(&p));
	cr_expect_not_null(strstr(process_err(&p), peer_text("; ours: %s", apart[i].ours)), "%s",
	                   peer_outcome(&p));
	if (server == NACRE) {
		peer_server_expect(&s, apart[i].list);
		peer_server_expect(&s, apart[i].ours);
		peer_server_expect(&s, apart[i].theirs);
	}
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(policy, nothing_in_common, .fini = peer_end)
{
	for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
		try_apart(i, THEIR);
		try_apart(i, NACRE);
	}
}

Test(policy, bad_values, .fini = peer_end)
{
	static const char *const bad[] = {
	    "GroupExchangeMin=0",        "GroupExchangeMax=99999", "GroupExchangePreferred=x",
	    "GroupExchangeTest=perhaps", "RequiredRSASize=512",    "RekeyBlocks=-1",
	    "RekeyPackets=1k",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct process p = {0};
		words_add(&p.argv, peer_program("nacre-ssh"), "-o", bad[i], "nowhere", NULL);
		process_start(&p);
		process_wait(&p);
		cr_expect_eq(p.status, 255, "%s", bad[i]);
		cr_expect_not_null(strstr(process_err(&p), "bad value for option"), "%s: %s",
		                   bad[i], peer_outcome(&p));
		process_wipe(&p);
	}
}
