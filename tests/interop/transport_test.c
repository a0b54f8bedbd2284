/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tests/support/peer.h"

/* What the transport can do beside ciphers: compression, certified host keys, more than one of them. */

#define MIB ((uint64_t)1 << 20)

static void start(struct peer_server *s)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

/* Does the client's or the server's account of itself say so? */
static void expect_said(struct process *p, const struct peer_server *s, const char *what)
{
	cr_assert(strstr(process_err(p), what) != NULL || strstr(peer_server_log(s), what) != NULL,
	          "nobody said '%s': %s\n%s", what, peer_outcome(p), peer_server_log(s));
}

/* --- Compression --- */

/* Data that does not compress, with new keys on the way; then data that does. */
static void compressed(const struct peer_server *s, enum peer client, const char *expect)
{
	struct process p = {.pattern = getenv("NACRE_LONG") != NULL ? 64 * MIB : 6 * MIB,
	                    .seed = 3};
	peer_client_with_key(&p, client, s);
	words_add(&p.argv, "-v", "-o", "Compression=yes", "-o", "RekeyLimit=2M", s->address, "cat",
	          NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert(p.status == 0 && p.got == p.pattern, "%llu bytes, %s\n%s",
	          (unsigned long long)p.got, peer_outcome(&p), peer_server_log(s));
	expect_said(&p, s, expect);
	process_wipe(&p);
	p = (struct process){0};
	peer_client_with_key(&p, client, s);
	words_add(&p.argv, "-C", NULL);
	peer_run(&p, s, "head -c 5000000 /dev/zero | tr '\\0' c; exit 4", "");
	cr_assert_eq(p.status, 4, "%s", peer_outcome(&p));
	cr_assert_eq(strspn(process_out(&p), "c"), 5000000);
	process_wipe(&p);
}

static void compression(enum peer client, enum peer server, const char *option, const char *expect)
{
	struct peer_server s = {.kind = server};
	words_add(&s.options, option, NULL);
	if (server == PEER_NACRE)
		words_add(&s.options, "LogLevel=DEBUG", NULL);
	start(&s);
	compressed(&s, client, expect);
	peer_server_stop(&s);
}

Test(transport, delayed_compression_nacre_to_openssh, .fini = peer_end)
{
	compression(PEER_NACRE, PEER_OPENSSH, "Compression=yes", "comp_sc=\"zlib@openssh.com\"");
}

Test(transport, delayed_compression_openssh_to_nacre, .fini = peer_end)
{
	compression(PEER_OPENSSH, PEER_NACRE, "Compression=yes", "compression: zlib@openssh.com");
}

Test(transport, immediate_compression_openssh_to_nacre, .fini = peer_end)
{
	compression(PEER_OPENSSH, PEER_NACRE, "Compression=zlib", "compression: zlib");
}

Test(transport, immediate_compression_nacre_to_nacre, .fini = peer_end)
{
	compression(PEER_NACRE, PEER_NACRE, "Compression=zlib,none", "comp_sc=\"zlib\"");
}
