/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdio.h>
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

/* --- Certified host keys --- */

static void run(const char *const *words)
{
	struct process p = {0};
	for (size_t i = 0; words[i] != NULL; i++)
		words_add(&p.argv, words[i], NULL);
	process_start(&p);
	process_wait(&p);
	cr_assert_eq(p.status, 0, "%s: %s", words[0], peer_outcome(&p));
	process_wipe(&p);
}

/* A host certificate for the key: who signs, for which name, and when. */
static const char *certify(const char *ca, const char *key, const char *name, const char *times)
{
	const char *words[] = {"ssh-keygen", "-q", "-s", ca,   "-h",  "-I",
	                       "a host",     "-n", name, "-V", times, peer_text("%s.pub", key),
	                       NULL};
	run(words);
	return peer_text("%s-cert.pub", key);
}

static const char *authority(const char *mark, const char *ca)
{
	return peer_text("%s * %s\n", mark, peer_read(peer_text("%s.pub", ca)));
}

static void expect_host_cert(enum peer client, const struct peer_server *s, bool taken,
                             const char *what)
{
	struct process p = {0};
	peer_client_with_key(&p, client, s);
	words_add(&p.argv, "-o", "StrictHostKeyChecking=yes", NULL);
	peer_run(&p, s, "echo in", "");
	cr_expect_eq(p.status == 0 && strcmp(process_out(&p), "in\n") == 0, taken, "%s: %s\n%s",
	             what, peer_outcome(&p), peer_server_log(s));
	if (taken)
		cr_expect(p.status == 0, "%s", what);
	else
		cr_expect_eq(p.status, 255, "%s: %s", what, peer_outcome(&p));
	process_wipe(&p);
}

static void host_certificates(enum peer client, enum peer server, const char *type)
{
	const char *ca = peer_key("ca", "ed25519"), *other = peer_key("other", "ed25519");
	const char *key = peer_key("host", type);
	const char *good = "-1h:+1h", *past = "-2h:-1h";
	struct peer_server first = {.kind = server};
	start(&first);
	const char *address = first.address;
	peer_server_stop(&first);
	const struct {
		const char *what, *name, *times, *mark, *ca;
		bool taken;
	} rows[] = {
	    {"good", address, good, "@cert-authority", ca, true},
	    {"another name", "other.example.com", good, "@cert-authority", ca, false},
	    {"expired", address, past, "@cert-authority", ca, false},
	    {"another authority", address, good, "@cert-authority", other, false},
	    {"revoked", address, good, "@revoked", ca, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct peer_server s = {.kind = server};
		const char *cert = certify(ca, key, rows[i].name, rows[i].times);
		words_add(&s.host_keys, key, NULL);
		words_add(&s.options, peer_text("HostCertificate=%s", cert), NULL);
		peer_server_start(&s);
		cr_assert_str_eq(s.address, address);
		s.known_hosts = peer_write(
		    "authorities",
		    peer_text("%s%s", authority(rows[i].mark, rows[i].ca),
		              rows[i].mark[1] == 'r' ? authority("@cert-authority", ca) : ""));
		expect_host_cert(client, &s, rows[i].taken, rows[i].what);
		peer_server_stop(&s);
	}
}

Test(transport, host_certificates_nacre_to_openssh, .fini = peer_end)
{
	host_certificates(PEER_NACRE, PEER_OPENSSH, "ed25519");
}

Test(transport, host_certificates_openssh_to_nacre, .fini = peer_end)
{
	host_certificates(PEER_OPENSSH, PEER_NACRE, "rsa-2048");
}

Test(transport, host_certificates_nacre_to_nacre, .fini = peer_end)
{
	host_certificates(PEER_NACRE, PEER_NACRE, "ecdsa-256");
}

/* --- As many host keys as one likes, of which negotiation chooses --- */

static void chosen(enum peer client, enum peer server)
{
	static const struct {
		const char *type, *algorithm;
	} rows[] = {{"ed25519", "ssh-ed25519"},
	            {"ecdsa-256", "ecdsa-sha2-nistp256"},
	            {"ecdsa-384", "ecdsa-sha2-nistp384"},
	            {"ecdsa-521", "ecdsa-sha2-nistp521"},
	            {"rsa-2048", "rsa-sha2-512"}};
	struct peer_server s = {.kind = server};
	for (size_t i = 0; i < 5; i++)
		words_add(&s.host_keys, peer_key(rows[i].type, rows[i].type), NULL);
	start(&s);
	for (size_t i = 0; i < 5; i++) {
		struct process p = {0};
		peer_client_with_key(&p, client, &s);
		words_add(&p.argv, "-v", "-o", peer_text("HostKeyAlgorithms=%s", rows[i].algorithm),
		          NULL);
		peer_run(&p, &s, "true", "");
		cr_expect_eq(p.status, 0, "%s: %s", rows[i].type, peer_outcome(&p));
		expect_said(&p, &s, rows[i].algorithm);
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

Test(transport, five_host_keys_nacre_to_openssh, .fini = peer_end)
{
	chosen(PEER_NACRE, PEER_OPENSSH);
}

Test(transport, five_host_keys_openssh_to_nacre, .fini = peer_end)
{
	chosen(PEER_OPENSSH, PEER_NACRE);
}

/* --- Host keys that the client does not know yet --- */

static bool knows(const char *file, const char *key)
{
	char word[512] = "";
	const char *line = peer_read(peer_text("%s.pub", key));
	cr_assert_eq(sscanf(line, "%*s %500s", word), 1);
	return strstr(peer_read(file), word) != NULL;
}

static void learned(enum peer client, enum peer server, const char *first, const char *second)
{
	struct peer_server s = {.kind = server};
	const char *known = peer_key("host", first), *fresh = peer_key("fresh", second);
	peer_authorize(peer_key("user", "ed25519"), "");
	words_add(&s.host_keys, known, fresh, NULL);
	peer_server_start(&s);
	for (int update = 0; update < 2; update++) {
		struct process p = {0};
		s.known_hosts =
		    peer_write("learned", peer_text("[%s]:%s %s", s.address, s.port,
		                                    peer_read(peer_text("%s.pub", known))));
		peer_client_with_key(&p, client, &s);
		words_add(&p.argv, "-o", update ? "UpdateHostKeys=yes" : "UpdateHostKeys=no", NULL);
		peer_run(&p, &s, "sleep 0.3; echo in", "");
		cr_assert_eq(p.status, 0, "%s\n%s", peer_outcome(&p), peer_server_log(&s));
		cr_expect(knows(s.known_hosts, known));
		cr_expect_eq(knows(s.known_hosts, fresh), update == 1, "%s %s: %s\n%s\n%s", first,
		             second, peer_outcome(&p), peer_read(s.known_hosts),
		             peer_server_log(&s));
		process_wipe(&p);
	}
	peer_server_stop(&s);
}

static void host_keys_learned(enum peer client, enum peer server)
{
	learned(client, server, "ed25519", "rsa-2048");
	learned(client, server, "rsa-2048", "ecdsa-256");
}

Test(transport, host_keys_learned_nacre_from_openssh, .fini = peer_end)
{
	host_keys_learned(PEER_NACRE, PEER_OPENSSH);
}

Test(transport, host_keys_learned_openssh_from_nacre, .fini = peer_end)
{
	host_keys_learned(PEER_OPENSSH, PEER_NACRE);
}

Test(transport, host_keys_learned_nacre_from_nacre, .fini = peer_end)
{
	host_keys_learned(PEER_NACRE, PEER_NACRE);
}
