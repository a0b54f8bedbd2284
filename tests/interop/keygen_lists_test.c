/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/interop/keygen_kit.h"

/* Certificates, signatures, revocation lists and known hosts: nacre-keygen's and ssh-keygen's. */

static const char *pub(const char *key)
{
	return peer_text("%s.pub", key);
}

/* The first line of a public key file, without its end. */
static const char *blob_line(const char *path)
{
	const char *line = peer_read(path);
	return peer_text("%.*s", (int)strcspn(line, "\n"), line);
}

/* --- Certificates --- */

/* What both show must be the same, to the letter. */
static void cross_cert(const char *issuer, const char *key, const char *authority)
{
	const char *cert = peer_text("%s-cert.pub", key);
	must(issuer, "-q", "-s", authority, "-I", "an id", "-n", "alice,bob", "-z", "4711", "-V",
	     "20200102:20300405060708Z", "-O", "force-command=ls -l", "-O", "no-pty", "-O",
	     "source-address=192.0.2.0/24,::1", pub(key), NULL);
	cr_expect_str_eq(must(OURS, "-L", "-f", cert, NULL), must(THEIRS, "-L", "-f", cert, NULL));
	cr_expect_not_null(strstr(must(OURS, "-L", "-f", cert, NULL), "Serial: 4711"));
	must(issuer, "-q", "-s", authority, "-I", "host", "-h", "-V", "always:+52w", pub(key),
	     NULL);
	cr_expect_str_eq(must(OURS, "-L", "-f", cert, NULL), must(THEIRS, "-L", "-f", cert, NULL));
	cr_expect_str_eq(must(OURS, "-l", "-f", cert, NULL), must(THEIRS, "-l", "-f", cert, NULL));
	must(issuer, "-q", "-s", authority, "-I", "all", "-O", "clear", "-O", "verify-required",
	     "-O", "extension:x@y=z", pub(key), NULL);
	const char *shown = must(OURS, "-L", "-f", cert, NULL);
	cr_expect_not_null(strstr(shown, "Valid: forever"), "%s", shown);
	cr_expect_not_null(strstr(shown, "x@y"), "%s", shown);
	cr_expect_null(strstr(shown, "permit-"), "%s", shown);
}

Test(keygen, certificates, .fini = peer_end)
{
	const char *keys[8];
	size_t n = 0;
	for (; key_types[n] != NULL; n++)
		keys[n] = our_key("key", key_types[n], "");
	for (size_t i = 0; i < n; i++) {
		/* DSA may be certified, but its SHA-1 signs nothing that ssh-keygen believes. */
		const char *authority = keys[(i + 1) % (n - 1)];
		cross_cert(OURS, keys[i], authority);
		cross_cert(THEIRS, keys[i], authority);
	}
	must(OURS, "-q", "-s", keys[4], "-I", "x", "-t", "rsa-sha2-256", pub(keys[0]), NULL);
	cr_expect_not_null(strstr(must(THEIRS, "-L", "-f", peer_text("%s-cert.pub", keys[0]), NULL),
	                          "(using rsa-sha2-256)"));
}

