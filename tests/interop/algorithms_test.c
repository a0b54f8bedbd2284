/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "tests/support/peer.h"

/*
 * Every algorithm that both Nacre and OpenSSH have, in either direction. The server takes them all,
 * the client one at a time, so that what is negotiated is what the row names.
 */

/* Enough to cross a few packets. */
#define ROW_BYTES 100003
#define NAMES_MAX 64

struct names {
	const char *name[NAMES_MAX];
	size_t n;
};

static const char *query(const char *program, const char *kind)
{
	struct process p = {0};
	words_add(&p.argv, peer_program(program), "-Q", kind, NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s", peer_outcome(&p));
	const char *lines = peer_text("\n%s", process_out(&p));
	process_wipe(&p);
	return lines;
}

/* The lines that both programs print; at least so many, or something is wrong with the question. */
static struct names common(const char *kind, size_t least)
{
	struct names list = {.n = 0};
	const char *theirs = query("ssh", kind);
	const char *at = query("nacre-ssh", kind);
	while (*(at += strspn(at, "\n")) != '\0') {
		size_t n = strcspn(at, "\n");
		const char *name = peer_text("%.*s", (int)n, at);
		if (strstr(theirs, peer_text("\n%s\n", name)) != NULL && list.n < NAMES_MAX)
			list.name[list.n++] = name;
		at += n;
	}
	cr_assert(list.n >= least, "only %zu of %s in common", list.n, kind);
	return list;
}

static const char *joined(const char *option, const struct names *list)
{
	const char *text = peer_text("%s=", option);
	for (size_t i = 0; i < list->n; i++)
		text = peer_text("%s%s%s", text, i == 0 ? "" : ",", list->name[i]);
	return text;
}

/* Run `cat` through a connection with these options of the client; NULL ends. */
static void expect_echo(const struct peer_server *s, enum peer client, const char *key,
                        const char *const *options)
{
	struct process p = {.pattern = ROW_BYTES, .seed = 5};
	const char *row = "";
	peer_client(&p, client, s);
	words_add(&p.argv, "-i", key, "-o", "BatchMode=yes", NULL);
	for (size_t i = 0; options[i] != NULL; i++) {
		words_add(&p.argv, "-o", options[i], NULL);
		row = peer_text("%s %s", row, options[i]);
	}
	words_add(&p.argv, s->address, "sh -c 'cat; exit 7'", NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert(p.status == 7 && p.got == ROW_BYTES, "%s: %llu bytes, %s\n%s", row,
	          (unsigned long long)p.got, peer_outcome(&p), peer_server_log(s));
	process_wipe(&p);
}

static void start(struct peer_server *s, enum peer kind)
{
	s->kind = kind;
	peer_authorize(peer_key("user", "ed25519"), "");
	peer_server_start(s);
}

/* --- Ciphers and MACs --- */

static bool is_aead(const char *cipher)
{
	return strstr(cipher, "-gcm@") != NULL || strstr(cipher, "-poly1305@") != NULL;
}

/*
 * Which pairs are tried: every cipher with a MAC of each form, every MAC with a cipher of each mode.
 * An AEAD cipher has no use for a MAC.
 */
static bool is_tried(const char *cipher, const char *mac)
{
	if (is_aead(cipher))
		return strcmp(mac, "hmac-sha2-256") == 0;
	return strcmp(mac, "hmac-sha2-256") == 0 ||
	       strcmp(mac, "hmac-sha2-256-etm@openssh.com") == 0 ||
	       strcmp(cipher, "aes128-ctr") == 0 || strcmp(cipher, "aes128-cbc") == 0;
}

static void each_cipher(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct names ciphers = common("cipher", 10), macs = common("mac", 16);
	words_add(&s.options, joined("Ciphers", &ciphers), joined("MACs", &macs), NULL);
	start(&s, server);
	for (size_t i = 0; i < ciphers.n; i++) {
		for (size_t j = 0; j < macs.n; j++) {
			if (!is_tried(ciphers.name[i], macs.name[j]))
				continue;
			const char *options[] = {peer_text("Ciphers=%s", ciphers.name[i]),
			                         peer_text("MACs=%s", macs.name[j]), NULL};
			expect_echo(&s, client, peer_key("user", "ed25519"), options);
		}
	}
	peer_server_stop(&s);
}

Test(algorithms, ciphers_nacre_to_openssh, .fini = peer_end)
{
	each_cipher(PEER_NACRE, PEER_OPENSSH);
}

Test(algorithms, ciphers_openssh_to_nacre, .fini = peer_end)
{
	each_cipher(PEER_OPENSSH, PEER_NACRE);
}

/* --- Key exchange --- */

static void each_agreement(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	struct names kex = common("kex", 13);
	words_add(&s.options, joined("KexAlgorithms", &kex), NULL);
	start(&s, server);
	for (size_t i = 0; i < kex.n; i++) {
		const char *options[] = {peer_text("KexAlgorithms=%s", kex.name[i]), NULL};
		expect_echo(&s, client, peer_key("user", "ed25519"), options);
	}
	peer_server_stop(&s);
}

Test(algorithms, agreements_nacre_to_openssh, .fini = peer_end)
{
	each_agreement(PEER_NACRE, PEER_OPENSSH);
}

Test(algorithms, agreements_openssh_to_nacre, .fini = peer_end)
{
	each_agreement(PEER_OPENSSH, PEER_NACRE);
}

/* --- Keys of hosts and of users --- */

static const struct {
	const char *type;
	const char *sigalg;
} keys[] = {
    {"ed25519", "ssh-ed25519"},           {"ecdsa-256", "ecdsa-sha2-nistp256"},
    {"ecdsa-384", "ecdsa-sha2-nistp384"}, {"ecdsa-521", "ecdsa-sha2-nistp521"},
    {"rsa-2048", "rsa-sha2-256"},         {"rsa-2048", "rsa-sha2-512"},
    {"rsa-3072", "rsa-sha2-512"},
};
#define KEYS (sizeof keys / sizeof keys[0])

static void each_host_key(enum peer client, enum peer server)
{
	peer_authorize(peer_key("user", "ed25519"), "");
	for (size_t i = 0; i < KEYS; i++) {
		struct peer_server s = {.kind = server};
		const char *options[] = {peer_text("HostKeyAlgorithms=%s", keys[i].sigalg), NULL};
		words_add(&s.host_keys, peer_key("host", keys[i].type), NULL);
		peer_server_start(&s);
		expect_echo(&s, client, peer_key("user", "ed25519"), options);
		peer_server_stop(&s);
	}
}

Test(algorithms, host_keys_nacre_to_openssh, .fini = peer_end)
{
	each_host_key(PEER_NACRE, PEER_OPENSSH);
}

Test(algorithms, host_keys_openssh_to_nacre, .fini = peer_end)
{
	each_host_key(PEER_OPENSSH, PEER_NACRE);
}

static void each_user_key(enum peer client, enum peer server)
{
	struct peer_server s = {.kind = server};
	for (size_t i = 0; i < KEYS; i++)
		peer_authorize(peer_key("user", keys[i].type), "");
	peer_server_start(&s);
	for (size_t i = 0; i < KEYS; i++) {
		const char *options[] = {peer_text("PubkeyAcceptedAlgorithms=%s", keys[i].sigalg),
		                         NULL};
		expect_echo(&s, client, peer_key("user", keys[i].type), options);
	}
	peer_server_stop(&s);
}

Test(algorithms, user_keys_nacre_to_openssh, .fini = peer_end)
{
	each_user_key(PEER_NACRE, PEER_OPENSSH);
}

Test(algorithms, user_keys_openssh_to_nacre, .fini = peer_end)
{
	each_user_key(PEER_OPENSSH, PEER_NACRE);
}

/* --- RSA with SHA-1, and DSA: only where both sides were told to --- */

struct weak {
	const char *name, *type;
};

static void expect_refusal(const struct peer_server *s, enum peer client, const struct weak *w,
                           const char *option)
{
	struct process p = {0};
	peer_client(&p, client, s);
	words_add(&p.argv, "-i", peer_key("user", w->type), "-o", "BatchMode=yes", "-o", option,
	          NULL);
	peer_run(&p, s, "true", "");
	cr_assert_eq(p.status, 255, "%s was taken; %s", option, peer_outcome(&p));
	process_wipe(&p);
}

static void each_weak(enum peer client, enum peer server, const struct weak *w)
{
	const char *of_host = peer_text("HostKeyAlgorithms=%s", w->name),
	           *of_user = peer_text("PubkeyAcceptedAlgorithms=%s", w->name);
	const char *const switched_on[] = {of_host, of_user, NULL};
	const char *host = peer_key("host", w->type), *user = peer_key("user", w->type);
	struct peer_server strict = {.kind = server}, lax = {.kind = server};
	peer_authorize(user, "");
	words_add(&strict.host_keys, host, NULL);
	words_add(&lax.host_keys, host, NULL);
	/* Without another one a server of ours that may not use its key would not start. */
	words_add(&strict.host_keys, peer_key("other", "ed25519"), NULL);
	words_add(&lax.options, peer_text("HostKeyAlgorithms=+%s", w->name),
	          peer_text("PubkeyAcceptedAlgorithms=+%s", w->name), NULL);
	peer_server_start(&strict);
	peer_server_start(&lax);
	expect_refusal(&strict, client, w, of_host);
	expect_refusal(&strict, client, w, of_user);
	expect_echo(&lax, client, user, switched_on);
	peer_server_stop(&strict);
	peer_server_stop(&lax);
}

static void weak(enum peer client, enum peer server)
{
	static const struct weak rows[] = {{"ssh-rsa", "rsa-2048"}, {"ssh-dss", "dsa"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		each_weak(client, server, &rows[i]);
}

Test(algorithms, weak_keys_nacre_to_openssh, .fini = peer_end)
{
	weak(PEER_NACRE, PEER_OPENSSH);
}

Test(algorithms, weak_keys_openssh_to_nacre, .fini = peer_end)
{
	weak(PEER_OPENSSH, PEER_NACRE);
}
