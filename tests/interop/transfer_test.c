/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/* Commands: what goes in, what comes out, and how they end. */

#define MIB ((uint64_t)1 << 20)

static void start(struct peer_server *s)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

/* --- 64 MiB through `cat` --- */

static size_t times(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* How often the client has had new keys: what it says of it with -v. */
static size_t key_exchanges(struct process *p, enum peer client)
{
	return times(process_err(p),
	             client == PEER_NACRE ? "re-keyed" : "SSH2_MSG_NEWKEYS received");
}

static size_t transfer(const struct peer_server *s, enum peer client, const char *option)
{
	struct process p = {.pattern = 64 * MIB, .seed = 9};
	peer_client_with_key(&p, client, s);
	words_add(&p.argv, "-v", "-o", option, s->address, "cat", NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert(p.status == 0 && p.got == p.pattern, "%s: %llu bytes, %s\n%s", option,
	          (unsigned long long)p.got, peer_outcome(&p), peer_server_log(s));
	size_t exchanges = key_exchanges(&p, client);
	process_wipe(&p);
	return exchanges;
}

static void large(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	start(&s);
	transfer(&s, client, "Ciphers=aes128-gcm@openssh.com");
	transfer(&s, client, "Ciphers=chacha20-poly1305@openssh.com");
	/* The default MACs begin with those that encrypt first. */
	transfer(&s, client, "Ciphers=aes256-ctr");
	peer_server_stop(&s);
}

Test(transfer, large_nacre_to_openssh, .fini = peer_end)
{
	large(PEER_NACRE, PEER_OPENSSH);
}

Test(transfer, large_openssh_to_nacre, .fini = peer_end)
{
	large(PEER_OPENSSH, PEER_NACRE);
}

Test(transfer, large_nacre_to_nacre, .fini = peer_end)
{
	large(PEER_NACRE, PEER_NACRE);
}

/*
 * --- New keys every MiB, asked for by the client or by the server ---
 * By a quick agreement: ssh spends tens of milliseconds on a key of sntrup761.
 */

static void rekey(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server}, eager = {.kind = server};
	words_add(&s.options, "KexAlgorithms=curve25519-sha256", NULL);
	words_add(&eager.options, "KexAlgorithms=curve25519-sha256", NULL);
	start(&s);
	size_t n = transfer(&s, client, "RekeyLimit=1M");
	cr_assert_gt(n, 32, "the client began %zu exchanges only", n);
	peer_server_stop(&s);
	words_add(&eager.options, "RekeyLimit=1M", NULL);
	peer_server_start(&eager);
	n = transfer(&eager, client, "RekeyLimit=default");
	cr_assert_gt(n, 32, "the server began %zu exchanges only", n);
	/* Both at once. */
	n = transfer(&eager, client, "RekeyLimit=1M");
	cr_assert_gt(n, 32, "both began %zu exchanges only", n);
	peer_server_stop(&eager);
}

Test(transfer, rekey_nacre_to_openssh, .fini = peer_end)
{
	rekey(PEER_NACRE, PEER_OPENSSH);
}

Test(transfer, rekey_openssh_to_nacre, .fini = peer_end)
{
	rekey(PEER_OPENSSH, PEER_NACRE);
}

Test(transfer, rekey_nacre_to_nacre, .fini = peer_end)
{
	rekey(PEER_NACRE, PEER_NACRE);
}

/* --- How commands end --- */

struct command {
	const char *command;
	const char *input;
	int status;
	const char *out;
};

static const struct command commands[] = {
    {"true", "", 0, ""},
    {"exit 42", "", 42, ""},
    {"exit 255", "", 255, ""},
    {"echo hello", "", 0, "hello\n"},
    {"cat", "to and fro", 0, "to and fro"},
    {"head -c 3", "more than it takes", 0, "mor"},
    {"printf 'a\\0b' | wc -c", "", 0, "3\n"},
    {"echo \"it's\" 'q\"uoted' $((6 * 7))", "", 0, "it's q\"uoted 42\n"},
    {"/no/such/program 2>/dev/null", "", 127, ""},
    {"exec <&- >&-; exit 3", "never read", 3, ""},
    {"exec >&- 2>&-; sleep 0.2; exit 3", "", 3, ""},
};

static void each_command(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	start(&s);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const struct command *c = &commands[i];
		struct process p = {0};
		peer_client_with_key(&p, client, &s);
		peer_run(&p, &s, c->command, c->input);
		cr_assert(p.status == c->status && strcmp(process_out(&p), c->out) == 0,
		          "%s: %s\n%s", c->command, peer_outcome(&p), peer_server_log(&s));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

Test(transfer, commands_nacre_to_openssh, .fini = peer_end)
{
	each_command(PEER_NACRE, PEER_OPENSSH);
}

Test(transfer, commands_openssh_to_nacre, .fini = peer_end)
{
	each_command(PEER_OPENSSH, PEER_NACRE);
}

/* Two streams at once, each of which would fill every buffer on the way, stay apart. */
static void two_streams(enum peer client, enum peer server)
{
	static const char command[] = "head -c 3000000 /dev/zero | tr '\\0' e >&2 &"
	                              "head -c 3000000 /dev/zero | tr '\\0' o; wait; exit 5";
	struct peer_server s = {.kind = server};
	struct process p = {0};
	start(&s);
	peer_client_with_key(&p, client, &s);
	peer_run(&p, &s, command, "");
	cr_assert_eq(p.status, 5);
	cr_assert_eq(wire_buf_len(&p.out), 3000000);
	cr_assert_eq(wire_buf_len(&p.err), 3000000);
	cr_assert_eq(strspn(process_out(&p), "o"), 3000000);
	cr_assert_eq(strspn(process_err(&p), "e"), 3000000);
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(transfer, two_streams_nacre_to_openssh, .fini = peer_end)
{
	two_streams(PEER_NACRE, PEER_OPENSSH);
}

Test(transfer, two_streams_openssh_to_nacre, .fini = peer_end)
{
	two_streams(PEER_OPENSSH, PEER_NACRE);
}

static void killed(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct process p = {0};
	start(&s);
	peer_client_with_key(&p, client, &s);
	peer_run(&p, &s, "echo before; kill -KILL $$", "");
	cr_assert(p.status == 255 && strcmp(process_out(&p), "before\n") == 0, "%s",
	          peer_outcome(&p));
	if (client == PEER_NACRE)
		cr_assert_not_null(strstr(process_err(&p), "signal KILL"), "%s", peer_outcome(&p));
	process_wipe(&p);
	peer_server_stop(&s);
}

Test(transfer, killed_nacre_to_openssh, .fini = peer_end)
{
	killed(PEER_NACRE, PEER_OPENSSH);
}

Test(transfer, killed_openssh_to_nacre, .fini = peer_end)
{
	killed(PEER_OPENSSH, PEER_NACRE);
}

Test(transfer, killed_nacre_to_nacre, .fini = peer_end)
{
	killed(PEER_NACRE, PEER_NACRE);
}