Test(keygen, certificates_refused, .fini = peer_end)
{
	const char *key = our_key("key", "ed25519", ""), *ca = our_key("ca", "ed25519", "");
	static const struct {
		const char *flag, *value;
	} rows[] = {{"-V", "tomorrow"},
	            {"-V", "+1x"},
	            {"-V", "20300101:20200101"},
	            {"-V", "+1w:"},
	            {"-O", "permit-everything"},
	            {"-z", "seven"},
	            {"-n", "a,,b"},
	            {"-t", "rsa-sha2-512"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct said said = say(NULL, OURS, "-s", ca, "-I", "x", rows[i].flag, rows[i].value,
		                       pub(key), NULL);
		cr_expect_eq(said.status, 255, "%s %s", rows[i].flag, rows[i].value);
		cr_expect_neq(access(peer_text("%s-cert.pub", key), F_OK), 0);
	}
	cr_expect_eq(say(NULL, OURS, "-s", ca, pub(key), NULL).status, 255);
}

/* --- Signatures --- */

#define MESSAGE "We all dwell in a submarine.\n"

static struct said verify(const char *program, const char *signers, const char *signature,
                          const char *space, const char *message)
{
	return say(message, program, "-Y", "verify", "-f", signers, "-I", "captain@nautilus", "-n",
	           space, "-s", signature, NULL);
}

/* A signature by one, looked at by both. */
static void cross_signature(const char *signer, const char *key, const char *hash)
{
	const char *file = peer_write("file", MESSAGE), *signature = peer_path("file.sig");
	const char *signers = peer_write(
	    "signers",
	    peer_text("# those who may\n*@nautilus,!guest@nautilus namespaces=\"file,git\" %s",
	              peer_read(pub(key))));
	(void)unlink(signature);
	must(signer, "-q", "-Y", "sign", "-f", key, "-n", "file", "-O",
	     peer_text("hashalg=%s", hash), file, NULL);
	struct said ours = verify(OURS, signers, signature, "file", MESSAGE);
	struct said theirs = verify(THEIRS, signers, signature, "file", MESSAGE);
	cr_expect_eq(ours.status, 0, "%s %s: %s", signer, key, ours.err);
	cr_expect_eq(theirs.status, 0, "%s %s: %s", signer, key, theirs.err);
	cr_expect_str_eq(ours.out, theirs.out);
	cr_expect_str_eq(
	    must(OURS, "-Y", "find-principals", "-f", signers, "-s", signature, NULL),
	    must(THEIRS, "-Y", "find-principals", "-f", signers, "-s", signature, NULL));
	static const struct {
		const char *space, *message;
	} bad[] = {{"file", "We all live in a submarine.\n"}, {"git", MESSAGE}, {"mail", MESSAGE}};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		cr_expect_eq(verify(OURS, signers, signature, bad[i].space, bad[i].message).status,
		             255, "%s %zu", key, i);
		cr_expect_eq(
		    verify(THEIRS, signers, signature, bad[i].space, bad[i].message).status, 255,
		    "%s %zu", key, i);
	}
}

Test(keygen, signatures, .fini = peer_end)
{
	for (size_t i = 0; strcmp(key_types[i], "dsa") != 0; i++) {
		const char *key = our_key("key", key_types[i], "");
		cross_signature(OURS, key, i % 2 == 0 ? "sha512" : "sha256");
		cross_signature(THEIRS, key, i % 2 == 0 ? "sha256" : "sha512");
	}
}

/* A character of the armoured text changed (but the last, with bits to spare): neither takes it. */
Test(keygen, signatures_tampered, .fini = peer_end)
{
	const char *key = our_key("key", "ed25519", ""), *file = peer_write("file", MESSAGE);
	const char *signers =
	    peer_write("signers", peer_text("captain@nautilus %s", peer_read(pub(key))));
	must(OURS, "-q", "-Y", "sign", "-f", key, "-n", "file", file, NULL);
	const char *good = peer_read(peer_path("file.sig"));
	size_t body = strlen("-----BEGIN SSH SIGNATURE-----\n");
	for (size_t at = body; at < body + 270; at += 23) {
		struct wire_buf bad = {0};
		wire_put_raw(&bad, wire_bytes_str(good));
		wire_put_u8(&bad, 0);
		if (bad.mem[at] == '\n')
			at++;
		bad.mem[at] = bad.mem[at] == 'A' ? 'B' : 'A';
		const char *path = peer_write("bad.sig", (const char *)bad.mem);
		cr_expect_eq(verify(OURS, signers, path, "file", MESSAGE).status, 255, "%zu", at);
		cr_expect_eq(verify(THEIRS, signers, path, "file", MESSAGE).status, 255, "%zu", at);
		wire_buf_wipe(&bad);
	}
}

/* Who may sign, and when: both read the list alike. */
Test(keygen, signers, .fini = peer_end)
{
	const char *key = our_key("key", "ed25519", ""), *ca = our_key("ca", "ecdsa-256", "");
	const char *file = peer_write("file", MESSAGE), *one = blob_line(pub(key)),
	           *of_ca = blob_line(pub(ca));
	must(OURS, "-q", "-s", ca, "-I", "x", "-n", "captain@nautilus", "-V", "20240101Z:20260101Z",
	     pub(key), NULL);
	const struct {
		const char *options, *key, *time;
		bool cert, good;
	} rows[] = {
	    {"*", one, "20250101Z", false, true},
	    {"captain@*", one, "20250101Z", false, true},
	    {"Captain@*", one, "20250101Z", false, false},
	    {"!captain@nautilus,*", one, "20250101Z", false, false},
	    {"* cert-authority", one, "20250101Z", false, false},
	    {"* valid-after=\"20250102Z\"", one, "20250101Z", false, false},
	    {"* valid-after=\"20250101Z\"", one, "20250101Z", false, true},
	    {"* valid-after=\"20250101\"", one, "20250101", false, true},
	    {"* valid-after=\"202501010001\"", one, "20250101", false, false},
	    {"* valid-before=\"20250101Z\"", one, "20250101Z", false, true},
	    {"* valid-before=\"20241231235959Z\"", one, "20250101Z", false, false},
	    {"* namespaces=\"f*\"", one, "20250101Z", false, true},
	    {"* namespaces=\"g*\"", one, "20250101Z", false, false},
	    {"* cert-authority", of_ca, "20250101Z", true, true},
	    {"*", of_ca, "20250101Z", true, false},
	    {"guest@* cert-authority", of_ca, "20250101Z", true, false},
	    {"* cert-authority", of_ca, "20270101Z", true, false},
	    {"* cert-authority", of_ca, "20230101Z", true, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *signers =
		    peer_write("signers", peer_text("%s %s\n", rows[i].options, rows[i].key));
		const char *signature = peer_path("file.sig"),
		           *when = peer_text("verify-time=%s", rows[i].time);
		(void)unlink(signature);
		must(OURS, "-q", "-Y", "sign", "-f",
		     rows[i].cert ? peer_text("%s-cert.pub", key) : key, "-n", "file", file, NULL);
		static const char *const programs[] = {OURS, THEIRS};
		for (size_t p = 0; p < 2; p++)
			cr_expect_eq(
			    say(MESSAGE, programs[p], "-Y", "verify", "-f", signers, "-I",
			        "captain@nautilus", "-n", "file", "-s", signature, "-O", when, NULL)
			        .status,
			    rows[i].good ? 0 : 255, "%s: %s", programs[p], rows[i].options);
	}
}

/* The same question to both: the same exit code, but for one odd number of ssh-keygen's, and words. */
static void same_answer(const char *words[12])
{
	struct said said[2];
	static const char *const programs[] = {OURS, THEIRS};
	for (size_t p = 0; p < 2; p++)
		said[p] = say(MESSAGE, programs[p], "-Y", words[0], words[1], words[2], words[3],
		              words[4], words[5], words[6], words[7], words[8], words[9], words[10],
		              NULL);
	cr_expect_eq(said[0].status == 0, said[1].status == 0, "%s %s: %s%s", words[0], words[2],
	             said[0].err, said[1].err);
	/* What is no question at all ssh-keygen calls a signature that could not be verified. */
	if (said[0].status == 0 || said[0].out[0] != '\0')
		cr_expect_str_eq(said[0].out, said[1].out, "%s %s", words[0], words[2]);
	cr_expect(said[0].status == 0 || said[0].status == 255, "%d", said[0].status);
}

Test(keygen, questions_about_signatures, .fini = peer_end)
{
	const char *key = our_key("key", "ed25519", ""), *other = our_key("other", "ed25519", "");
	const char *file = peer_write("file", MESSAGE), *sig = peer_path("file.sig");
	const char *list = peer_path("list");
	const char *signers = peer_write(
	    "signers", peer_text("a@b,c@d %s*@d,!e@d namespaces=\"x\" %s# %s", peer_read(pub(key)),
	                         peer_read(pub(other)), peer_read(pub(key))));
	must(OURS, "-q", "-k", "-f", list, pub(other), NULL);
	must(OURS, "-q", "-Y", "sign", "-f", key, "-n", "file", file, NULL);
	const char *rows[][12] = {
	    {"check-novalidate", "-n", "file", "-s", sig},
	    {"check-novalidate", "-n", "mail", "-s", sig},
	    {"check-novalidate", "-n", "file", "-s", file},
	    {"check-novalidate", "-q", "-n", "file", "-s", sig, "-O", "print-pubkey"},
	    {"match-principals", "-I", "a@b", "-f", signers},
	    {"match-principals", "-I", "c@d", "-f", signers},
	    {"match-principals", "-I", "e@d", "-f", signers},
	    {"match-principals", "-I", "x@y", "-f", signers},
	    {"find-principals", "-s", sig, "-f", signers},
	    {"find-principals", "-s", sig, "-f", pub(other)},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers},
	    {"verify", "-I", "e@d", "-n", "file", "-s", sig, "-f", signers},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers, "-r", pub(key)},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers, "-r", pub(other)},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers, "-r", list},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers, "-O", "print-pubkey"},
	    {"verify", "-I", "c@d", "-n", "file", "-s", sig, "-f", signers, "-O", "nonsense"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		same_answer(rows[i]);
	must(THEIRS, "-q", "-k", "-f", list, pub(key), NULL);
	same_answer(rows[14]);
	cr_expect_eq(
	    say(MESSAGE, OURS, "-Y", "sign", "-f", key, "-n", "file", "-O", "print-pubkey", NULL)
	        .status,
	    255);
}

/* --- Revocation lists --- */

static void cross_list(const char *maker, const char *ca)
{
	const char *keys[] = {our_key("a", "ed25519", ""), our_key("b", "ed25519", ""),
	                      our_key("c", "ed25519", ""), our_key("d", "ed25519", ""),
	                      our_key("e", "ed25519", "")};
	const char *list = peer_path("list"), *certs[12];
	static const char *const programs[] = {OURS, THEIRS};
	static const char *const serials[] = {"1",   "5",    "6", "99", "100",
	                                      "150", "5000", "0", "0",  "18446744073709551615"};
	for (size_t i = 0; i < 10; i++) {
		must(OURS, "-q", "-s", ca, "-I", i == 7 ? "banned" : "fine", "-z", serials[i],
		     pub(keys[4]), NULL);
		certs[i] = copy_of(peer_text("%s-cert.pub", keys[4]), peer_text("cert%zu", i));
	}
	certs[10] = pub(keys[4]);
	certs[11] = pub(ca);
	const char *spec = peer_write(
	    "spec",
	    peer_text("# what is gone\nserial: 1\nserial: 5-0x10\nserial: 20\nserial: 22\n"
	              "serial:100-200\nid: banned\nsha1: %ssha256: %skey: %s",
	              peer_read(pub(keys[0])), peer_read(pub(keys[1])), peer_read(pub(keys[2]))));
	must(maker, "-q", "-k", "-f", list, "-s", pub(ca), "-z", "7", spec, NULL);
	for (size_t p = 0; p < 2; p++) {
		for (size_t i = 0; i < 4; i++)
			cr_expect_eq(
			    say(NULL, programs[p], "-Q", "-f", list, pub(keys[i]), NULL).status,
			    i < 3, "%s of %s: key %zu", programs[p], maker, i);
		for (size_t i = 0; i < 12; i++)
			cr_expect_eq(
			    say(NULL, programs[p], "-Q", "-f", list, certs[i], NULL).status,
			    i == 0 || i == 1 || i == 2 || i == 4 || i == 5 || i == 7,
			    "%s of %s: certificate %zu", programs[p], maker, i);
	}
	/* More is put into it, by the other program as well. */
	for (size_t p = 0; p < 2; p++)
		must(programs[p], "-q", "-k", "-u", "-f", list, p == 0 ? certs[9] : pub(keys[3]),
		     NULL);
	for (size_t p = 0; p < 2; p++) {
		struct said said = say(NULL, programs[p], "-Q", "-f", list, pub(keys[3]), certs[9],
		                       pub(keys[0]), certs[0], certs[6], NULL);
		cr_expect_eq(said.status, 1);
		size_t revoked = 0;
		for (const char *at = said.out; (at = strstr(at, ": REVOKED\n")) != NULL; at++)
			revoked++;
		cr_expect_eq(revoked, 4, "%s of %s: %s", programs[p], maker, said.out);
	}
	const char *shown = must(OURS, "-Q", "-l", "-f", list, NULL);
	cr_expect_not_null(strstr(shown, "serial: 100-200\n"), "%s", shown);
	cr_expect_not_null(strstr(shown, "id: banned\n"), "%s", shown);
}

Test(keygen, lists_of_ours, .fini = peer_end)
{
	cross_list(OURS, our_key("ca", "ecdsa-384", ""));
}

Test(keygen, lists_of_theirs, .fini = peer_end)
{
	cross_list(THEIRS, our_key("ca", "ecdsa-384", ""));
}

Test(keygen, lists_refused, .fini = peer_end)
{
	static const char *const bad[] = {"serial: x\n", "serial: 5-4\n",    "serial: 0\n", "id:\n",
	                                  "key: none\n", "hash: SHA256:x\n", "nothing\n"};
	const char *ca = our_key("ca", "ed25519", ""), *list = peer_path("list");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *spec = peer_write("spec", bad[i]);
		struct said said = say(NULL, OURS, "-k", "-f", list, "-s", pub(ca), spec, NULL);
		cr_expect_eq(said.status, 255, "%s", bad[i]);
		cr_expect_not_null(strstr(said.err, "spec line 1"), "%s", said.err);
		cr_expect_neq(access(list, F_OK), 0);
	}
	cr_expect_eq(
	    say(NULL, OURS, "-k", "-f", list, peer_write("spec", "serial: 1\n"), NULL).status, 255);
}

/* --- Known hosts --- */

static const char *fingerprints(const char *program, const char *host, const char *file)
{
	return say(NULL, program, "-lF", host, "-f", file, NULL).out;
}

Test(keygen, known_hosts, .fini = peer_end)
{
	const char *one = blob_line(pub(our_key("one", "ed25519", ""))),
	           *two = blob_line(pub(our_key("two", "ecdsa-256", "")));
	static const char *const programs[] = {OURS, THEIRS};
	static const char *const hosts[] = {"alpha",   "192.0.2.1", "[beta]:2222", "beta",
	                                    "x.gamma", "delta",     "none"};
	const char *text = peer_text("# hosts\n\nalpha,192.0.2.1 %s words\n[beta]:2222 %s\n"
	                             "*.gamma,!y.gamma %s\n@revoked delta %s\nalpha %s\n",
	                             one, two, one, one, two);
	const char *file = peer_write("plain", text);
	for (size_t round = 0; round < 3; round++) {
		/* As written; hashed by us; hashed by them. */
		if (round != 0) {
			file = peer_write(round == 1 ? "ours" : "theirs", text);
			must(programs[round - 1], "-H", "-f", file, NULL);
			cr_expect_null(strstr(peer_read(file), "alpha"));
			cr_expect_str_eq(peer_read(peer_text("%s.old", file)), text);
		}
		for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
			struct said ours = say(NULL, OURS, "-F", hosts[i], "-f", file, NULL);
			struct said theirs = say(NULL, THEIRS, "-F", hosts[i], "-f", file, NULL);
			cr_expect_eq(ours.status, theirs.status, "%s", hosts[i]);
			cr_expect_str_eq(ours.out, theirs.out, "%s", hosts[i]);
			cr_expect_str_eq(fingerprints(OURS, hosts[i], file),
			                 fingerprints(THEIRS, hosts[i], file), "%s", hosts[i]);
		}
	}
	/* Removed from the same file by both. */
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		const char *a = peer_write("a", text), *b = peer_write("b", text);
		must(OURS, "-R", hosts[i], "-f", a, NULL);
		must(THEIRS, "-R", hosts[i], "-f", b, NULL);
		cr_expect_str_eq(peer_read(a), peer_read(b), "%s", hosts[i]);
	}
	file = peer_write("broken", "alpha what is this\n");
	cr_expect_eq(say(NULL, OURS, "-H", "-f", file, NULL).status, 1);
	cr_expect_str_eq(peer_read(file), "alpha what is this\n");
}
